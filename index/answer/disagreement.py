"""When reports disagree: which of them is newest, and what the reader of an answer should know of the others.

A toll rises, an office changes hands, a figure is corrected, two outlets count a march differently. An answer then gives
the newest report, and a note gives the others with their days.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from index.answer.candidates import AnswerSpan, FoundAnswer, answer_words
from index.answer.cues import is_update
from index.answer.draft import Part
from index.answer.when import when_of
from index.read.judge import Judge, as_read
from index.text.places import sentence_around
from index.text.quantities import figures, in_base, same_measure
from index.understand.answer_type import POSTS, AnswerType, asks_for_dead
from index.understand.state import asks_for_state
from newsdesk.types import Note
from newsdesk.wording.dateline import MONTHS, WEEKDAYS, dateline

COMPARED = frozenset({AnswerType.NUMBER, AnswerType.PERSON, AnswerType.TIME})
"""Types of which one answer excludes another. Names and places are left out: of "northern Syria" and "near Aleppo" both
are right."""
SURE = 1.0
"""Log-odds of the reader from which a span is taken for somebody's answer and not for a mere mention of a figure."""
SURE_OF_DEAD = -4.0
"""The same of a figure that counts the dead, where the words around it say so (index.understand.answer_type): "the toll had reached nine"."""
CLOSE, CLOSE_OF_DEAD = 3.0, 6.0
"""How far a contradicting answer may score below the best one; a count of the dead further, as the words around it vouch for it."""
AS_RELEVANT = 0.6
"""A report is about the same thing when its passage scores at least so much of the best one's."""
MOST_NOTED = 3
CONTRADICTS = 0.42
"""Probability from which the judge's verdict is taken to be that a passage contradicts a sentence."""
SUPPORTS = 0.5
"""Probability from which it is taken to be that a passage supports an answer. Of 26 notes on the sample, two quiz archives and
EvoTemp these two bounds leave 15; the eleven that go all tell of another event or thing (docs/why.md)."""
ESTABLISHED, _BACKED = 3, 2
"""Stories that establish an answer, and stories that overturn an established one."""

_FORMS_OF_TIME = (
    ("date", re.compile(rf"\b(?:{'|'.join(MONTHS)})\b|\b(?:1[6-9]|20)\d\d\b")),
    ("weekday", re.compile("|".join(WEEKDAYS))),
    ("clock", re.compile(r"\d")),
)
_ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:who|whom|which \w+) (?:are|were|else|all|was (?:killed|injured|hurt|arrested|charged|among)|died|attended|signed|took part)\b|"
    r"\b(?:victims?|killed|dead|names of)\b",
    re.IGNORECASE,
)


def contradicting(
    kind: AnswerType, answers: Sequence[FoundAnswer], sure: float = SURE, close: float = CLOSE
) -> list[FoundAnswer]:
    """The answers, best first, that somebody gives to this question and that exclude the best one and each other."""
    if kind not in COMPARED or not answers or answers[0].best.read <= sure:
        return []
    if kind is AnswerType.NUMBER and answers[0].best.of_type < 1:  # what it counts is not plain
        return []
    kept = [answers[0]]
    for answer in answers[1:]:
        if answer.score < answers[0].score - close:
            continue
        if _is_given(answer, answers[0], sure) and all(_differ(kind, answer, other) for other in kept):
            kept.append(answer)
    return kept if len(kept) > 1 else []


def _against(question: str, kind: AnswerType, answers: Sequence[FoundAnswer]) -> list[FoundAnswer]:
    """As `contradicting`; several persons may be right where the question asks for several."""
    if kind is AnswerType.PERSON and _ASKS_FOR_SEVERAL.search(question):
        return []
    dead = kind is AnswerType.NUMBER and asks_for_dead(question)
    return contradicting(kind, answers, *((SURE_OF_DEAD, CLOSE_OF_DEAD) if dead else (SURE, CLOSE)))


def _is_given(answer: FoundAnswer, best: FoundAnswer, sure: float) -> bool:
    """Whether some article gives it as its own answer, and not only the one that gives the best."""
    return (
        answer.best.read > sure
        and answer.best.of_type >= best.best.of_type
        and answer.best.found >= AS_RELEVANT * best.best.found
        and any(span.evidence.article_id != best.best.evidence.article_id for span in answer.spans)
    )


def newest_first(
    question: str, kind: AnswerType, answers: Sequence[FoundAnswer], without: Collection[Part] = ()
) -> list[FoundAnswer]:
    """The answers with the newest of contradicting ones in front, where newer reports replace older ones.

    Older ones among them are left out: the note tells of them. What three stories give yields only to what two give, to
    what is told as a change ("that brought the toll to sixteen"), or to what is the best answer anyway, so that one article
    that says something else, however often it is copied, overturns nothing that outlets found out for themselves.
    """
    if "newest of contradicting reports" in without:
        return list(answers)
    against = _against(question, kind, answers)
    if not against or not asks_for_state(question):
        return list(answers)
    dated = sorted(
        ((day, -place, answer) for place, answer in enumerate(against) if (day := newest_day(answer)) is not None),
        reverse=True, key=lambda each: each[:2],
    )  # fmt: skip
    for day, _, leading in dated:
        older = [answer for other, _, answer in dated if other < day]
        established = any(len(answer.spans) >= ESTABLISHED for answer in older)
        backed = len(leading.spans) >= _BACKED or _is_told_as_change(leading)
        if leading is answers[0] or backed or not established:
            return [leading, *(answer for answer in answers if answer is not leading and answer not in older)]
    return list(answers)


def disagreement_notes(
    question: str, kind: AnswerType, shown: FoundAnswer, answers: Sequence[FoundAnswer], judge: Judge | None = None
) -> tuple[Note, ...]:
    """What other reports say, newest first: of earlier days as a change, else as a disagreement of outlets.

    With a `judge`, a report has to answer the question, and one that differs has to contradict the answer's sentence: two
    events have two days.
    """
    others = [answer for answer in _against(question, kind, answers) if answer is not shown]
    cited = shown.best.evidence.published  # a later mention of what is shown makes no later report an earlier one
    earlier = [
        answer for answer in others if asks_for_state(question) and _comes_before(newest_day(answer, shown), cited)
    ]
    outlets = {span.evidence.source for span in shown.spans}
    differing = [
        answer
        for answer in others
        if answer not in earlier
        and (
            _comes_before(cited, newest_day(answer, shown))
            or outlets.isdisjoint(span.evidence.source for span in answer.spans)
        )
    ]
    if judge is not None:
        earlier = _supported(judge, question, shown, earlier)
        differing = _contradicting(judge, shown, _supported(judge, question, shown, differing))
    notes = []
    if earlier:
        notes.append(Note("changed", f"Earlier reports said otherwise: {_listed(earlier, shown)}."))
    if differing:
        notes.append(Note("disagree", f"Reports differ: {_listed([shown, *differing], shown)}."))
    return tuple(notes)


def _supported(judge: Judge, question: str, shown: FoundAnswer, others: Sequence[FoundAnswer]) -> list[FoundAnswer]:
    """Those of the others that answer the question by what their reports say."""
    said = supports(judge, question, [_newest_report(each, shown) for each in others])
    return [each for each, probability in zip(others, said, strict=True) if probability >= SUPPORTS]


def _contradicting(judge: Judge, shown: FoundAnswer, others: Sequence[FoundAnswer]) -> list[FoundAnswer]:
    """Those of the others whose sentences contradict the shown one's, or are contradicted by it."""
    mine = sentence_of(shown.best)
    theirs = [sentence_of(_newest_report(each, shown)) for each in others]
    verdicts = judge.judge([pair for said in theirs for pair in ((mine, said), (said, mine))])
    return [
        each
        for each, one, other in zip(others, verdicts[::2], verdicts[1::2], strict=True)
        if max(one.contradicts, other.contradicts) >= CONTRADICTS
    ]


def newest_day(answer: FoundAnswer, besides: FoundAnswer | None = None) -> date | None:
    """The day of the newest article that gives it and not `besides`; None when all are undated."""
    return _newest_report(answer, besides).evidence.published


def _newest_report(answer: FoundAnswer, besides: FoundAnswer | None = None) -> AnswerSpan:
    """The newest mention as an answer: that somebody is named again later, as another thing, is no report.

    Nor is what an article says that gives the answer `besides`: a correction names what it corrects.
    """
    telling = {span.evidence.article_id for span in besides.spans} if besides and besides is not answer else set()
    sure = [span for span in answer.spans if span.read > SURE and span.evidence.article_id not in telling]
    return max(sure or [answer.best], key=lambda span: span.evidence.published or date.min)


def _is_told_as_change(answer: FoundAnswer) -> bool:
    """Whether the sentence of the answer's newest report tells it as what another figure became."""
    report = _newest_report(answer)
    sentence = sentence_around(report.evidence, report.span)
    return sentence is not None and is_update(sentence[1], report.span.start - sentence[0].start)


def _comes_before(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one < other


def _listed(answers: Sequence[FoundAnswer], shown: FoundAnswer) -> str:
    reports = [_newest_report(answer, shown) for answer in answers]
    mentions = sorted(reports, key=lambda report: report.evidence.published or date.min, reverse=True)[:MOST_NOTED]
    return "; ".join(f"“{each.text}” ({dateline(each.evidence.published, each.evidence.source)})" for each in mentions)


def _differ(kind: AnswerType, one: FoundAnswer, other: FoundAnswer) -> bool:
    return excludes(kind, one.best, other.best)


def excludes(kind: AnswerType, one: AnswerSpan, other: AnswerSpan) -> bool:
    """Whether both cannot be right: other figures of one kind, other times of one kind, or other names."""
    mine, theirs = one.text, other.text
    if kind is AnswerType.NUMBER:
        first, second = list(figures(mine)), list(figures(theirs))
        units = [{in_base(each)[1] for each in found} for found in (first, second)]
        return (
            bool(first and second)
            and units[0] == units[1]
            and not any(same_measure(each, theirs_too) for each in first for theirs_too in second)
        )
    if kind is AnswerType.PERSON and not (_is_name(mine) and _is_name(theirs)):
        return False
    if kind is AnswerType.TIME and (_form_of_time(mine) != _form_of_time(theirs) or _share_a_day(one, other)):
        return False
    return answer_words(mine).isdisjoint(answer_words(theirs))


def _share_a_day(one: AnswerSpan, other: AnswerSpan) -> bool:
    """Whether both mean the same day, each counted from the date of its own article: "yesterday" here, "today" there."""
    first, second = (when_of(each.evidence, each.span) for each in (one, other))
    return first is not None and second is not None and first.start <= second.end and second.start <= first.end


def _form_of_time(text: str) -> str:
    """How a time is told; "Monday" and "6 February" may be the same day."""
    return next((form for form, pattern in _FORMS_OF_TIME if pattern.search(text)), "words")


def _is_name(text: str) -> bool:
    """Whether it names somebody, and is not only what they are: "the mayor", "US President"."""
    words = [word.strip(".,’'“”\"") for word in text.split()]
    return any(word[:1].isupper() and word.casefold() not in POSTS for word in words)


def supports(judge: Judge, question: str, spans: Sequence[AnswerSpan]) -> list[float]:
    """How probably each span answers the question by what its passage says."""
    verdicts = judge.judge([(f"{question} {span.text}", as_read(span.evidence)) for span in spans])
    return [verdict.supports for verdict in verdicts]


def sentence_of(answer: AnswerSpan) -> str:
    """The sentence that carries an answer."""
    found = sentence_around(answer.evidence, answer.span)
    return found[1] if found else answer.text
