"""Judges whether a text supports a sentence, contradicts it, or says neither.

A small encoder reads the sentence beside the text, as in natural-language inference (Bowman et al., EMNLP 2015). It was
taught by a larger one, with claims that differ from what an article says in one to three words
(index/read/weights/JUDGE_CARD.md).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.read.reader import WEIGHTS
from index.read.session import one_core_session
from index.read.windows import Tokens, Window, batch_of, load_tokenizer, tokenize
from newsdesk.types import Evidence

FILE = "judge.onnx"
MAX_TOKENS = 256
"""As in training; a longer text is judged in parts."""

Logits = np.ndarray[tuple[int], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Calibrated probabilities that a text supports a sentence, contradicts it, or says neither; together 1."""

    supports: float
    contradicts: float
    neither: float


class Judge:
    """Reads a sentence beside a text that may support it."""

    def __init__(self, folder: Path = WEIGHTS) -> None:
        """`folder` holds `judge.onnx` and `tokenizer.json`. Raises ModelError when they cannot be loaded."""
        # As many pairs as there are cores, each on one (index.read.reader).
        self._session = one_core_session(folder / FILE, "The judge of support")
        self._names = [each.name for each in self._session.get_inputs()]
        self._tokenizer = load_tokenizer(folder / "tokenizer.json", MAX_TOKENS)
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="judge")

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        """One verdict for each (sentence, text), in their order.

        The sentence may also be a question with its answer behind it. Of a text that is too long to be read at once, the
        part decides that says most about the sentence, for or against.
        """
        parts_of = tokenize(self._tokenizer, [Window(sentence, text) for sentence, text in pairs])
        judged = iter(self._pool.map(self._judge_part, [part for parts in parts_of for part in parts]))
        return [max((next(judged) for _ in parts), key=lambda verdict: -verdict.neither) for parts in parts_of]

    def _judge_part(self, tokens: Tokens) -> Verdict:
        batch = batch_of([tokens])
        (logits,) = self._session.run(None, {name: batch[name] for name in self._names})
        return _verdict(logits[0])


def _verdict(logits: Logits) -> Verdict:
    odds = np.exp(logits.astype(np.float64) - logits.max())
    supports, contradicts, neither = (float(each) for each in odds / odds.sum())
    return Verdict(supports, contradicts, neither)


def as_read(evidence: Evidence) -> str:
    """A passage under its headline, as the judge was taught."""
    return f"{evidence.title}\n{evidence.text}" if evidence.title else evidence.text


def packaged_judge() -> Judge | None:
    """The judge that comes with Newsdesk; None when its weights are missing. Raises ModelError for damaged ones."""
    return Judge() if (WEIGHTS / FILE).is_file() else None
