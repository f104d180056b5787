"""An OpenAI-compatible server on the loopback whose LLM is a function of the test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any

from tests.scripted_server import Reply, Request, ScriptedServer

Messages = Sequence[dict[str, Any]]
"""As they are sent: each with `role` and `content`."""


class LLMServer(ScriptedServer):
    """Answers POST /v1/chat/completions with what `speak` says to the messages; a Reply is sent as it is.

    To a client that wants a stream, a text is sent word by word, and pieces that `speak` yields as they come. It may take
    as long as it likes, before or between pieces, and may raise scripted_server.Hangup.
    """

    def __init__(self, speak: Callable[[Messages], str | Reply | Iterator[str]], port: int = 0) -> None:
        def script(request: Request) -> Reply:
            if (request.method, request.path) != ("POST", "/v1/chat/completions"):
                return Reply({"error": {"message": f"there is nothing at {request.path}"}}, 404)
            said = speak(request.json["messages"])
            if isinstance(said, Reply):
                return said
            if request.json.get("stream"):
                pieces = re.findall(r"\S+\s*|\s+", said) if isinstance(said, str) else said
                return Reply(_streamed(pieces, request.json["model"]), headers={"content-type": "text/event-stream"})
            return Reply(completion(said if isinstance(said, str) else "".join(said), request.json["model"]))

        super().__init__(script, port)

    @property
    def url(self) -> str:
        """The address that a client is given."""
        return f"{super().url}/v1"

    def prompts(self) -> list[str]:
        """The last message of each request, oldest first."""
        return [request.json["messages"][-1]["content"] for request in self.requests]


def _streamed(pieces: Iterable[str], model: str) -> Generator[bytes, None, None]:
    """The events of a streamed answer."""
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": model}
    for piece in pieces:
        choice = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
        yield f"data: {json.dumps({**common, 'choices': [choice]})}\n\n".encode()
    yield f"data: {json.dumps({**common, 'choices': [{'index': 0, 'delta': {}, 'finish_reason': 'stop'}]})}\n\n".encode()
    yield b"data: [DONE]\n\n"


def completion(text: str | None, model: str) -> dict[str, Any]:
    """The body of an answer."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [choice],
        "usage": usage,
    }
