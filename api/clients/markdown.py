"""An answer as Markdown: its text with each marker a link, and back from what a client sends as history.

A marker such as `[2]` becomes a link by its definition at the end, `[2]: ADDRESS "headline - day, outlet"`. So the text
can be streamed before its addresses are known, and where Markdown is not rendered it reads as text with footnotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from api.clients.citations import Cited

_MARKERS = re.compile(r"(?:\s*\[\d{1,4}\])+[.!?]?\s*\Z")
"""The end of a part of an answer: what stands there was set by the engine; a "[1]" before it was printed by a paper."""

_MARKER = re.compile(r"(?<!\\)\[(\d{1,4})\]")
_LIVE = re.compile(r"[\\`*_~<\[\]]|&(?=#?\w+;)")
_LIVE_AT_LINE_START = re.compile(r"^(\s*(?:\d{1,9}(?=[.)]\s))?)([#+=>.)-])", re.MULTILINE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_DEFINITION = re.compile(r"\[\d{1,4}\]: \S+(?: \"[^\n]*\")?")


class Place(NamedTuple):
    """Characters [start:end] of a text are the marker of a citation."""

    marker: int
    start: int
    end: int


def escaped(part: str) -> str:
    """A part of an answer's text whose words mean nothing to Markdown and whose last markers stay as they are.

    What a newspaper printed must neither change by its `*` nor load a picture into somebody's page.
    """
    found = _MARKERS.search(part)
    end = found.start() if found else len(part)
    words = _LIVE.sub(r"\\\g<0>", part[:end])
    return _LIVE_AT_LINE_START.sub(r"\1\\\2", words) + part[end:]


def definitions(citations: Sequence[Cited]) -> str:
    """What makes links of the markers, to be put at the end of the text; empty when nothing is cited."""
    lines = [f'[{cited.marker}]: {cited.url} "{_title(cited)}"' for cited in citations]
    return "\n\n" + "\n".join(lines) if lines else ""


def _title(cited: Cited) -> str:
    words = " ".join(f"{cited.title or cited.article_id} - {cited.dateline}".split())
    return re.sub(r'[\\"<&]', lambda match: f"\\{match[0]}", words)


def places(text: str) -> Iterator[Place]:
    """Where the markers stand in a Markdown text that was made here, without its definitions."""
    for match in _MARKER.finditer(text):
        yield Place(int(match[1]), match.start(), match.end())


def plain(content: str) -> str:
    """The answer's text of a message that was made here, as a client sends it back; other texts nearly as they are."""
    lines = content.split("\n")
    while lines and (not lines[-1].strip() or _DEFINITION.fullmatch(lines[-1].strip())):
        lines.pop()
    return _ESCAPED.sub(r"\1", "\n".join(lines).rstrip())
