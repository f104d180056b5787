"""Lines that an outlet prints under story after story: learnt, left out of what is searched, and given back."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from index.find.keyword import KeywordIndex
from index.text.terms import terms
from ingest.passages import split_passages
from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.lines import FEWEST
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.types import Article, Filters
from tests.support import ENOUGH, article, make_up_vectors, one_each

BOX = "Write to our letters desk in Quay Street if you saw something that we missed."
WORDS = (
    "anchor baker candle dredge engine ferry garden harvest island jetty kettle ladder mayor needle orchard pilot quarry"
    " railway saddle timber umpire valley wagon yeast"
).split()


def story(number: int, *more: str, source: str = "Gazette", id_: str = "") -> Article:
    """A story with words of its own, and `more` behind it."""
    random = Random(f"{source}{number}")
    own = [f"tale{number}{part}{random.randrange(10**6)}" for part in range(6)]
    first = (
        f"The {random.choice(WORDS)} of {own[0]} and the {random.choice(WORDS)} of {own[1]} were seen near {own[2]}."
    )
    second = f"Nobody in {own[3]} had expected that {own[4]} would ever come back to {own[5]} again, she said."
    return article(id_ or f"{source}/{number}", first, second, *more, title=f"{own[0]} and {own[1]}", source=source)


def searched(catalogue: Catalogue) -> set[str]:
    """Every text that is in a passage."""
    return {passage.text for passage in catalogue.passages(catalogue.passage_numbers(Filters())).values()}


def left_out(catalogue: Catalogue, id_: str) -> set[int]:
    """The numbers of the article's paragraphs that are shown grey."""
    return set(catalogue.left_out(catalogue.article(id_)))


def test_what_stands_under_story_after_story_is_in_no_passage(catalogue: Catalogue) -> None:
    """Also of the stories stored before; they keep the line and its number; the next ones are split without it."""
    for number in range(FEWEST - 1):
        catalogue.put([story(number, BOX)], one_each)
    assert BOX in searched(catalogue)
    catalogue.put([story(FEWEST, BOX, "It rained in the end."), story(FEWEST + 1, BOX.upper())], one_each)
    assert not {BOX, BOX.upper()} & searched(catalogue)
    kept = catalogue.article(f"Gazette/{FEWEST}")
    assert kept.paragraphs[2:] == (BOX, "It rained in the end.")
    assert left_out(catalogue, kept.id) == {2}
    spans = {
        passage.text: passage.spans[0].paragraph
        for passage in catalogue.passages(catalogue.passage_numbers(Filters())).values()
        if passage.article.id == kept.id
    }
    assert spans["It rained in the end."] == 3, "what comes behind it is not renumbered"


def test_it_is_learnt_for_each_outlet_alone(catalogue: Catalogue) -> None:
    """What one newspaper prints everywhere may be another's story."""
    catalogue.put([story(number, BOX) for number in range(FEWEST)], one_each)
    catalogue.put([story(1, BOX, source="Courier")], one_each)
    assert left_out(catalogue, "Gazette/1") == {2}
    assert left_out(catalogue, "Courier/1") == set()
    assert BOX in searched(catalogue)


def test_a_story_printed_many_times_is_no_such_line(catalogue: Catalogue) -> None:
    """Not with the same words, nor with a new end each time: the other paragraphs have to differ."""
    again = [story(1, id_=f"again/{number}") for number in range(2 * FEWEST)]
    longer = [story(2, f"Update {number} says little.", id_=f"more/{number}") for number in range(2 * FEWEST)]
    catalogue.put([*again, *longer], one_each)
    assert set(again[0].paragraphs) <= searched(catalogue)
    assert set(longer[0].paragraphs) <= searched(catalogue)


def test_the_background_of_an_affair_is_no_such_line(catalogue: Catalogue) -> None:
    """A paragraph that all reports on one thing repeat has their words, and they have one another's."""
    background = "The Marlowe inquiry into the Tresco reservoir began when Judge Penhale found the sluices unlocked."
    reports = [
        article(
            f"report/{number}",
            f"Penhale heard the {word} of Tresco say that number{number} was unknown to the Marlowe inquiry, she said.",
            f"The {word} spoke of the reservoir and of its sluices for {number} hours on the witness stand on Friday.",
            background,
            title=f"Marlowe inquiry hears {word}",
        )
        for number, word in enumerate(WORDS)
    ]
    catalogue.put(reports, one_each)
    assert background in searched(catalogue)


def test_headings_are_no_such_lines(catalogue: Catalogue) -> None:
    """A few words that part a story say what is below them."""
    catalogue.put([story(number, "Elsewhere on Friday", "It rained.") for number in range(2 * FEWEST)], one_each)
    assert "Elsewhere on Friday" in searched(catalogue)


def test_an_article_of_nothing_else_keeps_it(catalogue: Catalogue) -> None:
    """Else it could not be found at all."""
    catalogue.put([story(number, BOX) for number in range(FEWEST)], one_each)
    catalogue.put([article("bare", BOX)], one_each)
    assert left_out(catalogue, "bare") == set()
    assert BOX in searched(catalogue)


@pytest.mark.parametrize("how", ["removed", "changed", "moved"])
def test_a_line_that_no_longer_repeats_is_searched_again(catalogue: Catalogue, how: str) -> None:
    """When too few stories are left that hold it, because one was removed, lost the line, or is another outlet's now."""
    catalogue.put([story(number, BOX) for number in range(FEWEST)], one_each)
    assert BOX not in searched(catalogue)
    if how == "removed":
        catalogue.remove(["Gazette/3"], one_each)
    elif how == "changed":
        catalogue.put([story(3)], one_each)
    else:
        catalogue.put([story(3, BOX, source="Courier", id_="Gazette/3")], one_each)
    assert BOX in searched(catalogue)
    assert left_out(catalogue, "Gazette/1") == set()
    catalogue.put([story(3, BOX)], one_each)
    assert BOX not in searched(catalogue)


def test_nothing_is_remembered_of_lines_that_went(catalogue: Catalogue) -> None:
    """What was learnt goes with the last articles that hold it."""
    catalogue.put([story(number, BOX) for number in range(FEWEST)], one_each)
    catalogue.remove([f"Gazette/{number}" for number in range(FEWEST)], one_each)
    with catalogue.engine.begin() as connection:
        assert connection.execute(select(schema.outlet_lines)).all() == []


def test_views_follow(catalogue: Catalogue, tmp_path: Path) -> None:
    """The keyword index finds no word of the line any more, then again; no vector is left over; all is sound."""
    view, vectors = KeywordIndex(tmp_path, catalogue), StoredVectors(catalogue)
    model = vectors.register("m", "m")

    def hits() -> int:
        assert view.catch_up()
        make_up_vectors(catalogue, model)
        progress = vectors.progress(model)
        assert progress.done == progress.total == len(catalogue.passage_numbers(Filters()))
        return len(view.search(dict.fromkeys(terms("letters desk"), 1.0), ENOUGH))

    catalogue.put([story(number, BOX) for number in range(FEWEST - 1)], split_passages)
    assert hits() == FEWEST - 1
    catalogue.put([story(FEWEST, BOX)], split_passages)
    assert hits() == 0
    assert not check(catalogue).damaged
    catalogue.remove(["Gazette/0"], split_passages)
    assert hits() == FEWEST - 1


def test_a_line_of_stories_unlike_each_other_is_learnt_in_any_order(tmp_path: Path) -> None:
    """One by one, all at once or backwards: the same passages in the end.

    Promised only where no story shares more with another than the line. One near the bounds is judged by the stories that
    are there when it is looked at, so that other batches may leave it as story, or take it for furniture.
    """
    stories = [story(number, BOX, f"It rained {number} times.") for number in range(FEWEST + 3)]
    ways = [[[each] for each in stories], [stories], [[each] for each in reversed(stories)]]
    ends = []
    for number, batches in enumerate(ways):
        catalogue = Catalogue(tmp_path / str(number) / "catalogue.sqlite3")
        for batch in batches:
            catalogue.put(batch, split_passages)
        ends.append(sorted(p.id for p in catalogue.passages(catalogue.passage_numbers(Filters())).values()))
        catalogue.close()
    assert ends[0] == ends[1] == ends[2]
