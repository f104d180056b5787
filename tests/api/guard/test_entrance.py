"""Every request has a name in and out, is logged and counted without saying what was asked, wherever a proxy has the service."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import httpx
import pytest

from api.guard.entrance import access
from newsdesk.errors import SettingsError
from newsdesk.logs import JsonLines
from newsdesk.settings import load_settings
from tests.api.guard.conftest import PAGE, Guarded
from tests.proxy import proxied

QUESTION = "Which harbour was closed by the storm?"


@pytest.fixture
def client(guarded: Guarded) -> Iterator[httpx.Client]:
    """With the key that reads."""
    headers = {"x-api-key": guarded.keys["read"]}
    with httpx.Client(base_url=guarded.url, timeout=60, trust_env=False, headers=headers) as client:
        yield client


# ---------------------------------------------------------------------------- names and the log


def test_a_request_keeps_its_name(guarded: Guarded, client: httpx.Client) -> None:
    """The client's name for it comes back and is in the log, with what was done and by whom, not with the question."""
    response = client.post("/api/ask", json={"question": QUESTION}, headers={"x-request-id": "desk:7.a-b_c"})
    assert response.headers["x-request-id"] == "desk:7.a-b_c"
    [line] = guarded.logged_of(request_id="desk:7.a-b_c")
    assert {name: line[name] for name in ("method", "route", "status", "key", "level")} == {
        "method": "POST", "route": "/api/ask", "status": 200, "key": "the read key", "level": "INFO"
    }  # fmt: skip
    assert line["ms"] > 0
    assert "harbour" not in guarded.log.read_text()


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "ü", '"},{"', "<b>"])
def test_a_name_that_is_none_is_replaced(client: httpx.Client, name: str) -> None:
    """Nothing gets into the log, or into a header, that is more than a name."""
    response = client.get("/healthz", headers={b"x-request-id": name.encode()})
    assert re.fullmatch("[0-9a-f]{16}", response.headers["x-request-id"])


@pytest.mark.parametrize(
    "path", ["/api/articles/secret-draft", "/article/secret-draft", "/secret-draft?token=secret-draft"]
)
def test_paths_are_not_logged(guarded: Guarded, client: httpx.Client, path: str) -> None:
    """What was looked at is the reader's; the pattern of the path is enough."""
    client.get(path)
    assert "secret-draft" not in guarded.log.read_text()


def test_a_line_is_json_whatever_it_holds() -> None:
    """Line breaks, halves of characters and exceptions stay in their line."""
    try:
        raise ValueError("what\n\ud800 went wrong")
    except ValueError as error:
        record = logging.LogRecord(
            "newsdesk.x", 40, "f", 1, "said %s", ("a\nb\ud800",), (ValueError, error, error.__traceback__)
        )
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "said a\nb\ud800"
    assert "went wrong" in json.loads(line)["exception"]
    assert access.name == "newsdesk.access"


# ---------------------------------------------------------------------------- metrics


def test_metrics_tell_how_it_fares(guarded: Guarded, client: httpx.Client) -> None:
    """Requests, answers, steps, limits, views; the labels are few whatever is asked for."""
    client.post("/api/ask", json={"question": QUESTION})
    for number in range(30):
        client.get(f"/nothing/{number}")
        client.get(f"/api/articles/{number}")
        client.request(f"M{number}", "/api/stats")
    text = client.get("/metrics", headers={"x-api-key": guarded.keys["admin"]}).text
    for name in ("requests_total{", "request_seconds_bucket{", "answers_total{mode=", "unanswered_total", "stage_seconds_bucket{",
                 "questions_running", "questions_waiting", "articles ", "vectors_done", "vectors_total",
                 "keyword_view_lag_changes 0", "meaning_view_lag_changes 0"):  # fmt: skip
        assert f"newsdesk_{name}" in text, name
    labels = set(re.findall(r'(?:route|method)="([^"]*)"', text))
    assert "/api/articles/{id:path}" in labels
    assert len(labels) < 40


def test_the_board_asks_for_what_there_is(client: httpx.Client, guarded: Guarded) -> None:
    """Every figure that the Grafana board in docs/grafana.json shows is one that the service tells."""
    from tests.support import ROOT

    board = (ROOT / "docs" / "grafana.json").read_text()
    asked = set(re.findall(r"newsdesk_\w+", " ".join(re.findall(r'"expr": "(.*?)"', board.replace('\\"', "'")))))
    text = client.get("/metrics", headers={"x-api-key": guarded.keys["admin"]}).text
    told = set(re.findall(r"^# TYPE (newsdesk_\w+)", text, re.MULTILINE))
    told |= {f"{name}_bucket" for name in told}
    assert len(asked) > 8
    assert asked <= told, asked - told


# ---------------------------------------------------------------------------- below a prefix


@pytest.mark.parametrize("strip", [True, False])
def test_it_works_below_a_prefix(guarded: Guarded, client: httpx.Client, strip: bool) -> None:
    """API, documentation, MCP and links, whether the proxy takes the prefix away or leaves it."""
    with (
        proxied(guarded.url, "/news", strip=strip, scheme="https") as url,
        httpx.Client(
            headers={**client.headers, "accept": "application/json, text/event-stream"}, timeout=60, trust_env=False
        ) as outside,
    ):
        assert outside.get(f"{url}/api/stats").json()["articles"]
        assert '"/news/openapi.json' in outside.get(f"{url}/docs").text.replace("'", '"')
        assert outside.get(f"{url}/openapi.json").json()["servers"][0]["url"].endswith("/news")
        listed = outside.post(f"{url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert "fetch" in listed.text
        said = outside.post(
            f"{url}/v1/chat/completions",
            json={"messages": [{"role": "user", "content": "Who conducted the joint strike on al-Bab?"}]},
        ).json()
        link = said["choices"][0]["message"]["annotations"][0]["url_citation"]["url"]
        assert link.startswith(f"{url.replace('http:', 'https:')}/article/")
        article = outside.get(link.replace("https:", "http:"))
        assert article.status_code == 200
        assert '"/article' not in article.text
        assert 'href="/news/"' in outside.get(f"{url}/article/nothing").text


def test_the_prefix_without_its_slash_leads_on(guarded: Guarded, client: httpx.Client) -> None:
    """The page's links are relative, so its own address has to end in one."""
    with proxied(guarded.url, "/news", strip=False) as url:
        led = httpx.get(url, headers=client.headers, trust_env=False)
    assert (led.status_code, led.headers["location"]) == (308, "/news/")


@pytest.mark.parametrize("path", ["news", "/a b", "//evil.example", "/news?x", "/..", "/a/../b", "/é"])
def test_a_prefix_is_a_path(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """It goes into links and cookies."""
    monkeypatch.setenv("NEWSDESK_ROOT_PATH", path)
    with pytest.raises(SettingsError, match="root_path"):
        load_settings()


# ---------------------------------------------------------------------------- what headers may not do


@pytest.mark.parametrize(
    "header",
    ["x-forwarded-host", "x-gradio-server", "x-forwarded-prefix", "forwarded", "x-original-url", "x-rewrite-url"],
)
@pytest.mark.parametrize("path", ["/", "/config", "/docs", "/v1/models", "/nothing", "/article/nothing"])
def test_no_header_leads_elsewhere(client: httpx.Client, header: str, path: str) -> None:
    """A page whose links or files came from where a header says would be somebody else's page."""
    value = "host=evil.example" if header == "forwarded" else "https://evil.example/x"
    response = client.get(path, headers={header: value, "accept": "*/*"})
    assert "evil.example" not in response.text + str(response.headers)


def test_an_address_that_nobody_vouches_for_is_not_believed(client: httpx.Client) -> None:
    """What a known proxy passes on is not this machine's, whatever it says of itself."""
    with httpx.Client(base_url=client.base_url, trust_env=False, timeout=60) as nobody:
        for said in ("127.0.0.1", "::1", "localhost", "127.0.0.1, 127.0.0.1"):
            assert nobody.get("/metrics", headers={"x-forwarded-for": said}).status_code == 401


# ---------------------------------------------------------------------------- pages of other origins


def test_pages_of_an_allowed_origin_may_call(client: httpx.Client) -> None:
    """With a key, never with the cookie; a browser that asks before is told so."""
    asking = {"origin": PAGE, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key"}
    told = client.options("/api/ask", headers=asking)
    assert told.status_code == 204
    assert told.headers["access-control-allow-origin"] == PAGE
    assert "X-API-Key" in told.headers["access-control-allow-headers"]
    called = client.post(
        "/api/ask", json={"question": QUESTION}, headers={"origin": PAGE, "sec-fetch-site": "cross-site"}
    )
    assert called.status_code == 200
    assert called.headers["access-control-allow-origin"] == PAGE
    assert "Origin" in called.headers["vary"]
    assert "access-control-allow-credentials" not in called.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", PAGE + ".evil.example", PAGE + ":8443", PAGE.upper(), "null"]
)
def test_pages_of_other_origins_may_not(client: httpx.Client, origin: str) -> None:
    """Also one that looks like it."""
    assert client.post("/api/ask", json={"question": QUESTION}, headers={"origin": origin}).status_code == 403
    read = client.get("/api/stats", headers={"origin": origin})
    assert not [name for name in read.headers if name.startswith("access-control-")]
