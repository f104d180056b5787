"""The formulas, as pure functions of rankings and texts. Each names its source; `eval.measure.measures` says what they are taken of."""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Collection, Hashable, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)
_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’«»…–—")

GoldAnswer = str | tuple[str, ...]
"""One way to answer right; several parts must all be there ("from 1960 to 2023": 1960, 2023)."""


def normalise(text: str) -> str:
    """Lower case, without punctuation, without a/an/the, single spaces.

    As `squad_normalise`, but curly quotation marks and dashes, which SQuAD's rule, made for ASCII, leaves standing,
    are punctuation too: publishers print them, and those who write questions do not.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def squad_normalise(text: str) -> str:
    """Lower case, without ASCII punctuation, without a/an/the, single spaces (SQuAD; Rajpurkar et al., EMNLP 2016)."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_ASCII_PUNCTUATION)).split())


def exact_match(text: str, answers: Collection[GoldAnswer]) -> bool:
    """Whether the text equals one of the gold answers after `squad_normalise` (SQuAD's EM)."""
    return any(squad_normalise(text) == squad_normalise(as_text(answer)) for answer in answers)


def token_f1(text: str, answers: Collection[GoldAnswer]) -> float:
    """Best over the gold answers of 2PR / (P + R), P and R counted over shared tokens (SQuAD's F1); 0 without gold."""
    tokens = squad_normalise(text).split()
    return max((_f1(tokens, squad_normalise(as_text(answer)).split()) for answer in answers), default=0.0)


def as_text(answer: GoldAnswer) -> str:
    """A gold answer in one piece."""
    return answer if isinstance(answer, str) else " ".join(answer)


def _f1(tokens: list[str], gold: list[str]) -> float:
    if not tokens or not gold:
        return float(tokens == gold)
    shared = (Counter(tokens) & Counter(gold)).total()
    return 2 * shared / (len(tokens) + len(gold))


def contained(text: str, answers: Collection[GoldAnswer]) -> bool:
    """Whether the tokens of a gold answer stand in the text as an unbroken run of whole tokens, both normalised.

    Of an answer in parts each part has to.

    After "contains-answer" of open-domain question answering (DPR; Karpukhin et al., EMNLP 2020), with SQuAD's
    normalisation: punctuation goes without leaving a space, so "4.5" holds "45", and "101-year-old" does not hold "101".
    Part of a token never counts ("one" is not in "stone"), and a gold answer that normalises to nothing is in no text.
    """
    inside = f" {normalise(text)} "
    return any(all(f" {part} " in inside for part in parts) for parts in map(_parts, answers) if all(parts))


def _parts(answer: GoldAnswer) -> list[str]:
    return [normalise(part) for part in ((answer,) if isinstance(answer, str) else answer)]


def hit(ranking: Sequence[object], gold: Collection[object], k: int) -> bool:
    """Whether a gold item is among the first k; its mean over questions is the hit rate @k."""
    return any(item in gold for item in ranking[:k])


def reciprocal_rank(ranking: Sequence[object], gold: Collection[object], k: int) -> float:
    """1 / rank of the first gold item among the first k, else 0; its mean is MRR@k (TREC-8; Voorhees, 1999)."""
    return next((1 / rank for rank, item in enumerate(ranking[:k], start=1) if item in gold), 0.0)


def recall(ranking: Sequence[object], gold: Collection[object], k: int) -> float:
    """Share of the gold items that are among the first k. Raises ZeroDivisionError without gold."""
    wanted = set(gold)
    return len(wanted.intersection(ranking[:k])) / len(wanted)


def ndcg(ranking: Sequence[object], gold: Collection[object], k: int) -> float:
    """DCG@k over that of the best order there is, gains 0 or 1, discount 1 / log2(rank + 1).

    Normalised discounted cumulative gain (Järvelin and Kekäläinen, ACM TOIS 2002). `ranking` names nothing twice.
    """
    gained = sum(_discount(rank) for rank, item in enumerate(ranking[:k], start=1) if item in gold)
    best = sum(_discount(rank) for rank in range(1, min(len(set(gold)), k) + 1))
    return gained / best if best else 0.0


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)


def answer_in_best(texts: Sequence[str], answers: Collection[GoldAnswer], k: int) -> bool:
    """Whether one of the first k passages contains a gold answer: top-k accuracy (DPR, as above)."""
    return any(contained(text, answers) for text in texts[:k])


def adjusted_rand_index(gold: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """How well two partitions of the same things agree: 1 when they are the same, about 0 by chance (Hubert and Arabie 1985)."""
    both, ours, theirs = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    pairs, of_ours, of_theirs = (sum(math.comb(size, 2) for size in each.values()) for each in (both, ours, theirs))
    by_chance = of_ours * of_theirs / math.comb(len(gold), 2)
    most = (of_ours + of_theirs) / 2
    return 1.0 if most == by_chance else (pairs - by_chance) / (most - by_chance)
