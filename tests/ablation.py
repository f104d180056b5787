"""What each part of finding and answering is worth: every part switched off in turn, on one archive and its questions.

    python -m tests.ablation DATA FOLDER [--splits FILE] [--only WORD] [--json FILE]

DATA is an archive with vectors that holds the articles of the evaluation folder FOLDER (`newsdesk eval FOLDER --data
DATA` makes it). Texts that were read once are not read again, so times are taken only where the reading itself changes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

from eval.report.figures import figures
from eval.run.archive import LocalEngine, Remembering
from eval.run.ask_all import evaluate
from eval.run.journal import Journal
from eval.sets.folder import EvalQuestion, load_folder, load_splits, members
from index.answer.draft import Part
from index.archive import Archive
from index.engine import Engine, HowToOrder
from index.order.features import FEATURES
from index.read.fit import Fit
from index.read.reader import Reader, Reading
from index.read.windows import Window, tokenize
from newsdesk.settings import Settings

Switch = Callable[["CountingReader"], tuple[Reader | None, HowToOrder | None]]
"""Of the reader, what an engine without some part is made with."""

SHOWN = (
    "hit@1",
    "hit@10",
    "answer in best 5",
    "token f1",
    "contained in short answer",
    "contained",
    "citation precision",
)


class CountingReader(Remembering):
    """Reads each text once for each question, and counts the tokens it is given."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader, {})
        self.tokens = 0

    def with_fit(self, fit: Fit) -> Reader:
        """The same reader, which remembers and counts the same, weighed differently."""
        other = copy(self)
        other.fit = fit
        return other

    def read(self, windows: Sequence[Window]) -> list[Reading]:
        """As the reader itself does."""
        self.tokens += sum(len(part.ids) for parts in tokenize(self.model.tokenizer, windows) for part in parts)
        return super().read(windows)


def _without(*parts: Part) -> Switch:
    return lambda reader: (reader, HowToOrder(without=parts))


def _features(**weights: float) -> Switch:
    return lambda reader: (reader, HowToOrder(features=replace(FEATURES, **weights)))


def _choice(**weights: float) -> Switch:
    return lambda reader: (reader.with_fit(replace(reader.fit, choice=replace(reader.fit.choice, **weights))), None)


def _order(**weights: float) -> Switch:
    return lambda reader: (reader.with_fit(replace(reader.fit, order=replace(reader.fit.order, **weights))), None)


def _reading(**how: Any) -> Switch:
    return lambda reader: (reader, HowToOrder(**how))


SWITCHES: dict[str, Switch] = {
    "everything": lambda reader: (reader, None),
    "without learnt weights (fused ranks alone)": _features(fused=1.0, by_keyword=0.0, by_meaning=0.0, coverage=0.0),
    "without the keyword score": _features(by_keyword=0.0),
    "without the cosine": _features(by_meaning=0.0),
    "without coverage": _features(coverage=0.0),
    "without moving near copies behind": _without("copies last"),
    "without few passages per article": _without("few per article"),
    "without other spellings": _without("other spellings"),
    "without ordering by what was read": _order(read=0.0),
    "without newer reports first": _without("newer reports first"),
    "reading what was found badly too": _reading(least=0.0),
    "without agreement": _choice(agreement=0.0),
    "without the type asked for": _choice(of_type=0.0),
    "without newness": _choice(newness=0.0),
    "without the newest of contradicting reports": _without("newest of contradicting reports"),
    "reading on when it is enough": _reading(hoped=inf),
    **{f"reading at most {depth} passages": _reading(depth=depth, hoped=inf) for depth in (1, 4, 8, 12, 24)},
    "without the reader": lambda reader: (None, None),
}


def run(
    archive: Archive, engine: Engine, questions: Sequence[EvalQuestion], reader: CountingReader, of: dict[str, Any]
) -> Any:
    """The figures of all questions and of each split, and what reading cost."""
    reader.tokens, began = 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "run.jsonl") as journal:
        outcomes = evaluate(LocalEngine(archive, engine), questions, journal, newest=archive.catalogue.newest_day())
    seconds = time.perf_counter() - began
    splits = sorted({name for names in of.values() for name in names})
    groups = {"all": outcomes} | {name: [outcome for outcome in outcomes if name in of[outcome.id]] for name in splits}
    found = {name: {key: value.value for key, value in figures(group, 0).items()} for name, group in groups.items()}
    return {
        "figures": found,
        "tokens a question": round(reader.tokens / len(questions)),
        "ms a question": round(1000 * seconds / len(questions)),
    }


def main() -> None:
    """Prints a table and writes the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--splits", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    questions = load_folder(asked.folder, str(asked.folder)).questions
    of = members(load_splits(asked.splits) if asked.splits else {}, [question.id for question in questions])
    archive = Archive(Settings(data=asked.data), create=False)
    archive.load()
    assert archive.reader is not None, "there is no reader to switch off"
    reader = CountingReader(archive.reader)
    results: dict[str, Any] = {}
    for name, switch in SWITCHES.items():
        if asked.only not in name:
            continue
        engine = archive.engine_with(*switch(reader))
        results[name] = run(archive, engine, questions, reader, of)
        _print(name, results[name])
        if asked.json:
            asked.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    archive.close()


def _print(name: str, result: dict[str, Any]) -> None:
    cells = []
    for key in SHOWN:
        values = [f"{100 * group[key]:.1f}" if key in group else "-" for group in result["figures"].values()]
        cells.append(values[0] + (f" ({' / '.join(values[1:])})" if len(values) > 1 else ""))
    print(f"| {name} | {' | '.join(cells)} | {result['tokens a question']} | {result['ms a question']} |", flush=True)


if __name__ == "__main__":
    print(f"| part | {' | '.join(SHOWN)} | tokens | ms |", flush=True)
    main()
    sys.exit()
