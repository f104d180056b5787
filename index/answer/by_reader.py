"""Answers with the help of the reader: a few words, and the archive's own sentences that carry them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from math import inf

from index.answer.candidates import (
    AnswerSpan,
    FoundAnswer,
    answer_spans,
    answer_words,
    found_answers,
    same_answer,
)
from index.answer.confidence import ReadSignals, read_confidence
from index.answer.contradiction import Contradiction, contradiction
from index.answer.disagreement import ESTABLISHED, disagreement_notes, newest_first
from index.answer.draft import MAX_SENTENCES, MAX_WORDS, Draft, Part, starts_with_pronoun
from index.answer.when import whole_time
from index.order.by_reading import MOST_SURE, bounded
from index.passage import FoundPassage
from index.read.fit import Fit
from index.read.judge import Judge
from index.text.items import introduction_of, items_below
from index.text.names import names_missing
from index.text.places import located_sentences, text_at
from index.understand.answer_type import AnswerType, expected_answer
from index.understand.question import UnderstoodQuestion
from index.understand.worth import coverage
from newsdesk.types import Evidence, Span

MARGIN = 2.5
"""A further answer is shown when it scores within this much of the best one. Of the sample, June and July 2022 and half of 2023 83,
75 and 72 % of the texts hold a gold answer in 39 to 44 words, and 54, 54 and 49 % of the sentences do; with 2.0 79, 74 and 70 % in 35 to
42 words, and 57, 56 and 50 % (docs/why.md)."""

_QUOTED = re.compile(r"[“\"]")
_SAID = re.compile(
    r"\b(?:said|says|told|added|adds|warned|argue[ds]|called|claimed|insisted|denied|stated|described|wrote|asked|explained|"
    r"recalled|according)\b"
)
_MOST_RIVALS = 5
_MANY_TERMS = 10
_LEAST = 8  # words of a sentence that is cut
_LIST_WORDS = 2 * MAX_WORDS  # of a sentence and the items below it, which are no answer by halves
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+|\s(?=[–—(])")


class ByReader:
    """An Answerer that takes the best of the spans that were read, and the sentences that carry it."""

    def __init__(self, fit: Fit, without: Collection[Part] = (), judge: Judge | None = None) -> None:
        """`fit` is that of the reader which has read the passages; the parts `without` are left out.

        With a `judge`, a newer report that contradicts the answer takes its place, and notes tell of contradictions alone.
        """
        self._fit = fit
        self._without = without
        self._judge = judge

    def best(self, question: str, passages: Sequence[FoundPassage]) -> float:
        """The score of the best answer in what was read for a question; minus infinity without one."""
        spans = answer_spans(question, expected_answer(question), passages, self._fit.choice)
        return max((each.score for each in found_answers(spans, self._fit.choice.agreement)), default=-inf)

    def draft(self, asked: UnderstoodQuestion, passages: Sequence[FoundPassage]) -> Draft:
        """The answer with its sentences. The question as it was put tells the type of the answer."""
        question = asked.as_put
        kind = expected_answer(question)
        spans = answer_spans(question, kind, passages, self._fit.choice)
        ranked = found_answers(spans, self._fit.choice.agreement)
        if not ranked:
            return Draft((), 0.0)
        answers = newest_first(question, kind, ranked, self._without)
        against = self._contradiction(asked, kind, answers[0], spans)
        if against:
            answers = _led_by(against.instead, answers)
        sentences = _sentences(answers)
        if kind in (AnswerType.REASON, AnswerType.OTHER):
            sentences = _in_reading_order(sentences)
        signals = _signals(asked, answers, ranked[0])
        best = None if kind in (AnswerType.REASON, AnswerType.SPEECH) else answers[0].best
        short = whole_time(best.evidence, best.span) if best else None
        return Draft(
            sentences=tuple(sentences),
            confidence=read_confidence(signals, self._fit.confidence),
            text=" ".join(text_at(each, span) for each, span in sentences),
            signals=signals,
            short_answer=_words_at(best, short) if best and short else None,
            short_at=(best.evidence, short) if best and short else None,
            notes=(against.note,) if against else disagreement_notes(question, kind, answers[0], ranked, self._judge),
        )

    def _contradiction(
        self, asked: UnderstoodQuestion, kind: AnswerType, answer: FoundAnswer, spans: Sequence[AnswerSpan]
    ) -> Contradiction | None:
        """The newer report that contradicts the answer.

        None is looked for where the question names its days, or when so many stories give the answer that one alone
        does not overturn it.
        """
        if self._judge is None or asked.names_days or len(answer.spans) >= ESTABLISHED:
            return None
        return contradiction(self._judge, asked.alone.text, kind, answer.best, spans)


def _led_by(instead: AnswerSpan, answers: Sequence[FoundAnswer]) -> list[FoundAnswer]:
    """The answers with this one in the place of the best, which it contradicts."""
    words = answer_words(instead.text)
    others = [each for each in answers[1:] if not same_answer(answer_words(each.best.text), words)]
    return [FoundAnswer((instead,), answers[0].score), *others]


def _words_at(answer: AnswerSpan, span: Span) -> str:
    """The answer's words, or those of the wider place."""
    return answer.text if span == answer.span else text_at(answer.evidence, span)


def _sentences(answers: Sequence[FoundAnswer]) -> list[tuple[Evidence, Span]]:
    """The sentence of the best answer with what it needs, and those of others that are nearly as good, cut to the room that is left."""
    chosen: list[tuple[Evidence, Span]] = []
    for answer in answers:
        if chosen and answer.score < answers[0].score - MARGIN:
            break
        group = _beside(answer.best, MAX_WORDS - _words(chosen)) if chosen else _carrying(answer.best)
        group = [each for each in group if each not in chosen]
        if not chosen or (_fits([*chosen, *group]) and not _share_words(group, chosen)):
            chosen += group
    return chosen


def _in_reading_order(sentences: Sequence[tuple[Evidence, Span]]) -> list[tuple[Evidence, Span]]:
    """Those of one article together and as they stand in it; the article of the best first."""
    articles = list(dict.fromkeys(evidence.article_id for evidence, _ in sentences))
    return sorted(sentences, key=lambda each: (articles.index(each[0].article_id), each[1]))


def _carrying(answer: AnswerSpan) -> list[tuple[Evidence, Span]]:
    """The sentence that holds the answer, with the neighbour that it cannot be understood without, in reading order."""
    whole, neighbour = _sentence(answer)
    listed = _listed(answer.evidence, whole, answer.span)
    if listed:
        return [(answer.evidence, span) for span in listed]
    kept = _cut(answer.evidence, whole, answer.span)
    if neighbour is None or kept != whole:
        return [(answer.evidence, kept)]
    carried = [(answer.evidence, span) for span in sorted([kept, neighbour])]
    return carried if _fits(carried) else [(answer.evidence, kept)]


def _listed(evidence: Evidence, sentence: Span, answer: Span) -> list[Span]:
    """A list that an article prints, with its introduction, as much of it as there is room for; empty when it is none.

    An answer in the introduction or in the first item stands for the list; one further down is given without the others.
    """
    introduction = introduction_of(evidence, answer)
    items = items_below(evidence, introduction or sentence)
    if introduction and items and items[0].paragraph != answer.paragraph:
        items = [item for item in items if item.paragraph == answer.paragraph]
    listed = [introduction or sentence, *items]
    while len(listed) > 1 and _words([(evidence, span) for span in listed]) > _LIST_WORDS:
        listed.pop()
    return listed if len(listed) > 1 else []


def _beside(answer: AnswerSpan, room: int) -> list[tuple[Evidence, Span]]:
    """The sentence of a further answer with the neighbour that it needs, in `room` words; empty when that is not enough.

    A sentence that is too long ends after the clause with the answer. It keeps its beginning, and is left out when that is
    a scrap, or when its neighbour finds no room: "he" would then be whoever the quote before it names.
    """
    whole, neighbour = _sentence(answer)
    if neighbour is not None:
        carried = [(answer.evidence, span) for span in sorted([whole, neighbour])]
        return carried if _words(carried) <= room else []
    kept = _beginning(answer.evidence, whole, answer.span, room)
    return [] if kept is None else [(answer.evidence, kept)]


def _sentence(answer: AnswerSpan) -> tuple[Span, Span | None]:
    """Where the sentence of the answer stands, or the sentences; and the neighbour that it needs, if any."""
    located = located_sentences(answer.evidence)
    places = [
        place
        for place, (span, _) in enumerate(located)
        if span.paragraph == answer.span.paragraph and span.start < answer.span.end and answer.span.start < span.end
    ]
    if not places:
        return answer.span, None
    first, last = places[0], places[-1]
    whole = Span(answer.span.paragraph, located[first][0].start, located[last][0].end)
    neighbour = _needed(located, first, last)
    return whole, None if neighbour is None else located[neighbour][0]


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


def _cut(evidence: Evidence, whole: Span, answer: Span) -> Span:
    """The sentence, or of one that is too long the clauses around the answer."""
    text = text_at(evidence, whole)
    if len(text.split()) <= MAX_WORDS:
        return whole
    edges = _edges(text)
    begin, end = answer.start - whole.start, answer.end - whole.start
    first = max(place for place, edge in enumerate(edges) if edge <= begin)
    last = min(place for place, edge in enumerate(edges) if edge >= end)
    while True:
        wider = [(first - 1, last)] * (first > 0) + [(first, last + 1)] * (last < len(edges) - 1)
        fitting = [pair for pair in wider if len(text[edges[pair[0]] : edges[pair[1]]].split()) <= MAX_WORDS]
        if not fitting:
            break
        first, last = fitting[0]
    kept = text[edges[first] : edges[last]]
    start = whole.start + edges[first] + len(kept) - len(kept.lstrip())
    return Span(whole.paragraph, start, _end(whole, text[: edges[last]], answer))


def _beginning(evidence: Evidence, whole: Span, answer: Span, room: int) -> Span | None:
    """The sentence, or as many of its first clauses as fit; None when the answer is not in them, or they are too few words."""
    text = text_at(evidence, whole)
    if len(text.split()) <= room:
        return whole
    fitting = [
        edge for edge in _edges(text) if whole.start + edge >= answer.end and _LEAST <= len(text[:edge].split()) <= room
    ]
    return Span(whole.paragraph, whole.start, _end(whole, text[: fitting[-1]], answer)) if fitting else None


def _edges(text: str) -> list[int]:
    """Where clauses begin, and the end of the text."""
    return [0, *(match.end() for match in _CLAUSE.finditer(text)), len(text)]


def _end(whole: Span, kept: str, answer: Span) -> int:
    """The end of what is kept of the sentence from its beginning, without a comma or dash behind it."""
    return max(answer.end, whole.start + len(kept.rstrip(" ,;:–—")))


def _fits(chosen: Sequence[tuple[Evidence, Span]]) -> bool:
    return len(chosen) <= MAX_SENTENCES and _words(chosen) <= MAX_WORDS


def _words(chosen: Sequence[tuple[Evidence, Span]]) -> int:
    return sum(len(text_at(*each).split()) for each in chosen)


def _share_words(some: Sequence[tuple[Evidence, Span]], others: Sequence[tuple[Evidence, Span]]) -> bool:
    """Whether any of the quotes shares words with one of the others."""
    return any(
        one.passage_id == other.passage_id and mine.paragraph == theirs.paragraph and mine.start < theirs.end and theirs.start < mine.end
        for one, mine in some
        for other, theirs in others
    )  # fmt: skip


def _signals(asked: UnderstoodQuestion, answers: Sequence[FoundAnswer], liked: FoundAnswer) -> ReadSignals:
    """`liked` is what reads best; a newer report that replaces it answers the same question, in words that may read worse."""
    best, passage = answers[0], answers[0].best.passage
    around = passage.terms.with_title
    read = bounded(max(best.best.read, liked.best.read)) / MOST_SURE
    terms_asked = min(1.0, len(asked.worth) / _MANY_TERMS)
    rivals = sum(other.score > best.score - MARGIN for other in answers[1:])
    return ReadSignals(
        read=read,
        rivals=min(1.0, rivals / _MOST_RIVALS),
        found=best.best.found,
        in_passage=coverage(asked.worth, around),
        names_missing=names_missing(asked.alone.text, around),
        terms_asked=terms_asked,
        read_of_long=read * terms_asked,
    )
