"""The engine's answer as the OpenAI-compatible faces say it: Markdown in pieces, then what is known of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

from api.clients.citations import Cited, Said
from api.clients.markdown import definitions, escaped, places
from api.models import AnswerOut
from newsdesk.types import Answer, Question

MODEL = "newsdesk"
"""The only model there is."""

Stream = Callable[[Question], Iterator[Any]]
"""The engine's `stream`: parts of the text, then the answer. Other values tell that it is still at work."""

_COUNTED = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Finished:
    """An answer that was said whole."""

    content: str
    """The text as Markdown, the definitions of its links at its end."""
    said: Said

    def citations(self) -> Iterator[tuple[Cited, int, int]]:
        """Each marker in the content: its citation, and where it begins and ends."""
        by_marker = {cited.marker: cited for cited in self.said.citations}
        body = self.content.removesuffix(definitions(self.said.citations))
        for place in places(body):
            if place.marker in by_marker:
                yield by_marker[place.marker], place.start, place.end


def spoken(stream: Stream, question: Question, site: str) -> Generator[str | None, None, Finished]:
    """The pieces of the content as they come, None where there is only a sign of life; returns the whole.

    `site` is where the service is reached. Raises what the engine raises. The engine's stream is closed with this one.
    """
    parts = stream(question)
    pieces: list[str] = []
    try:
        for part in parts:
            if isinstance(part, Answer):
                said = Said.of(AnswerOut.of(part), site)
                break
            if isinstance(part, str):
                pieces.append(escaped(part))
                yield pieces[-1]
            else:
                yield None
        else:
            raise AssertionError("the engine's stream ends with the answer")
    finally:
        if isinstance(parts, Generator):
            parts.close()
    if said.citations:
        pieces.append(definitions(said.citations))
        yield pieces[-1]
    return Finished("".join(pieces), said)


def whole(stream: Stream, question: Question, site: str) -> Finished:
    """The answer when all of it is there."""
    pieces = spoken(stream, question, site)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            finished: Finished = end.value
            return finished


def counted(text: str) -> int:
    """Words and marks: what stands for tokens in `usage`, since there need not be an LLM that has any."""
    return sum(1 for _ in _COUNTED.finditer(text))
