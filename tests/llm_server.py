"""An OpenAI-compatible server on the loopback whose LLM is a function of the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.scripted_server import Reply, Request, ScriptedServer

Messages = Sequence[dict[str, Any]]
"""As they are sent: each with `role` and `content`."""


class LLMServer(ScriptedServer):
    """Answers POST /v1/chat/completions with what `speak` says to the messages; a Reply is sent as it is.

    `speak` may take as long as it likes, and may raise scripted_server.Hangup.
    """

    def __init__(self, speak: Callable[[Messages], str | Reply]) -> None:
        def script(request: Request) -> Reply:
            if (request.method, request.path) != ("POST", "/v1/chat/completions"):
                return Reply({"error": {"message": f"there is nothing at {request.path}"}}, 404)
            said = speak(request.json["messages"])
            return said if isinstance(said, Reply) else Reply(completion(said, request.json["model"]))

        super().__init__(script)

    @property
    def url(self) -> str:
        """The address that a client is given."""
        return f"{super().url}/v1"

    def prompts(self) -> list[str]:
        """The last message of each request, oldest first."""
        return [request.json["messages"][-1]["content"] for request in self.requests]


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
