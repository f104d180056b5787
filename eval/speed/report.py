"""The speed benchmark as one HTML file, in the manner of the evaluation's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from eval.report.html import cleaned, render_page
from eval.report.plots import Point, Series, legend, line_plot, number_axis, plain

NEWSDESK, PLAIN = "Newsdesk", "plain LlamaIndex + Chroma"

FIGURES = (
    (("keyword_seconds",), "Until all can be asked by keyword", "s"),
    (("vectors_seconds",), "Until all can be asked by meaning", "s"),
    (("ask_ms", "p50"), "A question answered, median", "ms"),
    (("ask_ms", "p95"), "A question answered, 95 % within", "ms"),
    (("retrieve_ms", "p50"), "Ten passages retrieved, median", "ms"),
    (("retrieve_ms", "p95"), "Ten passages retrieved, 95 % within", "ms"),
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
        headline=[(name, _times(ratio)) for name, ratio in (sizes[-1].get("ratios") or {}).items()] if sizes else [],
        sections=[(heading, rows) for heading, rows in _sections(sizes) if rows],
        plots=[plot for plot in (*(_plot(sizes, *plot) for plot in _PLOTS), _ratios(sizes)) if plot],
    )


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
    names = list(dict.fromkeys(name for size in sizes for name in size.get("ratios") or {}))
    ratios = [(name, [_times((size.get("ratios") or {}).get(name)) for size in sizes]) for name in names]
    return [
        ("How many times as fast Newsdesk is", ratios),
        (NEWSDESK, _rows(sizes, "newsdesk")),
        (PLAIN, _rows(sizes, "plain")),
    ]


def _rows(sizes: Sequence[Mapping[str, Any]], side: str) -> list[tuple[str, list[str]]]:
    rows = []
    for path, name, unit in FIGURES:
        values = [_value(size.get(side), path) for size in sizes]
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
    """Newsdesk and the plain pipeline over the size of the archive."""
    series = []
    for side, who in (("newsdesk", NEWSDESK), ("plain", PLAIN)):
        for figure, part in drawn:
            path = (figure, part) if figure.endswith("_ms") else (figure,)
            values = [(size["articles"], _value(size.get(side), path)) for size in sizes]
            points = [Point(articles, value) for articles, value in values if value is not None]
            if points:
                series.append(Series(f"{who}, {part}" if part else who, points))
    return _over_size(title, text, unit, series)


def _ratios(sizes: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    names = list(dict.fromkeys(name for size in sizes for name in size.get("ratios") or {}))
    series = []
    for name in names:
        values = [(size["articles"], _value(size.get("ratios"), (name,))) for size in sizes]
        points = [Point(articles, value) for articles, value in values if value is not None]
        series += [Series(name, points)] if points else []
    return _over_size("Ratios", "How many times as fast Newsdesk is; 1 is as fast.", "times", series)


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
