"""Attacks on what journalists bring to a service that others reach: files, tables, drafts and saved questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api.guard.conftest import Guarded
from tests.api.guard.test_attacks import SCRIPT, listening
from tests.support import wait_until

CSV = {"content-type": "text/csv"}


@pytest.fixture
def client(guarded: Guarded) -> Iterator[httpx.Client]:
    """With the key that writes."""
    headers = {"x-api-key": guarded.keys["write"]}
    with httpx.Client(base_url=guarded.url, timeout=60, trust_env=False, headers=headers) as client:
        yield client


def uploaded(client: httpx.Client, *files: tuple[str, bytes]) -> dict[str, Any]:
    """What has become of files that were sent at once."""
    sent = client.post("/api/uploads", files=[("files", file) for file in files])
    assert sent.status_code == 202, sent.text
    key = sent.json()["id"]
    wait_until(lambda: client.get(f"/api/uploads/{key}").json()["finished"], 60, pause=0.2)
    return dict(client.get(f"/api/uploads/{key}").json())


def answered(client: httpx.Client, table: str) -> str:
    """The result of a table of questions."""
    given = client.post("/api/batch", content=table, headers=CSV)
    assert given.status_code == 202, given.text
    where = f"/api/batch/{given.json()['id']}"
    wait_until(lambda: client.get(where).json()["state"] != "running", 60, pause=0.2)
    return client.get(f"{where}/answers.csv").text


def test_nothing_that_is_brought_is_fetched(client: httpx.Client) -> None:
    """No address in a file, a table, a draft, a saved question or a field for one leads the service anywhere."""
    with listening() as (inside, callers):
        page = (
            f'<html><head><link rel="canonical" href="{inside}/canonical"><link rel="amphtml" href="{inside}/amp">'
            f'<meta http-equiv="refresh" content="0; url={inside}/refresh"><base href="{inside}/"></head><body><article>'
            f'<h1>The pier</h1><p>The pier at Sallow was mended in March. <img src="{inside}/i.png"></p>'
            f'<iframe src="{inside}/frame"></iframe></article></body></html>'
        )
        feed = (
            f'<rss version="2.0"><channel><title>Sallow</title><link>{inside}</link><item><title>The quay</title>'
            f"<link>{inside}/item</link><description>The quay at Sallow is closed.</description>"
            f'<enclosure url="{inside}/e.mp3" type="audio/mpeg" length="1"/></item></channel></rss>'
        )
        entity = f'<!DOCTYPE x [<!ENTITY y SYSTEM "{inside}/entity">]><rss version="2.0"><channel>&y;</channel></rss>'
        lines = f'{{"title": "The mole", "text": "The mole at Sallow is open.", "url": "{inside}/mole"}}\n'
        end = uploaded(
            client, ("pier.html", page.encode()), ("feed.xml", feed.encode()), ("entity.xml", entity.encode()),
            ("mole.jsonl", lines.encode()), (f"{inside}/named.txt", b"The slip at Sallow is wet."),
        )  # fmt: skip
        assert end["added"] >= 3
        refused = client.post("/api/uploads/address", json={"address": inside})
        assert refused.status_code == 422
        answered(client, f"question,outlet,as_of,days\nWhat is at {inside}?,{inside},{inside},{inside}\n{inside},,,\n")
        assert client.post("/api/check-draft", json={"text": f"The pier at {inside} was mended in March."}).is_success
        saved = client.post("/api/questions", json={"question": f"Who mended the pier at {inside}?"})
        assert saved.status_code == 201
        client.delete(f"/api/questions/{saved.json()['id']}")
        assert callers == []


@pytest.mark.parametrize(
    "webhook",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",  # the same, as one number
        "http://0xa9fea9fe/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00::1]/",
        "http://192.168.1.1:8080/",
        "http://localhost.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://evil.example#@127.0.0.1/",
        "http://evil.example\\@127.0.0.1/",
        "gopher://127.0.0.1:6379/_INFO",
        "file:///etc/passwd",
        "//127.0.0.1/x",
        "http://127.0.0.1/\r\nX-Injected: 1",
        SCRIPT,
    ],
)
def test_a_webhook_leads_nowhere_else(client: httpx.Client, webhook: str) -> None:
    """However another machine's address is written, it is refused when the question is saved, and nothing is kept."""
    given = {"question": f"Who rang the bell of {webhook[:40]}?", "webhook": webhook}
    refused = client.post("/api/questions", json=given)
    assert refused.status_code == 422, refused.text
    assert "webhook" in refused.json()["detail"]
    assert client.get("/api/questions").json() == []


def test_markup_in_names_stays_text(client: httpx.Client) -> None:
    """Of files, columns and outlets: in what the API says, on the pages, and in the table that comes back."""
    bad = f'"{SCRIPT}'.replace("/", "")
    end = uploaded(client, (f"{bad}.txt", b"The ferry to Sallow sails again."), (f"{bad}.png", b"\x89PNG\r\n\x1a\n"))
    assert end["rejects"]
    ids = [each["id"] for each in client.get("/api/articles", params={"limit": 50}).json()["articles"]]
    pages = [client.get(f"/article/{quote(id_, safe='/')}") for id_ in ids]
    assert any("The ferry to Sallow" in page.text for page in pages)
    pages += [client.get(path) for path in ("/load", "/desk")]
    pages.append(client.get("/search", params={"q": f"ferry {SCRIPT}", "source": SCRIPT}))
    pages.append(client.post("/desk/draft", data={"text": f"The ferry to Sallow sails again. {SCRIPT}"}))
    table = f"question,{SCRIPT}\nWhen does the ferry sail? {SCRIPT},x\n".encode()
    pages.append(client.post("/desk/batch", files={"table": (f"{bad}.csv", table, "text/csv")}, follow_redirects=True))
    pages.append(client.post("/desk/questions", data={"question": f"Who sails? {SCRIPT}"}, follow_redirects=True))
    for page in pages:
        assert page.status_code < 500
        assert "html" in page.headers["content-type"]
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
    for saved in client.get("/api/questions").json():
        feed = client.get(f"/api/questions/{saved['id']}/feed.atom")
        assert "<script" not in feed.text
        client.delete(f"/api/questions/{saved['id']}")


@pytest.mark.parametrize(
    "key", ["../catalogue.sqlite3", "../../data", "..", ".", "x\x00y", "*", "%2e%2e", "C:\\x", "x" * 5_000]
)
def test_a_key_is_no_path(guarded: Guarded, client: httpx.Client, key: str) -> None:
    """Whatever a table, an upload, a question or a file of the page is called in an address, nothing else is read or removed."""
    there = sorted(path.name for path in guarded.data.iterdir() if not path.name.endswith((".sqlite3-wal", "-shm")))
    inside = quote(key, safe="").replace(".", "%2E")  # a client would take dots alone away
    for path in (f"/api/batch/{inside}", f"/api/batch/{inside}/answers.csv", f"/api/uploads/{inside}", f"/api/questions/{inside}",
                 f"/api/questions/{inside}/feed.atom", f"/desk/batch/{inside}", f"/desk/questions/{inside}", f"/ui/{inside}"):  # fmt: skip
        found = client.get(path)
        assert found.status_code in (307, 404, 405, 414, 431), (path[:80], found.status_code)
        assert b"SQLite format" not in found.content
    for path in (f"/api/batch/{inside}", f"/api/questions/{inside}"):
        assert client.delete(path).status_code in (307, 404, 405)
    assert sorted(
        path.name for path in guarded.data.iterdir() if not path.name.endswith((".sqlite3-wal", "-shm"))
    ) == there  # fmt: skip


def test_a_reader_brings_nothing(guarded: Guarded) -> None:
    """Who may only read can neither load files nor address the service; a wrong key can do nothing at all."""
    for key, expected in ((guarded.keys["read"], 403), ("newsdesk-" + "A" * 43, 401), ("", 401)):
        headers = {"x-api-key": key} if key else {}
        with httpx.Client(base_url=guarded.url, timeout=60, trust_env=False, headers=headers) as client:
            for path, sent in (
                ("/api/uploads", {"files": [("files", ("a.txt", b"a"))]}),
                ("/api/uploads/address", {"json": {"address": "http://news.example/"}}),
                ("/api/articles", {"json": [{"id": "a", "text": "a"}]}),
            ):
                assert client.post(path, **sent).status_code == expected, (path, key[:12])
