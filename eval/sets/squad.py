"""SQuAD's own JSON (versions 1.1 and 2.0) as an evaluation folder.

Rajpurkar et al., EMNLP 2016 and ACL 2018: {"version", "data": [{"title", "paragraphs": [{"context", "qas": [{"id",
"question", "answers": [{"text", "answer_start"}], "is_impossible"?}]}]}]}. Many other sets are published in this form.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TypeGuard
from urllib.parse import unquote

from newsdesk.errors import EvaluationFolderError
from newsdesk.types import is_whole
from newsdesk.wording.quoted import quoted

_SHOWN = 20  # faults listed in one message
_HEAD = (
    65_536  # characters in which "data" has to begin: the version and other particulars stand before it, if anywhere
)
_LOOKS_LIKE_IT = re.compile(r'\ufeff?\s*\{(?=.*"data"\s*:\s*\[)', re.DOTALL)
_GZIP = b"\x1f\x8b"

Record = dict[str, Any]


def is_squad(file: Path) -> bool:
    """Whether this is a file, plain or gzipped, that begins as SQuAD's JSON does. What is wrong in it is not looked for."""
    if not file.is_file():
        return False
    try:
        with _open(file) as lines:
            head = lines.read(_HEAD)
    except (OSError, EOFError, UnicodeDecodeError):
        return False
    # JSON lines begin with an object too, but theirs ends on the first line.
    return _LOOKS_LIKE_IT.match(head) is not None and not _is_object(head.partition("\n")[0], head)


def squad_folder(file: Path, folder: Path) -> None:
    """Writes `articles.jsonl` and `questions.jsonl` into the folder, which is made if it is not there.

    An article is an item of "data", with its contexts as paragraphs (a context is one paragraph, so line breaks in it
    become spaces); its id is the title. A question that is not impossible has its context as gold paragraph; for an
    impossible one the context is named as what it is about, which is not gold. Where an answer begins is not used.

    Raises EvaluationFolderError with all that is wrong with the file; nothing is written then.
    """
    faults: list[str] = []
    articles, questions = _converted(_read(file), faults)
    if not faults and not questions:
        faults.append("no question in it")
    if faults:
        shown = faults[:_SHOWN] + [f"... and {len(faults) - _SHOWN} more"] * (len(faults) > _SHOWN)
        raise EvaluationFolderError(
            "\n  ".join([f"The SQuAD file {file} cannot be used. Mend these and try again:", *shown])
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in (("articles", articles), ("questions", questions)):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _open(file: Path) -> Any:
    with file.open("rb") as start:
        packed = start.read(2) == _GZIP
    return gzip.open(file, "rt", encoding="utf-8-sig") if packed else file.open(encoding="utf-8-sig")


def _is_object(line: str, head: str) -> bool:
    """Whether the line is a whole object, with more after it."""
    if len(line) == len(head.rstrip()):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _read(file: Path) -> list[Any]:
    try:
        with _open(file) as lines:
            content = json.load(lines)
    except (OSError, EOFError, ValueError, RecursionError) as error:
        raise EvaluationFolderError(f"The SQuAD file {file} cannot be read as JSON: {error}.") from error
    items = content.get("data") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise EvaluationFolderError(f'{file} is no SQuAD file: it is not an object with a list "data".')
    return items


def _converted(items: list[Any], faults: list[str]) -> tuple[list[Record], list[Record]]:
    articles: list[Record] = []
    questions: dict[str, Record] = {}
    ids: set[str] = set()
    for number, item in enumerate(items):
        place = f"data[{number}]"
        if not isinstance(item, dict) or not _is_text(title := item.get("title") or "", empty=True):
            faults.append(f"{place}: not an object with a text as title")
            continue
        article_id = _free_id(title, ids)
        contexts: list[str] = []
        for where, paragraph in _objects(item, "paragraphs", place, faults):
            context = paragraph.get("context")
            if not _is_text(context):
                faults.append(f"{where}: no context that is text")
                continue
            for at, asked in _objects(paragraph, "qas", where, faults):
                wrong = _wrong_fields(asked, questions)
                faults += [f"{at}: {text}" for text in wrong]
                if not wrong:
                    questions[asked["id"]] = _question(asked, article_id, len(contexts))
            contexts.append(" ".join(context.split()))
        name = " ".join(unquote(title).replace("_", " ").split())
        articles.append({"id": article_id, "title": name, "source": "SQuAD", "text": "\n\n".join(contexts)})
    return articles, list(questions.values())


def _objects(of: Record, name: str, place: str, faults: list[str]) -> Iterator[tuple[str, Record]]:
    """The objects of a list, each with its place for messages."""
    listed = of.get(name)
    if not isinstance(listed, list):
        faults.append(f"{place}: {name} is not a list")
        return
    for number, item in enumerate(listed):
        where = f"{place}.{name}[{number}]"
        if isinstance(item, dict):
            yield where, item
        else:
            faults.append(f"{where}: not an object")


def _wrong_fields(asked: Record, seen: Collection[str]) -> list[str]:
    wrong = [f"no {name} that is text" for name in ("id", "question") if not _is_text(asked.get(name))]
    if not wrong and asked["id"] in seen:
        wrong.append(f"the id {quoted(asked['id'])} was there before")
    impossible, answers = asked.get("is_impossible", False), asked.get("answers")
    if not isinstance(impossible, bool):
        wrong.append(f"is_impossible is {quoted(impossible)}, not true or false")
    if not (
        isinstance(answers, list)
        and all(isinstance(answer, dict) and _is_text(answer.get("text")) for answer in answers)
    ):
        wrong.append("answers is not a list of objects with a text")
    elif impossible is True and answers:
        wrong.append("it has an answer and is_impossible is true")
    elif impossible is False and not answers:
        wrong.append("it has no answer and is_impossible is not true")
    return wrong


def _question(asked: Record, article_id: str, paragraph: int) -> Record:
    impossible = asked.get("is_impossible", False)
    return {
        "id": asked["id"],
        "question": asked["question"].strip(),
        "answers": list(dict.fromkeys(answer["text"].strip() for answer in asked["answers"])),
        "evidence": [
            {"article_id": article_id, "kind": "about" if impossible else "gold_fact", "paragraphs": [paragraph]}
        ],
        "type": "squad",
        "answerable": not impossible,
    }


def _is_text(value: object, empty: bool = False) -> TypeGuard[str]:
    return isinstance(value, str) and is_whole(value) and (empty or bool(value.strip()))


def _free_id(title: str, taken: set[str]) -> str:
    """The title, or with a number where it was there before; what cannot stand in an id is left out."""
    wanted = "".join(one for one in title if one.isprintable()).strip() or "article"
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted} ({number})"
    taken.add(free)
    return free
