"""What every command takes, and how every command shows its result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the archive (NEWSDESK_DATA; default ./data).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Model = Annotated[str | None, typer.Option("--model", help="Embedding model: a folder or name (NEWSDESK_MODEL).")]


def show(result: dict[str, Any], as_json: bool, text: str) -> None:
    """Prints the result as JSON or in words."""
    print(json.dumps(result, ensure_ascii=False, indent=2) if as_json else text)
