"""Attacks on a service that others reach: what was tried, and that nothing came of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest

from tests.api.guard.conftest import Guarded
from tests.support import wait_until

QUESTION = "When does the lighthouse open again?"
SCRIPT = "<script>alert(document.cookie)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def client(guarded: Guarded) -> Iterator[httpx.Client]:
    """With the key that writes."""
    headers = {"x-api-key": guarded.keys["write"]}
    with httpx.Client(base_url=guarded.url, timeout=60, trust_env=False, headers=headers) as client:
        yield client


@contextmanager
def listening() -> Iterator[tuple[str, list[object]]]:
    """A server of this machine's that nobody should ask anything: its address, and who did."""
    callers: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, caller = server.accept()
                except OSError:
                    return
                callers.append(caller)
                connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", callers
        server.shutdown(socket.SHUT_RDWR)


def test_the_service_fetches_nothing(client: httpx.Client) -> None:
    """Whatever field holds an address: of articles, questions, filters, feedback, OpenAI's parts, MCP, Gradio's own routes."""
    with listening() as (inside, callers):
        named = {
            "id": f"{inside}/id",
            "title": inside,
            "source": inside,
            "url": f"{inside}/url",
            "author": inside,
            "text": f"See {inside}.",
        }
        assert client.post("/api/articles", json=[named]).json()["added"] == 1
        asked = {"question": f"What is at {inside}?", "filters": {"sources": [inside]}}
        assert client.post("/api/ask", json=asked).status_code == 200
        for content in ([{"type": "image_url", "image_url": {"url": inside}}], [{"type": "text", "text": inside}]):
            client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": content}]})
        client.post("/v1/responses", json={"input": inside, "previous_response_id": inside})
        headers = {"accept": "application/json, text/event-stream"}
        for tool, arguments in (
            ("fetch", {"id": inside}),
            ("search", {"query": inside}),
            ("ask", {"question": inside}),
        ):
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
            client.post("/mcp", json=call, headers=headers)
        for route in (f"/gradio_api/proxy={inside}/x", f"/gradio_api/file={inside}/x", f"/gradio_api/stream/{quote(inside, safe='')}",
                      f"/docs?url={inside}", f"/?deep_link={inside}", f"/article/{quote(inside, safe='')}"):  # fmt: skip
            assert client.get(route).status_code < 500
        file = {"path": f"{inside}/x", "url": f"{inside}/x", "meta": {"_type": "gradio.FileData"}}
        for data in ([file], [inside], [{"image": file}]):
            joined = {"data": data, "fn_index": 0, "session_hash": "x", "event_data": None, "trigger_id": 1}
            assert client.post("/gradio_api/queue/join", json=joined).status_code < 500
        client.delete(f"/api/articles/{quote(named['id'], safe='')}")
        assert callers == []


@pytest.mark.parametrize(
    "name", ["../../../tmp/out", "/etc/cron.d/x", f"{SCRIPT}.txt", "x" * 5_000, "a\x00b", "..", "con.html"]
)
def test_an_upload_gets_nowhere(guarded: Guarded, client: httpx.Client, name: str) -> None:
    """The page takes no files; whatever one is called, and who has no key that writes is not even heard."""
    uploaded = client.post("/gradio_api/upload", files={"files": (name, b"x" * 1_000)})
    assert 400 <= uploaded.status_code < 500
    assert "<script" not in uploaded.text or "json" in uploaded.headers["content-type"]
    reader = {"x-api-key": guarded.keys["read"]}
    assert client.post("/gradio_api/upload", files={"files": (name, b"x")}, headers=reader).status_code == 403
    assert not Path("/tmp/out").exists()


def test_markup_stays_text(client: httpx.Client) -> None:
    """In headline, outlet, byline, id and text of an article: on its page, in answers, in Markdown for other clients."""
    text = f"The lighthouse opens again on 4 May, said Ada Merrow. {SCRIPT}"
    named = {
        "id": f"x/{SCRIPT}",
        "title": f"Lighthouse {SCRIPT}",
        "source": SCRIPT,
        "author": SCRIPT,
        "text": text,
        "url": "javascript:alert(1)",
    }
    assert client.post("/api/articles", json=[named]).json()["added"] == 1
    wait_until(lambda: client.get("/api/search", params={"q": "lighthouse opens"}).json()["total"], 30, pause=0.3)
    page = client.get(f"/article/{quote(named['id'], safe='/')}", params={"mark": f"0-0-{SCRIPT}"})
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for response in (
        page,
        client.get(f"/nothing/{quote(SCRIPT, safe='')}"),
        client.get(f"/article/{quote(SCRIPT, safe='')}"),
        client.get("/signin", params={"next": f"/{SCRIPT}"}),
        client.post("/signin", data={"key": SCRIPT, "next": f'/"{SCRIPT}'}),
    ):
        assert "<script" not in response.text or "json" in response.headers["content-type"]
        assert "<img" not in response.text or "json" in response.headers["content-type"]
        assert "javascript:" not in response.text
    said = client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": QUESTION}]}).json()
    assert "<script" not in said["choices"][0]["message"]["content"].replace("\\<", "")


def test_slow_senders_take_no_turns(guarded: Guarded, client: httpx.Client) -> None:
    """Ten half questions, with more than there are turns: who sends a whole one is answered."""
    where = urlsplit(guarded.url)
    head = f"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {guarded.keys['read']}\r\nContent-Type: application/json\r\n"
    with ExitStack() as open_:
        for _ in range(10):
            connection = open_.enter_context(socket.create_connection((where.hostname or "", where.port or 0)))
            connection.sendall(f'{head}Content-Length: 100\r\n\r\n{{"quest'.encode())
        assert client.post("/api/ask", json={"question": QUESTION}).status_code == 200


def test_who_leaves_holds_nobody_up(guarded: Guarded, client: httpx.Client) -> None:
    """Thirty questions whose clients have gone are not answered before the next one is."""
    where = urlsplit(guarded.url)
    body = f'{{"question": "{QUESTION}"}}'
    head = f"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {guarded.keys['read']}\r\nContent-Type: application/json\r\n"
    for _ in range(30):
        with socket.create_connection((where.hostname or "", where.port or 0)) as connection:
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    assert client.post("/api/ask", json={"question": QUESTION}).status_code == 200
    figures = {"x-api-key": guarded.keys["admin"]}

    def waiting() -> bool:
        return "newsdesk_questions_waiting 0.0" in client.get("/metrics", headers=figures).text

    wait_until(waiting, 30, pause=0.3)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-length": "5", "transfer-encoding": "chunked"},
        {"x-http-method-override": "DELETE"},
        {"x-original-url": "/healthz", "x-rewrite-url": "/healthz"},
        {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1"},
        {"x-real-ip": "127.0.0.1", "client-ip": "127.0.0.1"},
        {"cookie": "newsdesk_key=; newsdesk_key=x", "x-forwarded-prefix": "/healthz"},
        {"host": "localhost", "x-forwarded-host": "127.0.0.1"},
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/api/stats",
        "/healthz/../api/stats",
        "/signin/../api/stats",
        "/news/api/stats",
        "//api/stats",
        "/api/stats;/healthz",
        "/API/stats",
        "/%61pi/stats",
    ],
)
def test_no_trick_gets_past_the_keys(guarded: Guarded, path: str, headers: dict[str, str]) -> None:
    """Neither a header nor a way of writing the path."""
    where = urlsplit(guarded.url)
    given = {"host": "localhost", "connection": "close", **headers}
    sent = f"GET {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in given.items()) + "\r\n"
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=60) as connection:
        connection.sendall(sent.encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert int(received.split()[1]) in (400, 401, 404)
    assert b'"articles"' not in received
