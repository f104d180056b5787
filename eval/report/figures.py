"""A run's outcomes as figures with intervals, by group, in the one form that files, pages, the gate and `compare` read.

The form is described in docs/evaluation.md. Two runs with equal outcomes give equal reports but for `cost` and
`timings_ms`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from eval.formulas.calibration import (
    Vector,
    aurc,
    auroc,
    coverage_at,
    ece,
    ece_by_chance,
    has_both,
    reliability,
    risk_coverage,
)
from eval.formulas.statistics import Figure, biased_figure, figure, mean_figure, percentile_figure, share_figure
from eval.measure.measures import COVERAGES, MEASURES
from eval.measure.outcome import Outcome
from newsdesk.errors import WrongUse

FORMAT = 1
"""Number of the form; a reader refuses any other."""

PERCENTILES = (50, 95, 99)

_CURVE_POINTS = 200  # enough for a plot


@dataclass(frozen=True, slots=True)
class Subject:
    """What was evaluated, and how."""

    newsdesk: str
    """Version."""
    model: str
    """Embedding model."""
    url: str | None = None
    """Of the running service; None: the engine of this process."""
    mode: str = "extractive"
    caution: str = "normal"
    vectors: bool = True
    judge: str | None = None
    """Name of the LLM that judged."""
    expect_refusal: bool = False
    """Whether the articles are others than those that answer, so that every question is to be refused."""
    reader: str = ""
    """What finds the words of an answer; "none" for words alone, empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Data:
    """Which questions, over which articles."""

    questions: str
    """SHA-256 of the file."""
    articles: str
    asked: int
    of: int
    seed: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What it took. These, and the times of each question, differ from run to run."""

    seconds: float
    peak_memory_mb: float | None = None
    """Of this process; None for a service elsewhere."""
    index_bytes: dict[str, int] = field(default_factory=dict)
    articles_per_second: float | None = None
    """From the start of reading until all can be asked by keyword."""
    passages_per_second: float | None = None
    """Given a vector."""
    built: str = ""


def build_report(name: str, outcomes: Sequence[Outcome], subject: Subject, data: Data, cost: Cost) -> dict[str, Any]:
    """Everything, fit for JSON."""
    groups = grouped(outcomes)
    report = {
        "format": FORMAT,
        "name": name,
        "subject": asdict(subject),
        "data": asdict(data),
        "figures": {
            group: {measure: found._asdict() for measure, found in figures(members, data.seed).items()}
            for group, members in groups.items()
        },
        "curves": {group: _curves(members) for group, members in groups.items() if not group.startswith("type ")},
        "questions": [asdict(outcome) for outcome in outcomes],
        "cost": asdict(cost) | {"latency_ms": _latencies(outcomes, data.seed)},
    }
    plain: dict[str, Any] = json.loads(json.dumps(report, default=str))  # dates as text, tuples as lists
    return plain


def read_report(file: Path) -> dict[str, Any]:
    """A report that was written as JSON. Raises WrongUse when it is none."""
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse(
            f"{file} cannot be read as a report: {error}. Write one with: newsdesk eval DIR --json FILE"
        ) from (error)
    if not isinstance(report, dict) or report.get("format") != FORMAT or "questions" not in report:
        raise WrongUse(
            f"{file} is not a report of form {FORMAT}. Write one with this version: newsdesk eval DIR --json FILE"
        )
    return report


def grouped(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """All questions; then those of each split, then those of each type, where there is more than one."""
    groups = {"all": list(outcomes)}
    for name in dict.fromkeys(split for outcome in outcomes for split in outcome.splits):
        groups[f"split {name}"] = [outcome for outcome in outcomes if name in outcome.splits]
    types = sorted({outcome.type for outcome in outcomes})
    for name in types if len(types) > 1 else []:
        groups[f"type {name or '(none)'}"] = [outcome for outcome in outcomes if outcome.type == name]
    return groups


REFUSED = -1.0
"""Stands for the confidence of a question that got no answer: below any that is said."""


def _coverage(share: float) -> Callable[[Vector, Vector], float]:
    """`coverage_at` of questions, of which some were refused."""

    def covered(confidence: Vector, right: Vector) -> float:
        answered = confidence != REFUSED
        return coverage_at(confidence[answered], right[answered], share, len(confidence))

    return covered


OF_ANSWERS = {"ece": ece, "aurc": aurc, "auroc": auroc}
"""What is measured of all answers together, not question by question."""

OF_QUESTIONS = {f"coverage at {percent}": _coverage(percent / 100) for percent in COVERAGES}
"""What is measured of all questions together, the refused ones among them."""

_OF_SHORT_ANSWERS = ("exact match", "token f1", "contained in short answer")
"""Where there is none at all, "short answer given" says so, and these say nothing more."""


def figures(outcomes: Sequence[Outcome], seed: int) -> dict[str, Figure]:
    """Every figure that applies to these outcomes, in the order of MEASURES."""
    found = {}
    confidence, right = _shown(outcomes)
    left_out = () if any(outcome.short_answer for outcome in outcomes) else _OF_SHORT_ANSWERS
    for measure in MEASURES:
        if measure.name in left_out:
            continue
        values = [outcome.measures[measure.name] for outcome in outcomes if measure.name in outcome.measures]
        if values:
            found[measure.name] = (share_figure if measure.share else mean_figure)(values, seed)
    if len(confidence):
        found["ece"] = biased_figure([confidence, right], ece, seed)
        found["aurc"] = figure([confidence, right], aurc, seed)
    if has_both(right):
        found["auroc"] = figure([confidence, right], auroc, seed)
    known = _known(outcomes)
    if len(known[0]) and any(outcome.answerable for outcome in outcomes):  # else nothing can be covered
        found |= {name: figure(known, covered, seed) for name, covered in OF_QUESTIONS.items()}
    return {measure.name: found[measure.name] for measure in MEASURES if measure.name in found}


def _shown(outcomes: Sequence[Outcome]) -> tuple[Any, Any]:
    """Confidence and rightness of the answers whose rightness is known."""
    shown = [outcome for outcome in outcomes if outcome.answered and outcome.right is not None]
    return (
        np.array([outcome.confidence for outcome in shown], dtype=np.float64),
        np.array([outcome.right for outcome in shown], dtype=np.float64),
    )


def _known(outcomes: Sequence[Outcome]) -> tuple[Any, Any]:
    """The same of all questions of which it is known, answered or REFUSED."""
    known = [outcome for outcome in outcomes if outcome.right is not None]
    return (
        np.array([outcome.confidence if outcome.answered else REFUSED for outcome in known], dtype=np.float64),
        np.array([outcome.answered and outcome.right for outcome in known], dtype=np.float64),
    )


def _curves(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    confidence, right = _shown(outcomes)
    known = sum(outcome.answerable is not None for outcome in outcomes)
    risks = risk_coverage(confidence, right)
    places = sorted({round(place) for place in np.linspace(1, len(risks), _CURVE_POINTS)}) if len(risks) else []
    return {
        "risk_coverage": [[place / known, float(risks[place - 1])] for place in places],
        "reliability": [asdict(each) for each in reliability(confidence, right)] if len(right) else [],
        "ece_by_chance": ece_by_chance(confidence),
    }


def _latencies(outcomes: Sequence[Outcome], seed: int) -> dict[str, dict[str, Any]]:
    stages: dict[str, list[float]] = {}
    for outcome in outcomes:
        for stage, ms in outcome.timings_ms.items():
            stages.setdefault(stage, []).append(ms)
    return {
        stage: {f"p{percent}": percentile_figure(values, percent, seed)._asdict() for percent in PERCENTILES}
        for stage, values in stages.items()
    }


def without_times(report: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be equal when the same is evaluated twice."""
    questions = [{**question, "timings_ms": {}} for question in report["questions"]]
    return {**report, "questions": questions, "cost": {}}
