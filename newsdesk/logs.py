"""What a service writes while it runs: lines for people, or JSON lines for what gathers logs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Literal

ACCESS = "newsdesk.access"
"""The logger that is told of every request."""


class JsonLines(logging.Formatter):
    """A line of JSON for each record: time, level, logger, message, and the fields it was given."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= fields
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace").decode()


def log_as(form: Literal["text", "json"]) -> None:
    """Has everything logged in this form; requests are logged in JSON alone."""
    logging.getLogger(ACCESS).setLevel(logging.INFO if form == "json" else logging.WARNING)
    if form == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())
