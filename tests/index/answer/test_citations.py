"""Citations are mechanical: right to the letter, or not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answer.citations import changed_later, cite
from ingest.passages import split_passages
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Article, Change, Copy, Correction, Evidence, Span, passage_text
from newsdesk.wording.links import article_link
from tests.support import article, day

LONG = " ".join(f"Sentence number {n} is about Al Bab, “Erdoğan” and 🛩 jets." for n in range(60))
STORY = Article(
    "gazette/raid",
    "Raid",
    ("Nine jets flew.", LONG, "Nine jets flew.", "  Snow  fell on the town of Al Bab. "),
    source="Gazette",
    authors=("A. Writer",),
    published=day("2017-01-18"),
    url="https://gazette.example/raid",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """One story, and a copy of one of its paragraphs elsewhere."""
    catalogue = Catalogue(tmp_path_factory.mktemp("citations") / "catalogue.sqlite3")
    catalogue.put([STORY, article("copy", "Nine jets flew.")], split_passages)
    yield catalogue
    catalogue.close()


def evidence(spans: tuple[Span, ...], story: Article = STORY) -> Evidence:
    """The spans of a story, as they were found."""
    text = passage_text(dict(enumerate(story.paragraphs)), spans)
    return Evidence(story.id, f"{story.id}#1", spans, text, 1.0, story.title, story.source, (), None, "")


FOUND = [evidence(passage.spans) for passage in split_passages(STORY)]
places = st.integers(-2, len(LONG) + 5)
spans = st.builds(Span, st.integers(-2, 6), places, places)


@given(found=st.sampled_from(FOUND), span=spans)
def test_a_citation_is_a_piece_of_the_evidence_or_none(archive: Catalogue, found: Evidence, span: Span) -> None:
    """A span within the evidence is quoted to the letter, any other is not cited."""
    within = any(
        part.paragraph == span.paragraph and part.start <= span.start < span.end <= part.end for part in found.spans
    )
    citation = cite(archive, 3, found, span)
    assert (citation is not None) == within
    if citation is not None:
        assert citation.quote == STORY.paragraphs[span.paragraph][span.start : span.end]
        assert citation.quote in found.text
        assert (citation.paragraph, citation.start, citation.end) == span
        assert citation.permalink == article_link(STORY.id, mark=span)
        assert citation.verified == "verbatim"


@given(found=st.sampled_from(FOUND), data=st.data())
def test_every_piece_of_the_evidence_can_be_cited(archive: Catalogue, found: Evidence, data: st.DataObject) -> None:
    """From any character to any other, within one part of it."""
    part = data.draw(st.sampled_from(found.spans))
    start = data.draw(st.integers(part.start, part.end - 1))
    end = data.draw(st.integers(start + 1, part.end))
    assert cite(archive, 1, found, Span(part.paragraph, start, end)) is not None


def test_a_citation_carries_what_a_reader_needs(archive: Catalogue) -> None:
    """Headline, outlet, authors, day, address, and where else the paragraph was printed."""
    citation = cite(archive, 2, FOUND[0], Span(0, 0, 15))
    assert citation is not None
    assert (citation.marker, citation.article_id, citation.title) == (2, STORY.id, "Raid")
    assert (citation.source, citation.authors) == ("Gazette", ("A. Writer",))
    assert (citation.published, citation.url) == (day("2017-01-18"), STORY.url)
    assert citation.also_in == (Copy("copy", "Gazette", ""),)


def test_what_was_removed_or_changed_is_not_cited(catalogue: Catalogue) -> None:
    """Evidence that was found before an article changed no longer proves anything; what stayed still does."""
    story = article("a", "Nine jets flew.", "Snow fell.")
    catalogue.put([story], split_passages)
    [passage] = split_passages(story)
    found = evidence(passage.spans, story)
    jets, snow = Span(0, 0, 15), Span(1, 0, 10)
    assert cite(catalogue, 1, found, jets)

    catalogue.put([article("a", "Ten. jets flew.", "Snow fell.")], split_passages)
    assert cite(catalogue, 1, found, jets) is None
    assert cite(catalogue, 1, found, snow)

    catalogue.put([article("a", "Ten.")], split_passages)
    assert cite(catalogue, 1, found, snow) is None

    catalogue.remove(["a"])
    assert cite(catalogue, 1, found, jets) is None


def test_a_piece_of_a_sentence_says_so(archive: Catalogue) -> None:
    """The quote stays to the letter, what is shown has an ellipsis at the end that was cut."""
    [found] = [each for each in FOUND if any(span.paragraph == 3 for span in each.spans)]
    text = STORY.paragraphs[3]
    start = text.index("fell")
    whole, piece = (cite(archive, 1, found, Span(3, *ends)) for ends in ((2, len(text) - 1), (start, start + 16)))
    assert whole is not None
    assert piece is not None
    assert whole.shown == whole.quote == "Snow  fell on the town of Al Bab."
    assert (piece.quote, piece.shown) == ("fell on the town", "… fell on the town …")


def test_a_citation_says_what_was_corrected(catalogue: Catalogue) -> None:
    """Of the cited paragraph alone, against the version before; asked as of a day before, a note says so."""
    bridge = Article("bridge", "Bridge opens", ("It cost nine millions.", "A band played."), modified="2020-02-01")
    mended = replace(bridge, paragraphs=("It cost ten millions.", "A band played."), modified="2020-02-03")
    catalogue.put([bridge, mended], split_passages)
    found = evidence((Span(0, 0, 21), Span(1, 0, 14)), mended)
    first, second = cite(catalogue, 1, found, Span(0, 0, 21)), cite(catalogue, 2, found, Span(1, 0, 14))
    assert first is not None
    assert second is not None
    assert (first.version, second.version) == (2, 2)
    assert second.correction is None
    assert first.correction == Correction(
        "corrected", day("2020-02-03"), "It cost nine millions.", (Change("nine", "ten"),)
    )
    assert changed_later([first, second], day("2020-02-03")) == ()
    assert changed_later([first, second], None) == ()
    [note] = changed_later([first, second, first], day("2020-02-02"))
    assert note.kind == "changed_later"
    assert "Corrected on 3 February 2020: “nine” became “ten”." in note.text


def test_a_correction_is_told_from_whichever_version_made_it(catalogue: Catalogue) -> None:
    """Also where later versions changed other paragraphs, or moved this one; a paragraph that never changed has none."""
    first = Article(
        "ferry", "Ferry late", ("Forty waited on the quay.", "It rained.", "A dog barked."), modified="2021-05-01"
    )
    second = replace(
        first, paragraphs=("Sixty waited on the quay.", "It rained.", "A dog barked."), modified="2021-05-02"
    )
    third = replace(
        first, paragraphs=("Sixty waited on the quay.", "It poured.", "A dog barked."), modified="2021-05-03"
    )
    last = replace(first, paragraphs=("The ferry came.", "Sixty waited on the quay.", "It poured.", "A dog barked."))
    last = replace(last, modified="2021-05-04")
    catalogue.put([first, second, third, last], split_passages)
    spans = tuple(Span(number, 0, len(text)) for number, text in enumerate(last.paragraphs))
    cited = [cite(catalogue, 1, evidence(spans, last), span) for span in spans]
    told = [each.correction and (each.correction.on, each.correction.changes) for each in cited if each]
    assert told == [
        (day("2021-05-04"), (Change("", "The ferry came."),)),
        (day("2021-05-02"), (Change("Forty", "Sixty"),)),
        (day("2021-05-03"), (Change("rained", "poured"),)),
        None,
    ]
