"""Archives of files and of the web: everything in them is read, nothing in them can harm."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from ingest.files import file_of
from ingest.formats.packed import archive
from ingest.sources import read_sources
from newsdesk.types import Article, Rejected

STORY = "The harbour of Lom stays closed until the storm has passed, its master said on Friday."
PAGE = f"<html><head><title>Harbour closed</title></head><body><article><p>{STORY}</p><p>{STORY} Ships wait.</p></article></body></html>"


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def tarred(path: Path, members: dict[str, bytes], packed: bool = True) -> Path:
    with tarfile.open(path, "w:gz" if packed else "w") as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path


MEMBERS = {
    "a/story.txt": STORY.encode(),
    "page.html": PAGE.encode(),
    "list.jsonl.gz": gzip.compress(b'{"id": "j", "text": "One."}\nno\n'),
    "logo.png": b"\x89PNG\r\n\x1a\n0000",
}


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize("name", ["pack.zip", "pack"])
def test_each_member_is_read_by_its_kind(tmp_path: Path, make: object, name: str) -> None:
    """Members are found by content; what is rejected in them is named, and leads back to the archive."""
    assert callable(make)
    path = make(tmp_path / name, MEMBERS)
    items = list(read_sources([path]))
    assert [item.title for item in items if isinstance(item, Article)][1:] == ["Harbour closed", ""]
    rejected = [item for item in items if isinstance(item, Rejected)]
    assert [item.origin for item in rejected] == [f"{path}!/list.jsonl.gz:2", f"{path}!/logo.png"]
    assert "is a picture" in rejected[1].reason
    assert [file_of(item.origin) for item in rejected] == [path, path]


def test_archives_in_archives(tmp_path: Path) -> None:
    """One in another is read, one in that too; deeper ones are not opened."""
    inner = zipped(tmp_path / "0", {"story.txt": STORY.encode()})
    for depth in range(1, 5):
        inner = zipped(tmp_path / str(depth), {f"{depth - 1}.zip": inner.read_bytes()})
    [item] = read_sources([inner])
    assert isinstance(item, Rejected)
    assert "more than 2 archives" in item.reason
    [article] = read_sources([tmp_path / "1"])
    assert isinstance(article, Article)


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "C:\\evil.txt", "a\nb\x1b[2J.txt"]
)
def test_names_of_members_lead_nowhere(tmp_path: Path, make: object, name: str) -> None:
    """A path that leads out of the archive is only a name: the member is read, nothing is written beside it."""
    assert callable(make)
    folder = tmp_path / "in"
    folder.mkdir()
    path = make(folder / "pack", {name: STORY.encode()})
    [article] = read_sources([path])
    assert isinstance(article, Article)
    assert [entry.name for entry in (*tmp_path.iterdir(), *folder.iterdir())] == ["in", "pack"]


def test_links_and_devices_in_a_tar_are_passed_over(tmp_path: Path) -> None:
    """A link to a file of this machine is not followed."""
    path = tmp_path / "pack.tar"
    with tarfile.open(path, "w") as file:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"evil{kind!r}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            file.addfile(info)
        info = tarfile.TarInfo("story.txt")
        info.size = len(STORY)
        file.addfile(info, io.BytesIO(STORY.encode()))
    [article] = read_sources([path])
    assert isinstance(article, Article)


@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_bomb_is_not_unpacked(tmp_path: Path, make: object) -> None:
    """A member of zeros beyond all measure is a reject; its neighbours are read."""
    assert callable(make)
    bomb = bytes(archive._UNCHECKED_BYTES * 4)
    path = make(tmp_path / "pack", {"bomb.txt": bomb, "story.txt": STORY.encode()})
    rejected, article = read_sources([path])
    assert isinstance(rejected, Rejected)
    assert "unpacks to far more" in rejected.reason
    assert isinstance(article, Article)


def test_the_size_that_an_archive_claims_is_not_believed(tmp_path: Path) -> None:
    """What is counted is what comes out."""
    path = zipped(tmp_path / "pack.zip", {"story.txt": bytes(archive._UNCHECKED_BYTES * 2)})
    data = path.read_bytes().replace((archive._UNCHECKED_BYTES * 2).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    [rejected] = read_sources([path])
    assert isinstance(rejected, Rejected)


@pytest.mark.parametrize(("name", "make"), [("p.zip", zipped), ("p.tar.gz", tarred)])
def test_damage_is_told(tmp_path: Path, name: str, make: object) -> None:
    """An archive that breaks off never stops a run."""
    assert callable(make)
    path = make(tmp_path / name, {f"{n}.txt": f"{n} {STORY}".encode() for n in range(300)})
    for cut in (10, 300, path.stat().st_size // 2, path.stat().st_size - 5):
        path.write_bytes(path.read_bytes()[:cut])
        assert any(isinstance(item, Rejected) for item in read_sources([path]))


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"xl/workbook.xml": b"<x/>"}, "Excel"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}, "OpenDocument"),
        ({"word/document.xml": b"<x/>"}, "damaged Word document"),
    ],
)
def test_other_offices_are_named(tmp_path: Path, members: dict[str, bytes], reason: str) -> None:
    """What is a zip archive only inside is called what it is, with what to save it as."""
    [rejected] = read_sources([zipped(tmp_path / "a", members)])
    assert isinstance(rejected, Rejected)
    assert reason in rejected.reason


def record(kind: str, address: str, body: bytes, content_type: str = "application/http; msgtype=response") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2021-05-03T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\n"
    return f"{head}Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body + b"\r\n\r\n"


def response(body: bytes, status: str = "200 OK", kind: str = "text/html; charset=utf-8", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def warc() -> list[bytes]:
    greek = PAGE.replace("Harbour closed", "Λιμάνι κλειστό").encode("iso-8859-7")
    return [
        record("warcinfo", "", b"software: x\r\n", "application/warc-fields"),
        record("request", "https://lom.example/1", b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"),
        record("response", "https://lom.example/1", response(PAGE.encode())),
        record("response", "https://lom.example/2", response(b"moved", "301 Moved")),
        record("response", "https://lom.example/3", response(b"\x89PNG", kind="image/png")),
        record("response", "https://lom.example/4", response(b"<html><body>Menu</body></html>")),
        record(
            "response",
            "https://lom.example/5",
            response(gzip.compress(PAGE.encode()), more="Content-Encoding: gzip\r\n"),
        ),
        record("resource", "https://lom.example/6", PAGE.encode(), "text/html"),
        record("response", "https://lom.example/7", response(greek, kind="text/html; charset=iso-8859-7")),
    ]


@pytest.mark.parametrize("packed", ["", "each", "whole"])
def test_the_pages_of_a_web_archive(tmp_path: Path, packed: str) -> None:
    """Pages that were answered with 200 are articles under their address; a page without a story is a reject."""
    path = tmp_path / "crawl"
    records = warc()
    data = b"".join(gzip.compress(item) for item in records) if packed == "each" else b"".join(records)
    path.write_bytes(gzip.compress(data) if packed == "whole" else data)
    items = list(read_sources([path]))
    pages = [item for item in items if isinstance(item, Article)]
    assert [item.url for item in pages] == [f"https://lom.example/{n}" for n in (1, 5, 6, 7)]
    assert pages[-1].title == "Λιμάνι κλειστό"
    [rejected] = [item for item in items if isinstance(item, Rejected)]
    assert rejected.origin == f"{path} https://lom.example/4"
    assert file_of(rejected.origin) == path


def test_a_web_archive_that_breaks_off(tmp_path: Path) -> None:
    """What came before is kept, and the damage is told."""
    path = tmp_path / "crawl.warc"
    records = warc()
    whole = b"".join(map(gzip.compress, records[:3]))
    for behind in (gzip.compress(records[-1])[:-60], b"WARC/1.0\r\nWARC-Type: resp"):
        path.write_bytes(whole + behind)
        first, last = read_sources([path])
        assert isinstance(first, Article)
        assert isinstance(last, Rejected)
        assert "breaks off" in last.reason or "damaged from record 4" in last.reason


def test_a_wacz_gives_its_web_archives_alone(tmp_path: Path) -> None:
    """The list of pages that it also holds would give each story twice."""
    members = {
        "datapackage.json": b"{}",
        "pages/pages.jsonl": b'{"id": "x", "text": "The harbour of Lom."}',
        "archive/data.warc.gz": b"".join(map(gzip.compress, warc())),
    }
    items = list(read_sources([zipped(tmp_path / "crawl.wacz", members)]))
    assert sum(isinstance(item, Article) for item in items) == 4


def test_an_arc_file(tmp_path: Path) -> None:
    """The form before WARC is read as well."""
    body = response(PAGE.encode())
    about = b"1 0 Archive\nURL IP-address Archive-date Content-type Archive-length\n\n"
    head = b"filedesc://crawl.arc 0.0.0.0 20080430204825 text/plain %d\n" % len(about.strip()) + about
    item = f"https://lom.example/1 10.0.0.1 20080430204826 text/html {len(body)}\n".encode() + body + b"\n"
    (tmp_path / "crawl.arc").write_bytes(head + item)
    [article] = [item for item in read_sources([tmp_path / "crawl.arc"]) if isinstance(item, Article)]
    assert article.url == "https://lom.example/1"
