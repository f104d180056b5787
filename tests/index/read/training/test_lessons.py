"""The windows a reader is trained on, made from examples by chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.read.training.examples import Example
from index.read.training.lessons import CROPPED_WORDS, FOUND, REST, TITLED, TURNED, WHOLE, Lesson, lessons
from tests.index.read.training.world import OWN, example

WORDS = "harbour crane Ida Brandt 1962 ships Melen closed was painted twice Monday 14 storm first won".split()


@st.composite
def examples(draw: st.DrawFn) -> list[Example]:
    """Small sets whose contexts are about much the same; some answers stand in them more than once.

    The last word of each question is its own, so that its lessons can be told from its neighbours'.
    """
    made = []
    for number in range(draw(st.integers(1, 6))):
        rng = Random(draw(st.integers(0, 10_000)))
        sentences = [" ".join(rng.choices(WORDS, k=rng.randint(1, 25))) + "." for _ in range(rng.randint(1, 9))]
        context = draw(st.sampled_from([" ", "\n\n", "  "])).join(each[0].upper() + each[1:] for each in sentences)
        asked = " ".join(["Did", *rng.choices(WORDS, k=5), "abcdef"[number]]) + "?"
        answers = set()
        for _ in range(draw(st.integers(0, 3))):
            start = context.index(rng.choice(context.split()))
            answers.add((context[start:].split()[0].rstrip("."), start))
        made.append(
            Example(str(number), draw(st.sampled_from(["", "Trams_of_Orrin", "tweet"])), context, asked, tuple(answers))
        )
    return made


def groups(made: Sequence[Lesson], asked: Sequence[Example]) -> Iterator[tuple[Example, Lesson, list[Lesson]]]:
    """Each example, the lesson that is itself, and those without an answer that were added to it."""
    left = list(made)
    for place, each in enumerate(asked):
        own, added = left.pop(0), []
        while left and each.answers and left[0].answer is None and not _is_own(left[0], asked[place + 1 :]):
            added.append(left.pop(0))
        yield each, own, added
    assert not left


def _is_own(lesson: Lesson, later: Sequence[Example]) -> bool:
    """Whether a lesson without an answer is the next example itself."""
    return bool(later) and not later[0].answers and lesson.window.question == later[0].question


@settings(max_examples=60)
@given(examples(), st.integers(0, 9))
def test_a_lesson_holds_its_answer_where_it_says(made: list[Example], seed: int) -> None:
    """However the context is cropped, the answer is one of the example's, whole, at the place that is taught."""
    taught = [(each, own) for each, own, _ in groups(lessons(made, seed), made)]
    for each, lesson in taught:
        assert lesson.window.question == each.question
        assert lesson.window.text in each.context
        assert (lesson.answer is not None) == bool(each.answers)
        if lesson.answer:
            start, end = lesson.answer
            assert lesson.window.text[start:end] in [text for text, _ in each.answers]
            assert 0 <= start < end <= len(lesson.window.text)


@settings(max_examples=60)
@given(examples(), st.integers(0, 9))
def test_what_is_said_not_to_answer_does_not(made: list[Example], seed: int) -> None:
    """A text added to a question as one without its answer holds none of its answers, in whatever case.

    Where the question itself was turned into another, the text is the example's own.
    """
    for each, _, added in groups(lessons(made, seed), made):
        assert len(added) <= 3
        for lesson in added:
            if lesson.window.question == each.question:
                text = lesson.window.text.casefold()
                assert not any(answer.casefold() in text for answer, _ in each.answers)
            else:
                assert lesson.window.text in each.context


def test_a_near_miss_keeps_what_makes_it_one() -> None:
    """However it is cropped, the tempting span is in the text; or else the sentence that is likest the question."""
    context = MANY[0].context + " At last the crane fell into the water. " + MANY[0].context
    start = context.index("fell")
    near_misses = [
        Example("known", "", context, "Who won?", (), ("fell", start)),
        Example("unknown", "", context, "When did the crane sink into the water?", ()),
    ]
    for seed in range(20):
        known, unknown = lessons(near_misses, seed)
        assert known.tempting is not None
        assert known.answer is unknown.answer is unknown.tempting is None
        assert known.window.text[slice(*known.tempting)] == "fell"
        assert "crane fell into the water" in unknown.window.text


@settings(max_examples=20)
@given(examples(), st.integers(0, 9))
def test_equal_seeds_give_equal_lessons(made: list[Example], seed: int) -> None:
    """A training can be repeated, and one that was killed goes on with the same lessons."""
    assert lessons(made, seed) == lessons(made, seed)


def test_another_seed_gives_others() -> None:
    """A second pass over the same examples shows other crops and other near misses."""
    passes = [lessons(OWN, seed) for seed in range(10)]
    assert all(one != other for place, one in enumerate(passes) for other in passes[:place])


# Every answerable one has its like in another context, a long rest, and a name, a number and an opposite to turn.
MANY = [
    example(
        str(number),
        " ".join(
            [
                f"Ida Brandt of pier {number} won the race of 1962 in {number + 2000} seconds and got a red cup.",
                *(
                    f"Line {line} of the tram {number} to Old Market near Paul Wiegand was closed, they say."
                    for line in range(9)
                ),
            ]
        ),
        f"How long was the first race of 1962 for Ida Brandt of pier {number}?",
        f"{number + 2000} seconds",
        title=f"Races_of_{number}",
    )
    for number in range(300)
] + [example(f"other {number}", f"The race of 1962 was a long one, pier {number}.", "Is it?") for number in range(9)]


@pytest.fixture(scope="module")
def many() -> list[tuple[Example, Lesson, list[Lesson]]]:
    """The lessons of MANY, by example; only those with an answer."""
    return [group for group in groups(lessons(MANY, 1), MANY) if group[0].answers]


def share(found: Sequence[bool]) -> float:
    """How many of them."""
    return sum(found) / len(found)


def test_of_each_kind_there_is_the_share_that_is_promised(many: list[tuple[Example, Lesson, list[Lesson]]]) -> None:
    """Found texts, the rest of the own context and turned questions come as often as the constants say."""

    def kind(each: Example, lesson: Lesson) -> str:
        if lesson.window.question != each.question:
            return "turned"
        return "rest" if lesson.window.text in each.context else "found"

    kinds = [[kind(each, lesson) for lesson in added] for each, _, added in many]
    for name, wanted in (("found", FOUND), ("rest", REST), ("turned", TURNED)):
        assert all(found.count(name) <= 1 for found in kinds)
        assert share([name in found for found in kinds]) == pytest.approx(wanted, abs=0.07)


def test_some_stay_whole_and_others_are_cropped_to_passages(many: list[tuple[Example, Lesson, list[Lesson]]]) -> None:
    """Cropped ones have about as many words as was drawn, in whole sentences."""
    cropped = [own.window.text for each, own, _ in many if own.window.text != each.context]
    assert 1 - len(cropped) / len(many) == pytest.approx(WHOLE, abs=0.1)
    words = [len(text.split()) for text in cropped]
    assert max(words) <= CROPPED_WORDS[1] + 20  # the last sentence may go beyond
    assert min(words) >= CROPPED_WORDS[0]
    assert all(text.startswith("Ida") and text.endswith((".", "say.")) for text in cropped)


def test_some_windows_have_their_title(many: list[tuple[Example, Lesson, list[Lesson]]]) -> None:
    """About half, and as people write it."""
    headers = [own.window.header for _, own, _ in many]
    assert share([bool(header) for header in headers]) == pytest.approx(TITLED, abs=0.1)
    assert {header for header in headers if header} <= {f"Races of {number}" for number in range(300)}


@pytest.mark.parametrize("title", ["tweet", "Filtered_Reddit_12", "Amazon_Reviews_3", "Wiki1k:4", ""])
def test_what_is_no_title_is_not_shown(title: str) -> None:
    """Some sets number their texts where others have titles."""
    made = [Example(each.id, title, each.context, each.question, each.answers) for each in OWN]
    assert {lesson.window.header for seed in range(5) for lesson in lessons(made, seed)} == {""}


def test_a_turned_question_asks_something_else(many: list[tuple[Example, Lesson, list[Lesson]]]) -> None:
    """A name, a number or a word is another one, or there is a "not"; the rest of the question stays."""
    turned = [
        (each, lesson.window.question)
        for each, _, added in many
        for lesson in added
        if lesson.window.question != each.question
    ]
    changes = set()
    for each, question in turned:
        old, new = each.question.split(), question.split()
        changes.update(set(new) - set(old))
        assert len(set(old) & set(new)) >= len(old) - 4, question
        assert question[-1] == "?"
    assert {"last", "not"} <= changes
    assert {"Wiegand", "Paul"} & changes
    assert any(change.rstrip("?").isdecimal() for change in changes)


def test_the_answer_that_most_people_gave_is_taught() -> None:
    """Where several people answered, the commonest answer counts; of equal ones the first."""
    context = "The crane of Melen was closed by Ida Brandt on Monday."
    made = example("1", context, "Who closed it?", "Brandt", "Ida Brandt", "Ida Brandt", "Monday")
    for seed in range(5):
        answer = lessons([made], seed)[0].answer
        assert answer is not None
        start, end = answer
        assert lessons([made], seed)[0].window.text[start:end] == "Ida Brandt"


def test_an_answer_over_two_sentences_stays_whole() -> None:
    """Cropping keeps all sentences that it reaches into."""
    filler = "The tram goes to the market and back again every hour of the day. " * 9
    context = f"{filler}It was Ida. Brandt was away. {filler}"
    made = example("1", context, "Who?", "Ida. Brandt was")
    for seed in range(20):
        lesson = lessons([made], seed)[0]
        assert lesson.answer is not None
        assert lesson.window.text[slice(*lesson.answer)] == "Ida. Brandt was"


def test_a_question_about_nothing_is_no_obstacle() -> None:
    """Questions without a word to search for, and contexts alone in their set, give what can be made."""
    made = [example("1", "Ida won.", "???", "Ida")]
    assert [lesson.window.text for seed in range(20) for lesson in lessons(made, seed)] == ["Ida won."] * 20
    assert lessons([], 0) == []
