"""Files that a page or a program sends, and addresses it names: taken in beside the event loop, read in the background."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.models import In, Text
from desk.uploads import MAX_FILES, Upload, Uploads
from newsdesk.errors import UploadsWait, WrongUse

_AT_ONCE = 3  # uploads that are being sent: each may keep as much on the disk as a request may carry
_WAIT_SECONDS = 5
_FILES: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
            }
        }
    },
}


class RejectOut(BaseModel):
    """Something of an upload that could not be read."""

    name: str = Field(description="The file, with the line or entry in it.")
    reason: str


class UploadOut(BaseModel):
    """An upload and what has become of it so far."""

    id: str
    files: int
    done: int = Field(description="Files that have been read.")
    finished: bool
    failed: str = Field(description="Why it cannot be gone on with; empty when it can.")
    added: int
    updated: int
    unchanged: int
    other: int = Field(description="Older versions, articles under embargo and articles that were withdrawn before.")
    rejected: int
    rejects: list[RejectOut] = Field(description="The first 500; all are on the list of rejects.")
    samples_left: int = Field(description="Sample articles that made way for the first other article.")

    @classmethod
    def of(cls, upload: Upload) -> UploadOut:
        """From the desk's."""
        counts = {name: upload.outcomes.get(name, 0) for name in ("added", "updated", "unchanged")}
        return cls(
            id=upload.key,
            files=upload.files,
            done=upload.done,
            finished=upload.finished,
            failed=upload.failed,
            **counts,
            other=sum(upload.outcomes.values()) - sum(counts.values()),
            rejected=upload.rejected,
            rejects=[RejectOut(name=name, reason=reason) for name, reason in upload.rejects],
            samples_left=upload.samples_left,
        )


class AddressIn(In):
    """An address to be fetched."""

    address: Annotated[Text, Field(max_length=2_000)]


def upload_routes(uploads: Uploads) -> APIRouter:
    """The routes, to be added to the application."""
    router = APIRouter(tags=["articles"])
    few_at_a_time = CapacityLimiter(_AT_ONCE)

    @router.post("/api/uploads", status_code=202, openapi_extra={"requestBody": _FILES})
    async def add_files(request: Request) -> UploadOut:
        """Takes files in any format that `newsdesk ingest` reads; they are read in the background."""
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise HTTPException(415, "Send the files as multipart/form-data, in fields named files.")
        async with few_at_a_time:
            return await _taken(request)

    @router.post("/api/uploads/address", status_code=202)
    def add_address(given: AddressIn) -> UploadOut:
        """Fetches an address in the background, where the setting `fetch_from_page` allows it."""
        try:
            return UploadOut.of(uploads.add_address(given.address))
        except UploadsWait as error:
            raise _later(error) from error

    @router.get("/api/uploads/{key}")
    def upload(key: str) -> UploadOut:
        """How far an upload is, and what could not be read. It is forgotten when the service ends."""
        return UploadOut.of(uploads.one(key))

    async def _taken(request: Request) -> UploadOut:
        try:
            async with request.form(max_files=MAX_FILES, max_fields=MAX_FILES) as form:
                given = [each for each in form.getlist("files") if isinstance(each, UploadFile)]
                files = [(each.filename or "", each.file) for each in given]
                return UploadOut.of(await to_thread.run_sync(uploads.add, files))
        except UploadsWait as error:
            raise _later(error) from error
        except HTTPException as error:
            if error.status_code != 400:
                raise
            raise WrongUse(f"The upload cannot be read: {error.detail} At most {MAX_FILES} files are taken.") from error

    return router


def _later(error: UploadsWait) -> HTTPException:
    return HTTPException(503, str(error), {"Retry-After": str(_WAIT_SECONDS)})
