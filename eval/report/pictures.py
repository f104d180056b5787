"""Two pictures of a report for a page that has no room for all of it: docs/evaluation.md.

    python -m eval.report.pictures REPORT.json FOLDER

writes `coverage.svg` and `calibration.svg`, of the questions that chose nothing where the report knows them ("split
score"), else of all.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from eval.report.figures import read_report
from eval.report.plots import WIDTH, Point, Series, line_plot, percent_axis
from newsdesk.errors import NewsdeskError, WrongUse

_STYLE = Path(__file__).parents[1] / "templates" / "report.css"
_MARGIN = 12
_SIZE = ".plot { width: auto; max-width: none; }"
_FEWEST = 10
"""Answers from which on a share of right ones is drawn: of three, one more or less is everything."""


def pictures_of(report: Mapping[str, Any]) -> dict[str, str]:
    """File name -> picture, as SVG that stands alone. Raises WrongUse for a report without curves."""
    curves = report["curves"].get("split score") or report["curves"].get("all") or {}
    if not (curves.get("risk_coverage") and curves.get("reliability")):
        raise WrongUse("The report has no curves: nothing was answered, or nobody knows what would be right.")
    return {
        "coverage.svg": _alone(_coverage(curves["risk_coverage"])),
        "calibration.svg": _alone(_calibration(curves["reliability"])),
    }


def _coverage(curve: list[list[float]]) -> Markup:
    """Share of right answers against the share of the questions that get one."""
    points = [Point(covered, 1 - wrong) for covered, wrong in curve[_FEWEST - 1 :]]
    title = "Share of right answers, by how many questions are answered"
    said = "If only the surest answers were given, this share of them would be right: " + ", ".join(
        f"{100 * p.y:.0f} % right at {100 * p.x:.0f} % answered" for p in points[:: max(1, len(points) // 8)]
    )
    x, y = percent_axis("questions answered, surest first, %"), percent_axis("right of these answers, %")
    return line_plot(title, said, x, y, [Series("", points, dots=False)])


def _calibration(bins: list[dict[str, float]]) -> Markup:
    """What Newsdesk said of its answers' chances against how many were right."""
    points = [Point(one["confidence"], one["right"], weight=one["n"]) for one in bins]
    title = "Share of right answers, by the confidence that was said"
    said = "; ".join(f"said {100 * p.x:.0f} %, right {100 * p.y:.0f} % of {p.weight:g}" for p in points)
    x, y = percent_axis("confidence said, %"), percent_axis("right of these answers, %")
    return line_plot(title, said, x, y, [Series("", points, line=False)], diagonal=True)


def _alone(plot: Markup) -> str:
    """The plot as a file: with the page's colours, a ground and a size."""
    style = _STYLE.read_text(encoding="utf-8")
    colours = style[style.index(":root") : style.index("* {")]
    rules = "\n".join(line for line in style.splitlines() if re.match(r"\.(plot|line|dot|bar|weighed|c0)\b(?!s)", line))
    [height] = re.findall(rf'viewBox="0 0 {WIDTH} ([\d.]+)"', plot)
    wide, high = WIDTH + 2 * _MARGIN, float(height) + 2 * _MARGIN
    shown = f'viewBox="{-_MARGIN} {-_MARGIN} {wide} {high:g}" width="{1.5 * wide:g}" height="{1.5 * high:g}"'
    svg = str(plot).replace(f'viewBox="0 0 {WIDTH} {height}"', f'xmlns="http://www.w3.org/2000/svg" {shown}', 1)
    ground = f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="{wide}" height="{high:g}" fill="var(--paper)"/>'
    return f"{svg.replace('</desc>', f'</desc><style>{colours}{rules}{_SIZE}</style>{ground}', 1)}\n"


def main(report: str, folder: str) -> None:
    """Writes the pictures of a report into a folder."""
    for name, picture in pictures_of(read_report(Path(report))).items():
        (Path(folder) / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (NewsdeskError, TypeError, OSError) as error:
        sys.exit(f"{error}\nWrite: python -m eval.report.pictures REPORT.json FOLDER")
