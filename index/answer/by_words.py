"""Answers with the archive's own sentences: no LLM, no trained reader.

Each sentence of the best passages is scored by how much of the question's rare words it and its
surroundings hold, by meaning, by whether it offers the type of thing asked for, and by its passage.
The best one to three sentences are the answer, to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.answer.confidence import Signals, confidence
from index.answer.draft import MAX_SENTENCES, MAX_WORDS, Draft, starts_with_pronoun
from index.answer.of_type import offers
from index.find.dense import DenseSearch
from index.passage import FoundPassage
from index.text.names import names_missing
from index.text.places import located_sentences
from index.text.terms import overlap, terms
from index.understand.answer_type import AnswerType, expected_answer
from index.understand.question import UnderstoodQuestion
from index.understand.worth import coverage
from newsdesk.types import Evidence, Span

PASSAGES_READ = 8
SENTENCES_EMBEDDED = 8
"""Only the most promising by words are compared by meaning: embedding is the slow part of reading."""
MARGIN = 3.0
"""A further sentence must score within this much of the best one."""
SAME_WORDS = 0.6
"""Sentences that share more than this part of their terms say the same thing."""

# Weights of the sentence score: conditional logistic regression ("which sentence holds the gold answer") on the
# sample's questions and those of June and July, rounded (docs/why.md).
_W_SENTENCE, _W_NEIGHBOURS, _W_PASSAGE, _W_MEANING = 4.0, 2.5, 3.0, 2.0
_W_TYPE, _W_LENGTH, _W_NEWNESS, _W_FOUND = 2.5, 1.5, 1.25, 4.0

_FULL_LENGTH = 30  # terms; longer sentences gain no more by their length
_SHORTEST = 3  # terms
_MANY_TERMS = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with what was measured of it (each 0..1)."""

    passage: FoundPassage
    span: Span
    place: int
    """Number of the sentence in its passage."""
    text: str
    terms: frozenset[str]
    window: frozenset[str]
    """Its terms and those of the sentences right before and after it."""
    in_sentence: float
    """Share that the sentence holds of the rarity of those question terms that any passage holds."""
    in_neighbours: float
    """What the sentences right before and after it add to that."""
    in_passage: float
    """The same share for the whole passage with its headline."""
    of_type: float
    """How plainly it offers the type of thing asked for."""
    newness: float
    """0 for the oldest article read, 1 for the newest."""
    found: float
    """Score of the passage against the best one's."""
    meaning: float = 0.0
    """Cosine of question and sentence; 0 without vectors."""

    @property
    def evidence(self) -> Evidence:
        """Its passage, as an answer shows it."""
        return self.passage.evidence

    @property
    def score(self) -> float:
        """How likely the sentence is to answer, on a scale of its own."""
        return (
            _W_SENTENCE * self.in_sentence
            + _W_NEIGHBOURS * self.in_neighbours
            + _W_PASSAGE * self.in_passage
            + _W_MEANING * self.meaning
            + _W_TYPE * self.of_type
            + _W_LENGTH * min(1.0, len(self.terms) / _FULL_LENGTH)  # short ones merely echo the question
            + _W_NEWNESS * self.newness
            + _W_FOUND * self.found
        )

    @property
    def may_lead(self) -> bool:
        """Questions and scraps of sentences answer nothing."""
        return len(self.terms) >= _SHORTEST and not self.text.endswith("?")


class ByWords:
    """An Answerer that chooses sentences by their words and their meaning, where there is no reader."""

    def __init__(self, dense: DenseSearch) -> None:
        self._dense = dense

    def draft(self, asked: UnderstoodQuestion, passages: Sequence[FoundPassage]) -> Draft:
        """The sentences that answer best. The question as it was put tells the type of the answer."""
        kind = expected_answer(asked.as_put)
        candidates = _candidates(kind, asked.alone.searched, asked.worth, passages[:PASSAGES_READ])
        leading = sorted((each for each in candidates if each.may_lead), key=lambda each: -each.score)
        leading = self._with_meaning(asked.alone.searched, leading[:SENTENCES_EMBEDDED])
        if not leading:
            return Draft((), 0.0)
        leading.sort(key=lambda each: -each.score)
        chosen = _choose(leading, candidates, kind)
        signals = _signals(asked.as_put, asked.worth, leading[0], chosen)
        return Draft(
            sentences=tuple((each.evidence, each.span) for each in chosen),
            confidence=confidence(signals, self._dense.ready),
            text=" ".join(each.text for each in chosen),
            signals=signals,
        )

    def _with_meaning(self, question: str, candidates: list[Candidate]) -> list[Candidate]:
        vector = self._dense.encode_question(question)
        rows = self._dense.encode([candidate.text for candidate in candidates]) if candidates else None
        if vector is None or rows is None:
            return candidates
        cosines = rows @ vector
        return [
            replace(candidate, meaning=max(0.0, float(cosine)))
            for candidate, cosine in zip(candidates, cosines, strict=True)
        ]


def _newness(evidence: Sequence[Evidence]) -> dict[str, float]:
    """By article: where its date lies between the oldest (0) and the newest (1); undated ones in the middle."""
    days = {item.article_id: item.published.toordinal() for item in evidence if item.published}
    first, last = min(days.values(), default=0), max(days.values(), default=0)
    return {
        item.article_id: (days[item.article_id] - first) / (last - first)
        if item.article_id in days and last > first
        else 0.5
        for item in evidence
    }


def _candidates(
    kind: AnswerType, question: str, worth: Mapping[str, float], passages: Sequence[FoundPassage]
) -> list[Candidate]:
    """Every sentence of the passages, measured, in reading order.

    Terms that none of the passages holds cannot tell sentences apart and are left out of account: in a tiny archive
    an unknown "part" (of "took part") would outweigh everything that is known.
    """
    newness = _newness([passage.evidence for passage in passages])
    known = frozenset[str]().union(*(passage.terms.with_title for passage in passages))
    worth = {term: value for term, value in worth.items() if term in known}
    candidates = []
    for passage in passages:
        in_passage = coverage(worth, passage.terms.with_title)
        sentences = located_sentences(passage.evidence)
        held = [frozenset(terms(text)) for _, text in sentences]
        for place, (span, text) in enumerate(sentences):
            in_sentence = coverage(worth, held[place])
            window = frozenset().union(*held[max(0, place - 1) : place + 2])
            candidates.append(
                Candidate(
                    passage=passage,
                    span=span,
                    place=place,
                    text=text,
                    terms=held[place],
                    window=window,
                    in_sentence=in_sentence,
                    in_neighbours=coverage(worth, window) - in_sentence,
                    in_passage=in_passage,
                    of_type=offers(kind, text, question),
                    newness=newness[passage.evidence.article_id],
                    found=passage.score / (passages[0].score or 1.0),
                )
            )
    return candidates


def _choose(leading: Sequence[Candidate], candidates: Sequence[Candidate], kind: AnswerType) -> list[Candidate]:
    """The best candidate, and more that are nearly as good and say something else, each with what it leans on."""
    chosen: list[Candidate] = []
    for candidate in leading:
        if chosen and candidate.score < leading[0].score - MARGIN:
            break
        if all(overlap(candidate.terms, other.terms) < SAME_WORDS for other in chosen):
            group = [each for each in _with_companion(candidate, candidates, kind) if not _among(each, chosen)]
            if not chosen or _fits([*chosen, *group]):
                chosen += group
    return chosen


def _among(candidate: Candidate, chosen: Sequence[Candidate]) -> bool:
    return any(each.passage is candidate.passage and each.place == candidate.place for each in chosen)


def _fits(chosen: Sequence[Candidate]) -> bool:
    return len(chosen) <= MAX_SENTENCES and sum(len(each.text.split()) for each in chosen) <= MAX_WORDS


def _with_companion(candidate: Candidate, candidates: Sequence[Candidate], kind: AnswerType) -> list[Candidate]:
    """The sentence with the one that it cannot do without, in reading order.

    A sentence without what is asked for ("Stone is patient," he said) needs the one near by that has it: a
    name stands before, a statement after. One that opens with a pronoun needs the sentence before it.
    """
    near = {each.place - candidate.place: each for each in candidates if each.passage is candidate.passage}
    wanted = []
    if not candidate.of_type:
        steps = (-1, -2, 1) if kind in (AnswerType.PERSON, AnswerType.NAME) else (1, -1)
        wanted = [near[step] for step in steps if step in near and near[step].of_type]
    if not wanted and starts_with_pronoun(candidate.text):
        wanted = [near[-1]] if -1 in near and near[-1].span.paragraph == candidate.span.paragraph else []
    return sorted([candidate, *wanted[:1]], key=lambda each: each.place)


def _signals(question: str, worth: Mapping[str, float], best: Candidate, chosen: Sequence[Candidate]) -> Signals:
    """Here every term of the question counts, known or not."""
    around = best.passage.terms.with_title
    return Signals(
        in_passage=coverage(worth, around),
        near_by=coverage(worth, best.window),
        names_missing=names_missing(question, around),
        of_type=max(each.of_type for each in chosen),
        terms_asked=min(1.0, len(worth) / _MANY_TERMS),
        meaning=best.meaning,
    )
