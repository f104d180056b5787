"""What became of what was read, in words and for programs."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from newsdesk.wording.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.pipeline import Summary
    from newsdesk.catalogue.rejects import ListedReject
    from newsdesk.types import Rejected

OUTCOMES = ("added", "updated", "unchanged")
_SELDOM = {
    "older": "older versions kept as history",
    "held": "under embargo",
    "withdrawn": "kept out, because their senders took them back",
}
"""What is told of a run only where there is any."""
_ADDRESSES = ("fetched", "not changed", "passed over")


def named(item: Rejected | ListedReject) -> str:
    """Where a reject came from, and its id if it has one."""
    return f"{item.origin} ({item.id})" if item.id else item.origin


def reason_of(item: Rejected | ListedReject) -> str:
    """Why something was rejected, with what this command can do about it: the reason itself is told on the page too."""
    from ingest.fetch.guard import OPENS_PRIVATE
    from ingest.formats.feeds.entry import IS_SUMMARY
    from ingest.formats.feeds.sitemap import HOLDS_NONE
    from ingest.parts.fields import NO_TEXT_FIELD

    options = {
        NO_TEXT_FIELD: "; name it with --map text=NAME", IS_SUMMARY: " (--follow fetches it)",
        HOLDS_NONE: " (--follow fetches them)", OPENS_PRIVATE: "; --allow-private does for this run",
    }  # fmt: skip
    return item.reason + next((option for sign, option in options.items() if sign in item.reason), "")


@contextmanager
def options_told() -> Iterator[None]:
    """Adds to what the readers log what this command can do about it; a service that reads for its page adds nothing."""
    from ingest.parts.fields import OF_FIELDS
    from ingest.record import log

    def add(record: logging.LogRecord) -> bool:
        if f": {OF_FIELDS}" in record.getMessage():
            record.msg, record.args = f"{record.getMessage()} (--map title=NAME,... says otherwise)", ()
        return True

    log.addFilter(add)
    try:
        yield
    finally:
        log.removeFilter(add)


def counts_of(summary: Summary) -> str:
    """What became of files, addresses and what was in them, in words."""
    text = ", ".join(f"{summary.outcomes[name]:,} {name}" for name in OUTCOMES) + f", {summary.rejected:,} rejected"
    found = summary.found
    if any(found[name] for name in _ADDRESSES):
        rest = [f"{found[name]:,} {name}" for name in _ADDRESSES[1:] if found[name]]
        text += ", ".join([f"; {found['fetched']:,} fetched", *rest])
    text += "".join(f"; {said}: {summary.outcomes[name]:,}" for name, said in _SELDOM.items() if summary.outcomes[name])
    if found["files unchanged"]:
        number = found["files unchanged"]
        told = counted(number, "file is as it was and was not", "files are as they were and were not")
        text += f"; {told} read again (--again reads {'it' if number == 1 else 'them'})"
    return text


def told(summary: Summary, left: int, vectors: str | None) -> str:
    """All that there is to say at the end of a run; `left` is how many rejects cannot be read again."""
    text = counts_of(summary)
    if summary.samples_left:
        text += f"; the {counted(summary.samples_left, 'sample article')} left"
    if left:
        text += f"; {counted(left, 'reject')} cannot be read again, because no file is known: send the text again"
    return f"{text}; vectors {vectors}" if vectors else text


def result_of(summary: Summary, rejected: Sequence[Rejected], left: int, vectors: str | None) -> dict[str, Any]:
    """The same, with the first rejects."""
    return {
        **{name: summary.outcomes[name] for name in (*OUTCOMES, *_SELDOM)},
        "rejected_count": summary.rejected,
        "rejected": [{"origin": item.origin, "id": item.id, "reason": item.reason} for item in rejected],
        "not_read_again": left,
        "files_unchanged": summary.found["files unchanged"],
        "samples_left": summary.samples_left,
        "vectors": vectors or "not made",
        "addresses": {name: summary.found[name] for name in _ADDRESSES},
    }
