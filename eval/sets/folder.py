"""Evaluation folders: `articles.jsonl[.gz]`, `questions.jsonl[.gz]`, and optionally `splits.json`."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from eval.formulas.metrics import GoldAnswer, normalise
from newsdesk.errors import EvaluationFolderError
from newsdesk.types import Turn, is_whole
from newsdesk.wording.quoted import quoted

GOLD_KINDS = frozenset({"gold_fact", "quiz_gold", "quiz_link", "answer_string_strong", "positive", "cred_high"})
"""Kinds of evidence that count as right; others (weak string matches, outdated documents) do not."""

NO_GOLD_KINDS = frozenset({"about", "thumbs_down"})
"""Kinds that Newsdesk itself writes beside gold, of SQuAD's files and of feedback: nobody needs to be told."""

_SHOWN = 20  # faults listed in one message
_SHORTEST_QUOTED = 40  # characters of a paragraph that lies in a quote: a crosshead lies in many

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
    answers: tuple[GoldAnswer, ...] = ()
    gold: tuple[Gold, ...] = ()
    type: str = ""
    answerable: bool | None = None
    """None: not known, never "no"."""
    as_of: date | None = None
    history: tuple[Turn, ...] = ()


class _Faults:
    """Everything that is wrong with a folder, to be told at once."""

    def __init__(self, folder: str) -> None:
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


@dataclass(frozen=True, slots=True)
class EvalFolder:
    """What an evaluation folder holds, checked."""

    articles: Path
    """The file of its articles, which is large and stays where it is."""
    questions: tuple[EvalQuestion, ...]
    warnings: tuple[str, ...]
    """What is odd, but stops nothing."""
    articles_hash: str
    """SHA-256 of the file of articles, unpacked."""
    questions_hash: str


def load_folder(folder: Path, name: str = "") -> EvalFolder:
    """Reads and checks a folder. Raises EvaluationFolderError with all that is wrong; `name` is what its user calls it.

    Evidence naming an article or a paragraph that is not there is a warning: it still counts, but nothing can match it.
    """
    faults = _Faults(name or str(folder))
    articles, questions = _file(folder, "articles", faults), _file(folder, "questions", faults)
    records = _questions(questions, faults) if questions.is_file() else []
    warnings: list[str] = []
    texts = _paragraphs(articles, _gold_articles(records), faults, warnings) if articles.is_file() else {}
    kinds = {item["kind"] for record in records for item in _items(record, "evidence")} - GOLD_KINDS - NO_GOLD_KINDS
    if kinds:
        warnings.append(f"Evidence of the kinds {', '.join(sorted(kinds))} does not count as gold.")
    faults.raise_if_any()
    return EvalFolder(
        articles,
        tuple(_question(record, texts, warnings) for record in records),
        tuple(warnings),
        content_hash(articles),
        content_hash(questions),
    )


def load_questions(folder: Path) -> list[EvalQuestion]:
    """The questions of a folder alone. Raises EvaluationFolderError."""
    return list(load_folder(folder).questions)


def content_hash(path: Path) -> str:
    """SHA-256 of what a file holds, unpacked if it is packed; of a folder, of what its files hold."""
    if path.is_dir():
        parts = [content_hash(file) for file in sorted(path.rglob("*")) if file.is_file()]
        return hashlib.sha256("".join(parts).encode()).hexdigest()
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load_splits(file: Path) -> Splits:
    """Reads a splits file: an object of lists of ids, or of beginnings of ids. Raises EvaluationFolderError."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationFolderError(f"The splits file {file} cannot be read: {error}") from error
    if not (isinstance(content, dict) and all(_is_strings(ids) for ids in content.values())):
        raise EvaluationFolderError(f"The splits file {file} must be an object of lists of ids or beginnings of ids.")
    return {name: tuple(ids) for name, ids in content.items()}


def members(splits: Splits, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The splits that each id belongs to. An entry that is itself an id names that one alone ("q1" is not "q10")."""
    known = set(ids)
    found: dict[str, list[str]] = {id_: [] for id_ in ids}
    for name, entries in splits.items():
        prefixes = tuple(entry for entry in entries if entry not in known)
        for id_ in ids:
            if id_ in entries or id_.startswith(prefixes):
                found[id_].append(name)
    return {id_: tuple(names) for id_, names in found.items()}


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
                    except (ValueError, RecursionError) as error:
                        faults.add(f"{place}: no JSON ({error})")
                        continue
                    if isinstance(record, dict):
                        yield place, record
                    else:
                        faults.add(f"{place}: not an object")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        faults.add(f"{file.name}: cannot be read ({error})")


def _questions(file: Path, faults: _Faults) -> list[dict[str, Any]]:
    records, seen, lines = [], set(), 0
    for place, record in _records(file, faults):
        lines += 1
        wrong = _wrong_fields(record)
        if str(record.get("id")) in seen:
            wrong.append(f"the id {quoted(record['id'])} was there before")
        seen.add(str(record.get("id")))
        for text in wrong:
            faults.add(f"{place}: {text}")
        if not wrong:
            records.append(record)
    if not lines:
        faults.add(f"{file.name}: no question in it")
    return records


def _wrong_fields(record: Mapping[str, Any]) -> list[str]:
    texts = {name: record.get(name) for name in ("id", "question", "type", "as_of")}
    wrong = [f"no {name}" for name in ("id", "question") if not texts[name] or not str(texts[name]).strip()]
    wrong += [
        f"{name} is {quoted(text)}, not text" for name, text in texts.items() if text and not isinstance(text, str)
    ]
    if not is_whole(json.dumps(record, ensure_ascii=False)):
        wrong.append("a text in it holds half a character (a lone surrogate)")
    wrong += _wrong_answers(record)
    if not isinstance(record.get("answerable"), bool | None):
        wrong.append(f"answerable is {quoted(record['answerable'])}, not true, false or null")
    if isinstance(as_of := record.get("as_of"), str) and as_of and _day(as_of) is None:
        wrong.append(f"as_of is {quoted(as_of)}, not a date such as 2017-01-18")
    wrong += _wrong_items(record, "evidence", ("article_id", "kind"))
    wrong += _wrong_items(record, "history", ("question", "answer"))
    numbers = [item.get("paragraphs") or [] for item in _items(record, "evidence")]
    if not all(isinstance(of, list) and all(type(number) is int and number >= 0 for number in of) for of in numbers):
        wrong.append("paragraphs of evidence are not whole numbers from 0")
    return wrong


def _wrong_answers(record: Mapping[str, Any]) -> list[str]:
    given = record.get("answers") or []
    if not (isinstance(given, list) and all(isinstance(each, str) or _is_strings(each) for each in given)):
        return ["answers is not a list of texts, or of lists of texts that belong together"]
    if record.get("answerable") is True and not given:
        return ["answerable, but without answers"]
    if any(not part.strip() for each in given for part in (each if isinstance(each, list) else [each])) or [] in given:
        return ["one of the answers is empty"]
    if given and not any(map(_can_match, given)):
        return [
            f"none of the answers {quoted(given)} can match: of each nothing is left without punctuation and a, an, the"
        ]
    return []


def _can_match(answer: str | list[str]) -> bool:
    return all(normalise(part) for part in (answer if isinstance(answer, list) else [answer]))


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


def _gold_articles(records: list[dict[str, Any]]) -> dict[str, str]:
    """Each gold article -> the first question that names it."""
    return {gold["article_id"]: record["id"] for record in reversed(records) for gold in _gold(record)}


def _gold(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [item for item in _items(record, "evidence") if item["kind"] in GOLD_KINDS]


def _paragraphs(file: Path, wanted: Mapping[str, str], faults: _Faults, warnings: list[str]) -> dict[str, list[str]]:
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
            faults.add(f"{place}: the id {quoted(article_id)} was there before")
        elif article_id in wanted:
            if not (text or "").strip():
                warnings.append(f"{place}: the article {quoted(article_id)} is gold, but has no text.")
            found[article_id] = [part.strip() for part in (text or "").split("\n\n") if part.strip()]
        if isinstance(article_id, str):
            seen.add(article_id)
    for missing in sorted(set(wanted) - seen):
        warnings.append(
            f"{wanted[missing]}: evidence names the article {quoted(missing)}, which is not in {file.name}."
        )
    return found


def _question(record: Mapping[str, Any], texts: Mapping[str, list[str]], warnings: list[str]) -> EvalQuestion:
    return EvalQuestion(
        id=record["id"],
        question=record["question"],
        answers=tuple(_answers(record, warnings)),
        gold=tuple(_gold_of(item, texts.get(item["article_id"]), record["id"], warnings) for item in _gold(record)),
        type=record.get("type") or "",
        answerable=record.get("answerable"),
        as_of=_day(record.get("as_of") or ""),
        history=tuple(Turn(item["question"], item["answer"]) for item in _items(record, "history")),
    )


def _answers(record: Mapping[str, Any], warnings: list[str]) -> Iterator[GoldAnswer]:
    for each in record.get("answers") or ():
        if _can_match(each):
            yield each if isinstance(each, str) else tuple(each)
        else:
            warnings.append(f"{record['id']}: the answer {quoted(each)} is left out, for nothing of it can match.")


def _gold_of(item: Mapping[str, Any], paragraphs: list[str] | None, question: str, warnings: list[str]) -> Gold:
    numbers, there = item.get("paragraphs") or [], paragraphs or []
    beyond = [number for number in numbers if number >= len(there)]
    if paragraphs is not None and beyond:
        warnings.append(
            f"{question}: evidence names paragraph {', '.join(map(str, beyond))} of {quoted(item['article_id'])}, which has "
            f"{len(there)}, counted from 0."
        )
    if not numbers:
        return Gold(item["article_id"], tuple(_holding(there, item.get("quote"))))
    return Gold(item["article_id"], tuple(there[number] for number in numbers if number < len(there)))


def _holding(paragraphs: list[str], quote: object) -> Iterator[str]:
    """The paragraphs that hold a quote, or lie in it: where evidence names no paragraph, but says what it quotes."""
    quoted = " ".join(quote.split()) if isinstance(quote, str) else ""
    for paragraph in paragraphs if quoted else ():
        text = " ".join(paragraph.split())
        if quoted in text or (text in quoted and len(text) >= _SHORTEST_QUOTED):
            yield paragraph
