"""The query engine: one question in, one checked answer out. Read `ask` from top to bottom."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Generator, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from index.answer.by_list import ByList
from index.answer.by_reader import ByReader
from index.answer.by_words import ByWords
from index.answer.citations import changed_later, cite
from index.answer.draft import Answerer, Draft, Part
from index.answer.kinds.about_article import ABOUT_ARTICLE, tells_of_articles
from index.answer.kinds.by_quotation import ByQuotation
from index.answer.kinds.compared import compared
from index.answer.kinds.days_told import OF_ANOTHER_DAY, days_told, is_of_another_day
from index.answer.kinds.joined import in_parts
from index.answer.kinds.namesakes import draft_of_both, namesakes_of
from index.answer.kinds.narrowed import narrowings
from index.answer.when import when_of
from index.find.dense import DenseSearch, State
from index.find.keyword import KeywordIndex
from index.find.retriever import CANDIDATES, HybridRetriever
from index.find.worded import find_worded, phrases_in
from index.kept import Kept
from index.order.best_first import HOPED, read_best_first
from index.order.by_reading import DEPTH, LEAST, by_reading, read_and_order
from index.order.features import DEPTH as ORDERED
from index.order.features import FEATURES, FeatureWeights, by_features
from index.order.holding import that_hold
from index.order.near_days import near_days_first
from index.order.spread import copies_last, few_per_article, one_per_text, spread
from index.passage import FoundPassage, PassageTerms, found_passage
from index.read.judge import Judge
from index.read.reader import Reader
from index.text.terms import query_terms
from index.understand.comparison import comparison_of
from index.understand.conversation import Standalone, leans, may_be_new, standalone
from index.understand.days.window import TimeWindow
from index.understand.list_form import SurveyKind
from index.understand.parts import filled, parts_of
from index.understand.question import Understanding, UnderstoodQuestion, check, check_searched, within
from index.understand.spelling import Names
from index.understand.worth import coverage
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.counts.coverage import CoverageCounts
from newsdesk.catalogue.vectors import Progress
from newsdesk.types import (
    CANNOT_ANSWER,
    Answer,
    Caution,
    Citation,
    Drafted,
    Evidence,
    Filters,
    Note,
    Question,
    Removed,
    Turn,
    When,
)
from newsdesk.wording.dateline import dateline, in_words

if TYPE_CHECKING:
    from index.answer.by_llm import ByLLM
    from index.llm.follow_up import Rewriter

THRESHOLDS: dict[Caution, float] = {"low": 0.25, "normal": 0.4, "high": 0.55}
"""An answer is shown when its probability of being right is at least this.

Of the questions that the weights were learnt from: at 0.4, 62 % of the sample's unanswerable ones and 12 % of the archive's near
misses are refused, and 8, 7, 5 and 1 % of the answerable ones (sample, two quizzes, archive); at 0.55, 79, 36, and 29, 17, 22, 10 %."""

UNKNOWN_NAME = 0.5
"""The probability of an answer is halved when a name of the question stands nowhere in the archive. In the sample, seven
unanswerable questions hold such a name, and no question that it answers does."""
LISTED = 100
"""Passages that a list is made of, at most."""
ALONE = 4
"""Passages of a single article that are read for a saved question, those that hold most of it."""
KEPT, KEPT_SECONDS = 128, 60.0
"""Answers that are remembered, some 30 kB each, with an LLM 250, and for how long."""
SEARCHED = 200
"""Passages that a search looks at in each index, whichever of its pages is asked for, so that pages fit together."""

LOOKED_UP = 48
"""Of these the first page of a search is nearly always made; the others need not be looked up. They are enough for 471 of 482
questions of the quiz and of the newsdesk archive; 64 for all, but each costs."""


@dataclass(frozen=True, slots=True)
class HowToOrder:
    """How passages are ordered and how many are read; the defaults are what users get (tests/ablation.py varies them)."""

    features: FeatureWeights = FEATURES
    depth: int = DEPTH
    least: float = LEAST
    hoped: float = HOPED
    without: Collection[Part] = ()
    """Parts that are left out, to measure what each is worth."""


@dataclass(frozen=True, slots=True)
class _Extracted:
    """An answer in the archive's own sentences, and what it was made of."""

    answer: Answer
    asked: UnderstoodQuestion
    passages: list[FoundPassage]


class Engine:
    """Answers questions from one archive. Safe to use from many threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        keyword: KeywordIndex,
        dense: DenseSearch,
        aliases: Sequence[Names] = (),
        reader: Reader | None = None,
        how: HowToOrder | None = None,
        judge: Judge | None = None,
        by_llm: ByLLM | None = None,
        rewriter: Rewriter | None = None,
    ) -> None:
        """Without a `reader`, answers are chosen by words alone, and say so. `aliases` are other spellings of names.

        The `judge` of support tells what contradicts an answer; without it a correction printed apart may be missed.
        With `by_llm`, what can be answered is put into an LLM's words; with `rewriter`, an LLM writes out follow-ups.
        """
        self.catalogue = catalogue
        self._keyword = keyword
        self._coverage = CoverageCounts(catalogue)
        self._dense = dense
        self._reader = reader
        self._by_llm = by_llm
        self._rewriter = rewriter
        self._how = how or HowToOrder()
        self._understanding = Understanding(
            catalogue, keyword, dense, () if "other spellings" in self._how.without else aliases
        )
        self._retriever = HybridRetriever(catalogue, keyword, dense)
        self._by_list = ByList(self._understanding.respelt)
        self._by_reader = ByReader(reader.fit, self._how.without, judge) if reader else None
        self._by_facts: Answerer = self._by_reader or ByWords(dense)
        self._by_quotation = ByQuotation(self._by_facts)
        self._kept = Kept[tuple[Hashable, ...], _Extracted](KEPT, KEPT_SECONDS)
        # More searches than cores only wait for each other's Python (docs/why.md); who asks other machines waits for those.
        here = isinstance(catalogue.at, Path) and not dense.asks_servers
        self._in_line = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="search") if here else None

    def ask(self, question: Question) -> Answer:
        """The answer to a question, or to all that it asks, its citations checked. Raises QuestionError."""
        *_, answer = self.stream(question)
        assert isinstance(answer, Answer), "the answer comes last"
        return answer

    def _put_together(self, question: Question) -> Answer | None:
        """The answer to a question that asks several things, or compares two; None when it asks one thing."""
        parts = parts_of(question.text)
        if len(parts) > 1:
            if question.written_out:
                question = replace(question, history=(), written_out=False)
            return in_parts(question, self._answers(question, parts))
        comparison = comparison_of(question.text)
        if comparison is not None:
            return compared(question, comparison, lambda text: self._extracted(replace(question, text=text)).answer)
        return None

    def _answers(self, question: Question, parts: Sequence[str]) -> list[Answer]:
        """The answers to the parts of a question, each asked as what follows the ones before it."""
        answers: list[Answer] = []
        for part in parts:
            before = tuple(Turn(answer.question, answer.text) for answer in answers)
            text = filled(part, parts[0], answers[0].short_answer) if answers else part
            answer = self._extracted(replace(question, text=text, history=(*question.history, *before))).answer
            answers.append(replace(answer, question=part))
        return answers

    def _extracted(self, question: Question) -> _Extracted:
        """The answer to a question that asks one thing; made once when it is asked again, or by several at a time.

        It counts as the same question as long as the archive, its views and the day are the same; an answer in whose
        making one of them changed, as when a Chroma server failed, is told and not kept.
        """
        began = time.perf_counter()
        made = False

        def make() -> _Extracted:
            nonlocal made
            made = True
            return self._to_keep(self._extract(question))

        state = self._state()
        known = self._kept.once((question, *state), make, lambda: self._state() == state)
        if made:
            return known
        waited = round(1000 * (time.perf_counter() - began), 1)
        return replace(known, answer=replace(known.answer, timings_ms={"retrieve": 0.0, "read": 0.0, "total": waited}))

    def _to_keep(self, made: _Extracted) -> _Extracted:
        """What is needed of it later: the passages only where an LLM writes, without their terms, which take most of the room."""
        if self._by_llm is None:
            return replace(made, passages=[])
        bare = [replace(each, terms=PassageTerms(each.evidence.title, each.evidence.text)) for each in made.passages]
        return replace(made, passages=bare)

    def _state(self) -> tuple[Hashable, ...]:
        """All that an answer depends on beside the question.

        An article that comes, goes or becomes findable changes it, and a Chroma server that fails or comes back.
        """
        return date.today(), self.catalogue.changes.last(), self._keyword.standing(), *self._dense.standing()

    def _extract(self, question: Question) -> _Extracted:
        """The answer to a question that asks one thing, in the archive's own sentences."""
        asked = self._understanding.of(question)
        if asked.list_of in ABOUT_ARTICLE:  # but where articles are themselves in the news, their text tells
            told = self._answer(question, self._understanding.of(question, as_fact=True))
            if tells_of_articles(asked.list_of, [cited.quote for cited in told.answer.citations]):
                return told
        made = self._answer(question, asked)
        if asked.text != question.text and may_be_new(question.text):
            return self._or_alone(question, made)
        return made

    def _or_alone(self, question: Question, made: _Extracted) -> _Extracted:
        """The answer that was made with what was asked before, or where that finds nothing on what is asked, the one without.

        Also where what was found has nothing of what was asked before. Of 94 follow-ups on the newsdesk archive no right answer
        is lost by it.
        """
        sure = THRESHOLDS["high"]
        before = " ".join(turn.question for turn in question.history)
        found = made.answer.answerable and (made.answer.confidence >= sure or _held(made, question.text) > 0)
        if found and _held(made, before) > 0:
            return made
        alone = self._extract(replace(question, history=()))
        about_it = _held(alone, question.text) == 1 or (not found and alone.answer.confidence >= sure)
        return alone if alone.answer.answerable and about_it else made

    def _answer(self, question: Question, asked: UnderstoodQuestion) -> _Extracted:
        """Finds passages, chooses sentences, checks every citation."""
        began = time.perf_counter()
        passages = self._found(question, asked)
        retrieved = time.perf_counter()

        passages = self._read_enough(asked, passages)
        draft = self._draft_of_names(question, asked, passages)
        if asked.as_fact is not None and not draft.sentences:
            asked = asked.as_fact
            passages = self._read_enough(asked, self._found(question, asked))
            draft = self._draft_of_names(question, asked, passages)
        sure = draft.confidence >= THRESHOLDS[question.caution]
        citations = self._citations(draft, question.as_of) if sure else ()
        answerable = bool(citations)
        found = [passage.evidence for passage in passages]
        done = time.perf_counter()
        answer = Answer(
            question=question.text,
            standalone_question=asked.text,
            answerable=answerable,
            text=_text(citations, asked.list_of) or CANNOT_ANSWER,
            short_answer=draft.short_answer if answerable else None,
            when=_when(draft, citations),
            confidence=round(draft.confidence, 4),
            citations=citations,
            evidence=_evidence_shown(found, draft if answerable else None, question.top_k),
            narrowed=narrowings(asked),
            notes=(
                *(draft.notes if answerable else ()),
                *changed_later(citations, question.as_of),
                *self._notes(question, asked, found),
            ),
            timings_ms={
                "retrieve": round(1000 * (retrieved - began), 1),
                "read": round(1000 * (done - retrieved), 1),
                "total": round(1000 * (done - began), 1),
            },
        )
        return _Extracted(answer, asked, passages)

    def stream(self, question: Question) -> Iterator[str | Drafted | Removed | Answer]:
        """The parts of the answer's text, then the whole answer. Raises QuestionError.

        A part is a checked sentence with its marker, or all of a refusal; joined, the parts are the answer's text. An
        extractive answer is complete before its first part is shown. An LLM's words come as it writes them (Drafted), and
        each of its sentences again when it was checked: as a part, or Removed. Whoever closes the iterator stops the LLM.
        """
        began = time.perf_counter()
        alone = yield from self._standing_alone(question)
        ms = 1000 * (time.perf_counter() - began)
        with closing(self._answered(alone)) as parts:
            for part in parts:
                if isinstance(part, Answer):
                    part = replace(part, coverage=self._coverage.of(question, part))
                    if alone is not question:
                        part = replace(_timed(part, "rewrite", ms), question=question.text)
                yield part

    def _standing_alone(self, question: Question) -> Generator[Drafted, None, Question]:
        """The question as an LLM wrote it out, where there is one and the question leans on others; else as it was put."""
        check(question.text)
        if self._rewriter is None or question.mode == "extractive" or not leans(question.text, question.history):
            return question
        day = self._understanding.asked_on(question)
        text = yield from self._rewriter.stream(question.text, question.history, day)
        return replace(question, text=text, written_out=True) if text else question

    def _answered(self, question: Question) -> Generator[str | Drafted | Removed | Answer, None, None]:
        """The same as `stream` of a question that no LLM writes out any more."""
        answer = self._put_together(question)
        if answer is None:
            yield from self._written(question, self._extracted(question))
        else:
            yield from _parts(answer)
            yield answer

    def _written(self, question: Question, made: _Extracted) -> Iterator[str | Drafted | Removed | Answer]:
        """The answer in an LLM's words where there is one and it is answered from passages, else as it was extracted."""
        answer, asked = made.answer, made.asked
        parts = 0
        if self._by_llm is not None and answer.answerable and question.mode != "extractive" and asked.list_of is None:
            began = time.perf_counter()
            found = [passage.evidence for passage in made.passages]
            for part in self._by_llm.stream(asked.text, found, answer, question.as_of):
                if isinstance(part, Answer):
                    answer = _timed(part, "write", 1000 * (time.perf_counter() - began))
                else:
                    parts += isinstance(part, str)
                    yield part
        if not parts:
            yield from _parts(answer)
        yield answer

    def find(self, question: Question) -> Answer:
        """Only finds: the evidence for a question, answered or not. Raises QuestionError."""
        began = time.perf_counter()
        asked = self._understanding.of(question)
        found = [passage.evidence for passage in self._read(asked, self._found(question, asked))]
        ms = round(1000 * (time.perf_counter() - began), 1)
        return Answer(
            question=question.text,
            standalone_question=asked.text,
            answerable=False,
            text=CANNOT_ANSWER,
            confidence=0.0,
            evidence=tuple(found[: question.top_k]),
            notes=self._notes(question, asked, found),
            timings_ms={"retrieve": ms, "total": ms},
        )

    def read(self, question: Question) -> tuple[UnderstoodQuestion, list[FoundPassage]]:
        """The question as it was understood, and the passages found and read.

        `newsdesk eval fit` learns from them how readings are weighed. Raises QuestionError.
        """
        asked = self._understanding.of(question)
        return asked, self._read(asked, self._found(question, asked))

    def passages(self, question: Question) -> list[FoundPassage]:
        """The passages for a question, in the order in which `ask` sees them. Raises QuestionError."""
        return self.read(question)[1]

    def as_fact(self, question: Question) -> UnderstoodQuestion:
        """What a question asks for, whatever its form: the same again and again of many articles. Raises QuestionError."""
        return self._understanding.of(question, as_fact=True)

    def told_by(self, asked: UnderstoodQuestion, passages: Sequence[FoundPassage]) -> Answer:
        """What these passages, all of one article, answer on their own; how sure that is decides whoever asks.

        Nothing else is searched, but words count as rare as they are in the whole archive. At most ALONE passages are read.
        """
        scored = [each.scored(coverage(asked.worth, each.terms.with_title)) for each in passages]
        best = sorted(scored, key=lambda each: -each.score)[:ALONE]
        if self._reader is not None:
            best = read_and_order(self._reader, asked.alone.to_read, best, prefers_newest=False, least=0.0)
        draft = self._draft(asked, best)
        citations = self._citations(draft, None)
        return Answer(
            question=asked.as_put,
            standalone_question=asked.text,
            answerable=bool(citations),
            text=_text(citations, None) or CANNOT_ANSWER,
            short_answer=draft.short_answer if citations else None,
            when=_when(draft, citations),
            confidence=round(draft.confidence, 4),
            citations=citations,
        )

    def forget(self) -> None:
        """Remembers nothing of what was asked: the next answer is made from the beginning, to measure it."""
        self._kept.clear()
        if self._reader is not None:
            self._reader.forget()

    def catch_up(self) -> None:
        """Makes all that is stored findable by keyword, unless another process is at it. Raises DataFolderError."""
        self._keyword.catch_up()

    def search(self, text: str, filters: Filters, limit: int, offset: int = 0) -> tuple[int, list[Evidence]]:
        """Passages for a query without answering: how many are among the SEARCHED best of either index, and one page, best first.

        No more of them are looked up than the page needs. Copies of one text count, and are shown once.
        """
        check_searched(text)
        if self._in_line is None:
            return self._searched(text, filters, limit, offset)
        return self._in_line.submit(self._searched, text, filters, limit, offset).result()

    def _searched(self, text: str, filters: Filters, limit: int, offset: int) -> tuple[int, list[Evidence]]:
        alone = standalone(text, ())
        worth, terms = self._understanding.worth(alone), self._understanding.search_terms(alone)
        ranked = self._retriever.ranked(alone.searched, terms, filters, SEARCHED)
        looked_up = max(LOOKED_UP, 2 * (offset + limit))
        while True:
            wanted = ranked[:looked_up]
            stored = self._retriever.load(wanted)
            gone = len(wanted) - len(stored)
            passages = by_features(one_per_text(stored), worth, self._how.features)
            enough = len(passages) >= ORDERED
            passages, certain = spread(passages)
            if (enough and certain >= offset + limit) or looked_up >= len(ranked):
                return len(ranked) - gone, [passage.evidence for passage in passages[offset : offset + limit]]
            looked_up *= 2

    def search_words(
        self, text: str, filters: Filters, limit: int, offset: int = 0, *, newest_first: bool = False
    ) -> tuple[int, list[Evidence]]:
        """The same, but only passages that hold each "phrase" in quotation marks and, with `newest_first`, all the words.

        What holds no phrase and is to be ordered by relevance is searched as `search` does. Raises QuestionError.
        """
        if not newest_first and not phrases_in(text):
            return self.search(text, filters, limit, offset)
        check_searched(text)
        passages = find_worded(self.catalogue, self._keyword, text, filters, SEARCHED, newest_first=newest_first)
        return len(passages), [passage.evidence for passage in passages[offset : offset + limit]]

    def _found(self, question: Question, asked: UnderstoodQuestion) -> list[FoundPassage]:
        """The passages for a question, best first."""
        last = question.as_of
        newest = self.catalogue.newest_day() if last is not None else None
        # A day after which nothing was published narrows nothing, and filtering by it would only cost time.
        narrows = last is not None and newest is not None and newest > last
        filters = replace(question.filters, as_of=last if narrows else None)
        if asked.outlets:
            filters = replace(filters, sources=asked.outlets)
        if asked.words is not None:
            passages = that_hold(asked.words, self._retrieved(asked.alone, filters, LISTED))
        elif asked.list_of is None:
            passages = self._find(asked.alone, asked.worth, filters, asked.window, days=asked.days)
        else:
            passages = self._listed(asked, filters)
        # Again, for an article of a later day that comes in this very moment.
        return [each for each in passages if last is None or (each.evidence.published or date.min) <= last]

    def _listed(self, asked: UnderstoodQuestion, filters: Filters) -> list[FoundPassage]:
        """Passages for a list, of the days asked about alone; without a subject, how each of their articles begins."""
        if asked.window is not None:
            filters = within(filters, asked.window)
        if query_terms(asked.alone.searched) and not asked.authors:
            return self._retrieved(asked.alone, filters, LISTED)  # copies too: each outlet has its own
        numbers = self.catalogue.leads(filters, LISTED, asked.authors)
        stored = self.catalogue.passages(numbers)
        return [found_passage(stored[number], 1.0) for number in numbers if number in stored]

    def _find(
        self,
        alone: Standalone,
        worth: Mapping[str, float],
        filters: Filters,
        window: TimeWindow | None = None,
        days: TimeWindow | None = None,
    ) -> list[FoundPassage]:
        """Passages for a question, best first: each text once, few of an article."""
        without = self._how.without
        passages = one_per_text(self._retrieved(alone, filters, CANDIDATES))
        passages = by_features(passages, worth, self._how.features)
        passages = near_days_first(passages, window)
        if days is not None:
            passages = days_told(passages, days)
        if "copies last" not in without:
            passages = copies_last(passages)
        return passages if "few per article" in without else few_per_article(passages)

    def _retrieved(self, alone: Standalone, filters: Filters, candidates: int) -> list[FoundPassage]:
        return self._retriever.find(alone.searched, self._understanding.search_terms(alone), filters, candidates)

    def _read(self, asked: UnderstoodQuestion, passages: list[FoundPassage]) -> list[FoundPassage]:
        """The passages in the order that reading them gives; as they are without a reader, and for a list."""
        if self._reader is None or asked.list_of is not None:
            return passages
        days = asked.days.text if asked.days else ""
        return read_and_order(
            self._reader, asked.alone.to_read, passages, self._prefers_newest(asked), self._how.depth, self._how.least, days
        )  # fmt: skip

    def _read_enough(self, asked: UnderstoodQuestion, passages: list[FoundPassage]) -> list[FoundPassage]:
        """The same, but no more is read than the answer needs."""
        if self._reader is None or self._by_reader is None or asked.list_of is not None or asked.words is not None:
            return self._read(asked, passages)
        read = read_best_first(
            self._reader, asked.alone.to_read, passages, partial(self._by_reader.best, asked.as_put),
            self._how.depth, self._how.least, asked.days.text if asked.days else "", self._how.hoped,
        )  # fmt: skip
        return by_reading(read, self._reader.fit.order, self._prefers_newest(asked))

    def _prefers_newest(self, asked: UnderstoodQuestion) -> bool:
        return not asked.names_days and "newer reports first" not in self._how.without

    def _draft_of_names(self, question: Question, asked: UnderstoodQuestion, passages: Sequence[FoundPassage]) -> Draft:
        """The draft, or where two persons bear a name of the question, what is drafted of each."""
        name, namesakes = namesakes_of(asked.as_put, passages) if asked.list_of is None else ("", [])
        if not namesakes:
            return self._draft(asked, passages)
        drafts = [self._draft(asked, each.passages) for each in namesakes]
        return draft_of_both(name, namesakes, drafts, THRESHOLDS[question.caution])

    def _draft(self, asked: UnderstoodQuestion, passages: Sequence[FoundPassage]) -> Draft:
        draft = self._answerer(asked).draft(asked, passages)
        if asked.days is not None and is_of_another_day(draft, asked.days):
            return Draft((), draft.confidence * OF_ANOTHER_DAY)
        doubtful = asked.unknown and asked.list_of is None  # a list of what is not there is empty anyway
        return replace(draft, confidence=draft.confidence * UNKNOWN_NAME) if doubtful else draft

    def _answerer(self, asked: UnderstoodQuestion) -> Answerer:
        """Who drafts the answer: a list where one is asked for, else the reader, else the words alone."""
        if asked.list_of is not None:
            return self._by_list
        return self._by_facts if asked.words is None else self._by_quotation

    def _citations(self, draft: Draft, as_of: date | None) -> tuple[Citation, ...]:
        """Checked citations, numbered from 1; a sentence whose citation fails is left out. No copy later than `as_of` is named."""
        cited: list[Citation] = []
        for evidence, span in draft.sentences:
            citation = cite(self.catalogue, len(cited) + 1, evidence, span, as_of)
            if citation is not None:
                cited.append(citation)
        return tuple(cited)

    def _notes(self, question: Question, asked: UnderstoodQuestion, found: Sequence[Evidence]) -> tuple[Note, ...]:
        notes = []
        if not found and (question.filters or question.as_of):
            notes.append(Note("nothing_matches", "No article passes the filters; the question was asked of nothing."))
        if asked.list_of is not None and asked.list_of not in ABOUT_ARTICLE and found:
            notes.append(Note("listed", _looked_through(question, asked, found)))
        if asked.outlets or asked.authors:
            makers = ", ".join(asked.outlets or asked.authors)
            notes.append(Note("only_from", f"Only articles of {makers} were looked at."))
        if asked.unknown:
            names = ", ".join(f"“{name}”" for name in dict.fromkeys(name.lstrip('“"‘(') for name in asked.unknown))
            notes.append(Note("unknown_name", f"Nowhere in the archive: {names}."))
        if not self._dense.ready:
            notes.append(Note("keyword_only", f"Found by keyword alone: {_why_by_keyword(*self._dense.state())}."))
        if away := self._dense.missing_parts(replace(question.filters, as_of=question.as_of)):
            parts = f"{', '.join(away)}. Words alone found what there is of these"
            notes.append(Note("parts_missing", f"Parts of the archive could not be searched by meaning: {parts}."))
        if self._reader is None:
            notes.append(Note("no_reader", "Answered without the reader: sentences were chosen by their words alone."))
        elif not self._reader.own_fit:
            notes.append(
                Note("no_fit", "The reader has no fit of its own: its scores are weighed as the packaged one's.")
            )
        if question.mode == "llm" and self._by_llm is None:
            notes.append(Note("no_llm", "No LLM is configured; answered with sentences from the archive."))
        return tuple(notes)


def _held(made: _Extracted, question: str) -> float:
    """Share of the question's terms that the passage which reads best holds."""
    asked = set(query_terms(question))
    return len(asked & made.passages[0].terms.with_title) / len(asked) if made.passages and asked else 0.0


def _parts(answer: Answer) -> Iterator[str]:
    """The text of an extractive answer or of a refusal, sentence by sentence."""
    begin = 0
    for citation in answer.citations:
        cited = f"{citation.shown} [{citation.marker}]"
        end = answer.text.index(cited, begin) + len(cited)
        yield answer.text[begin:end]
        begin = end
    if answer.text[begin:]:
        yield answer.text[begin:]


def _timed(answer: Answer, step: str, ms: float) -> Answer:
    """The answer with the time that a step beside finding and reading took."""
    total = answer.timings_ms["total"] + ms
    return replace(answer, timings_ms={**answer.timings_ms, step: round(ms, 1), "total": round(total, 1)})


def _why_by_keyword(state: State, progress: Progress) -> str:
    """What search by meaning waits for."""
    if state == "none":
        return "no vectors have been made yet"
    if state == "making":
        return f"{progress.done:,} of {progress.total:,} passages have their vectors so far"
    if state == "failed":
        return "the model that reads questions could not be loaded; the log says why"
    return "the vectors are there, and the model that reads questions is still being loaded"


def _looked_through(question: Question, asked: UnderstoodQuestion, found: Sequence[Evidence]) -> str:
    """What a list was made of: which days, counted from when, and whether there is more."""
    days = "all days" if asked.window is None else _days_in_words(asked.window)
    if asked.window is not None and asked.window.last - asked.window.first <= timedelta(1):
        days += " and the day after, when it is printed"  # index.understand.question.within
    if asked.window is not None and question.as_of is None and asked.day != date.today():
        days += f", counted from the archive's newest article, of {in_words(asked.day)}"
    more = f" Only the {LISTED} best passages were looked at; there may be more." if len(found) >= LISTED else ""
    return f"Looked through what was published: {days}.{more}"


def _days_in_words(window: TimeWindow) -> str:
    if window.first == window.last:
        return in_words(window.last)
    if window.first == date.min:
        return f"the days up to {in_words(window.last)}"
    return f"{in_words(window.first)} to {in_words(window.last)}"


def _text(citations: Sequence[Citation], list_of: SurveyKind | None) -> str:
    """The quotes with their markers, and an ellipsis where a sentence is cut; of a list, each on a line of its own after its day and outlet."""
    if list_of is None:
        return " ".join(f"{cited.shown} [{cited.marker}]" for cited in citations)
    names_authors = list_of is SurveyKind.AUTHOR
    return "\n\n".join(
        f"{dateline(cited.published, cited.source, cited.authors if names_authors else ())}: {cited.shown} [{cited.marker}]"
        for cited in citations
    )


def _when(draft: Draft, citations: Sequence[Citation]) -> When | None:
    """The days that the short answer means, told only beside a citation that holds it: its article's date decides."""
    if draft.when is not None:
        return draft.when
    if draft.short_at is None:
        return None
    evidence, span = draft.short_at
    cited = any(
        (citation.article_id, citation.paragraph) == (evidence.article_id, span.paragraph)
        and citation.published == evidence.published
        and citation.start <= span.start
        and span.end <= citation.end
        for citation in citations
    )
    return when_of(evidence, span) if cited else None


def _evidence_shown(found: Sequence[Evidence], draft: Draft | None, top_k: int) -> tuple[Evidence, ...]:
    """The best `top_k` passages; every passage that is cited is among them."""
    cited = {evidence.passage_id for evidence, _ in draft.sentences} if draft else set()
    room = top_k - len(cited)
    shown = []
    for item in found:
        if item.passage_id in cited:
            shown.append(item)
        elif room > 0:
            shown.append(item)
            room -= 1
    return tuple(shown)
