"""Fitting the refusal rule on drafts whose one signal tells right from wrong."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from eval.measure.refusal_fit import NEAR_MISS_WEIGHT, Observation, fit, observe
from eval.sets.folder import EvalQuestion, Gold


@dataclass(frozen=True)
class Drafted:
    """A draft."""

    text: str
    signals: tuple[float, ...]


def test_the_signal_that_tells_gets_the_weight() -> None:
    """One signal decides, the other is noise; unseen questions are told apart."""
    drafts = [Observation(f"q{n}", (float(n % 2), float(n % 3)), n % 2 == 1, True) for n in range(60)]
    found = fit(drafts)
    assert found.weights[0] > 10 * abs(found.weights[1])
    assert all(
        (probability > 0.5) == draft.right for probability, draft in zip(found.probabilities, drafts, strict=True)
    )
    assert "accuracy 1.000" in str(found)


def test_drafts_of_one_question_are_held_out_together() -> None:
    """A question is never judged by weights fitted on another draft of it."""
    twice = [Observation("same", (1.0,), True, True), Observation("same", (1.0,), True, True)]
    others = [Observation(f"q{n}", (1.0,), n % 2 == 0, True) for n in range(20)]
    assert fit(twice + others).probabilities[0] == pytest.approx(fit(twice + others).probabilities[1])


def test_observing() -> None:
    """Right is what contains a gold answer of an answerable question; near misses are drafted without the gold."""
    asked = []

    def draft(question: EvalQuestion, without: frozenset[str]) -> Drafted:
        asked.append((question.id, without))
        return Drafted("Nine jets." if not without else "Nothing.", (1.0,))

    questions = [
        EvalQuestion("yes", "How many?", ("nine",), (Gold("a"),), answerable=True),
        EvalQuestion("no", "Who?", (), (), answerable=False),
        EvalQuestion("unknown", "When?"),
    ]
    observations = observe(draft, questions, near_misses=True)
    assert asked == [("yes", frozenset()), ("yes", frozenset({"a"})), ("no", frozenset())]
    assert [(each.right, each.answerable, each.weight) for each in observations] == [
        (True, True, 1.0),
        (False, False, NEAR_MISS_WEIGHT),
        (False, False, 1.0),
    ]
