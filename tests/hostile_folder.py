"""A folder with everything that a folder of articles should not hold: `python -m tests.hostile_folder DIR`.

Each file is either good, and then its articles have titles that are known, or has a reason why it is rejected.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ingest.files import shown

LEAD = "The council of Northfield closed the old harbour bridge on Tuesday after engineers found cracks in its pillars."
MORE = "Until the repairs are finished a ferry will run every ten minutes in the mornings and every hour at night."
MIB = 1024 * 1024
_PATH_MAX = 4096


@dataclass
class HostileFolder:
    """What was made, and what has to become of it."""

    path: Path
    titles: set[str] = field(default_factory=set)
    """Of the articles that have to be taken in."""
    rejects: dict[str, str] = field(default_factory=dict)
    """Origin -> how the reason begins or what it holds."""

    def good(self, name: str | bytes, make: str, lead: str = LEAD) -> None:
        """A file in the format of the name's extension with one article, whose title is `make`."""
        self.titles.add(make)
        self._write(name, _content(os.fsdecode(name), make, lead))

    def bad(self, name: str | bytes, content: bytes, reason: str, *, line: int = 0) -> None:
        """A file that is rejected, or of which this line is."""
        self._expect(self._write(name, content), reason, line)

    def lines(self, name: str, lines: Iterable[tuple[bytes, str]]) -> None:
        """JSON lines, each with the reason why it is rejected; with a title in `titles` where there is none."""
        path = self._write(name, b"\n".join(line for line, _ in lines))
        for number, (line, reason) in enumerate(lines, 1):
            if reason:
                self._expect(path, reason, number)
            else:
                self.titles.add(json.loads(line)["title"])

    def stream(self, name: str, pieces: Iterable[bytes], reason: str, *, line: int = 0) -> None:
        """A large file, gzipped if its name says so, that is rejected."""
        path = self.path / name
        with gzip.open(path, "wb") if name.endswith(".gz") else path.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        self._expect(path, reason, line)

    def link(self, name: str, target: str | Path, reason: str = "") -> None:
        """A symbolic link, rejected for a reason if there is one."""
        (self.path / name).symlink_to(target)
        if reason:
            self._expect(self.path / name, reason)

    def _write(self, name: str | bytes, content: bytes) -> Path:
        path = self.path / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def _expect(self, path: Path, reason: str, line: int = 0) -> None:
        self.rejects[shown(path) + (f":{line}" if line else "")] = reason


def make(path: Path, *, tiny: int, big: int = 60 * MIB, bomb: int = 1024 * MIB) -> HostileFolder:
    """Makes the folder with so many tiny files, big files of `big` bytes and gzip bombs of `bomb` bytes."""
    path.mkdir(parents=True)
    folder = HostileFolder(path.resolve())
    _sizes(folder, big, bomb)
    _bytes(folder)
    _gzip(folder)
    _json(folder)
    _html(folder)
    _no_files(folder)
    _names(folder)
    _depths(folder)
    _tiny(folder, tiny)
    return folder


def _content(name: str, title: str, lead: str = LEAD) -> bytes:
    if name.endswith(".jsonl"):
        return _line(id=title, title=title, text=f"{lead}\n\n{MORE}") + b"\n"
    if name.endswith(".html"):
        return _page(title, f"<p>{lead}</p><p>{MORE}</p>")
    return f"{title}\n\n{lead}\n\n{MORE}\n".encode()


def _line(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def _page(title: str, body: str, head: str = "") -> bytes:
    start = f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
    return f"{start}{body}</article></body></html>".encode()


def _sizes(folder: HostileFolder, big: int, bomb: int) -> None:
    folder.bad("empty.jsonl", b"", "is empty")
    folder.bad("empty.txt", b"", "is empty")
    folder.bad("empty.jsonl.gz", gzip.compress(b""), "nothing but white space")
    folder.bad("blank.jsonl", b"\n \n\n", "nothing but white space")
    folder.bad("blank.txt", b"\n \n\n", "holds no story")
    prose = [b"The bridge is closed again today. " * (MIB // 34)] * (big // MIB)
    folder.stream("one_line.txt", prose, "larger than 16 MiB")
    folder.stream("one_line.html", [b"<html><body><p>", *prose], "larger than 16 MiB")
    folder.stream("one_line.jsonl", [b'{"text": "', *prose, b'"}'], "longer than 16 MiB", line=1)
    zeros = [bytes(MIB)] * (bomb // MIB)
    folder.stream("bomb.txt.gz", zeros, "larger than 16 MiB")
    folder.stream("bomb.jsonl.gz", zeros, "longer than 16 MiB", line=1)
    folder.bad("long.txt", f"Title\n\n{LEAD} ".encode() * 10_000, "characters of text, more than one article")
    folder.bad("long_word.txt", b"x" * 2 * MIB + b".", "characters of text")
    folder.bad("many_lines.txt", b"A.\n" * 300_000, "paragraphs, more than one article")
    folder.titles.add("A word of half a million letters")
    folder.lines(
        "large.jsonl",
        [
            (_line(id="large-1", title="A word of half a million letters", text="x" * 500_000), ""),
            (_line(text="A.\n" * 3_000_000), "characters of text"),
            (_line(paragraphs=["a"] * 1_000_000), "paragraphs"),
            (_line(title="x " * 1_000_000, text=LEAD), "characters in its title"),
            (_line(id="x" * 1_000_000, text=LEAD), "characters in its id"),
            (_line(authors=["Jane Doe"] + [f"A{number} B" for number in range(100_000)], text=LEAD), "authors"),
            (_line(url="https://post.example/" + "x" * 100_000, text=LEAD), "characters in its"),
            (b'{"x": [' + b"{}," * 5_000_000 + b"{}]}", "has no field with the text"),
            (_line(id="large-2", title="Undated, at length", published="x" * 5_000_000, text=LEAD), ""),
        ],
    )


def _bytes(folder: HostileFolder) -> None:
    folder.bad("not_utf8.txt", b"\x81\x8d\x8f " * 100, "is not UTF-8")
    folder.bad("not_utf8.jsonl", b'{"text": "caf\xe9 \xff"}', "is not UTF-8", line=1)
    folder.bad("nul.txt", f"Title\n\n{LEAD}\0 {MORE}\n".encode(), "NUL bytes")
    folder.bad("nul.jsonl", b'{"text": "a\0b"}', "is not JSON", line=1)
    folder.bad("nul.html", bytes(10_000) + b"<html>", "NUL bytes")
    folder.bad("program", b"\x7fELF\x02\x01" + bytes(100), "not a format")
    folder.bad("table.csv", b"id,day\n1,2021-05-03\n", "no field with the text")
    folder.bad("comments", b"<!--a-->" * 8_000 + b"x", "holds no story")  # takes for ever if each is tried in each way


def _gzip(folder: HostileFolder) -> None:
    for kind, line in (("jsonl", 1), ("txt", 0), ("html", 0)):
        whole = gzip.compress(_content(f"a.{kind}", "Never"))
        folder.bad(f"cut.{kind}.gz", whole[:-12], "gzip data are damaged", line=line)
        folder.bad(f"garbage.{kind}.gz", whole[:2] + b"garbage" * 10, "gzip data are damaged", line=line)
        wrong = whole[:-8] + b"\1\2\3\4" + whole[-4:]
        folder.bad(f"checksum.{kind}.gz", wrong, "gzip data are damaged", line=2 * line)
    folder.titles.add("Never")  # its line is whole; that the checksum is wrong, only the end of the file tells
    folder.good("plain_named.jsonl.gz.jsonl", "Plain under two extensions")


def _json(folder: HostileFolder) -> None:
    folder.lines(
        "lines.jsonl",
        [
            (_line(id="1", title="First"), "has no text"),
            (_line(id="2", title="Second", text=None), "has no text"),
            (_line(id="3", title="Third", text=["x", 1]), "“text” is a list"),
            (_line(id="4", title="With a wrong date", published="the 31st of February", text=LEAD), ""),
            (_line(id="5", title="Whose id comes again", text=LEAD), ""),
            (_line(id="5", title="Whose id came before", text=MORE), ""),
            (_line(id="6", title="NUL in its text", text=f"a\0{LEAD}"), ""),
            (_line(id="7\0", title="NUL in its id", text=LEAD), "cannot be stored or linked"),
            (_line(id="8\ud800", title="Half an id", text=LEAD), "cannot be stored or linked"),
            (_line(id="9", title="Half a character", text=f"\udfff{LEAD}"), ""),
            (b"[" * 100_000, "nested too deeply"),
            (b'{"text": ' + b"[" * 100_000, "nested too deeply"),
            (b'{"id": ' + b"9" * 5_000 + b', "text": "x"}', "more than 4,300 digits"),
            (_line(id=10**3000, text=LEAD), "characters in its id"),
            (b'{"id": "10", "title": "Huge numbers", "x": [1e999, -1e999, NaN], "text": "The tram is late."}', ""),
            (_line(id="11", title="Not a date", published=1e300, text=LEAD), ""),
            (b"{", "is not JSON"),
            (b"null", "is null"),
            (b'"text"', "is a string"),
            (_line(id="12", title="The last one", text=LEAD), ""),
        ],
    )
    folder.titles.discard("Whose id comes again")  # the later one is its new version


def _html(folder: HostileFolder) -> None:
    story = f"<p>{LEAD}</p><p>{MORE}</p>"
    folder.bad("no_article.html", _page("Home", "<ul><li><a href='/'>Home</a></li></ul>"), "holds no story")
    folder.bad("no_tags.html", b"&nbsp;" * 10, "is not HTML")
    folder.bad("nested.html", _page("Nested", "<div>" * 100_000 + story), "elements, more than")
    folder.bad("nested_bold.html", _page("Bold", "<b>" * 40_000 + story), "holds no story")
    folder.bad("elements.html", _page("Many", story + "<p>The tram is late.</p>" * 60_000), "elements, more than")
    attributes = " ".join(f"a{number}=1" for number in range(300_000))
    folder.bad("attributes.html", _page("Attributes", f"<p {attributes}>{LEAD}</p>"), "attributes")
    picture = f"<img src='data:image/png;base64,{'A' * 2_000_000}'>"
    folder.titles.add("A page with a picture in it")
    (folder.path / "picture.html").write_bytes(_page("A page with a picture in it", story + picture))


def _no_files(folder: HostileFolder) -> None:
    neither = "is neither a file nor a folder"
    os.mkfifo(folder.path / "pipe.jsonl")
    folder.rejects[str(folder.path / "pipe.jsonl")] = neither
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(folder.path, os.O_RDONLY)  # the address of a socket has 108 bytes at most
        server.bind(f"/proc/self/fd/{here}/socket.txt")
        os.close(here)
    folder.rejects[str(folder.path / "socket.txt")] = neither
    for device in ("zero", "full"):
        folder.link(f"{device}.txt", f"/dev/{device}", neither)
    folder.link("dangling.txt", "nowhere.txt", "is a link that leads nowhere")
    folder.link("itself.txt", "itself.txt", "is a link that leads nowhere")
    (folder.path / "loop").mkdir()
    folder.link("loop/up", "..")
    folder.link("loop/here", ".")
    folder.good("unreadable.txt", "Which only root may read")
    (folder.path / "unreadable.txt").chmod(0)
    if os.geteuid() != 0:
        folder.titles.discard("Which only root may read")
        folder.rejects[str(folder.path / "unreadable.txt")] = "Permission denied"


def _names(folder: HostileFolder) -> None:
    folder.good("folder.jsonl/inside.txt", "In a folder that is called like a file")
    folder.good("-rf.txt", "A name like an option")
    folder.good("new\nline.jsonl", "A name of two lines")
    folder.good(b"caf\xe9.jsonl", "A name that is not UTF-8")
    folder.good("n" * 249 + ".jsonl", "The longest name there can be")
    folder.good("a:1.jsonl", "A name that ends like an origin")
    folder.bad("\x1b[2Jescape\nline.txt", b"Home\n", "holds no story")
    folder.bad(b"\xff\xfe.txt", b"Home\n", "holds no story")
    folder.bad("story.txt:12", b"\x00", "not a format")


def _depths(folder: HostileFolder) -> None:
    folder.good("/".join("d" * 200) + "/deep.txt", "At the bottom of two hundred folders")
    name = "very_deep_" * 25
    path, here = folder.path, os.open(folder.path, os.O_RDONLY)
    while len(os.fsencode(path)) < _PATH_MAX:
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        path, here = path / name, below
    os.close(here)
    folder.rejects[str(path)] = "File name too long"


def _tiny(folder: HostileFolder, number: int) -> None:
    for place in range(number):
        name, title = f"tiny/{place:06}", f"Short report {place} from the harbour"
        if place % 10 == 9:
            content, reason = ((b"", "is empty"), (b"Home\n", "holds no story"))[place // 10 % 2]
            folder.bad(f"{name}.txt", content, reason)
        elif place % 10 == 8:
            folder.bad(f"{name}.jsonl", b'{"text": "The tram', "is not JSON", line=1)
        else:
            kind = "html" if place % 20 == 0 else ("txt", "jsonl")[place % 2]
            folder.good(f"{name}.{kind}", title, f"{LEAD} That is report number {place}.")


def main() -> None:
    """Makes the folder and says what should become of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tiny", type=int, default=100_000)
    arguments = parser.parse_args()
    made = make(arguments.folder, tiny=arguments.tiny)
    (arguments.folder.parent / f"{arguments.folder.name}.expected.json").write_text(
        json.dumps({"titles": sorted(made.titles), "rejects": made.rejects})
    )
    print(f"{len(made.titles):,} good articles, {len(made.rejects):,} rejects expected")


if __name__ == "__main__":
    main()
