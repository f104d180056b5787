"""`newsdesk eval compare`: two reports beside each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import check_writable
from newsdesk.errors import WrongUse

_STDOUT = Path("-")


def compare(
    a: Annotated[Path, typer.Argument(metavar="A.json", help="Report of `newsdesk eval DIR --json A.json`.")],
    b: Annotated[Path, typer.Argument(metavar="B.json", help="Report of the same questions.")],
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the comparison as JSON; - for stdout.")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write it as Markdown; - for stdout.")] = None,
) -> None:
    """Compare two reports: which figures differ beyond noise, and which questions went another way."""
    from eval.compare.compare import compare, load_report
    from eval.compare.report import as_dict, as_markdown, as_text

    for option, file in (("--json", json_file), ("--markdown", markdown)):
        check_writable(option, file)
    if json_file == markdown == _STDOUT:
        raise WrongUse("--json and --markdown cannot both go to standard output. Give one of them a file.")
    comparison = compare(load_report(a), load_report(b), seed)
    if json_file is not None:
        _write(json_file, json.dumps(as_dict(comparison), ensure_ascii=False, indent=2) + "\n")
    if markdown is not None:
        _write(markdown, as_markdown(comparison))
    if _STDOUT not in (json_file, markdown):
        print(as_text(comparison))


def _write(file: Path, text: str) -> None:
    if file == _STDOUT:
        print(text, end="")
    else:
        file.write_text(text, encoding="utf-8", errors="backslashreplace")  # JSON can spell half a character
