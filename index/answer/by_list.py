"""A dated list in answer to a question over many articles: one line for each story, or for each outlet.

Articles of one story (newsdesk.catalogue.stories) are one line. Each line is a sentence of the archive, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from index.answer.draft import Draft
from index.answer.kinds.about_article import about_article
from index.passage import FoundPassage
from index.text.places import located_sentences
from index.text.terms import query_terms
from index.understand.conversation import Standalone
from index.understand.list_form import SurveyKind
from index.understand.question import UnderstoodQuestion
from index.understand.spelling import Respelt, as_asked
from index.understand.worth import coverage
from newsdesk.types import Evidence, Note, Span
from newsdesk.wording.counted import counted
from newsdesk.wording.dateline import MONTHS, dateline, in_words

MAX_LINES = 10
"""What a reader takes in at a glance; what is left out is said in a note."""
RELEVANT = 0.61
"""Share of the question's worth that an article must hold to be listed: a name counts 1.5 where another word counts 1, and
the place alone (0.6 of "the flood in Tannet") is not the story. By reasoning, not measured: no public set has questions
with all their stories labelled."""
_LEAD = 0.4
"""Share of the question's worth that another sentence must hold more than the first one, to be shown for the story: one that
repeats the place alone ("The rest are still in guest rooms in Hallowby") says less than the lead."""
_LEANS = re.compile(  # on the sentence before it
    r"[“\"‘]?(?:he|she|they|it|his|her|their|its|this|that|these|those|both|others?|another|such|then|there|but|and|so|not|also|"
    r"meanwhile|however|instead|the (?:rest|others?|latter|same|two|man|woman|pair))\b",
    re.IGNORECASE,
)
_AS_MUCH = 0.1
"""Articles whose share of the question's worth is within so much of the best one's may be meant as well."""
_MOST_MEANT = 3
_SCRAP = 4  # terms; a shorter sentence, such as a kicker, tells nothing by itself


class ByList:
    """An Answerer that lists what was found: a line for each story, or for each outlet."""

    def __init__(self, respelt: Callable[[Standalone], Sequence[Respelt]]) -> None:
        """`respelt` says how else what is asked for is spelt."""
        self._respelt = respelt

    def draft(self, asked: UnderstoodQuestion, passages: Sequence[FoundPassage]) -> Draft:
        """The list, as sure as what is listed is about the question."""
        assert asked.list_of is not None, "only a question for a list is answered by one"
        found = survey(asked.list_of, asked.worth, passages, self._respelt(asked.alone))
        if asked.list_of in (SurveyKind.AUTHOR, SurveyKind.PUBLISHED, SurveyKind.OUTLET):
            return about_article(asked.list_of, found.sentences, found.relevance)
        return Draft(found.sentences, found.relevance, found.text, notes=found.notes)


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """One line of the list."""

    evidence: Evidence
    span: Span
    """The sentence shown: characters of a paragraph of the evidence."""
    quote: str
    also: tuple[str, ...] = ()
    """Other outlets that have the same story."""


@dataclass(frozen=True, slots=True)
class Survey:
    """The list, newest first, undated lines last; empty when nothing found is about the question."""

    lines: tuple[SurveyLine, ...]
    notes: tuple[Note, ...] = ()
    stories: int = 0
    """All that were found, shown or not."""
    outlets: int = 0
    relevance: float = 0.0
    """Mean share of the question's worth that the articles shown hold, 0..1."""

    @property
    def sentences(self) -> tuple[tuple[Evidence, Span], ...]:
        """What is to be cited, in order."""
        return tuple((line.evidence, line.span) for line in self.lines)

    @property
    def text(self) -> str:
        """The sentences alone."""
        return " ".join(line.quote for line in self.lines)


def survey(
    kind: SurveyKind, worth: Mapping[str, float], passages: Iterable[FoundPassage], respelt: Sequence[Respelt] = ()
) -> Survey:
    """The list over these passages, which the caller has narrowed to the days asked about.

    `worth` is what each term of the subject (`survey_subject`) counts; when empty, everything found is listed. Terms
    that no passage holds count as well, so a subject that the archive does not know gives an empty list. `respelt` is how
    else the subject is spelt.
    """
    reports = [report for report in _reports(worth, passages, respelt) if report.relevance >= RELEVANT or not worth]
    stories = _stories(reports)
    if kind in (SurveyKind.AUTHOR, SurveyKind.PUBLISHED):
        stories = _meant(stories, worth)
    shown = (
        _one_each(reports)
        if kind in (SurveyKind.OUTLETS, SurveyKind.OUTLET)
        else [(story[0], _others(story)) for story in stories]
    )
    shown.sort(key=lambda line: _newest_first(line[0]))
    return Survey(
        lines=tuple(_line(report, also, worth) for report, also in shown[:MAX_LINES]),
        notes=(*_notes(kind, reports, len(stories), len(shown)), *_also(shown[:MAX_LINES])),
        stories=len(stories),
        outlets=len(_outlets(reports)),
        relevance=sum(report.relevance if worth else 1.0 for report, _ in shown) / (len(shown) or 1),
    )


# --- Articles and stories -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Report:
    """What was found of one article."""

    passages: tuple[Evidence, ...]
    relevance: float
    story: int
    """The number of the story that it tells; 0 when that is not known."""

    @property
    def id(self) -> str:
        return self.passages[0].article_id

    @property
    def published(self) -> date | None:
        return self.passages[0].published

    @property
    def source(self) -> str:
        return self.passages[0].source.strip()


def _reports(worth: Mapping[str, float], passages: Iterable[FoundPassage], respelt: Sequence[Respelt]) -> list[_Report]:
    by_article: dict[str, list[FoundPassage]] = {}
    for passage in passages:
        if passage.evidence.text.strip():
            by_article.setdefault(passage.evidence.article_id, []).append(passage)
    found = []
    for several in by_article.values():
        evidence = tuple(sorted((each.evidence for each in several), key=lambda item: item.spans))
        terms = _terms(evidence[0].title).union(*(_terms(item.text) for item in evidence))
        found.append(_Report(evidence, coverage(worth, as_asked(terms, respelt)), several[0].story))
    return found


def _terms(text: str) -> frozenset[str]:
    return frozenset(query_terms(text))


def _stories(reports: Iterable[_Report]) -> list[list[_Report]]:
    """The reports by the stories that they tell; in each the earliest, then the longest, first."""
    stories: dict[int | str, list[_Report]] = {}
    for report in sorted(reports, key=_earliest_then_longest):
        stories.setdefault(report.story or report.id, []).append(report)
    return list(stories.values())


def _one_each(reports: Iterable[_Report]) -> list[tuple[_Report, tuple[str, ...]]]:
    """For each outlet that is named, its report that is most about the question."""
    by_outlet: dict[str, list[_Report]] = {}
    for report in reports:
        if report.source:
            by_outlet.setdefault(_outlet(report.source), []).append(report)
    return [(min(group, key=_most_about), ()) for group in by_outlet.values()]


def _outlet(name: str) -> str:
    return name.strip().casefold()


def _outlets(reports: Iterable[_Report]) -> dict[str, str]:
    """The outlets that are named, each once, as first written."""
    found: dict[str, str] = {}
    for report in reports:
        if report.source:
            found.setdefault(_outlet(report.source), report.source)
    return found


def _others(story: Sequence[_Report]) -> tuple[str, ...]:
    """Outlets of the story besides that of its first report."""
    named = _outlets(story)
    named.pop(_outlet(story[0].source), None)
    return tuple(named.values())


def _earliest_then_longest(report: _Report) -> tuple[date, int, str]:
    return report.published or date.max, -sum(len(item.text) for item in report.passages), report.id


def _most_about(report: _Report) -> tuple[float, tuple[date, int, str]]:
    return -report.relevance, _earliest_then_longest(report)


def _newest_first(report: _Report) -> tuple[int, str]:
    return -(report.published.toordinal() if report.published else 0), report.id


# --- Lines and notes ------------------------------------------------------------------------------------------------


def _meant(stories: Sequence[list[_Report]], worth: Mapping[str, float]) -> list[list[_Report]]:
    """The stories that are most about the subject, by how they begin too: of one article is asked, as a rule."""

    def about(story: list[_Report]) -> float:
        return story[0].relevance + coverage(
            worth, _terms(story[0].passages[0].title) | _terms(story[0].passages[0].text)
        )

    best = max(map(about, stories), default=0.0)
    return [story for story in stories if about(story) >= best - _AS_MUCH][:_MOST_MEANT]


def _line(report: _Report, also: tuple[str, ...], worth: Mapping[str, float]) -> SurveyLine:
    """With its first sentence, which in news tells the story, or one further on that carries much more of the question."""
    sentences = [(item, span, quote) for item in report.passages for span, quote in located_sentences(item)]
    telling = [
        each
        for each in sentences
        if len(_terms(each[2])) >= _SCRAP and not each[2].endswith("?") and not _LEANS.match(each[2])
    ] or sentences
    item, span, quote = max(telling, key=lambda each: coverage(worth, _terms(each[2])) + _LEAD * (each is telling[0]))
    return SurveyLine(item, span, quote, also)


def _notes(kind: SurveyKind, reports: Sequence[_Report], stories: int, lines: int) -> tuple[Note, ...]:
    if not reports:
        return ()
    by_outlet = kind in (SurveyKind.OUTLETS, SurveyKind.OUTLET)
    notes = []
    if kind in (SurveyKind.OUTLETS, SurveyKind.COUNT):
        what = counted(len(reports), "article") if by_outlet else counted(stories, "story", "stories")
        outlets = len(_outlets(reports))
        source = f" from {counted(outlets, 'outlet')}" if outlets else ""
        verb = "was" if what.startswith("1 ") else "were"
        notes.append(Note("counted", f"{what}{source}{_period(reports)} {verb} counted."))
    if lines > MAX_LINES:
        what = "outlets" if by_outlet else "stories"
        notes.append(Note("more", f"The newest {MAX_LINES} of {lines} {what} found are shown."))
    return tuple(notes)


def _also(shown: Sequence[tuple[_Report, tuple[str, ...]]]) -> list[Note]:
    """Which other outlets have a story, where any has."""
    return [
        Note("also", f"The story of {dateline(report.published, report.source)} is also in {', '.join(also)}.")
        for report, also in shown
        if also
    ]


def _period(reports: Iterable[_Report]) -> str:
    """The days on which they were published: " between 3 and 29 January 2022"."""
    days = sorted(report.published for report in reports if report.published)
    if not days:
        return ""
    first, last = days[0], days[-1]
    if first == last:
        return f" of {in_words(first)}"
    begin = in_words(first)
    if first.year == last.year:
        begin = str(first.day) if first.month == last.month else f"{first.day} {MONTHS[first.month - 1]}"
    return f" between {begin} and {in_words(last)}"
