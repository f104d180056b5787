"""The way of a newcomer, from files to a cited answer, on a machine that can reach nothing but itself.

    unshare --net python -m tests.offline FOLDER [ARTICLES]

Every Newsdesk process on the way notes what it looks up or connects to beyond the loopback, and is refused it.
"""

from __future__ import annotations

import fcntl
import json
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.find_chromium import find_chromium
from tests.support import ROOT, SAMPLE, environment, wait_until_complete

QUESTION = "Who conducted the joint strike on al-Bab?"
SAID = "air forces of Russia and Turkey"

GUARD = """
import os, sys

LOCAL = {"", "127.0.0.1", "::1", "localhost", "0.0.0.0"}
WATCHED = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.gethostbyaddr": 0,
           "socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}

def watch(event, arguments):
    if event not in WATCHED:
        return
    place = arguments[WATCHED[event]]
    host = place[0] if isinstance(place, tuple) else place if event.startswith("socket.get") else ""
    host = host.decode() if isinstance(host, bytes) else host or ""
    if host not in LOCAL:
        with open(os.environ["REACHED_OUT"], "a") as log:
            log.write(f"{event} {place!r} by {sys.argv}\\n")
        raise OSError(f"there is no network: {event} {place!r}")

sys.addaudithook(watch)
"""
"""A sitecustomize.py: runs before anything else in every Python process that has it on its path."""


class Newcomer:
    """Somebody with an empty folder and no network, and what their processes tried to reach."""

    def __init__(self, folder: Path) -> None:
        guard = folder / "guard"
        guard.mkdir(parents=True)
        (guard / "sitecustomize.py").write_text(GUARD)
        self._log = folder / "reached-out"
        self.data = folder / "data"
        # As a user's: nothing is told to stay offline.
        self.variables = environment(PYTHONPATH=str(guard), REACHED_OUT=str(self._log))
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "GRADIO_ANALYTICS_ENABLED", "ANONYMIZED_TELEMETRY"):
            self.variables.pop(name, None)

    def reached_out(self) -> str:
        """What was looked up or connected to beyond this machine, a line each."""
        return self._log.read_text() if self._log.exists() else ""

    def run(self, *arguments: object) -> str:
        """A command, which must end well; what it said."""
        done = subprocess.run(
            self._command(*arguments), cwd=ROOT, env=self.variables, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serve(self) -> Iterator[str]:
        """A service that can be asked; its address."""
        process = subprocess.Popen(
            self._command("serve", "--port", "0"), cwd=ROOT, env=self.variables, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[3]
            wait_until_complete(url)
            yield url
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()
            process.communicate()

    def _command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "newsdesk", *map(str, arguments), "--data", str(self.data)]

    def go(self, articles: Path) -> None:
        """Takes the articles in, starts a service, asks it, the command and the chat, and checks each answer."""
        self.run("ingest", articles)
        with self.serve() as url:
            check(httpx.post(f"{url}/api/ask", json={"question": QUESTION}, timeout=60, trust_env=False).json())
            check(json.loads(self.run("ask", QUESTION, "--json")))
            for page in ("/", "/docs", "/openapi.json"):
                assert httpx.get(f"{url}{page}", timeout=60, trust_env=False).status_code == 200, page
            chromium = find_chromium()
            if chromium is not None:
                chat(chromium, url)


def check(answer: dict[str, Any]) -> None:
    """It is the right one, with a citation."""
    assert answer["answerable"], answer
    assert SAID in answer["text"]
    assert answer["citations"]


def chat(chromium: str, url: str) -> None:
    """The chat answers in a browser, opens the cited article, and asks no other host for anything."""
    from playwright.sync_api import expect

    from tests.browser import opened_browser

    with opened_browser(chromium) as browser:
        page = browser.new_page()
        hosts: set[str | None] = set()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        page.goto(url)
        page.get_by_role("textbox", name="Your question").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator(".nd-text")).to_contain_text(SAID)
        page.get_by_role("link", name="Source 1").first.click()
        expect(page.frame_locator('iframe[name="source"]').locator("mark").first).to_be_visible()
    assert hosts - {None} == {"127.0.0.1"}


def raise_loopback() -> None:
    """Makes 127.0.0.1 work in a new network namespace: sets the flags "up" and "running" of `lo`."""
    set_flags, up_and_running = 0x8914, 0x41
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", up_and_running))


if __name__ == "__main__":
    raise_loopback()
    assert [name for _, name in socket.if_nameindex()] == ["lo"], "start it in a network namespace of its own"
    newcomer = Newcomer(Path(sys.argv[1]))
    newcomer.go(Path(sys.argv[2]) if len(sys.argv) > 2 else SAMPLE / "articles.jsonl")
    check(json.loads(newcomer.run("ask", QUESTION, "--json")))  # without the service
    assert newcomer.reached_out() == "", newcomer.reached_out()
    print("answered; the browser too" if find_chromium() else "answered; there is no browser")
