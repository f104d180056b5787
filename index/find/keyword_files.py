"""Are the files of a tantivy index what tantivy wrote? It maps them into memory unchecked, so a torn one crashes it.

Every file of a segment ends with a footer: a JSON object with the CRC-32 of what precedes it, the footer's length
and a magic number (tantivy's `Footer`, checked with 0.27). `meta.json`, which names the segments, has none, so a
seal beside it holds its hash. The seal is broken before the index is written to: where there is none, a writer was
killed, which by itself harms nothing, because tantivy replaces `meta.json` in one step.
"""

from __future__ import annotations

import json
import re
import zlib
from hashlib import blake2b
from pathlib import Path
from typing import Any

_SEAL = "meta.sealed"
_MAGIC = 1337
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
"""What every segment consists of; one with deletions has a `.del` file too."""
_PART = re.compile(r"[0-9a-f]{32}\..+")
_CHUNK = 1 << 20


def seal(folder: Path) -> None:
    """Vouches for `meta.json` as it is now. For whoever holds the right to write, when nothing writes."""
    aside = folder / f"{_SEAL}.new"
    aside.write_text(_meta_hash(folder))
    aside.replace(folder / _SEAL)


def break_seal(folder: Path) -> None:
    """Takes the seal away, before the index is written to: a killed writer is no damage."""
    (folder / _SEAL).unlink(missing_ok=True)


def sealed(folder: Path) -> bool:
    """Whether `meta.json` is what was vouched for."""
    try:
        return (folder / _SEAL).read_text() == _meta_hash(folder)
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def delete_strays(folder: Path) -> None:
    """Deletes the parts of segments that a killed writer left behind: tantivy would not write over one of them.

    For whoever holds the right to write, where `fault` found nothing.
    """
    meta = folder / "meta.json"
    if meta.exists():
        expected = {name for segment in json.loads(meta.read_bytes())["segments"] for name in _files(segment)}
        for file in folder.iterdir():
            if _PART.fullmatch(file.name) and file.name not in expected:
                file.unlink()


def fault(folder: Path) -> str:
    """What is wrong with the index in `folder`, in words; empty when nothing is, or there is no index yet.

    Reads every file once, about a gigabyte a second. Raises OSError.
    """
    try:
        meta = json.loads((folder / "meta.json").read_bytes())
        expected = [name for segment in meta["segments"] for name in _files(segment)]
    except FileNotFoundError:
        return "meta.json is missing" if any(folder.glob("*.store")) else ""
    except (ValueError, TypeError, KeyError, AttributeError):  # no JSON, or not what tantivy writes
        return "meta.json cannot be read"
    if (folder / _SEAL).exists() and not sealed(folder):
        return "meta.json is not what was written"
    for name in expected:
        if not (folder / name).is_file():
            return f"{name} is missing"
        if not _fits(folder / name):
            return f"{name} is not what was written"
    return ""


def _files(segment: dict[str, Any]) -> list[str]:
    """Names of the files that a segment, as `meta.json` describes it, consists of."""
    name, deletes = segment["segment_id"].replace("-", ""), segment["deletes"]
    return [f"{name}.{part}" for part in _PARTS] + ([f"{name}.{deletes['opstamp']}.del"] if deletes else [])


def _meta_hash(folder: Path) -> str:
    return blake2b((folder / "meta.json").read_bytes(), digest_size=16).hexdigest()


def _fits(file: Path) -> bool:
    """Whether the checksum in the file's footer is that of its content."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        stream.seek(max(0, size - 8))
        tail = stream.read()
        length, magic = int.from_bytes(tail[:4], "little"), int.from_bytes(tail[4:], "little")
        body = size - 8 - length
        if len(tail) < 8 or magic != _MAGIC or body < 0:
            return False
        stream.seek(body)
        try:
            expected = json.loads(stream.read(length))["crc"]
        except (ValueError, TypeError, KeyError):
            return False
        stream.seek(0)
        checksum = 0
        while body:
            data = stream.read(min(body, _CHUNK))
            checksum = zlib.crc32(data, checksum)
            body -= len(data)
    return bool(checksum == expected)
