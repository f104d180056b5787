"""Whatever is sent, the service answers properly or says what is wrong, and goes on."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from api.guard.limits import BODY, BODY_OF_ARTICLES
from app.service.connections import MAX_HEAD
from newsdesk.wording.quoted import quoted
from tests.support import RunningService

JSON = {"content-type": "application/json"}
STRIKE = "Who conducted the joint strike on al-Bab?"


@pytest.fixture(scope="module")
def client(service: RunningService) -> Iterator[httpx.Client]:
    """Of the running service."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        yield client


@pytest.fixture(autouse=True)
def _it_goes_on(client: httpx.Client) -> Iterator[None]:
    """After each of these, the next request is answered."""
    yield
    assert client.get("/healthz").json() == {"status": "ok"}


def raw(service: RunningService, sent: bytes) -> tuple[int, bytes, bytes]:
    """Status, head and body of the first answer to these bytes; the connection must then be closed."""
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=60) as connection:
        connection.sendall(sent)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), head, body


def request(target: bytes, *headers: bytes, method: bytes = b"GET", body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: localhost", b"Connection: close", *headers]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def check_problem(response: httpx.Response) -> None:
    """A problem document that blames the request."""
    assert 400 <= response.status_code < 500, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert len(response.content) < 3_000
    assert response.json()["detail"]


# ---------------------------------------------------------------------------- bodies


def deep(levels: int) -> bytes:
    """Brackets in brackets."""
    return b"[" * levels + b"]" * levels


BODIES = {
    "nothing": b"",
    "no JSON": b"who?",
    "half": b'{"question": "x"',
    "list": b"[]",
    "number": b"5",
    "null": b"null",
    "binary": bytes(range(256)),
    "no UTF-8": b'{"question": "\xff"}',
    "too deep": b'{"question": "x", "filters": ' + deep(100_000) + b"}",
    "very deep": b'{"question": "x", "filters": ' + deep(900) + b"}",
    "deep": b'{"question": "x", "filters": ' + deep(300) + b"}",
    "infinite": b'{"question": "x", "top_k": 1e400}',
    "huge": b'{"question": "x", "top_k": 1' + b"0" * 5_000 + b"}",
    "large": b'{"question": "x", "top_k": 1' + b"0" * 4_000 + b"}",
    "NaN": b'{"question": "x", "top_k": NaN}',
    "infinite question": b'{"question": -Infinity}',
    "half a character as a name": b'{"question": "x", "\\ud800": 1}',
    "half a character as a value": b'{"question": "x", "mode": "\\ud800"}',
    "a name of a mebibyte": b'{"question": "x", "' + b"n" * 1_000_000 + b'": 1}',
    "thousands of wrong turns": b'{"question": "x", "history": [' + b"{}," * 2_000 + b"{}]}",
    "long": json.dumps({"question": "x" * 100_000}).encode(),
    "white": b'{"question": " \\n\\t\\u2003"}',
    "year 99999": b'{"question": "x", "as_of": "99999-01-01"}',
    "year 0": b'{"question": "x", "as_of": "0000-01-01"}',
    "object as question": b'{"question": {"text": "x"}}',
}


@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_wrong_body_is_told(client: httpx.Client, path: str, body: bytes) -> None:
    """4xx with a problem document of bounded size."""
    check_problem(client.post(path, content=body, headers=JSON))


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "text/json", "application/xml", "application/jsonp", "application/x-www-form-urlencoded",
     "multipart/form-data", "multipart/form-data; boundary=x", "application", "/", ";", "application/json/x", "*/*"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream", "/api/articles"])
def test_a_wrong_content_type_is_told(client: httpx.Client, path: str, content_type: str) -> None:
    """415 with the right one."""
    response = client.post(path, content=b'{"question": "Who?"}', headers={"content-type": content_type})
    check_problem(response)
    assert response.status_code == 415
    assert "application/json" in response.json()["detail"]


QUESTIONS = [
    "<script>alert(1)</script> <img src=x onerror=alert(2)>",
    '"joint strike',
    "joint strike)) OR ((",
    "title:strike AND NOT source:x",
    "al-Bab~2 joint^5 stri* ?trike [a TO b] {c TO d}",
    "+joint -strike && || ! \\ / : ' ; -- DROP TABLE articles",
    "\x00",
    "Who \x00 conducted\x01 the joint\x1b[31m strike\x7f on al-Bab?",
    "\u202ewho\u202c \ufeff\u200b\u2028\u2029\ufffe\uffff",
    "🐋🇳🇴👩‍👩‍👧‍👦 e" + "\u0301" * 500,
    "x" * 2_000,
    "who " * 500,
    "?" * 2_000,
    "{{7*7}} ${7*7} %s %(x)s {0} {question}",
    "NaN",
    "0",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_is_answered(client: httpx.Client, question: str) -> None:
    """It is plain text: no query language, nothing that is run; it comes back to the letter, as JSON."""
    answered = client.post("/api/ask", json={"question": question})
    for response in (answered, client.get("/api/search", params={"q": question})):
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-content-type-options"] == "nosniff"
    asked = {
        "question": "And why?",
        "history": [{"question": question, "answer": question}],
        "filters": {"sources": [question]},
    }
    assert client.post("/api/ask", json=asked).status_code == 200
    assert answered.json()["question"] == question


def test_control_characters_cost_a_question_nothing(client: httpx.Client) -> None:
    """A question copied from somewhere may hold some; it is answered like one without."""
    clean, odd = (
        client.post("/api/ask", json={"question": text}).json() for text in (STRIKE, "\x00" + STRIKE + "\x1b\x07")
    )
    assert odd["citations"] == clean["citations"]
    assert clean["citations"]


# ---------------------------------------------------------------------------- sizes


@pytest.mark.parametrize(
    ("path", "most", "advice"), [("/api/ask", BODY, "1 MiB"), ("/api/nothing", BODY, "1 MiB"), ("/gradio_api/queue/join", BODY, "1 MiB"),
                                 ("/api/articles", BODY_OF_ARTICLES, "`newsdesk ingest FILE`")]
)  # fmt: skip
def test_a_body_that_is_too_large_is_refused(client: httpx.Client, path: str, most: int, advice: str) -> None:
    """413 names the limit and what to do; announced or not, and whether anybody wants to read it or not."""

    def parts() -> Iterator[bytes]:
        for _ in range(most // 2**16 + 1):
            yield b" " * 2**16

    announced = client.post(path, content=b" " * (most + 1), headers=JSON)
    streamed = client.post(path, content=parts(), headers=JSON)
    for response in (announced, streamed) if path != "/api/nothing" else (announced,):
        check_problem(response)
        assert response.status_code == 413
        assert advice in response.json()["detail"]


def test_a_body_is_refused_before_it_is_sent(service: RunningService) -> None:
    """A client that asks first (Expect: 100-continue, as curl does) need not send it."""
    announced = request(
        b"/api/articles",
        b"Content-Type: application/json",
        b"Expect: 100-continue",
        b"Content-Length: 99999999999",
        method=b"POST",
    )
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=60) as connection:
        connection.sendall(announced)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_the_largest_size_is_read(client: httpx.Client) -> None:
    """To the last byte."""
    body = json.dumps({"question": STRIKE}).encode()
    assert client.post("/api/ask", content=body.ljust(BODY), headers=JSON).status_code == 200


@pytest.mark.parametrize("size", [MAX_HEAD + 1, 10 * MAX_HEAD, 100 * MAX_HEAD])
@pytest.mark.parametrize("where", ["header", "address", "many headers"])
def test_a_head_that_is_too_large_is_refused(service: RunningService, where: str, size: int) -> None:
    """431 with the limit, although the client goes on sending for a while."""
    match where:
        case "header":
            sent = request(b"/healthz", b"X-Long: " + b"x" * size)
        case "address":
            sent = request(b"/" + b"x" * size)
        case _:
            sent = request(b"/healthz", *[b"X-%d: y" % number for number in range(size // 5)])
    status, _, body = raw(service, sent)
    assert status == 431
    assert "64 KiB" in json.loads(body)["detail"]


def test_a_long_head_is_taken(service: RunningService) -> None:
    """Cookies of other services on this machine are sent along by browsers."""
    assert raw(service, request(b"/healthz", b"Cookie: " + b"c" * (MAX_HEAD - 1_000)))[0] == 200


# ---------------------------------------------------------------------------- addresses


IDS = ["../../etc/passwd", "\x00", "a\x00b", "x" * 20_000, "🐋", "%2e%2e/", "%00", "a/b#c?d", "50%", "\\..\\x",
       "https://x.example/?a=b", " ", "\r\nX-Injected: 1", "' OR 1=1 --", "<script>", "//", "con"]  # fmt: skip


@pytest.mark.parametrize("id_", IDS)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_id_is_unknown(client: httpx.Client, method: str, id_: str) -> None:
    """404, whatever it looks like; it comes back as what it is and as nothing else."""
    response = client.request(method, f"/api/articles/{quote(id_, safe='')}")
    check_problem(response)
    assert response.status_code == 404
    assert quoted(id_, 500)[:500] in response.json()["detail"] or "\n" in id_, "no article can have such an id"
    assert "x-injected" not in response.headers


@pytest.mark.parametrize("id_", IDS)
def test_nor_is_there_a_page_for_it(client: httpx.Client, id_: str) -> None:
    """404 with a page that shows it as text."""
    response = client.get(f"/article/{quote(id_, safe='')}")
    assert response.status_code == 404
    assert "<script" not in response.text
    assert "root:" not in response.text


@pytest.mark.parametrize(
    "target",
    [b"/api/articles/%ff%fe", b"/api/articles/%F0%9F%90", b"/api/articles/%", b"/api/articles/%zz", b"/api/articles/../../etc/passwd",
     b"/api/search?q=%ff&source=%00", b"/api/search?q", b"/api/search?&&&==", b"/api/search?q=x&q=y", b"/api/search?q=x&limit=1e400",
     b"/api/search?q=x&offset=-0", b"/api/search?q=x&published_from=%00", b"/api/articles?offset=1_000", b"/api/articles?limit=%EF%BC%91",
     b"/api/./stats", b"/api/../api/stats", b"/api//stats", b"//api/stats", b"/api/stats/", b"/API/STATS", b"/api/stats;x=y", b"/api/stats?" + b"a=b&" * 5_000,
     b"*", b"/", b"/?__theme=%00", b"http://evil.example/api/stats", b"/../../etc/passwd", b"/static/../../../etc/passwd",
     b"/assets/%2e%2e%2f%2e%2e%2fetc/passwd", b"/gradio_api/file=/etc/passwd", b"/gradio_api/file=%00", b"/static-offline-docs/../x",
     b"/gradio_api/proxy=http://127.0.0.1:1/", b"/article/x?mark=-1-2-3", b"/article/x?mark=" + b"9" * 5_000],
)  # fmt: skip
@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"POST", b"DELETE", b"TRACE", b"PROPFIND"])
def test_any_address_is_answered(service: RunningService, method: bytes, target: bytes) -> None:
    """2xx or 4xx, never 5xx; a problem document wherever it is the API's, and never a file of this machine."""
    status, head, body = raw(service, request(target, method=method))
    assert 200 <= status < 500
    assert b"root:" not in body
    if status >= 400 and target.startswith(b"/api/") and method != b"HEAD":
        assert b"content-type: application/problem+json" in head
        assert json.loads(body)["status"] == status


@pytest.mark.parametrize(
    "target", [b"relative", b"/\xf0\x9f\x90\x8b", b"/a b", b"/\x00", b"", b"?x", b"http://", b"\xff"]
)
def test_an_address_that_is_none_is_refused(service: RunningService, target: bytes) -> None:
    """400."""
    status, _, body = raw(service, request(target))
    assert status == 400
    assert json.loads(body)["status"] == 400


# ---------------------------------------------------------------------------- the protocol

ASKED = json.dumps({"question": STRIKE, "filters": {"sources": ["Nobody"]}}).encode()
"""Of no outlet, so that nothing is read: what is odd here is not the question."""
GARBAGE: dict[str, bytes] = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "zeros": bytes(1_000),
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "no such method": request(b"/healthz", method=b"BREW"),
    "CONNECT": request(b"evil.example:443", method=b"CONNECT"),
    "no host": b"GET /healthz HTTP/1.0\r\n\r\n",
    "two hosts": request(b"/healthz", b"Host: localhost"),
    "header without a name": request(b"/healthz", b": x"),
    "header with a space": request(b"/healthz", b"X Y: z"),
    "NUL in a header": request(b"/healthz", b"X: a\x00b"),
    "folded header": request(b"/healthz", b"X: a\r\n b"),
    "two lengths": request(b"/api/ask", b"Content-Length: 5", method=b"POST", body=ASKED),
    "negative length": request(b"/api/ask", b"Content-Length: -1", method=b"POST"),
    "length that is none": request(b"/api/ask", b"Content-Length: 0x10", method=b"POST"),
    "length of 30 digits": request(b"/api/ask", b"Content-Length: " + b"9" * 30, method=b"POST"),
    "length and chunks": request(b"/api/ask", b"Transfer-Encoding: chunked", method=b"POST", body=ASKED),
    "broken chunk": request(b"/api/ask", b"Content-Type: application/json", b"Transfer-Encoding: chunked", method=b"POST") + b"zz\r\n",
    "huge chunk": request(b"/api/ask", b"Transfer-Encoding: chunked", method=b"POST") + b"f" * 30 + b"\r\n",
    "unknown coding": request(b"/api/ask", b"Transfer-Encoding: gzip", method=b"POST", body=ASKED),
}  # fmt: skip


@pytest.mark.parametrize("sent", GARBAGE.values(), ids=GARBAGE)
def test_what_is_no_http_is_refused(service: RunningService, sent: bytes) -> None:
    """400 with a problem document, and the connection is closed."""
    status, head, body = raw(service, sent)
    assert status == 400
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["status"] == 400


def test_garbage_after_a_request_does_not_spoil_its_answer(service: RunningService) -> None:
    """The answer comes first and whole, then the connection is closed."""
    status, _, body = raw(service, b"GET /api/stats HTTP/1.1\r\nHost: localhost\r\n\r\n\x00\x01 garbage\r\n\r\n")
    assert status == 200
    assert json.loads(body)["articles"] == 73


@pytest.mark.parametrize(
    "header",
    [b"Content-Type: text/plain", b"Accept: text/html", b"Upgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13",
     b"Range: bytes=0-0,-1,9999999999999-", b"Accept-Encoding: br;q=nan, \xff", b"Cookie: =;=;\xff", b"Authorization: Basic \xff", b"If-None-Match: *",
     b"X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher", b"Expect: 100-continue", b"Expect: tea",
     b"Content-Encoding: gzip", b"TE: trailers", b"Sec-Fetch-Site: \xff", b"Accept-Language: " + b"x" * 10_000],
)  # fmt: skip
def test_odd_headers_do_no_harm(service: RunningService, header: bytes) -> None:
    """A question is answered, with one header of a kind or with two."""
    for headers in ([header], [header, header]):
        status, _, _ = raw(
            service, request(b"/api/ask", b"Content-Type: application/json", *headers, method=b"POST", body=ASKED)
        )
        assert status in (100, 200), header


@pytest.mark.parametrize(
    "changes",
    [
        {"content-type": "application/json; charset=utf-7"},
        {"content-type": "application/json;;=\xff"},
        {"content-type": "APPLICATION/JSON"},
    ],
)
def test_what_a_content_type_adds_is_passed_over(client: httpx.Client, changes: dict[str, Any]) -> None:
    """JSON is UTF-8."""
    headers = {name: value.encode("latin-1") for name, value in changes.items()}
    assert client.post("/api/ask", content=ASKED, headers=headers).status_code == 200
