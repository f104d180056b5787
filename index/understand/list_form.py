"""Questions over many articles, told by their form: "What happened in X last week?", "Which outlets reported ...?".

A question that one article can answer must not be taken for one of these: "How many people were killed in the strike?"
asks for a figure, "What happened to the bridge?" for one event, "How many articles does the treaty have?" for neither
news nor reports. So counting is recognised only when articles are counted, or events that "were reported" on days that
the question names.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from index.understand.days.window import TimeWindow


class SurveyKind(Enum):
    """What is to be listed."""

    EVENTS = "events"
    """What happened, what is new, what has been reported."""
    SUMMARY = "summary"
    TIMELINE = "timeline"
    OUTLETS = "outlets"
    """Who reported it: a line for each outlet."""
    COUNT = "count"
    """How many stories: the list, and what was counted."""


def survey_kind(question: str, window: TimeWindow | None = None) -> SurveyKind | None:
    """The kind of list that the question asks for; None when it asks for a fact. `window`: of the question, if any."""
    frame = _frame(question, window)
    return frame.kind if frame else None


def survey_subject(question: str, window: TimeWindow | None = None) -> str:
    """What the list is to be about: the question without its form and without its time.

    "Which outlets reported the strike on al-Bab last week?" is about "the strike on al-Bab". It may be empty ("What
    happened last week?", "Summarise today's news"). A question that is no survey only loses its time.
    """
    frame = _frame(question, window)
    subject = _without_time(question, window)
    if frame:
        kept = frame.match.groupdict().get("keep") or ""
        subject = f"{kept} {subject[frame.match.end() :]}"
    subject = " ".join(subject.split()).strip(" ,;:?!.")
    return "" if frame and _ANYTHING.fullmatch(subject) else subject


class _Frame(NamedTuple):
    kind: SurveyKind
    match: re.Match[str]


_PLEASE = r"^\W*(?:please,? |(?:can|could|would) you (?:please )?)?"
_OUTLETS = (
    r"(?:(?:news |media )?(?:outlets|newspapers|papers|publications|publishers|broadcasters|media)|"
    r"(?:news|press|wire) agencies|news (?:sources|sites|organi[sz]ations))"
)
_REPORTED = (
    r"(?:have |has |had )?(?:also )?(?:report(?:ed)?(?: on| about)?|cover(?:ed)?|carr(?:ied|y)(?! out)|ran|wrote about|"
    r"written about|mention(?:ed)?|picked up)\b"
)
_ANYTHING = re.compile(r"(?:the |all )?(?:news|headlines|stories|events|reports|coverage)", re.IGNORECASE)
_ARTICLES = r"(?:different )?(?:news )?(?:articles|stories|headlines|news items|outlets|newspapers)"
_ABOUT = r"(?:about|on|regarding|concerning)\b"
_EVENTS = (
    # What reports are counted by. Not what comes as a figure within a report: cases, deaths, people, jobs.
    r"(?:strikes|raids|attacks|bombings|explosions|blasts|shootings|stabbings|incidents|accidents|crashes|collisions|"
    r"fires|blazes|wildfires|floods|landslides|avalanches|earthquakes|quakes|storms|tornadoes|eruptions|outages|protests|"
    r"demonstrations|marches|rallies|riots|clashes|robberies|burglaries|walkouts|resignations|closures|derailments|"
    r"spills|coups|kidnappings|hijackings|ceasefires|visits|summits)"
)


def _compiled(kind: SurveyKind, pattern: str, needs_window: bool = False) -> tuple[SurveyKind, re.Pattern[str], bool]:
    return kind, re.compile(_PLEASE + pattern, re.IGNORECASE), needs_window


_FORMS = (
    _compiled(SurveyKind.EVENTS, r"what (?:has |have |had )?happened\b(?! (?:to|when|after|before|if|because|next)\b)(?: in\b)?", True),
    _compiled(SurveyKind.EVENTS, r"what(?:[’']s| is| has been) (?:happening|going on)\b(?! to\b)(?: (?:in|with)\b)?"),
    _compiled(SurveyKind.EVENTS, r"what(?:[’']s| is) (?:new|the latest(?: news)?)(?: (?:about|on|in|from|with|at|around|regarding)\b|(?=\W*$))"),
    _compiled(SurveyKind.EVENTS, r"what are the (?:latest|recent|newest) (?:news|headlines|developments|updates|stories|reports)\b(?: (?:about|on|in|from)\b)?"),
    _compiled(SurveyKind.EVENTS, r"(?:(?:is|are) there (?:any )?|any |(?:show|give|tell) me )?(?:the )?(?:latest |recent )?(?:news|headlines|updates?) (?:about|on|from|regarding|concerning)\b"),
    _compiled(SurveyKind.EVENTS, rf"what (?:has|have) been (?:reported|published|written|said)(?: so far)? (?:{_ABOUT}|from\b)"),
    _compiled(SurveyKind.EVENTS, rf"what (?:was|is|is being|are|were) (?:(?:reported|published) (?:{_ABOUT}|from\b)|written (?:about|regarding)\b)"),
    _compiled(SurveyKind.EVENTS, rf"what (?:have|has|did|do) (?:the )?{_OUTLETS} (?:reported?|said|say|written|write|published?) {_ABOUT}"),
    _compiled(SurveyKind.SUMMARY, r"(?:summari[sz]e|sum up|recap)\b(?: (?:what happened (?:in|to)|the (?:latest )?(?:news|reports|articles|stories|coverage) (?:about|on|of|from))\b)?"),
    _compiled(SurveyKind.SUMMARY, r"(?:(?:give|write|show)(?: me)? )?(?:(?:a|an) )?(?:short |brief |quick )?(?:summary|overview|round-?up|recap|digest) of\b(?: (?:the )?(?:news|reports|articles|stories|coverage) (?:about|on|of|from)\b)?"),
    _compiled(SurveyKind.TIMELINE, r"(?:(?:give|show|make|write|draw up)(?: me)? |what is )?(?:(?:a|the) )?(?:timeline|chronology) of\b"),
    _compiled(SurveyKind.OUTLETS, rf"(?:list|name|show(?: me)?|give me)(?: all)?(?: of)?(?: the)? {_OUTLETS} (?:that|which|who) {_REPORTED}"),
    _compiled(SurveyKind.OUTLETS, rf"(?:which|what) {_OUTLETS} {_REPORTED}"),
    _compiled(SurveyKind.OUTLETS, rf"(?:in|by) which {_OUTLETS} (?:was|were|has|have) (?P<keep>.+?) (?:been )?(?:reported|covered|mentioned|published)\b"),
    _compiled(SurveyKind.COUNT, rf"how many {_ARTICLES} (?:in the archive )?(?:are there {_ABOUT}|were there {_ABOUT}|(?:have |has |were |was )?(?:been )?(?:published |written |printed )?(?:{_ABOUT}|cover(?:ed)?\b|mention(?:ed)?\b|report(?:ed)?\b(?: on| about)?|dealt? with\b))"),
    _compiled(SurveyKind.COUNT, rf"how many (?:news )?reports (?:are there|were there|(?:have been |were )(?:published|printed)) {_ABOUT}"),
    _compiled(SurveyKind.COUNT, r"how (?:many times|often) (?:was|were|is|has|have) (?P<keep>.+?) (?:been )?(?:reported|mentioned|covered|in the news)\b(?! (?:to|by|as|in|with)\b)"),
    _compiled(SurveyKind.COUNT, rf"how many (?P<keep>(?:(?!in |of |from |people )[\w’'-]+ ){{0,2}}{_EVENTS}(?: (?:in|on|near|at|against) .+?)?) (?:were|was|are|have been) (?:reported|covered)\b(?! (?:to|by|as)\b)", True),
)  # fmt: skip


def _frame(question: str, window: TimeWindow | None) -> _Frame | None:
    """The first form that fits the question without its time; the words it takes are its match."""
    timeless = _without_time(question, window)
    for kind, pattern, needs_window in _FORMS:
        match = pattern.match(timeless)
        if match and (window is not None or not needs_window):
            return _Frame(kind, match)
    return None


def _without_time(question: str, window: TimeWindow | None) -> str:
    """The question without the words of its window, and a possessive's ending with them; white space as single spaces."""
    if window is not None:
        question = re.sub(rf"(?<!\w){re.escape(window.text)}(?!\w)(?:[’']s\b)?", " ", question, count=1)
    return " ".join(question.split())
