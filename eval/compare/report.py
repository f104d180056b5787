"""A comparison in words: for the terminal, for a pull request, and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from eval.compare.compare import KINDS, Answered, Change, Comparison, Difference
from eval.formulas.statistics import LEVEL, RESAMPLES
from eval.report.wording import MEASURE, clean, number

FORMAT = 1
"""Of the JSON."""

LISTED = 20
"""Questions of one kind that are written out for people; the JSON has all."""

_LONGEST = 400  # characters of one text in a list for people
_PLAIN = re.compile(r"[^\w\s.,;?'’“”–-]|_")  # what Markdown, HTML or GitHub may take for more than a character
_MARKS = {"better": "better *", "worse": "WORSE *", "other": "other *", "": ""}
_HEADS = ("", "A", "B", "B - A", "95 % interval", "p", "McNemar", "n", "")


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """Everything, fit for JSON."""
    return {
        "format": FORMAT,
        "a": {"name": comparison.a.name, "subject": comparison.a.subject},
        "b": {"name": comparison.b.name, "subject": comparison.b.subject},
        "seed": comparison.seed,
        "resamples": RESAMPLES,
        "sizes": comparison.sizes,
        "questions": {
            "compared": comparison.compared,
            "left_out_a": comparison.left_out_a,
            "left_out_b": comparison.left_out_b,
            "same_file": comparison.same_questions,
        },
        "tests": comparison.tests,
        "figures": {
            group: {name: _without_nothing(found) for name, found in figures.items()}
            for group, figures in comparison.figures.items()
        },
        "changes": [
            {
                "kinds": list(change.kinds),
                "id": change.a.id,
                "question": change.a.question,
                "type": change.a.type,
                "splits": change.a.splits,
                "answerable": change.a.answerable,
                "gold": change.a.gold.model_dump(),
                "a": _side(change.a),
                "b": _side(change.b),
            }
            for change in comparison.changes
        ],
    }


def as_text(comparison: Comparison) -> str:
    """A comparison for the terminal: figures of all and of each split, what of each type is beyond noise, changes."""
    lines = _heading(comparison)
    for group, figures in comparison.figures.items():
        rows = list(_rows(group, figures))
        if rows:
            lines += ["", f"{_line(group)} ({comparison.sizes[group]:,} questions)", *_aligned([_HEADS, *rows])]
    lines += ["", *_remarks(comparison)]
    for kind, changes in _by_kind(comparison).items():
        lines += ["", f"{KINDS[kind]} ({len(changes):,})"]
        for change in changes[:LISTED]:
            lines += ["", *(f"  {line}" for line in _told(change))]
        if len(changes) > LISTED:
            lines += ["", f"  ... and {len(changes) - LISTED:,} more, which --json writes."]
    if not comparison.changes:
        lines += ["", "No question went another way."]
    return "\n".join(lines)


def as_markdown(comparison: Comparison) -> str:
    """A comparison in Markdown, for a pull request; what comes from the archive is shown to the letter, as text."""
    lines = ["## Comparison", "", *(f"- {_escaped(line)}" for line in _heading(comparison))]
    for group, figures in comparison.figures.items():
        rows = list(_rows(group, figures))
        if rows:
            lines += ["", f"### {_escaped(_line(group))} ({comparison.sizes[group]:,} questions)", ""]
            lines += [_row(_HEADS), "|---|" + "--:|" * (len(_HEADS) - 2) + "---|"]
            lines += [_row(row) for row in rows]
    lines += ["", *(_escaped(line) for line in _remarks(comparison))]
    for kind, changes in _by_kind(comparison).items():
        lines += ["", f"### {_escaped(KINDS[kind])} ({len(changes):,})", ""]
        for change in changes[:LISTED]:
            first, *others = _told(change)
            lines += [f"- **{_escaped(first)}**", *(f"  - {_escaped(line.strip())}" for line in others)]
        if len(changes) > LISTED:
            lines.append(f"- ... and {len(changes) - LISTED:,} more")
    return "\n".join(lines) + "\n"


def _heading(comparison: Comparison) -> list[str]:
    a, b = comparison.a, comparison.b
    lines = [f"A: {_line(_subject(a.name, a.subject))}", f"B: {_line(_subject(b.name, b.subject))}"]
    compared = f"{comparison.compared:,} questions compared"
    if comparison.left_out_a or comparison.left_out_b:
        compared += f"; left out: {comparison.left_out_a:,} of A and {comparison.left_out_b:,} of B, which the other"
        compared += " was not asked" + ("" if comparison.same_questions else ", or asked otherwise, or with other gold")
    lines.append(compared + ".")
    if not comparison.same_questions:
        lines.append("The two question files differ.")
    if a.data.articles != b.data.articles:
        lines.append("The two archives differ: what changed may be the articles' doing.")
    return lines


def _subject(name: str, subject: Mapping[str, Any]) -> str:
    in_words = {
        "vectors": {True: "with vectors", False: "by keyword alone"},
        "expect_refusal": {True: "refusals expected"},
    }
    told = [
        in_words.get(key, {}).get(value) or f"{key} {value}"
        for key, value in subject.items()
        if key == "vectors" or value not in (None, "", False)
    ]
    return ", ".join([name, *told])


def _remarks(comparison: Comparison) -> list[str]:
    return [
        "Figures that are equal are left out. p: of the bootstrap. McNemar: questions that only A and only B has right, and "
        "p of the exact test. n: questions measured, in A/in B.",
        f"* beyond noise: the {100 * LEVEL:.0f} % interval ({RESAMPLES:,} paired bootstrap resamples, seed {comparison.seed}) leaves 0 "
        "out, and enough questions changed for McNemar's exact test or, where it does not apply, for any.",
        f"{comparison.tests:,} differences are tested at once, each marked by itself and none corrected for the others: "
        "where nothing has changed, up to about one in twenty would be marked all the same.",
    ]


def _rows(group: str, figures: Mapping[str, Difference]) -> Iterator[list[str]]:
    """A row for each measure that differs; of a type, of which there may be many, only what is beyond noise."""
    for name, found in figures.items():
        if found.beyond_noise or (found.a != found.b and not group.startswith("type ")):
            yield _cells(name, found)


def _cells(name: str, found: Difference) -> list[str]:
    none = found.low is None or found.high is None
    return [
        f"{name} (%)" if MEASURE[name].share else name,
        number(found.a, name),
        number(found.b, name),
        _signed(found.difference, name),
        "" if none else f"{_signed(found.low or 0, name)} to {_signed(found.high or 0, name)}",
        "" if found.p is None else _p(found.p),
        "" if found.mcnemar is None else f"{found.mcnemar.only_a}:{found.mcnemar.only_b} {_p(found.mcnemar.p)}",
        f"{found.n_a:,}" if found.n_a == found.n_b else f"{found.n_a:,}/{found.n_b:,}",
        _MARKS[found.verdict],
    ]


def _signed(value: float, name: str) -> str:
    shown = number(value, name)
    return shown if shown.startswith("-") else f"+{shown}"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _aligned(rows: list[Any]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place in (0, len(widths) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _by_kind(comparison: Comparison) -> dict[str, list[Change]]:
    """Each question once, under the first thing that changed."""
    found: dict[str, list[Change]] = {}
    for change in comparison.changes:
        found.setdefault(change.kinds[0], []).append(change)
    return found


def _told(change: Change) -> list[str]:
    """A question with both answers and what would have been right, a line each."""
    a, b = change.a, change.b
    about = f" (as of {a.as_of})" if a.as_of else ""
    lines = [f"{_line(a.id)}: {_line(a.question)}{about}"]
    lines += [f"also: {KINDS[kind]}" for kind in change.kinds[1:]]
    wanted = _line(" | ".join(a.gold.answers)) or ("a refusal" if a.answerable is False else "not known")
    lines.append(f"gold: {wanted}" + (f" ({_line(', '.join(a.gold.articles))})" if a.gold.articles else ""))
    for name, side in (("A", a), ("B", b)):
        lines.append(f"{name} ({side.confidence:.2f}): {_line(side.error or side.text)}")
        for cited in side.citations:
            is_gold = {True: "gold", False: "not gold", None: ""}[cited.gold]
            where = [
                cited.title,
                cited.source,
                cited.published or "",
                f"{cited.article_id}#p{cited.paragraph}",
                is_gold,
            ]
            lines.append(f"  {name} cites: “{_line(cited.quote)}” {_line(', '.join(part for part in where if part))}")
    return lines


def _side(question: Answered) -> dict[str, Any]:
    names = {"answered", "error", "confidence", "text", "short_answer", "right", "citations", "measures"}
    return question.model_dump(include=names)


def _without_nothing(found: Difference) -> dict[str, Any]:
    shown = asdict(found)
    return shown | {"verdict": found.verdict or None}


def _line(text: str) -> str:
    """One line, not too long, that no terminal takes for a command."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 3]}..."


def _escaped(text: str) -> str:
    """The text with every character that may mean something in Markdown spelled by its number."""
    return _PLAIN.sub(lambda match: f"&#{ord(match[0])};", text)


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"
