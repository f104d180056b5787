"""What every command takes, and how every command shows its result."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdesk.errors import WrongUse

if TYPE_CHECKING:
    from newsdesk.settings import Settings

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the archive (NEWSDESK_DATA; default ./data).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Model = Annotated[str | None, typer.Option("--model", help="Embedding model: a folder or name (NEWSDESK_MODEL).")]

AsChild = Annotated[bool, typer.Option("--as-child", hidden=True)]
"""Started by the service, for work beside it."""


def become_child() -> Callable[[], bool]:
    """Makes this process one that gives way to the service that started it; says whether the service still lives."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # at once, and without a word: it can be killed at any moment
    os.nice(10)
    parent = os.getppid()
    return lambda: os.getppid() == parent


def load_settings(**command_line: Any) -> Settings:
    """The settings in force (newsdesk/settings.py), whose library is not loaded for `--help` or a completion."""
    from newsdesk.settings import load_settings

    return load_settings(**command_line)


def check_writable(option: str, file: Path | None) -> None:
    """Whether a result can go to the file ("-" is standard output), said before the work is done. Raises WrongUse."""
    if file is not None and str(file) != "-" and (file.is_dir() or not file.parent.is_dir()):
        wrong = "which is a folder" if file.is_dir() else f"but there is no folder {file.parent}"
        raise WrongUse(f"{option} names {file}, {wrong}. Name a file in a folder that exists.")


def show(result: dict[str, Any], as_json: bool, text: str) -> None:
    """Prints the result as JSON or in words."""
    print(json.dumps(result, ensure_ascii=False, indent=2) if as_json else text)
