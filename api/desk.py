"""The routes of the desk: tables of questions, saved questions with their feeds, drafts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.models import EvidenceOut, In, Text
from desk.batches import Batch
from desk.desk import Desk
from desk.drafts import MAX_DRAFT, Checked
from desk.feed import MEDIA_TYPE
from desk.webhooks import message
from newsdesk.errors import BatchNotFound
from newsdesk.saved import Finding, SavedQuestion

_CSV = {
    "required": True,
    "content": {"text/csv": {"schema": {"type": "string", "description": "The first row names the columns."}}},
}


class BatchOut(BaseModel):
    """A table of questions and how far it is."""

    id: str
    total: int
    done: int
    state: Literal["running", "finished", "failed"]
    problem: str = Field(description="Why it failed; empty when it did not.")
    answers: str | None = Field(description="Where the result is, as CSV, when it is finished.")

    @classmethod
    def of(cls, batch: Batch) -> BatchOut:
        """From the desk's."""
        state: Literal["running", "finished", "failed"] = "failed" if batch.failed else "running"
        if batch.answers is not None:
            state = "finished"
        answers = f"/api/batch/{batch.key}/answers.csv" if batch.answers else None
        return cls(id=batch.key, total=batch.total, done=batch.done, state=state, problem=batch.failed, answers=answers)


class SaveIn(In):
    """A question to be saved."""

    question: Text = Field(examples=["Who will succeed the harbour master?"])
    webhook: Annotated[Text, Field(max_length=2_000)] = Field(
        default="", description="Address that is told of what is new; on this machine, or allowed by `webhook_hosts`."
    )


class SavedOut(BaseModel):
    """A saved question."""

    id: str
    question: str
    webhook: str
    saved_at: str
    findings: int
    feed: str

    @classmethod
    def of(cls, saved: SavedQuestion) -> SavedOut:
        """From the catalogue's; its secret stays there."""
        return cls(
            id=saved.key,
            question=saved.question,
            webhook=saved.webhook,
            saved_at=saved.saved_at,
            findings=saved.findings,
            feed=f"/api/questions/{saved.key}/feed.atom",
        )


class NewlySavedOut(SavedOut):
    """A question just saved, with the secret that its webhook's messages are signed with; it is not shown again."""

    secret: str


class CitedOut(BaseModel):
    """Where a new article answers: `quote` is paragraph `paragraph` (0-based) at [start:end]."""

    article_id: str
    title: str
    source: str
    published: date | None
    url: str
    permalink: str
    paragraph: int
    start: int
    end: int
    quote: str


class FindingOut(BaseModel):
    """A new article that answers a saved question, as the webhook is told of it."""

    finding: int
    saved_question: str
    question: str
    short_answer: str
    confidence: float
    found_at: str
    citation: CitedOut

    @classmethod
    def of(cls, saved: SavedQuestion, finding: Finding, public_url: str) -> FindingOut:
        """From the catalogue's."""
        return cls.model_validate(message(saved, finding, public_url))


class FindingsOut(SavedOut):
    """A saved question with what new articles answered, the newest first."""

    found: list[FindingOut]


class DraftIn(In):
    """A draft to be held against the archive."""

    text: Annotated[Text, Field(max_length=MAX_DRAFT)]


class DifferenceOut(BaseModel):
    """What a draft and the archive say differently."""

    kind: str
    draft: str
    archive: str


class BesideOut(BaseModel):
    """The sentence of the archive that decided."""

    article_id: str
    title: str
    source: str
    published: date | None
    url: str
    paragraph: int
    start: int
    end: int
    quote: str


class CheckedOut(BaseModel):
    """A sentence of the draft, draft[start:end], in code points."""

    text: str
    start: int
    end: int
    status: Literal["supported", "contradicted", "not found", "not checkable"]
    differences: list[DifferenceOut]
    beside: BesideOut | None
    earlier: list[EvidenceOut] = Field(description="Passages of other articles about the same, the oldest first.")

    @classmethod
    def of(cls, checked: Checked) -> CheckedOut:
        """From the desk's."""
        return cls(
            text=checked.text,
            start=checked.start,
            end=checked.end,
            status=checked.status,
            differences=[DifferenceOut(kind=d.kind, draft=d.draft, archive=d.archive) for d in checked.differences],
            beside=_beside(checked),
            earlier=[EvidenceOut.of(evidence) for evidence in checked.earlier],
        )


class DraftOut(BaseModel):
    """A draft, sentence by sentence."""

    sentences: list[CheckedOut]


def _beside(checked: Checked) -> BesideOut | None:
    if checked.beside is None:
        return None
    about, span = checked.beside.evidence, checked.beside.span
    return BesideOut(
        article_id=about.article_id, title=about.title, source=about.source, published=about.published, url=about.url,
        paragraph=span.paragraph, start=span.start, end=span.end, quote=checked.beside.text,
    )  # fmt: skip


def desk_routes(desk: Desk) -> APIRouter:
    """The routes, to be added to the application."""
    router = APIRouter(tags=["desk"])

    @router.post("/api/batch", status_code=202, openapi_extra={"requestBody": _CSV})
    async def add_batch(request: Request) -> BatchOut:
        """Takes a table of questions (CSV), which are answered in the background."""
        given = request.headers.get("content-type", "none").partition(";")[0].strip().lower()
        if given != "text/csv":
            raise HTTPException(415, f"The content type is {given}. Send the table with content-type: text/csv.")
        return BatchOut.of(await to_thread.run_sync(desk.batches.add, await request.body()))

    @router.get("/api/batch/{key}")
    def batch(key: str) -> BatchOut:
        """How far a table of questions is."""
        return BatchOut.of(desk.batches.one(key))

    @router.get("/api/batch/{key}/answers.csv", response_class=FileResponse)
    def batch_answers(key: str) -> FileResponse:
        """The result of a table that is finished."""
        answers = desk.batches.one(key).answers
        if answers is None:
            raise BatchNotFound(f"{key}/answers.csv")
        return FileResponse(answers, media_type="text/csv; charset=utf-8", filename="answers.csv")

    @router.delete("/api/batch/{key}", status_code=204)
    def remove_batch(key: str) -> None:
        """Removes a table of questions with its answers."""
        desk.batches.remove(key)

    @router.get("/api/questions")
    def questions() -> list[SavedOut]:
        """The saved questions, the oldest first."""
        return [SavedOut.of(saved) for saved in desk.store.every()]

    @router.post("/api/questions", status_code=201)
    def save(given: SaveIn) -> NewlySavedOut:
        """Saves a question: every article that comes from now on is tried against it."""
        saved = desk.save(given.question, given.webhook)
        return NewlySavedOut(**SavedOut.of(saved).model_dump(), secret=saved.secret)

    @router.get("/api/questions/{key}")
    def findings(key: str, request: Request) -> FindingsOut:
        """A saved question with what new articles answered, the newest first."""
        saved, found = desk.findings(key)
        base = desk.public_url or str(request.base_url).rstrip("/")
        return FindingsOut(
            **SavedOut.of(saved).model_dump(), found=[FindingOut.of(saved, finding, base) for finding in found]
        )

    @router.get("/api/questions/{key}/feed.atom", response_class=Response)
    def feed(key: str, request: Request) -> Response:
        """The same as an Atom feed."""
        return Response(desk.feed(key, str(request.base_url).rstrip("/")), media_type=MEDIA_TYPE)

    @router.delete("/api/questions/{key}", status_code=204)
    def remove(key: str) -> None:
        """Removes a saved question with what was found for it."""
        desk.store.remove(key)

    @router.post("/api/check-draft")
    def check_draft(draft: DraftIn) -> DraftOut:
        """Holds each sentence of a draft against the archive: supported, contradicted, not found."""
        return DraftOut(sentences=[CheckedOut.of(checked) for checked in desk.check_draft(draft.text)])

    return router
