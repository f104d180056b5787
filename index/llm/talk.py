"""A conversation with an LLM that cannot hang: it is streamed in a thread of its own, and whoever listens may leave."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import Any

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.llms import LLM

from index.llm.load import status_of, takes_no_temperature
from newsdesk.errors import LLMError

BEAT = 0.25
"""Seconds of silence after which an empty piece is given, so that a listener who has gone is noticed."""

_ROUND = 0.02
_CLOSE = 2.0  # seconds that a library which does not let itself be stopped is waited for


class Talk:
    """An LLM of LlamaIndex. Safe to use from many threads."""

    def __init__(self, llm: LLM, timeout: float) -> None:
        """`timeout`: seconds in which an answer has to be complete."""
        self._llm = llm
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def stream(self, messages: Sequence[ChatMessage], within: float | None = None) -> Generator[str, None, None]:
        """The reply, piece by piece as it is written; a piece is empty while nothing comes.

        `within`: seconds that it has, where it has other than `timeout`.

        Raises LLMError when the LLM fails or has not finished in time. The LLM is stopped when the iterator is closed.
        """
        pieces: queue.SimpleQueue[str | LLMError | None] = queue.SimpleQueue()
        seconds = self._timeout if within is None else within
        end = time.monotonic() + seconds
        writing = asyncio.run_coroutine_threadsafe(self._write(messages, pieces), self._running())
        try:
            while True:
                left = end - time.monotonic()
                if left <= 0:
                    raise LLMError(f"The LLM did not finish within {seconds:g} s.")
                try:
                    piece = pieces.get(timeout=min(left, BEAT))
                except queue.Empty:
                    yield ""
                    continue
                if piece is None:
                    return
                if isinstance(piece, LLMError):
                    raise piece
                yield piece
        finally:
            writing.cancel()

    def close(self) -> None:
        """Ends the thread; what is being written is stopped."""
        with self._lock:
            if self._loop is not None and self._thread is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join(_CLOSE)
                self._loop = None

    async def _write(self, messages: Sequence[ChatMessage], pieces: queue.SimpleQueue[Any]) -> None:
        try:
            async for part in await self._llm.astream_chat(messages):
                if part.delta:
                    pieces.put(part.delta)
            pieces.put(None)
        except Exception as error:  # any library may be behind it, and its message may hold the key
            if takes_no_temperature(self._llm, error):
                await self._write(messages, pieces)
            else:
                pieces.put(LLMError(_told(error)))

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop of the thread, which is started by the first question."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run, args=(self._loop, self._llm), name="llm", daemon=True)
                self._thread.start()
            return self._loop


def _run(loop: asyncio.AbstractEventLoop, llm: LLM) -> None:
    loop.run_forever()
    for task in asyncio.all_tasks(loop):
        task.cancel()
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
    loop.run_until_complete(loop.shutdown_asyncgens())
    client = getattr(llm, "_async_http_client", None)  # LlamaIndex has no way to close one
    if client is not None:
        loop.run_until_complete(client.aclose())
    loop.run_until_complete(asyncio.sleep(_ROUND))  # connections that were closed end
    loop.close()


def _told(error: BaseException) -> str:
    """What went wrong, without what the server said."""
    if status := status_of(error):
        return f"The LLM answered with status {status}."
    return f"The LLM cannot be used: {type(error).__name__}."
