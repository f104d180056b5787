"""Reports that contradict each other: which one is the answer, and what is noted."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answer.candidates import AnswerSpan, FoundAnswer
from index.answer.disagreement import (
    CLOSE,
    CLOSE_OF_DEAD,
    SURE,
    SURE_OF_DEAD,
    contradicting,
    disagreement_notes,
    newest_first,
)
from index.passage import passage_of
from index.read.judge import Judge
from index.understand.answer_type import AnswerType, expected_answer
from index.understand.state import asks_for_state
from newsdesk.types import Evidence, Span

TOLL = "How many people died in the landslide?"
NUMBERS = count()


def answer(
    text: str, published: date | None, source: str = "Courier", score: float = 5.0, read: float = 4.0, article: str = ""
) -> FoundAnswer:
    """One answer with one mention."""
    id_ = article or f"a{next(NUMBERS)}"
    evidence = Evidence(id_, f"{id_}#1", (Span(0, 0, len(text)),), text, 0.9, "", source, (), published, "")
    span = AnswerSpan(passage_of(evidence), Span(0, 0, len(text)), text, read, 1.0, 1.0, 0.5, score)
    return FoundAnswer((span,), score)


def texts(answers: list[FoundAnswer]) -> list[str]:
    """Of the best mentions."""
    return [each.best.text for each in answers]


FEBRUARY = [date(2017, 2, day) for day in (7, 8, 10, 28)]


def test_the_newest_toll_is_the_answer_and_older_ones_are_noted() -> None:
    """Whatever the reader liked best; an older figure is in the note, with its day and outlet, and not in the answer."""
    ranked = [answer("nine", FEBRUARY[1]), answer("14", FEBRUARY[2], "Ledger", 4.0), answer("sixteen", FEBRUARY[3], "Post", 3.5)]  # fmt: skip
    shown = newest_first(TOLL, AnswerType.NUMBER, ranked)
    assert texts(shown) == ["sixteen"]
    [note] = disagreement_notes(TOLL, AnswerType.NUMBER, shown[0], ranked)
    assert (note.kind, note.text) == (
        "changed",
        "Earlier reports said otherwise: “14” (10 February 2017, Ledger); “nine” (8 February 2017, Courier).",
    )


def test_no_report_after_the_cited_one_is_called_earlier() -> None:
    """That the person shown is named again later makes what was reported in between no earlier report."""
    question = "Who is the pilot of the Tarn ferry?"
    cited, again = answer("Ann Holm", FEBRUARY[0]), answer("Ann Holm", FEBRUARY[3], "Post")
    shown = FoundAnswer((*cited.spans, *again.spans), 5.0)
    between = answer("Per Lund", FEBRUARY[1], "Ledger", 4.0)
    before = answer("Eva Falk", date(2017, 1, 3), "Ledger", 4.0)
    notes = disagreement_notes(question, AnswerType.PERSON, shown, [shown, between, before])
    told = {note.kind: note.text for note in notes}
    assert "Eva Falk" in told["changed"]
    assert "Per Lund" not in told["changed"]
    assert "Per Lund" in told["disagree"]


def test_one_story_does_not_overturn_what_three_found_out() -> None:
    """A newer figure of one story alone is noted; two newer stories replace it."""
    established = FoundAnswer(tuple(each for _ in range(3) for each in answer("nine", FEBRUARY[0]).spans), 5.0)
    single = answer("forty", FEBRUARY[1], "Post", 4.0)
    assert newest_first(TOLL, AnswerType.NUMBER, [established, single]) == [established, single]
    [note] = disagreement_notes(TOLL, AnswerType.NUMBER, established, [established, single])
    assert note.text.startswith("Reports differ: “forty” (8 February 2017, Post); “nine”")
    two = FoundAnswer((*single.spans, *answer("forty", FEBRUARY[1], "Ledger").spans), 4.0)
    assert newest_first(TOLL, AnswerType.NUMBER, [established, two]) == [two]


def test_outlets_that_differ_on_a_day_are_both_noted() -> None:
    """Neither is taken away from the answer."""
    question = "How many people marched in Hallowby?"
    ranked = [answer("1,800", FEBRUARY[0], "Post"), answer("3,000", FEBRUARY[0], "Ledger", 4.5)]
    assert texts(newest_first(question, AnswerType.NUMBER, ranked)) == ["1,800", "3,000"]
    [note] = disagreement_notes(question, AnswerType.NUMBER, ranked[0], ranked)
    assert (note.kind, note.text) == (
        "disagree",
        "Reports differ: “1,800” (7 February 2017, Post); “3,000” (7 February 2017, Ledger).",
    )


def test_the_same_day_told_in_two_ways_is_no_disagreement() -> None:
    """ "Yesterday" in Thursday's paper and "today" in Wednesday's agree; in two papers of one day they do not."""
    question = "When was the bridge closed?"
    first, second = answer("today", date(2017, 1, 18), "Post"), answer("yesterday", date(2017, 1, 19), "Ledger", 4.5)
    assert disagreement_notes(question, AnswerType.TIME, first, [first, second]) == ()
    of_that_day = answer("yesterday", date(2017, 1, 18), "Ledger", 4.5)
    [note] = disagreement_notes(question, AnswerType.TIME, first, [first, of_that_day])
    assert note.kind == "disagree"


def test_a_weekday_and_a_date_agree() -> None:
    """An outlet that says "Wednesday" and one that says "18 January" are not set against each other."""
    ranked = [answer("Wednesday", date(2017, 1, 19), "Post"), answer("18 January", date(2017, 1, 20), "Ledger", 4.5)]
    assert disagreement_notes("When was the strike?", AnswerType.TIME, ranked[0], ranked) == ()


def test_a_new_office_holder_replaces_the_old_one() -> None:
    """ "Who is ...?" asks for today's; "Who was ...?" does not, and nothing is moved."""
    ranked = [answer("Edmund Prior", FEBRUARY[0]), answer("Łukasz Baran", FEBRUARY[3], "Post", 4.0)]
    assert texts(newest_first("Who is the harbour master?", AnswerType.PERSON, ranked)) == ["Łukasz Baran"]
    assert newest_first("Who was the harbour master in 2011?", AnswerType.PERSON, ranked) == ranked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer("nine", FEBRUARY[0]), answer("9", FEBRUARY[1])),
        (answer("1,800", FEBRUARY[0]), answer("some 1800", FEBRUARY[1])),
        (answer("€48 million", FEBRUARY[0]), answer("5%", FEBRUARY[1])),
        (answer("nine", FEBRUARY[0]), answer("several", FEBRUARY[1])),
        (answer("nine", FEBRUARY[0]), answer("ten", FEBRUARY[1], read=SURE_OF_DEAD - 0.1)),
        (answer("nine", FEBRUARY[0]), answer("ten", FEBRUARY[1], score=5.0 - CLOSE_OF_DEAD - 0.1)),
        (answer("nine", FEBRUARY[0], article="same"), answer("ten", FEBRUARY[0], article="same")),
    ],
    ids=["in words", "with a separator", "another thing", "no figure", "hardly read", "far behind", "one article"],
)
def test_what_does_not_contradict_is_not_noted(one: FoundAnswer, other: FoundAnswer) -> None:
    """The same figure in other letters, figures of other things, mere mentions, what one article tells together."""
    assert contradicting(AnswerType.NUMBER, [one, other]) == []
    assert newest_first(TOLL, AnswerType.NUMBER, [one, other]) == [one, other]
    assert disagreement_notes(TOLL, AnswerType.NUMBER, one, [one, other]) == ()


def test_descriptions_and_places_do_not_exclude_each_other() -> None:
    """ "The mayor" and a name are no two persons; "near Aleppo" and "northern Syria" no two places."""
    ranked = [answer("Ida Brandt", FEBRUARY[0]), answer("the mayor", FEBRUARY[1], "Post")]
    assert contradicting(AnswerType.PERSON, ranked) == []
    ranked = [answer("near Aleppo", FEBRUARY[0]), answer("northern Syria", FEBRUARY[1], "Post")]
    assert contradicting(AnswerType.PLACE, ranked) == []


@pytest.mark.parametrize(
    ("question", "state"),
    [
        ("Who is the harbour master of Port Selwick?", True),
        ("What is the death toll?", True),
        ("How many were killed in the strike?", True),
        ("How much will the tram cost?", True),
        ("When will dredging begin?", True),
        ("Which coach is in charge at Rovers?", True),
        ("Who currently leads the party?", True),
        ("Who won the 1998 World Cup?", False),
        ("How many jets took part in the raid?", False),
        ("Why did he resign?", False),
    ],
)
def test_what_asks_for_how_things_stand(question: str, state: bool) -> None:
    """What is, will be, or is still being counted."""
    assert asks_for_state(question) is state
    assert expected_answer(question)  # each has a type


@pytest.mark.parametrize(
    ("kind", "one", "other", "differ"),
    [
        (AnswerType.NUMBER, "forty-two", "42", False),
        (AnswerType.NUMBER, "two hundred", "200 people", False),
        (AnswerType.NUMBER, "1.5 million", "1,500,000", False),
        (AnswerType.NUMBER, "£2bn", "£2 billion", False),
        (AnswerType.NUMBER, "£2bn", "£3 billion", True),
        (AnswerType.NUMBER, "two weeks", "14 days", False),
        (AnswerType.NUMBER, "5 km", "three miles", False),
        (AnswerType.NUMBER, "5 km", "three km", True),
        (AnswerType.NUMBER, "5 km", "two miles", True),
        (AnswerType.NUMBER, "80 cm", "0.8 metres", False),
        (AnswerType.NUMBER, "80 cm", "80 metres", True),
        (AnswerType.NUMBER, "half a billion", "1 billion", True),
        (AnswerType.TIME, "Monday", "6 February", False),
        (AnswerType.TIME, "yesterday", "Tuesday evening", False),
        (AnswerType.TIME, "September 4", "April 18", True),
        (AnswerType.PERSON, "Ida Brandt", "The mayor", False),
        (AnswerType.PERSON, "Barack Obama", "US President", False),
        (AnswerType.PERSON, "Ida Brandt", "Per Lund", True),
    ],
)
def test_only_what_cannot_both_be_right_differs(kind: AnswerType, one: str, other: str, differ: bool) -> None:
    """Figures of one unit, times told in one form, and names; the same in other words is no contradiction."""
    ranked = [answer(one, FEBRUARY[0]), answer(other, FEBRUARY[1], "Post")]
    assert bool(contradicting(kind, ranked)) is differ


@st.composite
def rankings(draw: st.DrawFn) -> list[FoundAnswer]:
    """Answers in the order of their scores."""
    made = [
        answer(
            draw(st.sampled_from(["nine", "14", "16", "€3", "4%", "many"])),
            draw(st.none() | st.sampled_from(FEBRUARY)),
            draw(st.sampled_from(["Post", "Ledger", ""])),
            draw(st.floats(0, 6)),
            draw(st.floats(-3, 6)),
        )
        for _ in range(draw(st.integers(1, 6)))
    ]
    return sorted(made, key=lambda each: -each.score)


@given(rankings(), st.sampled_from([TOLL, "How many marched?"]))
def test_an_answer_is_never_lost(ranked: list[FoundAnswer], question: str) -> None:
    """There is a first answer; none older than it that contradicts it is shown beside it; all are of the ranking."""
    shown = newest_first(question, AnswerType.NUMBER, ranked)
    assert shown
    assert all(each in ranked for each in shown)
    bounds = (SURE_OF_DEAD, CLOSE_OF_DEAD) if question == TOLL else (SURE, CLOSE)
    against = contradicting(AnswerType.NUMBER, ranked, *bounds)
    if asks_for_state(question) and shown[0] in against:
        day = shown[0].best.evidence.published
        older = [each for each in against if day and (own := each.best.evidence.published) and own < day]
        assert not any(each in shown for each in older)
    else:
        assert shown == ranked
    notes = disagreement_notes(question, AnswerType.NUMBER, shown[0], ranked)
    assert len(notes) <= 2


def told(sentence: str, text: str, published: date, score: float = 4.0) -> FoundAnswer:
    """One answer with one mention, in this sentence."""
    id_, start = f"a{next(NUMBERS)}", sentence.index(text)
    evidence = Evidence(id_, f"{id_}#1", (Span(0, 0, len(sentence)),), sentence, 0.9, "", id_, (), published, "")
    span = AnswerSpan(passage_of(evidence), Span(0, start, start + len(text)), text, 4.0, 1.0, 1.0, 0.5, score)
    return FoundAnswer((span,), score)


def test_what_is_told_as_a_change_replaces_what_three_stories_told_before() -> None:
    """ "That brought the final number of dead to sixteen": no story can know it before the change."""
    established = FoundAnswer(tuple(each for _ in range(3) for each in answer("14", FEBRUARY[2]).spans), 5.0)
    change = told("That brought the final number of dead to sixteen.", "sixteen", FEBRUARY[3])
    assert newest_first(TOLL, AnswerType.NUMBER, [established, change]) == [change]
    other = told("It was a sad day for the sixteen dead.", "sixteen", FEBRUARY[3])
    assert newest_first(TOLL, AnswerType.NUMBER, [established, other]) == [established, other]


@pytest.mark.parametrize("asked", ["How many people were killed in the landslide?", "How many people have died in it?"])
def test_the_newest_toll_is_the_answer_however_it_is_asked_for(asked: str) -> None:
    """In the past tense too."""
    older, newer = answer("nine", FEBRUARY[0], score=6.0), told("Rescuers counted 14 dead.", "14", FEBRUARY[2])
    assert newest_first(asked, AnswerType.NUMBER, [older, newer]) == [newer]


def test_a_toll_may_be_told_in_words_that_read_worse() -> None:
    """ "The number of dead stood at 14" is one all the same, and replaces "Four people were killed"."""
    ranked = [answer("Four", FEBRUARY[0], score=12.0), answer("14", FEBRUARY[2], score=7.0, read=-3.5)]
    assert texts(newest_first(TOLL, AnswerType.NUMBER, ranked)) == ["14"]
    assert texts(newest_first("How many ships are late?", AnswerType.NUMBER, ranked)) == ["Four", "14"]


def printed(text: str, words: str, source: str, score: float) -> FoundAnswer:
    """An answer that stands in a sentence."""
    start = text.index(words)
    evidence = Evidence(source, f"{source}#1", (Span(0, 0, len(text)),), text, 0.9, "", source, (), FEBRUARY[0], "")
    span = AnswerSpan(passage_of(evidence), Span(0, start, start + len(words)), words, 4.0, 1.0, 1.0, 0.5, score)
    return FoundAnswer((span,), score)


@pytest.mark.parametrize(
    ("question", "one", "other", "differ"),
    [
        ("How many visitors came to the Ostrava book fair?",
         ("The Ostrava book fair drew 40,000 visitors, its organisers said.", "40,000"),
         ("Some 22,000 visitors went to the Ostrava book fair, by the count of the police.", "22,000"), True),
        ("How many people were hurt in the bus crash at Lund?",
         ("Nine people were hurt when a bus left the road at Lund on Monday.", "Nine"),
         ("A tram hit a car in Malmo on Monday and four people were hurt.", "four"), False),
    ],
)  # fmt: skip
def test_with_a_judge_only_reports_of_one_event_differ(
    question: str, one: tuple[str, str], other: tuple[str, str], differ: bool
) -> None:
    """Two counts of one fair are told of; the figure of another accident is no other report of this one."""
    ranked = [printed(*one, "Courier", 5.0), printed(*other, "Ledger", 4.5)]
    assert disagreement_notes(question, AnswerType.NUMBER, ranked[0], ranked), "without the judge both are told of"
    notes = disagreement_notes(question, AnswerType.NUMBER, ranked[0], ranked, Judge())
    assert [note.kind for note in notes] == (["disagree"] if differ else [])
