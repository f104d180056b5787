"""What the API takes and gives, field by field (the contract other tools rely on)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from newsdesk.feedback import Feedback, Found, Quoted, Verdict
from newsdesk.types import (
    Answer,
    Article,
    AskedMode,
    Caution,
    Citation,
    Correction,
    Coverage,
    Evidence,
    Filters,
    Mode,
    Question,
    Turn,
    When,
    is_whole,
)
from newsdesk.wording.corrections import Changed, changed, in_a_line
from newsdesk.wording.dateline import days_in_words
from newsdesk.wording.difference import Piece

if TYPE_CHECKING:
    from newsdesk.catalogue.history.versions import History
from newsdesk.wording.quoted import quoted
from newsdesk.wording.receipt import receipt_in_words


def _whole(text: str) -> str:
    """JSON can spell half a character (a lone surrogate); no text holds one, and no index takes it."""
    if not is_whole(text):
        raise ValueError("it holds half a character (a lone surrogate)")
    return text


Text = Annotated[str, AfterValidator(_whole)]
"""Without half a character."""


def _calendar_day(value: object) -> object:
    """Pydantic takes 0 and "2017" for dates too; a day is written 2017-01-18."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError("a day is written YYYY-MM-DD, such as 2017-01-18")
    if isinstance(value, int | float):
        raise ValueError("a day is written as text, YYYY-MM-DD, such as 2017-01-18")
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError("there is no such day; it is written YYYY-MM-DD, such as 2017-01-18") from error
    return value


MAX_SOURCES = 1_000
"""Outlets in one filter: more than any archive has. SQLite takes 32,766 values a statement."""

MAX_TURNS = 50
"""Earlier exchanges that may come with a question."""

MAX_ANSWER = 100_000
"""Characters of an answer's text, and of each quote in it, that feedback takes: hundreds of times an ordinary answer."""

MAX_REMARK = 5_000
"""Characters of what a reader says the answer should have been, and of a comment: two pages of print."""

MAX_NAMED = 100
"""Citations, and passages of evidence, that feedback takes: twice the most that an answer has (`top_k`)."""

_MAX_NUMBER = 10_000_000
"""Of a paragraph and of a place in one: above every article's (1,000,000 characters), below what SQLite takes."""

Day = Annotated[date, BeforeValidator(_calendar_day)]
_Number = Annotated[int, Field(ge=0, le=_MAX_NUMBER)]
_Said = Annotated[str, Field(max_length=MAX_ANSWER), AfterValidator(_whole)]
_Remark = Annotated[str, Field(max_length=MAX_REMARK), AfterValidator(_whole)]


class In(BaseModel):
    """Something that is taken: what it has no field for is refused."""

    model_config = ConfigDict(extra="forbid")


class TurnIn(In):
    """An earlier exchange of the conversation."""

    question: Text
    answer: Text


class _Days(BaseModel):
    """Inclusive days, as the publishers date their articles; an undated article falls out when one is set."""

    published_from: Day | None = None
    published_to: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.published_from and self.published_to and self.published_from > self.published_to:
            raise ValueError(f"published_from {self.published_from} is after published_to {self.published_to}")
        return self


class FiltersIn(In, _Days):
    """What narrows a question: outlets, and inclusive days as the publishers date their articles."""

    sources: Annotated[list[Text], Field(max_length=MAX_SOURCES)] = []


class _Narrowed(_Days):
    """Filters as parameters of an address."""

    source: list[str] = Field(
        default=[], max_length=MAX_SOURCES, description="Outlets; give it several times for several."
    )

    as_of: Day | None = Field(default=None, description="Leaves out what was published after this day.")

    def filters(self) -> Filters:
        """The filters as the engine and the catalogue take them."""
        return Filters(tuple(self.source), self.published_from, self.published_to, self.as_of)


class SearchIn(_Narrowed):
    """One page of passages for a few words."""

    q: str = Field(description='Words, or a "phrase" in quotation marks, which passages then have to hold.')
    sort: Literal["relevance", "day"] = Field(
        default="relevance", description="By day, the newest first, come only passages that hold all the words."
    )
    limit: int = Field(default=10, ge=1, le=100)
    offset: int = Field(default=0, ge=0, le=10_000)


class ArticlesIn(_Narrowed):
    """One page of the list of articles."""

    limit: int = Field(default=20, ge=1, le=100)
    offset: int = Field(default=0, ge=0, le=1_000_000_000)


class AskIn(In):
    """A question."""

    question: Text = Field(examples=["Who conducted the joint strike on al-Bab?"])
    history: Annotated[list[TurnIn], Field(max_length=MAX_TURNS)] = []
    as_of: Day | None = Field(default=None, description="Nothing published after this day is used.")
    filters: FiltersIn = FiltersIn()
    mode: AskedMode = "auto"
    caution: Caution = "normal"
    top_k: int = Field(default=8, ge=1, le=50, description="How many passages to return as evidence.")

    def to_question(self) -> Question:
        """The question as the engine takes it."""
        return Question(
            text=self.question,
            history=tuple(Turn(turn.question, turn.answer) for turn in self.history),
            as_of=self.as_of,
            filters=Filters(tuple(self.filters.sources), self.filters.published_from, self.filters.published_to),
            mode=self.mode,
            caution=self.caution,
            top_k=self.top_k,
        )


class QuotedIn(BaseModel):
    """What an answer cited; of `POST /api/ask`'s citation, what finds the quote again."""

    article_id: Text
    paragraph: _Number
    quote: Annotated[str, Field(min_length=1, max_length=MAX_ANSWER), AfterValidator(_whole)]
    start: _Number
    end: _Number


class FoundIn(BaseModel):
    """A passage of an answer's evidence; its text is not kept."""

    article_id: Text
    paragraphs: Annotated[list[_Number], Field(max_length=MAX_NAMED)]


class AnswerIn(BaseModel):
    """An answer as `POST /api/ask` gave it. Fields that are not kept are ignored: clients may be older or newer."""

    question: Text = ""
    answerable: bool
    text: _Said
    short_answer: _Said | None = None
    confidence: float = Field(ge=0, le=1)
    mode: Mode = "extractive"
    citations: Annotated[list[QuotedIn], Field(max_length=MAX_NAMED)] = []
    evidence: Annotated[list[FoundIn], Field(max_length=MAX_NAMED)] = []


class FeedbackIn(In):
    """What a reader thought of an answer, or of a refusal."""

    question: Text
    verdict: Verdict
    answer: AnswerIn = Field(description="The object that `POST /api/ask` gave.")
    expected: _Remark = Field(default="", description="What the right answer would have been.")
    comment: _Remark = ""
    history: Annotated[list[TurnIn], Field(max_length=MAX_TURNS)] = []
    as_of: Day | None = None

    @model_validator(mode="after")
    def _of_one_question(self) -> FeedbackIn:
        if self.answer.question and self.answer.question.split() != self.question.split():
            raise ValueError(
                f"the answer is to another question, {quoted(self.answer.question)}; send the one it is to"
            )
        return self

    def to_feedback(self) -> Feedback:
        """The feedback as the catalogue takes it."""
        answer = self.answer
        return Feedback(
            question=self.question,
            verdict=self.verdict,
            answerable=answer.answerable,
            text=answer.text,
            confidence=answer.confidence,
            mode=answer.mode,
            short_answer=answer.short_answer,
            citations=tuple(Quoted(**cited.model_dump()) for cited in answer.citations),
            evidence=tuple(Found(found.article_id, tuple(found.paragraphs)) for found in answer.evidence),
            history=tuple(Turn(turn.question, turn.answer) for turn in self.history),
            as_of=self.as_of,
            expected=self.expected,
            comment=self.comment,
        )


class KeptOut(BaseModel):
    """The number under which the feedback is kept."""

    id: int


class CopyOut(BaseModel):
    """Another article that holds the cited paragraph."""

    article_id: str
    source: str
    url: str


class ChangeOut(BaseModel):
    """Words that went and words that came in their place; one of the two may be empty."""

    removed: str
    added: str


class CorrectionOut(BaseModel):
    """How a cited paragraph was changed last, in the present version of its article or in one before."""

    kind: str = Field(description="`corrected` when words that were printed have gone, `updated` when some only came.")
    on: date
    before: str = Field(description="The paragraph as it was; empty where it is new.")
    changes: list[ChangeOut]
    in_words: str = Field(description="`Corrected on 4 May 2024: “nine” became “eleven”.`")

    @classmethod
    def of(cls, told: Correction) -> CorrectionOut:
        """From the engine's correction."""
        changes = [ChangeOut(removed=each.removed, added=each.added) for each in told.changes]
        return cls(kind=told.kind, on=told.on, before=told.before, changes=changes, in_words=in_a_line(told))


class CitationOut(BaseModel):
    """`quote` is paragraph `paragraph` (0-based) of the article at [start:end], in code points."""

    marker: int
    article_id: str
    paragraph: int
    quote: str
    start: int
    end: int
    verified: str
    title: str
    source: str
    authors: list[str]
    published: date | None
    url: str
    permalink: str
    also_in: list[CopyOut]
    cut_before: bool = Field(description="The sentence that the quote begins in has words before it.")
    cut_after: bool = Field(description="The sentence that the quote ends in goes on behind it.")
    version: int = Field(default=1, description="Which version of its article is quoted, counted from 1.")
    correction: CorrectionOut | None = Field(
        default=None, description="How the cited paragraph was changed last; null if no version changed it."
    )

    @classmethod
    def of(cls, citation: Citation) -> CitationOut:
        """From the engine's citation."""
        names = set(cls.model_fields) - {"also_in", "authors", "correction"}
        return cls(
            **{name: getattr(citation, name) for name in names},
            authors=list(citation.authors),
            correction=CorrectionOut.of(citation.correction) if citation.correction else None,
            also_in=[CopyOut(article_id=c.article_id, source=c.source, url=c.url) for c in citation.also_in],
        )


class EvidenceOut(BaseModel):
    """A passage that was found."""

    article_id: str
    paragraphs: list[int]
    text: str
    score: float
    title: str
    source: str
    published: date | None
    url: str

    @classmethod
    def of(cls, evidence: Evidence) -> EvidenceOut:
        """From the engine's evidence; a long paragraph's parts count once."""
        names = set(cls.model_fields) - {"paragraphs"}
        paragraphs = list(dict.fromkeys(evidence.paragraphs))
        return cls(**{name: getattr(evidence, name) for name in names}, paragraphs=paragraphs)


class NoteOut(BaseModel):
    """Something to know about the answer."""

    kind: str
    text: str


class WhenOut(BaseModel):
    """The days that a short answer means, both included; one day has the same `start` and `end`."""

    start: date
    end: date
    in_words: str = Field(description="The same days as people write them: `6 May 2023`, `1 May 2023 to 31 May 2023`.")
    how: str = Field(
        description="How they were found: `written`, `weekday of publication`, `weekday before publication`, `weekday "
        "after publication`, `nearest to publication` (a date without a year), `counted from publication` (yesterday, "
        "last week), or `counted from the day it was said` (in a quotation)."
    )

    @classmethod
    def of(cls, when: When) -> WhenOut:
        """From the engine's days."""
        return cls(start=when.start, end=when.end, in_words=days_in_words(when.start, when.end), how=when.how)


class CheckedOut(BaseModel):
    """How many of the sentences that an LLM wrote were verified."""

    verified: int
    written: int


class RemovedSentenceOut(BaseModel):
    """A sentence that an LLM wrote and that is no part of the answer."""

    text: str
    reason: str


class NarrowingOut(BaseModel):
    """Days, outlets or authors that the question was understood to be about alone."""

    kind: Literal["days", "outlets", "authors"]
    text: str = Field(description="As people read it: `17 January 2017`, `Skarholm Post`.")
    without: str = Field(description="The question without it; asked with an empty `history`, it is asked so.")


class SourcesOut(BaseModel):
    """The articles that an answer cites, counted."""

    cited: int
    wire: int = Field(description="Stories of an agency, or that other outlets printed too.")
    corrected: int = Field(description="Articles of which the archive holds an earlier version.")
    older_than_a_year: int


class CoverageOut(BaseModel):
    """The receipt of an answer: what was searched, and what kind of articles it cites."""

    articles: int = Field(description="Articles that were searched: those that pass the filters and outlets.")
    outlets: int
    first: date | None = Field(description="Day of the oldest of them.")
    last: date | None = Field(description="Day of the newest of them.")
    days_old: int | None = Field(description="Age of the newest, on the day of `as_of`, else today.")
    without_vectors: float = Field(description="Share of the archive that cannot be found by meaning yet, 0 to 1.")
    narrowed_to: list[str] = Field(description="Days, outlets and authors that were set or understood, in words.")
    sources: SourcesOut
    in_words: str = Field(description="The receipt as people read it.")

    @classmethod
    def of(cls, coverage: Coverage) -> CoverageOut:
        """From the engine's coverage."""
        names = set(cls.model_fields) - {"narrowed_to", "sources", "in_words"}
        return cls(
            **{name: getattr(coverage, name) for name in names},
            narrowed_to=list(coverage.narrowed_to),
            sources=SourcesOut(**{name: getattr(coverage, name) for name in SourcesOut.model_fields}),
            in_words=receipt_in_words(coverage),
        )


class AnswerOut(BaseModel):
    """An answer, or the refusal of one."""

    question: str
    standalone_question: str
    narrowed: list[NarrowingOut] = Field(
        description="What the question narrows the archive to, and how it reads without."
    )
    answerable: bool
    text: str
    short_answer: str | None = Field(description="The words that answer, as the archive has them.")
    when: WhenOut | None = Field(
        description="The days that the short answer means, counted from its article's date; null when it is no day, or "
        "when it is not plain which."
    )
    confidence: float = Field(ge=0, le=1)
    mode: Mode
    citations: list[CitationOut]
    evidence: list[EvidenceOut]
    notes: list[NoteOut]
    checked: CheckedOut | None = Field(description="What an LLM wrote, counted; null when none wrote anything.")
    removed: list[RemovedSentenceOut] = Field(
        description="Sentences of an LLM that failed the check: no part of the answer, never cited."
    )
    coverage: CoverageOut | None = Field(description="What was searched, and what kind of articles are cited.")
    timings_ms: dict[str, float]

    @classmethod
    def of(cls, answer: Answer) -> AnswerOut:
        """From the engine's answer."""
        names = (
            set(cls.model_fields)
            - {"when", "citations", "evidence", "notes", "checked", "removed"}
            - {"narrowed", "coverage"}
        )
        written = answer.verified + len(answer.removed)
        return cls(
            **{name: getattr(answer, name) for name in names},
            checked=CheckedOut(verified=answer.verified, written=written) if written else None,
            removed=[RemovedSentenceOut(text=each.text, reason=each.reason) for each in answer.removed],
            narrowed=[NarrowingOut(kind=each.kind, text=each.text, without=each.without) for each in answer.narrowed],
            when=WhenOut.of(answer.when) if answer.when else None,
            coverage=CoverageOut.of(answer.coverage) if answer.coverage else None,
            citations=[CitationOut.of(citation) for citation in answer.citations],
            evidence=[EvidenceOut.of(evidence) for evidence in answer.evidence],
            notes=[NoteOut(kind=note.kind, text=note.text) for note in answer.notes],
        )


class SearchOut(BaseModel):
    """One page of passages; `total` counts the candidates found, not every passage that shares a word."""

    total: int
    results: list[EvidenceOut]


class ArticleHeadOut(BaseModel):
    """An article without its text."""

    id: str
    title: str
    source: str
    authors: list[str]
    published: date | None
    url: str
    agency: str
    section: str
    language: str
    sample: bool
    modified: str = Field(
        default="",
        description="When its publisher says this version was made: a day, or a moment in UTC; empty: unknown.",
    )

    @classmethod
    def of(cls, article: Article) -> ArticleHeadOut:
        """From the catalogue's article."""
        names = set(ArticleHeadOut.model_fields) - {"authors"}
        return ArticleHeadOut(**{name: getattr(article, name) for name in names}, authors=list(article.authors))


class ArticleOut(ArticleHeadOut):
    """An article with its paragraphs."""

    paragraphs: list[str]

    @classmethod
    def of(cls, article: Article) -> ArticleOut:
        """From the catalogue's article."""
        return ArticleOut(**ArticleHeadOut.of(article).model_dump(), paragraphs=list(article.paragraphs))


class PieceOut(BaseModel):
    """Words that stayed, went or came: `same`, `removed` or `added`."""

    kind: str
    text: str

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> list[PieceOut]:
        """From pieces of a difference."""
        return [cls(kind=piece.kind, text=piece.text) for piece in pieces]


class DifferenceOut(BaseModel):
    """A paragraph that differs: its number in the version before and in this one, null where it is not there."""

    before: int | None
    after: int | None
    pieces: list[PieceOut]


class VersionOut(BaseModel):
    """What the article said for a time, and what that changed of the version before."""

    version: int
    seen_at: str = Field(description="When it was taken in, UTC; empty: that was not noted.")
    published: date | None
    modified: str = Field(description="When its publisher says it was made; empty: it does not say.")
    edition: int = Field(description="The number that its publisher gives it; 0: none.")
    title: str
    paragraphs: list[str]
    damaged: bool = Field(description="It is no longer what was stored, and not shown.")
    how: str = Field(
        description="`first`, `corrected` (words have gone), `updated` (words came), `described` (the text is the same)."
    )
    title_pieces: list[PieceOut] = Field(description="How the headline differs; empty when it is the same.")
    differences: list[DifferenceOut]


class HistoryOut(BaseModel):
    """All versions of an article, the oldest first; the last is the one that answers are made of."""

    id: str
    also_known_as: list[str] = Field(description="Other ids under which versions of it came.")
    versions: list[VersionOut]

    @classmethod
    def of(cls, history: History) -> HistoryOut:
        """From the catalogue's history."""
        shown: list[VersionOut] = []
        before: Article | None = None
        for version in history.versions:
            article = version.article or Article("", "", ())
            told = changed(before, article) if before and version.article else None
            shown.append(_version_out(version.number, version.seen_at, article, version.article is None, told))
            before = version.article or before
        return cls(id=history.id, also_known_as=list(history.also_known_as), versions=shown)


def _version_out(number: int, seen_at: str, article: Article, damaged: bool, told: Changed | None) -> VersionOut:
    return VersionOut(
        version=number,
        seen_at=seen_at,
        published=article.published,
        modified=article.modified,
        edition=article.edition,
        title=article.title,
        paragraphs=list(article.paragraphs),
        damaged=damaged,
        how=told.how if told else "damaged" if damaged else "first",
        title_pieces=PieceOut.of(told.title) if told else [],
        differences=[
            DifferenceOut(before=each.before, after=each.after, pieces=PieceOut.of(each.pieces))
            for each in (told.paragraphs if told else ())
        ],
    )


class ArticlesOut(BaseModel):
    """One page of articles, newest first."""

    total: int
    articles: list[ArticleHeadOut]


class RejectedOut(BaseModel):
    """An article that was not taken in: its place in what was posted (0-based), what it calls itself, and why."""

    index: int
    id: str
    reason: str


class WarningOut(BaseModel):
    """Something that was left out of an article that was taken in, such as a date that cannot be read."""

    index: int
    id: str
    text: str


class TakenInOut(BaseModel):
    """What became of the articles that were posted."""

    added: int
    updated: int
    unchanged: int
    older: int = Field(default=0, description="Versions that came late: kept as history.")
    held: int = Field(default=0, description="Under embargo, or withheld: not shown before their time.")
    withdrawn: int = Field(default=0, description="Kept out, because their sender took them back.")
    duplicates: int = Field(description="How many of the added ones are of a story that an earlier article tells.")
    samples_left: int = Field(
        description="How many sample articles left the archive, as all of them do when the first other article comes."
    )
    rejected: list[RejectedOut]
    warnings: list[WarningOut]


class RemovedOut(BaseModel):
    """The article that is gone."""

    removed: str


class VectorsOut(BaseModel):
    """Passages that can be found by meaning already, and all passages."""

    done: int
    total: int


class RunOut(BaseModel):
    """One run of `newsdesk ingest`. While it goes on, and when it was killed, its counts are the last that it told."""

    started_at: str = Field(description="UTC, ISO 8601.")
    ended_at: str = Field(description='"" while it goes on, or if it was killed.')
    added: int
    updated: int
    unchanged: int
    older: int = Field(description="Versions that came late and went into the history.")
    held: int = Field(description="Under embargo.")
    withdrawn: int = Field(description="Kept out, because their senders took them back.")
    rejected: int
    files_unchanged: int = Field(description="Files that were as they had been, and were not read again.")
    fetched: int = Field(description="Web addresses that were fetched.")


class StatsOut(BaseModel):
    """How much the archive holds and how far its views are."""

    articles: int
    paragraphs: int
    passages: int
    vectors: VectorsOut
    rejects: int
    samples: int
    stories: int = Field(default=0, description="Copies of one story, cut and edited ones too, count once.")
    under_embargo: int = Field(
        default=0, description="Articles that wait for the end of their embargo; counted nowhere else."
    )
    model: str
    vector_state: str = Field(
        description='How far search by meaning is: "ready", "making" (vectors are missing), "loading" (only the model that '
        'embeds questions is not there yet), "failed" (it cannot be loaded) or "none" (no vector was ever made).'
    )
    last_run: RunOut | None = Field(default=None, description="The last `newsdesk ingest`; null if there was none.")
    vector_view: str = Field(
        description='What answers by meaning: "chroma", "servers" (of Chroma), "exact" (a scan meanwhile) or "none".'
    )
    missing_parts: list[str] = Field(
        default=[], description="Parts of the archive that Chroma servers do not answer for: days and address of each."
    )


class Health(BaseModel):
    """A state in a word."""

    status: str
    missing_parts: list[str] = Field(
        default=[],
        description="Parts of the archive that Chroma servers do not answer for; left out where there are none.",
    )
