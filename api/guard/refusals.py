"""What a guard says to a request that it does not let through, in the form that the client reads."""

from __future__ import annotations

from math import ceil

from fastapi.responses import JSONResponse
from starlette.types import Scope

from api.clients.openai_errors import refused
from api.guard.call import route_path
from api.problems import problem


def refusal(scope: Scope, status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem document, or under /v1 an error as OpenAI's clients know it."""
    if route_path(scope).startswith("/v1/"):
        return refused(status, detail, headers)
    return problem(status, detail, headers)


def come_back(scope: Scope, status: int, detail: str, seconds: float) -> JSONResponse:
    """The same with how long to wait before the next try."""
    wait = max(1, ceil(seconds))
    return refusal(scope, status, f"{detail} Try again in {wait} s.", {"Retry-After": str(wait)})
