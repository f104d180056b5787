"""What was fitted to a reader: how its scores are weighed for the order, the choice of an answer and the confidence.

Readers differ in what their log-odds are worth, so a fit lies beside the weights it was made for, as `fit.json`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from newsdesk.errors import ModelError

FILE = "fit.json"
SIGNALS = 7
"""How many signals the confidence is computed from (index.answer.confidence.ReadSignals)."""


@dataclass(frozen=True, slots=True)
class OrderFit:
    """Weights of the log-odds that a passage answers (index.order.by_reading)."""

    bias: float
    found: float
    """Of its score before reading, against the best one's."""
    read: float
    """Of the log-odds of its best span."""
    older: float
    """Off, for what is older than the newest passage read."""


@dataclass(frozen=True, slots=True)
class ChoiceFit:
    """Weights of what speaks for a span as the answer (index.answer.candidates)."""

    read: float
    found: float
    of_type: float
    newness: float
    agreement: float
    """Of a mention of the same answer in another story, times the reader's probability of that mention."""


@dataclass(frozen=True, slots=True)
class ConfidenceFit:
    """Logistic regression for the probability that an answer is right (index.answer.confidence)."""

    bias: float
    weights: tuple[float, ...]
    """In the order of `ReadSignals`."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Everything that was fitted to one reader."""

    given_above: float
    """Log-odds from which its best span is an answer rather than none."""
    order: OrderFit
    choice: ChoiceFit
    confidence: ConfidenceFit
    note: str = ""
    """Which questions chose it, in a sentence."""


def load_fit(folder: Path) -> Fit | None:
    """The fit that lies in a reader's folder; None when there is none. Raises ModelError for one that cannot be used."""
    file = folder / FILE
    if not file.is_file():
        return None
    try:
        return _fit(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"The fit {file} cannot be used: {error}. Delete it: without it the packaged reader's is taken, and "
            "`newsdesk eval fit FOLDER --write` makes another."
        ) from error


def save_fit(folder: Path, fit: Fit) -> Path:
    """Writes the fit into a reader's folder; returns the file."""
    file = folder / FILE
    file.write_text(json.dumps(asdict(fit), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def _fit(stored: dict[str, Any]) -> Fit:
    confidence = stored["confidence"]
    if len(confidence["weights"]) != SIGNALS:
        raise ValueError(f"the confidence has {len(confidence['weights'])} weights, expected {SIGNALS}")
    return Fit(
        given_above=float(stored["given_above"]),
        order=OrderFit(**_numbers(stored["order"], OrderFit)),
        choice=ChoiceFit(**_numbers(stored["choice"], ChoiceFit)),
        confidence=ConfidenceFit(float(confidence["bias"]), tuple(map(float, confidence["weights"]))),
        note=str(stored.get("note", "")),
    )


def _numbers(stored: dict[str, Any], kind: type[Any]) -> dict[str, float]:
    return {field.name: float(stored[field.name]) for field in fields(kind)}
