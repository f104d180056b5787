"""`newsdesk search`: the articles that words find, with the ids that other commands take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import AsJson, Data, load_settings, show

if TYPE_CHECKING:
    from api.models import EvidenceOut

_SHOWN = 160  # characters of a passage


def search(
    words: Annotated[str, typer.Argument(help='Words, or a "phrase" in quotation marks.', show_default=False)],
    data: Data = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="So many passages at most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find articles, best first, each with its id; the running service searches when there is one."""
    from app.commands.desk.any_desk import AnyDesk

    found = AnyDesk(load_settings(data=data)).search(words, limit)
    best: dict[str, EvidenceOut] = {}
    for passage in found.results:
        best.setdefault(passage.article_id, passage)
    text = "\n\n".join(map(_in_words, best.values())) or "Nothing was found."
    show(found.model_dump(mode="json"), as_json, text)


def _in_words(found: EvidenceOut) -> str:
    about = ", ".join(str(part) for part in (found.title, found.source, found.published) if part)
    text = " ".join(found.text.split())
    return f"{found.article_id}\n    {about}\n    {text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}"
