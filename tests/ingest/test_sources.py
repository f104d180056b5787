"""Sources: everything named or found is either read or rejected with a reason, and nothing ends the run."""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.files import file_of, origin_of
from ingest.formats.registry import UNKNOWN_FORMAT
from ingest.sources import read_sources
from newsdesk.types import Article, Rejected

LEAD = "The council of Northfield closed the old harbour bridge on Tuesday after engineers found cracks in its pillars."
MORE = "Until the repairs are finished a ferry will run every ten minutes in the mornings and every hour at night."
TEXT = f"Harbour bridge closed for winter\n\n{LEAD}\n\n{MORE}\n"
PAGE = f"<html><head><title>Bridge</title></head><body><article><p>{LEAD}</p><p>{MORE}</p></article></body></html>"
LINE = json.dumps({"id": "line", "text": LEAD}) + "\n"

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes a file below the temporary folder."""

    def put(name: str, content: str | bytes = LINE) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


def articles(*paths: Path) -> list[Article]:
    return [item for item in read_sources(paths) if isinstance(item, Article)]


def rejects(*paths: Path) -> list[Rejected]:
    return [item for item in read_sources(paths) if isinstance(item, Rejected)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", LINE),
        ("a.NDJSON", LINE),
        ("a.json", LINE),
        ("a.html", PAGE),
        ("a.htm", PAGE),
        ("a.xhtml", PAGE),
        ("a.txt", TEXT),
        ("a.text", TEXT),
        ("a.md", TEXT),
        ("a.feed", LINE),
        ("a.php", PAGE),
        ("a", TEXT),
        ("a.txt", "\n<!-- saved --> <!DOCTYPE html>" + PAGE),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_the_reader_is_chosen_by_name_or_by_content(put: Put, name: str, content: str, packed: bool) -> None:
    """Each kind is read, plain and gzipped; where the name says nothing, or .txt is a web page, the content decides."""
    path = put(name + ".gz", gzip.compress(content.encode())) if packed else put(name, content)
    [article] = read_sources([path])
    assert isinstance(article, Article)
    assert article.paragraphs[0] == LEAD


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.bin", b"\x00\x01\x02"),
        ("a.css", "p { color: red }"),
        ("a", b"\x7fELF\x00\x01"),
    ],
)
def test_an_unknown_kind_is_rejected_with_the_kinds_that_are_known(put: Put, name: str, content: str | bytes) -> None:
    """Whether named directly or found in a folder."""
    path = put(f"in/{name}", content)
    expected = [Rejected(str(path), "", UNKNOWN_FORMAT)]
    assert list(read_sources([path])) == expected
    assert list(read_sources([path.parent])) == expected


def test_folders_are_read_to_the_bottom_in_order(put: Put, tmp_path: Path) -> None:
    """Names decide the order, whatever the file system says; hidden, README and LICENSE files are passed over."""
    for name in ("b/2.jsonl", "a/x/1.jsonl", "c.jsonl", "b/10.jsonl"):
        put(name, json.dumps({"id": name, "text": LEAD}))
    for name in (".git/x.jsonl", ".hidden.jsonl", "README.md", "LICENSE", "b/readme.txt"):
        put(name)
    assert [article.id for article in articles(tmp_path)] == ["a/x/1.jsonl", "b/10.jsonl", "b/2.jsonl", "c.jsonl"]
    assert not rejects(tmp_path)


def test_a_readme_named_directly_is_read(put: Put) -> None:
    """What a person names is meant."""
    assert len(articles(put("README.md", TEXT))) == 1


@pytest.mark.parametrize("name", ["articles.jsonl", "articles.jsonl.gz"])
def test_of_an_evaluation_folder_only_the_articles_are_read(put: Put, tmp_path: Path, name: str) -> None:
    """Questions and other files of an evaluation folder are no articles and no rejects."""
    put(f"pack/{name}", gzip.compress(LINE.encode()) if name.endswith(".gz") else LINE)
    put("pack/questions.jsonl", '{"id": "q", "question": "Why?", "text": "No article."}\n')
    put("pack/questions_all.jsonl", '{"id": "q"}\n')
    put("pack/articles_negative_only.jsonl")
    put("pack/notes.csv", "x")
    assert [type(item) for item in read_sources([tmp_path])] == [Article]


def test_links_are_followed_once(put: Put, tmp_path: Path) -> None:
    """A link to a folder is followed, a link that leads back up or to itself does not loop."""
    put("all/a.jsonl")
    put("elsewhere/b.jsonl", json.dumps({"id": "b", "text": LEAD}))
    (tmp_path / "all/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "all/up").symlink_to(tmp_path / "all")
    (tmp_path / "all/self").symlink_to(tmp_path / "all/self")
    assert [article.id for article in articles(tmp_path / "all")] == ["line", "b"]
    [rejected] = rejects(tmp_path / "all")
    assert rejected.origin.endswith("self")
    assert "leads nowhere" in rejected.reason


def test_what_is_no_file_is_rejected(put: Put, tmp_path: Path) -> None:
    """Empty files, dangling links, pipes and sockets have their reasons, and the good file behind them is read."""
    put("in/a_empty.jsonl", "")
    (tmp_path / "in/b_dangling.jsonl").symlink_to(tmp_path / "gone.jsonl")
    os.mkfifo(tmp_path / "in/c_pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        short = tmp_path / "s"
        server.bind(str(short))
        short.rename(tmp_path / "in/d_socket.txt")
    put("in/e.jsonl")
    items = list(read_sources([tmp_path / "in"]))
    reasons = [item.reason for item in items if isinstance(item, Rejected)]
    assert [reason.split(" (")[0] for reason in reasons] == [
        "is empty",
        "is a link that leads nowhere",
        "is neither a file nor a folder but a pipe, a socket or a device",
        "is neither a file nor a folder but a pipe, a socket or a device",
    ]
    assert isinstance(items[-1], Article)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_rejected(put: Put, tmp_path: Path) -> None:
    """A file and a folder without permission are rejected, the rest is read."""
    secret, folder = put("in/a.jsonl"), put("in/b/x.jsonl").parent
    put("in/c.jsonl")
    secret.chmod(0)
    folder.chmod(0)
    try:
        assert ["Permission denied" in item.reason for item in rejects(tmp_path / "in")] == [True, True]
        assert len(articles(tmp_path / "in")) == 1
    finally:
        folder.chmod(0o700)


def test_a_path_that_does_not_exist_is_rejected(put: Put, tmp_path: Path) -> None:
    """A misspelt path does not stop the others."""
    missing = tmp_path / "none"
    first, second = read_sources([missing, put("a.jsonl")])
    assert first == Rejected(str(missing), "", "does not exist")
    assert isinstance(second, Article)


@pytest.mark.parametrize("address", ["https://post.example/bridge", "HTTP://post.example"])
def test_a_web_address_is_no_path(address: str) -> None:
    """It is rejected as what it is, not as a missing file."""
    [rejected] = read_sources([Path(address)])
    assert isinstance(rejected, Rejected)
    assert "is a web address" in rejected.reason
    assert rejected.origin == address


def test_bad_content_ends_nothing(put: Put, tmp_path: Path) -> None:
    """An unreadable page and text, a damaged gzip file and a bad line are rejects among articles."""
    put("in/a.html", "<html></html>")
    put("in/b.txt", "Home\n\nWorld\n")
    put("in/c.txt.gz", gzip.compress(TEXT.encode())[:40])
    put("in/d.jsonl.gz", gzip.compress(LINE.encode())[:20])
    put("in/e.jsonl", "{\n" + LINE)
    put("in/f.txt", TEXT)
    assert [Path(item.origin).name for item in rejects(tmp_path / "in")] == [
        "a.html",
        "b.txt",
        "c.txt.gz",
        "d.jsonl.gz:1",
        "e.jsonl:1",
    ]
    assert len(articles(tmp_path / "in")) == 2


def test_a_file_name_that_is_not_utf8_can_be_put_on_the_list(tmp_path: Path) -> None:
    """The origin of a reject can be stored whatever bytes the name has, and says which they are."""
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jsonl")
    shutil.copyfile(os.devnull, name)
    [rejected] = read_sources([Path(name)])
    assert isinstance(rejected, Rejected)
    assert rejected.origin == f"{tmp_path}/caf\\xe9.jsonl"
    assert file_of(rejected.origin) == Path(name)


def test_the_origin_is_the_same_from_every_folder(put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a file is typed, the list of rejects names it so that it is found again."""
    path = put("in/empty.txt", "")
    for folder, typed in ((tmp_path, "in"), (tmp_path / "in", "."), (tmp_path / "in", "../in/empty.txt")):
        monkeypatch.chdir(folder)
        assert list(read_sources([Path(typed)])) == [Rejected(str(path), "", "is empty")]
        assert str(path).startswith(origin_of(Path(typed)))


def test_the_archive_itself_is_no_source(put: Put, tmp_path: Path) -> None:
    """`newsdesk ingest .` with the archive in ./data does not read the archive's own files."""
    put("a.jsonl")
    put("data/catalogue.sqlite3", b"\0")
    assert [type(item) for item in read_sources([tmp_path], tmp_path / "data")] == [Article]
    [rejected] = read_sources([tmp_path / "data"], tmp_path / "data")
    assert isinstance(rejected, Rejected)
    assert "own folder" in rejected.reason


def test_a_name_that_is_too_long_is_rejected(put: Put) -> None:
    """It is no reason to stop."""
    rejected, read = read_sources([Path("n" * 5_000), put("a.jsonl")])
    assert isinstance(rejected, Rejected)
    assert "too long" in rejected.reason
    assert isinstance(read, Article)


def test_files_that_go_or_grow_meanwhile(put: Put, tmp_path: Path) -> None:
    """A file that vanished before its turn is rejected; lines that are added to one while it is read are read."""
    growing, vanishing = put("in/a.jsonl"), put("in/b.txt", TEXT)
    items = read_sources([tmp_path / "in"])
    assert isinstance(next(items), Article)
    with growing.open("a") as file:
        file.write(json.dumps({"id": "added", "text": LEAD}) + "\n")
    vanishing.unlink()
    added, gone = items
    assert isinstance(added, Article)
    assert gone == Rejected(str(vanishing), "", "does not exist")


def test_too_many_open_files_is_not_the_fault_of_each_file(put: Put, tmp_path: Path) -> None:
    """It stops the run instead of putting every file on the list of rejects."""
    put("in/a.jsonl")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    items = read_sources([tmp_path / "in"])
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            next(items)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_importing_the_readers_is_cheap() -> None:
    """The command line can import them at its start: no HTML or date library comes along."""
    heavy = "{'lxml', 'trafilatura', 'dateutil', 'tokenizers', 'numpy'}"
    code = f"import sys, ingest.sources; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["Bridge_files", "Bridge.files", "Bridge-Dateien", "Bridge_fichiers"])
def test_the_folder_beside_a_saved_page_is_part_of_it(put: Put, tmp_path: Path, name: str) -> None:
    """Advertisements and pictures that a browser saved with a page are neither articles nor rejects."""
    put("in/Bridge.html", PAGE)
    put(f"in/{name}/ad.html", PAGE.replace("council", "shop"))
    put(f"in/{name}/style.css", "p {}")
    [article] = read_sources([tmp_path / "in"])
    assert isinstance(article, Article)
    assert article.title == "Bridge"


def test_a_folder_of_that_name_without_a_page_is_read(put: Put, tmp_path: Path) -> None:
    """A folder may be called so; only beside its page it is passed over."""
    put("in/council_files/a.html", PAGE)
    assert len(articles(tmp_path / "in")) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xd8\xff\xe0JFIF", "is a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .docx"),
        (b"{\\rtf1 x}", "Rich Text"),
        (b"PAR1" + b"x" * 20, "Parquet"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
    ],
)
def test_what_is_not_read_is_called_what_it_is(put: Put, data: bytes, reason: str) -> None:
    """The reason names the kind and, where there is a way, what to save the file as."""
    [rejected] = rejects(put("a.dat", data))
    assert reason in rejected.reason


def test_fields_are_named_for_all_files_of_a_run(put: Put, tmp_path: Path) -> None:
    """--map counts for JSON lines, JSON and tables alike."""
    put("in/a.jsonl", json.dumps({"nr": 1, "inhalt": LEAD}))
    put("in/b.json", json.dumps([{"nr": 2, "inhalt": LEAD}]))
    put("in/c.csv", f"nr,inhalt\n3,{LEAD}\n")
    found = read_sources([tmp_path / "in"], mapping={"id": "nr", "text": "inhalt"})
    assert [item.id for item in found] == ["1", "2", "3"]


def test_what_is_told_about_fields_is_told_once(put: Put, caplog: pytest.LogCaptureFixture) -> None:
    """A file of a thousand records with other names warns once, not a thousand times."""
    put_path = put("a.jsonl", "".join(json.dumps({"headline": f"{n}", "text": LEAD}) + "\n" for n in range(50)))
    assert len(articles(put_path)) == 50
    assert caplog.text.count("took “headline” for the title") == 1
