"""Loopback is no fence: other web sites can neither read nor write through a reader's browser."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from api.guard.fence import Fence
from newsdesk.errors import SettingsError
from newsdesk.settings import load_settings
from tests.support import RunningService

QUESTION = {"question": "Who conducted the joint strike on al-Bab?"}
EVIL = "http://evil.example"


@pytest.fixture
def client(service: RunningService) -> Iterator[httpx.Client]:
    """Of the running service: API, article pages and chat."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def port(service: RunningService) -> int:
    """Where the service listens."""
    return urlsplit(service.url).port or 0


def behind_fence(*allowed_hosts: str) -> TestClient:
    """A tiny application behind the fence, asked under the name that each request gives."""
    app = FastAPI()

    @app.api_route("/", methods=["GET", "POST"])
    def _index() -> str:
        return "inside"

    @app.websocket("/socket")
    async def _socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    return TestClient(Fence(app, allowed_hosts))


# ---------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:1", "[::1]:8000", "192.168.1.5", "[fd00::5]", "localhost", "LocalHost:8000", "localhost.",
     "news.localhost", socket.gethostname()],
)  # fmt: skip
def test_it_answers_to_its_own_names(client: httpx.Client, host: str) -> None:
    """Addresses and this machine's names, at whatever port: a tunnel or container may show another one."""
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/api/stats", "/", "/docs", "/config", "/article/x", "/nothing"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.1"])
def test_a_foreign_name_gets_nothing(client: httpx.Client, host: str, path: str) -> None:
    """DNS rebinding needs a name of the attacker's; the refusal says how to allow one."""
    response = client.get(path, headers={"host": host})
    assert response.status_code == 421
    assert response.headers["content-type"] == "application/problem+json"
    assert f"allowed_hosts (NEWSDESK_ALLOWED_HOSTS='[\"{host}\"]')" in response.json()["detail"]


@pytest.mark.parametrize(
    "host", ["", "a b", "http://localhost", "localhost:port", "localhost:999999", "user@localhost", "[::1", "a/b"]
)
def test_a_host_that_is_none_is_refused(client: httpx.Client, host: str) -> None:
    """400, with what was given."""
    response = client.get("/healthz", headers={"host": host})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "head", [b"GET /healthz HTTP/1.0\r\n", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: a\r\n"]
)
def test_there_is_one_host(port: int, head: bytes) -> None:
    """None, or two of which a proxy may have looked at the other, is refused."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(head + b"Connection: close\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_further_names_can_be_allowed() -> None:
    """Those named, and no others."""
    client = behind_fence("News.Example", "desk")
    assert client.get("http://news.example:81/").text == '"inside"'
    assert client.get("http://desk/").status_code == 200
    assert client.get("http://evil.example/").status_code == 421


def test_every_name_can_be_allowed() -> None:
    """Pages of other origins still cannot send anything."""
    client = behind_fence("*")
    assert client.get("http://whatever.example/").status_code == 200
    assert client.post("http://whatever.example/", headers={"origin": EVIL}).status_code == 403


def test_the_setting_is_a_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the file as TOML has lists, in the environment as JSON; what is neither is said."""
    monkeypatch.chdir(tmp_path)
    assert load_settings().allowed_hosts == ()
    Path("newsdesk.toml").write_text('allowed_hosts = ["a.example", "b.example"]')
    assert load_settings().allowed_hosts == ("a.example", "b.example")
    monkeypatch.setenv("NEWSDESK_ALLOWED_HOSTS", '["c.example"]')
    assert load_settings().allowed_hosts == ("c.example",)
    monkeypatch.setenv("NEWSDESK_ALLOWED_HOSTS", "c.example")
    with pytest.raises(SettingsError, match=r"allowed_hosts.*NEWSDESK_ALLOWED_HOSTS='\[\"news.example\"\]'"):
        load_settings()


# ---------------------------------------------------------------------------- pages of other origins


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "http://127.0.0.1:1", "http://localhost", "https://127.0.0.1", "file://", "x", ""]
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/ask"), ("DELETE", "/api/articles/x"), ("POST", "/gradio_api/queue/join")]
)
def test_another_page_cannot_send_anything(client: httpx.Client, method: str, path: str, origin: str) -> None:
    """Neither to the API nor to the chat, whatever its method; another port of this machine is another page."""
    response = client.request(method, path, json=QUESTION, headers={"origin": origin})
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"


def test_what_a_browser_calls_cross_site_is_refused(client: httpx.Client) -> None:
    """Also where no origin is sent; reading is open to links."""
    headers = {"sec-fetch-site": "cross-site"}
    assert client.post("/api/ask", json=QUESTION, headers=headers).status_code == 403
    assert client.get("/healthz", headers=headers).status_code == 200


def test_its_own_pages_and_programs_may_ask(client: httpx.Client, service: RunningService) -> None:
    """The chat's page sends its origin, curl none."""
    for headers in ({"origin": service.url, "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {}):
        assert client.post("/api/ask", json=QUESTION, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin"),
    [("news.example", "https://news.example"), ("news.example:443", "https://news.example"),
     ("127.0.0.1:8000", "https://news.example"), ("127.0.0.1:8000", "https://news.example:8443")],
)  # fmt: skip
def test_a_proxy_may_stand_before_it(host: str, origin: str) -> None:
    """One that speaks https for it, and one that changes the host too, once the name is allowed."""
    headers = {"host": host, "origin": origin}
    assert behind_fence("news.example").post("/", headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "192.168.1.5", "localhost"])
@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost:3000"])
@pytest.mark.parametrize("path", ["/api/stats", "/", "/config", "/nothing"])
def test_another_page_cannot_read_an_answer(client: httpx.Client, path: str, origin: str, host: str) -> None:
    """No permission (CORS) is given, not even by Gradio, and none is promised to a browser that asks before."""
    headers = {"host": host, "origin": origin}
    asking = {**headers, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    for response in (client.get(path, headers=headers), client.options(path, headers=asking)):
        assert not [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("headers", "accepted"), [({}, True), ({"origin": EVIL}, False), ({"host": "evil.example"}, False)]
)
def test_a_socket_is_fenced_too(headers: dict[str, str], accepted: bool) -> None:
    """WebSockets know no CORS at all: any page may open one."""
    client = behind_fence()
    if accepted:
        with client.websocket_connect("/socket", headers={"host": "localhost", **headers}):
            pass
    else:
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/socket", headers={"host": "localhost", **headers}),
        ):
            pass


@pytest.mark.parametrize("path", ["/", "/api/stats", "/docs", "/nothing", "/api/nothing", "/article/nothing"])
def test_every_answer_says_how_it_may_be_used(client: httpx.Client, path: str) -> None:
    """No guessing of content types, no address of an article to other sites, no frame elsewhere; pages keep their own rules."""
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers.get_list("content-security-policy") == [headers["content-security-policy"]]
    assert ("default-src 'none'" in headers["content-security-policy"]) is path.startswith("/article/")
