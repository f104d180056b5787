"""Lists over many articles: what is on them, in which order, and that each line can be cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answer.by_list import MAX_LINES, Survey, survey
from index.passage import FoundPassage, passage_of, same_story
from index.text.terms import query_terms
from index.understand.list_form import SurveyKind
from newsdesk.types import Evidence, Span, passage_text

RAID = (
    "The air forces of two countries struck the town of al-Bab before dawn. Nine jets and eight war planes took off.",
    "The town lies forty kilometres from Aleppo and has been held by militants for three years, officials said.",
)
TALKS = (
    "Negotiators left the capital without a paper on Sunday evening. Al-Bab was not on the table, a diplomat said.",
)
FLOOD = (
    "Heavy rain flooded the lower streets of Tannet. Firemen pumped water out of forty cellars until the morning.",
)


def passage(
    article: str,
    paragraphs: tuple[str, ...],
    published: date | None,
    source: str = "Courier",
    number: int = 1,
    story: int = 0,
) -> FoundPassage:
    """One passage that is a whole article, of which story the catalogue may know."""
    spans = tuple(Span(index, 0, len(text)) for index, text in enumerate(paragraphs))
    text = passage_text(dict(enumerate(paragraphs)), spans)
    evidence = Evidence(article, f"{article}#{number}", spans, text, 1.0, "", source, (), published, "")
    return replace(passage_of(evidence), story=story)


def worth(subject: str) -> dict[str, float]:
    """Each term the same."""
    return dict.fromkeys(query_terms(subject), 1.0) if subject else {}


def articles(found: Survey) -> list[str]:
    """Of the lines, in order."""
    return [line.evidence.article_id for line in found.lines]


def quotes(found: Survey) -> list[str]:
    """Cut out of the paragraphs by the spans, as a citation will be."""
    return [
        evidence.text.split("\n\n")[span.paragraph - evidence.spans[0].paragraph][span.start : span.end]
        for evidence, span in found.sentences
    ]


def test_a_list_is_dated_newest_first_and_undated_last() -> None:
    """Each story has one line, with the sentence that says most of what was asked."""
    found = survey(
        SurveyKind.EVENTS,
        worth("al-Bab"),
        [
            passage("raid", RAID, date(2017, 1, 18)),
            passage("old", ("Nothing is known of al-Bab in the year it was founded, historians said.",), None),
            passage("talks", TALKS, date(2017, 1, 22), "Ledger"),
        ],
    )
    assert articles(found) == ["talks", "raid", "old"]
    assert [line.quote for line in found.lines] == quotes(found)
    assert found.lines[0].quote == "Al-Bab was not on the table, a diplomat said."
    assert found.lines[1].quote == "The air forces of two countries struck the town of al-Bab before dawn."


def test_copies_are_one_line_with_the_outlets_that_have_it() -> None:
    """The earliest is shown. What is one story says the catalogue, as it does of `also_in`, not the words found of it."""
    found = survey(
        SurveyKind.EVENTS,
        worth("al-Bab"),
        [
            passage("copy", ("Planes struck al-Bab, it was said.",), date(2017, 1, 19), "Post", story=3),
            passage("first", RAID, date(2017, 1, 18), "Courier", story=3),
            passage("first", RAID[:1], date(2017, 1, 18), "Courier", number=2, story=3),
            passage("again", RAID, date(2017, 1, 19), "courier", story=3),
            passage("other", RAID[:1], date(2017, 1, 17), "Ledger", story=4),
        ],
    )
    assert articles(found) == ["first", "other"]
    assert found.lines[0].also == ("Post",)
    assert [note.text for note in found.notes] == ["The story of 18 January 2017, Courier is also in Post."]
    assert found.stories == 2


def test_what_is_about_something_else_is_left_out() -> None:
    """A passage that shares a word is not listed, and an unknown subject lists nothing."""
    evidence = [passage("raid", RAID, date(2017, 1, 18)), passage("flood", FLOOD, date(2017, 1, 20))]
    assert articles(survey(SurveyKind.EVENTS, worth("flood in Tannet"), evidence)) == ["flood"]
    nothing = survey(SurveyKind.COUNT, worth("Atlantis"), evidence)
    assert nothing == Survey(())


def test_without_a_subject_everything_found_is_listed_by_its_lead() -> None:
    """ "What happened last week?" """
    found = survey(
        SurveyKind.EVENTS, {}, [passage("raid", RAID, date(2017, 1, 18)), passage("flood", FLOOD, date(2017, 1, 20))]
    )
    assert [line.quote for line in found.lines] == [
        "Heavy rain flooded the lower streets of Tannet.",
        "The air forces of two countries struck the town of al-Bab before dawn.",
    ]


def test_outlets_have_a_line_each() -> None:
    """Copies count for the outlets that printed them; an article without an outlet has no line."""
    found = survey(
        SurveyKind.OUTLETS,
        worth("al-Bab"),
        [
            passage("first", RAID, date(2017, 1, 18), "Courier"),
            passage("later", TALKS, date(2017, 1, 22), "Courier"),
            passage("copy", RAID, date(2017, 1, 19), "Post"),
            passage("nameless", RAID, date(2017, 1, 20), ""),
        ],
    )
    assert [(line.evidence.source, line.evidence.article_id) for line in found.lines] == [
        ("Post", "copy"),
        ("Courier", "first"),
    ]
    assert [note.text for note in found.notes] == ["4 articles from 2 outlets between 18 and 22 January 2017 were counted."]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "text"),
    [
        ([(2022, 1, 3), (2022, 1, 29)], "2 stories from 1 outlet between 3 and 29 January 2022 were counted."),
        ([(2022, 1, 3), (2022, 3, 9)], "2 stories from 1 outlet between 3 January and 9 March 2022 were counted."),
        (
            [(2021, 1, 3), (2022, 1, 9)],
            "2 stories from 1 outlet between 3 January 2021 and 9 January 2022 were counted.",
        ),
        ([(2022, 1, 3)], "1 story from 1 outlet of 3 January 2022 was counted."),
    ],
)
def test_a_count_says_what_was_counted(days: list[tuple[int, int, int]], text: str) -> None:
    """Stories, outlets and the days they were printed on."""
    evidence = [passage(str(number), FLOOD, date(*day)) for number, day in enumerate(days)]
    found = survey(SurveyKind.COUNT, worth("Tannet"), evidence)
    assert [(note.kind, note.text) for note in found.notes] == [("counted", text)]
    assert len(found.lines) == len(days)


def test_a_long_list_is_cut_and_says_so() -> None:
    """Ten lines are shown, all are counted."""
    evidence = [passage(str(week), FLOOD, date(2017, 1, 1) + timedelta(7 * week)) for week in range(14)]
    found = survey(SurveyKind.COUNT, worth("Tannet"), evidence)
    assert articles(found) == [str(week) for week in range(13, 3, -1)]
    assert [note.text for note in found.notes] == [
        "14 stories from 1 outlet between 1 January and 2 April 2017 were counted.",
        "The newest 10 of 14 stories found are shown.",
    ]


def test_questions_and_scraps_are_not_shown_when_there_is_more() -> None:
    """A line tells something."""
    text = ("Will al-Bab fall? Al-Bab again. The town of al-Bab was struck twice within an hour, officials said.",)
    found = survey(SurveyKind.EVENTS, worth("al-Bab"), [passage("raid", text, date(2017, 1, 18))])
    assert found.lines[0].quote == "The town of al-Bab was struck twice within an hour, officials said."


# --- What always holds ----------------------------------------------------------------------------------------------

WORDS = "raid port ferry mayor storm vote jet pier school tram fire flood eel coach film bank court tide crane ballot".split()
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(
    lambda words: " ".join(words).capitalize() + "."
)
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=3).map(" ".join)
TEXTS = st.lists(PARAGRAPHS, min_size=1, max_size=3).map(tuple)
DAYS = st.none() | st.dates(date(2017, 1, 1), date(2017, 1, 20))


@st.composite
def evidences(draw: st.DrawFn) -> list[FoundPassage]:
    """Passages of a few articles, some of one story."""
    texts = draw(st.lists(TEXTS, min_size=1, max_size=4))
    found = []
    for number in range(draw(st.integers(0, 14))):
        source = draw(st.sampled_from(["Courier", "Post", "Ledger", "Kestrel", ""]))
        found.append(
            passage(f"a{number}", draw(st.sampled_from(texts)), draw(DAYS), source, story=draw(st.integers(0, 4)))
        )
    return found


def check(found: Survey, passages: list[FoundPassage], kind: SurveyKind) -> None:
    """What is promised of every list."""
    assert len(found.lines) <= MAX_LINES
    days = [line.evidence.published or date.min for line in found.lines]
    assert days == sorted(days, reverse=True)
    for line in found.lines:
        assert line.evidence in [passage.evidence for passage in passages]
        assert any(
            part.paragraph == line.span.paragraph and part.start <= line.span.start < line.span.end <= part.end
            for part in line.evidence.spans
        )
    assert [line.quote for line in found.lines] == quotes(found)
    if kind in (SurveyKind.OUTLETS, SurveyKind.OUTLET):
        outlets = [line.evidence.source.casefold() for line in found.lines]
        assert all(outlets)
        assert len(set(outlets)) == len(outlets)
    else:
        by_article = {passage.evidence.article_id: passage for passage in passages}
        shown = [by_article[line.evidence.article_id] for line in found.lines]
        assert not any(same_story(one, other) for one, other in combinations(shown, 2))


@given(st.sampled_from(SurveyKind), st.lists(st.sampled_from(WORDS), max_size=3), evidences())
def test_every_list_keeps_its_promises(kind: SurveyKind, subject: list[str], evidence: list[FoundPassage]) -> None:
    """Newest first, at most ten lines, no story or outlet twice, every quote where its span says."""
    asked: Mapping[str, float] = worth(" ".join(subject))
    check(survey(kind, asked, evidence), evidence, kind)


@given(st.sampled_from(SurveyKind), evidences(), st.randoms(use_true_random=False))
def test_the_order_of_what_was_found_does_not_matter(
    kind: SurveyKind, evidence: list[FoundPassage], chance: object
) -> None:
    """The same passages give the same lines."""
    shuffled = list(evidence)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = survey(kind, {}, evidence), survey(kind, {}, shuffled)
    assert one.sentences == other.sentences
    assert [note.text for note in one.notes] == [note.text for note in other.notes]
