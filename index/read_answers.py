"""Answers with the help of the reader: a few words, and the archive's own sentences that carry them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.answer_type import AnswerType, expected_answer
from index.confidence import ReadSignals, probability, read_confidence
from index.coverage import coverage
from index.disagreement import disagreement_notes, newest_first
from index.extractive import MAX_SENTENCES, MAX_WORDS, Draft, starts_with_pronoun
from index.located import located_sentences, text_at
from index.reader.reader import Reading
from index.spans import MOST_AGREEING, AnswerSpan, FoundAnswer, answer_spans, found_answers
from index.terms import terms
from newsdesk.types import Evidence, Span

MARGIN = 2.5
"""A further answer is shown when it scores within this much of the best one. Of the sample, and of the quiz of June and July, 83
and 66 % of the texts hold a gold answer in 37 words, and 58 and 53 % of the sentences do; with 3.0 in 40 words 85 and 66 %, but
55 and 52 % of the sentences (docs/why.md)."""

_QUOTED = re.compile(r"[“\"]")
_SAID = re.compile(
    r"\b(?:said|says|told|added|adds|warned|argue[ds]|called|claimed|insisted|denied|stated|described|wrote|asked|explained|"
    r"recalled|according)\b"
)
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+|\s(?=[–—(])")


def draft_from_readings(
    question: str, worth: Mapping[str, float], evidence: Sequence[Evidence], readings: Mapping[str, Reading]
) -> Draft:
    """The best answer among the spans that were read, and the sentences that carry it.

    `question` is as asked, and tells the type of the answer; `worth` is what its terms count (index.coverage); `readings`
    is by passage id.
    """
    kind = expected_answer(question)
    ranked = found_answers(answer_spans(question, kind, evidence, readings))
    if not ranked:
        return Draft((), 0.0)
    answers = newest_first(question, kind, ranked)
    sentences = _sentences(answers)
    if kind in (AnswerType.REASON, AnswerType.OTHER):
        sentences = _in_reading_order(sentences)
    signals = _signals(worth, answers)
    return Draft(
        sentences=tuple(sentences),
        confidence=read_confidence(signals),
        text=" ".join(text_at(each, span) for each, span in sentences),
        signals=signals,
        short_answer=answers[0].best.text if kind not in (AnswerType.REASON, AnswerType.SPEECH) else None,
        notes=disagreement_notes(question, kind, answers[0], ranked),
    )


def _sentences(answers: Sequence[FoundAnswer]) -> list[tuple[Evidence, Span]]:
    """The sentence of the best answer with what it needs, and those of others that are nearly as good, cut to the room that is left."""
    chosen: list[tuple[Evidence, Span]] = []
    for answer in answers:
        if chosen and answer.score < answers[0].score - MARGIN:
            break
        room = MAX_WORDS - _words(chosen)
        group = [each for each in _carrying(answer.best, room) if each not in chosen]
        if not chosen or (_fits([*chosen, *group], MAX_WORDS) and not _share_words(group, chosen)):
            chosen += group
    return chosen


def _in_reading_order(sentences: Sequence[tuple[Evidence, Span]]) -> list[tuple[Evidence, Span]]:
    """Those of one article together and as they stand in it; the article of the best first."""
    articles = list(dict.fromkeys(evidence.article_id for evidence, _ in sentences))
    return sorted(sentences, key=lambda each: (articles.index(each[0].article_id), each[1]))


def _carrying(answer: AnswerSpan, room: int) -> list[tuple[Evidence, Span]]:
    """The sentence that holds the answer, with the neighbour that it cannot be understood without, in reading order.

    What has more than `room` words is cut, and the neighbour left out, where that is possible.
    """
    located = located_sentences(answer.evidence)
    places = [
        place
        for place, (span, _) in enumerate(located)
        if span.paragraph == answer.span.paragraph and span.start < answer.span.end and answer.span.start < span.end
    ]
    if not places:
        return [(answer.evidence, answer.span)]
    first, last = places[0], places[-1]
    whole = Span(answer.span.paragraph, located[first][0].start, located[last][0].end)
    kept = _cut(answer.evidence, whole, answer.span, room)
    neighbour = _needed(located, first, last)
    if neighbour is None or kept != whole:
        return [(answer.evidence, kept)]
    both = sorted([kept, located[neighbour][0]])
    carried = [(answer.evidence, span) for span in both]
    return carried if _fits(carried, room) else [(answer.evidence, kept)]


def _needed(located: Sequence[tuple[Span, str]], first: int, last: int) -> int | None:
    """Place of the neighbour without which these sentences leave open who is meant, or who is speaking."""
    paragraph = located[first][0].paragraph
    before = first - 1 if first and located[first - 1][0].paragraph == paragraph else None
    after = last + 1 if last + 1 < len(located) and located[last + 1][0].paragraph == paragraph else None
    if starts_with_pronoun(located[first][1]):
        return before
    said = " ".join(text for _, text in located[first : last + 1])
    if not _QUOTED.search(said) or _SAID.search(said):
        return None
    return next((place for place in (before, after) if place is not None and _SAID.search(located[place][1])), None)


def _cut(evidence: Evidence, whole: Span, answer: Span, room: int) -> Span:
    """The sentence, or of one with more than `room` words the clauses around the answer."""
    text = text_at(evidence, whole)
    if len(text.split()) <= room:
        return whole
    edges = [0, *(match.end() for match in _CLAUSE.finditer(text)), len(text)]
    begin, end = answer.start - whole.start, answer.end - whole.start
    first = max(place for place, edge in enumerate(edges) if edge <= begin)
    last = min(place for place, edge in enumerate(edges) if edge >= end)
    while True:
        wider = [(first - 1, last)] * (first > 0) + [(first, last + 1)] * (last < len(edges) - 1)
        fitting = [pair for pair in wider if len(text[edges[pair[0]] : edges[pair[1]]].split()) <= room]
        if not fitting:
            break
        first, last = fitting[0]
    kept = text[edges[first] : edges[last]]
    start = whole.start + edges[first] + len(kept) - len(kept.lstrip())
    end = max(answer.end, whole.start + edges[first] + len(kept.rstrip(" ,;:–—")))
    return Span(whole.paragraph, start, end)


def _fits(chosen: Sequence[tuple[Evidence, Span]], room: int) -> bool:
    return len(chosen) <= MAX_SENTENCES and _words(chosen) <= room


def _words(chosen: Sequence[tuple[Evidence, Span]]) -> int:
    return sum(len(text_at(*each).split()) for each in chosen)


def _share_words(some: Sequence[tuple[Evidence, Span]], others: Sequence[tuple[Evidence, Span]]) -> bool:
    """Whether any of the quotes shares words with one of the others."""
    return any(
        one.passage_id == other.passage_id and mine.paragraph == theirs.paragraph and mine.start < theirs.end and theirs.start < mine.end
        for one, mine in some
        for other, theirs in others
    )  # fmt: skip


def _signals(worth: Mapping[str, float], answers: Sequence[FoundAnswer]) -> ReadSignals:
    best = answers[0]
    around = frozenset(terms(f"{best.best.evidence.title}\n{best.best.evidence.text}"))
    second = answers[1].score if len(answers) > 1 else best.score - 4.0
    return ReadSignals(
        read=probability(best.best.read),
        lead=max(0.0, min(1.0, (best.score - second) / 4.0)),
        agreement=best.agreement / MOST_AGREEING,
        found=best.best.evidence.score,
        in_passage=coverage(worth, around),
    )
