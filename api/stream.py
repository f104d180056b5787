"""An answer as server-sent events, sentence by sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator

from fastapi.sse import ServerSentEvent

from api.models import AnswerOut
from api.problems import document_of, unexpected
from newsdesk.errors import NewsdeskError
from newsdesk.types import Answer, Drafted, Question, Removed

logger = logging.getLogger("newsdesk.api")


def answer_events(
    stream: Callable[[Question], Iterator[str | Drafted | Removed | Answer]], question: Question
) -> Iterator[ServerSentEvent]:
    """`token` events whose texts make up the answer's text, then `answer` with the whole; or `error` with a problem.

    With an LLM, `draft` events hold its words as it writes them, unchecked; each of its sentences comes again when it was
    checked, in a `token` or, with the reason, in a `removed` event. `stream` is the engine's; it is closed when the client
    leaves, which shows at the next event, so a silent LLM gets comments instead.
    """
    parts = stream(question)
    try:
        for part in parts:
            yield _event(part)
    except NewsdeskError as error:
        yield ServerSentEvent(event="error", data=document_of(error))
    except Exception:
        logger.exception("A question could not be answered")
        yield ServerSentEvent(event="error", data=unexpected())
    finally:
        if isinstance(parts, Generator):
            parts.close()


def _event(part: str | Drafted | Removed | Answer) -> ServerSentEvent:
    if isinstance(part, Answer):
        return ServerSentEvent(event="answer", data=AnswerOut.of(part))
    if isinstance(part, Removed):
        return ServerSentEvent(event="removed", data={"text": part.text, "reason": part.reason})
    if isinstance(part, str):
        return ServerSentEvent(event="token", data={"text": part})
    return ServerSentEvent(event="draft", data={"text": part.text}) if part.text else ServerSentEvent(comment="writing")
