"""Answers from what was read: the words, and the sentences that carry them."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from index.answer.by_reader import ByReader
from index.answer.draft import MAX_SENTENCES, MAX_WORDS, Draft
from index.read.reader import Reading
from index.text.places import text_at
from index.text.terms import query_terms
from index.understand.conversation import standalone
from index.understand.question import UnderstoodQuestion
from newsdesk.types import Evidence
from tests.index.answer.test_candidates import FIT, evidence, passage, read

LONG = (
    "After three days of talks that had begun in the old customs house and that nobody outside it had been told about, "
    "the board of the port, which had looked at nine candidates from four towns and had rejected all but two of them, "
    "chose Ida Brandt, a pilot for twenty years, as harbour master, and asked her to begin on the first day of May, "
    "when the summer timetable of the ferries starts and the quays are as full as they ever are in any year."
)
PILOT = evidence(
    "pilot",
    "Ida Brandt was a pilot.",
    "The board met on Friday. It chose her as harbour master. Nobody voted against her.",
)


def draft(question: str, *read_: tuple[Evidence, Reading]) -> Draft:
    """What is answered from these passages; all words of the question are as rare."""
    worth = dict.fromkeys(query_terms(question), 1.0)
    asked = UnderstoodQuestion(question, question, standalone(question, ()), worth, None, None, (), date(2017, 3, 1))
    return ByReader(FIT).draft(asked, [passage(*each) for each in read_])


def shown(made: Draft) -> list[str]:
    """The sentences."""
    return [text_at(item, span) for item, span in made.sentences]


def test_the_answer_is_the_words_and_the_sentence_that_holds_them() -> None:
    """Short answer and text belong together."""
    made = draft("Who was a pilot?", (PILOT, read(PILOT, ("Ida Brandt", 5.0))))
    assert made.short_answer == "Ida Brandt"
    assert shown(made) == ["Ida Brandt was a pilot."]


def test_a_sentence_that_begins_with_a_pronoun_brings_the_one_before() -> None:
    """ "It chose her" alone does not say who chose."""
    made = draft("What was she chosen as?", (PILOT, read(PILOT, ("harbour master", 5.0))))
    assert shown(made) == ["The board met on Friday.", "It chose her as harbour master."]


def test_a_quotation_brings_who_said_it() -> None:
    """The sentence before it or after it that names the speaker; a quotation that names him comes alone."""
    item = evidence(
        "vote",
        "Ida Brandt said the vote was close. “It was nine to eight.” The hall was full.",
        "“The pier will stay closed for a month.” Owen Marsh added that nobody was hurt.",
        "“Ships may pass,” said the pilot. Nobody asked him.",
    )
    made = draft("How close was it?", (item, read(item, ("nine to eight", 5.0))))
    assert shown(made) == ["Ida Brandt said the vote was close.", "“It was nine to eight.”"]
    made = draft("How long will it be closed?", (item, read(item, ("a month", 5.0))))
    assert shown(made) == ["“The pier will stay closed for a month.”", "Owen Marsh added that nobody was hurt."]
    made = draft("What may pass?", (item, read(item, ("Ships", 5.0))))
    assert shown(made) == ["“Ships may pass,” said the pilot."]


def test_a_list_in_an_article_is_quoted_with_what_introduces_it() -> None:
    """The introduction brings its items, the first item the whole list, another its introduction; of a list too long for the room, its beginning."""
    item = evidence("works", "It rained. Three things will be repaired:", "- the mill", "- both ferries", "In May.")
    made = draft("What will be repaired?", (item, read(item, ("Three things", 5.0))))
    assert shown(made) == ["Three things will be repaired:", "- the mill", "- both ferries"]
    made = draft("Which ships will be repaired?", (item, read(item, ("both ferries", 5.0))))
    assert shown(made) == ["Three things will be repaired:", "- both ferries"]
    made = draft("What will be repaired?", (item, read(item, ("the mill", 5.0))))
    assert shown(made) == ["Three things will be repaired:", "- the mill", "- both ferries"]
    endless = evidence("ships", "Ships were seen:", *(f"- the {number}th boat" for number in range(100)))
    made = draft("What was seen?", (endless, read(endless, ("Ships", 5.0))))
    assert shown(made)[1:] == [f"- the {number}th boat" for number in range(len(shown(made)) - 1)]
    assert 2 * MAX_WORDS - 4 < sum(len(text.split()) for text in shown(made)) <= 2 * MAX_WORDS


def test_reasons_are_given_in_reading_order() -> None:
    """Several sentences of an article follow each other as they do in it."""
    item = evidence(
        "pier", "The pier closed because its piles had rotted. Divers found the damage in May. Repairs came too late."
    )
    made = draft(
        "Why did the pier close?", (item, read(item, ("Repairs came too late", 5.0), ("its piles had rotted", 4.5)))
    )  # fmt: skip
    assert shown(made) == ["The pier closed because its piles had rotted.", "Repairs came too late."]


def test_a_long_sentence_is_cut_to_the_clauses_around_the_answer() -> None:
    """At most 60 words, the answer among them, to the letter."""
    item = evidence("long", LONG)
    made = draft("Who was chosen as harbour master?", (item, read(item, ("Ida Brandt", 5.0))))
    [text] = shown(made)
    assert "chose Ida Brandt" in text
    assert text in LONG
    assert 20 < len(text.split()) <= MAX_WORDS


def test_reasons_and_statements_have_no_short_answer() -> None:
    """ "Why?" is answered by a sentence, not by a few words out of one."""
    made = draft("Why did the board meet?", (PILOT, read(PILOT, ("chose her as harbour master", 5.0))))
    assert made.short_answer is None
    assert made.sentences


def test_nothing_read_is_no_answer() -> None:
    """Without a span there is no sentence, and no probability."""
    assert draft("Who?", (PILOT, Reading(()))) == Draft((), 0.0)
    assert draft("Who?") == Draft((), 0.0)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from((0, 1)), st.floats(-9, 9), st.sampled_from(LONG.split())), min_size=1, max_size=8
    )
)
def test_answers_are_short_and_sentences_come_once(drawn: list[tuple[int, float, str]]) -> None:
    """Whatever was read: at most three sentences and 60 words, none twice, each in its passage; 0 <= confidence <= 1."""
    items = [
        (item, read(item, (item.text.split()[0] if kind else word, score)))
        for number, (kind, score, word) in enumerate(drawn)
        for item in [evidence(f"a{number}", PILOT.text.split("\n\n")[1] if kind else LONG)]
    ]
    made = draft("Who was chosen?", *items)
    texts = shown(made)
    assert len(texts) <= MAX_SENTENCES
    assert sum(len(text.split()) for text in texts) <= MAX_WORDS
    assert len(set(made.sentences)) == len(made.sentences)
    assert 0 <= made.confidence <= 1


def test_a_further_answer_is_cut_to_the_room_that_is_left() -> None:
    """Three answers in sixty words say more than one long sentence; what is cut ends in no comma."""
    first = evidence(
        "first",
        "Ida Brandt was chosen as harbour master by the board of the port after three days of talks in the customs house.",
    )
    second = evidence("second", LONG)
    made = draft(
        "Who was chosen as harbour master?",
        (first, read(first, ("Ida Brandt", 5.0))), (second, read(second, ("the board of the port", 4.9))),
    )  # fmt: skip
    whole, cut = shown(made)
    assert whole == first.text
    assert LONG.startswith(cut)
    assert cut.endswith("the board of the port")
    assert len(whole.split()) + len(cut.split()) <= MAX_WORDS


def test_a_further_sentence_comes_with_who_he_is_or_not_at_all() -> None:
    """Behind a quote that names somebody else, "he" would be that one."""
    first = evidence("first", "Ida Brandt was chosen. " + LONG.replace("Ida Brandt", "a pilot"))
    hers = evidence(
        "hers",
        "Owen Marsh, who had led the talks since the first day of the strike, spoke at the gate. He was cheered.",
    )
    made = draft("Who was chosen?", (first, read(first, ("Ida Brandt", 5.0))), (hers, read(hers, ("He", 4.9))))
    assert shown(made) == [
        "Ida Brandt was chosen.",
        "Owen Marsh, who had led the talks since the first day of the strike, spoke at the gate.",
        "He was cheered.",
    ]
    long = evidence("long", LONG + " He was cheered.")
    made = draft("Who was chosen?", (first, read(first, ("Ida Brandt", 5.0))), (long, read(long, ("He", 4.9))))
    assert shown(made) == ["Ida Brandt was chosen."]


def test_one_sentence_is_quoted_once() -> None:
    """Two answers in one long sentence are no reason to cut it twice."""
    item = evidence("long", LONG)
    made = draft(
        "Who is it?",
        (item, read(item, ("Ida Brandt", 5.0), ("a pilot", 4.9), ("the board of the port", 4.8))),
    )
    assert len(shown(made)) == 1
