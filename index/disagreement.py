"""When reports disagree: which of them is newest, and what the reader of an answer should know of the others.

A toll rises, an office changes hands, a figure is corrected, two outlets count a march differently. An answer then gives
the newest report, and a note gives the others with their days.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.answer_type import AnswerType
from index.spans import AnswerSpan, FoundAnswer, answer_words
from index.standing import asks_for_state
from newsdesk.dateline import dateline
from newsdesk.types import Note

COMPARED = frozenset({AnswerType.NUMBER, AnswerType.PERSON, AnswerType.TIME})
"""Types of which one answer excludes another. Names and places are left out: of "northern Syria" and "near Aleppo" both
are right."""
SURE = 1.0
"""Log-odds of the reader from which a span is taken for somebody's answer and not for a mere mention of a figure."""
CLOSE = 3.0
"""How far a contradicting answer may score below the best one."""
AS_RELEVANT = 0.7
"""A report is about the same thing when its passage scores at least so much of the best one's."""
MOST_NOTED = 3
_ESTABLISHED, _BACKED = 3, 2


def contradicting(kind: AnswerType, answers: Sequence[FoundAnswer]) -> list[FoundAnswer]:
    """The answers, best first, that somebody gives to this question and that exclude the best one and each other."""
    if kind not in COMPARED or not answers or answers[0].best.read <= SURE:
        return []
    kept = [answers[0]]
    for answer in answers[1:]:
        if answer.score < answers[0].score - CLOSE:
            break
        if _is_given(answer, answers[0]) and all(_differ(kind, answer, other) for other in kept):
            kept.append(answer)
    return kept if len(kept) > 1 else []


def _is_given(answer: FoundAnswer, best: FoundAnswer) -> bool:
    """Whether some article gives it as its own answer, and not only the one that gives the best."""
    return (
        answer.best.read > SURE
        and answer.best.of_type >= best.best.of_type
        and answer.best.found >= AS_RELEVANT * best.best.found
        and any(span.evidence.article_id != best.best.evidence.article_id for span in answer.spans)
    )


def newest_first(question: str, kind: AnswerType, answers: Sequence[FoundAnswer]) -> list[FoundAnswer]:
    """The answers with the newest of contradicting ones in front, where newer reports replace older ones.

    Older ones among them are left out: the note tells of them. What three stories give yields only to what two give, or
    to what is the best answer anyway, so that one article, however often it is copied, overturns nothing that outlets
    found out for themselves.
    """
    against = contradicting(kind, answers)
    if not against or not asks_for_state(question):
        return list(answers)
    dated = sorted(
        ((day, -place, answer) for place, answer in enumerate(against) if (day := newest_day(answer)) is not None),
        reverse=True, key=lambda each: each[:2],
    )  # fmt: skip
    for day, _, leading in dated:
        older = [answer for other, _, answer in dated if other < day]
        established = any(len(answer.spans) >= _ESTABLISHED for answer in older)
        if leading is answers[0] or len(leading.spans) >= _BACKED or not established:
            return [leading, *(answer for answer in answers if answer is not leading and answer not in older)]
    return list(answers)


def disagreement_notes(
    question: str, kind: AnswerType, shown: FoundAnswer, answers: Sequence[FoundAnswer]
) -> tuple[Note, ...]:
    """What other reports say, newest first: of earlier days as a change, else as a disagreement of outlets."""
    others = [answer for answer in contradicting(kind, answers) if answer is not shown]
    day = newest_day(shown)
    earlier = [answer for answer in others if asks_for_state(question) and _is_before(answer, day)]
    outlets = {span.evidence.source for span in shown.spans}
    differing = [
        answer
        for answer in others
        if answer not in earlier and outlets.isdisjoint(span.evidence.source for span in answer.spans)
    ]
    notes = []
    if earlier:
        notes.append(Note("changed", f"Earlier reports said otherwise: {_listed(earlier)}."))
    if differing:
        notes.append(Note("disagree", f"Reports differ: {_listed([shown, *differing])}."))
    return tuple(notes)


def newest_day(answer: FoundAnswer) -> date | None:
    """The day of the newest article that gives it; None when all are undated."""
    return _newest_report(answer).evidence.published


def _newest_report(answer: FoundAnswer) -> AnswerSpan:
    """The newest mention as an answer; that somebody is named again later, as another thing, is no report."""
    sure = [span for span in answer.spans if span.read > SURE] or [answer.best]
    return max(sure, key=lambda span: span.evidence.published or date.min)


def _is_before(answer: FoundAnswer, day: date | None) -> bool:
    own = newest_day(answer)
    return own is not None and day is not None and own < day


def _listed(answers: Sequence[FoundAnswer]) -> str:
    ordered = sorted(answers, key=lambda answer: newest_day(answer) or date.min, reverse=True)[:MOST_NOTED]
    mentions = [_newest_report(answer) for answer in ordered]
    return "; ".join(f"“{each.text}” ({dateline(each.evidence.published, each.evidence.source)})" for each in mentions)


def _differ(kind: AnswerType, one: FoundAnswer, other: FoundAnswer) -> bool:
    """Whether both cannot be right: other figures, or nothing in common."""
    mine, theirs = answer_words(one.best.text), answer_words(other.best.text)
    if kind is AnswerType.NUMBER:
        counted = _unit(one.best.text) == _unit(other.best.text)
        mine, theirs = figures(mine), figures(theirs)
        return counted and bool(mine) and bool(theirs) and mine.isdisjoint(theirs)
    if kind is AnswerType.PERSON and not (_is_name(one.best.text) and _is_name(other.best.text)):
        return False
    return mine.isdisjoint(theirs)


def _unit(text: str) -> str:
    """What tells figures of one thing from those of another at a glance: a currency, per cent, or neither."""
    found = re.search(r"[$€£]|%|per ?cent|euros?|dollars?|pounds?|[a-z]+$", text.casefold())
    return _UNITS.get(found.group().rstrip("s"), "") if found else ""


def _is_name(text: str) -> bool:
    return any(word[:1].isupper() for word in text.split())


_UNITS = {"$": "$", "dollar": "$", "€": "€", "euro": "€", "£": "£", "pound": "£"} | dict.fromkeys(
    ("%", "per cent", "percent"), "%"
)
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_TENS = "thirty forty fifty sixty seventy eighty ninety hundred".split()
_BY_WORD = {word: str(number) for number, word in enumerate(_WORDS)} | {
    word: str(10 * number) for number, word in enumerate(_TENS, start=3)
}


def figures(words: frozenset[str]) -> frozenset[str]:
    """The numbers among the words, in digits without separators: "1,800" is 1800, "nine" is 9."""
    found = set()
    for word in words:
        digits = word.replace(",", "")
        if digits[:1].isdigit():
            found.add(digits)
        elif word in _BY_WORD:
            found.add(_BY_WORD[word])
    return frozenset(found)
