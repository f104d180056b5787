"""A request as the guards know it, at hand for whatever works on it."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf

from starlette.types import Scope

from newsdesk.catalogue.access.keys import Key


@dataclass(slots=True)
class Call:
    """One request."""

    id: str
    """What the client calls it, or a name of ours; in the response and in the log."""
    address: str = ""
    """Where it comes from; of one that a known proxy passed on, where that says it comes from."""
    local: bool = False
    """Whether it comes from this machine, and no proxy passed it on."""
    key: Key | None = None
    question: str = ""
    """What is asked; known once the engine has it."""
    ends: float = inf
    """When it has to be done, by `time.monotonic`."""
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when the client has left."""

    @property
    def caller(self) -> str:
        """Who asks, for limits: the key, else the address."""
        return f"key {self.key.number}" if self.key else f"address {self.address}"

    def is_over(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.gone.is_set() or time.monotonic() > self.ends


CALL: ContextVar[Call | None] = ContextVar("CALL", default=None)
"""The request that this thread or task works on. Gradio's events are worked on without one."""


def call_of(scope: Scope) -> Call:
    """The call of a request that came through the entrance; a new one, of nobody, for one that did not."""
    call: Call = scope.setdefault("newsdesk.call", Call("-"))
    return call


def route_path(scope: Scope) -> str:
    """The path without the prefix that the service has behind a proxy."""
    path, prefix = str(scope["path"]), str(scope.get("root_path", ""))
    return (path.removeprefix(prefix) or "/") if f"{path}/".startswith(f"{prefix}/") else path
