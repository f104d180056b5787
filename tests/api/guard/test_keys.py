"""Where there are keys, nothing is had without one, and with one what it is good for; no secret is ever written down."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.guard.keys import COOKIE, WRONG_A_MINUTE, needed
from app.service.server import check_keys
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import WrongUse
from newsdesk.settings import Settings
from tests.api.guard.conftest import Guarded
from tests.support import newsdesk, wait_until

ASKED = {"question": "Which of the ferries was late?"}
CHAT = {"model": "newsdesk", "messages": [{"role": "user", "content": "Which of the ferries was late?"}]}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
MCP = {"accept": "application/json, text/event-stream"}
READS: list[tuple[str, str, object]] = [
    ("GET", "/api/stats", None), ("POST", "/api/ask", ASKED), ("GET", "/api/search?q=ferry", None),
    ("POST", "/v1/chat/completions", CHAT), ("GET", "/v1/models", None), ("POST", "/mcp", CALL), ("GET", "/openapi.json", None),
    ("GET", "/config", None), ("GET", "/docs", None), ("GET", "/article/nothing", None), ("GET", "/nothing", None),
]  # fmt: skip
WRITES: list[tuple[str, str, object]] = [
    ("POST", "/api/articles", []),
    ("DELETE", "/api/articles/nothing", None),
    ("POST", "/gradio_api/upload", None),
]


@pytest.fixture
def client(guarded: Guarded) -> Iterator[httpx.Client]:
    """Without a key."""
    with httpx.Client(base_url=guarded.url, timeout=60, trust_env=False, headers=MCP) as client:
        yield client


@pytest.mark.parametrize(("method", "path", "body"), [*READS, *WRITES])
def test_nothing_without_a_key(client: httpx.Client, method: str, path: str, body: object) -> None:
    """401, which says how a key is sent, in the form that the client reads."""
    response = client.request(method, path, json=body)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    if path.startswith("/v1/"):
        assert response.json()["error"]["code"] == "invalid_api_key"
    else:
        assert "newsdesk keys add" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/signin"])
def test_what_needs_no_key(client: httpx.Client, path: str) -> None:
    """Whoever looks after the process may see that it lives, and whoever has a key may show it."""
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), READS)
def test_a_key_reads(guarded: Guarded, client: httpx.Client, method: str, path: str, body: object) -> None:
    """In either header."""
    for headers in ({"authorization": f"Bearer {guarded.keys['read']}"}, {"x-api-key": guarded.keys["read"]}):
        assert client.request(method, path, json=body, headers=headers).status_code in (200, 202, 404)


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
def test_a_key_is_good_for_its_scope(guarded: Guarded, client: httpx.Client, scope: str) -> None:
    """403 says which scope is missing."""
    headers = {"x-api-key": guarded.keys[scope], "x-forwarded-for": "203.0.113.9"}
    removed = client.delete("/api/articles/nothing", headers=headers)
    added = client.post("/api/articles", json=[{"title": "no text"}], headers=headers)
    figures = client.get("/metrics", headers=headers)
    assert removed.status_code == (403 if scope == "read" else 404)
    assert added.status_code == (403 if scope == "read" else 200)
    assert figures.status_code == (200 if scope == "admin" else 403)
    if scope == "read":
        assert "scope write" in removed.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("GET", "/api/rejects", "write"), ("POST", "/api/whatever/comes", "write"), ("PUT", "/api/ask", "read"),
        ("PATCH", "/api/articles/x", "write"), ("GET", "/api/articles/x", "read"), ("POST", "/v1/responses", "read"),
        ("GET", "/api/keys", "admin"), ("GET", "/metrics", "admin"), ("GET", "/metrics/", "admin"), ("GET", "/healthz", None),
        ("GET", "/healthz/x", "read"), ("GET", "/signin/x", "read"), ("POST", "/api//articles", "write"),
    ],
)  # fmt: skip
def test_what_is_not_known_and_changes_something_writes(method: str, path: str, right: str | None) -> None:
    """A route that is added is closed until somebody opens it."""
    assert needed(method, path) == right


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer"}, {"authorization": "Bearer newsdesk-x"}, {"authorization": "Basic bmV3czpkZXNr"},
        {"x-api-key": ""}, {"x-api-key": "%00"}, {"x-api-key": "x" * 10_000}, {"cookie": f"{COOKIE}=*"}, {"cookie": "=;=;,"},
    ],
)  # fmt: skip
def test_what_is_no_key_opens_nothing(client: httpx.Client, headers: dict[str, str]) -> None:
    """Whatever is sent in its place."""
    headers = {**headers, "x-forwarded-for": f"198.51.100.{len(str(headers)) % 250}"}
    assert client.get("/api/stats", headers=headers).status_code == 401


def test_two_different_keys_are_none(guarded: Guarded, client: httpx.Client) -> None:
    """A proxy may have looked at one, the service at the other."""
    headers = {"authorization": f"Bearer {guarded.keys['admin']}", "x-api-key": guarded.keys["read"]}
    assert client.get("/api/stats", headers=headers).status_code == 401


def test_who_tries_keys_has_to_wait(guarded: Guarded, client: httpx.Client) -> None:
    """429 with Retry-After, for this address alone, and a right key does not help it meanwhile."""
    here, elsewhere = ({"x-forwarded-for": address} for address in ("192.0.2.7", "192.0.2.8"))
    statuses = [
        client.get("/api/stats", headers={**here, "x-api-key": f"guess {number}"}).status_code
        for number in range(WRONG_A_MINUTE + 1)
    ]
    assert statuses == [401] * WRONG_A_MINUTE + [429]
    right = {"x-api-key": guarded.keys["read"]}
    held = client.get("/api/stats", headers={**here, **right})
    assert held.status_code == 429
    assert 1 <= int(held.headers["retry-after"]) <= 60
    assert client.get("/api/stats", headers={**elsewhere, **right}).status_code == 200


def test_metrics_are_open_on_this_machine_alone(client: httpx.Client) -> None:
    """Not to what a proxy on it passes on."""
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 401


def test_a_key_ends_when_it_is_revoked(guarded: Guarded, client: httpx.Client) -> None:
    """Made and revoked by the command while the service runs."""
    made = newsdesk("keys", "add", "visitor", "--data", guarded.data)
    assert made.returncode == 0, made.stderr
    headers = {"x-api-key": made.stdout.split()[0]}
    wait_until(lambda: client.get("/api/stats", headers=headers).status_code == 200, 10, pause=0.5)
    assert "visitor: read, made" in newsdesk("keys", "list", "--data", guarded.data).stdout
    assert newsdesk("keys", "revoke", "visitor", "--data", guarded.data).returncode == 0
    wait_until(lambda: client.get("/api/stats", headers=headers).status_code == 401, 10, pause=0.5)


def test_commands_on_its_folder_need_no_key(guarded: Guarded) -> None:
    """Who may read the folder may read everything anyway; nobody else may read how it is done."""
    asked = newsdesk("ask", ASKED["question"], "--data", guarded.data, "--json")
    assert asked.returncode == 0, asked.stderr
    assert guarded.logged_of(route="/api/ask", key="this machine")
    assert (guarded.data / "owner.json").stat().st_mode & 0o077 == 0


def test_signing_in(guarded: Guarded, client: httpx.Client) -> None:
    """A page leads to the sign-in page; a right key gets a cookie that no script and no other site can use; out again."""
    led = client.get("/article/x?mark=1-2-3", headers={"accept": "text/html"})
    assert led.status_code == 303
    assert led.headers["location"] == "/news/signin?next=/article/x"
    wrong = client.post("/signin", data={"key": "newsdesk-nobody's", "next": "/article/x"})
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers
    right = client.post("/signin", data={"key": f" {guarded.keys['read']}\n", "next": "/article/x"})
    assert right.status_code == 303
    assert right.headers["location"] == "/news/article/x"
    cookie = right.headers["set-cookie"]
    assert {"HttpOnly", "Path=/news/", "SameSite=strict"} <= set(cookie.split("; "))
    signed = {"cookie": cookie.partition(";")[0]}
    assert client.get("/api/stats", headers=signed).status_code == 200
    assert "the read key" in client.get("/signin", headers=signed).text
    assert client.delete("/api/articles/x", headers=signed).status_code == 403
    out = client.post("/signout", headers=signed)
    assert f'{COOKIE}=""' in out.headers["set-cookie"]
    assert "Max-Age=0" in out.headers["set-cookie"]


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nx: y", "\t//x", ""],
)
def test_signing_in_leads_nowhere_else(guarded: Guarded, client: httpx.Client, elsewhere: str) -> None:
    """The address to go on to is a path of this service."""
    response = client.post("/signin", data={"key": guarded.keys["read"], "next": elsewhere})
    assert response.headers["location"] == "/news/"
    shown = client.get("/signin", params={"next": elsewhere}).text
    assert "evil.example" not in shown


def test_no_secret_is_written_down(guarded: Guarded) -> None:
    """Neither in the log nor in any file but the one of the running service, which holds none of these."""
    lines = guarded.logged()
    assert {"the read key", "the admin key", None} <= {line["key"] for line in lines if "key" in line}
    written = guarded.log.read_bytes() + b"".join(
        file.read_bytes() for file in guarded.data.rglob("*") if file.is_file()
    )
    for secret in guarded.keys.values():
        assert secret.encode() not in written


def test_use_is_noted(guarded: Guarded) -> None:
    """By the day, in the catalogue."""
    catalogue = Catalogue(guarded.data / "catalogue.sqlite3")
    wait_until(lambda: {key.name: key.last_used for key in catalogue.keys.every()}["the read key"], 10, pause=0.2)
    catalogue.close()


def test_others_are_let_in_knowingly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Listening where others reach it takes a key or an explicit word; on loopback neither."""
    data = tmp_path / "data"
    check_keys(Settings(data=data), "127.0.0.1")
    check_keys(Settings(data=data), "::1")
    with pytest.raises(WrongUse, match=r"newsdesk keys add NAME .*--open"):
        check_keys(Settings(data=data), "0.0.0.0")
    check_keys(Settings(data=data, open=True), "0.0.0.0")
    assert "no key is asked for" in caplog.text
    catalogue = Catalogue(data / "catalogue.sqlite3")
    catalogue.keys.add("somebody", "admin")
    check_keys(Settings(data=data), "192.0.2.1")
    catalogue.keys.revoke("somebody")
    check_keys(Settings(data=data), "192.0.2.1")  # closed to everybody, not open
    catalogue.close()


def test_it_refuses_to_start_open(tmp_path: Path) -> None:
    """In one line, at once, with exit code 2."""
    began = time.monotonic()
    done = newsdesk("serve", "--host", "0.0.0.0", "--port", "0", "--data", tmp_path / "data")
    assert done.returncode == 2
    assert "--open" in done.stderr
    assert time.monotonic() - began < 60
