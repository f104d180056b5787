"""The measures, as pure functions. Each says its formula and where it comes from."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Collection, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’«»…–—")


def normalise(text: str) -> str:
    """Lower case, without punctuation, without a/an/the, single spaces (SQuAD; Rajpurkar et al., EMNLP 2016).

    Curly quotation marks and dashes count as punctuation too, which the original, made for ASCII, leaves standing.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(text: str, answers: Collection[str]) -> bool:
    """Whether the text equals one of the gold answers after `normalise` (SQuAD's EM)."""
    return any(normalise(text) == normalise(answer) for answer in answers)


def token_f1(text: str, answers: Collection[str]) -> float:
    """Best over the gold answers of 2PR / (P + R), P and R counted over shared tokens (SQuAD's F1); 0 without gold."""
    return max((_f1(normalise(text).split(), normalise(answer).split()) for answer in answers), default=0.0)


def _f1(tokens: list[str], gold: list[str]) -> float:
    if not tokens or not gold:
        return float(tokens == gold)
    shared = (Counter(tokens) & Counter(gold)).total()
    return 2 * shared / (len(tokens) + len(gold))


def contained(text: str, answers: Collection[str]) -> bool:
    """Whether the tokens of a gold answer stand in the text as an unbroken run of whole tokens, both normalised.

    "contains-answer" of open-domain question answering (DPR; Karpukhin et al., EMNLP 2020). Part of a token
    never counts ("one" is not in "stone"), and a gold answer that normalises to nothing is in no text.
    """
    inside = f" {normalise(text)} "
    return any(f" {gold} " in inside for gold in map(normalise, answers) if gold)


def hit(ranking: Sequence[str], gold: Collection[str], k: int) -> bool:
    """Whether a gold item is among the first k; its mean over questions is the hit rate @k."""
    return any(item in gold for item in ranking[:k])


def reciprocal_rank(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """1 / rank of the first gold item among the first k, else 0; its mean is MRR@k (TREC-8; Voorhees, 1999)."""
    return next((1 / rank for rank, item in enumerate(ranking[:k], start=1) if item in gold), 0.0)


def answer_in_best(texts: Sequence[str], answers: Collection[str], k: int) -> bool:
    """Whether one of the first k passages contains a gold answer: top-k accuracy (DPR, as above)."""
    return any(contained(text, answers) for text in texts[:k])
