"""What MCP's tools are answered by: an opened archive, or the service that has it open."""

from __future__ import annotations

from typing import Protocol

from api.guard.watched import Watched
from api.models import AnswerOut, ArticleOut, AskIn, EvidenceOut, SearchOut
from index.engine import Engine
from newsdesk.types import Filters


class Desk(Protocol):
    """Answers, finds and shows. Each raises a NewsdeskError for what cannot be done."""

    def ask(self, asked: AskIn) -> AnswerOut:
        """The answer to a question."""

    def search(self, words: str, limit: int) -> SearchOut:
        """Passages, best first."""

    def article(self, id_: str) -> ArticleOut:
        """An article with its paragraphs."""


class EngineDesk:
    """The desk over an opened archive."""

    def __init__(self, engine: Engine | Watched) -> None:
        self._engine = engine

    def ask(self, asked: AskIn) -> AnswerOut:
        """The answer to a question. Raises QuestionError."""
        return AnswerOut.of(self._engine.ask(asked.to_question()))

    def search(self, words: str, limit: int) -> SearchOut:
        """Passages, best first. Raises QuestionError."""
        total, found = self._engine.search_words(words, Filters(), limit)
        return SearchOut(total=total, results=[EvidenceOut.of(evidence) for evidence in found])

    def article(self, id_: str) -> ArticleOut:
        """An article with its paragraphs. Raises ArticleNotFound."""
        return ArticleOut.of(self._engine.catalogue.article(id_))
