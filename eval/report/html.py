"""A report as one HTML file that needs nothing else: no network, no script but its own.

Questions, answers and articles are data: the templates escape all of it, an address becomes a link only when it is
http or https, and the page's own policy runs no script but the filter and loads nothing.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from eval.report.plots import Point, Row, Series, legend, line_plot, number_axis, percent_axis, places_axis, row_plot
from eval.report.wording import (
    MEASURE,
    OUTCOMES,
    SECTIONS,
    clean,
    in_group,
    interval,
    kind_and_name,
    measured,
    number,
    outcomes,
    sure,
    worst_first,
)

HEADLINE = {
    "hit@10": "A right article is among the first ten",
    "answer in best 5": "The best five passages hold the answer",
    "contained": "The reply holds a right answer",
    "dated right": "The newest fact is told",
    "right of answered": "Right, of what was answered",
    "coverage at 80": "Could be answered with 80\u00a0% right",
    "coverage at 90": "Could be answered with 90\u00a0% right",
    "answered of answerable": "Answerable questions answered",
    "refused of unanswerable": "Unanswerable questions refused",
    "quotes verbatim": "Replies quoted to the letter",
}
"""The figures shown large, where they apply, and how they are said to somebody who does not know the measures."""

LARGE_FROM = 0.1
"""Share of the questions that a large figure stands on at least: a handful of them must not look like the whole."""

MOST_GROUPS = 30
"""Groups in one plot: more rows would be too many to read."""

MOST_LINES = 6
"""Lines in one plot: each needs a colour of its own."""

CURVE_POINTS = 200
"""Points that are drawn of a curve: more cannot be told apart, and thousands would make the file large."""

_FOLDER = Path(__file__).parents[1] / "templates"
_HTTP_URL = re.compile(r"https?://[^\s\x00-\x20\x7f]+", re.IGNORECASE)


def html_report(report: Mapping[str, Any]) -> str:
    """The page of a report, given as the JSON that `newsdesk eval run --json` writes. The same report, the same page."""
    report = cleaned(report)
    questions = worst_first(report)
    types = Counter(question["type"] for question in questions)
    splits = Counter(chain.from_iterable(question["splits"] for question in questions))
    mode = report["subject"]["mode"]
    kinds = Counter(kind for question in questions for kind in outcomes(question, mode))
    tally = Counter(outcomes(question, mode)[0] for question in questions)
    numbers = {id(question): place for place, question in enumerate(report["questions"], start=1)}
    return render_page(
        "report.html",
        report=report,
        lede=_lede(report),
        subject=_subject(report),
        headline=_headline(report),
        tally=[(key, OUTCOMES[key], tally[key]) for key in OUTCOMES if key in tally],
        kinds=[(key, OUTCOMES[key], kinds[key]) for key in OUTCOMES if key in kinds],
        types=sorted(types.items()),
        splits=sorted(splits.items()),
        groups=[(*kind_and_name(group), len(in_group(report, group))) for group in report["figures"]],
        sections=_sections(report),
        plots=_plots(report),
        cost=_cost(report.get("cost", {})),
        questions=(
            _Card(question, numbers[id(question)], mode, sorted(types), sorted(splits)) for question in questions
        ),
    )


def render_page(template: str, **values: Any) -> str:
    """A template of this folder with the style and the script that all pages share."""
    script = (_FOLDER / "report.js").read_text(encoding="utf-8")
    return _templates.get_template(template).render(
        values,
        style=Markup((_FOLDER / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=Markup("sha256-" + b64encode(sha256(script.encode()).digest()).decode()),
    )


def cleaned(value: Any) -> Any:
    """The JSON value with every text in it made fit for a file."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(name): cleaned(part) for name, part in value.items()}
    return [cleaned(part) for part in value] if isinstance(value, list | tuple) else value


def http_url(url: str | None) -> str:
    """`url` when it may become a link, else nothing."""
    return url if url and _HTTP_URL.fullmatch(url) else ""


# ---------------------------------------------------------------------------------------------- at the top


def _lede(report: Mapping[str, Any]) -> str:
    """What was measured, as a sentence."""
    asked, of, subject = report["data"]["asked"], report["data"]["of"], report["subject"]
    count = f"{asked:,} questions" if asked != 1 else "1 question"
    part = f"{count} of {of:,}" if asked < of else count
    if subject["mode"] == "retrieval":
        return f"{part}: how well the articles that answer them are found."
    if subject.get("expect_refusal"):
        return f"{part} asked of articles that do not answer them: how often Newsdesk says so."
    return f"{part}: how well Newsdesk finds, answers, cites and refuses."


def _subject(report: Mapping[str, Any]) -> list[str]:
    """What answered, and how it was set."""
    subject = report["subject"]
    modes = {"extractive": "extractive answers", "llm": "answers by an LLM", "retrieval": "retrieval alone"}
    facts = [
        modes.get(subject["mode"], subject["mode"]),
        subject["model"] if subject.get("vectors") else "keywords alone",
        f"reader {subject['reader']}" if subject.get("reader") else "",
        f"caution {subject['caution']}" if subject.get("caution") else "",
        f"judged by {subject['judge']}" if subject.get("judge") else "",
        f"service {subject['url']}" if subject.get("url") else "",
        f"Newsdesk {subject['newsdesk']}",
    ]
    return [fact for fact in facts if fact]


def _headline(report: Mapping[str, Any]) -> list[tuple[str, str, str, str, int]]:
    """What it says, measure, value, interval and n of the figures shown large."""
    everything, fewest = report["figures"].get("all", {}), LARGE_FROM * report["data"]["asked"]
    return [
        (words, name, number(figure["value"], name).removesuffix(".0"), interval(figure, name), figure["n"])
        for name, words in HEADLINE.items()
        if (figure := everything.get(name)) and figure["n"] >= fewest
    ]


def _sections(report: Mapping[str, Any]) -> list[tuple[str, list[Any]]]:
    """The table: a heading and the rows below it, each a measure and a cell for each group."""
    judge = report["subject"].get("judge")
    headings = SECTIONS | ({"judged": f"As judged by {judge}"} if judge else {})
    sections: dict[str, list[Any]] = {}
    for measure in measured(report):
        figures = [group.get(measure.name) for group in report["figures"].values()]
        cells = [figure and _cell(figure, measure.name) for figure in figures]
        sections.setdefault(headings[measure.section], []).append((measure, cells))
    return list(sections.items())


def _cell(figure: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"value": number(figure["value"], name), "range": interval(figure, name), "n": figure["n"]}


def _bytes(size: float) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"


def _cost(cost: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is known of the cost, named and with its unit."""
    memory, index = cost.get("peak_memory_mb"), cost.get("index_bytes") or {}
    total = (cost.get("latency_ms") or {}).get("total", {}).get("p50")
    known = [
        ("A question, median", total and f"{total['value']:,.0f} ms"),
        ("The whole run", cost.get("seconds") and f"{cost['seconds']:,.1f} s"),
        ("Memory, at most", memory and f"{memory:,.0f} MB"),
        ("Size of the index", index and _bytes(sum(index.values()))),
        *((f"… {name}", _bytes(size)) for name, size in index.items()),
        ("Articles read", cost.get("articles_per_second") and f"{cost['articles_per_second']:,.1f} a second"),
        ("Passages embedded", cost.get("passages_per_second") and f"{cost['passages_per_second']:,.1f} a second"),
        ("The index", cost.get("built")),
    ]
    return [(name, value) for name, value in known if value]


# ------------------------------------------------------------------------------------------------ pictures


def _plots(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    drawn = [
        _at_depths(report, "hit@", (1, 4, 10, 20), "Finding the article", "first k articles", "gold article found, %"),
        _at_depths(report, "answer in best ", (1, 3, 5, 10), "Finding the answer", "best k passages", "answer in them, %"),
        _risk_coverage(report),
        _reliability(report),
        _by_group(report),
        _latency(report),
    ]  # fmt: skip
    return [plot for plot in drawn if plot]


def _at_depths(
    report: Mapping[str, Any], stem: str, depths: Sequence[int], title: str, x: str, y: str
) -> dict[str, Any] | None:
    """A share that grows with the depth, for all and for each split."""
    series = []
    for group in _main_groups(report)[:MOST_LINES]:
        figures = report["figures"][group]
        known = [(place, figures[f"{stem}{k}"]) for place, k in enumerate(depths) if f"{stem}{k}" in figures]
        points = [Point(place, one["value"], one.get("low"), one.get("high")) for place, one in known]
        if points:
            series.append(Series(group, points))
    if not series:
        return None
    text = "Share of the questions, with its 95 % interval, by how deep one looks."
    said = f"{text} " + "; ".join(
        f"{one.name}: " + ", ".join(f"{100 * p.y:.1f} % at {depths[int(p.x)]}" for p in one.points) for one in series
    )
    svg = line_plot(title, said, places_axis(x, depths), percent_axis(y), series)
    return _plot(title, text, svg, [one.name for one in series])


def _risk_coverage(report: Mapping[str, Any]) -> dict[str, Any] | None:
    curves = report.get("curves", {})
    known = {name: curve["risk_coverage"] for name, curve in curves.items() if curve.get("risk_coverage")}
    known = dict(list(known.items())[:MOST_LINES])
    if not known:
        return None
    series = [Series(name, [Point(x, y) for x, y in _thinned(curve)], dots=False) for name, curve in known.items()]
    title = "Wrong answers against how many are given"
    text = "Were only the surest answers given (left), this share of them would be wrong. A line that rises means that confidence tells right from wrong."
    said = f"{text} With all answers given: " + "; ".join(
        f"{n}: {100 * c[-1][1]:.1f} % wrong" for n, c in known.items()
    )
    highest = max(point.y for one in series for point in one.points)
    x, y = percent_axis("questions answered, surest first, %"), percent_axis("wrong of them, %", highest)
    return _plot(title, text, line_plot(title, said, x, y, series), list(known))


def _reliability(report: Mapping[str, Any]) -> dict[str, Any] | None:
    bins = report.get("curves", {}).get("all", {}).get("reliability")
    if not bins:
        return None
    points = [Point(one["confidence"], one["right"], weight=one["n"]) for one in bins]
    title = "Is confidence honest?"
    text = "Answers in groups of like confidence: a circle on the dashed line is right as often as it says, one below it promises too much. The number says how many answers it is."
    curves, figures = report["curves"]["all"], report["figures"]["all"]
    if "ece" in figures and "ece_by_chance" in curves:
        text += f" They are {figures['ece']['value']:.3f} from the line on average; by chance alone it would be {curves['ece_by_chance']:.3f}."
    said = f"{text} " + "; ".join(f"said {100 * p.x:.0f} %, right {100 * p.y:.0f} % of {p.weight:g}" for p in points)
    series = [Series("all", points, line=False)]
    svg = line_plot(title, said, percent_axis("confidence said, %"), percent_axis("right, %"), series, diagonal=True)
    return _plot(title, text, svg, [])


def _by_group(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """The main figures of every group, one below the other."""
    figures = report["figures"]
    names = [name for name in ("hit@10", "answer in best 5", "contained") if name in figures.get("all", {})]
    groups = [group for group in figures if any(name in figures[group] for name in names)][:MOST_GROUPS]
    if len(groups) < 2:
        return None
    rows = [Row(_short(group), [_value(figures[group].get(name)) for name in names]) for group in groups]
    title, text = "By kind of question", "The same figures for each group, with their 95 % intervals."
    said = f"{text} The table above has the numbers."
    return _plot(title, text, row_plot(title, said, percent_axis("share, %"), names, rows), names, lines=False)


def _latency(report: Mapping[str, Any]) -> dict[str, Any] | None:
    stages = report.get("cost", {}).get("latency_ms") or {}
    names = ["p50", "p95", "p99"]
    rows = [Row(stage, [_value(values.get(name)) for name in names]) for stage, values in stages.items()]
    known = [value for row in rows for value in row.values if value]
    if not known:
        return None
    axis = number_axis("milliseconds", max(value[2] or value[0] for value in known))
    title, text = "How long it took", "Half of the questions took no longer than p50, 95 % than p95, 99 % than p99."
    said = f"{text} " + "; ".join(
        f"{row.name}: " + ", ".join(f"{n} {v[0]:.0f} ms" for n, v in zip(names, row.values, strict=True) if v)
        for row in rows
    )
    return _plot(title, text, row_plot(title, said, axis, names, rows), names, lines=False)


def _plot(title: str, text: str, svg: Markup, names: Sequence[str], lines: bool = True) -> dict[str, Any]:
    return {"title": title, "text": text.replace(" %", "\u00a0%"), "svg": svg, "legend": legend(names, lines)}


def _value(figure: Mapping[str, Any] | None) -> tuple[float, float | None, float | None] | None:
    return (figure["value"], figure.get("low"), figure.get("high")) if figure else None


def _main_groups(report: Mapping[str, Any]) -> list[str]:
    return [group for group in report["figures"] if group == "all" or group.startswith("split ")]


def _short(group: str) -> str:
    return kind_and_name(group)[1]


def _thinned(curve: Sequence[Sequence[float]]) -> list[Sequence[float]]:
    """Some of the points, the first and the last among them."""
    if len(curve) <= CURVE_POINTS:
        return list(curve)
    return [curve[place * (len(curve) - 1) // (CURVE_POINTS - 1)] for place in range(CURVE_POINTS)]


# ------------------------------------------------------------------------------------------- the questions


class _Card:
    """A question as the template shows it."""

    def __init__(
        self, question: Mapping[str, Any], place: int, mode: str, types: Sequence[str], splits: Sequence[str]
    ) -> None:
        self.question = question
        self.number = place
        self.kinds = outcomes(question, mode)
        self.what = ", ".join(OUTCOMES[kind] for kind in self.kinds)
        self.type = types.index(question["type"])
        self.splits = [splits.index(name) for name in question["splits"]]
        self.said = "" if mode == "retrieval" or question["error"] else f"{100 * sure(question):.0f} % sure"
        self.gist = question["error"] or question["text"]
        gold = question["gold"]
        markers = {str(cited["marker"]) for cited in question["citations"]}
        self.text = _set_off(question["text"] or "", gold["answers"], markers)
        self.citations = [(cited, _set_off(cited["quote"], gold["answers"])) for cited in question["citations"]]
        self.paragraphs = [_set_off(text, gold["answers"]) for text in gold["paragraphs"]]
        found = {item["article_id"] for item in question["found"]}
        self.not_found = [id_ for id_ in dict.fromkeys(gold["articles"]) if id_ not in found]
        self.measures = list(_measures(question))


def _measures(question: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    taken = question["measures"]
    for name in chain((name for name in MEASURE if name in taken), (name for name in taken if name not in MEASURE)):
        yield name, f"{taken[name]:.3f}".rstrip("0").rstrip(".")
    for stage, milliseconds in question["timings_ms"].items():
        yield f"time: {stage}", f"{milliseconds:,.1f} ms"


def _set_off(text: str, answers: Sequence[str], markers: Sequence[str] | set[str] = ()) -> Markup:
    """The text, escaped, with the gold answers in it marked and the markers of its citations set apart."""
    known = sorted({answer for answer in answers if answer.strip()}, key=lambda answer: (-len(answer), answer))
    words = "|".join(map(re.escape, known)) or r"(?!)"
    parts, begin = [], 0
    for match in re.finditer(rf"\[(\d{{1,4}})\]|(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE):
        if match[1] is not None and match[1] not in markers:
            continue
        kind = Markup('<mark title="gold answer">{}</mark>' if match[1] is None else '<span class="marker">{}</span>')
        parts += [escape(text[begin : match.start()]), kind.format(match[0])]
        begin = match.end()
    return Markup("").join([*parts, escape(text[begin:])])


_templates = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["http_url"] = http_url
