"""Calls to other services."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from newsdesk.errors import ServiceUnreachable
from newsdesk.remote_service import LONGEST_WAIT, TRIES, Outbound, asked_to_wait, is_this_machine
from tests.scripted_server import Hangup, Reply, Request, ScriptedServer

Connect = Callable[..., Outbound]


@pytest.fixture
def outbound() -> Iterator[Connect]:
    """Makes clients of a service, and closes them."""
    with ExitStack() as opened:

        def connect(url: str, key: str = "", timeout: float = 30) -> Outbound:
            client = Outbound("The service", url, ServiceUnreachable, timeout, key)
            opened.callback(client.close)
            return client

        yield connect


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_service_is_asked_again(outbound: Connect, status: int) -> None:
    """Two refusals for the moment are followed by the answer."""
    replies = [Reply({}, status, {"retry-after": "0"}), Reply({}, status, {"retry-after": "0"}), Reply({"a": 1})]
    with ScriptedServer(lambda _: replies.pop(0)) as server:
        assert outbound(server.url).call("GET", "x").json() == {"a": 1}
        assert len(server.requests) == TRIES


def test_a_service_that_stays_busy_is_not_asked_for_ever(outbound: Connect) -> None:
    """After three tries its own answer is what counts."""
    with ScriptedServer(lambda _: Reply({}, 503, {"retry-after": "0"})) as server:
        assert outbound(server.url).call("GET", "x").status_code == 503
        assert len(server.requests) == TRIES


@pytest.mark.parametrize("status", [200, 400, 404, 422, 500])
def test_any_other_answer_is_the_answer(outbound: Connect, status: int) -> None:
    """What trying again would not mend is asked once."""
    with ScriptedServer(lambda _: Reply({}, status)) as server:
        assert outbound(server.url).call("GET", "x").status_code == status
        assert len(server.requests) == 1


def test_a_lost_connection_is_tried_again(outbound: Connect) -> None:
    """A service that restarts meanwhile costs nothing but time."""
    tries: list[Request] = []

    def script(request: Request) -> Reply:
        tries.append(request)
        if len(tries) == 1:
            raise Hangup
        return Reply({"a": 1})

    with ScriptedServer(script) as server:
        assert outbound(server.url).call("POST", "x", {"b": 2}).json() == {"a": 1}
        assert [request.json for request in tries] == [{"b": 2}] * 2


def test_nobody_there_is_said(outbound: Connect) -> None:
    """The error names the address and what to look at."""
    with ScriptedServer(lambda _: Reply()) as server:
        url = server.url
    with pytest.raises(ServiceUnreachable, match=rf"The service at {url} cannot be reached: .*Check that it runs"):
        outbound(url).call("GET", "x")


def test_a_late_answer_is_not_waited_for(outbound: Connect) -> None:
    """The time limit ends it, once: asking a slow service again makes it slower."""
    done = threading.Event()

    def script(_: Request) -> Reply:
        done.wait()
        return Reply()

    with ScriptedServer(script) as server:
        try:
            with pytest.raises(ServiceUnreachable, match=r"did not answer within 0\.2 s"):
                outbound(server.url, timeout=0.2).call("GET", "x")
        finally:
            done.set()
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("3600", LONGEST_WAIT),
        ("", 1.5),
        ("soon", 1.5),
        ("-5", 1.5),
        pytest.param(format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True), 0, id="an hour ago"),
        pytest.param(
            format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True), LONGEST_WAIT, id="in an hour"
        ),
        ("Sun, 22 Nov 2026 10:00:00", 1.5),
    ],
)
def test_how_long_a_service_is_waited_for(asked: str, seconds: float) -> None:
    """Retry-After is a number or a date, and never a reason to wait for hours."""
    assert asked_to_wait(httpx.Response(503, headers={"retry-after": asked}), 1.5) == seconds


@pytest.mark.parametrize("answer", [Reply(status=500), Hangup()])
def test_secrets_are_in_no_message_and_no_log(
    outbound: Connect, answer: Reply | Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the key nor the password of the address is told, even when the service tells them."""

    def script(_: Request) -> Reply:
        if isinstance(answer, Exception):
            raise answer
        return answer

    caplog.set_level(logging.DEBUG)
    with ScriptedServer(script) as server:
        client = outbound(server.url.replace("//", "//reader:pass-word@"), key="sk-very-secret\n")
        said = ""
        try:
            client.call("GET", "x")
        except ServiceUnreachable as error:
            said = str(error)
        assert server.requests[0].headers["authorization"]
    said += client.url + client.safe("wrong key sk-very-secret for pass-word") + caplog.text
    assert "sk-very-secret" not in said
    assert "pass-word" not in said
    assert "wrong key *** for ***" in said


def test_the_key_and_the_password_are_sent(outbound: Connect) -> None:
    """What is hidden from people still reaches the service."""
    with ScriptedServer(lambda _: Reply()) as server:
        outbound(server.url, key="abc").call("GET", "x")
        outbound(server.url.replace("//", "//name:word@")).call("GET", "x")
        assert [request.headers["authorization"] for request in server.requests] == ["Bearer abc", "Basic bmFtZTp3b3Jk"]


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("ftp://host/", "begins with “ftp”"),
        ("localhost:8000", "begins with “localhost”"),
        ("", "begins with “”"),
        ("http://", "names no host"),
        ("http://u:secret@host:port", "cannot be read"),
        ("http://u:secret@host/?key=secret", "part after"),
    ],
)
def test_a_wrong_address_is_refused(outbound: Connect, url: str, wrong: str) -> None:
    """It is said what is wrong with it, without what may be secret in it."""
    with pytest.raises(ServiceUnreachable, match=f"address of the service.*{wrong}") as caught:
        outbound(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["schlüssel", "two words", "line\nbreak"])
def test_a_key_that_cannot_be_one_is_refused(outbound: Connect, key: str) -> None:
    """It would be shown by the error of a library if it were tried."""
    with pytest.raises(ServiceUnreachable, match="no key has") as caught:
        outbound("http://localhost", key)
    assert key not in str(caught.value)


def test_a_path_of_the_address_is_kept(outbound: Connect) -> None:
    """A service may live below a path."""
    with ScriptedServer(lambda _: Reply()) as server:
        for base in ("/news", "/news/"):
            outbound(server.url + base).call("GET", "api/stats")
        assert [request.path for request in server.requests] == ["/news/api/stats"] * 2


def test_a_proxy_is_not_asked_for_this_machine(outbound: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment cannot know what runs here."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with ScriptedServer(lambda _: Reply({"a": 1})) as server:
        for host in ("127.0.0.1", "localhost"):
            assert outbound(server.url.replace("127.0.0.1", host)).call("GET", "x").json() == {"a": 1}


def test_a_proxy_is_asked_for_other_machines(outbound: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only a proxy leads outside, the environment says so."""
    with ScriptedServer(lambda _: Reply({"a": 1})) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        assert outbound("http://news.invalid").call("GET", "x").json() == {"a": 1}
        assert proxy.requests[0].path == "http://news.invalid/x"


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("localhost", True), ("a.localhost", True), ("127.0.0.2", True), ("::1", True), ("10.0.0.1", False), ("x.example", False)],
)  # fmt: skip
def test_what_is_this_machine(host: str, is_here: bool) -> None:
    """By its names and by all its addresses."""
    assert is_this_machine(host) == is_here


def test_what_a_service_says_is_one_short_line(outbound: Connect) -> None:
    """Nothing that a service says can paint on a terminal or fill it."""
    safe = outbound("http://localhost").safe
    assert safe("a\n\x1b[31m b\u202e c") == "a [31m b c"
    assert len(safe("x" * 10_000)) < 600
