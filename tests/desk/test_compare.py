"""What code alone finds that a draft says otherwise than the archive; and how the committed drafts are read."""

from __future__ import annotations

from collections import Counter

import pytest

from desk.compare import Sentence, denial, missing_figures, missing_names, other_day, other_figure, other_name
from eval.drafts.planted import HALVES, Line, Outcome, measure, summary


@pytest.mark.parametrize(
    ("draft", "archive", "kind", "both"),
    [
        ("It was dug in 1745.", "Dug in 1754, it carries 5,300 boats.", "figure", ("1745", "1754")),
        ("Nine barges sank.", "Six barges sank in the gale.", "figure", ("Nine barges", "Six barges")),
        ("The shed weighs 12 metres.", "The shed weighs 12 tonnes.", "unit", ("12 metres", "12 tonnes")),
        ("It was sold for €4 billion.", "It was sold for €4 million.", "figure", ("€4 billion", "€4 million")),
        ("They are three times as many as in May.", "They are twice as many as in May.", "figure", ("three times", "two times")),
    ],
)  # fmt: skip
def test_a_figure_is_set_beside_the_other_one(draft: str, archive: str, kind: str, both: tuple[str, str]) -> None:
    """Both are shown with what they count; a figure in another unit, or of another size, is another figure."""
    mine, theirs = Sentence(draft), Sentence(archive)
    [missing] = missing_figures(mine, [theirs])
    found = other_figure(mine, missing, theirs)
    assert found is not None
    assert (found.kind, found.draft, found.archive) == (kind, *both)


@pytest.mark.parametrize(
    ("draft", "archive"),
    [("Nine barges sank.", "The nine barges had sunk."), ("It is 1.5 km long.", "It is 1,500 metres long."), ("Ten came.", "No figure.")],
)  # fmt: skip
def test_the_same_figure_in_another_form_is_no_other(draft: str, archive: str) -> None:
    """Words for digits, other units of the same length; and where the archive has no figure, nothing differs."""
    mine, theirs = Sentence(draft), Sentence(archive)
    assert [found for figure in missing_figures(mine, [theirs]) if (found := other_figure(mine, figure, theirs))] == []


def test_a_day_is_set_beside_the_other_one() -> None:
    """A month or weekday that stands nowhere near, where another one does; one that stands near is no error."""
    mine, theirs = Sentence("The fair opens on Tuesday."), Sentence("The fair opens on Friday at noon.")
    found = other_day(mine, theirs, [theirs])
    assert found is not None
    assert (found.draft, found.archive) == ("Tuesday", "Friday")
    assert other_day(mine, theirs, [theirs, Sentence("On Tuesday it rained.")]) is None
    assert other_day(Sentence("It opens in June."), theirs, [theirs]) is None


def test_a_name_is_set_beside_the_other_one() -> None:
    """The whole name; not one that the sentences before have already told of."""
    mine = Sentence("The keys were found by Olga Brandt.")
    theirs = Sentence("The keys were found by Olga Brenner in a drawer.")
    missing = missing_names(mine, [theirs])
    found = other_name(mine, missing, theirs, [])
    assert found is not None
    assert (found.draft, found.archive) == ("Olga Brandt", "Olga Brenner")
    assert other_name(mine, missing, theirs, [Sentence("Brenner lost them.")]) is None
    assert not missing_names(
        Sentence("Inside, the keys of the Turkish envoy lay."), [Sentence("Turkey sent an envoy.")]
    )


def test_what_one_denies_and_the_other_says_differs() -> None:
    """Either way round, and only where it is the same that is denied."""
    assert denial(Sentence("The crew was hurt."), Sentence("Nobody was hurt."))
    assert denial(Sentence("The vote was not unanimous."), Sentence("The vote was unanimous, she said."))
    assert not denial(Sentence("Nobody was hurt."), Sentence("No one was hurt in the crash."))
    assert not denial(Sentence("The crew was rescued."), Sentence("Nobody was hurt."))


def test_the_committed_drafts_are_as_their_readme_says() -> None:
    """Twenty drafts, sixty planted errors of several kinds, at least 150 right sentences, half of them kept apart."""

    class _Read:
        def __init__(self, text: str) -> None:
            self.text, self.status = text, "supported"

    seen: list[str] = []

    def check(draft: str) -> list[_Read]:
        from newsdesk.wording.sentences import sentence_spans

        seen.append(draft)
        return [_Read(draft[start:end]) for start, end in sentence_spans(draft)]

    outcomes = {half: list(measure(half, check)) for half in HALVES}
    assert len(seen) == 20
    lines = [outcome.line for half in HALVES for outcome in outcomes[half]]
    counted = Counter(line.mark for line in lines)
    assert counted["!"] == 60
    assert counted["="] >= 150
    assert {half: summary(outcomes[half])["planted"] for half in HALVES} == {"tune": 30, "score": 30}
    kinds = {line.kind for line in lines if line.mark == "!"}
    assert kinds == {"number", "name", "date", "place", "role", "negation", "unit", "cause"}


def test_the_figures_count_what_was_called_contradicted() -> None:
    """Of planted errors that is a find, of right sentences a false alarm."""
    outcomes = [
        Outcome("d", Line("!", "a", "name"), "contradicted"), Outcome("d", Line("!", "b", "name"), "supported"),
        Outcome("d", Line("=", "c"), "contradicted"), Outcome("d", Line("=", "d"), "supported"), Outcome("d", Line("?", "e"), "contradicted"),
    ]  # fmt: skip
    figures = summary(outcomes)
    assert (figures["found_share"], figures["right_called_contradicted_share"]) == (0.5, 0.5)
