"""`newsdesk eval`: measures on an evaluation folder. `newsdesk eval DIR` is short for `newsdesk eval run DIR`."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from app.commands.compare import compare
from app.commands.desk.measured import drafts
from app.commands.fit import fit, fit_lists
from app.commands.gate import gate
from app.commands.options import check_writable, load_settings
from newsdesk.errors import WrongUse
from newsdesk.wording.counted import counted


class RunByDefault(TyperGroup):
    """Takes a first argument that is no command for the folder of `run`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts `run` in front where it was left out."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=RunByDefault,
    no_args_is_help=True,
    help="Measure on a folder of articles and questions: `newsdesk eval DIR` is short for `newsdesk eval run DIR`.",
)
app.command()(compare)
app.command()(gate)
app.command()(drafts)
app.command()(fit)
app.command("fit-lists")(fit_lists)


@app.command()
def run(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Folder with articles.jsonl and questions.jsonl, or a file in SQuAD's form."
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Archive to ask, and to fill with the articles; without it, one in the cache."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Ask this running service instead; it has the articles already.")
    ] = None,
    articles: Annotated[Path | None, typer.Option(help="Other articles under the same questions.")] = None,
    expect_refusal: Annotated[
        bool, typer.Option("--expect-refusal", help="Those articles answer nothing: every question is to be refused.")
    ] = False,
    splits: Annotated[
        Path | None,
        typer.Option(help="Names of splits and the ids or id prefixes of each; else the folder's splits.json."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask only so many questions, drawn by the seed.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw and of the intervals.")] = 0,
    mode: Annotated[
        Literal["extractive", "llm", "retrieval"], typer.Option(help="How to answer; retrieval only finds.")
    ] = "extractive",
    caution: Annotated[Literal["low", "normal", "high"], typer.Option(help="How sure an answer has to be.")] = "normal",
    vectors: Annotated[bool, typer.Option(help="Without, everything is found by keyword alone.")] = True,
    judge: Annotated[
        bool, typer.Option(help="Let the LLM of the settings (judge) judge the answers, if one is set.")
    ] = True,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON; - for stdout.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as a page.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary for a pull request.")] = None,
) -> None:
    """Ask every question of the folder and report how well it was found, answered, cited and refused."""
    from eval.run.evaluation import Plan, run_evaluation

    plan = Plan(
        folder, data, url, articles, expect_refusal, splits, limit, seed,
        mode, caution, vectors, judge,
    )  # fmt: skip
    for option, file in (("--json", json_file), ("--html", html), ("--markdown", markdown)):
        check_writable(option, file)
    run_evaluation(plan, lambda report: _write(report, json_file, html, markdown))


def _write(report: dict[str, Any], json_file: Path | None, html: Path | None, markdown: Path | None) -> None:
    """Writes what was asked for; the table goes to standard output, unless the JSON does."""
    from eval.report.html import html_report
    from eval.report.markdown import markdown_report, text_table

    as_json = json.dumps(report, ensure_ascii=False, indent=2)
    if html:
        html.write_text(html_report(report), encoding="utf-8")
    if markdown:
        markdown.write_text(markdown_report(report), encoding="utf-8")
    if str(json_file) == "-":
        print(as_json)
        return
    if json_file:
        json_file.write_text(as_json + "\n", encoding="utf-8")
    print(text_table(report, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))


@app.command("embedding-speed")
def embedding_speed(
    articles: Annotated[Path, typer.Argument(metavar="FILE", help="Articles as JSON lines.")],
    limit: Annotated[int, typer.Option(min=2, help="How many passages to embed.")] = 2_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Compare how fast Newsdesk embeds with the model in sentence-transformers: the same passages, in one run."""
    from dataclasses import asdict

    from eval.speed.embedding import compare
    from index.embed.key import model_key
    from index.embed.missing import COMMIT_EVERY, embed_batch, embedding_of
    from index.embed.model import PassageEmbedding
    from ingest.formats.jsonl import read_jsonl
    from ingest.passages import split_passages
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.catalogue.vectors import StoredVectors
    from newsdesk.types import Article

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
        embedding, plain = embedding_of(settings.model), PassageEmbedding(settings.model)
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
            lambda block: plain.encode_alone([texts[number] for number in block]),
        )
        catalogue.close()
    print(json.dumps({**asdict(speeds), "ratio": speeds.ratio}) if as_json else speeds)


@app.command("export-feedback")
def export_feedback(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; empty, or not there yet.")],
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the archive (NEWSDESK_DATA).")] = None,
    evidence_only: Annotated[
        bool, typer.Option("--evidence-only", help="Write only the articles that the feedback names.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Make an evaluation folder of what readers said about answers."""
    from dataclasses import asdict

    from eval.sets import from_feedback
    from newsdesk.catalogue.catalogue import Catalogue

    catalogue = Catalogue(load_settings(data=data).catalogue_at, create=False)
    every = None if evidence_only else catalogue.every_article()
    written = from_feedback.export_feedback(folder, catalogue.feedback.every(), catalogue.article, every)
    if as_json:
        print(json.dumps({"folder": str(folder), **asdict(written)}, ensure_ascii=False))
        return
    left = f"; {written.left_out:,} left out, their articles were removed" if written.left_out else ""
    print(f"{folder}: {counted(written.questions, 'question')}, {counted(written.articles, 'article')}{left}.")
