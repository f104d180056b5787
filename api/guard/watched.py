"""The engine as the service uses it: every question ends in time, and what came of it is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from math import inf

from api.guard.call import CALL
from index.engine import Engine
from newsdesk.errors import TooSlow
from newsdesk.types import Answer, Drafted, Evidence, Filters, Question, Removed


class Watched:
    """Answers as the engine does, but gives up a question that takes too long, or whose client has left.

    That shows between two parts of an answer: a step that is being worked on is not torn.
    """

    def __init__(self, engine: Engine, seconds: float, seen: Callable[[Answer], object]) -> None:
        """`seconds` for a question; each answer is told to `seen`."""
        self._engine = engine
        self._seconds = seconds
        self._seen = seen
        self.catalogue = engine.catalogue

    def ask(self, question: Question) -> Answer:
        """The answer. Raises QuestionError, TooSlow."""
        *_, answer = self.stream(question)
        assert isinstance(answer, Answer), "the answer comes last"
        return answer

    def stream(self, question: Question) -> Iterator[str | Drafted | Removed | Answer]:
        """The parts of an answer as they come, the whole answer last. Raises QuestionError, TooSlow."""
        call, began = CALL.get(), time.monotonic()
        ends = min(began + self._seconds, call.ends if call else inf)
        if call:
            call.question = question.text
            if call.is_over():
                raise TooSlow("Nobody waits for the answer any more.")
        parts = self._engine.stream(question)
        try:
            for part in parts:
                if isinstance(part, Answer):
                    self._seen(part)
                elif time.monotonic() > ends or (call and call.gone.is_set()):
                    raise TooSlow(
                        f"The question was given up after {time.monotonic() - began:.0f} s. Ask less at once."
                    )
                yield part
        finally:
            if isinstance(parts, Generator):
                parts.close()

    def catch_up(self) -> None:
        """Makes all that is stored findable by keyword. Raises DataFolderError."""
        self._engine.catch_up()

    def search(self, words: str, filters: Filters, limit: int, offset: int) -> tuple[int, list[Evidence]]:
        """What is found, and how much there is. Raises QuestionError, TooSlow."""
        call = CALL.get()
        if call:
            call.question = words
            if call.is_over():
                raise TooSlow("Nobody waits for what is found any more.")
        return self._engine.search(words, filters, limit, offset)

    def search_words(
        self, text: str, filters: Filters, limit: int, offset: int = 0, *, newest_first: bool = False
    ) -> tuple[int, list[Evidence]]:
        """The same for words, phrases and the newest first. Raises QuestionError, TooSlow."""
        call = CALL.get()
        if call:
            call.question = text
            if call.is_over():
                raise TooSlow("Nobody waits for what is found any more.")
        return self._engine.search_words(text, filters, limit, offset, newest_first=newest_first)
