"""The query engine on the sample archive: what every answer promises."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.archive import Archive
from index.engine import THRESHOLDS
from newsdesk.errors import QuestionError
from newsdesk.settings import Settings
from newsdesk.types import CANNOT_ANSWER, MAX_QUESTION, Answer, Article, Filters, Question, Span, Turn
from newsdesk.wording.links import article_link
from tests.support import SAMPLE, article, day, one_each

STRIKE = "Who conducted the joint strike on al-Bab?"
LINES = (SAMPLE / "questions.jsonl").read_text().splitlines()
ASKED: list[dict[str, Any]] = [json.loads(line) for line in LINES]


def question_of(asked: dict[str, Any]) -> Question:
    """A question of the sample."""
    history = tuple(Turn(turn["question"], turn["answer"]) for turn in asked.get("history", ()))
    return Question(asked["question"], history, as_of=day(asked["as_of"]) if asked.get("as_of") else None)


@pytest.fixture(scope="module")
def answers(sample_archive: Archive) -> list[Answer]:
    """Of all questions of the sample."""
    return [sample_archive.engine.ask(question_of(asked)) for asked in ASKED]


def assert_sound(archive: Archive, answer: Answer, asked: Question) -> None:
    """What holds for every answer, whatever was asked."""
    for citation in answer.citations:
        paragraph = archive.catalogue.article(citation.article_id).paragraphs[citation.paragraph]
        assert citation.quote == paragraph[citation.start : citation.end] != ""
        assert any(
            citation.article_id == found.article_id
            and any(
                part.paragraph == citation.paragraph and part.start <= citation.start and citation.end <= part.end
                for part in found.spans
            )
            for found in answer.evidence
        ), "what is cited is among the evidence shown"
        assert citation.permalink == article_link(
            citation.article_id, mark=Span(citation.paragraph, citation.start, citation.end)
        )
    assert [citation.marker for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert answer.answerable == bool(answer.citations)
    if answer.answerable:
        assert answer.text == " ".join(f"{citation.shown} [{citation.marker}]" for citation in answer.citations)
    else:
        assert answer.text == CANNOT_ANSWER
    assert 0 <= answer.confidence <= 1
    assert answer.question == asked.text
    assert len(answer.evidence) <= max(asked.top_k, len(answer.citations))
    texts = [" ".join(found.text.split()).casefold() for found in answer.evidence]
    assert len(texts) == len(set(texts)), "identical texts are shown once"
    assert set(answer.timings_ms) == {"retrieve", "read", "total"}


# ---------------------------------------------------------------------------- answers


def test_every_answer_to_the_sample_is_sound(sample_archive: Archive, answers: list[Answer]) -> None:
    """All 120: quotes to the letter, numbered, among the evidence, or the one sentence that says there is none."""
    assert len(answers) == 120
    for asked, answer in zip(ASKED, answers, strict=True):
        assert_sound(sample_archive, answer, question_of(asked))


def test_the_questions_about_al_bab_are_answered_from_the_right_articles(answers: list[Answer]) -> None:
    """The first thing a newcomer asks is answered, with a quotation from an article that says so."""
    for asked, answer in list(zip(ASKED, answers, strict=True))[:4]:
        gold = {evidence["article_id"] for evidence in asked["evidence"]}
        assert answer.answerable, asked["question"]
        assert any(citation.article_id in gold for citation in answer.citations), asked["question"]
    assert "Russia" in answers[0].text
    assert "Turk" in answers[0].text
    assert "eight Turkish" in answers[1].text


def test_a_refusal_still_shows_the_nearest_articles(answers: list[Answer]) -> None:
    """No evidence, no answer; but the reader sees where to look."""
    refused = [answer for answer in answers if not answer.answerable]
    assert refused
    assert all(answer.evidence and not answer.citations for answer in refused)


def test_the_same_question_gets_the_same_answer(sample_archive: Archive, answers: list[Answer]) -> None:
    """An answer does not depend on chance, nor on what was asked before."""
    again = sample_archive.engine.ask(question_of(ASKED[0]))
    assert (again.text, again.citations, again.confidence) == (
        answers[0].text,
        answers[0].citations,
        answers[0].confidence,
    )
    assert [found.passage_id for found in again.evidence] == [found.passage_id for found in answers[0].evidence]


def test_syndicated_copies_are_named_beside_the_citation(sample_archive: Archive) -> None:
    """The same paragraph elsewhere is no second proof, but the reader is told where else it stands."""
    for answer in (sample_archive.engine.ask(Question(STRIKE, top_k=50)),):
        for citation in answer.citations:
            copies = sample_archive.catalogue.copies(citation.article_id, citation.paragraph)
            assert list(citation.also_in) == copies


def test_more_caution_answers_less(sample_archive: Archive) -> None:
    """What is answered with high caution is answered with low caution too, with the same words."""
    assert THRESHOLDS["low"] < THRESHOLDS["normal"] < THRESHOLDS["high"]
    for asked in ASKED[:20:4]:
        high, low = (
            sample_archive.engine.ask(Question(asked["question"], caution=caution)) for caution in ("high", "low")
        )
        assert low.answerable or not high.answerable
        if high.answerable:
            assert high.text == low.text


def test_the_number_of_passages_is_the_askers(sample_archive: Archive) -> None:
    """`top_k` of them, best first."""
    many = sample_archive.engine.ask(Question(STRIKE, top_k=20)).evidence
    assert len(many) == 20
    assert len(sample_archive.engine.ask(Question(STRIKE, top_k=3)).evidence) == 3


# ---------------------------------------------------------------------------- filters

WINDOWS = [
    Filters(published_from=day("2017-01-19")),
    Filters(published_to=day("2017-01-18")),
    Filters(published_from=day("2017-01-19"), published_to=day("2017-01-20")),
    Filters(sources=("Harbour Courier",)),
    Filters(sources=("Harbour Courier", "Skarholm Post"), published_from=day("2017-01-18")),
    Filters(sources=("Nobody",)),
]


@pytest.mark.parametrize("filters", WINDOWS, ids=str)
def test_filters_hold_for_all_evidence(sample_archive: Archive, filters: Filters) -> None:
    """Nothing from outside the days or outlets asked for is shown, let alone cited."""
    asked = Question(STRIKE, filters=filters, top_k=50)
    answer = sample_archive.engine.ask(asked)
    assert_sound(sample_archive, answer, asked)
    for found in answer.evidence:
        assert not filters.sources or found.source in filters.sources
        if filters.published_from or filters.published_to:
            assert found.published is not None
        if found.published is not None:
            assert found.published >= (filters.published_from or found.published)
            assert found.published <= (filters.published_to or found.published)
    _, allowed = sample_archive.catalogue.articles(filters, 1_000, 0)
    assert bool(answer.evidence) == bool(allowed)


def test_nothing_after_as_of_is_used(sample_archive: Archive) -> None:
    """Asked as of a day, the archive knows no later news; the last day counts whole."""
    for as_of in (day("2017-01-10"), day("2017-01-18")):
        asked = Question(STRIKE, as_of=as_of, top_k=50)
        answer = sample_archive.engine.ask(asked)
        assert_sound(sample_archive, answer, asked)
        assert answer.evidence
        assert all(found.published is None or found.published <= as_of for found in answer.evidence)
    assert day("2017-01-18") in {found.published for found in answer.evidence}


# ---------------------------------------------------------------------------- a changing archive


def test_a_removed_article_is_gone_from_the_next_answer(own: Archive) -> None:
    """At once, without waiting for the views."""
    for question in (asked["question"] for asked in ASKED[:3]):
        answer = own.engine.ask(Question(question, caution="low", top_k=50))
        cited = [citation.article_id for citation in answer.citations]
        assert cited
        own.catalogue.remove(cited[:1])
        after = own.engine.ask(Question(question, caution="low", top_k=50))
        assert cited[0] not in {found.article_id for found in after.evidence}
        assert cited[0] not in {citation.article_id for citation in after.citations}
        assert all(cited[0] not in {copy.article_id for copy in found.also_in} for found in after.citations)


def test_a_changed_article_is_never_quoted_as_it_was(own: Archive) -> None:
    """Before any view has caught up: what is quoted is in the catalogue now."""
    answer = own.engine.ask(Question(STRIKE, caution="low"))
    cited = own.catalogue.article(answer.citations[0].article_id)
    corrected = tuple(f"Corrected: {paragraph}" for paragraph in cited.paragraphs)
    own.catalogue.put([Article(cited.id, cited.title, corrected, sample=True)], one_each)
    asked = Question(STRIKE, caution="low")
    assert_sound(own, own.engine.ask(asked), asked)


def test_without_vectors_it_answers_by_keyword_and_says_so(own: Archive) -> None:
    """An archive can be asked from its first seconds."""
    asked = Question(STRIKE)
    answer = own.engine.ask(asked)
    assert_sound(own, answer, asked)
    assert "Russia" in answer.text
    assert [note.kind for note in answer.notes] == ["keyword_only"]
    assert "is still being loaded" in answer.notes[0].text, "all the vectors are there"

    own.catalogue.put([article("late", "A ferry came late to Vardo.", sample=True)], one_each)
    passages = own.catalogue.counts().passages
    [note] = own.engine.ask(asked).notes
    assert f"{passages - 1} of {passages} passages have their vectors so far" in note.text


@pytest.mark.parametrize("reader", ["none", "missing/folder"])
def test_without_a_reader_it_answers_by_words_and_says_so(sample_data: Path, reader: str) -> None:
    """Switched off, or its weights gone: sentences of the archive still answer, with a note and without a short answer."""
    archive = Archive(Settings(data=sample_data, reader=reader), create=False)
    archive.load()
    asked = Question(STRIKE)
    answer = archive.engine.ask(asked)
    archive.close()
    assert_sound(archive, answer, asked)
    assert answer.answerable
    assert answer.short_answer is None
    assert [note.kind for note in answer.notes] == ["no_reader"]


def test_the_short_answer_stands_in_the_text(answers: list[Answer]) -> None:
    """What is said in a few words is quoted with its sentence; a refusal says nothing."""
    short = [answer for answer in answers if answer.short_answer is not None]
    assert len(short) > 40
    for answer in short:
        assert answer.answerable
        assert any(str(answer.short_answer) in citation.quote for citation in answer.citations)


def test_the_joint_strike_has_its_date(sample_archive: Archive) -> None:
    """ "Wednesday" stays what the archive says; beside it stands which Wednesday, counted from the article cited."""
    answer = sample_archive.engine.ask(Question("When was the joint strike?"))
    assert answer.short_answer == "Wednesday"
    assert answer.when is not None
    assert answer.when.start == answer.when.end == day("2017-01-18")


def test_a_day_is_told_beside_the_quotation_that_holds_it(answers: list[Answer]) -> None:
    """Of the whole sample: only with a short answer whose days are in order, and never with a refusal."""
    told = [answer for answer in answers if answer.when is not None]
    assert len(told) >= 5
    for answer in told:
        assert answer.when is not None
        assert answer.answerable
        assert answer.when.start <= answer.when.end
        assert any(str(answer.short_answer) in citation.quote for citation in answer.citations)
    refused = [answer for answer in answers if not answer.answerable]
    assert all(answer.when is None for answer in refused)


@pytest.mark.parametrize(
    ("published", "expected"), [(day("2023-05-06"), day("2023-05-06")), (day("2023-05-09"), day("2023-05-06")), (None, None)]
)  # fmt: skip
def test_a_weekday_is_counted_from_its_article(own: Archive, published: date | None, expected: date | None) -> None:
    """In an article of that Saturday, in one of the Tuesday after it, and in an undated one, where it is left alone."""
    text = "King Aldric of Vessland was crowned on Saturday in the old cathedral of Brannock."
    own.catalogue.put([article("crown", text, sample=True, published=published)], one_each)
    own.keyword.catch_up()
    own.load()
    answer = own.engine.ask(Question("When was King Aldric of Vessland crowned?"))
    assert answer.short_answer is not None
    assert "Saturday" in answer.short_answer
    assert (answer.when.start if answer.when else None) == expected


def test_outlets_that_mean_the_same_day_do_not_differ(own: Archive) -> None:
    """ "Wednesday", "18 January" and "yesterday" of the day after are one day, and no note says otherwise."""
    told = {
        "first": ("The Vardo lighthouse was lit again on Wednesday after a winter of repairs.", day("2017-01-18")),
        "second": ("Vardo's lighthouse, dark all winter, was lit again on 18 January, its keeper said.", day("2017-01-20")),
        "third": ("The lighthouse at Vardo was lit again yesterday and can be seen for miles.", day("2017-01-19")),
    }  # fmt: skip
    stories = [article(id_, text, sample=True, source=id_, published=at) for id_, (text, at) in told.items()]
    own.catalogue.put(stories, one_each)
    own.keyword.catch_up()
    own.load()
    answer = own.engine.ask(Question("When was the Vardo lighthouse lit again?"))
    assert answer.when is not None
    assert answer.when.start == day("2017-01-18")
    assert not [note for note in answer.notes if note.kind in ("disagree", "changed")]


def test_identical_stories_are_shown_once(own: Archive) -> None:
    """An outlet that prints another's story adds a copy to the citation, not a second passage."""
    text = "The lighthouse at Vardo was painted green by volunteers on Sunday."
    own.catalogue.put([article(id_, text, sample=True, source=id_) for id_ in ("first", "second", "third")], one_each)
    own.keyword.catch_up()
    answer = own.engine.ask(Question("Who painted the lighthouse at Vardo green?", caution="low", top_k=50))
    assert [found.text for found in answer.evidence].count(text) == 1
    [citation] = [citation for citation in answer.citations if citation.quote == text]
    assert {citation.article_id, *(copy.article_id for copy in citation.also_in)} == {"first", "second", "third"}


def test_an_empty_archive_does_not_say(tmp_path: Path) -> None:
    """And does not fail."""
    archive = Archive(Settings(data=tmp_path))
    archive.load()
    asked = Question(STRIKE)
    answer = archive.engine.ask(asked)
    assert_sound(archive, answer, asked)
    assert not answer.answerable
    assert answer.evidence == ()
    archive.close()


# ---------------------------------------------------------------------------- asking


@pytest.mark.parametrize("text", ["", "   \n", "x" * (MAX_QUESTION + 1)])
def test_what_cannot_be_asked_is_refused(sample_archive: Archive, text: str) -> None:
    """An empty question, or a document in place of one, with what to do instead."""
    with pytest.raises(QuestionError):
        sample_archive.engine.ask(Question(text))
    with pytest.raises(QuestionError):
        sample_archive.engine.search(text, Filters(), 10)


@pytest.mark.parametrize(
    "text", ["?", "the", "x" * MAX_QUESTION, "“”()[]{}\"'\\", "al-Bab\x00", "Кто бомбил Аль-Баб?", "🛩", "[1] [2]"]
)
def test_anything_else_can_be_asked(sample_archive: Archive, text: str) -> None:
    """It is answered or refused, never an error."""
    assert_sound(sample_archive, sample_archive.engine.ask(Question(text)), Question(text))


def test_a_follow_up_is_understood_from_the_conversation(sample_archive: Archive) -> None:
    """ "How many jets did they use?" is searched with what "they" did."""
    asked = Question("How many jets did they use?", (Turn(STRIKE, "The Russian and Turkish air forces."),))
    answer = sample_archive.engine.ask(asked)
    assert "al-Bab" in answer.standalone_question
    assert any(word in answer.text.lower() for word in ("seventeen", "17", "nine"))


def test_asking_for_an_llm_without_one_is_noted(sample_archive: Archive) -> None:
    """The archive's own sentences answer instead."""
    answer = sample_archive.engine.ask(Question(STRIKE, mode="llm"))
    assert answer.mode == "extractive"
    assert "no_llm" in [note.kind for note in answer.notes]


def test_searching_gives_pages_that_fit_together(sample_archive: Archive) -> None:
    """Best first, without gaps or repetitions; the total does not change from page to page."""
    total, whole = sample_archive.engine.search("al-Bab jets", Filters(), 20)
    assert total >= len(whole) == 20
    pages = [sample_archive.engine.search("al-Bab jets", Filters(), 5, offset) for offset in (0, 5, 10, 15)]
    assert {page_total for page_total, _ in pages} == {total}
    assert [found.passage_id for _, page in pages for found in page] == [found.passage_id for found in whole]
    assert sample_archive.engine.search("al-Bab jets", Filters(), 5, 10_000)[1] == []


def test_many_searches_at_once_find_what_each_finds_alone(own: Archive) -> None:
    """Each its own, and no more of them run at once than there are cores."""
    own.catalogue.put(
        [article(f"t{number}", f"Tram number {number} left the depot.") for number in range(40)], one_each
    )
    own.keyword.catch_up()
    texts = [f"tram number {number}" for number in range(40)]
    before = set(threading.enumerate())

    def found(text: str) -> list[str]:
        return [evidence.passage_id for evidence in own.engine.search(text, Filters(), 5)[1]]

    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(found, texts))
        searching = [each for each in set(threading.enumerate()) - before if each.name.startswith("search_")]
    assert 1 <= len(searching) <= (os.cpu_count() or 1)
    assert together == list(map(found, texts))
    assert len({each[0] for each in together}) == len(texts)


def test_far_pages_have_the_total_of_the_first(own: Archive) -> None:
    """However many passages there are, a later page does not change how many are said to be there."""
    own.catalogue.put(
        [article(f"t{number}", f"Tram number {number} left the depot.") for number in range(250)], one_each
    )
    own.keyword.catch_up()
    pages = [own.engine.search("tram depot", Filters(), 10, offset) for offset in range(0, 260, 50)]
    assert len({total for total, _ in pages}) == 1
    found = [passage.passage_id for _, page in pages for passage in page]
    assert len(set(found)) == len(found)


def test_the_parts_of_a_stream_make_up_the_answer(sample_archive: Archive) -> None:
    """Each part ends with its marker, and the whole answer comes last, as `ask` gives it."""
    for asked in (Question(STRIKE), Question("Who won the 2018 World Cup?")):
        *parts, last = sample_archive.engine.stream(asked)
        assert isinstance(last, Answer)
        assert "".join(map(str, parts)) == last.text == sample_archive.engine.ask(asked).text
        assert len(parts) == max(1, len(last.citations))


def test_a_printed_marker_divides_no_quotation(own: Archive) -> None:
    """What looks like a marker inside a quote stays with it: a part of the stream is always a whole cited sentence."""
    own.catalogue.put([article("print", "The ferry [1] left Quillan at dawn [2] with sheep.", sample=True)], one_each)
    own.keyword.catch_up()
    *parts, last = own.engine.stream(Question("What left Quillan at dawn?", caution="low"))
    assert isinstance(last, Answer)
    assert [str(part).strip() for part in parts] == [f"{each.shown} [{each.marker}]" for each in last.citations]
    assert any(citation.article_id == "print" for citation in last.citations)


def test_something_new_in_a_conversation_is_asked_alone(sample_archive: Archive) -> None:
    """A short question without a name may lean on the one before; when nothing there is about it, it is asked by itself."""
    history = (Turn("Who was elected mayor of Hallowbay?", "José Ferreira-Lund."),)
    given = sample_archive.engine.ask(Question("When was the joint strike?", history))
    assert (given.standalone_question, given.short_answer) == ("When was the joint strike?", "Wednesday")


def test_a_follow_up_stays_one(sample_archive: Archive) -> None:
    """What is answered by what was talked about is not asked of the whole archive."""
    history = (Turn("Who was the girl pulled out alive in Lower Tarrick?", "Mira Solano."),)
    given = sample_archive.engine.ask(Question("How long was she under the rubble?", history))
    assert given.short_answer == "31 hours"
