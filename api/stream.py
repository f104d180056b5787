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


def answer_events(
    stream: Callable[[Question], Iterator[str | Answer]], question: Question
) -> Iterator[ServerSentEvent]:
    """`token` events whose texts make up the answer's text, then `answer` with the whole; or `error` with a problem.

    `stream` is the engine's."""
    try:
        for part in stream(question):
            if isinstance(part, Answer):
                yield ServerSentEvent(event="answer", data=AnswerOut.of(part))
            else:
                yield ServerSentEvent(event="token", data={"text": part})
    except NewsdeskError as error:
        yield ServerSentEvent(event="error", data=document_of(error))
    except Exception:
        logger.exception("A question could not be answered")
        yield ServerSentEvent(event="error", data=unexpected())
