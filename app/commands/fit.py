"""`newsdesk eval fit`: learns how a reader's findings are weighed, from questions with known answers."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsdesk.errors import SettingsError, WrongUse
from newsdesk.progress import progress
from newsdesk.settings import load_settings

if TYPE_CHECKING:
    from eval.fit.questions import ReadQuestion
    from index.read.fit import Fit


def fit(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Evaluation folders to learn from.")],
    data: Annotated[
        list[Path],
        typer.Option("--data", help="Their archives, in the order of the folders; without, those in the cache."),
    ] = [],  # noqa: B006  # Typer copies defaults
    only: Annotated[
        list[str], typer.Option(help="Of a folder in which some ids begin so, these questions alone; repeatable.")
    ] = [],  # noqa: B006  # Typer copies defaults
    vectors: Annotated[bool, typer.Option(help="Without, everything is found by keyword alone.")] = True,
    write: Annotated[bool, typer.Option("--write", help="Write what was learnt into the reader's fit.json.")] = False,
    note: Annotated[str, typer.Option(help="Which questions these are, in a sentence; kept in fit.json.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the fit as JSON.")] = False,
) -> None:
    """Learn order, choice and confidence anew, and show how well such weights do on questions not learnt from."""
    from eval.fit.choice import fit_choice
    from eval.fit.confidence import fit_confidence, observe
    from eval.fit.order import fit_order
    from index.read.reader import load_reader

    reader = load_reader(load_settings().reader)
    if reader is None:
        raise SettingsError('The setting `reader` is "none": there is nothing to fit. Name a reader.')
    questions: list[ReadQuestion] = []
    for folder, archive in zip_longest(folders, data):
        if folder is None:
            raise WrongUse(f"There are {len(data)} archives for {len(folders)} folders. Name a folder for each --data.")
        questions += _read(folder, archive, tuple(only), vectors)
    try:
        learnt = replace(reader.fit, order=fit_order(questions), note=note or reader.fit.note)
        learnt = replace(learnt, choice=fit_choice(questions, learnt))
        report = fit_confidence(observe(questions, learnt))
    except ValueError as error:
        raise WrongUse(
            f"Nothing can be learnt from these folders: {error}. Add folders with more questions."
        ) from error
    learnt = replace(learnt, confidence=report.fit)
    if write:
        _write(learnt)
    print(json.dumps(asdict(learnt)) if as_json else f"{learnt.order}\n{learnt.choice}\n{report}")


def _read(folder: Path, data: Path | None, only: tuple[str, ...], vectors: bool) -> list[ReadQuestion]:
    """The questions of a folder with what was found and read in its archive."""
    from eval.fit.questions import read_questions
    from eval.run.archive import build, folder_for
    from eval.sets.folder import load_folder

    loaded = load_folder(folder)
    some = [question for question in loaded.questions if question.id.startswith(only)] if only else []
    asked = some or loaded.questions
    settings = load_settings(data=data or folder_for(loaded.articles_hash, load_settings().model))
    archive = build(settings, loaded.articles, vectors, throw_away=data is None).archive
    try:
        with progress("Reading", "questions") as report:
            newest = archive.catalogue.newest_day()
            return read_questions(archive.engine, asked, newest, lambda done: report(done, len(asked)))
    finally:
        archive.close()


def _write(fit: Fit) -> None:
    """Writes the fit beside the weights of the reader that the settings name. Raises SettingsError without a folder."""
    from index.read.fit import save_fit
    from index.read.reader import folder_of

    name = load_settings().reader
    folder = folder_of(name)
    if not folder.is_dir():
        raise SettingsError(
            f"The reader {name!r} has no folder to write a fit into. Export one with `newsdesk reader export`, and set "
            "`reader` to its folder."
        )
    print(f"{save_fit(folder, fit)} written")
