"""What Newsdesk makes of what a real and very weak model writes: SmolLM2-135M-Instruct (tests/smollm2_server.py).

    python -m tests.smollm2 [--data DATA FOLDER] [--questions 20] [--seed 1] [--threads 1] [--penalty 1] [--out kept.jsonl]

Asks questions of the sample, and as many of the `newsdesk_archive` in the folder that NEWSDESK_BENCH_DATA names, or of the
evaluation folder FOLDER whose articles the archive DATA holds. The sentences that were kept are written, each with the
passages that it cites, to a file to be read, and those that were removed with the reason: whether what was kept is
supported is for eyes to say.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from eval.sets.folder import EvalQuestion
from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import Answer, Question, Removed
from tests.lies import standing_alone
from tests.smollm2_server import PENALTY, SmolLM2Server, missing
from tests.support import SAMPLE, newsdesk

TIMEOUT = 300.0
"""Seconds for an answer: on one busy core the model reads a prompt for half a minute."""
ARCHIVE = "newsdesk_archive"


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence that was kept."""

    text: str
    """With its markers."""
    verified: str
    """Of its first citation."""
    sources: tuple[str, ...]
    """The passages that it cites, each with its headline and what of it is cited."""


@dataclass
class Counts:
    """What became of what the model wrote."""

    questions: int = 0
    modes: Counter[str] = field(default_factory=Counter)
    """How an answer came about, with the kind of note that says why not in the LLM's words."""
    kept: list[Kept] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)

    def add(self, answer: Answer, parts: Sequence[str]) -> None:
        """Counts an answer; `parts` are the sentences of its text."""
        self.questions += 1
        notes = [note.kind for note in answer.notes if note.kind.startswith("llm")]
        how = answer.mode if answer.answerable else f"{answer.mode}, no answer"
        self.modes[", ".join([how, *notes])] += 1
        self.removed += answer.removed
        if answer.mode == "llm" and answer.answerable:
            self.kept += [_kept(answer, part) for part in parts]

    def lines(self) -> list[str]:
        """In words."""
        forms = Counter(each.verified for each in self.kept)
        why = Counter(each.reason for each in self.removed)
        return [
            f"{self.questions} questions: {', '.join(f'{count} {mode}' for mode, count in self.modes.most_common())}",
            f"{len(self.kept) + len(self.removed)} sentences written, {len(self.kept)} kept "
            f"({forms['verbatim']} verbatim, {forms['supported']} supported), {len(self.removed)} removed",
            *(f"    {count} removed: {reason}" for reason, count in why.most_common()),
        ]


def measure(data: Path, questions: Sequence[EvalQuestion], url: str, out: TextIO) -> Counts:
    """Asks the archive the questions with the model at `url` behind it; what it wrote of each goes to `out` at once."""
    archive = Archive(Settings(data=data, llm=f"openai-like:{url}#smollm2", llm_timeout=TIMEOUT), create=False)
    archive.load()
    counts = Counts()
    for each in questions:
        *parts, answer = archive.engine.stream(Question(each.question, as_of=each.as_of, caution="low"))
        assert isinstance(answer, Answer)
        before = len(counts.kept)
        counts.add(answer, [part for part in parts if isinstance(part, str)])
        told = {"question": each.question, "mode": answer.mode, "kept": [asdict(one) for one in counts.kept[before:]]}
        told["removed"] = [asdict(one) for one in answer.removed]
        print(json.dumps(told, ensure_ascii=False), file=out, flush=True)
    archive.close()
    return counts


def _kept(answer: Answer, part: str) -> Kept:
    cited = [citation for citation in answer.citations if f"[{citation.marker}]" in part]
    texts = {evidence.article_id: evidence for evidence in answer.evidence}
    sources = tuple(f"{texts[each.article_id].title} | {each.quote} | {texts[each.article_id].text}" for each in cited)
    return Kept(part.strip(), cited[0].verified or "", sources)


def _sets(given: argparse.Namespace, made: Path) -> Iterator[tuple[str, Path, Path]]:
    """Name, archive and folder of questions of each set."""
    if given.data:
        yield given.data[1].name, *given.data
        return
    newsdesk("sample", "--data", made / "sample")
    yield "sample", made / "sample", SAMPLE
    folder = Path(os.environ.get("NEWSDESK_BENCH_DATA", "")) / ARCHIVE
    if "NEWSDESK_BENCH_DATA" not in os.environ or not folder.is_dir():
        print(f"{ARCHIVE}: skipped, NEWSDESK_BENCH_DATA names no folder that holds it")
        return
    newsdesk("eval", "run", folder, "--data", made / ARCHIVE, "--limit", 1, "--no-judge")
    yield ARCHIVE, made / ARCHIVE, folder


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.smollm2", description=__doc__.partition("\n")[0])
    parser.add_argument("--data", nargs=2, type=Path, metavar=("DATA", "FOLDER"), help="archive and its questions")
    parser.add_argument("--questions", type=int, default=20, help="of each set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--penalty", type=float, default=PENALTY, help="of repeated tokens; 1: none")
    parser.add_argument("--out", type=Path, default=Path("kept.jsonl"), help="file for what was kept and removed")
    given = parser.parse_args()
    if lacking := missing():
        parser.exit(1, f"SmolLM2 cannot be asked: {lacking}.\n")
    with (
        tempfile.TemporaryDirectory() as made,
        SmolLM2Server(given.threads, penalty=given.penalty) as server,
        given.out.open("w", encoding="utf-8") as out,
    ):
        for name, data, folder in _sets(given, Path(made)):
            counts = measure(data, standing_alone(folder, given.questions, given.seed), server.url, out)
            first, *more = counts.lines()
            print(f"{name}: {first}", *more, sep="\n", flush=True)


if __name__ == "__main__":
    main()
