"""Errors in the form that OpenAI's clients read: `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.problems import RETRY_AFTER, document_of, unexpected
from newsdesk.errors import NewsdeskError, WrongUse

logger = logging.getLogger("newsdesk.api")


class UnknownModel(WrongUse):
    """A model is named that is not there."""


class OpenAIRoute(APIRoute):
    """A route whose errors have OpenAI's form."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with its errors answered here instead of as problem documents."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _response(400, _invalid(error))
            except NewsdeskError as error:
                return _response(_status(error), error_of(error))
            except HTTPException as error:
                if error.status_code != 400:  # 413, by which the body limit ends whatever was reading
                    raise
                return _response(400, _form("The body cannot be read as JSON.", "invalid_request_error"))
            except Exception as error:
                return _response(500, error_of(error))

        return answered


def error_of(error: Exception) -> dict[str, Any]:
    """The object with the one key `error`. Of what nobody expected it tells nothing; that is logged here."""
    if not isinstance(error, NewsdeskError):
        logger.error("A question could not be answered", exc_info=error)
        return _form(unexpected()["detail"], "server_error")
    if isinstance(error, UnknownModel):
        return _form(str(error), "invalid_request_error", param="model", code="model_not_found")
    said = document_of(error)
    return _form(said["detail"], "invalid_request_error" if _status(error) < 500 else "server_error")


_KINDS = {401: ("invalid_request_error", "invalid_api_key"), 429: ("rate_limit_error", "rate_limit_exceeded")}


def refused(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer to a request that was not let through."""
    kind, code = _KINDS.get(status, ("server_error" if status >= 500 else "invalid_request_error", None))
    return JSONResponse(_form(message, kind, code=code), status_code=status, headers=headers)


def _status(error: NewsdeskError) -> int:
    if isinstance(error, UnknownModel):
        return 404
    status: int = document_of(error)["status"]
    return 400 if status == 422 else status  # as OpenAI has it


def _invalid(error: RequestValidationError) -> dict[str, Any]:
    first = error.errors()[0]
    where = ".".join(str(part)[:100] for part in first["loc"] if part != "body")
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        where, message = "", "The body is not JSON"
    elif not where:
        message = "The body is not a JSON object, or is sent without the header content-type: application/json"
    said = f"{where}: {message}." if where else f"{message}."
    return _form(f"{said} See /docs for what is expected.", "invalid_request_error", param=where or None)


def _form(message: str, kind: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    shown = message.encode("utf-8", "backslashreplace").decode()
    return {"error": {"message": shown, "type": kind, "param": param, "code": code}}


def _response(status: int, content: dict[str, Any]) -> JSONResponse:
    return JSONResponse(content, status_code=status, headers={"Retry-After": RETRY_AFTER} if status == 503 else None)
