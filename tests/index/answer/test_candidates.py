"""Answers of a few words: which spans are one answer, and what speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answer.candidates import AnswerSpan, FoundAnswer, answer_spans, answer_words, found_answers, same_answer
from index.passage import FoundPassage, passage_of
from index.read.reader import Reading, ReadSpan, packaged_fit
from index.understand.answer_type import AnswerType
from newsdesk.types import Evidence, Span, passage_text


def evidence(id_: str, *paragraphs: str, published: date | None = None, score: float = 0.5) -> Evidence:
    """A passage of whole paragraphs."""
    spans = tuple(Span(number, 0, len(text)) for number, text in enumerate(paragraphs))
    text = passage_text(dict(enumerate(paragraphs)), spans)
    return Evidence(id_, f"{id_}#1", spans, text, score, f"About {id_}", "Gazette", (), published, "")


def read(item: Evidence, *found: tuple[str, float]) -> Reading:
    """A reading that found these words with these scores."""
    return Reading(
        tuple(ReadSpan(item.text.index(words), item.text.index(words) + len(words), score) for words, score in found)
    )


def spans_of(question: str, kind: AnswerType, *read_: tuple[Evidence, Reading]) -> list[AnswerSpan]:
    """The spans of these passages."""
    return answer_spans(question, kind, [passage(*each) for each in read_], FIT.choice)


def passage(item: Evidence, reading: Reading) -> FoundPassage:
    """A passage that was found as well as its score says, and read; of one story with those of the same text."""
    return replace(passage_of(item), found=item.score, reading=reading, story=crc32(item.text.encode()))


def answers_of(spans: Sequence[AnswerSpan]) -> list[FoundAnswer]:
    """The different answers, as the packaged reader's fit weighs them."""
    return found_answers(spans, FIT.choice.agreement)


FIT = packaged_fit()
VOTE = evidence("vote", "The council voted 17 to 14 on Monday.", "Mayor Ida Brandt, who lost, said “never again”.")


def test_a_span_is_placed_in_its_paragraph_without_quotation_marks() -> None:
    """What is shown as the answer stands in one paragraph, and begins and ends with words."""
    [span] = spans_of("What did she say?", AnswerType.OTHER, (VOTE, read(VOTE, ("“never again”.", 3.0))))
    assert span.text == "never again"
    assert span.span.paragraph == 1
    paragraph = "Mayor Ida Brandt, who lost, said “never again”."
    assert paragraph[span.span.start : span.span.end] == "never again"


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("-12C", "-12C"),
        ("– 12C", "12C"),
        ("World Health Organization (WHO)", "World Health Organization (WHO)"),
        ("(WHO)", "WHO"),
        ("in the U.S.,", "in the U.S."),
        ("“never”", "never"),
    ],
)
def test_what_belongs_to_the_words_stays(found: str, shown: str) -> None:
    """A minus, a bracket that was opened within and the full stop of an abbreviation are no punctuation around it."""
    item = evidence("a", f"It was {found} they said.")
    [span] = spans_of("What?", AnswerType.OTHER, (item, read(item, (found, 1.0))))
    assert span.text == shown


@pytest.mark.parametrize(
    ("text", "found", "whole"),
    [
        ("Harbour master Edmund Prior resigned.", "Edmund", "Edmund Prior"),
        ("Harbour master Edmund Prior resigned.", "Prior", "Edmund Prior"),
        ("The president, Recep Tayyip Erdogan, left.", "Erdogan", "Tayyip Erdogan"),
        ("They asked President Trump.", "Trump", "Trump"),
        ("It was Edmund Monday.", "Edmund", "Edmund"),
        ("It was Edmund’s idea.", "Edmund", "Edmund"),
    ],
)
def test_a_person_is_named_whole(text: str, found: str, whole: str) -> None:
    """A part of a name brings the rest of it, but no title and no day."""
    item = evidence("a", text)
    [span] = spans_of("Who was it?", AnswerType.PERSON, (item, read(item, (found, 1.0))))
    assert span.text == whole


def test_a_span_over_two_paragraphs_is_no_answer() -> None:
    """A quotation never joins what the publisher set apart; a span of punctuation alone is none either."""
    across = "Monday.\n\nMayor"
    assert spans_of("Who?", AnswerType.PERSON, (VOTE, read(VOTE, (across, 9.0), ("”.", 5.0)))) == []


def test_what_is_not_of_the_kind_asked_for_counts_less() -> None:
    """ "Who?" is not answered by a number that the reader likes equally well, nor by what the question says itself."""
    found = spans_of(
        "Who lost against Mayor Monday?", AnswerType.PERSON,
        (VOTE, read(VOTE, ("17 to 14", 3.0), ("Ida Brandt", 3.0), ("Mayor", 3.0))),
    )  # fmt: skip
    assert answers_of(found)[0].best.text == "Ida Brandt"


def stories(*texts: str) -> list[tuple[Evidence, Reading]]:
    """Passages "... NAME ...", each with the name found with the same score."""
    items = [evidence(f"a{number}", text) for number, text in enumerate(texts)]
    return [(item, read(item, ("Ida Brandt" if "Ida" in item.text else "Per Lund", 2.0))) for item in items]


INDEPENDENT = (
    "Ida Brandt took over as harbour master on Friday after a long search by the port's board.",
    "At the quay the new harbour master, Ida Brandt, cut a ribbon and promised longer opening hours.",
    "Sailors welcomed Ida Brandt, whom the town chose as master of its harbour from nine candidates.",
)
WRONG = "Per Lund is the new harbour master, the evening paper wrote, and moved into his office at once."


def test_agreement_of_independent_stories_wins() -> None:
    """Three outlets in their own words beat ten copies of another story, whose copies count once."""
    found = spans_of("Who is the harbour master?", AnswerType.PERSON, *stories(*[WRONG] * 10, *INDEPENDENT))
    best, second = answers_of(found)[:2]
    assert best.best.text == "Ida Brandt"
    assert len(best.spans) == 3
    assert len(second.spans) == 1
    assert second.agreement == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Boris Johnson", "Prime Minister Boris Johnson", True),
        ("the Netherlands", "Netherlands", True),
        ("José Ferreira", "Jose Ferreira", True),
        ("17", "17 to 14", True),
        ("17", "71", False),
        ("1,500", "1.5", False),
        ("nine", "9", True),
        ("12", "Twelve", True),
        ("1,800", "1800", True),
        ("£2bn", "£2 billion", True),
        ("$5 million", "5 million dollars", True),
        ("$5 million", "€5 million", False),
        ("£5", "£5 million", False),
        ("Ida Brandt", "Per Lund", False),
        ("the", "a", False),
    ],
)
def test_the_same_answer_in_other_words(one: str, other: str, same: bool) -> None:
    """More words, accents and articles do not make another answer; other names and numbers do."""
    assert same_answer(answer_words(one), answer_words(other)) is same
    assert same_answer(answer_words(other), answer_words(one)) is same


def test_the_newest_counts_when_it_is_asked_for() -> None:
    """ "Who is the current ...": of two answers read equally well the later one is given."""
    old = evidence("old", "Per Lund was made harbour master.", published=date(2017, 1, 3))
    new = evidence("new", "The port has a new head: Ida Brandt follows.", published=date(2017, 3, 3))
    for question in ("Who is the current harbour master?", "Who is the latest harbour master?"):
        found = spans_of(
            question, AnswerType.PERSON, (old, read(old, ("Per Lund", 3.0))), (new, read(new, ("Ida Brandt", 2.5)))
        )
        assert answers_of(found)[0].best.text == "Ida Brandt"


def test_a_day_newer_does_not_outvote_three_outlets() -> None:
    """A wrong article printed the day after, however often it is copied, is no newer state of things."""
    of_day = [
        (evidence(f"a{day}", text, published=date(2017, 2, 1 + day)), text) for day, text in enumerate(INDEPENDENT)
    ]
    copies = [(evidence(f"w{number}", WRONG, published=date(2017, 2, 4)), WRONG) for number in range(10)]
    read_ = [
        (item, read(item, ("Ida Brandt" if "Ida" in text else "Per Lund", 2.0))) for item, text in (*copies, *of_day)
    ]
    found = spans_of("Who is the harbour master?", AnswerType.PERSON, *read_)
    assert answers_of(found)[0].best.text == "Ida Brandt"


def test_a_passage_that_was_not_read_changes_nothing() -> None:
    """Found badly but printed later, it makes no answer older: the same spans score the same without it."""
    told = evidence("told", "The orchard was sold to Ida Brandt.", published=date(2016, 5, 1))
    unread = passage_of(evidence("later", "Snow fell on the orchard.", published=date(2019, 5, 1)))
    alone = [passage(told, read(told, ("Ida Brandt", 3.0)))]
    for question in ("Who bought the orchard?", "Who is the latest owner of the orchard?"):
        asked = question, AnswerType.PERSON
        assert answer_spans(*asked, [*alone, unread], FIT.choice) == answer_spans(*asked, alone, FIT.choice)


def test_an_office_is_no_place() -> None:
    """ "Where was he born?" is not answered by "harbour master of Hallowby", though a place stands in it."""
    item = evidence("a", "The harbour master of Hallowby came from the north of Skarholm.")
    found = spans_of(
        "Where was he born?", AnswerType.PLACE,
        (item, read(item, ("harbour master of Hallowby", 3.0), ("the north of Skarholm", 2.0))),
    )  # fmt: skip
    office, place = (span.of_type for span in found)
    assert office < place == 1.0


def test_a_figure_is_told_by_what_it_counts() -> None:
    """ "How many people died?" is not answered by a number of families; the word may stand a little behind the figure."""
    item = evidence("slide", "After the landslide 26 of the 38 families lost their homes. It killed 14 elderly people.")
    reading = read(item, ("26", 3.0), ("14", 2.5))
    found = spans_of("How many people died in the landslide?", AnswerType.NUMBER, (item, reading))
    assert {span.text: span.of_type for span in found} == {"26": 0.5, "14": 1.0}


@given(
    st.lists(
        st.tuples(st.sampled_from(("Ida Brandt", "Brandt", "Per Lund", "17", "seventeen")), st.floats(-9, 9)),
        max_size=12,
    )
)
def test_every_span_is_of_one_answer_at_most(drawn: list[tuple[str, float]]) -> None:
    """Answers are ordered, no span counts twice, and an answer scores at least as high as its best mention."""
    items = [
        (evidence(f"a{number}", f"{words} said so {number}."), score, words)
        for number, (words, score) in enumerate(drawn)
    ]
    found = spans_of("Who?", AnswerType.PERSON, *((item, read(item, (words, score))) for item, score, words in items))
    answers = answers_of(found)
    assert [each.score for each in answers] == sorted((each.score for each in answers), reverse=True)
    mentions = [span for each in answers for span in each.spans]
    assert len({(span.evidence.article_id, span.span) for span in mentions}) == len(mentions)
    assert all(each.score >= each.best.score for each in answers)
    assert bool(answers) == bool(drawn)


def test_a_date_is_no_place_and_no_person() -> None:
    """ "Where was he born?" is not answered with a date, however sure the reader is."""
    item = evidence("born", "Ida Brandt was born on 3 May 1953 in Melen. In 1990 she came to Hallowby.")
    reading = read(item, ("3 May 1953", 7.0), ("Melen", 3.0), ("In 1990", 2.0))
    for question, kind in (("Where was she born?", AnswerType.PLACE), ("Who was born?", AnswerType.PERSON)):
        assert [span.text for span in spans_of(question, kind, (item, reading))] == ["Melen"]
    spans = spans_of("When was she born?", AnswerType.TIME, (item, reading))
    assert len(spans) == 3


def test_what_is_asked_answers_nothing() -> None:
    """A span in a question of the article is none."""
    item = evidence("asked", "Did Ida Brandt resign? Owen Marsh did.")
    reading = read(item, ("Ida Brandt", 7.0), ("Owen Marsh", 1.0))
    spans = spans_of("Who resigned?", AnswerType.PERSON, (item, reading))
    assert [span.text for span in spans] == ["Owen Marsh"]


def test_one_length_in_two_units_is_one_answer() -> None:
    """What one outlet tells in centimetres agrees with what another tells in metres."""
    told = [("The new weir is 240 cm high.", "240 cm"), ("Builders have made a weir of 2.4 metres.", "2.4 metres")]
    found = spans_of(
        "How high is the weir?",
        AnswerType.NUMBER,
        *((item := evidence(f"w{number}", text), read(item, (span, 2.0))) for number, (text, span) in enumerate(told)),
    )
    assert [len(answer.spans) for answer in answers_of(found)] == [2]
