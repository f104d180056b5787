"""The speed benchmark as one HTML file, in the manner of the evaluation's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from eval.report.html import cleaned, render_page
from eval.report.plots import Point, Series, legend, line_plot, number_axis, plain
from eval.speed.bench import TITLES

NEWSDESK = "Newsdesk"

FIGURES = (
    (("keyword_seconds",), "Until all can be asked by keyword", "s"),
    (("vectors_seconds",), "Until all can be asked by meaning", "s"),
    (("ask_ms", "p50"), "A question answered, median", "ms"),
    (("ask_ms", "p95"), "A question answered, 95 % within", "ms"),
    (("retrieve_ms", "p50"), "Ten passages retrieved, median", "ms"),
    (("retrieve_ms", "p95"), "Ten passages retrieved, 95 % within", "ms"),
    (("retrieve_processor_ms",), "Ten passages retrieved, processor time", "ms"),
    (("asked_per_second",), "Questions answered a second, several askers", ""),
    (("retrieved_per_second",), "Questions retrieved for a second, several askers", ""),
    (("disk_mb",), "On disk", "MB"),
    (("peak_memory_mb",), "Memory, at most", "MB"),
)
"""Where a figure stands in the JSON of one side, its name and its unit, in the order of the table."""

_PLOTS = (
    ("From articles to answers", "Less is better.", "seconds", (("keyword_seconds", "by keyword"), ("vectors_seconds", "by meaning"))),
    ("Retrieving", "Median and 95th percentile of one question at a time. Less is better.", "milliseconds",
     (("retrieve_ms", "p50"), ("retrieve_ms", "p95"))),
    ("Answering", "Median and 95th percentile of one question at a time, from the question to the cited answer.", "milliseconds",
     (("ask_ms", "p50"), ("ask_ms", "p95"))),
    ("Memory, at most", "Less is better.", "MB", (("peak_memory_mb", ""),)),
    ("On disk", "Less is better.", "MB", (("disk_mb", ""),)),
)  # fmt: skip
"""Title, text, unit, and what is drawn: a figure, and its percentile or what it is called."""


def bench_html(result: Mapping[str, Any]) -> str:
    """The page of the result that `newsdesk bench --json` writes; what is missing in it is left out of the page."""
    result = cleaned(result)
    sizes = sorted((size for size in result.get("sizes", []) if "articles" in size), key=lambda size: size["articles"])
    return render_page(
        "bench.html",
        result=result,
        facts=_facts(result),
        sizes=sizes,
        headline=_headline(sizes),
        sections=[(heading, rows) for heading, rows in _sections(sizes) if rows],
        plots=[plot for plot in (*(_plot(sizes, *plot) for plot in _PLOTS), _ratios(sizes)) if plot],
    )


def _rivals(sizes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of those that were measured beside Newsdesk, at any size."""
    return list(dict.fromkeys(name for size in sizes for name in size.get("beside") or {}))


def _beside(size: Mapping[str, Any], rival: str) -> Mapping[str, Any]:
    return (size.get("beside") or {}).get(rival) or {}


def _headline(sizes: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Ratio of speed, its value and who it is to: of the first rival, at the largest size."""
    if not sizes or not sizes[-1].get("beside"):
        return []
    rival = next(iter(sizes[-1]["beside"]))
    ratios = _beside(sizes[-1], rival).get("ratios") or {}
    return [(name, _times(ratio), TITLES.get(rival, rival)) for name, ratio in ratios.items() if name != "memory"]


def _facts(result: Mapping[str, Any]) -> list[str]:
    machine = result.get("machine") or {}
    facts = [
        f"{result['questions']:,} questions" if result.get("questions") else "",
        f"{machine['cores']} cores" if machine.get("cores") else "",
        f"Python {machine['python']}" if machine.get("python") else "",
    ]
    return [fact for fact in facts if fact]


def _sections(sizes: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """Heading, and below it the rows: name and a cell for each size."""
    found = []
    for rival in _rivals(sizes):
        ratios = [_beside(size, rival).get("ratios") or {} for size in sizes]
        names = list(dict.fromkeys(name for each in ratios for name in each))
        heading = f"How many times as fast as {TITLES.get(rival, rival)} Newsdesk is, and as sparing of memory"
        found.append((heading, [(name, [_times(each.get(name)) for each in ratios]) for name in names]))
    found.append((NEWSDESK, _rows([size.get("newsdesk") for size in sizes])))
    for rival in _rivals(sizes):
        found.append((TITLES.get(rival, rival), _rows([_beside(size, rival) for size in sizes])))
    return found


def _rows(sides: Sequence[Mapping[str, Any] | None]) -> list[tuple[str, list[str]]]:
    rows = []
    for path, name, unit in FIGURES:
        values = [_value(side, path) for side in sides]
        if any(value is not None for value in values):
            rows.append((name, ["" if value is None else f"{_rounded(value)} {unit}".strip() for value in values]))
    return rows


def _value(side: Mapping[str, Any] | None, path: Sequence[str]) -> float | None:
    """The figure at this place; None where it, or anything above it, is missing."""
    found: Any = side
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return float(found) if isinstance(found, int | float) else None


def _plot(
    sizes: Sequence[Mapping[str, Any]], title: str, text: str, unit: str, drawn: Sequence[tuple[str, str]]
) -> dict[str, Any] | None:
    """Newsdesk and its rivals over the size of the archive."""
    series = []
    sides = [(NEWSDESK, [size.get("newsdesk") for size in sizes])]
    sides += [(TITLES.get(rival, rival), [_beside(size, rival) for size in sizes]) for rival in _rivals(sizes)]
    for who, measured in sides:
        for figure, part in drawn:
            path = (figure, part) if figure.endswith("_ms") else (figure,)
            values = [(size["articles"], _value(side, path)) for size, side in zip(sizes, measured, strict=True)]
            points = [Point(articles, value) for articles, value in values if value is not None]
            if points:
                series.append(Series(f"{who}, {part}" if part else who, points))
    return _over_size(title, text, unit, series)


def _ratios(sizes: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The ratios to the first rival; those to all would be too many lines."""
    if not (rivals := _rivals(sizes)):
        return None
    measured = [_beside(size, rivals[0]).get("ratios") or {} for size in sizes]
    series = []
    for name in dict.fromkeys(name for each in measured for name in each):
        values = [(size["articles"], _value(each, (name,))) for size, each in zip(sizes, measured, strict=True)]
        points = [Point(articles, value) for articles, value in values if value is not None]
        series += [Series(name, points)] if points else []
    title = f"Ratios to {TITLES.get(rivals[0], rivals[0])}"
    return _over_size(
        title, "How many times as fast Newsdesk is, and as sparing of memory; 1 is alike.", "times", series
    )


def _over_size(title: str, text: str, unit: str, series: Sequence[Series]) -> dict[str, Any] | None:
    points = [point for one in series for point in one.points]
    if not points:
        return None
    said = f"{text} " + "; ".join(
        f"{one.name}: " + ", ".join(f"{_rounded(p.y)} {unit} at {plain(p.x)} articles" for p in one.points)
        for one in series
    )
    x = number_axis("articles", max(point.x for point in points))
    svg: Markup = line_plot(title, said, x, number_axis(unit, max(point.y for point in points)), series)
    return {"title": title, "text": text, "svg": svg, "legend": legend([one.name for one in series])}


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{_rounded(ratio)} ×"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
