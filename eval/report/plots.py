"""Small plots as inline SVG: lines and points over two axes, and rows of values with their intervals.

From numbers to markup, nothing else. Colours are the page's custom properties (`--s0` to `--s5`, `--ink`, `--soft`,
`--rule`), so that a plot follows the page into dark mode and onto paper; each series also has a shape of its own.
The drawing is 360 units wide and is meant to be shown at about that many pixels, so that its text fits a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10, sqrt

from markupsafe import Markup, escape

COLOURS = 6
"""Series with a colour of their own; further ones begin again."""

WIDTH = 360
_HEIGHT = 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 10, 20, 40
_ROW_LABEL = 104
_SHIFT = 3.0
"""Units by which the points of one series stand beside those of the next, so that no bar hides another."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value, with the interval it lies in where that is known."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    weight: float = 0.0
    """How much stands behind it: the point's area, and the number written beside it. 0: a plain point."""


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one kind."""

    name: str
    points: Sequence[Point]
    line: bool = True
    dots: bool = True


@dataclass(frozen=True, slots=True)
class Axis:
    """A direction: what is measured, from where to where, and what is written at which value."""

    label: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A named line of values, one for each series; None where there is none. A value is (value, low, high)."""

    name: str
    values: Sequence[tuple[float, float | None, float | None] | None]


# ------------------------------------------------------------------------------------------------- axes


def percent_axis(label: str, high: float = 1.0) -> Axis:
    """From 0 to at least `high` (a share), written in per cent."""
    axis = number_axis(label, 100 * min(max(high, 0.01), 1.0))
    return Axis(label, 0.0, axis.high / 100, [(value / 100, text) for value, text in axis.ticks])


def number_axis(label: str, high: float) -> Axis:
    """From 0 to at least `high`, with round numbers at the ticks."""
    high = high if isfinite(high) and high > 0 else 1.0
    step = _round_step(high / 4)
    count = max(1, ceil(high / step - 1e-9))
    return Axis(label, 0.0, count * step, [(place * step, plain(place * step)) for place in range(count + 1)])


def places_axis(label: str, values: Iterable[float]) -> Axis:
    """A place for each of the values, evenly apart: for steps such as 1, 4, 10, 20. Points are at 0, 1, 2, ..."""
    names = [plain(value) for value in values]
    return Axis(label, -0.35, max(len(names) - 1, 0) + 0.35, list(enumerate(names)))


def plain(value: float) -> str:
    """A number as it is written at an axis: 0.25, 12, 1,200."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.6g}"


def _round_step(rough: float) -> float:
    power: float = 10 ** floor(log10(rough))
    return next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough * (1 - 1e-9))


# ------------------------------------------------------------------------------------------------- plots


def line_plot(title: str, text: str, x: Axis, y: Axis, series: Sequence[Series], diagonal: bool = False) -> Markup:
    """Lines and points. `text` says in words what is to be seen, for who cannot see it; values beyond an axis are cut.

    `diagonal` draws where both axes are equal.
    """
    across, up = _scale(x, _LEFT, WIDTH - _RIGHT), _scale(y, _HEIGHT - _BOTTOM, _TOP)
    parts = [_grid(y, up), _below(x, across, _HEIGHT - _BOTTOM)]
    if diagonal:
        low, high = max(x.low, y.low), min(x.high, y.high)
        parts.append(_line("diagonal", across(low), up(low), across(high), up(high)))
    for place, one in enumerate(series):
        shift = (place - (len(series) - 1) / 2) * _SHIFT if any(point.low is not None for point in one.points) else 0
        parts.append(_drawn(one, place % COLOURS, _shifted(across, shift), up))
    return _svg(title, text, _HEIGHT, parts)


def row_plot(title: str, text: str, x: Axis, names: Sequence[str], rows: Sequence[Row]) -> Markup:
    """A row for each name with a point and its interval for each series, as `names` lists them."""
    tall = max(22, 9 * len(names) + 9)
    height = _TOP + tall * len(rows) + _BOTTOM
    across = _scale(x, _ROW_LABEL, WIDTH - _RIGHT)
    parts = [_upright(x, across, _TOP, height - _BOTTOM), _below(x, across, height - _BOTTOM)]
    for number, row in enumerate(rows):
        middle = _TOP + tall * (number + 0.5)
        label = Markup('<text class="row" x="{}" y="{}">{}{}</text>')
        parts.append(label.format(_ROW_LABEL - 8, _r(middle + 4), _clip(row.name, 17), _hint(row.name)))
        for place, value in enumerate(row.values):
            if value is not None:
                y = middle + (place - (len(names) - 1) / 2) * 9
                parts.append(_whisker(value, place % COLOURS, across, y, f"{row.name}, {names[place]}"))
    return _svg(title, text, height, parts)


def legend(names: Sequence[str], lines: bool = True) -> Markup:
    """What colour and shape each series has; nothing for a single one."""
    if len(names) < 2:
        return Markup("")
    items = [
        Markup('<li><svg class="key" viewBox="0 0 24 12" aria-hidden="true">{}{}</svg>{}</li>').format(
            _line(f"line c{place % COLOURS}", 1, 6, 23, 6) if lines else "", _dot(place % COLOURS, 12, 6), name
        )
        for place, name in enumerate(names)
    ]
    return Markup('<ul class="legend">{}</ul>').format(Markup("").join(items))


# ------------------------------------------------------------------------------------------------ pieces


def _svg(title: str, text: str, height: float, parts: Sequence[Markup]) -> Markup:
    opened = Markup('<svg class="plot" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}</svg>')
    return opened.format(WIDTH, _r(height), title, text, Markup("").join(parts))


def _scale(axis: Axis, start: float, end: float) -> Callable[[float], float]:
    span = (axis.high - axis.low) or 1.0
    return lambda value: start + (end - start) * (min(max(value, axis.low), axis.high) - axis.low) / span


def _shifted(scale: Callable[[float], float], by: float) -> Callable[[float], float]:
    return lambda value: scale(value) + by


def _grid(axis: Axis, up: Callable[[float], float]) -> Markup:
    parts = [Markup('<text class="label" x="0" y="9">{}</text>').format(axis.label)]
    for value, text in axis.ticks:
        parts.append(_line("grid", _LEFT, up(value), WIDTH - _RIGHT, up(value)))
        parts.append(Markup('<text class="tick y" x="{}" y="{}">{}</text>').format(_LEFT - 6, _r(up(value) + 4), text))
    return Markup("").join(parts)


def _upright(axis: Axis, across: Callable[[float], float], top: float, bottom: float) -> Markup:
    return Markup("").join(_line("grid", across(value), top, across(value), bottom) for value, _ in axis.ticks)


def _below(axis: Axis, across: Callable[[float], float], y: float) -> Markup:
    parts = [_line("axis", across(axis.low), y, across(axis.high), y)]
    for value, text in axis.ticks:
        parts.append(_line("axis", across(value), y, across(value), y + 4))
        parts.append(Markup('<text class="tick" x="{}" y="{}">{}</text>').format(_r(across(value)), _r(y + 17), text))
    middle = (across(axis.low) + across(axis.high)) / 2
    parts.append(Markup('<text class="label x" x="{}" y="{}">{}</text>').format(_r(middle), _r(y + 34), axis.label))
    return Markup("").join(parts)


def _drawn(one: Series, colour: int, across: Callable[[float], float], up: Callable[[float], float]) -> Markup:
    places = [(across(point.x), up(point.y), point) for point in one.points]
    parts = []
    for x, _, point in places:
        if point.low is not None and point.high is not None:
            parts.append(_line(f"bar c{colour}", x, up(point.low), x, up(point.high)))
    if one.line and len(places) > 1:
        path = "M" + "L".join(f"{_r(x)} {_r(y)}" for x, y, _ in places)
        parts.append(Markup('<path class="line c{}" d="{}"/>').format(colour, path))
    most = max((point.weight for point in one.points), default=0) or 1.0
    for x, y, point in places if one.dots else ():
        parts.append(_weighed(colour, x, y, point, most) if point.weight else _dot(colour, x, y))
    return Markup("").join(parts)


def _weighed(colour: int, x: float, y: float, point: Point, most: float) -> Markup:
    radius = max(2.5, 9.5 * sqrt(point.weight / most))
    circle = Markup('<circle class="weighed c{}" cx="{}" cy="{}" r="{}"/>').format(colour, _r(x), _r(y), _r(radius))
    inside = radius >= 7
    text = Markup('<text class="{}" x="{}" y="{}">{}</text>')
    return circle + text.format(
        "inside" if inside else "tick", _r(x), _r(y + 3.3 if inside else y - radius - 3), plain(point.weight)
    )


def _whisker(
    value: tuple[float, float | None, float | None],
    colour: int,
    across: Callable[[float], float],
    y: float,
    name: str,
) -> Markup:
    middle, low, high = value
    bar = "" if low is None or high is None else _line(f"bar c{colour}", across(low), y, across(high), y)
    return Markup("<g>{}{}{}</g>").format(_hint(name), bar, _dot(colour, across(middle), y))


def _dot(colour: int, x: float, y: float) -> Markup:
    """A point in the shape of its series, so that colour is not all that tells them apart."""
    if colour % 3 == 0:
        return Markup('<circle class="dot c{}" cx="{}" cy="{}" r="3.2"/>').format(colour, _r(x), _r(y))
    if colour % 3 == 1:
        shape = Markup('<rect class="dot c{}" x="{}" y="{}" width="5.8" height="5.8"/>')
        return shape.format(colour, _r(x - 2.9), _r(y - 2.9))
    corners = f"M{_r(x)} {_r(y - 4.2)}l4.2 4.2l-4.2 4.2l-4.2 -4.2z"
    return Markup('<path class="dot c{}" d="{}"/>').format(colour, corners)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    shape = Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>')
    return shape.format(kind, _r(x1), _r(y1), _r(x2), _r(y2))


def _hint(text: str) -> Markup:
    return Markup("<title>{}</title>").format(text)


def _clip(text: str, length: int) -> Markup:
    return escape(text if len(text) <= length else text[: length - 1].rstrip() + "…")


def _r(value: float) -> str:
    """A coordinate: to a tenth of a unit, which nobody sees, and the page stays small."""
    return f"{value:.1f}".removesuffix(".0")
