"""`newsdesk eval drafts`: how many errors planted in drafts the check finds."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import typer

from app.commands.options import AsJson, load_settings, show


def drafts(
    half: Annotated[
        Literal["tune", "score", "all"], typer.Option(help="The drafts it was tuned on, the others, or all.")
    ] = "all",
    verbose: Annotated[bool, typer.Option(help="List what went wrong, sentence by sentence.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the committed drafts with planted errors against the articles they were written over."""
    from desk.drafts import Checker
    from eval.drafts.planted import ARTICLES, HALVES, measure, summary
    from index.archive import Archive
    from ingest.formats.jsonl import read_jsonl
    from ingest.pipeline import ingest

    with TemporaryDirectory() as folder:
        archive = Archive(load_settings(data=Path(folder), catalogue=""))
        for file in ARTICLES:
            ingest(archive.catalogue, read_jsonl(file))
        archive.keyword.catch_up()  # by keyword alone: what is measured is the comparing
        check = Checker(archive.engine, archive.keyword, archive.judge).check
        outcomes = {name: list(measure(name, check)) for name in HALVES if half in (name, "all")}
        archive.close()
    figures: dict[str, Any] = {name: summary(each) for name, each in outcomes.items()}
    if len(outcomes) > 1:
        figures["all"] = summary([outcome for each in outcomes.values() for outcome in each])
    lines = [
        f"{name}: {each['found']} of {each['planted']} planted errors found ({each['found_share']:.0%}), "
        f"{each['right_called_contradicted']} of {each['right']} right sentences called contradicted "
        f"({each['right_called_contradicted_share']:.0%}), {each['right_called_supported']} supported"
        for name, each in figures.items()
    ]
    if verbose:
        lines += [
            f"{outcome.draft} {outcome.line.mark} {outcome.line.kind} {outcome.status}: {outcome.line.text}"
            for each in outcomes.values()
            for outcome in each
            if (outcome.line.mark == "!") != (outcome.status == "contradicted")
        ]
    show(figures, as_json, "\n".join(lines))
