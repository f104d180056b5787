"""Files that are handed to the service, and addresses it is told to fetch: read one after the other in the background.

Each upload lies in a folder of its own in the data folder until it has been read; whatever stops the service, the next
one reads what is left. Files keep the last part of their name and nothing of the path they had.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_urlsafe
from typing import BinaryIO

from ingest.files import shown
from ingest.pipeline import Summary, ingest
from newsdesk.address import is_web_address
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.runs.fetched import Fetched
from newsdesk.catalogue.runs.sources import Source
from newsdesk.durable import settle, settle_one
from newsdesk.errors import NewsdeskError, UploadNotFound, UploadsWait, WrongUse
from newsdesk.types import Article, Rejected
from newsdesk.wording.quoted import quoted

FOLDER = "uploads"
MAX_FILES = 500
"""Files of one upload."""
MAX_WAITING = 20
"""Uploads that wait to be read: each may keep as much on the disk as one request may carry."""
KEPT = 200
"""Uploads whose result is kept, as long as the service runs."""
ORIGIN = "upload/"
"""Before the names of uploaded files on the list of rejects."""

_ADDRESS = "address.txt"
_LONGEST = 120  # characters of a file's name: 255 bytes in any script
_SHOWN = 500  # rejects of one upload that are kept for the page; all are on the list of rejects

Item = Article | Rejected | Source | Fetched
Read = Callable[[Sequence[str], Sequence[Path]], Iterator[Item]]
"""Reads addresses and files by the rules of `newsdesk ingest`."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What was handed in and what has become of it so far."""

    key: str
    files: int
    done: int = 0
    """Files that have been read."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """What became of articles ("added", "updated", "unchanged" ...) -> how many."""
    rejected: int = 0
    rejects: tuple[tuple[str, str], ...] = ()
    """File, with the line or entry, and why it could not be read."""
    samples_left: int = 0
    finished: bool = False
    failed: str = ""


class Uploads:
    """The uploads of one data folder. Safe to use from many threads; one service at a time reads them."""

    def __init__(self, data: Path, catalogue: Catalogue, read: Read, *, may_fetch: bool = False) -> None:
        """`may_fetch`: whether addresses are fetched for whoever reaches the page."""
        self.may_fetch = may_fetch
        self._folder = data / FOLDER
        self._catalogue = catalogue
        self._read = read
        self._lock = threading.Lock()
        self._known: dict[str, Upload] = {}

    def add(self, files: Sequence[tuple[str, BinaryIO]]) -> Upload:
        """Takes files in, to be read: their names and contents. Raises WrongUse, and UploadsWait when too many wait."""
        if not files:
            raise WrongUse("The upload holds no files. Send them as multipart/form-data in fields named files.")
        if len(files) > MAX_FILES:
            raise WrongUse(f"The upload holds {len(files):,} files; {MAX_FILES} are taken at once. Send several.")

        def write(folder: Path) -> None:
            for number, (name, content) in enumerate(files):
                place = folder / f"{number:04}"
                place.mkdir()
                with (place / bare_name(name)).open("wb") as file:
                    shutil.copyfileobj(content, file)

        return self._add(len(files), write)

    def add_address(self, address: str) -> Upload:
        """Takes an address in, to be fetched. Raises WrongUse when that is not allowed, or for what is no address."""
        if not self.may_fetch:
            raise WrongUse(
                "This service fetches nothing for its page. Whoever runs it can allow it with the setting "
                "fetch_from_page = true; `newsdesk ingest ADDRESS` fetches without."
            )
        address = address.strip()
        if not is_web_address(address) or len(address.split()) != 1:
            raise WrongUse(f"{quoted(address)} is no web address. Write it whole, with http:// or https://.")
        return self._add(1, lambda folder: folder.joinpath(_ADDRESS).write_text(address, encoding="utf-8"))

    def one(self, key: str) -> Upload:
        """The upload with this key. Raises UploadNotFound."""
        with self._lock:
            if key not in self._known:
                raise UploadNotFound(key)
            return self._known[key]

    def work(self, stop: threading.Event) -> None:
        """Reads what waits, the oldest first, until nothing does or it is told to stop."""
        for folder in self._waiting():
            if stop.is_set():
                return
            self._take(folder, stop)

    def drop_unfinished(self) -> None:
        """Removes what was still being sent when the service before this one ended. To be called before any is added."""
        for folder in self._folder.glob(".*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _add(self, files: int, write: Callable[[Path], object]) -> Upload:
        if len(self._waiting()) >= MAX_WAITING:
            raise UploadsWait(MAX_WAITING)
        key = token_urlsafe(12)
        new = self._folder / f".{key}"
        new.mkdir(parents=True)
        try:
            write(new)
            upload = Upload(key, files)
            self._note(upload)
            settle(new)
            new.rename(self._folder / key)  # a folder that lacks something is never read
            settle_one(self._folder)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        return upload

    def _take(self, folder: Path, stop: threading.Event) -> None:
        """Reads one upload and removes its folder; one that is stopped is read again by the next service."""
        addresses, files = _contents(folder)
        upload = self._known.get(folder.name) or Upload(folder.name, len(files) + len(addresses))
        rejects: list[tuple[str, str]] = []
        seen = 0

        def items() -> Iterator[Item]:
            nonlocal seen
            places: list[str | Path] = [*addresses, *files]
            for place in places:
                if stop.is_set():
                    return
                found = self._read([place], []) if isinstance(place, str) else self._read([], [place])
                for item in found:
                    yield _named(item, folder) if isinstance(item, Rejected) else item
                seen += 1

        def on_batch(summary: Summary) -> None:
            self._note(_so_far(upload, summary, seen, rejects))

        def on_reject(rejected: Rejected) -> None:
            if len(rejects) < _SHOWN:
                rejects.append((rejected.origin.removeprefix(ORIGIN), rejected.reason))

        try:
            summary = ingest(self._catalogue, items(), on_batch, on_reject)
        except WrongUse as error:
            self._note(replace(self._known.get(upload.key, upload), finished=True, failed=str(error)))
        except NewsdeskError as error:  # such as a full disk: it is tried again
            self._note(replace(self._known.get(upload.key, upload), failed=str(error)))
            raise
        else:
            if stop.is_set():
                return
            self._note(replace(_so_far(upload, summary, upload.files, rejects), finished=True))
        shutil.rmtree(folder, ignore_errors=True)

    def _note(self, upload: Upload) -> None:
        with self._lock:
            self._known[upload.key] = upload
            finished = [key for key, each in self._known.items() if each.finished]
            for key in finished[: max(0, len(self._known) - KEPT)]:
                del self._known[key]

    def _waiting(self) -> list[Path]:
        """The folders that are complete, the oldest first."""
        dated = []
        for folder in self._folder.glob("[!.]*"):
            with suppress(FileNotFoundError):  # read meanwhile
                dated.append((folder.stat().st_mtime_ns, folder))
        return [folder for _, folder in sorted(dated)]


def bare_name(name: str) -> str:
    """The last part of a file's name as a client gave it, fit for a file here: "../a\\b.txt" becomes "b.txt"."""
    last = shown(Path(name.replace("\\", "/").rstrip("/").rpartition("/")[2].replace("\0", "") or "file"))
    last = last.lstrip(".") or "file"
    stem, dot, ending = last.rpartition(".")
    room = _LONGEST // 2 if not last.isascii() else _LONGEST
    return f"{stem[: room - len(ending)]}.{ending}" if dot and stem and len(ending) < 20 else last[:room]


def _contents(folder: Path) -> tuple[list[str], list[Path]]:
    """The address or the files of an upload."""
    address = folder / _ADDRESS
    if address.is_file():
        return [address.read_text(encoding="utf-8")], []
    return [], sorted(folder.glob("*/*"))


def _named(rejected: Rejected, folder: Path) -> Rejected:
    """The reject under the name that its file came with, not where it lies here for a while."""
    lies = f"{shown(folder.absolute())}/"
    if not rejected.origin.startswith(lies):
        return rejected
    return replace(rejected, origin=ORIGIN + rejected.origin.removeprefix(lies).partition("/")[2])


def _so_far(upload: Upload, summary: Summary, done: int, rejects: Sequence[tuple[str, str]]) -> Upload:
    return replace(
        upload,
        failed="",
        done=done,
        outcomes=dict(summary.outcomes),
        rejected=summary.rejected,
        rejects=tuple(rejects),
        samples_left=summary.samples_left,
    )
