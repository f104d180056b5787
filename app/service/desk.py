"""The desk over an opened archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from desk.desk import Desk

if TYPE_CHECKING:
    from index.archive import Archive
    from newsdesk.types import Question


def open_desk(archive: Archive) -> Desk:
    """The desk, answering batches with the archive's engine."""
    from api.models import AnswerOut

    def ask(question: Question) -> Mapping[str, Any]:
        return AnswerOut.of(archive.engine.ask(question)).model_dump(mode="json")

    settings = archive.settings
    return Desk(
        settings.data, archive.engine, archive.keyword, archive.judge, ask, settings.webhook_hosts, settings.public_url
    )
