"""Questions take turns: nobody starves, nobody waits without end, and who cannot be served is told when to come back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from api.guard.call import Call, call_of
from api.guard.queue import QuestionQueue, Turns


@dataclass
class World:
    """A queue before an application that answers when it is told to."""

    turns: Turns
    seconds: float = 60.0
    served: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.served.append(call_of(scope).address)
        await self.go_on.wait()
        body = (await receive())["body"]
        assert body == b"asked" or scope["path"] != "/api/ask", "all of it, before the turn"
        await PlainTextResponse("answered")(scope, receive, send)

    async def ask(
        self, who: str, receive: Receive | None = None, path: str = "/api/ask"
    ) -> tuple[int, dict[bytes, bytes]]:
        """Status and headers; status 0 for no response."""
        sent: list[Message] = []
        messages: Iterator[Message] = iter(
            [{"type": "http.request", "body": b"as", "more_body": True}, {"type": "http.request", "body": b"ked"}]
        )

        async def whole_then_silence() -> Message:
            message = next(messages, None)
            return message or await asyncio.Future[Message]()

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": path, "headers": [], "newsdesk.call": Call(who, who)}
        queue = QuestionQueue(self.app, self.turns, self.seconds, self.refused.append)
        await queue(scope, receive or whole_then_silence, send)
        starts = [message for message in sent if message["type"] == "http.response.start"]
        assert len(starts) <= 1, "one response"
        return (starts[0]["status"], dict(starts[0]["headers"])) if starts else (0, {})


async def settled() -> None:
    """Lets everything come to where it waits."""
    for _ in range(20):
        await asyncio.sleep(0)


def run(test: Callable[[], Awaitable[Any]]) -> None:
    """Runs it in a loop of its own, with a bound in time."""

    async def bounded() -> None:
        await asyncio.wait_for(test(), 30)

    asyncio.run(bounded())


def test_turns_go_round() -> None:
    """One caller has thirty questions waiting, then others come with one: they are served next, not thirty later."""

    async def test() -> None:
        world = World(Turns(2, 1000))
        many = [asyncio.create_task(world.ask("many")) for _ in range(30)]
        await settled()
        few = [asyncio.create_task(world.ask(who)) for who in ("one", "two", "three")]
        await settled()
        assert (world.turns.running, world.turns.waiting) == (2, 31)
        world.go_on.set()
        assert {status for status, _ in await asyncio.gather(*many, *few)} == {200}
        assert set(world.served[2:8]) == {"many", "one", "two", "three"}
        assert (world.turns.running, world.turns.waiting) == (0, 0)

    run(test)


def test_who_has_too_many_waiting_is_told() -> None:
    """429 to this caller, while another may still wait; 503 when nobody may. Both say when to come back."""

    async def test() -> None:
        world = World(Turns(1, 4))
        waiting = [asyncio.create_task(world.ask(who)) for who in ("a", "a", "a", "b")]
        await settled()
        status, headers = await world.ask("a")
        assert status == 429
        assert int(headers[b"retry-after"]) >= 1
        waiting.append(asyncio.create_task(world.ask("b")))
        await settled()
        status, headers = await world.ask("c")
        assert status == 503
        assert int(headers[b"retry-after"]) >= 1
        assert world.refused == ["caller", "queue"]
        world.go_on.set()
        assert [status for status, _ in await asyncio.gather(*waiting)] == [200] * 5

    run(test)


def test_nobody_waits_without_end() -> None:
    """503 in time both to who is being served and to who waits; the turn is given on when the work has really ended."""

    async def test() -> None:
        world = World(Turns(1, 10), seconds=0.2)
        slow, other = (asyncio.create_task(world.ask(who)) for who in ("slow", "next"))
        status, headers = await other
        assert status == 503
        assert b"retry-after" in headers
        assert world.turns.running == 1, "the work goes on"
        world.go_on.set()
        assert (await slow)[0] == 503
        assert world.turns.running == 0
        assert world.served == ["slow"]

    run(test)


@pytest.mark.parametrize("when", ["while it is sent", "while it waits"])
def test_who_leaves_makes_room(when: str) -> None:
    """A question whose client has left is not asked."""

    async def test() -> None:
        world = World(Turns(1, 10))
        first = asyncio.create_task(world.ask("stays"))
        await settled()
        leave = asyncio.Event()
        parts: list[Message] = [{"type": "http.request", "body": b"asked", "more_body": when == "while it is sent"}]

        async def receive() -> Message:
            if parts:
                return parts.pop()
            await leave.wait()
            return {"type": "http.disconnect"}

        second = asyncio.create_task(world.ask("leaves", receive))
        await settled()
        leave.set()
        assert await second == (0, {})
        assert world.turns.waiting == 0
        world.go_on.set()
        assert (await first)[0] == 200
        assert world.served == ["stays"]
        assert world.refused == []

    run(test)


def test_who_leaves_later_is_noticed() -> None:
    """What works on the question can see it, and stops at its next step."""

    async def test() -> None:
        world, leave, seen = World(Turns(1, 10)), asyncio.Event(), list[Call]()
        parts: list[Message] = [{"type": "http.request", "body": b"asked"}]

        async def receive() -> Message:
            if parts:
                return parts.pop()
            await leave.wait()
            return {"type": "http.disconnect"}

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(call_of(scope))
            await receive()
            leave.set()
            assert (await receive())["type"] == "http.disconnect"

        world.app = app  # type: ignore[method-assign]
        await world.ask("leaves", receive)
        assert seen[0].is_over()
        assert world.turns.running == 0

    run(test)


def test_what_is_no_question_does_not_wait() -> None:
    """Articles and pages are looked at while the queue is full."""

    async def test() -> None:
        world = World(Turns(1, 1))
        first = asyncio.create_task(world.ask("a"))
        await settled()
        other = asyncio.create_task(world.ask("b", path="/api/articles/x"))
        await settled()
        assert world.served == ["a", "b"]
        world.go_on.set()
        await first
        await other

    run(test)
