"""Evaluation folders: `articles.jsonl[.gz]`, `questions.jsonl[.gz]`, and optionally `splits.json`."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from newsdesk.errors import EvaluationFolderError
from newsdesk.types import Turn

logger = logging.getLogger("newsdesk.eval")

GOLD_KINDS = frozenset({"gold_fact", "quiz_gold", "quiz_link", "answer_string_strong", "positive", "cred_high"})
"""Kinds of evidence that count as right; others (weak string matches, outdated documents) do not."""

_SHOWN = 20  # faults listed in one message

Splits = dict[str, tuple[str, ...]]
"""Name of a part of the questions -> ids, or beginnings of ids, that belong to it."""


@dataclass(frozen=True, slots=True)
class Gold:
    """An article that answers, and where it does if that is known."""

    article_id: str
    paragraphs: tuple[str, ...] = ()
    """Texts of the answering paragraphs: numbers would not survive cleaning. Empty where they are not known."""


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """A question with what a right answer is."""

    id: str
    question: str
    answers: tuple[str, ...] = ()
    gold: tuple[Gold, ...] = ()
    type: str = ""
    answerable: bool | None = None
    """None: not known, never "no"."""
    as_of: date | None = None
    history: tuple[Turn, ...] = ()


class _Faults:
    """Everything that is wrong with a folder, to be told at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: list[str] = []

    def add(self, text: str) -> None:
        self._found.append(text)

    def raise_if_any(self) -> None:
        if self._found:
            shown = self._found[:_SHOWN] + [f"... and {len(self._found) - _SHOWN} more"] * (len(self._found) > _SHOWN)
            raise EvaluationFolderError(
                "\n  ".join([f"The evaluation folder {self._folder} cannot be used. Mend these and try again:", *shown])
            )


def load_questions(folder: Path) -> list[EvalQuestion]:
    """The questions of a folder, with the texts of their gold paragraphs.

    Raises EvaluationFolderError with all that is wrong. Evidence naming an article or a paragraph that is
    not there is a warning: it still counts, but nothing can match it.
    """
    faults = _Faults(folder)
    articles, questions = _file(folder, "articles", faults), _file(folder, "questions", faults)
    faults.raise_if_any()
    records = _questions(questions, faults)
    texts = _paragraphs(articles, _gold_articles(records), faults)
    faults.raise_if_any()
    return [_question(record, texts) for record in records]


def load_splits(file: Path) -> Splits:
    """Reads a splits file: an object of lists of ids, or of beginnings of ids. Raises EvaluationFolderError."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationFolderError(f"The splits file {file} cannot be read: {error}") from error
    if not (isinstance(content, dict) and all(_is_strings(ids) for ids in content.values())):
        raise EvaluationFolderError(f"The splits file {file} must be an object of lists of ids or beginnings of ids.")
    return {name: tuple(ids) for name, ids in content.items()}


def _file(folder: Path, name: str, faults: _Faults) -> Path:
    plain, packed = folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"
    if not (plain.is_file() or packed.is_file()):
        faults.add(f"{plain.name} (or {packed.name}) is missing")
    return plain if plain.is_file() else packed


def _records(file: Path, faults: _Faults) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line's object, with its place for messages."""
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    place = f"{file.name} line {number}"
                    try:
                        record = json.loads(line)
                    except ValueError as error:
                        faults.add(f"{place}: no JSON ({error})")
                        continue
                    if isinstance(record, dict):
                        yield place, record
                    else:
                        faults.add(f"{place}: not an object")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        faults.add(f"{file.name}: cannot be read ({error})")


def _questions(file: Path, faults: _Faults) -> list[dict[str, Any]]:
    records, seen = [], set()
    for place, record in _records(file, faults):
        wrong = _wrong_fields(record)
        if not wrong and record["id"] in seen:
            wrong = [f"the id {record['id']!r} was there before"]
        for text in wrong:
            faults.add(f"{place}: {text}")
        if not wrong:
            seen.add(record["id"])
            records.append(record)
    if not records:
        faults.add(f"{file.name}: no question in it")
    return records


def _wrong_fields(record: Mapping[str, Any]) -> list[str]:
    wrong = [f"no {name}" for name in ("id", "question") if not record.get(name)]
    wrong += [
        f"{name} is {record[name]!r}, not text"
        for name in ("id", "question", "type", "as_of")
        if record.get(name) and not isinstance(record[name], str)
    ]
    if not _is_strings(record.get("answers") or []):
        wrong.append("answers is not a list of texts")
    if record.get("answerable") not in (True, False, None):
        wrong.append(f"answerable is {record['answerable']!r}, not true, false or null")
    if isinstance(as_of := record.get("as_of"), str) and as_of and _day(as_of) is None:
        wrong.append(f"as_of is {as_of!r}, not a date such as 2017-01-18")
    wrong += _wrong_items(record, "evidence", ("article_id", "kind"))
    wrong += _wrong_items(record, "history", ("question", "answer"))
    numbers = [item.get("paragraphs") or [] for item in _items(record, "evidence")]
    if not all(isinstance(of, list) and all(type(number) is int and number >= 0 for number in of) for of in numbers):
        wrong.append("paragraphs of evidence are not whole numbers from 0")
    return wrong


def _wrong_items(record: Mapping[str, Any], name: str, fields: tuple[str, ...]) -> list[str]:
    given = record.get(name) or []
    if isinstance(given, list) and all(
        isinstance(item, dict) and all(isinstance(item.get(field), str) for field in fields) for item in given
    ):
        return []
    return [f"{name} is not a list of objects with the texts {' and '.join(fields)}"]


def _items(record: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    given = record.get(name) or []
    return [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _gold_articles(records: list[dict[str, Any]]) -> set[str]:
    return {gold["article_id"] for record in records for gold in _gold(record)}


def _gold(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [item for item in _items(record, "evidence") if item["kind"] in GOLD_KINDS]


def _paragraphs(file: Path, wanted: set[str], faults: _Faults) -> dict[str, list[str]]:
    """The paragraphs of the wanted articles, as the folder's numbers count them: non-empty, before any cleaning."""
    found: dict[str, list[str]] = {}
    seen: set[str] = set()
    for place, record in _records(file, faults):
        article_id, text = record.get("id"), record.get("text")
        if not (isinstance(article_id, str) and article_id):
            faults.add(f"{place}: no id")
        elif not isinstance(text, str | None):
            faults.add(f"{place}: text is not text")
        elif article_id in seen:
            faults.add(f"{place}: the id {article_id!r} was there before")
        elif article_id in wanted:
            found[article_id] = [part.strip() for part in (text or "").split("\n\n") if part.strip()]
        if isinstance(article_id, str):
            seen.add(article_id)
    for missing in sorted(wanted - seen):
        logger.warning("%s: evidence names the article %r, which is not there.", file, missing)
    return found


def _question(record: Mapping[str, Any], texts: Mapping[str, list[str]]) -> EvalQuestion:
    return EvalQuestion(
        id=record["id"],
        question=record["question"],
        answers=tuple(record.get("answers") or ()),
        gold=tuple(_gold_of(item, texts.get(item["article_id"], [])) for item in _gold(record)),
        type=record.get("type") or "",
        answerable=record.get("answerable"),
        as_of=_day(record.get("as_of") or ""),
        history=tuple(Turn(item["question"], item["answer"]) for item in _items(record, "history")),
    )


def _gold_of(item: Mapping[str, Any], paragraphs: list[str]) -> Gold:
    numbers = item.get("paragraphs") or []
    if any(number >= len(paragraphs) for number in numbers):
        logger.warning("Evidence names a paragraph of %r that is not there.", item["article_id"])
    return Gold(item["article_id"], tuple(paragraphs[number] for number in numbers if number < len(paragraphs)))
