"""A report as Markdown for a pull request, and as a plain table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from eval.report.wording import OUTCOMES, clean, in_group, interval, measured, number, outcomes, sure, worst_first

LONGEST = 6_000
"""Characters: what a reviewer still scrolls past."""

FAILURES = 10

IN_SHORT = (
    "hit@1",
    "hit@10",
    "mrr@10",
    "paragraph hit@10",
    "answer in best 5",
    "contained",
    "words",
    "token f1",
    "citation precision",
    "citation recall",
    "gold paragraph cited",
    "quotes verbatim",
    "answered of answerable",
    "refused of unanswerable",
    "right of answered",
    "coverage at 80",
    "coverage at 90",
    "ece",
    "aurc",
    "auroc",
    "dated right",
    "dated outdated",
    "faithful (judged)",
    "correct (judged)",
)
"""The measures of the Markdown table; the JSON and the page have all of them."""

_SPLITS = 3
_NAME = 40  # characters of a name that somebody else chose
_LINE = 200  # characters of a line in the block of failures
_INDENT = 12
_ROOM = {"question": 0.3, "answer": 0.45, "gold": 0.25}  # how the room for a failure is shared


def markdown_report(report: Mapping[str, Any]) -> str:
    """The headline table, the cost and the worst failures, in at most LONGEST characters whatever the data.

    What others wrote stands in code, where neither Markdown nor HTML nor a mention has a meaning.
    """
    head = "\n".join([_title(report), "", *_table(report), "", _cost(report.get("cost", {})), ""])
    return (head + _failures(report, LONGEST - len(head))).rstrip() + "\n"


def text_table(report: Mapping[str, Any], columns: int | None = None) -> str:
    """A line for each figure, a column for each group: value and 95 % interval for all, the value for the others.

    Groups that do not fit into `columns` characters are left out, and it is said how many.
    """
    groups = report["figures"]
    rows = [["", *map(_collapsed, groups)], ["questions", *(str(len(in_group(report, name))) for name in groups)]]
    for measure in measured(report):
        cells = [_cell(figures.get(measure.name), measure.name, name == "all") for name, figures in groups.items()]
        rows.append([measure.name, *cells])
    rows += [
        [f"{stage}, ms at p50", f"{figures['p50']['value']:.0f}"] + [""] * (len(groups) - 1)
        for stage, figures in _latencies(report)
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    ends = list(accumulate(width + 2 for width in widths))
    shown = len(ends) if columns is None else max(2, sum(end - 2 <= columns for end in ends))
    lines = [_line(row[:shown], widths[:shown]) for row in rows]
    if shown < len(ends):
        left = len(ends) - shown
        lines += ["", f"{left} more {'column' if left == 1 else 'columns'}: widen the window, or write --html FILE."]
    return "\n".join(lines)


# ---------------------------------------------------------------------------------------------- the table


def _title(report: Mapping[str, Any]) -> str:
    subject, data = report["subject"], report["data"]
    model = subject["model"] if subject.get("vectors") else "keywords alone"
    judge = f", judged by {_code(subject['judge'])}" if subject.get("judge") else ""
    asked = f"{data['asked']} of {data['of']} questions"
    version = f"Newsdesk {_code(subject['newsdesk'])}"
    return f"### Evaluation on {_code(report['name'])}\n\n{asked}, {_code(subject['mode'])}, {_code(model)}, {version}{judge}."


def _table(report: Mapping[str, Any]) -> list[str]:
    groups = report["figures"]
    splits = [name for name in groups if name.startswith("split ")]
    columns = ["all", *splits[:_SPLITS]]
    lines = ["| | " + " | ".join(map(_code, columns)) + " |", "|---|" + "---:|" * len(columns)]
    for measure in measured(report):
        if measure.name in IN_SHORT:
            cells = [_cell(groups.get(name, {}).get(measure.name), measure.name) for name in columns]
            lines.append(f"| {measure.name} | " + " | ".join(cells) + " |")
    if len(splits) > _SPLITS:
        lines += ["", f"{len(splits) - _SPLITS} more splits are in the full report."]
    return lines


def _cell(figure: Mapping[str, Any] | None, name: str, with_interval: bool = True) -> str:
    if figure is None:
        return "-"
    range_ = interval(figure, name, "-") if with_interval else ""
    return _clipped(number(figure["value"], name) + (f" ({range_})" if range_ else ""), _NAME)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells).rstrip()


def _cost(cost: Mapping[str, Any]) -> str:
    """One line; nothing where nothing is known."""
    stages = _latencies({"cost": cost})
    parts = [f"{_code(stage)} {figures['p50']['value']:,.0f} ms at p50" for stage, figures in stages[:5]]
    if cost.get("peak_memory_mb"):
        parts.append(f"{cost['peak_memory_mb']:,.0f} MB of memory")
    if cost.get("index_bytes"):
        parts.append(f"{sum(cost['index_bytes'].values()) / 1e6:,.1f} MB of index")
    if cost.get("passages_per_second"):
        parts.append(f"{cost['passages_per_second']:,.1f} passages embedded a second")
    return ("Cost: " + ", ".join(parts) + ".") if parts else ""


def _latencies(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    stages = report.get("cost", {}).get("latency_ms") or {}
    return [(_collapsed(stage), figures) for stage, figures in stages.items() if figures.get("p50")]


# ----------------------------------------------------------------------------------------------- failures


def _failures(report: Mapping[str, Any], room: int) -> str:
    """The worst questions in one block of code. No line of it begins with what was written by others."""
    mode = report["subject"]["mode"]
    failed = [q for q in worst_first(report) if outcomes(q, mode)[0] not in ("right", "found", "unknown")]
    if not failed:
        return ""
    count = f"{len(failed)} questions went wrong" if len(failed) != 1 else "1 question went wrong"
    opening = f"\n<details><summary>{count}; the worst of them</summary>\n\n```text\n"
    ending = "```\n\n</details>\n"
    room -= len(opening) + len(ending)
    share = room // min(len(failed), FAILURES)
    return opening + "".join(_failure(question, mode, share) for question in failed[:FAILURES]) + ending


def _failure(question: Mapping[str, Any], mode: str, room: int) -> str:
    """What was asked, what was said and what is right, in at most `room` characters."""
    what = ", ".join(OUTCOMES[kind] for kind in outcomes(question, mode))
    head = f"{what}, {sure(question):.2f} sure: {_clipped(question['id'], _NAME)}\n"
    if question["answerable"] is False:
        gold = "(none: the archive does not say)"
    else:
        gold = " / ".join(question["gold"]["answers"]) or "(not known)"
    said = question["error"] or question["text"] or "(nothing)"
    parts = {"question": question["question"], "answer": said, "gold": gold}
    left = max(0, room - len(head) - 1 - len(parts) * (_INDENT + 1))
    lines = [f"  {name}:".ljust(_INDENT) + _clipped(parts[name], int(left * _ROOM[name])) for name in parts]
    return head + "\n".join(lines) + "\n\n"


def _collapsed(text: str) -> str:
    return " ".join(clean(text).split())


def _clipped(text: str, length: int) -> str:
    text = _collapsed(text)
    length = min(length, _LINE)
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


def _code(text: str) -> str:
    """The text as inline code that also fits a table: its backticks and bars become harmless look-alikes."""
    return "`" + (_clipped(text, _NAME).replace("`", "ˋ").replace("|", "¦") or "-") + "`"
