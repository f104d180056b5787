"""`newsdesk questions`: saved questions, which every new article is tried against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import AsJson, Data, load_settings, show
from newsdesk.wording.counted import paragraph_in_words

if TYPE_CHECKING:
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.saved import SavedQuestion
    from newsdesk.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="Saved questions: the running service tries every new article against them, and tells what is new.",
)


@app.command()
def add(
    question: Annotated[str, typer.Argument(show_default=False)],
    webhook: Annotated[str, typer.Option(help="Address that is told of what is new, signed.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Save a question; articles that come from now on are tried against it."""
    from desk.webhooks import check_webhook
    from index.understand.question import check

    settings = load_settings(data=data)
    check(question)
    address = check_webhook(webhook, settings.webhook_hosts) if webhook else ""
    saved = _catalogue(settings, create=True).saved.add(" ".join(question.split()), address)
    text = f"Saved as {saved.key}."
    if address:
        text += f" Messages to {address} are signed with the secret {saved.secret}"
    show(_shown(saved) | {"secret": saved.secret}, as_json, text)


@app.command("list")
def list_(data: Data = None, as_json: AsJson = False) -> None:
    """List the saved questions, with how many new articles answered each."""
    every = _catalogue(load_settings(data=data)).saved.every()
    lines = [f"{saved.key}  {saved.findings:>5,} found  {saved.question}" for saved in every]
    show({"questions": [_shown(saved) for saved in every]}, as_json, "\n".join(lines) or "No question is saved.")


@app.command("show")
def show_(key: str, data: Data = None, as_json: AsJson = False) -> None:
    """Show what new articles answered to a saved question, the newest first."""
    from desk.desk import IN_FEED
    from desk.webhooks import message

    settings = load_settings(data=data)
    store = _catalogue(settings).saved
    saved = store.one(key)
    found = [message(saved, finding, settings.public_url) for finding in store.findings(key, IN_FEED)]
    lines = [_line(each) for each in found]
    show(_shown(saved) | {"found": found}, as_json, "\n".join(lines) or "Nothing new has answered it yet.")


@app.command()
def remove(key: str, data: Data = None, as_json: AsJson = False) -> None:
    """Remove a saved question with what was found for it."""
    _catalogue(load_settings(data=data)).saved.remove(key)
    show({"removed": key}, as_json, f"Removed {key}.")


@app.command("try")
def try_(data: Data = None, as_json: AsJson = False) -> None:
    """Try the articles that came since the last time; a running service does this by itself."""
    from desk.follow import Follower
    from index.archive import Archive

    archive = Archive(load_settings(data=data), create=False)
    found = Follower(archive.engine, archive.keyword).catch_up()
    archive.close()
    show({"found": found}, as_json, f"{found:,} new.")


def _catalogue(settings: Settings, create: bool = False) -> Catalogue:
    from newsdesk.catalogue.catalogue import Catalogue

    return Catalogue(settings.catalogue_at, create=create)


def _shown(saved: SavedQuestion) -> dict[str, Any]:
    names = ("key", "question", "webhook", "saved_at", "findings")
    return {name: getattr(saved, name) for name in names}


def _line(told: dict[str, Any]) -> str:
    cited = told["citation"]
    about = ", ".join(part for part in (cited["source"], cited["published"], cited["title"]) if part)
    answer = f"{told['short_answer']}: " if told["short_answer"] else ""
    return f"{answer}“{cited['quote']}”\n    {about}; {cited['article_id']}, {paragraph_in_words(cited['paragraph'])}"
