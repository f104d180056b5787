"""Which format a file has, and which module reads it. A new format gets its module beside this one and its lines here."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from ingest.files import read_start
from ingest.formats.html import read_html
from ingest.formats.jsonl import read_jsonl
from ingest.formats.text import read_text
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

UNKNOWN_FORMAT = "not a format Newsdesk reads (JSON lines, HTML, plain text)"

_SNIFFED_BYTES = 64 * 1024

_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)


def read_file(path: Path, mode: int, size: int) -> Iterator[Article | Rejected]:
    if not stat.S_ISREG(mode):
        raise Unreadable("is neither a file nor a folder but a pipe, a socket or a device")
    if size == 0:
        raise Unreadable("is empty")
    match _format_of(path):
        case "jsonl":
            yield from read_jsonl(path)
        case "html":
            yield read_html(path)
        case "text":
            yield read_text(path)
        case _:
            raise Unreadable(UNKNOWN_FORMAT)


def _format_of(path: Path) -> str:
    """ "jsonl", "html", "text" or "": from the name, and where the name leaves it open from how the file begins."""
    extension = Path(path.name.lower().removesuffix(".gz")).suffix
    if extension in (".jsonl", ".ndjson"):
        return "jsonl"
    if extension in (".html", ".htm", ".xhtml"):
        return "html"
    start = read_start(path, _SNIFFED_BYTES)
    if _HTML_START.match(start):
        return "html"  # also in a .txt: a page saved under the wrong name would be quoted with its tags
    if extension in (".txt", ".text", ".md"):
        return "text"
    if _begins_with_object(start):
        return "jsonl"
    return "text" if not extension and _is_text(start) else ""


def _begins_with_object(start: bytes) -> bool:
    """True if the first line is a JSON object, or begins like one and is longer than what was sniffed."""
    line, end, _ = start.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    if not line.startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return not end and len(start) >= _SNIFFED_BYTES


def _is_text(start: bytes) -> bool:
    """True if `start` is UTF-8 without control characters; it may end within a character."""
    try:
        text = start.decode()
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:
            return False
        text = start[: error.start].decode()
    return bool(text) and not re.search(r"[\x00-\x08\x0e-\x1f]", text)
