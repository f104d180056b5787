"""The coverage receipt counts what was searched and cited, and keeps its counts while the archive stands still."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.counts.coverage import CoverageCounts
from newsdesk.types import Answer, Article, Citation, Copy, Coverage, Filters, Narrowing, Question
from newsdesk.wording.receipt import receipt_in_words
from tests.support import article, day, one_each

ARTICLES = (
    article("ferry", "The ferry sailed.", published=day("2021-03-02"), agency="NTB"),
    article("quay", "The quay was mended.", source="Echo", published=day("2024-05-01")),
    article("pier", "The pier was sold.", source="Echo", published=day("2024-05-09")),
    article("crane", "The crane fell.", source="", published=day("2031-01-01")),
    article("buoy", "The buoy drifted."),
)
AS_OF = day("2024-05-10")


def cite(marker: int, of: Article, *also_in: Copy) -> Citation:
    """A citation of an article's first paragraph."""
    return Citation(
        marker, of.id, 0, of.paragraphs[0], 0, 3, of.title, of.source, (), of.published, "", "", also_in=also_in
    )


def covered(
    catalogue: Catalogue, question: Question, *citations: Citation, narrowed: Narrowing | None = None
) -> Coverage:
    """The receipt of an answer with these citations."""
    answer = Answer("?", "?", True, "x", 0.9, citations=citations, narrowed=(narrowed,) if narrowed else ())
    return CoverageCounts(catalogue).of(question, answer)


def test_what_was_searched_is_counted(catalogue: Catalogue) -> None:
    """Articles, outlets, first and last day; a day to come is not the newest, and undated articles count."""
    catalogue.put(ARTICLES, one_each)
    found = covered(catalogue, Question("Who sailed?"))
    assert (found.articles, found.outlets, found.first, found.last) == (5, 2, day("2021-03-02"), day("2024-05-09"))
    assert found.days_old == (date.today() - day("2024-05-09")).days
    assert found.without_vectors == 1.0


def test_the_day_asked_about_and_filters_narrow_it(catalogue: Catalogue) -> None:
    """What came later or from other outlets was not searched, and the newest is as old as it was then."""
    catalogue.put(ARTICLES, one_each)
    then = covered(catalogue, Question("Who sailed?", as_of=AS_OF))
    assert (then.articles, then.days_old) == (4, 1)
    narrow = Question("Who?", filters=Filters(("Echo",), day("2024-05-02"), day("2024-06-30")), as_of=AS_OF)
    found = covered(catalogue, narrow)
    assert (found.articles, found.outlets) == (1, 1)
    assert found.narrowed_to == ("2 May 2024 to 30 June 2024", "as of 10 May 2024", "Echo")
    understood = covered(catalogue, Question("Who, says the Echo?"), narrowed=Narrowing("outlets", "Echo", "Who?"))
    assert (understood.articles, understood.narrowed_to) == (2, ("Echo",))


def test_sources_that_want_a_second_look_are_counted(catalogue: Catalogue) -> None:
    """Agency stories and copies, articles with an earlier version, and those older than a year; each article once."""
    catalogue.put(ARTICLES, one_each)
    ferry, quay, pier, *_ = ARTICLES
    catalogue.put([replace(quay, paragraphs=("The quay was mended twice.",))], one_each)
    cited = (cite(1, ferry), cite(2, quay), cite(3, quay), cite(4, pier, Copy("other", "Post", "")))
    found = covered(catalogue, Question("What?", as_of=AS_OF), *cited)
    assert (found.cited, found.wire, found.corrected, found.older_than_a_year) == (3, 2, 1, 1)
    assert receipt_in_words(found) == (
        "Searched 4 articles of 2 outlets from 2 March 2021 to 9 May 2024; the newest is 1 day old. "
        "Narrowed to: as of 10 May 2024. 100 % of it has no vectors yet and is found by its words alone. "
        "Of 3 sources, 2 are wire copies, 1 was changed since it first came, 1 is older than a year."
    )


def test_what_comes_in_is_counted(catalogue: Catalogue) -> None:
    """The counts are those of the archive as it is, not as it was at the first question."""
    counts = CoverageCounts(catalogue)
    answer = Answer("?", "?", False, "x", 0.9)
    assert counts.of(Question("Who?"), answer).articles == 0
    assert receipt_in_words(counts.of(Question("Who?"), answer)) == "Searched 0 articles."
    for number, each in enumerate(ARTICLES[:2], 1):
        catalogue.put([each], one_each)
        while counts.of(Question("Who?"), answer).articles != number:
            pass  # for twenty times as long as the count took


def test_one_source_is_spoken_of_as_one(catalogue: Catalogue) -> None:
    """What there is to say of it stands in one sentence; nor are several counted where it holds of all."""
    catalogue.put(ARTICLES, one_each)
    found = covered(catalogue, Question("What?", as_of=AS_OF), cite(1, ARTICLES[0]))
    assert receipt_in_words(found).endswith(" Its one source is a wire copy and is older than a year.")
    several = replace(found, wire=0)
    assert receipt_in_words(replace(several, cited=2, older_than_a_year=2)).endswith(
        " Both sources are older than a year."
    )
    assert receipt_in_words(replace(several, cited=4, older_than_a_year=4)).endswith(
        " All 4 sources are older than a year."
    )
    assert receipt_in_words(replace(several, cited=4, older_than_a_year=1)).endswith(
        " Of 4 sources, 1 is older than a year."
    )
