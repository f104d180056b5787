"""`newsdesk eval fit`: learns how a reader's findings are weighed, from questions with known answers."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import load_settings
from newsdesk.errors import SettingsError, WrongUse
from newsdesk.progress import progress
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from eval.fit.questions import ReadQuestion
    from eval.sets.folder import EvalFolder


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
    """Learn order, choice and confidence anew, and show how well such a confidence does on questions not learnt from."""
    from eval.fit.choice import fit_choice
    from eval.fit.confidence import fit_confidence, observe
    from eval.fit.order import fit_order
    from eval.sets.folder import load_folder
    from index.read.fit import save_fit
    from index.read.reader import folder_of, load_reader

    name = load_settings().reader
    reader = load_reader(name)
    if reader is None:
        raise SettingsError('The setting `reader` is "none": there is nothing to fit. Name a reader.')
    _check(folders, data, name if write else "")
    loaded = [load_folder(folder) for folder in folders]
    stray = [prefix for prefix in only if not any(q.id.startswith(prefix) for each in loaded for q in each.questions)]
    if stray:
        raise WrongUse(f"No question's id begins with {' or '.join(stray)}. Mend --only, or leave it out.")
    questions = [
        question
        for folder, archive in zip_longest(loaded, data)
        for question in _read(folder, archive, tuple(only), vectors)
    ]
    note = note or f"Learnt by `newsdesk eval fit` from {len(questions)} questions of {', '.join(map(str, folders))}."
    try:
        learnt = replace(reader.fit, order=fit_order(questions), note=note)
        learnt = replace(learnt, choice=fit_choice(questions, learnt))
        report = fit_confidence(observe(questions, learnt))
    except ValueError as error:
        raise WrongUse(
            f"Nothing can be learnt from these folders: {error}. Add folders with more questions."
        ) from error
    learnt = replace(learnt, confidence=report.fit)
    if write:
        print(f"{save_fit(folder_of(name), learnt)} written", file=sys.stderr)
    print(json.dumps(asdict(learnt)) if as_json else f"{learnt.order}\n{learnt.choice}\n{report}")


def _check(folders: list[Path], data: list[Path], writes_to: str) -> None:
    """Raises WrongUse or SettingsError for what would be found out only after all the work."""
    from index.read.reader import folder_of

    if len(data) > len(folders):
        raise WrongUse(f"There are {len(data)} archives for {len(folders)} folders. Name a folder for each --data.")
    if writes_to and not folder_of(writes_to).is_dir():
        raise SettingsError(
            f"The reader {quoted(writes_to)} has no folder to write a fit into. Export one with `newsdesk reader export`, and "
            "set `reader` to its folder."
        )


def _read(folder: EvalFolder, data: Path | None, only: tuple[str, ...], vectors: bool) -> list[ReadQuestion]:
    """The questions of a folder with what was found and read in its archive."""
    from eval.fit.questions import read_questions
    from eval.run.archive import build, folder_for

    some = [question for question in folder.questions if question.id.startswith(only)] if only else []
    asked = some or folder.questions
    settings = load_settings(data=data or folder_for(folder.articles_hash, load_settings().model), catalogue="")
    archive = build(settings, folder.articles, vectors, throw_away=data is None).archive
    try:
        with progress("Reading", "question") as report:
            newest = archive.catalogue.newest_day()
            return read_questions(archive.engine, asked, newest, lambda done: report(done, len(asked)))
    finally:
        archive.close()


def fit_lists(
    facts: Annotated[
        list[Path],
        typer.Argument(metavar="[FILE...]", help="Training files of a reader, whose questions all ask for a fact."),
    ] = [],  # noqa: B006  # Typer copies defaults
    questions: Annotated[
        Path | None, typer.Option(help="Lines list|question and fact|question; else those that come with Newsdesk.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Questions of each file, evenly from all of it.")] = 1_500,
    write: Annotated[bool, typer.Option("--write", help="Use what was learnt from now on.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Learn to tell questions for a list from questions for a fact, and show how well that does on other subjects."""
    from eval.fit.lists import WRITTEN, fit_lists, read_written
    from index.embed.key import model_key
    from index.embed.model import PassageEmbedding
    from index.read.training.examples import read_examples
    from index.understand.list_head import PACKAGED, save_head
    from newsdesk import packaged_model

    written = read_written(questions or WRITTEN)
    others: list[str] = []
    for file in facts:
        texts = list(dict.fromkeys(example.question for example in read_examples(file)))
        others += [texts[place * len(texts) // limit] for place in range(limit)] if limit < len(texts) else texts
    embedding = PassageEmbedding(packaged_model.NAME)
    report = fit_lists(written, others, model_key(packaged_model.NAME), embedding.encode_questions)
    if write:
        save_head(report.head, PACKAGED)
        print(f"{PACKAGED} written", file=sys.stderr)
    figures = {name: getattr(report, name) for name in ("told", "forms", "false", "false_others")}
    print(json.dumps({"threshold": report.head.threshold, **figures}) if as_json else report)
