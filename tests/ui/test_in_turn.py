"""Questions of the chat stand in the line of all questions, by callers: a flood of one does not keep another waiting."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from api.guard.call import Call
from api.guard.queue import Turns, turn_taker
from newsdesk.types import CANNOT_ANSWER, MAX_QUESTION, Answer, Question
from tests.ui.chat_world import COUNTS
from ui.chat import mount_chat

pytestmark = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning"),
]

FLOOD = 12
SLOW = 0.2  # seconds that an answer takes


class World:
    """The chat with one turn at a time, and the order in which questions were worked on."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.turns = Turns(1, 20)
        self.app = FastAPI()
        turn = turn_taker(self.turns, 60, self.refused.append)
        mount_chat(self.app, self.stream, lambda feedback, key: None, lambda: COUNTS, turn=turn)

    def stream(self, question: Question) -> Iterator[str | Answer]:
        """A slow engine."""
        self.asked.append(question.text)
        time.sleep(SLOW)
        yield Answer(question.text, question.text, False, CANNOT_ANSWER, 0.9)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Knows callers by a header, as the entrance knows them by key and address."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            scope["newsdesk.call"] = Call("-", address=headers.get(b"x-from", b"?").decode())
        await self.app(scope, receive, send)

    def ask(self, who: str, text: str) -> str:
        """Asks as a page does; the conversation that came back, as JSON."""
        with httpx.Client(base_url=self.url, headers={"x-from": who}, timeout=60, trust_env=False) as client:
            config = client.get("/config").json()
            event = next(each for each in config["dependencies"] if len(each["inputs"]) == 4)
            session = f"{who}-{text}".replace(" ", "-")
            joined: dict[str, Any] = {
                "data": [text, {"id": "a" * 24, "exchanges": []}, False, {}],
                "fn_index": event["id"], "session_hash": session, "trigger_id": None, "event_data": None,
            }  # fmt: skip
            client.post("/gradio_api/queue/join", json=joined).raise_for_status()
            with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as events:
                for line in events.iter_lines():
                    if line.startswith("data:") and json.loads(line[5:])["msg"] == "process_completed":
                        return line
        return ""


@pytest.fixture
def world() -> Iterator[World]:
    """Served on a free port of this machine."""

    async def made() -> World:  # where there is a loop, for Gradio makes one otherwise and does not close it
        return World()

    world = asyncio.run(made())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(world, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        world.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield world
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    ("text", "told"), [(" \t", ""), ("z" * (MAX_QUESTION + 1), "Shorten it")], ids=["blank", "long"]
)
def test_what_cannot_be_asked_takes_no_turn(text: str, told: str, world: World) -> None:
    """However full the line is, it is told at once what is wrong, where anything is; no exchange is made of it."""
    world.turns.running = 1
    world.turns._most_each = 0  # nobody may wait
    output = json.loads(world.ask("ada", text)[len("data:") :])["output"]
    assert told in json.dumps(output)
    assert not any(isinstance(each, dict) and each.get("exchanges") for each in output["data"])
    assert not world.refused
    assert not world.asked


def test_a_flood_of_one_caller_keeps_nobody_waiting(world: World) -> None:
    """Who has one question waiting is next after at most one of who has many; what gets no turn says why; no turn is lost."""
    with ThreadPoolExecutor(FLOOD + 1) as pool:
        flood = [pool.submit(world.ask, "mallory", f"Flood {number}?") for number in range(FLOOD)]
        while world.turns.waiting < 4:
            time.sleep(0.01)
        before = len(world.asked)
        single = pool.submit(world.ask, "ada", "Who sings?")
        assert CANNOT_ANSWER in single.result()
        answers = [each.result() for each in flood]
    assert world.asked.index("Who sings?") - before <= 3
    turned_away = [answer for answer in answers if "too many questions waiting" in answer]
    assert len(turned_away) == world.refused.count("caller")
    assert len(world.asked) == FLOOD + 1 - len(turned_away)
    assert (world.turns.running, world.turns.waiting) == (0, 0)
