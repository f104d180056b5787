"""How many planted errors of the committed drafts are found, and how many right sentences are called wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from newsdesk.errors import EvaluationFolderError
from newsdesk.wording.quoted import quoted

FOLDER = Path(__file__).parent
ARTICLES = tuple(FOLDER.parent / name / "articles.jsonl" for name in ("sample", "conversations"))
HALVES = ("tune", "score")

Mark = Literal["=", "!", "?"]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a draft and what is known of it."""

    mark: Mark
    text: str
    kind: str = ""
    """Of a planted error."""


class Judged(Protocol):
    """What the check says of a sentence."""

    @property
    def text(self) -> str: ...
    @property
    def status(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sentence with what was said of it."""

    draft: str
    line: Line
    status: str


def measure(half: str, check: Callable[[str], Sequence[Judged]]) -> Iterator[Outcome]:
    """Checks every draft of a half. Raises EvaluationFolderError for a draft that cannot be read."""
    for file in sorted((FOLDER / half).glob("*.txt")):
        lines = [_line(file, line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        judged = check(" ".join(line.text for line in lines))
        if [each.text for each in judged] != [line.text for line in lines]:
            raise EvaluationFolderError(f"{file} has a line that is not one sentence. Write a sentence a line.")
        yield from (Outcome(file.stem, line, each.status) for line, each in zip(lines, judged, strict=True))


def summary(outcomes: Sequence[Outcome]) -> dict[str, float | int]:
    """The figures of these outcomes."""
    wrong = [each for each in outcomes if each.line.mark == "!"]
    right = [each for each in outcomes if each.line.mark == "="]
    found = sum(each.status == "contradicted" for each in wrong)
    called = sum(each.status == "contradicted" for each in right)
    return {
        "planted": len(wrong),
        "found": found,
        "found_share": round(found / max(1, len(wrong)), 3),
        "right": len(right),
        "right_called_contradicted": called,
        "right_called_contradicted_share": round(called / max(1, len(right)), 3),
        "right_called_supported": sum(each.status == "supported" for each in right),
        "planted_called_supported": sum(each.status == "supported" for each in wrong),
    }


def _line(file: Path, line: str) -> Line:
    mark, rest = line[0], line[1:].strip()
    if mark == "!" and rest.count("|") == 2:
        kind, _, text = (part.strip() for part in rest.split("|"))
        return Line("!", text, kind)
    if mark == "=":
        return Line("=", rest)
    if mark == "?":
        return Line("?", rest)
    raise EvaluationFolderError(
        f"{file} has a line that begins with none of =, !, ?: {quoted(line, 80)}. See its README.md."
    )
