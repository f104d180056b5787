"""The shared language of all rooms: small immutable values, standard library only.

Offsets are Python string indices (code points), half open, 0-based. Paragraph numbers are 0-based.
Dates are calendar days as the publisher wrote them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

CANNOT_ANSWER = "The archive does not say."
"""The one sentence that stands in place of every answer that is withheld."""

MAX_QUESTION = 2_000
"""Characters. Longer than any question; what is longer is a document."""

Mode = Literal["extractive", "llm"]
AskedMode = Literal["auto", "extractive", "llm"]
Caution = Literal["low", "normal", "high"]


@dataclass(frozen=True, slots=True)
class Article:
    """One story as its publisher wrote it, cleaned; the paragraphs are what citations point at."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    source: str = ""
    """The outlet that published it."""
    authors: tuple[str, ...] = ()
    published: date | None = None
    url: str = ""
    agency: str = ""
    """The news agency whose text the outlet printed, if any."""
    section: str = ""
    language: str = ""
    sample: bool = False
    """True for the articles that ship with Newsdesk; they leave when the first other article comes."""
    edition: int = 0
    """Which version of the story its publisher says this is; 0: it does not say."""
    modified: str = ""
    """When its publisher says this version was made: "2017-01-18", or "2017-01-18T09:30:00Z" in UTC; "": it does not say."""


@dataclass(frozen=True, slots=True)
class HeldArticle(Article):
    """An article that its sender does not want read yet."""

    until: datetime | None = None
    """The end of its embargo, with a zone; None: it is withheld until another version of it comes."""


def is_whole(text: str) -> bool:
    """False for a text with half a character (a lone surrogate), which can be neither stored nor searched."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


class Span(NamedTuple):
    """Characters [start:end] of paragraph `paragraph`."""

    paragraph: int
    start: int
    end: int


def passage_text(paragraphs: Mapping[int, str], spans: Sequence[Span]) -> str:
    """The text of a passage: its spans joined by a blank line, or by a space within one paragraph.

    `paragraphs` maps at least the numbers that `spans` names to their text.
    """
    parts: list[str] = []
    for index, span in enumerate(spans):
        if index:
            parts.append(" " if span.paragraph == spans[index - 1].paragraph else "\n\n")
        parts.append(paragraphs[span.paragraph][span.start : span.end])
    return "".join(parts)


def embedded_text(header: str, text: str) -> str:
    """What the embedding model sees of a passage."""
    return f"{header}\n{text}" if header else text


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of neighbouring paragraphs of one article: the unit of retrieval.

    `text` is the paragraphs' text joined by one blank line; `header` (headline, outlet, date) goes in
    front of what is embedded and is never quoted.
    """

    id: str
    article_id: str
    position: int
    spans: tuple[Span, ...]
    text: str
    header: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that was not taken in, and why."""

    origin: str
    """Where it came from: a file, or a file and line."""
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn(Rejected):
    """Something that its sender took back: the article with its id leaves the archive, and stays out of it."""

    edition: int = 0
    """As an article's: newer versions than this are taken in again."""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A web address at which something is to be had, and what is known of it without asking there."""

    address: str
    holds_more: bool = False
    """What lies there may be a list (a feed, a sitemap) that names other places."""
    published: date | None = None
    changed: datetime | None = None
    """With a zone."""


@dataclass(frozen=True, slots=True)
class Elsewhere(Rejected):
    """Something that is only named here and lies at other places: a reject, unless these are fetched."""

    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """Narrows a search. Days are inclusive; an undated article falls out when one of the first two is set."""

    sources: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None
    as_of: date | None = None
    """Leaves out what was published after this day, and keeps undated articles."""

    def __bool__(self) -> bool:
        return bool(self.sources or self.published_from or self.published_to or self.as_of)

    def days(self) -> tuple[int, int] | None:
        """First and last day allowed, as proleptic Gregorian ordinals, 0 standing for undated; None: all."""
        if not (self.published_from or self.published_to or self.as_of):
            return None
        windowed = self.published_from is not None or self.published_to is not None
        first = self.published_from.toordinal() if self.published_from else int(windowed)
        ends = [day for day in (self.published_to, self.as_of) if day is not None]
        return first, (min(ends) if ends else date.max).toordinal()


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the engine."""

    text: str
    history: tuple[Turn, ...] = ()
    as_of: date | None = None
    """Nothing published after this day is used."""
    filters: Filters = field(default_factory=Filters)
    mode: AskedMode = "auto"
    caution: Caution = "normal"
    top_k: int = 8
    written_out: bool = False
    """Its text is a follow-up written out, which needs no history; that only adds to what is searched."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that was found, with its article's particulars."""

    article_id: str
    passage_id: str
    spans: tuple[Span, ...]
    text: str
    score: float
    title: str
    source: str
    authors: tuple[str, ...]
    published: date | None
    url: str
    sample: bool = False

    @property
    def paragraphs(self) -> tuple[int, ...]:
        """Numbers of the paragraphs the passage covers, rising."""
        return tuple(span.paragraph for span in self.spans)


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article that holds the same paragraph, or the same words in a copy of the story (syndication)."""

    article_id: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Change:
    """Words that went and words that came in their place; one of the two may be empty."""

    removed: str
    added: str


@dataclass(frozen=True, slots=True)
class Correction:
    """How a cited paragraph was changed last, in the present version of its article or in one before."""

    kind: Literal["corrected", "updated"]
    """`corrected` when words that were printed have gone, `updated` when some only came."""
    on: date
    """The day on which the publisher made this version; where that is not told, the day on which it was seen (UTC)."""
    before: str
    """The paragraph as it was; "" where it is new."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """`quote` is paragraph `paragraph` of the article at [start:end], to the letter; `shown` marks where it was cut."""

    marker: int
    article_id: str
    paragraph: int
    quote: str
    start: int
    end: int
    title: str
    source: str
    authors: tuple[str, ...]
    published: date | None
    url: str
    permalink: str
    verified: Literal["verbatim", "supported"] = "verbatim"
    also_in: tuple[Copy, ...] = ()
    cut_before: bool = False
    """The sentence that the quote begins in has words before it."""
    cut_after: bool = False
    """The sentence that the quote ends in goes on behind it."""
    version: int = 1
    """Which version of its article is quoted, counted from 1."""
    correction: Correction | None = None
    """Where the cited paragraph was changed in some version."""

    @property
    def shown(self) -> str:
        """The quote with an ellipsis wherever its sentence was cut."""
        return f"{'… ' if self.cut_before else ''}{self.quote}{' …' if self.cut_after else ''}"


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader of an answer should know, such as a part that was not available."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class When:
    """The days that a short answer such as "Saturday" means, both included."""

    start: date
    end: date
    how: str
    """How they were found, in a few words: "written", "weekday before publication"."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Something that a question was understood to narrow the archive to."""

    kind: Literal["days", "outlets", "authors"]
    text: str
    """As it is shown: "17 January 2017", "Skarholm Post"."""
    without: str
    """The question without it, which can be asked instead."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """Words of an LLM as it writes them, not checked yet; empty while it is silent."""

    text: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence that an LLM wrote and that is no part of the answer, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The receipt of an answer: what was searched, and what kind of articles it cites."""

    articles: int
    outlets: int
    first: date | None
    """The day of the oldest article searched, and of the newest."""
    last: date | None
    days_old: int | None
    """How old the newest was on the day that the question names, else on the day it was asked."""
    without_vectors: float
    """Share of the archive's passages that cannot be found by meaning yet, 0 to 1."""
    narrowed_to: tuple[str, ...] = ()
    """Days, outlets and authors that were set or understood, in words."""
    cited: int = 0
    """Articles that the answer cites; so many of them are agency stories or stand elsewhere too, ..."""
    wire: int = 0
    corrected: int = 0
    """... have an earlier version, ..."""
    older_than_a_year: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine returns; when not `answerable`, `text` is CANNOT_ANSWER and nothing is cited."""

    question: str
    standalone_question: str
    """The question as a sentence that needs no conversation; as asked where it needs none anyway."""
    answerable: bool
    text: str
    confidence: float
    """Probability that the answer shown, or the one withheld, is right."""
    mode: Mode = "extractive"
    short_answer: str | None = None
    """The words that answer, as the archive has them."""
    when: When | None = None
    """The days meant, where the short answer is a day or some days and it is plain which."""
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Note, ...] = ()
    verified: int = 0
    """Sentences of an LLM that were checked and are the answer."""
    removed: tuple[Removed, ...] = ()
    """Sentences of an LLM that failed the check."""
    narrowed: tuple[Narrowing, ...] = ()
    coverage: Coverage | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)
