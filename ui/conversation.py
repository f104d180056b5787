"""A conversation as the reader's browser keeps it: plain values that are validated whenever they come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from newsdesk.feedback import Verdict
from newsdesk.types import Answer, Turn

MAX_KEPT = 40
"""Exchanges that a conversation keeps: a browser grants a site about 5 MB, and an exchange takes up to 10 kB."""

MAX_REASON = 5_000
"""Characters of what a reader says about an answer: as many as the API takes."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what was said to it: an answer, or a notice of why there is none."""

    question: str
    answer: Answer | None = None
    notice: str = ""
    key: str = ""
    """Names the exchange: in its conversation, and so that a second verdict on it replaces the first."""
    verdict: Verdict | None = None
    comment: str = ""
    """Why the reader judged so, if they say it."""
    alone: bool = False
    """Asked exactly as it stands: a reader corrected how a question was understood."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a page sends along with whatever its reader does, and gets back changed."""

    id: str = ""
    exchanges: tuple[Exchange, ...] = ()
    asked: str = ""
    """The question that is being answered."""
    site: str = ""
    """Where the page lies: what the links of an export begin with."""

    @property
    def name(self) -> str:
        """What the conversation is called: its first question, shortened."""
        first = " ".join(self.exchanges[0].question.split()) if self.exchanges else "Conversation"
        return first if len(first) <= 80 else f"{first[:79].rstrip()}…"


_exchange = TypeAdapter(Exchange)
_kept = TypeAdapter(Kept)


def load(stored: Any) -> Kept:
    """What a browser kept. An exchange that cannot be read, as after a change of its form, is left out."""
    values = stored if isinstance(stored, dict) else {}
    texts = {name: str(values.get(name) or "") for name in ("id", "asked", "site")}
    exchanges = values.get("exchanges")
    found = [_loaded(each) for each in exchanges] if isinstance(exchanges, list) else []
    return Kept(exchanges=tuple(filter(None, found))[-MAX_KEPT:], **texts)


def _loaded(stored: Any) -> Exchange | None:
    try:
        return _exchange.validate_python(stored)
    except ValidationError:
        return None


def dump(kept: Kept) -> dict[str, Any]:
    """The same as plain values."""
    values: dict[str, Any] = _kept.dump_python(kept, mode="json")
    return values


def history(before: Sequence[Exchange]) -> tuple[Turn, ...]:
    """What was asked and answered; the short answer, where there is one, is what the next question is about."""
    return tuple(Turn(past.question, past.answer.short_answer or past.answer.text) for past in before if past.answer)
