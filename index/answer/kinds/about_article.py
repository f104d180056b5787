"""Who wrote an article and when it was printed: answered with what the archive keeps about it beside its text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.answer.draft import Draft
from index.text.places import text_at
from index.understand.list_form import SurveyKind
from newsdesk.types import Evidence, Note, Span, When
from newsdesk.wording.dateline import dateline, in_words

ABOUT_ARTICLE = frozenset((SurveyKind.AUTHOR, SurveyKind.PUBLISHED, SurveyKind.OUTLET))
"""What is asked of an article and not of what it tells."""
_MISSING = {SurveyKind.AUTHOR: "author", SurveyKind.PUBLISHED: "date", SurveyKind.OUTLET: "outlet"}
_TELLS = {
    SurveyKind.AUTHOR: re.compile(r"\b(?:writ(?:es?|ten|ing)|wrote|penned|authors?|articles?|columns?|byline)\b", re.I),
    SurveyKind.PUBLISHED: re.compile(r"\b(?:publi(?:sh\w*|cation)|print\w*|appear\w*|released?|posted|came out)\b", re.I),
    SurveyKind.OUTLET: re.compile(r"\b(?:report\w*|publi\w+|print\w*|wrote|written|writes|newspapers?|magazines?|according|headlines?|told)\b", re.I),
}  # fmt: skip


def tells_of_articles(kind: SurveyKind, quotes: Sequence[str]) -> bool:
    """Whether what the archive's text says is itself about articles: "The Ledger reported that ..."."""
    return any(_TELLS[kind].search(quote) for quote in quotes)


def about_article(kind: SurveyKind, lines: Sequence[tuple[Evidence, Span]], relevance: float) -> Draft:
    """The draft of the articles that are meant, each with the sentence that it begins with.

    An article that has no author, or no date, is left out, and a note says so; without others the draft is empty.
    """
    known = [(evidence, span) for evidence, span in lines if _told(kind, evidence)]
    told = list(dict.fromkeys(_told(kind, evidence) for evidence, _ in known))
    days = {evidence.published for evidence, _ in known}
    day = days.pop() if kind is SurveyKind.PUBLISHED and len(days) == 1 else None
    return Draft(
        sentences=tuple(known),
        confidence=relevance if known else 0.0,
        text=" ".join(text_at(*each) for each in known),
        short_answer=told[0] if len(told) == 1 else None,
        when=When(day, day, "written") if day else None,
        notes=tuple(_missing(kind, evidence) for evidence, _ in lines if not _told(kind, evidence)),
    )


def _told(kind: SurveyKind, evidence: Evidence) -> str:
    if kind is SurveyKind.OUTLET:
        return evidence.source.strip()
    if kind is SurveyKind.AUTHOR:
        return ", ".join(evidence.authors)
    return in_words(evidence.published) if evidence.published else ""


def _missing(kind: SurveyKind, evidence: Evidence) -> Note:
    title = evidence.title or "untitled"
    return Note(
        "not_told",
        f"The archive has no {_MISSING[kind]} of “{title}” ({dateline(evidence.published, evidence.source)}).",
    )
