"""How figures and outcomes are put into words, the same in every report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eval.measure.measures import MEASURES, Measure

SECTIONS = {
    "finding": "Finding",
    "answering": "Answering",
    "citing": "Citing",
    "refusing": "Refusing",
    "time": "Time",
    "judged": "Judged",
}
"""Section of a measure -> its heading."""

OUTCOMES = {
    "quote": "quote not verbatim",
    "error": "error",
    "wrong": "wrong answer",
    "overreach": "answered though unanswerable",
    "missed": "refused though answerable",
    "not-found": "gold article not found",
    "unknown": "not known",
    "found": "gold article found",
    "right": "right",
}
"""What can happen to a question, the worst first -> its name."""

MEASURE = {measure.name: measure for measure in MEASURES}

_DECIMALS = {"refusing": 3, "judged": 2}
"""Of the measures that are no shares: ece, aurc and auroc from 0 to 1, marks from 1 to 5, words."""

_NOT_SHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without what no file of characters may hold (half a surrogate pair, control characters)."""
    return _NOT_SHOWN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def number(value: float, name: str) -> str:
    """A figure of this measure: shares in per cent, the others as they are."""
    measure = MEASURE.get(name)
    if measure is None or measure.share:
        return f"{100 * value:.1f}"
    return f"{value:.{_DECIMALS.get(measure.section, 0)}f}"


def interval(figure: Mapping[str, Any], name: str, dash: str = "–") -> str:
    """The 95 % interval: "69.0–86.0"; nothing where there is none."""
    low, high = figure.get("low"), figure.get("high")
    return "" if low is None or high is None else f"{number(low, name)}{dash}{number(high, name)}"


def measured(report: Mapping[str, Any]) -> list[Measure]:
    """The measures that have a figure in some group, in their order."""
    named = {name for group in report["figures"].values() for name in group}
    return [measure for measure in MEASURES if measure.name in named]


def kind_and_name(group: str) -> tuple[str, str]:
    """("split", "june"), ("type", "who") or ("", "all")."""
    kind, _, name = group.partition(" ")
    return (kind, name) if kind in ("split", "type") else ("", group)


def in_group(report: Mapping[str, Any], group: str) -> list[Mapping[str, Any]]:
    """The questions of a group of the figures: "all", "split ...", "type ..."."""
    kind, name = kind_and_name(group)
    questions: Sequence[Mapping[str, Any]] = report["questions"]
    if kind == "split":
        return [question for question in questions if name in question["splits"]]
    if kind == "type":
        return [question for question in questions if (question["type"] or "(none)") == name]
    return list(questions)


def outcomes(question: Mapping[str, Any], mode: str = "") -> tuple[str, ...]:
    """What happened to a question, the worst first: keys of OUTCOMES. `mode` is the run's."""
    happened = []
    if not all(citation["verbatim"] for citation in question["citations"]):
        happened.append("quote")
    if question["error"]:
        happened.append("error")
    elif mode == "retrieval":
        hit = question["measures"].get("hit@10")
        happened.append("unknown" if hit is None else "found" if hit else "not-found")
    else:
        happened.append(_what_was_said(question))
    return tuple(happened)


def _what_was_said(question: Mapping[str, Any]) -> str:
    if question["right"] is None:
        return "unknown"
    if question["right"]:
        return "right"
    if not question["answered"]:
        return "missed"
    return "wrong" if question["answerable"] else "overreach"


def worst_first(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The questions by how bad it is what happened to them; the surest of the same kind first."""
    mode = report["subject"]["mode"]
    severity = {key: place for place, key in enumerate(OUTCOMES)}

    def rank(question: Mapping[str, Any]) -> tuple[int, float, float]:
        happened = severity[outcomes(question, mode)[0]]
        return happened, -sure(question), question["measures"].get("mrr@10", 0.0)

    return sorted(report["questions"], key=rank)


def sure(question: Mapping[str, Any]) -> float:
    """Probability, as said, that the answer is right; of a refusal, that the answer withheld is not."""
    said = float(question["confidence"])
    return said if question["answered"] else 1 - said
