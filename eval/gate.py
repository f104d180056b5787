"""The gate: figures on the sample may not fall below committed floors. Pure; the command is in `app/commands/gate.py`.

A floor is the figure of the day it was set. Slack absorbs what another machine's rounding may do to near ties; it is
counted from the floor, so small losses cannot add up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from eval.measure.measures import MEASURES
from newsdesk.errors import WrongUse

SLACK_QUESTIONS = 2
"""Questions that may be lost before it is a regression. The same code gives the same 120 answers with one thread of torch and
with two; another processor adds in another order still, and near ties may then fall otherwise."""

ALWAYS = frozenset({"quotes verbatim", "cited in evidence"})
"""Promises: no slack."""

GATED = (
    "hit@1", "hit@10", "mrr@10", "ndcg@10", "recall@10", "paragraph hit@4", "answer in best 5", "contained", "short answer given",
    "token f1", "contained in short answer", "citation precision", "citation recall", "gold paragraph cited", "quotes verbatim", "cited in evidence", "answered of answerable",
    "refused of unanswerable", "right of answered", "ece", "aurc",
)  # fmt: skip
"""What is held. The others follow from these or say nothing on the sample."""

_LOW_IS_BETTER = frozenset(measure.name for measure in MEASURES if measure.better == "low")

Figures = Mapping[str, Mapping[str, Any]]
"""Measure -> {"value", "n", ...}, as in a report."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What a measure must reach; for one where low is better, what it must not exceed."""

    value: float
    n: int
    """Questions it is measured on."""


Floors = dict[str, dict[str, Floor]]
"""Way of searching -> measure -> floor."""


@dataclass(frozen=True, slots=True)
class Change:
    """Why floors were set or lowered."""

    day: str
    reason: str
    lowered: dict[str, tuple[float, float]] = field(default_factory=dict)
    """"way: measure" -> before and after."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The committed file."""

    fingerprint: dict[str, str]
    """Hashes of the data and the models that the floors are for: on others they mean nothing."""
    floors: Floors
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A floor beside the figure of today."""

    way: str
    measure: str
    floor: float
    value: float
    allowed: float
    """The value at which it begins to be a regression."""
    holds: bool


_gate = TypeAdapter(Gate)


def read_gate(file: Path) -> Gate:
    """The committed floors. Raises WrongUse when they cannot be read."""
    try:
        return _gate.validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise WrongUse(
            f"The floors in {file} cannot be read: {error}. Take the file from the repository again."
        ) from error


def write_gate(gate: Gate, file: Path) -> None:
    """Writes the file that is committed."""
    file.write_text(json.dumps(asdict(gate), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def check_fingerprint(gate: Gate, fingerprint: Mapping[str, str]) -> None:
    """Raises WrongUse when the data or a model are not those that the floors were set on."""
    other = [name for name in {*gate.fingerprint, *fingerprint} if gate.fingerprint.get(name) != fingerprint.get(name)]
    if other:
        raise WrongUse(
            f"The floors were set on other {' and '.join(sorted(other))}; they say nothing about these. Look at the figures "
            "with `newsdesk eval eval/sample`, then set floors anew: newsdesk eval gate --lower --reason WHY"
        )


def judge(gate: Gate, found: Mapping[str, Figures]) -> list[Verdict]:
    """Every floor beside its figure; a figure that is missing does not hold."""
    return [
        _verdict(way, measure, floor, found.get(way, {}).get(measure))
        for way, floors in gate.floors.items()
        for measure, floor in floors.items()
    ]


def _verdict(way: str, measure: str, floor: Floor, found: Mapping[str, Any] | None) -> Verdict:
    slack = 0.0 if measure in ALWAYS else SLACK_QUESTIONS / floor.n
    worst = floor.value + (slack if measure in _LOW_IS_BETTER else -slack)
    if found is None:
        return Verdict(way, measure, floor.value, float("nan"), worst, False)
    value = float(found["value"])
    lost = value - worst if measure in _LOW_IS_BETTER else worst - value
    return Verdict(
        way, measure, floor.value, value, worst, lost <= 1e-9 and int(found["n"]) >= _least_n(measure, floor)
    )


def _least_n(measure: str, floor: Floor) -> int:
    """What is measured on all questions of a kind is measured on as many as before: none may drop out unseen."""
    return 1 if measure in _OF_ANSWERED else floor.n


_OF_ANSWERED = frozenset(
    {
        "citation precision",
        "citation recall",
        "quotes verbatim",
        "cited in evidence",
        "right of answered",
        "ece",
        "aurc",
    }
)
"""Measured on what was answered, which may be more or less."""


def raised(gate: Gate, found: Mapping[str, Figures]) -> Gate:
    """The floors with every better figure as its new floor; none goes down. Raises WrongUse while one does not hold."""
    if not all(verdict.holds for verdict in judge(gate, found)):
        raise WrongUse("Some floors do not hold, so none is raised. Mend that first, or lower them for a reason.")
    floors = {way: dict(of) for way, of in gate.floors.items()}
    for way, measure, floor, figure in _pairs(gate, found):
        if _better(measure, figure["value"], floor.value):
            # Slack is counted in questions: fewer of them must not widen it.
            floors[way][measure] = Floor(figure["value"], max(floor.n, figure["n"]))
    return replace(gate, floors=floors)


def lowered(gate: Gate, found: Mapping[str, Figures], fingerprint: Mapping[str, str], day: str, reason: str) -> Gate:
    """The floors as today's figures, better or worse, with the reason and what went down.

    Raises WrongUse without a reason, or when a figure that is held is missing.
    """
    if not reason.strip():
        raise WrongUse("Floors are lowered only for a reason, which is recorded: add --reason WHY.")
    missing = [f"{way}: {measure}" for way in found for measure in GATED if measure not in found[way]]
    if missing:
        raise WrongUse(f"These figures are missing, and no floor may vanish: {', '.join(missing)}.")
    down = {
        f"{way}: {measure}": (floor.value, figure["value"])
        for way, measure, floor, figure in _pairs(gate, found)
        if _better(measure, floor.value, figure["value"]) or figure["n"] < floor.n
    }
    change = Change(day, reason.strip(), down)
    return Gate(dict(fingerprint), floors_of(found), (*gate.changes, change))


def floors_of(found: Mapping[str, Figures]) -> Floors:
    """Today's figures as floors."""
    return {
        way: {
            measure: Floor(figures[measure]["value"], figures[measure]["n"]) for measure in GATED if measure in figures
        }
        for way, figures in found.items()
    }


def _pairs(gate: Gate, found: Mapping[str, Figures]) -> list[tuple[str, str, Floor, Mapping[str, Any]]]:
    return [
        (way, measure, floor, found[way][measure])
        for way, floors in gate.floors.items()
        for measure, floor in floors.items()
        if measure in found.get(way, {})
    ]


def _better(measure: str, one: float, other: float) -> bool:
    return one < other if measure in _LOW_IS_BETTER else one > other


def as_table(verdicts: list[Verdict]) -> str:
    """A line for each floor; those that do not hold are marked."""
    lines = [f"{'':<18}{'':<26}{'floor':>8}{'now':>8}{'least':>8}"]
    for each in verdicts:
        least = "at most" if each.measure in _LOW_IS_BETTER else ""
        lines.append(
            f"{each.way:<18}{each.measure:<26}{each.floor:>8.3f}{each.value:>8.3f}{each.allowed:>8.3f}"
            f"{'' if each.holds else '  REGRESSION'}{f'  ({least})' if least else ''}"
        )
    return "\n".join(lines)
