"""Feedback in the catalogue: stored whole or not at all, only on what the archive says, and cut when an article leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.feedback import FeedbackStore
from newsdesk.catalogue.upkeep.backup import back_up, restore
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.errors import WrongUse
from newsdesk.feedback import Feedback, Found, Quoted, StoredFeedback
from newsdesk.types import Article, Turn
from tests.support import article, day, one_each

TRAM = article("tram/1", "The tram stopped.", "Nobody was hurt, said the driver, Ilse “Ily” Brandt, on Monday evening.")
BUS = article("bus", "A bus came instead and took everybody to the harbour without further delay.")
HURT = TRAM.paragraphs[1]


def quoted(about: Article, paragraph: int, quote: str) -> Quoted:
    """A citation of it."""
    start = about.paragraphs[paragraph].index(quote)
    return Quoted(about.id, paragraph, quote, start, start + len(quote))


ON_TRAM = Feedback(
    "Was anybody hurt?", "up", True, f"{HURT} [1]", 0.8, "extractive", "Nobody",
    (quoted(TRAM, 1, HURT),), (Found(TRAM.id, (0, 1)), Found(BUS.id, (0,))),
    (Turn("What stopped?", "The tram stopped. [1]"),), day("2021-03-02"), "Nobody was.", "Good.",
)  # fmt: skip
ON_BUS = replace(
    ON_TRAM, question="And then?", text=f"{BUS.paragraphs[0]} [1]", short_answer="A bus", citations=(quoted(BUS, 0, BUS.paragraphs[0]),),
    evidence=(Found(BUS.id, (0,)),), history=(),
)  # fmt: skip


@pytest.fixture
def store(catalogue: Catalogue) -> FeedbackStore:
    """Over two articles."""
    catalogue.put([TRAM, BUS], one_each)
    return catalogue.feedback


def only(store: FeedbackStore) -> StoredFeedback:
    """The one there is."""
    [stored] = store.every()
    return stored


def test_it_comes_back_as_it_was_given(store: FeedbackStore) -> None:
    """Every field, in the order given, with a time; a refusal and a blunt verdict too."""
    blunt = Feedback("Who?", "down", False, "The archive does not say.", 0.5, "extractive")
    numbers = [store.put(ON_TRAM), store.put(blunt), store.put(ON_TRAM)]
    assert [stored.feedback for stored in store.every()] == [ON_TRAM, blunt, ON_TRAM]
    assert [stored.number for stored in store.every()] == numbers == sorted(set(numbers))
    assert all(stored.given_at.endswith("+00:00") and not stored.cut for stored in store.every())


def test_it_can_be_taken_back(store: FeedbackStore) -> None:
    """With all that hangs on it, by the key that it was stored under; another key takes nothing along."""
    store.put(ON_TRAM, "one")
    store.put(ON_BUS, "other")
    store.remove("one")
    store.remove("one")
    assert only(store).feedback == ON_BUS


def test_a_quote_that_was_cut_may_be_judged(store: FeedbackStore) -> None:
    """The ellipsis that shows the cut is no invention; words beside it would be."""
    start, end = HURT.index("said"), HURT.index(", on Monday")
    cut = Quoted(TRAM.id, 1, HURT[start:end], start, end)
    given = replace(ON_TRAM, text=f"… {cut.quote} … [1]", short_answer=None, citations=(cut,))
    store.put(given)
    assert only(store).feedback == given
    with pytest.raises(WrongUse, match="not that of its quotes"):
        store.put(replace(given, text=f"… {cut.quote} … and left. [1]"))


def test_another_verdict_replaces_the_first(store: FeedbackStore) -> None:
    """Under the same key there is one, with the same number; what it cited is that of the last."""
    number = store.put(ON_TRAM, "key")
    other = replace(ON_BUS, verdict="down")
    assert store.put(other, "key") == number
    assert only(store).feedback == other


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"citations": (Quoted("gone", 0, "x", 0, 1),)}, "“gone”, which is not in the archive"),
        ({"evidence": (Found("gone", (0,)),)}, "“gone”, which is not in the archive"),
        ({"citations": (Quoted(TRAM.id, 1, HURT, 1, len(HURT) + 1),)}, "does not say"),
        ({"citations": (Quoted(TRAM.id, 7, HURT, 0, len(HURT)),)}, "Paragraph 7 .* does not say"),
        ({"citations": (Quoted(TRAM.id, 0, "The train", 0, 9),)}, "does not say “The train” .* Ask again"),
        ({"citations": ()}, "cites nothing"),
        ({"citations": (), "mode": "llm"}, "cites nothing"),
        ({"text": "Everybody was hurt. [1]"}, "not that of its quotes"),
        ({"short_answer": "Everybody"}, "“Everybody” stands in none"),
    ],
)
def test_an_answer_that_stands_on_nothing_is_refused(store: FeedbackStore, named: dict[str, Any], said: str) -> None:
    """An article that is not there, a quote that is not: which, and what to do; nothing is stored or replaced."""
    store.put(ON_TRAM, "key")
    with pytest.raises(WrongUse, match=said):
        store.put(replace(ON_TRAM, verdict="down", **named), "key")
    assert only(store).feedback == ON_TRAM


def test_a_removed_article_takes_its_words_along(store: FeedbackStore, catalogue: Catalogue) -> None:
    """Gone in the same step: text, short answer, quotes, earlier answers, and its name; what the reader said stays."""
    store.put(ON_TRAM)
    store.put(ON_BUS)
    catalogue.remove([TRAM.id])
    cut, whole = store.every()
    assert cut.cut
    assert cut.feedback == replace(
        ON_TRAM, text="", short_answer=None, citations=(), evidence=(Found(BUS.id, (0,)),),
        history=(Turn("What stopped?", ""),),
    )  # fmt: skip
    assert (whole.cut, whole.feedback) == (False, ON_BUS)


def test_evidence_is_enough_to_be_cut(store: FeedbackStore, catalogue: Catalogue) -> None:
    """The article that leaves was only among what the answerer saw."""
    both = replace(ON_TRAM, evidence=(Found(BUS.id, (0,)),))
    store.put(both)
    catalogue.remove([BUS.id])
    assert only(store).cut
    assert only(store).feedback.citations == (replace(both.citations[0], quote=""),)


def test_an_earlier_answer_is_cut_too(store: FeedbackStore, catalogue: Catalogue) -> None:
    """The conversation before the question told a removed article, which the last answer does not name."""
    store.put(replace(ON_BUS, history=(Turn("Was anybody hurt?", f"{HURT} [1]"),)))
    store.put(replace(ON_BUS, history=(Turn("Did it rain?", "The archive does not say."),)))
    catalogue.remove([TRAM.id])
    first, second = store.every()
    assert (first.cut, first.feedback.history) == (True, (Turn("Was anybody hurt?", ""),))
    assert not second.cut


def test_samples_that_leave_take_their_words_along(catalogue: Catalogue) -> None:
    """They leave when the first other article comes."""
    catalogue.put([replace(TRAM, sample=True), replace(BUS, sample=True)], one_each)
    store = catalogue.feedback
    store.put(ON_TRAM)
    catalogue.put([article("own", "The first of the archive's own.")], one_each)
    assert only(store).cut
    assert (only(store).feedback.citations, only(store).feedback.evidence) == ((), ())


def test_a_changed_article_cuts_nothing(store: FeedbackStore, catalogue: Catalogue) -> None:
    """Its older version is still in the archive; when the article leaves, so do the words of that version."""
    store.put(ON_TRAM)
    catalogue.put([article(TRAM.id, "The tram did not stop.")], one_each)
    assert only(store).feedback == ON_TRAM
    catalogue.remove([TRAM.id])
    assert only(store).cut
    with catalogue.engine.begin() as connection:
        every = [connection.execute(select(table)).all() for table in schema.metadata.sorted_tables]
    assert "Brandt" not in repr(every)


def test_it_is_part_of_a_backup(store: FeedbackStore, catalogue: Catalogue, tmp_path: Path) -> None:
    """And comes back with it."""
    store.put(ON_TRAM, "key")
    (tmp_path / "elsewhere").mkdir()
    back_up(catalogue, tmp_path / "elsewhere" / "backup")
    store.put(replace(ON_TRAM, verdict="down"), "key")
    restore(tmp_path / "elsewhere" / "backup", catalogue.at, replace=True)
    assert only(store).feedback == ON_TRAM


@pytest.mark.parametrize(
    "damage",
    ["SET verdict = 'sideways'", "SET as_of = -7", "SET as_of = 'soon'", "SET as_of = 1 << 40"],
)
def test_a_damaged_row_is_passed_over(file_catalogue: Catalogue, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    """The log names it; the others are read, and articles can still be removed."""
    catalogue, store = file_catalogue, file_catalogue.feedback
    catalogue.put([TRAM, BUS], one_each)
    for _ in range(2):
        store.put(ON_TRAM)
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text(f"UPDATE feedback {damage}, history = 'x' WHERE number = 1"))
    assert [stored.number for stored in store.every()] == [2]
    assert "Feedback 1 is damaged" in caplog.text
    catalogue.remove([TRAM.id])
    assert not check(catalogue).damaged


def test_all_of_it_is_read(catalogue: Catalogue) -> None:
    """However much there is, the oldest first, each with its own citations."""
    catalogue.put([TRAM, BUS], one_each)
    store = catalogue.feedback
    store.put(ON_BUS)
    feedback, cited = schema.feedback, schema.feedback_citations
    with writing(catalogue.engine).begin() as connection:
        first = connection.execute(select(feedback)).one()._asdict()
        quotes = [row._asdict() for row in connection.execute(select(cited))]
        for number in range(2, 1201):
            more = {"number": number, "key": f"key {number}", "question": f"Question {number}"}
            connection.execute(insert(feedback).values(first | more))
            connection.execute(insert(cited), [quote | {"feedback": number} for quote in quotes])
    every = list(store.every())
    assert [stored.number for stored in every] == list(range(1, 1201))
    assert all(stored.feedback.citations == ON_BUS.citations for stored in every)
    catalogue.remove([BUS.id])
    assert all(stored.cut for stored in store.every())
