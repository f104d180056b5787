"""Questions for a list that no form foretells, told by what was learnt: "Which airlines cancelled flights last month?".

A logistic regression on the question's vector, which search needs anyway, and on its words. `newsdesk eval fit-lists`
learns it from eval/fit/lists.txt; it holds for one embedding model alone.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from newsdesk.catalogue.vectors import Matrix

PACKAGED = Path(__file__).parent / "weights" / "lists.json"
_WORD = re.compile(r"[\w’']+")
_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|when|where|why|which|how|is|are|was|were|did|does|do|has|have|had|will|would|can|could|should)\b",
    re.IGNORECASE,
)
_WHICH_THINGS = re.compile(
    r"^\W*(?:which|what) (?:of (?:the|our|their|its) )?(?P<kind>(?:[\w’'-]+ ){0,2}?)"
    r"(?!(?:was|is|has|does|its|this)\b)(?:[\w’'-]*[^sui\W]s|men|women|people)\b",
    re.IGNORECASE,
)
"""The kind of thing asked for, in the plural."""
_NUMBER = re.compile(r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|\d+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListHead:
    """What was learnt, for the vectors of one model."""

    model: str
    """Key of the embedding model (index.embed.key.model_key)."""
    bias: float
    of_vector: Matrix
    of_cues: Mapping[str, float]
    threshold: float
    """Probability from which a question is one for a list."""

    def asks_for_list(self, question: str, vector: Matrix, *, dated: bool) -> bool:
        """Whether the question asks for a list; `vector` is its own, `dated` says that it names days."""
        return self.probability(question, vector, dated=dated) >= self.threshold

    def probability(self, question: str, vector: Matrix, *, dated: bool) -> float:
        """The probability that the question asks for a list."""
        log_odds = self.bias + float(vector @ self.of_vector)
        log_odds += sum(self.of_cues.get(cue, 0.0) for cue in cues(question, dated=dated))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def cues(question: str, *, dated: bool) -> frozenset[str]:
    """What the words tell: each, each with the one before it, and the shape of the question behind a "#"."""
    words = [_plain(word) for word in _WORD.findall(question)]
    found = {*words, *(f"{one} {other}" for one, other in zip(["^", *words], words, strict=False))}
    things = _WHICH_THINGS.match(question)
    if things and not _ASKS.search(things["kind"]):
        found.add("#number" if _NUMBER.search(things["kind"]) else "#plural")
    if dated:
        found.add("#dated")
    if not _ASKS.search(question):
        found.add("#bare")
    if not question.rstrip().endswith("?"):
        found.add("#no mark")
    return frozenset(found)


@cache
def packaged_head() -> ListHead:
    """What comes with Newsdesk, for its packaged embedding model."""
    return load_head(PACKAGED)


def load_head(file: Path) -> ListHead:
    """What was saved in a file. Raises OSError, ValueError or KeyError when it cannot be read."""
    stored = json.loads(file.read_text(encoding="utf-8"))
    vector = np.array(stored["vector"], dtype=np.float32)
    return ListHead(stored["model"], stored["bias"], vector, stored["cues"], stored["threshold"])


def save_head(head: ListHead, file: Path) -> None:
    """Writes it, rounded, to a file."""
    stored = {
        "model": head.model,
        "threshold": head.threshold,
        "bias": round(head.bias, 4),
        "vector": [round(float(value), 4) for value in head.of_vector],
        "cues": {cue: round(weight, 4) for cue, weight in sorted(head.of_cues.items())},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(stored, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")
