"""Which format a file has, by how it begins; its name decides only what the content leaves open."""

from __future__ import annotations

import json
import re
from pathlib import PurePath

from ingest.formats.iptc.newsml import ROOTS
from ingest.formats.records.csv_file import names_articles
from newsdesk.wording.quoted import quoted

SNIFFED_BYTES = 64 * 1024

_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_XML_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|!--|[a-z_])", re.I)
# What may stand before the first element, one thing at a time: so the time grows with the length only.
_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!doctype[^\[>]*+(?:\[.*?\]\s*)?+>", re.DOTALL | re.IGNORECASE)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_MAIL_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n")
_MAIL_FIELD = re.compile(rb"^(?:mime-version|content-type|snapshot-content-location):", re.I | re.M)
_BEGINNINGS = (
    (b"WARC/", "warc"),
    (b"filedesc://", "arc"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"%PDF-", "pdf"),
    (b"PAR1", "parquet"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"GIF8", "is a picture"),
    (b"\xd0\xcf\x11\xe0", "is an Office document of before 2007; save it as .docx"),
    (b"{\\rtf", "is a Rich Text document; save it as .docx or plain text"),
    (b"SQLite format 3", "is a database; export its articles as JSON lines or CSV"),
    (b"7z\xbc\xaf", "is a 7-Zip archive; unpack it, or pack it as zip"),
    (b"Rar!", "is a RAR archive; unpack it, or pack it as zip"),
    (b"\xfd7zXZ", "is packed with xz; unpack it, or pack it with gzip"),
    (b"(\xb5/\xfd", "is packed with zstd; unpack it, or pack it with gzip"),
    (b"BZh", "is packed with bzip2; unpack it, or pack it with gzip"),
)
_XML_KINDS = {
    "rss": "feed", "feed": "feed", "rdf": "feed", "channel": "feed", "nitf": "nitf", "html": "html",
    "urlset": "sitemap", "sitemapindex": "sitemap",
    "opml": "is a list of feeds and holds no article",
    "schema": "is an XML schema and holds no article",
}  # fmt: skip
_TAR_MAGIC = (257, b"ustar")
_NAMES = {
    "jsonl": (".jsonl", ".ndjson"),
    "html": (".html", ".htm", ".xhtml"),
    "markdown": (".md", ".markdown"),
    "text": (".txt", ".text"),
    "csv": (".csv", ".tsv"),
    "json": (".json",),
}


def format_of(start: bytes, name: str) -> str:
    """The format of a file that begins so and is called so: a word, a reason why it is not read, or "" if unknown.

    A reason is a sentence without its subject ("is a picture"), so it holds a space.
    """
    extension = PurePath(name.lower().removesuffix(".gz")).suffix
    for beginning, kind in _BEGINNINGS:
        if start.startswith(beginning):
            return kind
    place, magic = _TAR_MAGIC
    if start[place : place + len(magic)] == magic:
        return "tar"
    named = next((kind for kind, extensions in _NAMES.items() if extension in extensions), "")
    if named == "jsonl":
        return "json" if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[" else "jsonl"
    if _HTML_START.match(start) or (named == "html" and not _is_mail(start)):
        return "html"  # also in a .txt: a page saved under the wrong name would be quoted with its tags
    if _is_mail(start):
        return "mail"
    if kind := _json_kind(start, named):
        return kind
    if (_XML_START.match(start) or extension in (".xml", ".rss", ".atom")) and (kind := _xml_kind(start)):
        return kind
    if named in ("markdown", "text", "csv"):
        return named
    if is_text(start) and names_articles(start):
        return "csv"
    return "text" if not extension and is_text(start) else ""


def _is_mail(start: bytes) -> bool:
    header = _MAIL_HEADER.match(start)
    return header is not None and _MAIL_FIELD.search(header.group()) is not None


def _json_kind(start: bytes, named: str) -> str:
    """ "jsonl", "json" or "": a list is one value, an object that ends with its line one of many."""
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if named in ("text", "markdown", "csv"):
        return ""
    if start[:1] == b"[":
        return "json"
    if not start.startswith(b"{"):
        return "json" if named == "json" and not _XML_START.match(start) else ""
    line, end, rest = start.partition(b"\n")
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return "json" if end or named == "json" else "jsonl" if len(start) >= SNIFFED_BYTES else ""
    return "jsonl" if rest.strip() else "json"


def _xml_kind(start: bytes) -> str:
    encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")) else "latin-1"
    text = start.decode(encoding, "replace").lstrip("\ufeff\u00ef\u00bb\u00bf")
    place = 0
    while before := _BEFORE_ROOT.match(text, place):
        place = before.end()
    root = _ELEMENT.match(text, place)
    name = root.group(1).lower() if root else ""
    if name in ROOTS:
        return "newsml"
    unknown = f"is XML, but not of a kind Newsdesk reads (its root is {quoted(name, 60)})"
    return _XML_KINDS.get(name, unknown) if name else ""


def is_text(start: bytes) -> bool:
    """True if `start` is UTF-8 without control characters; it may end within a character."""
    try:
        text = start.decode()
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:
            return False
        text = start[: error.start].decode()
    return bool(text) and not re.search(r"[\x00-\x08\x0e-\x1f]", text)
