"""The pages of the desk, `/desk`: tables of questions, saved questions, drafts. Plain forms, no script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from newsdesk.errors import BatchNotFound, NewsdeskError, SavedQuestionNotFound, WrongUse
from newsdesk.saved import Finding, SavedQuestion
from newsdesk.types import Span
from ui.render import rendered

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
"""These pages run no script and fetch nothing, whatever they show."""
_AFTER = 303  # the browser fetches the next page, and does not send the form again


class _Keeping(Protocol):
    def every(self) -> list[SavedQuestion]: ...
    def remove(self, key: str) -> None: ...


class _Answering(Protocol):
    def add(self, content: bytes) -> Any: ...
    def one(self, key: str) -> Any: ...


class DeskWork(Protocol):
    """What the pages show and do."""

    @property
    def store(self) -> _Keeping:
        """The saved questions."""

    @property
    def batches(self) -> _Answering:
        """The tables of questions."""

    def save(self, question: str, webhook: str = "") -> SavedQuestion:
        """Saves a question. Raises WrongUse."""

    def findings(self, key: str) -> tuple[SavedQuestion, list[Finding]]:
        """A saved question with what was found for it. Raises SavedQuestionNotFound."""

    def check_draft(self, text: str) -> Sequence[Any]:
        """The sentences of a draft. Raises WrongUse."""


def add_desk_pages(app: FastAPI, desk: DeskWork, root: str = "") -> None:
    """Adds the routes. Call it before the chat is mounted at /. `root` is the path that the service has, as /news."""

    def first(problem: str = "", status: int = 200) -> Response:
        return _page("desk.html", root, status, questions=desk.store.every(), problem=problem)

    async def tried(work: Any, *given: Any) -> Response:
        """What the work answers; what is wrong is said on the first page."""
        try:
            response: Response = await to_thread.run_sync(work, *given)
        except (SavedQuestionNotFound, BatchNotFound) as error:
            return await to_thread.run_sync(first, str(error), 404)
        except WrongUse as error:
            return await to_thread.run_sync(first, str(error), 422)
        except NewsdeskError as error:
            return await to_thread.run_sync(first, str(error), 503)
        return response

    def question_page(key: str, secret: str = "") -> Response:
        saved, findings = desk.findings(key)
        return _page("desk_question.html", root, saved=saved, findings=findings, secret=secret, mark=_mark)

    def save(question: str, webhook: str) -> Response:
        saved = desk.save(question, webhook)
        if saved.webhook:  # the secret is shown now or never
            return question_page(saved.key, saved.secret)
        return RedirectResponse(f"{root}/desk/questions/{saved.key}", _AFTER)

    def remove(key: str) -> Response:
        desk.store.remove(key)
        return RedirectResponse(f"{root}/desk", _AFTER)

    def batch_page(key: str) -> Response:
        return _page("desk_batch.html", root, batch=desk.batches.one(key))

    def check(text: str) -> Response:
        sentences = desk.check_draft(text)
        return _page("desk_draft.html", root, sentences=sentences, counts=_counts(sentences))

    @app.get("/desk", include_in_schema=False)
    async def desk_page() -> Response:
        return await tried(first)

    @app.post("/desk/batch", include_in_schema=False)
    async def add_batch(request: Request) -> Response:
        async with request.form() as form:
            content = await _uploaded(form, "table")
        return await tried(lambda: RedirectResponse(f"{root}/desk/batch/{desk.batches.add(content).key}", _AFTER))

    @app.get("/desk/batch/{key}", include_in_schema=False)
    async def batch(key: str) -> Response:
        return await tried(batch_page, key)

    @app.post("/desk/questions", include_in_schema=False)
    async def add_question(request: Request) -> Response:
        async with request.form() as form:
            question, webhook = _text(form, "question"), _text(form, "webhook")
        return await tried(save, question, webhook)

    @app.get("/desk/questions/{key}", include_in_schema=False)
    async def question(key: str) -> Response:
        return await tried(question_page, key)

    @app.post("/desk/questions/{key}/remove", include_in_schema=False)
    async def remove_question(key: str) -> Response:
        return await tried(remove, key)

    @app.post("/desk/draft", include_in_schema=False)
    async def draft(request: Request) -> Response:
        async with request.form() as form:
            text = _text(form, "text") or (await _uploaded(form, "file")).decode("utf-8-sig", "replace")
        return await tried(check, text)


def _page(template: str, root: str, status: int = 200, **values: Any) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return HTMLResponse(rendered(template, root=root, **values), status_code=status, headers=headers)


def _text(form: FormData, name: str) -> str:
    given = form.get(name)
    return given.strip() if isinstance(given, str) else ""


async def _uploaded(form: FormData, name: str) -> bytes:
    given = form.get(name)
    return await given.read() if isinstance(given, UploadFile) else b""


def _mark(found: Any) -> Span:
    return Span(found.paragraph, found.start, found.end)


def _counts(sentences: Sequence[Any]) -> str:
    counted = Counter(each.status for each in sentences)
    parts = [f"{counted[status]} {status}" for status in ("contradicted", "supported", "not found") if counted[status]]
    return ", ".join(parts) or "Nothing that could be checked"
