"""`newsdesk eval`: measures on an evaluation folder. `newsdesk eval DIR` is short for `newsdesk eval run DIR`."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from newsdesk.errors import WrongUse
from newsdesk.progress import progress
from newsdesk.settings import Settings, load_settings

if TYPE_CHECKING:
    from newsdesk.app import Archive


class RunByDefault(TyperGroup):
    """Takes a first argument that is no command for the folder of `run`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts `run` in front where it was left out."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=RunByDefault, no_args_is_help=True, help="Measure on a folder of articles and questions.")


@app.command()
def run(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with articles.jsonl and questions.jsonl.")],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Index to use, and to fill if it is empty; without it, a throw-away one."),
    ] = None,
    splits: Annotated[Path | None, typer.Option(help="Names of splits and the ids or id prefixes of each.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask only the first questions.")] = None,
    vectors: Annotated[bool, typer.Option(help="Without, everything is found by keyword alone.")] = True,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON; - for stdout.")] = None,
) -> None:
    """Ask every question of the folder and report how well it was found, answered, cited and refused."""
    from eval.folder import load_questions
    from eval.run import evaluate_folder

    load_questions(folder)  # what is wrong with the folder is said before any work starts
    if json_file is not None and str(json_file) != "-" and not json_file.parent.is_dir():
        raise WrongUse(f"--json names {json_file}, but there is no folder {json_file.parent}. Make it first.")
    with ExitStack() as stack:
        chosen = data or Path(stack.enter_context(TemporaryDirectory(prefix="newsdesk-eval-")))
        archive = _build(load_settings(data=chosen), folder, vectors)
        stack.callback(archive.close)
        with progress("Asking", "questions") as report:
            result = evaluate_folder(archive.engine, folder, splits, limit, report)
    if str(json_file) == "-":
        print(json.dumps(result.as_dict(), ensure_ascii=False, indent=2))
        return
    if json_file is not None:
        json_file.write_text(json.dumps(result.as_dict(), ensure_ascii=False, indent=2), encoding="utf-8")
    print(result.table())


@app.command()
def confidence(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder whose gold articles are complete.")],
    data: Annotated[Path | None, typer.Option("--data", help="Index of it to use, and to fill if it is empty.")] = None,
    also: Annotated[Path | None, typer.Option(help="A second folder.")] = None,
    also_data: Annotated[Path | None, typer.Option(help="Index of the second folder.")] = None,
    only: Annotated[list[str], typer.Option(help="Of the second folder, ids that begin so; may be repeated.")] = [],  # noqa: B006  # Typer copies defaults
    vectors: Annotated[bool, typer.Option(help="Without, the weights for keyword search alone.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the weights as JSON.")] = False,
) -> None:
    """Fit the weights of the refusal rule and show how well such weights do on questions not fitted on."""
    from eval.confidence import Observation, fit, observe
    from eval.folder import EvalQuestion, load_questions
    from newsdesk.types import Question

    def drafts(where: Path, index: Path | None, prefixes: tuple[str, ...], near_misses: bool) -> list[Observation]:
        questions = [question for question in load_questions(where) if question.id.startswith(prefixes)]
        with ExitStack() as stack:
            chosen = index or Path(stack.enter_context(TemporaryDirectory(prefix="newsdesk-eval-")))
            archive = _build(load_settings(data=chosen), where, vectors)
            stack.callback(archive.close)

            def draft(question: EvalQuestion, without: frozenset[str]) -> Any:
                asked = Question(question.question, question.history, question.as_of)
                return archive.engine.draft(asked, without)

            with progress("Drafting", "questions") as report:
                return observe(draft, questions, near_misses, lambda done: report(done, len(questions)))

    observations = drafts(folder, data, ("",), True)
    if also is not None:
        observations += drafts(also, also_data, tuple(only) or ("",), False)
    fitted = fit(observations)
    print(json.dumps({"bias": fitted.bias, "weights": fitted.weights}) if as_json else fitted)


@app.command("embedding-speed")
def embedding_speed(
    articles: Annotated[Path, typer.Argument(metavar="FILE", help="Articles as JSON lines.")],
    limit: Annotated[int, typer.Option(min=2, help="How many passages to embed.")] = 2_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Compare how fast Newsdesk embeds with the model alone: the same passages, in one run."""
    from dataclasses import asdict

    from eval.embedding_speed import compare
    from index.embed import COMMIT_EVERY, embed_batch
    from index.embedding import PassageEmbedding, model_key
    from ingest.jsonl import read_jsonl
    from ingest.passages import split_passages
    from newsdesk.catalogue import Catalogue
    from newsdesk.types import Article
    from newsdesk.vectors import StoredVectors

    settings = load_settings()
    if not articles.is_file():
        raise WrongUse(f"{articles} is not a file. Name one with articles as JSON lines.")
    with TemporaryDirectory(prefix="newsdesk-speed-") as folder:
        catalogue = Catalogue(Path(folder) / "catalogue.sqlite3")
        for item in read_jsonl(articles):
            if isinstance(item, Article):
                catalogue.put([item], split_passages)
            if catalogue.counts().passages >= limit:
                break
        vectors = StoredVectors(catalogue)
        model = vectors.register(model_key(settings.model), settings.model)
        embedding = PassageEmbedding(settings.model)
        numbers = vectors.missing(model)[:limit]
        texts = dict(zip(numbers, catalogue.embedded_texts(numbers), strict=True))
        blocks = [numbers[start : start + COMMIT_EVERY] for start in range(0, len(numbers), COMMIT_EVERY)]
        if len(blocks) < 2:
            raise WrongUse(
                f"{len(numbers)} passages are too few to compare speeds; more than {COMMIT_EVERY} are needed."
            )
        speeds = compare(
            blocks,
            len,
            lambda block: embed_batch(catalogue, vectors, model, embedding, block),
            lambda block: embedding.encode_alone([texts[number] for number in block]),
        )
        catalogue.close()
    print(json.dumps({**asdict(speeds), "ratio": speeds.ratio}) if as_json else speeds)


def _build(settings: Settings, folder: Path, vectors: bool) -> Archive:
    """An archive with the folder's articles; one that has them already costs nothing. With `--data`, others stay."""
    from index.embed import embed_missing
    from ingest.pipeline import ingest
    from ingest.sources import read_sources
    from newsdesk.app import Archive

    archive = Archive(settings)
    with progress("Reading", "articles") as report:
        ingest(archive.catalogue, read_sources([folder]), lambda summary: report(summary.read))
    if vectors:
        with progress("Embedding", "texts") as report:
            embed_missing(archive.catalogue, settings.model, report)
        archive.load()
    else:
        archive.keyword.catch_up()
    return archive
