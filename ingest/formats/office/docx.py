"""Reads Word documents (.docx): headline, byline and paragraphs in their order, tables a row a paragraph."""

from __future__ import annotations

import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.formats.text import first_words
from ingest.parts.clean import one_line
from ingest.parts.limits import MAX_BYTES
from ingest.record import article_from, log
from newsdesk.errors import Unreadable
from newsdesk.types import Article

if TYPE_CHECKING:
    from docx.document import Document

_OPTIONAL = (
    "is a Word document, and what reads them is not installed. Where Newsdesk runs: pip install 'newsdesk[office]'"
)
_MOST_UNPACKED = 8 * MAX_BYTES
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    AttributeError,
    SyntaxError,
    RuntimeError,
    IndexError,
    TypeError,
)
_NOBODY = ("python-docx", "Microsoft Office User", "User")


def read_docx(path: Path, name: str) -> Article:
    """The article in a document. Raises Unreadable if it is damaged, too large, or python-docx is not installed."""
    try:
        import docx
        from docx.opc.exceptions import PackageNotFoundError
    except ImportError as error:
        raise Unreadable(_OPTIONAL) from error
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_UNPACKED:
                raise Unreadable(f"unpacks to more than {_MOST_UNPACKED // 2**20} MiB, which no single article does")
        document = docx.Document(str(path))
        lines = [line for line in _lines(document) if line]
        properties = document.core_properties
    except (PackageNotFoundError, *_DAMAGED) as error:
        raise Unreadable(f"is a damaged Word document ({one_line(str(error))[:100]})") from error
    if not lines:
        raise Unreadable("is a Word document without text")
    title = _headline(document) or one_line(properties.title or "")
    paragraphs = [line for line in lines if line != title]
    record = {
        "title": title or first_words(lines[0]),
        "paragraphs": paragraphs,
        "authors": "" if properties.author in _NOBODY else one_line(properties.author or ""),
        "language": (properties.language or "")[:2].lower(),
    }
    return article_from(record, partial(log.warning, "%s: %s", name))


def _lines(document: Document) -> list[str]:
    from docx.table import Table

    lines = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            lines += [" | ".join(one_line(cell.text) for cell in row.cells) for row in block.rows]
        else:
            lines.append(one_line(block.text))
    return lines


def _headline(document: Document) -> str:
    """The text of the first title or heading, by the style it has."""
    styles = ("Title", "Heading 1")
    found = (p.text for p in document.paragraphs if p.style is not None and p.style.name in styles and p.text.strip())
    return one_line(next(found, ""))
