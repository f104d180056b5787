"""Learning the order of passages and the choice of an answer from questions in which one measure tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from eval.fit.choice import fit_choice
from eval.fit.confidence import observe
from eval.fit.order import fit_order
from eval.fit.questions import NEAR_MISS, ReadQuestion
from eval.sets.folder import EvalQuestion, Gold
from index.passage import FoundPassage
from index.understand.conversation import standalone
from index.understand.question import UnderstoodQuestion
from tests.index.answer.test_candidates import FIT, evidence, passage, read

WINNERS = ("Ida Brandt", "Tom Weir", "Ann Holm", "Per Lund", "Eva Falk", "Jan Moe")


def asked(number: int, *passages: FoundPassage, **known: object) -> ReadQuestion:
    """A question of its own with these passages, which were read; the winner of its number is the gold answer."""
    text = f"Who won race {number}?"
    about = {
        "answers": (WINNERS[number % len(WINNERS)],),
        "gold": (Gold(f"right{number}"),),
        "answerable": True,
    } | known
    understood = UnderstoodQuestion(text, text, standalone(text, ()), {"race": 1.0}, None, None, (), date(2017, 3, 1))
    return ReadQuestion(EvalQuestion(f"q{number}", text, **about), understood, passages)  # type: ignore[arg-type]  # the test names the fields


def told(id_: str, name: str, found: float, score: float) -> FoundPassage:
    """A passage found so well, in which this name reads so well."""
    item = evidence(id_, f"The race was won by {name} on Sunday.", score=found)
    return passage(item, read(item, (name, score)))


def races(found_tells: bool) -> list[ReadQuestion]:
    """Races of which either how well a passage was found tells the winner, or how well it reads."""
    made = []
    for number in range(24):
        winner, loser = WINNERS[number % len(WINNERS)], WINNERS[(number + 1) % len(WINNERS)]
        noise = (1.0, 0.6) if number % 2 else (0.6, 1.0)
        high_low = (1.0, 0.5) if found_tells else (4.0, -4.0)
        reads = tuple(4 * each for each in noise) if found_tells else high_low
        found = high_low if found_tells else noise
        made.append(
            asked(
                number,
                told(f"wrong{number}", loser, found[1], reads[1]),
                told(f"right{number}", winner, found[0], reads[0]),
            )
        )
    return made


@pytest.mark.parametrize("found_tells", [True, False])
def test_what_tells_gets_the_weight(found_tells: bool) -> None:
    """Order and choice weigh what tells right from wrong, and little what says nothing."""
    questions = races(found_tells)
    order, choice = fit_order(questions), fit_choice(questions, FIT)
    told_by, noise = (order.found, order.read) if found_tells else (order.read, order.found)
    assert told_by > 0.5
    reach = (0.5, 1.6) if found_tells else (8.0, 0.4)  # how far apart the two values of each lie
    assert told_by * reach[0] > 2 * abs(noise) * reach[1]
    scores = [choice.found, choice.read]
    assert max(scores) == scores[not found_tells]


def test_what_was_learnt_answers_rightly() -> None:
    """With the weights learnt from other races, every winner is named."""
    questions = races(found_tells=True)
    learnt = replace(FIT, order=fit_order(questions[:12]))
    learnt = replace(learnt, choice=fit_choice(questions[:12], learnt))
    drafts = observe(questions[12:], learnt)
    assert [each.right for each in drafts] == [True] * 12


def test_a_near_miss_is_never_right() -> None:
    """It holds no gold answer, whatever is drafted; a question that nobody can judge teaches nothing of the order."""
    near = asked(0, told("near", "Ida Brandt", 1.0, 5.0), answers=(), gold=(), answerable=None, type=NEAR_MISS)
    [observation] = observe([near], FIT)
    assert not observation.right
    assert not observation.answerable
    with pytest.raises(ValueError, match="no question has a passage with its answer"):
        fit_order([near])
    with pytest.raises(ValueError, match="no question has a right answer beside a wrong one"):
        fit_choice([near], FIT)
