"""`newsdesk reader`: trains the model that finds answers in passages, exports it, measures it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import AsJson, load_settings, show
from newsdesk.errors import SettingsError, TrainingDataError
from newsdesk.progress import progress
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from eval.measure.reading import ReadAnswer
    from index.read.reader import Reader
    from index.read.training.examples import Example

app = typer.Typer(no_args_is_help=True, help="Train, export and measure the model that finds answers in passages.")

FORMS = "Questions with contexts in SQuAD's form or as JSON lines, plain or gzipped"


@app.command()
def train(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE[:PASSES]...", help=f"{FORMS}; FILE:2 goes over them twice.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the trained reader and for checkpoints.")],
    start: Annotated[str, typer.Option(help="Folder of a trained reader to go on from; else MiniLM.")] = "",
    teacher: Annotated[str, typer.Option(help="Folder of a larger reader whose scores are learnt too.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="Of crops, near misses, order and the new head.")] = 0,
    rate: Annotated[float, typer.Option(min=0, help="Peak learning rate of the encoder.")] = 2e-4,
    head_rate: Annotated[float, typer.Option(min=0, help="Peak learning rate of the head.")] = 2e-3,
    bfloat16: Annotated[bool, typer.Option("--bfloat16", help="Matrix products with 16 bits.")] = False,
    tokens: Annotated[int, typer.Option(min=256, help="Tokens a step, padding included.")] = 5_120,
    steps: Annotated[int, typer.Option(min=0, help="End after so many steps; 0: when everything was gone over.")] = 0,
    checkpoint_every: Annotated[float, typer.Option(help="Seconds between checkpoints.")] = 300.0,
    as_json: AsJson = False,
) -> None:
    """Fine-tune a reader. Stopped and called again with the same options, it goes on from its last checkpoint."""
    from index.read.training.train import Plan, train

    plan = Plan(
        tuple(map(_file_and_passes, files)), seed, start, tokens, rate, head_rate, steps=steps, bfloat16=bfloat16,
        teacher=teacher,
    )  # fmt: skip
    with progress("Training", "step") as report:
        record = train(plan, out, report, checkpoint_every)
    show(
        record, as_json,
        f"Trained on {record['windows']:,} windows ({record['without_answer']:,} without an answer) in {record['steps']:,} "
        f"steps; the reader is in {out}. Next: newsdesk reader export {out} --out FOLDER",
    )  # fmt: skip


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a trained reader.")],
    out: Annotated[Path, typer.Option(help="Folder for reader.onnx and tokenizer.json.")],
    eight_bit: Annotated[bool, typer.Option(help="Without, the weights keep 32 bits, to compare with.")] = True,
) -> None:
    """Write a trained reader as the one file that is run: ONNX, with 8-bit weights."""
    from index.read.training.export import export

    file = export(folder, out, eight_bit)
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB. Use it with the setting reader = {str(out)!r}")


@app.command()
def measure(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=f"{FORMS}.")],
    reader: Annotated[str | None, typer.Option(help="Reader (NEWSDESK_READER).")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each file, evenly from all of it.")] = None,
    above: Annotated[
        float | None, typer.Option(help="Log-odds from which an answer is given; else that of its fit, or 0.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure a reader with SQuAD's measures: exact match and F1 of the best span, and with "no answer" allowed."""
    from eval.measure.reading import reading_figures
    from index.read.reader import load_reader
    from index.read.training.examples import read_examples

    name = load_settings(reader=reader).reader
    loaded = load_reader(name)
    if loaded is None:
        raise SettingsError('The setting `reader` is "none": there is nothing to measure. Name a reader with --reader.')
    bound = above if above is not None else loaded.fit.given_above if loaded.own_fit else 0.0
    result = {}
    for file in files:
        examples = [example for example in read_examples(file) if example.labelled]
        if not examples:
            raise TrainingDataError(f"{file}: no question in it is labelled, so there is nothing to measure.")
        if limit and limit < len(examples):
            examples = [examples[place * len(examples) // limit] for place in range(limit)]
        figures = reading_figures(_read(loaded, examples), bound)
        result[str(file)] = {name: figure._asdict() for name, figure in figures.items()}
        if not as_json:
            print(f"{file}, {len(examples):,} questions, reader {name}, answers given above {bound:g}")
            for measure, figure in figures.items():
                print(f"  {measure:28}{figure.value:6.1f}  ({figure.low:.1f} to {figure.high:.1f}, n = {figure.n:,})")
    if as_json:
        print(json.dumps(result, indent=2))


def _read(reader: Reader, examples: list[Example]) -> list[ReadAnswer]:
    from eval.measure.reading import ReadAnswer
    from index.read.windows import Window

    read = []
    with progress("Reading", "question") as report:
        for start in range(0, len(examples), 64):
            part = examples[start : start + 64]
            for example, reading in zip(part, reader.read([Window(e.question, e.context) for e in part]), strict=True):
                best = reading.spans[0] if reading.spans else None
                text = example.context[best.start : best.end] if best else ""
                read.append(ReadAnswer(tuple(text for text, _ in example.answers), text, reading.score))
            report(start + len(part), len(examples))
    return read


def _file_and_passes(text: str) -> tuple[str, float]:
    """ "FILE:2" as ("FILE", 2.0). Raises TrainingDataError for passes that are no number above 0."""
    file, _, passes = text.rpartition(":")
    if not file or not passes.replace(".", "", 1).isdecimal():
        return text, 1.0
    if float(passes) == 0:
        raise TrainingDataError(f"{quoted(text)}: a file is gone over 0 times. Leave it out, or name a number above 0.")
    return file, float(passes)
