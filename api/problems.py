"""Errors as problem documents (RFC 9457): what was wrong, with which value, and what to do."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from newsdesk.errors import ArticleNotFound, DataFolderBusy, NewsdeskError, WrongUse

logger = logging.getLogger("newsdesk.api")

MEDIA_TYPE = "application/problem+json"
_SHOWN = 200  # characters of a wrong value that are repeated to the caller
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem document; its title is the status in words."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JSONResponse(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def add_problem_documents(app: FastAPI) -> None:
    """Makes every error of the application a problem document."""

    @app.exception_handler(NewsdeskError)
    async def _newsdesk(_request: Request, error: NewsdeskError) -> JSONResponse:
        return problem(_status(error), str(error))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        if request.method == "POST" and "json" not in request.headers.get("content-type", ""):
            given = request.headers.get("content-type", "none")
            return problem(
                415, f"The content type is {given}. Send JSON, with the header content-type: application/json."
            )
        errors = [_validation_error(entry) for entry in error.errors()]
        first = errors[0]
        detail = f"{first['where'] or 'The request'}: {first['message']}."
        if first["value"] is not None:
            detail += f" Given was {first['value']}."
        return problem(422, f"{detail} See /docs for what is expected.", errors=errors)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        detail = error.detail
        if error.status_code == 404:
            detail = f"There is nothing at {request.url.path}. See /docs for what there is."
        return problem(error.status_code, detail, dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(500, "The service failed to answer this request; its log says why. The archive is unharmed.")


def close_namespaces(app: FastAPI) -> None:
    """Answers every other path under /api and /v1. Call it after the routes and before a chat is mounted at /.

    What is mounted at / answers everything, so a mistyped path would get a web page, and a wrong method too.
    """

    async def _nothing(request: Request, rest: str) -> JSONResponse:
        allowed = _allowed_methods(app, request)
        if allowed:
            detail = f"{request.method} is not possible at {request.url.path}; {', '.join(allowed)} is."
            return problem(405, detail, {"Allow": ", ".join(allowed)})
        return problem(404, f"There is nothing at {request.url.path}. See /docs for what there is.")

    for prefix in ("api", "v1"):
        app.add_api_route(f"/{prefix}/{{rest:path}}", _nothing, methods=_METHODS, include_in_schema=False)


def _allowed_methods(app: FastAPI, request: Request) -> list[str]:
    allowed: set[str] = set()
    for route in app.router.routes:
        if getattr(route, "include_in_schema", False) and route.matches(request.scope)[0] is Match.PARTIAL:
            allowed |= getattr(route, "methods", None) or set()
    return sorted(allowed)


def _status(error: NewsdeskError) -> int:
    if isinstance(error, ArticleNotFound):
        return 404
    if isinstance(error, WrongUse):
        return 422
    return 503 if isinstance(error, DataFolderBusy) else 500


def _validation_error(entry: Any) -> dict[str, str | None]:
    where = ".".join(str(part) for part in entry["loc"] if part != "body")
    value = None if entry["type"] in ("missing", "json_invalid") else repr(entry.get("input"))[:_SHOWN]
    message = entry["msg"]
    if entry["type"] == "json_invalid":
        where, message = "", f"the body is not JSON ({entry['ctx']['error']})"
    return {"where": where, "message": message, "value": value}
