"""Questions with the context that answers them, or does not: what a reader learns from and is measured on.

Two forms are read, each plain or gzipped: SQuAD's JSON (Rajpurkar et al., EMNLP 2016 and ACL 2018), and JSON lines
with `id, title?, context, question, answers[{text, start}], is_impossible?, tempting?{text, start}`. An `is_impossible`
of null says that nobody knows whether the context answers: a teacher decides.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as short
from typing import Any

from newsdesk.errors import TrainingDataError
from newsdesk.types import is_whole

_SHOWN = 20  # faults listed in one message


@dataclass(frozen=True, slots=True)
class Example:
    """One question and one context; without answers, the context does not answer it."""

    id: str
    title: str
    context: str
    question: str
    answers: tuple[tuple[str, int], ...]
    """(text, start): the text is the context from `start` on, to the letter."""
    tempting: tuple[str, int] | None = None
    """What a hasty reader would take for the answer, in the same form, where that is known and there is no answer."""
    labelled: bool = True
    """False when nobody has said whether the context answers."""


def read_examples(file: Path) -> list[Example]:
    """All examples of a file. Raises TrainingDataError with what is wrong where."""
    try:
        content = file.read_bytes()
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise TrainingDataError(f"{file} cannot be read: {error}.") from error
    examples, faults = [], []
    for place, record in _records(file, text):
        fault = _fault(record)
        if fault:
            faults.append(f"{place}: {fault}")
        else:
            examples.append(_example(record))
    if not examples and not faults:
        faults.append("there is no question in it")
    if faults:
        shown = faults[:_SHOWN] + [f"... and {len(faults) - _SHOWN} more"] * (len(faults) > _SHOWN)
        raise TrainingDataError("\n  ".join([f"{file} cannot be used. Mend these and try again:", *shown]))
    return examples


def _records(file: Path, text: str) -> Iterator[tuple[str, Any]]:
    """Every question with its context and title in one record, and where it stands."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        # Not splitlines: a text may hold what Python takes for an end of line and JSON does not, such as U+2028.
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                try:
                    yield f"line {number}", json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise TrainingDataError(f"{file}, line {number}, is no JSON: {error}.") from error
        return
    if not (isinstance(whole, dict) and isinstance(whole.get("data"), list)):
        yield "line 1", whole
        return
    for number, item in enumerate(whole["data"]):
        for place, paragraph in enumerate(_list(item, "paragraphs")):
            for at, asked in enumerate(_list(paragraph, "qas")):
                if isinstance(asked, dict):
                    asked = {**asked, "context": paragraph.get("context"), "title": item.get("title")}
                yield f"data[{number}].paragraphs[{place}].qas[{at}]", asked


def _list(holder: Any, name: str) -> list[Any]:
    """The list of that name; [None], which is then told as a fault, where there is none."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else [None]


def _fault(record: Any) -> str:
    """What is wrong with a record, or nothing."""
    if not isinstance(record, dict):
        return "not an object"
    for name in ("id", "context", "question"):
        if not isinstance(record.get(name), str) or not record[name].strip():
            return f"{name!r} is {short(record.get(name))}, expected a text"
    if not is_whole(record["context"] + record["question"] + str(record.get("title"))):
        return "a text in it holds half a character (a lone surrogate)"
    answers = record.get("answers", [])
    if not isinstance(answers, list):
        return f"'answers' is {short(answers)}, expected a list"
    for answer in [] if record.get("is_impossible") else answers:
        fault = _span_fault(answer, record["context"], "answer")
        if fault:
            return fault
    return _span_fault(record["tempting"], record["context"], "tempting answer") if record.get("tempting") else ""


def _span_fault(span: Any, context: str, name: str) -> str:
    if not isinstance(span, dict) or not isinstance(span.get("text"), str):
        return f"{'an' if name[0] == 'a' else 'a'} {name} is {short(span)}, expected an object with a 'text'"
    start = span.get("start", span.get("answer_start"))
    if not isinstance(start, int) or not context.startswith(span["text"], start) or start < 0:
        return f"the {name} {short(span['text'])} does not stand in the context at {short(start)}"
    return ""


def _example(record: dict[str, Any]) -> Example:
    labelled = record.get("is_impossible", False) is not None
    answers = [] if record.get("is_impossible") or not labelled else record.get("answers", [])
    tempting = record.get("tempting") or {}
    return Example(
        id=record["id"],
        title=str(record.get("title") or ""),
        context=record["context"],
        question=record["question"],
        answers=tuple((each["text"], each.get("start", each.get("answer_start"))) for each in answers if each["text"]),
        tempting=(tempting["text"], tempting["start"]) if tempting.get("text") and not answers else None,
        labelled=labelled,
    )
