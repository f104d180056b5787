"""The desk over HTTP: tables of questions, saved questions, drafts; by programs and on the pages."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.guard.fence import Fence
from api.guard.limits import BodyLimit
from api.routes import build_api
from app.service.desk import open_desk
from app.service.web import stats
from desk.desk import Desk
from index.archive import Archive
from newsdesk.settings import Settings
from tests.support import article, one_each
from ui.desk import add_desk_pages

WEIR = "The weir at Tolland was built in 1912 by Agnes Murrow <i>and</i> holds 40,000 tonnes of water."
AGAIN = (
    "Engineers say that the weir at Tolland, built in 1912 by Agnes Murrow, will be repaired by the firm Brock & Son."
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """A small archive without vectors."""
    opened = Archive(Settings(data=tmp_path_factory.mktemp("desk")))
    opened.catalogue.put(
        [article("weir", WEIR, title="Old weir"), article("fair", "The fair at Penn drew a crowd.")], one_each
    )
    opened.keyword.catch_up()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def desk(archive: Archive) -> Desk:
    """Its desk."""
    return open_desk(archive)


@pytest.fixture(scope="module")
def client(archive: Archive, desk: Desk) -> Iterator[TestClient]:
    """The API and the pages of the desk, behind the fence."""
    app = build_api(archive.engine, lambda: stats(archive), lambda: True, "", desk)
    add_desk_pages(app, desk)
    with TestClient(Fence(BodyLimit(app)), base_url="http://localhost", follow_redirects=True) as opened:
        yield opened


def test_a_table_is_answered_in_the_background(client: TestClient, desk: Desk) -> None:
    """It is taken in, its state can be asked, and the result comes as a file; then it can be removed."""
    given = client.post(
        "/api/batch",
        content="id,question\n=1,Who built the weir at Tolland?\n2,\n",
        headers={"content-type": "text/csv"},
    )
    assert given.status_code == 202
    address = f"/api/batch/{given.json()['id']}"
    assert client.get(address).json() | {"id": ""} == {
        "id": "", "total": 2, "done": 0, "state": "running", "problem": "", "answers": None,
    }  # fmt: skip
    assert client.get(f"{address}/answers.csv").status_code == 404
    desk.batches.work(threading.Event())
    finished = client.get(address).json()
    assert (finished["state"], finished["done"]) == ("finished", 2)
    answers = client.get(finished["answers"])
    assert answers.headers["content-disposition"] == 'attachment; filename="answers.csv"'
    assert "\r\n'=1,Who built the weir at Tolland?," in answers.text
    assert "Agnes Murrow" in answers.text
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [("id,name\n1,x\n", "text/csv", 422), ("question\n", "text/csv", 422), ("question\nWho?\n", "text/plain", 415), ("x" * 9_000_000, "text/csv", 413)],
)  # fmt: skip
def test_what_is_no_table_is_refused(client: TestClient, content: str, kind: str, status: int) -> None:
    """With what is wrong, and nothing is kept."""
    response = client.post("/api/batch", content=content, headers={"content-type": kind})
    assert response.status_code == status
    assert response.json()["detail"]


def test_a_saved_question_is_answered_by_what_comes_later(client: TestClient, archive: Archive, desk: Desk) -> None:
    """What is new is in the API, in the feed and on the page, with nothing of it taken for markup."""
    saved = client.post("/api/questions", json={"question": "Who will repair the weir at Tolland?"}).json()
    assert saved["secret"]
    archive.catalogue.put([article("again", AGAIN, title="<script>alert(1)</script>")], one_each)
    desk.follower.catch_up()
    shown = client.get(f"/api/questions/{saved['id']}").json()
    assert "secret" not in shown
    [found] = shown["found"]
    assert found["citation"]["article_id"] == "again"
    assert found["citation"]["permalink"].startswith("http://localhost/article/again?mark=")
    feed = client.get(saved["feed"])
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert f"http://localhost{saved['feed']}" in feed.text
    page = client.get(f"/desk/questions/{saved['id']}")
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert client.delete(f"/api/questions/{saved['id']}").status_code == 204
    assert client.get(saved["feed"]).status_code == 404


@pytest.mark.parametrize(
    "given", [{"question": " "}, {"question": "Who?", "webhook": "http://192.0.2.1/"}, {"question": "x" * 3_000}]
)
def test_what_cannot_be_saved_is_refused(client: TestClient, given: dict[str, str]) -> None:
    """An empty or endless question, or a webhook that leads elsewhere."""
    assert client.post("/api/questions", json=given).status_code == 422
    assert client.get("/api/questions").json() == []


def test_a_draft_is_set_beside_the_archive(client: TestClient) -> None:
    """A wrong year is contradicted with both figures, a right sentence is supported, what is not there is not found."""
    text = "The weir at Tolland was built in 1921. It was built by Agnes Murrow. Elephants were seen in Kirkwall harbour yesterday."
    sentences = client.post("/api/check-draft", json={"text": text}).json()["sentences"]
    assert [each["status"] for each in sentences] == ["contradicted", "supported", "not found"]
    assert [(each["draft"], each["archive"]) for each in sentences[0]["differences"]] == [("1921", "1912 by")]
    assert sentences[0]["beside"]["article_id"] == "weir"
    assert text[sentences[1]["start"] : sentences[1]["end"]] == "It was built by Agnes Murrow."


def test_the_pages_do_without_script_and_other_hosts(client: TestClient, desk: Desk) -> None:
    """Forms that a keyboard reaches: each field has a label, no script is allowed, and what is typed is only text."""
    page = client.get("/desk")
    assert '<meta name="referrer" content="same-origin">' in page.text  # or browsers would send forms as of no page
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for field in ("table", "question", "webhook", "text", "file"):
        assert f'<label for="{field}">' in page.text
    assert "http://" not in page.text.replace("http://127.0.0.1:9000/newsdesk", "")
    checked = client.post("/desk/draft", data={"text": "The weir at Tolland was <b>built</b> in 1921."})
    assert "was &lt;b&gt;built&lt;/b&gt; in 1921" in checked.text
    assert "1 contradicted" in checked.text
    handed = client.post("/desk/batch", files={"table": ("q.csv", b"question\nWho built the weir?\n")})
    assert "0 of 1 answered" in handed.text
    desk.batches.work(threading.Event())
    assert "Fetch the answers" in client.get(str(handed.url)).text
    saved = client.post("/desk/questions", data={"question": "Who <u>won</u>?", "webhook": "http://127.0.0.1:9/x"})
    assert "shown only now" in saved.text
    assert "Who &lt;u&gt;won&lt;/u&gt;?" in client.get("/desk").text
    for wrong in (
        client.post("/desk/draft", data={"text": " "}),
        client.post("/desk/questions", data={"question": ""}),
    ):
        assert wrong.status_code == 422
        assert 'role="alert"' in wrong.text
    assert client.get("/desk/questions/nothing").status_code == 404


def test_a_question_is_saved_once(client: TestClient) -> None:
    """The same words, however they are spaced and whatever ends them, are told of what is there; another webhook is another."""
    key = client.post("/api/questions", json={"question": "Who leads Penn council?"}).json()["id"]
    again = client.post("/api/questions", json={"question": " who leads  Penn council ?"})
    assert again.status_code == 409
    assert key in again.json()["detail"]
    other = {"question": "Who leads Penn council?", "webhook": "http://127.0.0.1:9/"}
    assert client.post("/api/questions", json=other).status_code == 201
    assert "is saved already" in client.post("/desk/questions", data={"question": "Who leads Penn council?"}).text


def test_advice_fits_whoever_asks(client: TestClient) -> None:
    """No option of a command is advised to a program or a page."""
    refused = client.post("/api/batch", content="frage\nWho?\n", headers={"content-type": "text/csv"}).json()["detail"]
    assert "Call one of them “question”." in refused
    assert "--" not in refused


@pytest.mark.parametrize(
    "text", ['{"text": "The weir was built in 1912."}', ' [{"body": "The weir."}]', '\ufeff{"a": 1}']
)
def test_a_draft_that_is_json_is_refused(client: TestClient, text: str) -> None:
    """Its names and braces are no sentences; a text that merely begins with a bracket is checked."""
    refused = client.post("/api/check-draft", json={"text": text})
    assert (refused.status_code, "JSON" in refused.json()["detail"]) == (422, True)
    assert client.post("/api/check-draft", json={"text": "[Tolland] The weir was built in 1912."}).status_code == 200
    raw = client.post("/api/check-draft", content=text.encode(), headers={"content-type": "text/plain"})
    assert raw.status_code == 415


def test_a_table_is_on_the_disk_before_it_is_acknowledged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens to the machine after the answer."""
    synced: list[int] = []
    write = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        write(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    batch = desk.batches.add(b"question\nWho built the weir?\n")
    [folder] = [place for place in desk.batches._folder.iterdir() if place.name == batch.key]
    assert {place.stat().st_ino for place in (folder, folder.parent, *folder.iterdir())} <= set(synced)
    desk.batches.remove(batch.key)


def test_no_other_site_can_use_the_desk(client: TestClient) -> None:
    """A page elsewhere that sends one of the forms is refused."""
    response = client.post("/desk/questions", data={"question": "Who?"}, headers={"origin": "http://evil.example"})
    assert response.status_code == 403


def test_removed_texts_leave_the_tables_too(tmp_path: Path) -> None:
    """What a purge looks for is not left in the results of batches."""
    from desk.batches import FOLDER, drop_batches

    (tmp_path / FOLDER / "key").mkdir(parents=True)
    (tmp_path / FOLDER / "key" / "answers.csv").write_text("a text")
    drop_batches(tmp_path)
    assert not (tmp_path / FOLDER).exists()
