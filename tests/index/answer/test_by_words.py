"""Answers made of the archive's own sentences, from a keyword index over a real catalogue, without vectors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.engine import Engine
from index.find.dense import DenseSearch
from index.find.keyword import KeywordIndex
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import CANNOT_ANSWER, Answer, Article, Passage, Question, Span, passage_text

RAID = Article(
    "raid",
    "Two air forces bomb al-Bab together",
    (
        "Russia said on Wednesday that its war planes had joined Turkish ones for the first time to strike militants "
        "in the town of al-Bab, a sign that the two capitals work together more closely.",
        "Lt. Gen. Sergei Rudskoi said that nine Russian jets and eight Turkish war planes had hit targets in al-Bab, "
        "which is located about 40 km northeast of Aleppo.",
        "He used the occasion to speak about Palmyra as well.",
        "“A large quantity of explosives has been brought to Palmyra,” Rudskoi said, and warned that more of the "
        "ancient city would be blown up.",
    ),
    published=date(2017, 1, 18),
)
LECTURE = Article(
    "lecture",
    "Full house for a lecture on old stones",
    (
        "The engineer Owen Marsh struck a different note at the museum on Friday evening, before two hundred people.",
        "He said that nothing should be rebuilt in haste. “Stone is patient,” he said.",
        "Will the museum repeat the lecture about the stones?",
    ),
    published=date(2017, 1, 25),
)


def whole(article: Article) -> list[Passage]:
    """One passage for each article."""
    spans = tuple(Span(number, 0, len(text)) for number, text in enumerate(article.paragraphs))
    return [
        Passage(f"{article.id}#1", article.id, 0, spans, passage_text(dict(enumerate(article.paragraphs)), spans), "")
    ]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An archive of two articles."""
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    catalogue.put([RAID, LECTURE], whole)
    keyword = KeywordIndex(tmp_path, catalogue)
    keyword.catch_up()
    yield Engine(catalogue, keyword, DenseSearch(tmp_path, catalogue))
    catalogue.close()


def cited(answer: Answer) -> list[tuple[str, int]]:
    """Article and paragraph of each citation."""
    return [(citation.article_id, citation.paragraph) for citation in answer.citations]


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("Where is al-Bab?", ("raid", 1)),
        ("How many Turkish jets took part?", ("raid", 1)),
        ("What did Rudskoi say about Palmyra?", ("raid", 3)),
        ("Who struck militants in al-Bab?", ("raid", 0)),
    ],
)
def test_the_sentence_that_answers_is_cited(engine: Engine, question: str, place: tuple[str, int]) -> None:
    """The right paragraph is among the cited ones, also in an archive of two articles."""
    assert place in cited(engine.ask(Question(question, caution="low")))


def test_what_the_archive_does_not_know_is_refused(engine: Engine) -> None:
    """Also in a tiny archive without vectors."""
    answer = engine.ask(Question("Who won the 2018 World Cup?"))
    assert (answer.answerable, answer.text, answer.citations) == (False, CANNOT_ANSWER, ())


def test_a_quotation_comes_with_its_speaker(engine: Engine) -> None:
    """ "he said" alone does not say who: the sentence that names him comes first."""
    answer = engine.ask(Question("Who said “Stone is patient”?", caution="low"))
    assert "Owen Marsh" in answer.text
    assert answer.text.index("Owen Marsh") < answer.text.index("Stone is patient")


def test_answers_are_short_and_verbatim(engine: Engine) -> None:
    """At most three sentences, no sentence twice, each to the letter; questions are no answers."""
    for question in ("What did Rudskoi say about Palmyra?", "What happened at the museum lecture about stones?"):
        answer = engine.ask(Question(question, caution="low"))
        assert 1 <= len(answer.citations) <= 3
        assert len({(each.article_id, each.paragraph, each.start) for each in answer.citations}) == len(
            answer.citations
        )
        for each in answer.citations:
            paragraph = engine.catalogue.article(each.article_id).paragraphs[each.paragraph]
            assert paragraph[each.start : each.end] == each.quote
            assert not each.quote.endswith("?")


def test_an_empty_archive_refuses(tmp_path: Path) -> None:
    """Nothing found, nothing said: an answer would have been right with no probability at all."""
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    answer = Engine(catalogue, KeywordIndex(tmp_path, catalogue), DenseSearch(tmp_path, catalogue)).ask(
        Question("Where is al-Bab?")
    )
    assert (answer.answerable, answer.confidence) == (False, 0.0)
    catalogue.close()
