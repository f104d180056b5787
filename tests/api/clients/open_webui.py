"""Reads a stream as Open WebUI does: events beside the chunks are its sources, and sources of one id are one.

Written after its server's reading of streams and its page's list of sources, for which see docs/clients.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Source:
    """One entry of the list under an answer: its name, where that leads, and what is quoted."""

    name: str
    url: str
    quotes: list[str]


@dataclass
class Message:
    """An answer as the page has it."""

    content: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)

    def sources(self) -> list[Source]:
        """The list under the answer, where the number 1 in the text stands for the first."""
        found: dict[str, Source] = {}
        for event in self.events:
            for quote, metadata in zip(event["document"], event["metadata"], strict=True):
                source = event["source"]
                id_ = metadata.get("source") or source.get("id") or "N/A"
                if id_ in found:
                    found[id_].quotes.append(quote)
                    continue
                name, url = metadata.get("name") or source["name"], metadata.get("source_url") or source.get("url", "")
                if not metadata.get("source_url") and _is_address(id_):
                    name = url = id_
                found[id_] = Source(name, url, [quote])
        return list(found.values())


def read(lines: Iterable[str]) -> Message:
    """Takes what it knows of a stream, and passes over the rest."""
    message = Message()
    for line in lines:
        if not line.startswith("data:") or line[5:].strip() == "[DONE]":
            continue
        chunk = json.loads(line[5:])
        event = chunk.get("event", {})
        if event.get("type") in ("source", "citation"):
            message.events.append(event["data"])
        for choice in chunk.get("choices", []):
            message.content += choice["delta"].get("content") or ""
    return message


def _is_address(text: str) -> bool:
    return urlsplit(text).scheme in ("http", "https")
