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
    OUTLET = "outlet"
    """Which outlet reported it, where one is expected."""
    AUTHOR = "author"
    """Who wrote the article about it."""
    PUBLISHED = "published"
    """On which day the article about it was printed."""


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
_FOR_ME = r"(?:(?:give|show|tell|get|list|find|write|make|draw up|i (?:need|want|would like))(?: me)? )?"
_OUTLETS = (
    r"(?:(?:news |media )?(?:outlets|newspapers|papers|publications|publishers|broadcasters|media)|"
    r"(?:news|press|wire) (?:agencies|sources|sites))"
)
_REPORTED = (
    r"(?:have |has |had )?(?:also )?(?:report(?:ed)?(?: on| about)?|cover(?:ed)?|carr(?:ied|y)(?! out)|ran|wrote about|"
    r"written about|mention(?:ed)?|picked up)\b"
)
_ARTICLES = r"(?:news )?(?:articles|stories|headlines|news items|reports|outlets|newspapers)"
_ALL = r"(?:all|every|each|any|the|of the|your|our|latest|recent)"
_EACH = r"(?:news )?(?:articles?|stor(?:y|ies)|headlines?|news items?|reports?|pieces?|coverage)"
_ANYTHING = re.compile(r"(?:the |all )?(?:news|headlines|stories|events|reports|coverage)", re.IGNORECASE)
_ABOUT = r"(?:about|on|regarding|concerning)\b"
_OF = r"(?:of|about|on|from|in|with|at|around|regarding|concerning)\b"
_NEWS = r"(?:news|headlines|updates?|developments|events|stories|reports)"
_OUTLET = r"(?:newspaper|paper|outlet|magazine|publication|publisher|broadcaster|news (?:agency|site|outlet|source|organi[sz]ation)|website)"
_PIECE = (
    r"(?:the |an? |this |that |your |our )?(?:(?:first|latest|original|lead|front-page|news|newspaper|press) )?"
    r"(?:(?:article|story|piece|column|editorial|dispatch|news item)s? (?:about|on|regarding|concerning|that|saying|headlined|titled|entitled)|"
    r"reports? (?:about|on|of|regarding|concerning|that|saying|headlined))\b"
)
"""An article, by what it is about; "the UN report on" is somebody else's, and "the story of" may be a novel."""
_WAS_PRINTED = r"(?:first |originally |last )?(?:been )?(?:published|printed|posted|written|filed|run|appear(?:ed)?|come out|go online)\b"
_NO_FIGURE = r"(?!in |of |from |people |men |women |children |cases |deaths |jobs )"


def _compiled(kind: SurveyKind, pattern: str, needs_window: bool = False) -> tuple[SurveyKind, re.Pattern[str], bool]:
    return kind, re.compile(_PLEASE + pattern, re.IGNORECASE), needs_window


_FORMS = (
    _compiled(SurveyKind.EVENTS, r"what (?:has |have |had )?happened\b(?! (?:to|when|after|before|if|because|next)\b)(?: in\b)?", True),
    _compiled(SurveyKind.EVENTS, r"what(?:[’']s| is| has been|[’']s been) (?:happening|going on)\b(?! to\b)(?: (?:in|with)\b)?"),
    _compiled(SurveyKind.EVENTS, rf"what(?:[’']s| is) (?:new|the latest(?: news)?)(?: {_OF}|(?=\W*$))"),
    _compiled(SurveyKind.EVENTS, rf"what (?:are|were) the (?:latest|recent|newest|main|biggest|top) {_NEWS}\b(?: {_OF})?"),
    _compiled(SurveyKind.EVENTS, rf"(?:(?:is|are) there )?{_FOR_ME}(?:any(?:thing)? new |(?:{_ALL} )*(?:{_NEWS}|{_EACH}) ){_ABOUT}"),
    _compiled(SurveyKind.EVENTS, rf"(?:{_FOR_ME}|tell me about )(?:everything|all)(?: (?:that happened|there is|you have|you know))?(?: {_OF})"),
    _compiled(SurveyKind.EVENTS, r"what (?:has|have|was|is|were|are)(?: been| being)? (?:reported|published|written|said)(?: so far)? (?:about|from|regarding|concerning)\b"),
    _compiled(SurveyKind.EVENTS, rf"what (?:have|has|did|do) (?:the )?(?:{_OUTLETS}|we|you|people) (?:got|have|know|reported?|said|say|written|write|published?|run|ran)(?: so far)? {_ABOUT}"),
    _compiled(SurveyKind.SUMMARY, r"(?:summari[sz]e|sum up|recap|catch me up on|fill me in on|(?:bring|get) me up to (?:speed|date) (?:on|with)|(?:run|talk|walk|take) me through)\b(?: what happened (?:in|to)| the (?:latest )?(?:news|reports|articles|stories|coverage) (?:about|on|of|from)\b)?"),
    _compiled(SurveyKind.SUMMARY, rf"{_FOR_ME}(?:an? |the )?(?:short |brief |quick )?(?:summary|overview|round-?up|recap|digest|headlines) {_OF}(?: (?:the )?(?:news|reports|articles|stories|coverage) (?:about|on|of|from)\b)?"),
    _compiled(SurveyKind.TIMELINE, rf"(?:what is )?{_FOR_ME}(?:(?:an?|the) )?(?:timeline|chronology) of\b"),
    _compiled(SurveyKind.OUTLETS, rf"(?:list|name|{_FOR_ME})(?: all)?(?: of)?(?: the)? ?{_OUTLETS} (?:that|which|who) {_REPORTED}"),
    _compiled(SurveyKind.OUTLETS, rf"(?:which|what) {_OUTLETS} {_REPORTED}"),
    _compiled(SurveyKind.OUTLETS, rf"(?:in|by) which {_OUTLETS} (?:was|were|has|have) (?P<keep>.+?) (?:been )?(?:reported|covered|mentioned|published)\b"),
    _compiled(SurveyKind.OUTLET, rf"(?:which|what) {_OUTLET} {_REPORTED}(?! (?:its|his|her|their)\b)(?: {_PIECE}| that\b)?"),
    _compiled(SurveyKind.OUTLET, rf"(?:in|by) (?:which|what) {_OUTLET} (?:was|were|did|has|have) {_PIECE} (?P<keep>.+?) {_WAS_PRINTED}"),
    _compiled(SurveyKind.OUTLET, rf"(?:in|by) (?:which|what) {_OUTLET} (?:was|were|has|have) (?P<keep>.+?) (?:been )?(?:reported|covered|mentioned)\b"),
    _compiled(SurveyKind.OUTLET, rf"where (?:was|were|did) {_PIECE} (?P<keep>.+?) {_WAS_PRINTED}"),
    _compiled(SurveyKind.OUTLET, rf"who (?:published|printed|ran|carried) {_PIECE}"),
    _compiled(SurveyKind.AUTHOR, rf"who(?: has| have| had)? (?:written|wrote|penned|authored|filed) {_PIECE}"),
    _compiled(SurveyKind.AUTHOR, rf"(?:who|what|which \w+)(?:[’']s| is| was| are| were) (?:the )?(?:name of the )?(?:(?:author|writer|reporter|journalist)s? (?:of|behind)|behind) {_PIECE}"),
    _compiled(SurveyKind.AUTHOR, rf"who(?:[’']s| is| was| were) {_PIECE} (?P<keep>.+?) (?:written )?(?:by|from)(?=\W*$)"),
    _compiled(SurveyKind.AUTHOR, rf"(?:which|what) (?:journalist|reporter|author|writer|correspondent|columnist|editor)s? (?:has |have )?(?:wrote|written|penned|filed) {_PIECE}"),
    _compiled(SurveyKind.AUTHOR, r"(?:which|what) (?:journalist|reporter|correspondent|columnist)s? (?:has |have )?(?:(?:wrote|written) (?:about|that)|reported(?: on| about| that)?|covered)\b"),
    _compiled(SurveyKind.AUTHOR, rf"(?:by|from) whom (?:was|is|were) {_PIECE} (?P<keep>.+?)(?: (?:written|penned|filed))?(?=\W*$)"),
    _compiled(SurveyKind.AUTHOR, rf"whose (?:byline|name) (?:is|was|stands) (?:on|over|above|under|at) {_PIECE}"),
    _compiled(SurveyKind.PUBLISHED, rf"(?:when|(?:on |in )?(?:what|which) (?:day|date|month|year)) (?:was|were|is|did|had|has) {_PIECE} (?P<keep>.+?) {_WAS_PRINTED}"),
    _compiled(SurveyKind.PUBLISHED, rf"(?:from (?:when|what (?:day|date))|of (?:what|which) (?:day|date)|how old) (?:is|was) {_PIECE}"),
    _compiled(SurveyKind.PUBLISHED, rf"what(?:[’']s| is| was) the (?:publication )?(?:date|day) (?:of|on) {_PIECE}"),
    _compiled(SurveyKind.EVENTS, rf"(?:which|what) {_ARTICLES} (?:(?:are|were|do (?:you|we) have|are there|have been (?:written|published)) )?(?:mention|{_ABOUT}|report|cover|discuss|deal with)\b"),
    _compiled(SurveyKind.COUNT, rf"how many {_ARTICLES} (?:in the archive )?(?:(?:are|were) there |(?:have |has |were |was )?(?:been )?(?:published |written |printed )?)(?:{_ABOUT}|cover(?:ed)?\b|mention(?:ed)?\b|report(?:ed)?\b(?: on| about)?)"),
    _compiled(SurveyKind.COUNT, r"how (?:many times|often) (?:was|were|is|has|have) (?P<keep>.+?) (?:been )?(?:reported|mentioned|covered|in the news)\b(?! (?:to|by|as|in|with)\b)"),
    _compiled(SurveyKind.COUNT, rf"how many (?P<keep>{_NO_FIGURE}(?:[\w’'-]+ ){{1,3}}(?:(?:in|on|near|at|against) .+? )?)(?:were|was|are|have been) (?:reported|covered)\b(?! (?:to|by|as|missing|hurt|stolen)\b)", True),
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
