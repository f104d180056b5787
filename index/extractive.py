"""Answers with the archive's own sentences: no LLM, no trained reader.

Each sentence of the best passages is scored by how much of the question's rare words it and its
surroundings hold, by meaning, by whether it offers the type of thing asked for, and by its passage's
rank. The best one to three sentences are the answer, to the letter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.answer_type import expected_answer, offers
from index.dense import DenseSearch
from index.followup import Standalone
from index.keyword import KeywordIndex
from index.terms import terms
from newsdesk.sentences import sentence_spans
from newsdesk.types import Evidence, Span

PASSAGES_READ = 8
SENTENCES_EMBEDDED = 24
"""Only the most promising by words are compared by meaning: embedding a sentence costs about 4 ms."""
MAX_SENTENCES = 3
MARGIN = 0.12
"""A further sentence must score within this much of the best one."""
SAME_WORDS = 0.6
"""Sentences that share more than this part of their terms say the same thing."""

# Weights of the sentence score, by hand from the sample's questions and those of June and July (docs/why.md).
_W_SENTENCE, _W_SURROUNDINGS, _W_MEANING, _W_TYPE, _W_RANK = 1.0, 0.5, 1.0, 0.25, 0.25

_STARTS_WITH_PRONOUN = re.compile(r"[“\"'‘]*(he|she|they|it|his|her|their|its|this|that|these|those|both)\b", re.I)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with what was measured of it (each 0..1)."""

    evidence: Evidence
    span: Span
    text: str
    terms: frozenset[str]
    in_sentence: float
    """Share of the question's weighted rarity that the sentence holds."""
    in_surroundings: float
    """The same for the sentence with its passage and headline."""
    of_type: bool
    rank: float
    """1 for the best passage, falling with its rank."""
    meaning: float = 0.0
    """Cosine of question and sentence; 0 without vectors."""

    @property
    def score(self) -> float:
        """How likely the sentence is to answer, on a scale of its own."""
        return (
            _W_SENTENCE * self.in_sentence
            + _W_SURROUNDINGS * self.in_surroundings
            + _W_MEANING * self.meaning
            + _W_TYPE * self.of_type
            + _W_RANK * self.rank
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """Sentences chosen as the answer, best first, and the probability that they are right."""

    sentences: tuple[tuple[Evidence, Span], ...]
    confidence: float
    best: Candidate | None = None


class ExtractiveAnswerer:
    """Chooses the sentences that answer a question from the passages found."""

    def __init__(self, keyword: KeywordIndex, dense: DenseSearch) -> None:
        self._keyword = keyword
        self._dense = dense

    def draft(self, question: str, standalone: Standalone, evidence: Sequence[Evidence]) -> Draft:
        """The best sentences. `question` is as asked, and tells the type of the answer."""
        candidates = self._candidates(question, standalone, evidence[:PASSAGES_READ])
        if not candidates:
            return Draft((), 0.0)
        candidates.sort(key=lambda candidate: -candidate.score)
        candidates = self._with_meaning(standalone.text, candidates[:SENTENCES_EMBEDDED])
        candidates.sort(key=lambda candidate: -candidate.score)
        chosen = _choose(candidates)
        spans = tuple((candidate.evidence, _with_antecedent(candidate)) for candidate in chosen)
        return Draft(spans, confidence(chosen[0], self._dense.ready), chosen[0])

    def _candidates(self, question: str, standalone: Standalone, evidence: Sequence[Evidence]) -> list[Candidate]:
        rarity = self._keyword.inverse_document_frequency(list(standalone.weights))
        worth = {term: weight * rarity[term] for term, weight in standalone.weights.items()}
        total = sum(worth.values()) or 1.0
        kind = expected_answer(question)

        def share(found: frozenset[str]) -> float:
            return sum(value for term, value in worth.items() if term in found) / total

        candidates = []
        for rank, item in enumerate(evidence):
            around = frozenset(terms(f"{item.title}\n{item.text}"))
            in_surroundings = share(around)
            for span, text in _sentences(item):
                found = frozenset(terms(text))
                if len(found) < 3 or text.endswith("?"):
                    continue
                candidates.append(
                    Candidate(
                        evidence=item,
                        span=span,
                        text=text,
                        terms=found,
                        in_sentence=share(found),
                        in_surroundings=in_surroundings,
                        of_type=offers(kind, text, standalone.text),
                        rank=1 / (1 + rank),
                    )
                )
        return candidates

    def _with_meaning(self, question: str, candidates: list[Candidate]) -> list[Candidate]:
        vector = self._dense.encode_question(question)
        rows = self._dense.encode([candidate.text for candidate in candidates])
        if vector is None or rows is None:
            return candidates
        cosines = rows @ vector
        return [
            replace(candidate, meaning=max(0.0, float(cosine)))
            for candidate, cosine in zip(candidates, cosines, strict=True)
        ]


def _choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best candidate, and up to two more that are nearly as good and say something else."""
    chosen = [candidates[0]]
    for candidate in candidates[1:]:
        if len(chosen) == MAX_SENTENCES or candidate.score < chosen[0].score - MARGIN:
            break
        if all(_overlap(candidate.terms, other.terms) < SAME_WORDS for other in chosen):
            chosen.append(candidate)
    return chosen


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _sentences(evidence: Evidence) -> list[tuple[Span, str]]:
    """The sentences of a passage with their places in their paragraphs."""
    found = []
    offset = 0
    for index, part in enumerate(evidence.spans):
        if index:
            offset += 1 if part.paragraph == evidence.spans[index - 1].paragraph else 2
        piece = evidence.text[offset : offset + part.end - part.start]
        offset += len(piece)
        for start, end in sentence_spans(piece):
            found.append((Span(part.paragraph, part.start + start, part.start + end), piece[start:end]))
    return found


def _with_antecedent(candidate: Candidate) -> Span:
    """The sentence's span, taking in the one before it when it opens with a pronoun."""
    if not _STARTS_WITH_PRONOUN.match(candidate.text):
        return candidate.span
    before = [span for span, _ in _sentences(candidate.evidence) if span.end <= candidate.span.start]
    before = [span for span in before if span.paragraph == candidate.span.paragraph]
    return Span(candidate.span.paragraph, before[-1].start, candidate.span.end) if before else candidate.span


def confidence(best: Candidate, with_meaning: bool) -> float:
    """Probability that an answer led by this sentence is right: logistic regression on eval/sample.

    `python -m eval.confidence eval/sample` fits the weights and prints how well they do (docs/why.md).
    """
    bias, weights = _WITH_MEANING if with_meaning else _WITHOUT_MEANING
    features = (best.in_sentence, best.in_surroundings, float(best.of_type), best.meaning)
    return 1 / (1 + math.exp(-(bias + sum(w * x for w, x in zip(weights, features, strict=True)))))


_WITH_MEANING = (-4.0, (2.0, 3.0, 0.5, 3.0))
_WITHOUT_MEANING = (-3.0, (2.5, 3.5, 0.5, 0.0))
