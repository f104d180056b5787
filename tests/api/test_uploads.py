"""Files that are sent over HTTP, and addresses that are named."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.guard.fence import Fence
from api.guard.limits import BodyLimit
from api.routes import build_api
from app.commands.filling.sources import Sources
from app.service.web import stats
from desk.uploads import FOLDER, MAX_FILES, MAX_WAITING, Uploads
from index.archive import Archive
from newsdesk.settings import Settings

MILL = b"Mill to reopen\n\nThe paper mill at Orrin will reopen in May with ninety workers, its owner Petra Vale said."


@dataclass
class Desk:
    """The API over an archive that is empty at first, and what reads its uploads."""

    client: TestClient
    archive: Archive
    uploads: Uploads

    def send(self, *files: tuple[str, bytes]) -> Any:
        """The response to an upload."""
        return self.client.post("/api/uploads", files=[("files", file) for file in files])

    def read(self, *files: tuple[str, bytes]) -> dict[str, Any]:
        """What became of an upload."""
        response = self.send(*files)
        assert response.status_code == 202, response.text
        self.uploads.work(threading.Event())
        result: dict[str, Any] = self.client.get(f"/api/uploads/{response.json()['id']}").json()
        return result


Open = Callable[..., Desk]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens a desk with settings."""
    archives: list[Archive] = []

    def open_desk(**more: Any) -> Desk:
        settings = Settings(data=tmp_path / "data", **more)
        archive = Archive(settings)
        archives.append(archive)
        sources = Sources(settings, archive.catalogue)
        uploads = Uploads(settings.data, archive.catalogue, sources.read, may_fetch=settings.fetch_from_page)
        app = build_api(archive.engine, lambda: stats(archive), lambda: True, uploads=uploads)
        return Desk(TestClient(Fence(BodyLimit(app)), base_url="http://localhost"), archive, uploads)

    yield open_desk
    for archive in archives:
        archive.close()


def test_files_are_read_by_the_rules_of_ingest(opened: Open) -> None:
    """Each becomes articles or a reject with its reason, under the last part of its name; nothing of it is left behind."""
    desk = opened()
    given = desk.read(
        ("C:\\private\\desk\\mill.txt", MILL),
        ("../../etc/list.jsonl", b'{"id": "a", "title": "Fair", "text": "The fair drew 400 people."}\nno json\n'),
        ("photo.png", b"\x89PNG\r\n\x1a\n"),
    )
    assert (given["files"], given["done"], given["finished"], given["added"], given["rejected"]) == (3, 3, True, 2, 2)
    names = [each["name"] for each in given["rejects"]]
    assert names == ["list.jsonl:2", "photo.png"]
    assert all(each["reason"] for each in given["rejects"])
    assert {reject.origin for reject in desk.archive.catalogue.rejects.newest(10)} == {
        "upload/list.jsonl:2",
        "upload/photo.png",
    }
    assert not list((desk.archive.settings.data / FOLDER).iterdir())
    assert desk.read(("mill-again.txt", MILL))["unchanged"] == 1


@pytest.mark.parametrize(
    "name", ["..", "/", "a/../..", ".hidden.txt", "x" * 5_000 + ".txt", "Ж" * 300 + ".txt", "a\nb.txt"]
)
def test_a_name_never_leads_elsewhere(opened: Open, name: str) -> None:
    """Whatever a client calls a file, it lies in the upload's own folder and is read."""
    desk = opened()
    upload = desk.uploads.add([(name, BytesIO(MILL))])
    lying = [path for path in (desk.archive.settings.data / FOLDER).rglob("*") if path.is_file()]
    assert [path.parent.parent.name for path in lying] == [upload.key]
    desk.uploads.work(threading.Event())
    assert desk.uploads.one(upload.key).outcomes or desk.uploads.one(upload.key).rejects


def test_what_a_stop_left_is_read_by_the_next_service(opened: Open) -> None:
    """An upload that was acknowledged is not lost; one that was still being sent leaves nothing."""
    desk = opened()
    desk.send(("mill.txt", MILL))
    (desk.archive.settings.data / FOLDER / ".half").mkdir()
    later = opened()
    later.uploads.drop_unfinished()
    later.uploads.work(threading.Event())
    assert later.archive.catalogue.counts().articles == 1
    assert not list((desk.archive.settings.data / FOLDER).iterdir())


def test_uploads_are_bounded(opened: Open) -> None:
    """Too large, too many files, too many waiting, no files, another content type: each is said, and nothing is stored."""
    desk = opened()
    length = {"content-length": str(65 * 1024**2), "content-type": "multipart/form-data; boundary=x"}
    assert desk.client.post("/api/uploads", content=b"", headers=length).status_code == 413
    assert desk.send(*[("a.txt", b"a")] * (MAX_FILES + 1)).status_code == 422
    assert desk.client.post("/api/uploads", files=[("other", ("a.txt", b"a"))]).status_code == 422
    assert desk.client.post("/api/uploads", json=[]).status_code == 415
    assert desk.client.get("/api/uploads/nothing").status_code == 404
    for _ in range(MAX_WAITING):
        assert desk.send(("mill.txt", MILL)).status_code == 202
    refused = desk.send(("mill.txt", MILL))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    crossed = desk.client.post(
        "/api/uploads", files=[("files", ("a.txt", b"a"))], headers={"origin": "http://evil.example"}
    )
    assert crossed.status_code == 403


def test_an_address_is_fetched_only_where_that_is_allowed(opened: Open) -> None:
    """By default nothing is fetched; with the setting the rules of `newsdesk ingest` hold, which refuse this machine."""
    refused = opened().client.post("/api/uploads/address", json={"address": "https://news.example/1"})
    assert refused.status_code == 422
    assert "fetch_from_page" in refused.json()["detail"]
    desk = opened(fetch_from_page=True)
    assert desk.client.post("/api/uploads/address", json={"address": "file:///etc/passwd"}).status_code == 422
    given = desk.client.post("/api/uploads/address", json={"address": "http://127.0.0.1:1/secret"}).json()
    desk.uploads.work(threading.Event())
    end = desk.client.get(f"/api/uploads/{given['id']}").json()
    assert (end["finished"], end["added"], end["rejected"]) == (True, 0, 1)
    assert "127.0.0.1" in end["rejects"][0]["name"]


def test_who_sends_from_a_page_is_told_of_no_option_of_a_command(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Reasons and the service's log say what is the matter; only `newsdesk ingest` adds which of its options helps."""
    feed = (
        "<rss version='2.0'><channel><item><link>https://weir.example/a</link><description>Cut off</description></item>"
    )
    given = opened().read(
        ("list.csv", b"kicker,inhalt\nWeir,The weir at Orrin broke on Friday.\n"),
        ("other.jsonl", b'{"headline": "Gate", "body": "The gate at Orrin was closed on Monday.", "desk": "Home"}\n'),
        ("feed.xml", f"{feed}</channel></rss>".encode()),
        ("map.xml", b"<urlset><url><loc>https://weir.example/b</loc></url></urlset>"),
    )
    assert (given["added"], len(given["rejects"])) == (1, 3)
    assert "for the title" in caplog.text
    assert "--" not in caplog.text + str(given["rejects"])
