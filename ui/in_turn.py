"""Questions of the chat in the line of all questions: each caller's turn by turn, however many one of them asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from typing import Any

import gradio as gr
from anyio import to_thread

from newsdesk.errors import NewsdeskError

Turn = Callable[[Any], Awaitable[Callable[[], object]]]
"""Waits for the turn of the question that a request (its ASGI scope) brought; what ends the turn. May raise NewsdeskError."""
Shown = tuple[Any, ...]
"""What the page is to show next."""
Ask = Callable[[str, Any, bool, Any], Iterator[Shown]]
Away = Callable[[str, Any, str], Shown]
Unasked = Callable[[str, Any], Shown | None]

_END = object()


async def without_line(_scope: Any) -> Callable[[], object]:
    """A turn for whoever asks."""
    return lambda: None


class InTurn:
    """Asks when it is the question's turn."""

    def __init__(self, ask: Ask, unasked: Unasked, turned_away: Away, turn: Turn) -> None:
        """`ask` gives what is shown, first the question itself; `turned_away` what is shown of one that gets no turn.

        `unasked` gives what is shown of a text that is no question, which takes no turn, and None of one that is.
        """
        self._ask = ask
        self._unasked = unasked
        self._turned_away = turned_away
        self._turn = turn

    async def ask(self, text: str, stored: Any, alone: bool, chosen: Any, request: gr.Request) -> AsyncIterator[Shown]:
        """Shows the question at once, and its answer when it is its turn. An event of the page."""
        # In threads, whatever it is: to show a long conversation takes a while, in which nobody else would be served.
        unasked = await to_thread.run_sync(self._unasked, text, stored)
        if unasked is not None:
            yield unasked
            return
        steps = self._ask(text, stored, alone, chosen)
        yield await to_thread.run_sync(next, steps)
        try:
            give = await self._turn(request.request.scope)  # type: ignore[union-attr]
        except NewsdeskError as error:
            yield await to_thread.run_sync(self._turned_away, text, stored, str(error))
            return
        working: asyncio.Future[Any] | None = None
        try:
            while True:
                working = asyncio.ensure_future(to_thread.run_sync(next, steps, _END))
                step = await asyncio.shield(working)
                if step is _END:
                    return
                yield step
        finally:
            _end(working, steps, give)


def _end(working: asyncio.Future[Any] | None, steps: Iterator[Shown], give: Callable[[], object]) -> None:
    """Ends a turn, of a question that was stopped when the step that is being worked on has ended."""

    def end(_done: Any = None) -> None:
        if isinstance(steps, Generator):
            steps.close()
        give()

    if working is None or working.done():
        end()
    else:
        working.add_done_callback(end)
