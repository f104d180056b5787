"""Articles that are posted, and removed, over HTTP."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from starlette.types import Message

from api.intake import MAX_ARTICLES, ORIGIN, Intake
from api.routes import build_api
from app.service.web import stats
from index.archive import Archive
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.settings import Settings
from newsdesk.wording.quoted import quoted
from tests.support import article, one_each

NOTHING = {
    "added": 0, "updated": 0, "unchanged": 0, "older": 0, "held": 0, "withdrawn": 0, "duplicates": 0, "samples_left": 0,
    "rejected": [], "warnings": [],
}  # fmt: skip
WHALE = {"id": "whale", "title": "Whale", "text": "A whale was seen off the harbour.\n\nIt left on Monday."}
TRAM = {"id": "tram", "title": "Tram", "text": "The tram was late again, said the driver."}


@dataclass
class Desk:
    """The API over an archive that is empty at first."""

    client: TestClient
    archive: Archive

    @property
    def catalogue(self) -> Catalogue:
        return self.archive.catalogue

    def post(self, body: object, content_type: str = "application/json") -> dict[str, Any]:
        """What became of the articles; `body` is sent as it is when it is bytes, as JSON otherwise."""
        response = self.send(body, content_type)
        assert response.status_code == 200, response.text
        result: dict[str, Any] = response.json()
        return result

    def send(self, body: object, content_type: str = "application/json") -> Any:
        """The response."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post("/api/articles", content=content, headers={"content-type": content_type})

    def ids(self) -> set[str]:
        """Of all articles."""
        return {item["id"] for item in self.client.get("/api/articles?limit=100").json()["articles"]}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Searched by keyword alone."""
    archive = Archive(Settings(data=tmp_path))
    with TestClient(build_api(archive.engine, lambda: stats(archive), lambda: True)) as client:
        yield Desk(client, archive)
    archive.close()


def lines(*records: object) -> bytes:
    """JSON lines; bytes stand for themselves."""
    return b"".join((item if isinstance(item, bytes) else json.dumps(item).encode()) + b"\n" for item in records)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ([WHALE, TRAM], "application/json"),
        (json.dumps([WHALE, TRAM], indent=2).encode(), "application/vnd.feed+json; charset=utf-8"),
        (lines(WHALE, TRAM), "application/x-ndjson"),
        (lines(WHALE, b"", TRAM, b"  "), "application/jsonl"),
        (lines(WHALE, TRAM), "application/json"),  # the wrong header
        (b"\xef\xbb\xbf" + lines(WHALE, TRAM).replace(b"\n", b"\r\n"), "application/x-ndjson"),
        ([WHALE, TRAM], "application/x-ndjson"),
    ],
)
def test_a_list_and_lines_are_told_apart(desk: Desk, body: object, content_type: str) -> None:
    """By what they are, not by what they are called; each article is stored as it would be from a file."""
    assert desk.post(body, content_type) == {**NOTHING, "added": 2}
    assert desk.ids() == {"whale", "tram"}
    assert desk.catalogue.article("whale").paragraphs == ("A whale was seen off the harbour.", "It left on Monday.")
    assert desk.post(body, content_type) == {**NOTHING, "unchanged": 2}


@pytest.mark.parametrize("body", [WHALE, json.dumps(WHALE, indent=1).encode()])
def test_one_article_needs_no_list(desk: Desk, body: object) -> None:
    """However it is laid out."""
    assert desk.post(body) == {**NOTHING, "added": 1}


def test_no_article_is_no_mistake(desk: Desk) -> None:
    """An empty list does nothing."""
    assert desk.post([]) == NOTHING


def test_a_new_version_replaces_the_old(desk: Desk) -> None:
    """Counted as updated; it is found, and the old one is not."""
    desk.post(WHALE)
    assert desk.post([{**WHALE, "text": "A whale was found dead."}]) == {**NOTHING, "updated": 1}
    assert desk.catalogue.article("whale").paragraphs == ("A whale was found dead.",)


BAD = {
    "null": (b"null", "", "not a JSON object"),
    "a list": (b"[1, 2]", "", "not a JSON object"),
    "a text": (b'"text"', "", "not a JSON object"),
    "no text": (b'{"id": "a"}', "a", "has no text"),
    "wrong text": (b'{"id": "a", "text": 5}', "a", "“text” is a number"),
    "wrong paragraphs": (b'{"id": "a", "paragraphs": [1]}', "a", "“paragraphs” is a list"),
    "wrong id": (b'{"id": [], "text": "x"}', "", "“id” is a list"),
    "half a character": (b'{"id": "a", "text": "x \\ud800 y"}', "a", "half a character"),
    "half a character elsewhere": (b'{"id": "a", "text": "x", "more": [{"\\udfff": 1}]}', "a", "half a character"),
    "NUL": (b'{"id": "a", "text": "x\\u0000y"}', "a", "U+0000"),
    "escape": (b'{"id": "a", "title": "\\u001b[31m", "text": "x"}', "a", "U+001B"),
    "NUL in the id": (b'{"id": "a\\u0000b", "text": "x"}', "a\N{REPLACEMENT CHARACTER}b", "U+0000"),
}
BROKEN_LINES = {
    "no JSON": (b"nope", "", "is not JSON"),
    "cut off": (b'{"id": "a", "text": "x', "", "is not JSON"),
    "no UTF-8": (b'{"id": "a", "text": "\xff"}', "", "is not UTF-8: byte 0xff"),
    "nested": (b'{"id": "a", "text": ' + b"[" * 100_000, "", "is not JSON"),
    "huge number": (b'{"id": 1' + b"0" * 5_000 + b', "text": "x"}', "", "is not JSON"),
}


@pytest.mark.parametrize(("record", "id_", "reason"), {**BAD, **BROKEN_LINES}.values(), ids=[*BAD, *BROKEN_LINES])
def test_a_bad_line_does_not_hold_up_the_others(desk: Desk, record: bytes, id_: str, reason: str) -> None:
    """It is named with its place and its reason, here and on the list of rejects; the rest is stored."""
    result = desk.post(lines(WHALE, record, TRAM), "application/x-ndjson")
    check_rejected(desk, result, id_, reason)


@pytest.mark.parametrize(("record", "id_", "reason"), BAD.values(), ids=BAD)
def test_nor_does_a_bad_item_of_a_list(desk: Desk, record: bytes, id_: str, reason: str) -> None:
    """The same as for lines."""
    result = desk.post(b"[" + b",".join([json.dumps(WHALE).encode(), record, json.dumps(TRAM).encode()]) + b"]")
    check_rejected(desk, result, id_, reason)


def check_rejected(desk: Desk, result: dict[str, Any], id_: str, reason: str) -> None:
    """The second of three, and nothing else, was rejected."""
    (rejected,) = result.pop("rejected")
    assert (rejected["index"], rejected["id"]) == (1, id_)
    assert reason in rejected["reason"]
    assert {**result, "rejected": []} == {**NOTHING, "added": 2}
    (listed,) = desk.catalogue.rejects.newest(10)
    assert (listed.origin, listed.id, listed.reason) == (ORIGIN, id_, rejected["reason"])


def test_what_is_left_out_of_an_article_is_said(desk: Desk) -> None:
    """A date that cannot be read and an address that is none cost the article nothing else."""
    odd = {**TRAM, "published": "some day", "url": "javascript:alert(1)"}
    result = desk.post([WHALE, odd])
    assert [(warning["index"], warning["id"]) for warning in result["warnings"]] == [(1, "tram")] * 2
    texts = " ".join(warning["text"] for warning in result["warnings"])
    assert "“some day” cannot be read" in texts
    assert "“javascript:alert(1)” is not a web address" in texts
    stored = desk.catalogue.article("tram")
    assert (stored.published, stored.url) == (None, "")


def test_copies_are_counted(desk: Desk) -> None:
    """Articles with the paragraphs of an earlier one, stored before or in the same post; they are kept."""
    copy, part = (
        {**WHALE, "id": "copy", "title": "Other"},
        {**WHALE, "id": "part", "text": "A whale was seen off the harbour."},
    )
    more = {**WHALE, "id": "more", "text": WHALE["text"] + "\n\nIt may come back."}
    assert desk.post([WHALE, part, more])["duplicates"] == 0
    assert desk.post([copy])["duplicates"] == 1
    assert desk.post([copy])["duplicates"] == 0, "it is not added again"
    assert desk.post([{**TRAM, "id": f"tram-{number}"} for number in range(3)])["duplicates"] == 2
    assert desk.ids() == {"whale", "copy", "part", "more", "tram-0", "tram-1", "tram-2"}


@pytest.mark.parametrize("body", [b"", b" \n ", b"[", b'[{"id": 1},\n{]', b"[" * 100_000, b'[{"text": "\xff"}]'])
def test_what_cannot_be_told_apart_is_refused_whole(desk: Desk, body: bytes) -> None:
    """Nothing is stored, and the message says so or what to send."""
    response = desk.send(body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert "JSON lines" in response.json()["detail"]
    assert desk.catalogue.counts().articles == desk.catalogue.counts().rejects == 0


@pytest.mark.parametrize("body", [b"x\n" * (MAX_ARTICLES + 1), b"[" + b"{}," * MAX_ARTICLES + b"{}]"])
def test_too_many_at_once_are_refused(desk: Desk, body: bytes) -> None:
    """Each would get its own reason; the message says what to do."""
    response = desk.send(body)
    assert response.status_code == 422
    assert "several posts" in response.json()["detail"]
    assert desk.catalogue.counts().rejects == 0


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/json", ""],
)
def test_what_any_page_may_send_is_not_taken(desk: Desk, content_type: str) -> None:
    """A browser asks nobody before it sends these; 415 says what to send."""
    response = desk.send([WHALE], content_type)
    assert response.status_code == 415
    assert "application/json" in response.json()["detail"]
    assert desk.ids() == set()


def test_a_packed_body_is_not_taken_for_rubbish(desk: Desk) -> None:
    """415 says to send it as it is; nothing of it comes on the list of rejects."""
    packed = {"content-type": "application/x-ndjson", "content-encoding": "gzip"}
    response = desk.client.post("/api/articles", content=gzip.compress(json.dumps(WHALE).encode()), headers=packed)
    assert response.status_code == 415
    assert "gzip" in response.json()["detail"]
    assert desk.catalogue.counts().rejects == 0


def test_probes_may_ask_for_the_head_alone(desk: Desk) -> None:
    """Load balancers do; and /api without its slash is answered as everything below it."""
    assert desk.client.head("/healthz").status_code == desk.client.head("/readyz").status_code == 200
    assert desk.client.get("/api").headers["content-type"] == "application/problem+json"


def test_what_was_posted_is_found_by_the_next_request(desk: Desk) -> None:
    """New or corrected: nobody is told that the archive does not say what it was just given."""
    for said in ("Nine boats sank off Vardholm.", "Eleven boats sank off Vardholm."):
        desk.post([{"id": "storm", "title": "Storm", "text": said}])
        found = desk.client.get("/api/search", params={"q": "boats Vardholm"}).json()["results"]
        assert [item["text"] for item in found] == [said]


def test_a_large_post_is_stored_whole(desk: Desk) -> None:
    """More than is kept in memory while it comes, in many transactions."""
    many = [
        {"id": f"a{number}", "text": f"Report {number}." + " \u00a0" * 15_000 + "It ended."} for number in range(40)
    ]
    assert sum(len(each["text"]) for each in many) > 1024**2
    assert desk.post(lines(*many), "application/x-ndjson") == {**NOTHING, "added": 40}


@pytest.mark.parametrize("id_", ["whale", "a/b", "50%", "a/b#c?d", "../x", "🐋 字"])
def test_an_article_is_removed_at_once(desk: Desk, id_: str) -> None:
    """By its id to the letter; then it is unknown, and removing it again is 404."""
    desk.post([{**WHALE, "id": id_}, TRAM])
    desk.archive.keyword.catch_up()
    address = f"/api/articles/{quote(id_, safe='')}"
    assert desk.client.delete(address).json() == {"removed": id_}
    assert desk.ids() == {"tram"}
    assert desk.client.get("/api/search?q=whale").json()["total"] == 0, "although the index has not caught up"
    for response in (desk.client.delete(address), desk.client.get(address)):
        assert response.status_code == 404
        assert quoted(id_) in response.json()["detail"]


def test_an_article_that_replaces_a_sample_is_new(desk: Desk) -> None:
    """The samples go when it comes, so it is added, and counted when it is a copy."""
    desk.catalogue.put([article("tram", "A sample.", sample=True)], one_each)
    assert desk.post([WHALE, {**WHALE, "id": "tram"}]) == {**NOTHING, "added": 2, "duplicates": 1, "samples_left": 1}


@pytest.mark.parametrize(
    "body",
    [b"[" + b"{}," * 5_000_000 + b"{}]", b'{"a": [' + b"[]," * 5_000_000 + b"[]]}", b"[1," * 2_000_000, b"[" + b"7," * 8_000_000],
    ids=["objects", "within one", "nested", "numbers"],
)  # fmt: skip
def test_a_body_of_many_small_values_takes_little_memory(desk: Desk, body: bytes) -> None:
    """It is refused before each of them becomes an object of many times its size."""
    response, peak = peak_of(lambda: desk.send(body))
    assert response.status_code == 422
    assert "Nothing was stored" in response.json()["detail"]
    assert peak < 8 * len(body), "the objects alone would take more than 20 times as much"


def peak_of(work: Callable[[], Any]) -> tuple[Any, int]:
    """What it gives, and the most memory that Python objects took meanwhile, in bytes."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "added"),
    [(b"[ ]", 0), (b' [\n%s\r\n,\t%s ] ', 2), (b"[%s,%s]\n", 2)],
)  # fmt: skip
def test_a_list_may_have_space_anywhere(desk: Desk, body: bytes, added: int) -> None:
    """As JSON allows it."""
    filled = body % tuple(json.dumps(item).encode() for item in (WHALE, TRAM)[:added])
    assert desk.post(filled) == {**NOTHING, "added": added}


@pytest.mark.parametrize("body", [b"[%s,]", b"[%s %s]", b"[%s] x", b"[%s,%s", b"[,]", b"[%s}", b"[%s,,%s]"])
def test_a_broken_list_is_refused_whole(desk: Desk, body: bytes) -> None:
    """Wherever it breaks, and whatever came before; the message says where."""
    whale = json.dumps(WHALE).encode()
    response = desk.send(body.replace(b"%s", whale))
    assert response.status_code == 422
    assert "line 1 column" in response.json()["detail"]
    assert desk.ids() == set()


def test_few_bodies_are_read_at_a_time(desk: Desk) -> None:
    """Each may keep 32 MiB on the disk; the other posts wait, and all are stored."""
    intake = Intake(desk.catalogue)
    begun: list[int] = []
    taken: list[int] = []

    async def post(number: int, go_on: anyio.Event) -> None:
        async def receive() -> Message:
            begun.append(number)
            await go_on.wait()
            return {"type": "http.request", "body": lines({**WHALE, "id": f"a{number}"}), "more_body": False}

        headers = [(b"content-type", b"application/x-ndjson")]
        result = await intake.take_in(Request({"type": "http", "method": "POST", "headers": headers}, receive))
        taken.append(result.added)

    async def all_at_once() -> None:
        go_on = anyio.Event()
        async with anyio.create_task_group() as group:
            for number in range(7):
                group.start_soon(post, number, go_on)
            await anyio.wait_all_tasks_blocked()
            assert len(begun) == 4
            go_on.set()

    anyio.run(all_at_once)
    assert taken == [1] * 7
