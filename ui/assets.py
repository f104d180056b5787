"""Scripts and styles of the pages, as files: `/ui/{name}`. A page that names its sources runs nothing else."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

_FOLDER = Path(__file__).parent / "assets"
_TYPES = {".js": "text/javascript", ".css": "text/css"}

CHAT_HEAD = "\n".join(
    [f'<link rel="stylesheet" href="ui/{name}.css">' for name in ("filters", "load")]
    + [f'<script src="ui/{name}.js" defer></script>' for name in ("filters", "load")]
)
"""What the chat's page has of them."""


def add_assets(app: FastAPI) -> None:
    """Adds the route. Call it before the chat is mounted at /."""
    files = {file.name: file for file in _FOLDER.iterdir() if file.suffix in _TYPES}

    @app.get("/ui/{name}", include_in_schema=False)
    def asset(name: str) -> FileResponse:
        if name not in files:
            raise HTTPException(404)
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return FileResponse(files[name], media_type=_TYPES[files[name].suffix], headers=headers)
