"""`newsdesk check-draft`: a text held against the archive."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import AsJson, Data, load_settings, show
from newsdesk.errors import WrongUse
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from desk.drafts import Checked


def check_draft(
    file: Annotated[Path, typer.Argument(help="A text file; - reads standard input.", show_default=False)],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Set each sentence of a draft beside what the archive says: supported, contradicted, or not found."""
    from desk.drafts import Checker
    from index.archive import Archive

    text = _read(file)
    archive = Archive(load_settings(data=data), create=False)
    archive.load()
    checked = Checker(archive.engine, archive.keyword, archive.judge).check(text)
    archive.close()
    show({"sentences": [_shown(each) for each in checked]}, as_json, "\n".join(map(_lines, checked)))


def _read(file: Path) -> str:
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise WrongUse(f"{file} cannot be read: {error.strerror}.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongUse(
            f"{file} is no UTF-8 text ({error.reason} at byte {error.start}). Save it as plain text."
        ) from error


def _shown(checked: Checked) -> dict[str, Any]:
    from api.desk import CheckedOut

    return CheckedOut.of(checked).model_dump(mode="json")


def _lines(checked: Checked) -> str:
    lines = [f"{checked.status.upper():<14} {checked.text}"]
    for each in checked.differences:
        if each.kind not in ("words", "denial"):
            lines.append(f"    the draft says {quoted(each.draft)}, the archive {quoted(each.archive)}")
    if checked.beside:
        about = checked.beside.evidence
        where = ", ".join(part for part in (about.source, str(about.published or ""), about.title) if part)
        lines.append(f"    “{checked.beside.text}” ({where})")
    return "\n".join(lines)
