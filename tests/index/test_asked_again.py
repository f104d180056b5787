"""Questions that are asked again, and by many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from index.archive import Archive
from index.engine import KEPT
from ingest.passages import split_passages
from newsdesk.types import Answer, Question
from tests.support import article

QUESTIONS = [
    Question("Who is the new harbour master?"),
    Question("How many people marched in Hallowby?"),
    Question("When will the dredging begin?"),
    Question("Who conducted the joint strike on al-Bab?"),
]


def without_times(answer: Answer) -> Answer:
    """All that is said of an answer but how long it took."""
    return replace(answer, timings_ms={})


def test_answers_of_many_at_once_are_not_mixed_up(own: Archive) -> None:
    """Eight clients who ask the same and other questions at the same time each get what they would get alone."""
    alone = {question: without_times(own.engine.ask(question)) for question in QUESTIONS}
    fresh = own.engine_with(own.reader)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(fresh.ask, QUESTIONS * 6))
    assert [without_times(answer) for answer in together] == [alone[question] for question in QUESTIONS * 6]


def test_a_question_asked_again_is_not_read_again(own: Archive) -> None:
    """The second answer is the first, and says that it took no reading."""
    first, again = own.engine.ask(QUESTIONS[0]), own.engine.ask(QUESTIONS[0])
    assert without_times(first) == without_times(again)
    assert first.timings_ms["read"] > again.timings_ms["read"] == 0


def test_what_differs_in_anything_is_another_question(own: Archive) -> None:
    """Another caution, number of passages or day is asked anew."""
    question = QUESTIONS[0]
    own.engine.ask(question)
    for other in (replace(question, top_k=2), replace(question, caution="high"), replace(question, text="Who swims?")):
        assert own.engine.ask(other).timings_ms["read"] > 0
    assert len(own.engine.ask(replace(question, top_k=2)).evidence) == 2


def test_a_new_article_is_in_the_next_answer(own: Archive) -> None:
    """Nothing old is told once the archive has changed: an article that comes is found, one that goes is gone."""
    question = Question("What did the lamplighters of Quenby paint green?")
    assert not own.engine.ask(question).answerable
    text = "The lamplighters of Quenby painted the clock tower green on Friday night."
    own.catalogue.put([article("quenby", text)], split_passages)
    own.engine.catch_up()
    found = own.engine.ask(question)
    assert found.citations[0].article_id == "quenby"
    own.catalogue.remove(["quenby"], split_passages)
    assert not any(cited.article_id == "quenby" for cited in own.engine.ask(question).citations)


def test_what_is_remembered_is_bounded(own: Archive) -> None:
    """However much is asked, only so many answers are kept."""
    for number in range(KEPT + 5):
        own.engine.ask(Question(f"zxqv{number}"))
    assert len(own.engine._kept) == KEPT
