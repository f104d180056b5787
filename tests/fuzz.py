"""Feeds damaged files to a reader until the time is up: `python -m tests.fuzz READER SECONDS [--samples FOLDER]`.

Whatever a file holds, a reader gives articles and rejects, or raises Unreadable or OSError, in bounded memory and time.
All else is a fault: the file is kept and its name printed with what happened. The same `--seed` makes the same files.
Samples are this module's own and, with `--samples`, all files below a folder that this reader takes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import resource
import sys
import tarfile
import tempfile
import time
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

from ingest.files import read_start
from ingest.formats.registry import read_file
from ingest.formats.sniff import SNIFFED_BYTES, format_of
from ingest.parts.limits import check_article
from ingest.worker import Worker
from newsdesk.errors import Unreadable
from newsdesk.types import Article, is_whole

MOST_SECONDS = 10.0
"""Of processor time for one file; what a parser's own process is ended for is a fault only in a file of 64 KiB or less."""
MOST_MEMORY = 4 * 1024**3
"""Of address space of the process that reads; each parser in a process of its own has its own limit."""
_LARGEST = 4 * 1024**2
_PARSER_FAILED = ("its parser failed with", "ended the process that read it")
"""How a worker tells of an exception that no reader declares."""

LEAD = "The harbour master of Quell closed the outer mole on Tuesday, after the storm had moved three of its blocks."
MORE = (
    "Ferries leave from the north quay instead, he said, and “nobody” should expect — the tables to be right: 9 < 10."
)
_DAY = "2021-05-03T09:00:00+02:00"
_RECORD = {"id": "q/1", "title": "Mole closed", "text": f"{LEAD}\n\n{MORE}", "source": "Quell Post", "date": _DAY}
_HTML = (
    f"<p>{LEAD}</p><ul><li>One</li><li>Two <time>9 pm</time></li></ul><table><tr><td>a<td>b</tr></table><p>{MORE}</p>"
)
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mole closed</title><script type="application/ld+json">'
    + json.dumps(
        {"@type": "NewsArticle", "headline": "Mole closed", "datePublished": _DAY, "author": [{"name": "Ina Rohl"}]}
    )
    + f'</script></head><body><nav><a href="/">Home</a></nav><article><h1>Mole closed</h1>{_HTML * 4}</article></body></html>'
)
_RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Post'
    f"</title><item><title>Mole closed</title><link>https://quell.example/1</link><pubDate>Mon, 03 May 2021 09:00:00 GMT"
    f"</pubDate><content:encoded><![CDATA[{_HTML}]]></content:encoded></item></channel></rss>"
)
_ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>Post</title><entry><id>q-1</id><title>Mole closed</title>'
    f'<updated>{_DAY}</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{_HTML.replace("<td>b", "</td><td>b</td>").replace("a<td>", "a")}'
    "</div></content></entry></feed>"
)
_NINJS = {
    "uri": "urn:q:1", "type": "text", "versioncreated": _DAY, "pubstatus": "usable", "headline": "Mole closed",
    "body_xhtml": _HTML, "byline": "Ina Rohl", "associations": {"main": {"type": "picture"}},
}  # fmt: skip
_NITF = (
    f'<nitf><head><docdata><date.issue norm="20210503T090000Z"/><doc-id id-string="q1"/></docdata></head><body><body.head>'
    f"<hedline><hl1>Mole closed</hl1></hedline><byline>By Ina Rohl</byline></body.head><body.content><p>{LEAD}</p></body.content>"
    "</body></nitf>"
)
_G2 = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:q:1" version="1"><itemMeta><itemClass qcode="ninat:text"/>'
    f"<versionCreated>{_DAY}</versionCreated></itemMeta><contentMeta><headline>Mole closed</headline></contentMeta><contentSet>"
    f'<inlineData contenttype="text/plain">{LEAD}</inlineData></contentSet></newsItem>'
)
_MAIL = (
    "From: a@quell.example\r\nSubject: Mole closed\r\nDate: Mon, 03 May 2021 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    f'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{LEAD}\r\n'
    f"\r\n--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>{LEAD}=\r\n</p>\r\n--b--\r\n"
)
_TEXT = f"Title: Mole closed\nDate: 2021-05-03\n\nBy Ina Rohl\n\n{LEAD}\n\n{MORE}\n\n12 comments\n\nShare\n"
_MARKDOWN = f"---\ntitle: Mole\n---\n# Mole *closed*\n\n{LEAD} [a](http://x.example)\n\n> {MORE}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
_CSV = f'headline,body,pubDate,link\r\n"Mole closed","{LEAD}",2021-05-03,https://quell.example/1\r\nTwo,"{MORE}",,\r\n'


def _zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def _tarred(members: dict[str, bytes], mode: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=f"w{mode}") as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def _warc() -> bytes:
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + _PAGE.encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://quell.example/1\r\nWARC-Date: 2021-05-03T09:00:00Z\r\n"
        "WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def _docx() -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    kinds = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    package = "http://schemas.openxmlformats.org/package/2006"
    return _zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="{kinds}"/></Types>'.encode(),
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relations}" Target="word/document.xml"/></Relationships>'.encode(),
            "word/document.xml": f"<w:document {space}><w:body><w:p><w:r><w:t>{LEAD}</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>".encode(),
        }
    )


def _pdf() -> bytes:
    text = f"BT /F1 12 Tf 72 720 Td ({LEAD}) Tj ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = "%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    return (out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}").encode()


_MEMBERS = {"a/story.html": _PAGE.encode(), "b.jsonl": json.dumps(_RECORD).encode(), "c.txt": _TEXT.encode()}
_JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Post",
    "items": [{"id": "1", "content_html": _HTML}],
}

SAMPLES: dict[str, list[bytes]] = {
    "jsonl": [b"\n".join(json.dumps(_RECORD | {"id": str(number)}).encode() for number in range(4))],
    "json": [json.dumps([_RECORD, _RECORD]).encode(), json.dumps({"articles": [_RECORD]}).encode()],
    "csv": [_CSV.encode(), _CSV.encode("utf-16"), _CSV.replace(",", ";").encode("cp1252")],
    "html": [_PAGE.encode(), f"<html><body><div>{_HTML * 6}</div></body></html>".encode("utf-16")],
    "text": [_TEXT.encode(), (LEAD + "\n").encode() * 9],
    "markdown": [_MARKDOWN.encode()],
    "mail": [_MAIL.encode()],
    "feed": [_RSS.encode(), _ATOM.encode(), json.dumps(_JSON_FEED).encode()],
    "ninjs": [json.dumps(_NINJS).encode()],
    "nitf": [_NITF.encode()],
    "newsml": [_G2.encode()],
    "warc": [_warc(), gzip.compress(_warc()), _warc() * 3],
    "tar": [_tarred(_MEMBERS, ""), _tarred(_MEMBERS, ":gz")],
    "zip": [_zipped(_MEMBERS), _zipped({"in.zip": _zipped(_MEMBERS)})],
    "docx": [_docx()],
    "pdf": [_pdf()],
}
"""Reader -> small sound files that it reads."""
_NAMES = {
    "text": ".txt",
    "markdown": ".md",
    "csv": ".csv",
    "jsonl": ".jsonl",
    "json": ".json",
    "html": ".html",
    "ninjs": ".json",
}
_KINDS = {"ninjs": ("json", "jsonl"), "feed": ("feed", "json", "jsonl"), "docx": ("zip",), "warc": ("warc", "arc")}
_TOKENS = (
    b"\0", b"\xff", b"\xfe\xff", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\r", b"\n\n", b"\x1b", b"'", b'"', b"\\", b"\\ud800", b"\\u0000",
    b"<", b">", b"</", b"<!--", b"]]>", b"<![CDATA[", b"&#0;", b"&#xd800;", b"&lol9;", b"&", b"<!DOCTYPE x [<!ENTITY a \"aa\">]>",
    b"<svg>", b"<template>", b"<table>", b"<plaintext>", b"<br>", b"<html>", b"<time>", b"<q>", b"<td>", b"<select>", b"<noscript>",
    b"{", b"}", b"[", b"]", b":", b",", b"null", b"NaN", b"-1", b"1e999", b"true", b"[]", b"{}", b'""', b"9" * 5000, b"0",
    b"2021-02-30", b"0000-00-00", b"9999999999999", b"99999", b"Content-Length: -5", b"Content-Type: text/html; charset=", b"utf-7",
    b"charset=idna", b"charset=unicode_escape", b"charset=base64", b"--b", b"=3D", b"endobj", b"stream", b"/Kids[2 0 R]", b"1 0 R",
    b"# ", b"> " * 50, b"- " * 50, b"|", b"```", b"---\n", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"../", b"/etc/passwd", b"http://[::1",
)  # fmt: skip


def mutated(samples: Sequence[bytes], random: Random) -> bytes:
    """A sample, damaged in one to eight places; what is packed is damaged within, three times of four."""
    data = random.choice(samples)
    if data.startswith(b"PK\x03\x04") and random.random() < 0.75:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = random.choice(list(members))
        return _zipped(members | {name: mutated([members[name]], random)})
    if data.startswith(b"\x1f\x8b") and random.random() < 0.75:
        return gzip.compress(mutated([gzip.decompress(data)], random), mtime=0)
    for _ in range(1 << random.randrange(4)):
        data = _damage(data, random, samples)[:_LARGEST]
    return data or b"\n"


def _damage(data: bytes, random: Random, samples: Sequence[bytes]) -> bytes:
    start, end = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    if random.random() < 0.6:  # small pieces are likelier to leave the rest readable
        end = min(end, start + 1 + random.randrange(40))
    piece = data[start:end]
    match random.randrange(9):
        case 0:
            changed = bytes(random.randrange(256) for _ in range(random.randint(1, 8)))
        case 1:
            changed = b""
        case 2:
            changed = random.choice(_TOKENS)
        case 3:
            changed = piece + random.choice(_TOKENS) * random.choice((1, 3, 400))
        case 4:
            changed = (
                piece[: _LARGEST // 8] * 2 if random.random() < 0.4 else piece[:1_000] * random.choice((3, 50, 3_000))
            )
        case 5:
            changed = piece[::-1]
        case 6:
            changed = bytes(byte ^ (1 << random.randrange(8)) for byte in piece[:64]) + piece[64:]
        case 7:
            other = random.choice(samples)
            place = random.randint(0, len(other))
            changed = other[place : place + random.randrange(2_000)]
        case _:
            return _structure(data, random)
    return data[:start] + changed + data[end:]


def _structure(data: bytes, random: Random) -> bytes:
    """An element or a value that is nested deeply, repeated often, or has many attributes."""
    tags = [place for place in range(len(data)) if data[place : place + 1] in (b"<", b"{", b"[")]
    if not tags:
        return data
    place = random.choice(tags)
    end = data.find(b">", place) + 1
    times = random.choice((10, 300, 5_000, 40_000))
    if data[place : place + 1] != b"<" or not end:
        return data[:place] + data[place : place + 1] * times + data[place:]
    if random.random() < 0.3:
        return data[: end - 1] + b"".join(b' a%d="%d"' % (number, number) for number in range(times)) + data[end - 1 :]
    return data[:place] + data[place:end] * times + data[end:]


def samples_in(folder: Path, reader: str) -> Iterator[bytes]:
    """The files below `folder` that this reader would take, the small ones."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and 0 < path.stat().st_size < _LARGEST // 8:
            kind = format_of(read_start(path, SNIFFED_BYTES), path.name)
            if kind in _KINDS.get(reader, (reader,)):
                data = path.read_bytes()
                yield gzip.decompress(data) if data[:2] == b"\x1f\x8b" and reader == "html" else data


class Fuzzed:
    """One reader, and the files given to it; pages and documents are parsed by `worker`, of MOST_SECONDS for each."""

    def __init__(self, reader: str, folder: Path, worker: Worker, samples: Sequence[bytes] = ()) -> None:
        self.samples = [*SAMPLES[reader] * max(1, len(samples) // 8), *samples]
        self.path = folder / f"fuzzed{_NAMES.get(reader, '')}"
        self.worker = worker
        self.articles = self.rejects = 0

    def fault(self, data: bytes) -> str:
        """What is wrong with how the file is read; "" if nothing."""
        self.path.write_bytes(data)
        start = time.process_time()
        try:
            for item in read_file(self.path, self.path.stat().st_mode, len(data), self.worker):
                if isinstance(item, Article):
                    self.articles += 1
                    if said := _wrong_with(item):
                        return said
                else:
                    self.rejects += 1
                    if said := _failed(item.reason, len(data)):
                        return said
        except Unreadable as error:
            self.rejects += 1
            return _failed(str(error), len(data))
        except OSError:
            self.rejects += 1
        except Exception as error:  # whatever it is, it is what is looked for
            return f"{type(error).__name__}: {str(error)[:200]}"
        took = time.process_time() - start
        return f"took {took:.1f} s" if took > MOST_SECONDS else ""


def _failed(reason: str, size: int) -> str:
    slow = "of processor time to read" in reason and size <= 65_536
    return reason if slow or any(said in reason for said in _PARSER_FAILED) else ""


def _wrong_with(article: Article) -> str:
    """What no article may have, whatever it was read from."""
    try:
        check_article(article)
    except Unreadable as error:
        return f"is an article that {error}"
    if not article.id or not article.paragraphs or not all(article.paragraphs):
        return f"is an article without an id or with an empty paragraph: {article!r:.200}"
    texts = (article.id, article.title, article.source, article.url, *article.authors, *article.paragraphs)
    if not all(map(is_whole, texts)) or any("\0" in text for text in texts):
        return f"is an article that cannot be stored: {article!r:.200}"
    return ""


def main() -> None:
    """Fuzzes one reader for the given time; exits with 1 if there were faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", choices=SAMPLES)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--samples", type=Path, help="a folder of more samples")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    os.nice(4)
    warnings.simplefilter("error")  # as in the tests
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    more = list(samples_in(given.samples, given.reader)) if given.samples else []
    random, end, files = Random(given.seed), time.monotonic() + given.seconds, 0
    found: dict[str, Path] = {}
    worker = Worker(seconds=int(MOST_SECONDS))
    with tempfile.TemporaryDirectory(prefix="newsdesk-fuzz-") as folder, closing(worker):
        fuzzed = Fuzzed(given.reader, Path(folder), worker, more)
        while time.monotonic() < end:
            data = mutated(fuzzed.samples, random)
            files += 1
            said = fuzzed.fault(data)
            if said and said[:60] not in found:
                kept = Path(tempfile.gettempdir()) / f"fault-{given.reader}-{given.seed}-{files}{fuzzed.path.suffix}"
                kept.write_bytes(data)
                found[said[:60]] = kept
                print(f"{kept}: {said}", flush=True)
    print(
        f"{given.reader}: {files:,} files from {len(more)} samples and our own, {fuzzed.articles:,} articles, "
        f"{fuzzed.rejects:,} rejects, {len(found)} kinds of faults"
    )
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
