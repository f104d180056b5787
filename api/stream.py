"""An answer as server-sent events, sentence by sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from fastapi.sse import ServerSentEvent

from api.models import AnswerOut
from api.problems import document_of, unexpected
from newsdesk.errors import NewsdeskError
from newsdesk.types import Answer, Question

logger = logging.getLogger("newsdesk.api")


def answer_events(ask: Callable[[Question], Answer], question: Question) -> Iterator[ServerSentEvent]:
    """`token` events whose texts make up the answer's text, then `answer` with the whole; or `error` with a problem."""
    try:
        answer = ask(question)
    except NewsdeskError as error:
        yield ServerSentEvent(event="error", data=document_of(error))
    except Exception:
        logger.exception("A question could not be answered")
        yield ServerSentEvent(event="error", data=unexpected())
    else:
        for text in _tokens(answer):
            yield ServerSentEvent(event="token", data={"text": text})
        yield ServerSentEvent(event="answer", data=AnswerOut.of(answer))


def _tokens(answer: Answer) -> list[str]:
    """The text in parts: each cited sentence with its marker, or all in one."""
    parts = []
    rest = answer.text
    for citation in answer.citations:
        sentence, marker, rest = rest.partition(f"[{citation.marker}]")
        parts.append(sentence + marker)
    return [part for part in (*parts, rest) if part]
