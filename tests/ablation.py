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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from eval.report.figures import figures
from eval.run.archive import LocalEngine, Remembering
from eval.run.ask_all import evaluate
from eval.run.journal import Journal
from eval.sets.folder import EvalQuestion, load_folder, load_splits, members
from index.archive import Archive
from index.order.by_reading import ReaderReranker
from index.read.reader import Reader, Reading
from index.read.windows import Window, tokenize
from newsdesk.settings import Settings

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
        self._tokenizer = reader._model.tokenizer
        self.tokens = 0

    def read(self, windows: Sequence[Window]) -> list[Reading]:
        """As the reader itself does."""
        self.tokens += sum(len(part.ids) for parts in tokenize(self._tokenizer, windows) for part in parts)
        return super().read(windows)


@contextmanager
def nothing() -> Iterator[None]:
    """All parts on."""
    yield


def _constant(place: str, value: float) -> Callable[[], Any]:
    return lambda: patch(place, value)


def _only_fused() -> Any:
    return patch.multiple("index.order.features", _W_FUSED=1.0, _W_KEYWORD=0.0, _W_MEANING=0.0, _W_COVERAGE=0.0)


SWITCHES: dict[str, Callable[[], Any]] = {
    "everything": nothing,
    "without learnt weights (fused ranks alone)": _only_fused,
    "without the keyword score": _constant("index.order.features._W_KEYWORD", 0.0),
    "without the cosine": _constant("index.order.features._W_MEANING", 0.0),
    "without coverage": _constant("index.order.features._W_COVERAGE", 0.0),
    "without moving near copies behind": lambda: patch("index.engine.CopiesLast", lambda: _Keeping()),
    "without few passages per article": lambda: patch("index.engine.FewPerArticle", lambda: _Keeping()),
    "without other spellings": lambda: patch("index.engine.with_variants", lambda weights, *_: weights),
    "without near terms": _constant("index.find.keyword._FUZZY_FROM", 10**9),
    "without ordering by what was read": _constant("index.order.by_reading._W_READ", 0.0),
    "without newer reports first": _constant("index.order.by_reading._W_OLDER", 0.0),
    "without cutting further quotes": lambda: patch(
        "index.answer.by_reader._beginning", lambda evidence, whole, answer, room: whole
    ),
    "without what came true instead of what was expected": lambda: patch(
        "index.answer.disagreement.asks_for_outcome", lambda question: False
    ),
    "without units": lambda: patch("index.answer.candidates.units_asked", lambda question: frozenset()),
    "reading what was found badly too": lambda: patch(
        "index.engine.ReaderReranker", partial(ReaderReranker, least=0.0)
    ),
    "without agreement": _constant("index.answer.candidates.AGREEMENT", 0.0),
    "without the type asked for": _constant("index.answer.candidates._W_TYPE", 0.0),
    "without what the question says itself": _constant("index.answer.candidates._W_SAID", 0.0),
    "without newness": lambda: patch.multiple("index.answer.candidates", _W_NEWNESS=0.0, _W_NEWEST=0.0),
    "without who has left": _constant("index.answer.candidates._NO_LONGER", 0.0),
    "without the newest of contradicting reports": lambda: patch(
        "index.answer.by_reader.newest_first", lambda question, kind, answers: list(answers)
    ),
    **{
        f"reading at most {depth} passages": lambda depth=depth: patch(  # type: ignore[misc]  # each its own depth
            "index.engine.ReaderReranker", partial(ReaderReranker, depth=depth)
        )
        for depth in (1, 4, 8, 12, 24)
    },
}


class _Keeping:
    def postprocess_nodes(self, nodes: Any) -> Any:
        """The nodes as they are."""
        return nodes


def run(archive: Archive, questions: Sequence[EvalQuestion], reader: CountingReader, of: dict[str, Any]) -> Any:
    """The figures of all questions and of each split, and what reading cost."""
    reader.tokens, began = 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "run.jsonl") as journal:
        outcomes = evaluate(LocalEngine(archive), questions, journal, newest=archive.catalogue.newest_day())
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
    plain = archive.engine.reader
    assert plain is not None, "there is no reader to switch off"
    reader = CountingReader(plain)
    results: dict[str, Any] = {}
    for name, switch in (SWITCHES | {"without the reader": nothing}).items():
        if asked.only not in name:
            continue
        archive.engine.reader = None if name == "without the reader" else reader
        with ExitStack() as stack:
            stack.enter_context(switch())
            results[name] = run(archive, questions, reader, of)
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
