"""`/v1/responses`: as much of OpenAI's responses API as asking questions needs; nothing is kept between two calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import AfterValidator, BaseModel, Field

from api.clients.answers import MODEL, Finished, Stream, counted, spoken, whole
from api.clients.chat import DESCRIBED, MAX_MESSAGES, STREAMED, check_model, event, site_of
from api.clients.conversation import Message, OptionsIn, question_of
from api.clients.openai_errors import OpenAIRoute, error_of
from newsdesk.errors import WrongUse
from newsdesk.types import Question, is_whole


def _whole(text: str) -> str:
    if not is_whole(text):
        raise ValueError("it holds half a character (a lone surrogate)")
    return text


class Item(BaseModel):
    """A message, or something else that took place, such as the call of a tool, which is left out."""

    type: str = "message"
    role: str | None = None
    content: Any = None


class ResponsesIn(BaseModel):
    """What OpenAI's clients send. Instructions, tools and settings of language models are ignored."""

    model: str = MODEL
    input: Annotated[str, AfterValidator(_whole)] | Annotated[list[Item], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = False
    previous_response_id: str | None = None
    conversation: Any = None
    newsdesk: OptionsIn = OptionsIn()

    def messages(self) -> list[Message]:
        """The conversation. Raises ValidationError for a message that is none."""
        if isinstance(self.input, str):
            return [Message(role="user", content=self.input)]
        return [
            Message.model_validate({"role": item.role, "content": item.content})
            for item in self.input
            if item.type == "message"
        ]

    def to_question(self) -> Question:
        """What is asked. Raises WrongUse, UnknownModel."""
        check_model(self.model)
        if self.previous_response_id or self.conversation:
            raise WrongUse("Nothing is kept between two calls. Send the messages of the conversation in `input`.")
        try:
            messages = self.messages()
        except ValueError as error:
            raise WrongUse("A message in `input` has no known role, or no text as its content.") from error
        return question_of(messages, self.newsdesk)


def responses_routes(stream: Stream, public_url: str) -> APIRouter:
    """The route. `stream` is the engine's; `public_url` where readers reach the service, empty: where clients do."""
    router = APIRouter(route_class=OpenAIRoute, tags=["OpenAI-compatible"])

    @router.post("/v1/responses", responses=DESCRIBED, response_class=Response)
    def responses(asked: ResponsesIn, request: Request) -> Response:
        """Answers the last message of `input`, whole or as a stream, with the sources as `annotations`."""
        question, site = asked.to_question(), site_of(request, public_url)
        if asked.stream:
            events = _events(stream, question, site, asked)
            return StreamingResponse(events, media_type="text/event-stream", headers=STREAMED)
        finished = whole(stream, question, site)
        return JSONResponse(_Response(asked).completed(finished))

    return router


class _Response:
    """One response as it comes about: its ids, and its forms."""

    def __init__(self, asked: ResponsesIn) -> None:
        self._asked = asked
        self._id, self.item_id = f"resp_{token_hex(12)}", f"msg_{token_hex(12)}"
        self._at = int(time.time())

    def begun(self) -> dict[str, Any]:
        """Before anything was said."""
        return self._form("in_progress", [], None)

    def completed(self, finished: Finished) -> dict[str, Any]:
        """With all that was said."""
        given = sum(message.length() for message in self._asked.messages())
        made = counted(finished.content)
        usage = {
            "input_tokens": given,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": made,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": given + made,
        }
        form = self._form("completed", [self.item([part(finished)], "completed")], usage)
        return {**form, "newsdesk": finished.said.model_dump(mode="json")}

    def item(self, content: list[dict[str, Any]], status: str) -> dict[str, Any]:
        """The message."""
        return {"type": "message", "id": self.item_id, "role": "assistant", "status": status, "content": content}

    def _form(self, status: str, output: list[Any], usage: dict[str, Any] | None) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._at,
            "status": status,
            "model": MODEL,
            "output": output,
            "usage": usage,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": False,
            "temperature": None,
            "tool_choice": "none",
            "tools": [],
            "top_p": None,
            "store": False,
        }


def part(finished: Finished) -> dict[str, Any]:
    """The text of a message with its sources."""
    annotations = [
        {"type": "url_citation", "url": cited.url, "title": cited.title, "start_index": start, "end_index": end}
        for cited, start, end in finished.citations()
    ]
    return {"type": "output_text", "text": finished.content, "annotations": annotations, "logprobs": []}


def _events(stream: Stream, question: Question, site: str, asked: ResponsesIn) -> Iterator[str]:
    """The events of a stream, in OpenAI's order. What fails on the way is said in the stream."""
    response = _Response(asked)
    where = {"item_id": response.item_id, "output_index": 0, "content_index": 0}
    number = -1

    def named(name: str, **fields: Any) -> str:
        nonlocal number
        number += 1
        return event({"type": name, "sequence_number": number, **fields}, name)

    empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    yield named("response.created", response=response.begun())
    yield named("response.in_progress", response=response.begun())
    yield named("response.output_item.added", output_index=0, item=response.item([], "in_progress"))
    yield named("response.content_part.added", **where, part=empty)
    pieces = spoken(stream, question, site)
    try:
        while True:
            piece = next(pieces)
            if piece is None:
                yield ": writing\n\n"
            else:
                yield named("response.output_text.delta", **where, delta=piece, logprobs=[])
    except StopIteration as end:
        finished: Finished = end.value
    except Exception as error:
        said = error_of(error)["error"]
        yield named("error", code=said["code"] or said["type"], message=said["message"], param=None)
        return
    finally:
        pieces.close()
    text = part(finished)
    for index, annotation in enumerate(text["annotations"]):
        added = "response.output_text.annotation.added"
        yield named(added, **where, annotation_index=index, annotation=annotation)
    yield named("response.output_text.done", **where, text=finished.content, logprobs=[])
    yield named("response.content_part.done", **where, part=text)
    yield named("response.output_item.done", output_index=0, item=response.item([text], "completed"))
    yield named("response.completed", response=response.completed(finished))
