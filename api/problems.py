"""Errors as problem documents (RFC 9457): what was wrong, with which value, and what to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from newsdesk.errors import (
    AlreadySaved,
    ArticleNotFound,
    BatchNotFound,
    CatalogueUnreachable,
    DataFolderBusy,
    DiskFull,
    NewsdeskError,
    SavedQuestionNotFound,
    TooSlow,
    UploadNotFound,
    WrongUse,
)
from newsdesk.wording.quoted import quoted

logger = logging.getLogger("newsdesk.api")

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"
"""Seconds until what was busy may be tried again, where nothing better is known."""

_SHOWN = 200  # characters of a wrong value that are repeated to the caller
_LONGEST = 1_000  # characters of a detail; an address or an id in it may be longer
DOCUMENTED = "/docs"
"""Where the API is documented. It is no part of the words, which commands, pages and assistants repeat elsewhere."""


def document(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """The content of a problem document; its title is the status in words."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": _sendable(detail[:_LONGEST]), **more}


def document_of(error: NewsdeskError) -> dict[str, Any]:
    """The problem document of an error that Newsdesk raised on purpose."""
    listed = {ArticleNotFound: "/api/articles", SavedQuestionNotFound: "/api/questions"}.get(type(error))
    return document(_status(error), str(error), **({"see": listed} if listed else {}))


def unexpected() -> dict[str, Any]:
    """The problem document of an error that nobody expected; it tells nothing of the inside."""
    return document(500, "The service failed to answer this request; its log says why. The archive is unharmed.")


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """The answer to a request that cannot be answered."""
    return _response(document(status, detail, **more), headers)


def add_problem_documents(app: FastAPI) -> None:
    """Makes every error of the application a problem document."""

    @app.exception_handler(NewsdeskError)
    async def _newsdesk(_request: Request, error: NewsdeskError) -> JSONResponse:
        said = document_of(error)
        return _response(said, {"Retry-After": RETRY_AFTER} if said["status"] == 503 else None)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        if request.method == "POST" and not is_json(request.headers.get("content-type", "")):
            given = request.headers.get("content-type", "none")
            return problem(
                415, f"The content type is {given}. Send JSON, with the header content-type: application/json."
            )
        return problem(422, in_words(error.errors()), see=DOCUMENTED, errors=wrong_fields(error.errors()))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        detail, more = error.detail, {}
        if error.status_code == 404:
            detail, more = f"There is nothing at {request.scope['path']}.", {"see": DOCUMENTED}
        elif error.status_code == 400:
            detail = "The body cannot be read as JSON: it is no UTF-8, nested too deeply, or holds an absurd number."
        return problem(error.status_code, detail, dict(error.headers or {}), **more)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return _response(unexpected())


def close_namespaces(app: FastAPI) -> None:
    """Answers every other path under /api and /v1. Call it after the routes and before a chat is mounted at /.

    What is mounted at / answers everything, so a mistyped path would get a web page, and a wrong method too.
    """

    for prefix in ("api", "v1"):
        for path in (f"/{prefix}", f"/{prefix}/{{rest:path}}"):
            app.router.add_route(path, _Nothing(app), include_in_schema=False)  # type: ignore[arg-type]


class _Nothing:
    """Says that there is nothing here, or not by this method. An object, because a function answers some methods only."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed = ", ".join(_allowed_methods(self._app, scope))
        if allowed:
            detail = f"{scope['method']} is not possible at {scope['path']}; {allowed} is."
            response = problem(405, detail, {"Allow": allowed})
        else:
            response = problem(404, f"There is nothing at {scope['path']}.", see=DOCUMENTED)
        await response(scope, receive, send)


def is_json(content_type: str) -> bool:
    """Whether this Content-Type says JSON. None that a web page may send without being allowed to does."""
    essence = content_type.partition(";")[0].strip().lower()
    return essence == "application/json" or (essence.startswith("application/") and essence.endswith("+json"))


def _response(content: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(content, status_code=content["status"], media_type=MEDIA_TYPE, headers=headers)


def _sendable(text: str) -> str:
    """JSON can spell half a character, and the name of a wrong field may hold one; no response can."""
    return text.encode("utf-8", "backslashreplace").decode()


def _allowed_methods(app: FastAPI, scope: Scope) -> list[str]:
    allowed: set[str] = set()
    for route in app.router.routes:
        if getattr(route, "include_in_schema", False) and route.matches(scope)[0] is Match.PARTIAL:
            allowed |= getattr(route, "methods", None) or set()
    return sorted(allowed)


def _status(error: NewsdeskError) -> int:
    if isinstance(error, ArticleNotFound | SavedQuestionNotFound | BatchNotFound | UploadNotFound):
        return 404
    if isinstance(error, AlreadySaved):
        return 409
    if isinstance(error, WrongUse):
        return 422
    if isinstance(error, DiskFull):
        return 507
    return 503 if isinstance(error, CatalogueUnreachable | DataFolderBusy | TooSlow) else 500


def in_words(errors: Sequence[Any]) -> str:
    """What pydantic found wrong first: where, what, and what was given."""
    first = _validation_error(errors[0])
    given = "" if first["value"] is None else f" Given was {first['value']}."
    return f"{first['where'] or 'The request'}: {first['message']}.{given}"


def wrong_fields(errors: Sequence[Any]) -> list[dict[str, str | None]]:
    """What pydantic found wrong: of each field where it is, what is wrong and what was given."""
    return [_validation_error(entry) for entry in errors]


def _validation_error(entry: Any) -> dict[str, str | None]:
    where = _sendable(".".join(str(part)[:_SHOWN] for part in entry["loc"] if part != "body"))
    given = entry.get("input")
    about_several = entry["type"] == "value_error" and isinstance(given, Mapping)  # our words, which name the values
    value = None if about_several or entry["type"] in ("missing", "json_invalid") else quoted(given, _SHOWN)
    message = entry["msg"].removeprefix("Value error, ")  # Pydantic's words before ours
    if entry["type"] == "json_invalid":
        where, message = "", f"the body is not JSON ({entry['ctx']['error']})"
    return {"where": where, "message": message, "value": value}
