"""`newsdesk judge`: trains the model that says whether a text supports a sentence, exports it, measures it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import AsJson
from newsdesk.progress import progress

app = typer.Typer(no_args_is_help=True, help="Train, export and measure the judge of support.")

FORMS = "JSON lines with claim, evidence and label, plain or gzipped"


@app.command()
def train(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=f"{FORMS}; `scores` of a larger judge help.")],
    out: Annotated[Path, typer.Option(help="Folder for the trained judge.")],
    start: Annotated[str, typer.Option(help="Folder of a judge or reader to go on from; else MiniLM.")] = "",
    passes: Annotated[int, typer.Option(min=1, help="How often the pairs are gone over.")] = 2,
    rate: Annotated[float, typer.Option(min=0, help="Peak learning rate of the encoder.")] = 1e-4,
    seed: Annotated[int, typer.Option(min=0, help="Of the order and the new head.")] = 0,
) -> None:
    """Fine-tune a judge of support."""
    from index.read.training.judging import train_judge

    with progress("Training", "step") as report:
        train_judge(files, out, start, passes, rate, seed, on_progress=report)
    print(f"The judge is in {out}. Next: newsdesk judge export {out} --out FOLDER")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a trained judge.")],
    out: Annotated[Path, typer.Option(help="Folder for judge.onnx and tokenizer.json.")],
    eight_bit: Annotated[bool, typer.Option(help="Without, the weights keep 32 bits, to compare with.")] = True,
) -> None:
    """Write a trained judge as the one file that is run: ONNX, with 8-bit weights."""
    from index.read.training.export import export_judge

    file = export_judge(folder, out, eight_bit)
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB")


@app.command()
def measure(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=f"{FORMS}.")],
    judge: Annotated[Path | None, typer.Option(help="Folder of an exported judge; else the packaged one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well a judge tells supported claims from others: the area under the ROC curve, in all and by kind."""
    from eval.measure.judging import JudgedClaim, judging_figures
    from index.read.judge import Judge
    from index.read.reader import WEIGHTS
    from index.read.training.judging import SUPPORTS, read_pairs

    loaded = Judge(judge or WEIGHTS)
    result = {}
    for file in files:
        pairs = [pair for pair in read_pairs(file) if pair.label is not None]
        with progress("Judging", "pair") as report:
            judged: list[JudgedClaim] = []
            for start in range(0, len(pairs), 64):
                part = pairs[start : start + 64]
                verdicts = loaded.judge([(pair.claim, pair.text) for pair in part])
                judged += [
                    JudgedClaim(pair.label == SUPPORTS, verdict.supports, pair.kind)
                    for pair, verdict in zip(part, verdicts, strict=True)
                ]
                report(start + len(part), len(pairs))
        figures = judging_figures(judged)
        result[str(file)] = {name: figure._asdict() for name, figure in figures.items()}
        if not as_json:
            print(f"{file}, {len(pairs):,} pairs")
            for name, figure in figures.items():
                print(f"  {name:28}{figure.value:7.3f}  ({figure.low:.3f} to {figure.high:.3f}, n = {figure.n:,})")
    if as_json:
        print(json.dumps(result, indent=2))
