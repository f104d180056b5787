"""Whose turn it is: only so many questions are worked on at a time, and those that wait are taken round the callers."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guard.call import Call, call_of, route_path
from api.guard.refusals import come_back
from newsdesk.errors import TooSlow

QUESTIONS = frozenset({"/api/ask", "/api/ask/stream", "/api/search", "/v1/chat/completions", "/v1/responses", "/mcp"})
"""What makes the engine work. The chat's questions come by other ways, and take their turns through `turn_taker`."""

_GUESS = 2.0  # seconds that a question takes, before the first was answered


class Turns:
    """Turns for one event loop. Who has many waiting gets as many turns as who has one."""

    def __init__(self, at_once: int, most_waiting: int) -> None:
        """`at_once` have a turn; no more than `most_waiting` wait, of one caller no more than half as many."""
        self.at_once = at_once
        self.running = 0
        self._most, self._most_each = most_waiting, max(1, most_waiting // 2)
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(line) for line in self._lines.values())

    def has_room(self) -> bool:
        """Whether anybody may wait."""
        return self.running < self.at_once or self.waiting < self._most

    def has_room_for(self, caller: str) -> bool:
        """Whether this caller may have one more waiting."""
        return self.running < self.at_once or len(self._lines.get(caller, ())) < self._most_each

    async def take(self, caller: str) -> None:
        """Returns when it is the caller's turn; `give` ends it. Cancelled while waiting, it leaves the line."""
        if self.running < self.at_once:
            self.running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(caller, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give()  # it came in the same moment
            else:
                self._leave(caller, turn)
            raise

    def give(self) -> None:
        """Ends a turn: the next caller has it, and goes to the end of the round."""
        while self._lines:
            caller, line = self._lines.popitem(last=False)
            turn = line.popleft()
            if line:
                self._lines[caller] = line
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1

    def _leave(self, caller: str, turn: asyncio.Future[None]) -> None:
        line = self._lines.get(caller)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._lines[caller]


class QuestionQueue:
    """ASGI middleware that lets questions in by turns, and ends them in time.

    What cannot have a turn is told to come back: 429 who has too many waiting, 503 when too many wait in all, or it takes
    too long. A question whose client has left gives up its place, and is worked on no further than to its next step.
    """

    def __init__(self, app: ASGIApp, turns: Turns, seconds: float, refused: Callable[[str], object]) -> None:
        """`seconds` for waiting and answering together; `refused` is told why each time that one is refused."""
        self._app = app
        self._turns = turns
        self._seconds = seconds
        self._refused = refused
        self._usual = _GUESS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on when it is its turn."""
        if scope["type"] != "http" or route_path(scope) not in QUESTIONS or scope["method"] == "OPTIONS":
            await self._app(scope, receive, send)
            return
        call = call_of(scope)
        body = await _whole(receive)  # first: a turn is not for who sends slowly
        if body is None:
            return
        if not self._turns.has_room_for(call.caller):
            await self._come_back(scope, receive, send, 429, "caller", "You have too many questions waiting.")
            return
        if not self._turns.has_room():
            await self._come_back(scope, receive, send, 503, "queue", "Too many questions are waiting.")
            return
        call.ends = time.monotonic() + self._seconds
        left = asyncio.create_task(_note_when_gone(receive, call))
        try:
            await self._in_turn(scope, body, left, send)
        finally:
            left.cancel()

    async def _in_turn(self, scope: Scope, body: bytes, left: asyncio.Task[None], send: Send) -> None:
        call = call_of(scope)
        turn = asyncio.create_task(self._turns.take(call.caller))
        try:
            await asyncio.wait({turn, left}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not turn.done():
                turn.cancel()
                await asyncio.wait({turn})
        if turn.cancelled():
            if not call.gone.is_set():
                await self._come_back(scope, _nothing, send, 503, "time", "It was not this question's turn in time.")
            return
        began = time.monotonic()
        try:
            await self._answered(scope, _Replayed(body, left), send)
        finally:
            self._turns.give()
            self._usual += (time.monotonic() - began - self._usual) / 10

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Has it answered; when that takes too long it is said, and the turn goes on until the work has ended."""
        started = late = False

        async def send_in_time(message: Message) -> None:
            nonlocal started
            if not late:
                started = True
                await send(message)

        work: asyncio.Task[None] = asyncio.create_task(self._app(scope, receive, send_in_time))  # type: ignore[arg-type]
        try:
            await asyncio.wait({work}, timeout=max(0.0, call_of(scope).ends - time.monotonic()))
            if not work.done() and not started:
                late = True
                await self._come_back(scope, receive, send, 503, "time", "The question took too long.")
            await work
        except asyncio.CancelledError:
            work.cancel()
            raise

    async def _come_back(self, scope: Scope, receive: Receive, send: Send, status: int, why: str, detail: str) -> None:
        self._refused(why)
        rounds = 1 + self._turns.waiting / self._turns.at_once
        await come_back(scope, status, detail, min(60.0, rounds * self._usual))(scope, receive, send)


def turn_taker(
    turns: Turns, seconds: float, refused: Callable[[str], object]
) -> Callable[[Scope], Awaitable[Callable[[], None]]]:
    """How questions that are no requests of their own, as those of the chat, get into the same line.

    What is returned takes the scope of the request that brought the question, and returns when it has its turn, with what
    ends that. It raises TooSlow when there is no room, and when it was not its turn within `seconds`.
    """

    async def take(scope: Scope) -> Callable[[], None]:
        caller = call_of(scope).caller
        if not turns.has_room_for(caller):
            refused("caller")
            raise TooSlow("You have too many questions waiting. Ask again when one of them is answered.")
        if not turns.has_room():
            refused("queue")
            raise TooSlow("Too many questions are waiting. Ask again in a while.")
        try:
            async with asyncio.timeout(seconds):
                await turns.take(caller)
        except TimeoutError:
            refused("time")
            raise TooSlow("It was not this question's turn in time. Ask again in a while.") from None
        return turns.give

    return take


class _Replayed:
    """Hands on a body that was read already, and then the news that the client has left."""

    def __init__(self, body: bytes, left: asyncio.Task[None]) -> None:
        self._body: bytes | None = body
        self._left = left

    async def __call__(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.wait({self._left})
        return {"type": "http.disconnect"}


async def _whole(receive: Receive) -> bytes | None:
    """The body; None when the client has left before it was there. Its size is bounded by the body limit."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _note_when_gone(receive: Receive, call: Call) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    call.gone.set()


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
