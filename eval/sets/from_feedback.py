"""Feedback becomes tests: an evaluation folder from what readers said about answers (docs/evaluation.md says how)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from eval.formulas.metrics import normalise
from newsdesk.errors import ArticleNotFound, WrongUse
from newsdesk.feedback import Feedback, Quoted, StoredFeedback
from newsdesk.types import Article

ArticleById = Callable[[str], Article]
"""Raises ArticleNotFound."""

RIGHT = "gold_fact"
DOUBTED = "thumbs_down"
"""Kinds of evidence: a paragraph whose answer was found right, and one whose answer was found wrong (it is not gold)."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    questions: int
    articles: int
    left_out: int
    """Feedback that makes no question any more, because the article that the answer stood on was removed."""


def export_feedback(
    folder: Path, given: Iterable[StoredFeedback], article: ArticleById, every: Iterable[Article] | None
) -> Exported:
    """Writes `questions.jsonl` and `articles.jsonl.gz` to `folder`, which is made if need be.

    `article` gives an article by its id, `every` all of them; None writes only those that the feedback names.
    Raises WrongUse when the folder is not empty or cannot be written, or when no feedback makes a question; nothing
    is left in the folder then.
    """
    _check_empty(folder)
    questions, named, left_out = [], dict[str, None](), 0
    for stored in given:
        question = question_of(stored, article)
        if question is None:
            left_out += 1
            continue
        questions.append(question)
        feedback = stored.feedback
        named.update(dict.fromkeys([cited.article_id for cited in feedback.citations]))
        named.update(dict.fromkeys([found.article_id for found in feedback.evidence]))
    if not questions:
        raise WrongUse(
            f"There is no feedback to make questions of{f' ({left_out:,} lost their article)' if left_out else ''}. "
            "Judge answers in the chat, or with POST /api/feedback, first."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="unfinished-", dir=folder) as unfinished:
            written = _write(Path(unfinished), questions, _found(named, article) if every is None else every)
            for file in list(Path(unfinished).iterdir()):
                file.replace(folder / file.name)
    except OSError as error:
        raise WrongUse(f"{folder} cannot be written: {error.strerror}. Name another folder.") from error
    return Exported(len(questions), written, left_out)


def question_of(stored: StoredFeedback, article: ArticleById) -> dict[str, Any] | None:
    """The question, as docs/evaluation.md describes it; None when a removal took what it needs."""
    feedback = stored.feedback
    if stored.cut and feedback.verdict == "up" and feedback.answerable:
        return None
    answers, answerable, cited = _right(feedback)
    kind = RIGHT if feedback.verdict == "up" else DOUBTED
    question = {
        "id": f"feedback:{stored.number}",
        "question": feedback.question,
        "answers": answers,
        "evidence": [_evidence(each, kind, article) for each in cited],
        "type": f"feedback {feedback.verdict}",
        "answerable": answerable,
        "as_of": feedback.as_of.isoformat() if feedback.as_of else None,
        "history": [{"question": turn.question, "answer": turn.answer} for turn in feedback.history],
        "comment": feedback.comment,
    }
    return {name: value for name, value in question.items() if value or name not in ("as_of", "history", "comment")}


def _right(feedback: Feedback) -> tuple[list[str], bool | None, Sequence[Quoted]]:
    """The right answers, whether there is one (None: not known), and what was cited that says something about it."""
    match feedback.verdict, feedback.answerable:
        case "up", True:
            quotes = [cited.quote for cited in feedback.citations]
            short = feedback.short_answer if feedback.mode == "extractive" else None  # what an LLM wrote is no gold
            answers = _usable(short or feedback.expected) or _usable(*quotes)
            return answers, True if answers else None, feedback.citations
        case "up", _:
            return [], False, ()
    expected = _usable(feedback.expected)
    return (expected, True, ()) if expected else ([], None, feedback.citations)


def _usable(*answers: str) -> list[str]:
    """Each once; without those that no answer could be compared with, such as "the" and "..."."""
    return [answer for answer in dict.fromkeys(answers) if normalise(answer)]


def _evidence(cited: Quoted, kind: str, article: ArticleById) -> dict[str, Any]:
    """The paragraphs that hold the quote today: the article may have changed since."""
    found: dict[str, Any] = {"article_id": cited.article_id, "kind": kind, "paragraphs": []}
    try:
        paragraphs = article(cited.article_id).paragraphs
    except ArticleNotFound:  # removed since the feedback was read
        return found
    here = [place for place in (cited.paragraph,) if place < len(paragraphs) and cited.quote in paragraphs[place]]
    if not cited.quote:  # cut; where it stood is still known
        return {**found, "paragraphs": here}
    elsewhere = [place for place, text in enumerate(paragraphs) if cited.quote in text][:1]
    return {**found, "paragraphs": here or elsewhere, "quote": cited.quote}


def _found(named: Iterable[str], article: ArticleById) -> Iterable[Article]:
    for article_id in named:
        try:
            yield article(article_id)
        except ArticleNotFound:
            continue


def _write(folder: Path, questions: Iterable[dict[str, Any]], articles: Iterable[Article]) -> int:
    """Both files; how many articles there were."""
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as lines:
        for question in questions:
            _write_line(lines, question)
    count = 0
    with gzip.open(folder / "articles.jsonl.gz", "wt", encoding="utf-8") as lines:
        for article in articles:
            _write_line(lines, _record(article))
            count += 1
    return count


def _write_line(lines: TextIO, record: dict[str, Any]) -> None:
    lines.write(json.dumps(record, ensure_ascii=False) + "\n")


def _record(article: Article) -> dict[str, Any]:
    """The article as the JSON object that `newsdesk ingest` and `newsdesk eval` read; no paragraph has a line break."""
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "author": " and ".join(article.authors),
        "published": article.published.isoformat() if article.published else "",
        "url": article.url,
        "text": "\n\n".join(article.paragraphs),
        "agency": article.agency,
        "section": article.section,
        "language": article.language,
    }


def _check_empty(folder: Path) -> None:
    """Raises WrongUse."""
    try:
        if folder.exists() and not folder.is_dir():
            raise WrongUse(f"{folder} is not a folder. Name one that is empty, or that is not there yet.")
        if folder.is_dir() and any(folder.iterdir()):
            raise WrongUse(f"{folder} is not empty. Name a folder that is, or one that is not there yet.")
    except OSError as error:
        raise WrongUse(f"{folder} cannot be read: {error.strerror}. Name another folder.") from error
