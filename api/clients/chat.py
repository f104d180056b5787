"""`/v1/chat/completions` and `/v1/models`: Newsdesk as a model of OpenAI's chat API."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.clients.answers import MODEL, Finished, Stream, counted, spoken, whole
from api.clients.citations import Cited
from api.clients.conversation import Message, OptionsIn, question_of
from api.clients.openai_errors import OpenAIRoute, UnknownModel, error_of
from newsdesk.errors import WrongUse
from newsdesk.types import Question
from newsdesk.wording.quoted import quoted

MAX_MESSAGES = 1_000
"""In one conversation; the last fifty exchanges are looked at."""

STREAMED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""For proxies: a stream is of use only while it comes."""

DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}, "text/event-stream": {}}},
    400: {"description": 'What was wrong, as {"error": {"message", "type", "param", "code"}}.'},
}


class StreamOptionsIn(BaseModel):
    """OpenAI's options of a stream."""

    include_usage: bool = False


class ChatIn(BaseModel):
    """What OpenAI's clients send. Settings of language models, such as a temperature, and tools are ignored."""

    model: str = MODEL
    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = False
    stream_options: StreamOptionsIn | None = None
    n: int | None = None
    newsdesk: OptionsIn = OptionsIn()

    def to_question(self) -> Question:
        """What is asked. Raises WrongUse, UnknownModel."""
        check_model(self.model)
        if self.n not in (None, 1):
            raise WrongUse(f"n is {self.n}, but a question has one answer. Leave it out.")
        return question_of(self.messages, self.newsdesk)


def chat_routes(stream: Stream, public_url: str) -> APIRouter:
    """The routes. `stream` is the engine's; `public_url` where readers reach the service, empty: where clients do."""
    router = APIRouter(route_class=OpenAIRoute, tags=["OpenAI-compatible"])

    @router.post("/v1/chat/completions", responses=DESCRIBED, response_class=Response)
    def chat_completions(asked: ChatIn, request: Request) -> Response:
        """Answers the last message of a conversation, whole or as a stream, with the sources as `annotations`."""
        question, site = asked.to_question(), site_of(request, public_url)
        if asked.stream:
            chunks = _chunks(stream, question, site, asked)
            return StreamingResponse(chunks, media_type="text/event-stream", headers=STREAMED)
        finished = whole(stream, question, site)
        message = {"role": "assistant", "content": finished.content, "refusal": None, **_sources(finished)}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return JSONResponse({**_head("chat.completion"), "choices": [choice], "usage": _usage(asked, finished.content)})

    @router.get("/v1/models")
    def models() -> dict[str, Any]:
        """The one model there is."""
        return {"object": "list", "data": [_model()]}

    @router.get("/v1/models/{model}")
    def model(model: str) -> dict[str, Any]:
        """The model by its name."""
        check_model(model)
        return _model()

    return router


def site_of(request: Request, public_url: str) -> str:
    """Where links to articles lead: the setting, else where this client reached the service."""
    return public_url or str(request.base_url).rstrip("/")


def check_model(name: str) -> None:
    """Raises UnknownModel for any but the one there is."""
    if name != MODEL:
        raise UnknownModel(f"There is no model {quoted(name, 100)}. The only one is {quoted(MODEL)}.")


def event(data: dict[str, Any] | str, name: str = "") -> str:
    """A server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return f"event: {name}\ndata: {text}\n\n" if name else f"data: {text}\n\n"


def _chunks(stream: Stream, question: Question, site: str, asked: ChatIn) -> Iterator[str]:
    """The events of a stream; the last delta has the sources. What fails on the way is said in the stream."""
    head = _head("chat.completion.chunk")

    def chunk(delta: dict[str, Any], reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return event({**head, "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    pieces = spoken(stream, question, site)
    try:
        while True:
            piece = next(pieces)
            yield ": writing\n\n" if piece is None else chunk({"content": piece})
    except StopIteration as end:
        finished: Finished = end.value
    except Exception as error:
        yield event(error_of(error))
        return
    finally:
        pieces.close()
    if asked.newsdesk.source_events:
        for cited in finished.said.citations:
            yield event(_open_webui(cited))
    yield chunk(_sources(finished), "stop")
    if asked.stream_options and asked.stream_options.include_usage:
        yield event({**head, "choices": [], "usage": _usage(asked, finished.content)})
    yield event("[DONE]")


def _head(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{token_hex(12)}", "object": kind, "created": int(time.time()), "model": MODEL}


def _sources(finished: Finished) -> dict[str, Any]:
    """Where each marker leads, as OpenAI has it, and all that is known, in a field of our own."""
    annotations = [
        {
            "type": "url_citation",
            "url_citation": {"url": cited.url, "title": cited.title, "start_index": start, "end_index": end},
        }
        for cited, start, end in finished.citations()
    ]
    return {"annotations": annotations, "newsdesk": finished.said.model_dump(mode="json")}


def _open_webui(cited: Cited) -> dict[str, Any]:
    """A chunk that Open WebUI hands to its page, where the paragraph is shown as a source.

    `metadata.source` tells sources apart and must be no address: its page would show an address instead of the name.
    """
    name = f"{cited.title or cited.article_id} - {cited.dateline}"
    place = f"{cited.article_id}#p{cited.paragraph}:{cited.start_char_index}-{cited.end_char_index}"
    source = {
        "source": {"id": place, "name": name, "url": cited.url},
        "document": [cited.cited_text],
        "metadata": [{"source": place, "name": name, "source_url": cited.url}],
    }
    return {"event": {"type": "source", "data": source}}


def _usage(asked: ChatIn, content: str) -> dict[str, Any]:
    given = sum(message.length() for message in asked.messages if message.role in ("user", "assistant"))
    made = counted(content)
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}
