"""The query engine: one question in, one checked answer out. Read `ask` from top to bottom."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import Response
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle

from index.answer.by_list import survey
from index.answer.by_reader import draft_from_readings
from index.answer.by_words import ExtractiveAnswerer
from index.answer.citations import cite
from index.answer.draft import Draft
from index.find.dense import DenseSearch
from index.find.keyword import KeywordIndex
from index.find.nodes import as_node, evidence_of
from index.find.retriever import CANDIDATES, HybridRetriever
from index.order.by_reading import ReaderReranker, as_read
from index.order.features import FeatureReranker
from index.order.near_days import NearWindow
from index.order.spread import CopiesLast, FewPerArticle, OnePerText
from index.read.reader import Reader
from index.text.names import names_of, without_possessive
from index.text.terms import query_terms, terms
from index.understand.conversation import Standalone, standalone
from index.understand.days.window import TimeWindow, time_window
from index.understand.list_form import survey_kind, survey_subject
from index.understand.question import STALE_AFTER, _Asked, _within, check
from index.understand.spelling import Names, other_spellings, with_variants
from index.understand.worth import term_worth
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import CANNOT_ANSWER, Answer, Caution, Citation, Evidence, Filters, Note, Question
from newsdesk.wording.dateline import CALENDAR, dateline, in_words

THRESHOLDS: dict[Caution, float] = {"low": 0.25, "normal": 0.35, "high": 0.5}
"""An answer is shown when its probability of being right is at least this.

Cross-validated, with the reader: at 0.35, 58 % of the sample's unanswerable questions and 9 % of the answerable ones are refused,
and 74 % of the answers are right; at 0.5, 88 and 21 %, and 79 % (docs/why.md)."""

UNKNOWN_NAME = 0.5
"""An answer to a question with a name that stands nowhere in the archive is half as probable: of the sample, that is so of
seven unanswerable questions and of none that it answers."""
LISTED = 100
"""Passages that a list is made of, at most."""
SEARCHED = 200
"""Passages that a search looks at in each index, whichever of its pages is asked for, so that pages fit together."""


class ArchiveQueryEngine(BaseQueryEngine):
    """Answers questions from the archive. `ask` is the full interface, `query` LlamaIndex's."""

    def __init__(
        self, catalogue: Catalogue, keyword: KeywordIndex, dense: DenseSearch, aliases: Sequence[Names] = ()
    ) -> None:
        super().__init__(callback_manager=None)
        self._aliases = aliases
        self.catalogue = catalogue
        self._keyword = keyword
        self._dense = dense
        self.reader: Reader | None = None
        """Set when it is loaded; without it, answers are chosen by words alone."""
        self._by_words = ExtractiveAnswerer(dense)

    def ask(self, question: Question) -> Answer:
        """Finds passages, chooses sentences, checks every citation. Raises QuestionError."""
        check(question.text)
        began = time.perf_counter()
        asked = self._understood(question)
        nodes = self._found(question, asked)
        retrieved = time.perf_counter()

        nodes = self._read(asked, nodes)
        draft = self._draft(question, asked, nodes)
        found = [evidence_of(node) for node in nodes]
        sure = draft.confidence >= THRESHOLDS[question.caution]
        citations = self._citations(draft, question.as_of) if sure else ()
        answerable = bool(citations)
        done = time.perf_counter()
        return Answer(
            question=question.text,
            standalone_question=asked.text,
            answerable=answerable,
            text=_text(citations, as_list=asked.list_of is not None) or CANNOT_ANSWER,
            short_answer=draft.short_answer if answerable else None,
            confidence=round(draft.confidence, 4),
            citations=citations,
            evidence=_evidence_shown(found, draft if answerable else None, question.top_k),
            notes=(*(draft.notes if answerable else ()), *self._notes(question, asked, found)),
            timings_ms={
                "retrieve": round(1000 * (retrieved - began), 1),
                "read": round(1000 * (done - retrieved), 1),
                "total": round(1000 * (done - began), 1),
            },
        )

    def find(self, question: Question) -> Answer:
        """Only finds: the evidence for a question, answered or not. Raises QuestionError."""
        check(question.text)
        began = time.perf_counter()
        asked = self._understood(question)
        found = [evidence_of(node) for node in self._read(asked, self._found(question, asked))]
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

    def draft(self, question: Question, without: Collection[str] = ()) -> Draft:
        """What would be answered, whatever its probability, if the articles `without` were not there.

        `newsdesk eval confidence` fits the refusal rule on such drafts.
        """
        asked = self._understood(question)
        nodes = self._found(question, asked)
        nodes = [node for node in nodes if node.node.metadata["article_id"] not in without]
        return self._draft(question, asked, self._read(asked, nodes))

    def search(self, text: str, filters: Filters, limit: int, offset: int = 0) -> tuple[int, list[Evidence]]:
        """Passages for a query without answering: how many of the SEARCHED best were found, and one page, best first."""
        check(text)
        alone = standalone(text, ())
        nodes = self._find(alone, term_worth(self._keyword, alone), filters, candidates=SEARCHED)
        return len(nodes), [evidence_of(node) for node in nodes[offset : offset + limit]]

    def _understood(self, question: Question) -> _Asked:
        """What is asked for: a fact or a list, of which days, standing on its own."""
        alone = standalone(question.text, question.history)
        day = question.as_of or self._asked_on()
        window = time_window(alone.searched, day)
        kind = survey_kind(question.text, window)
        if kind and window and not self.catalogue.leads(_within(question.filters, window), 1):
            kind = None  # nothing was printed in those days, but what was printed later may tell of them
        subject = alone if kind is None else standalone(survey_subject(question.text, window), question.history)
        worth = term_worth(self._keyword, subject)
        return _Asked(alone.text, subject, worth, window, kind, tuple(self._unknown_names(question.text)), day)

    def _asked_on(self) -> date:
        """The day that "last week" is counted from: today, or in an archive that has come to its end, its last."""
        newest, today = self.catalogue.newest_day(), date.today()
        return newest if newest and today - newest > STALE_AFTER else today

    def _found(self, question: Question, asked: _Asked) -> list[NodeWithScore]:
        """The passages for a question, best first."""
        last = question.as_of
        newest = self.catalogue.newest_day() if last is not None else None
        # A day after which nothing was published narrows nothing, and filtering by it would only cost time.
        narrows = last is not None and newest is not None and newest > last
        filters = replace(question.filters, as_of=last if narrows else None)
        if asked.list_of is None:
            nodes = self._find(asked.alone, asked.worth, filters, asked.window)
        else:
            nodes = self._listed(asked, filters)
        # Again, for an article of a later day that comes in this very moment.
        return [node for node in nodes if last is None or node.node.metadata["published"] <= last.isoformat()]

    def _listed(self, asked: _Asked, filters: Filters) -> list[NodeWithScore]:
        """Passages for a list, of the days asked about alone; without a subject, how each of their articles begins."""
        if asked.window is not None:
            filters = _within(filters, asked.window)
        if query_terms(asked.alone.searched):
            return self._retrieved(asked.alone, filters, LISTED)  # copies too: each outlet has its own
        numbers = self.catalogue.leads(filters, LISTED)
        stored = self.catalogue.passages(numbers)
        return [as_node(stored[number], 1.0) for number in numbers if number in stored]

    def _find(
        self,
        alone: Standalone,
        worth: dict[str, float],
        filters: Filters,
        window: TimeWindow | None = None,
        candidates: int = CANDIDATES,
    ) -> list[NodeWithScore]:
        """Passages for a question, best first: each text once, few of an article."""
        nodes = self._retrieved(alone, filters, candidates)
        reranker = FeatureReranker(worth=worth)
        for postprocessor in (OnePerText(), reranker, NearWindow(window=window), CopiesLast(), FewPerArticle()):
            nodes = postprocessor.postprocess_nodes(nodes)
        return nodes

    def _retrieved(self, alone: Standalone, filters: Filters, candidates: int) -> list[NodeWithScore]:
        weights = with_variants(alone.weights, alone.searched, self._aliases, self._keyword.holds)
        retriever = HybridRetriever(self.catalogue, self._keyword, self._dense, filters, weights, candidates)
        return retriever.retrieve(QueryBundle(alone.searched))

    def _read(self, asked: _Asked, nodes: list[NodeWithScore]) -> list[NodeWithScore]:
        """The passages in the order that reading them gives; as they are without a reader, and for a list."""
        if self.reader is None or asked.list_of is not None:
            return nodes
        names_days = asked.window is not None and not asked.window.is_deictic
        reranker = ReaderReranker(self.reader, prefers_newest=not names_days)
        return reranker.postprocess_nodes(nodes, query_bundle=QueryBundle(asked.alone.to_read))

    def _draft(self, question: Question, asked: _Asked, nodes: Sequence[NodeWithScore]) -> Draft:
        alone = asked.alone
        if asked.list_of is not None:
            respelt = other_spellings(alone.weights, alone.searched, self._aliases, self._keyword.holds)
            found = survey(asked.list_of, asked.worth, [evidence_of(node) for node in nodes], respelt)
            return Draft(found.sentences, found.relevance, found.text, notes=found.notes)
        if self.reader is None:
            draft = self._by_words.draft(question.text, alone, asked.worth, [evidence_of(node) for node in nodes])
        else:
            draft = draft_from_readings(question.text, asked.worth, *as_read(nodes))
        return replace(draft, confidence=draft.confidence * UNKNOWN_NAME) if asked.unknown else draft

    def _unknown_names(self, text: str) -> list[str]:
        """Names of the question that stand nowhere in the archive, in no spelling; days, numbers and years are none."""
        unknown = []
        for name in map(without_possessive, names_of(text)):
            if name[0].isdigit() or name in CALENDAR:
                continue
            weights = with_variants(dict.fromkeys(terms(name), 1.0), name, self._aliases, self._keyword.holds)
            if not any(self._keyword.holds(term, near=True) for term in weights):
                unknown.append(name)
        return unknown

    def _citations(self, draft: Draft, as_of: date | None) -> tuple[Citation, ...]:
        """Checked citations, numbered from 1; a sentence whose citation fails is left out. No copy later than `as_of` is named."""
        cited: list[Citation] = []
        for evidence, span in draft.sentences:
            citation = cite(self.catalogue, len(cited) + 1, evidence, span, as_of)
            if citation is not None:
                cited.append(citation)
        return tuple(cited)

    def _notes(self, question: Question, asked: _Asked, found: Sequence[Evidence]) -> tuple[Note, ...]:
        notes = []
        if not found and (question.filters or question.as_of):
            notes.append(Note("nothing_matches", "No article passes the filters; the question was asked of nothing."))
        if asked.list_of is not None and found:
            notes.append(Note("listed", _looked_through(question, asked, found)))
        if asked.unknown:
            names = ", ".join(f"“{name}”" for name in dict.fromkeys(name.lstrip('“"‘(') for name in asked.unknown))
            notes.append(Note("unknown_name", f"Nowhere in the archive: {names}."))
        if not self._dense.ready:
            notes.append(Note("keyword_only", "Found by keyword alone: the vectors are not ready yet."))
        if self.reader is None:
            notes.append(Note("no_reader", "Answered without the reader: sentences were chosen by their words alone."))
        if question.mode == "llm":
            notes.append(Note("no_llm", "No LLM is configured; answered with sentences from the archive."))
        return tuple(notes)

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = self.ask(Question(query_bundle.query_str))
        return Response(response=answer.text, metadata={"answer": answer})

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        import asyncio

        return await asyncio.to_thread(self._query, query_bundle)

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """The passages alone, as LlamaIndex nodes, in the order in which `ask` sees them."""
        question = Question(query_bundle.query_str)
        asked = self._understood(question)
        return self._read(asked, self._found(question, asked))

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}  # there is no LLM to prompt


def _looked_through(question: Question, asked: _Asked, found: Sequence[Evidence]) -> str:
    """What a list was made of: which days, counted from when, and whether there is more."""
    days = "all days" if asked.window is None else _days_in_words(asked.window)
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


def _text(citations: Sequence[Citation], *, as_list: bool) -> str:
    """The quotes with their markers; of a list, each on a line of its own after its day and outlet."""
    if not as_list:
        return " ".join(f"{cited.quote} [{cited.marker}]" for cited in citations)
    return "\n\n".join(
        f"{dateline(cited.published, cited.source)}: {cited.quote} [{cited.marker}]" for cited in citations
    )


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
