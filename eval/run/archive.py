"""The archive that an evaluation asks: made once for each set of articles, kept in the cache, thrown away at will."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from index.archive import Archive
from index.embed.key import model_key
from index.embed.missing import embed_missing
from index.engine import Engine
from index.read.reader import Reader, Reading
from index.read.windows import Window
from ingest.pipeline import Summary, ingest
from ingest.sources import read_sources
from newsdesk.errors import DataFolderBusy
from newsdesk.progress import progress
from newsdesk.settings import Settings
from newsdesk.types import Answer, Question, Rejected

CACHE = user_cache_path("newsdesk") / "eval"
"""What evaluations keep; it can be deleted at any time."""

_ROOT = Path(__file__).parents[2]
_BUILT = "built.json"  # in the data folder: how it was made
_DECIDE = (
    "newsdesk/types.py",
    "newsdesk/packaged_model.py",
    "newsdesk/wording/sentences.py",
    "newsdesk/catalogue",
    "index/embed",
)
"""Beside the room `ingest`, the code that decides what a catalogue and its vectors hold."""


@dataclass(frozen=True, slots=True)
class Built:
    """How quickly an archive was made, where that was measured."""

    articles_per_second: float | None = None
    """From the start of reading until all could be asked by keyword."""
    passages_per_second: float | None = None
    """Given a vector."""
    code: str = ""
    """Hash of the code that made its indexes."""


@dataclass(frozen=True, slots=True)
class EvalArchive:
    """An archive ready to be asked."""

    archive: Archive
    built: Built
    made: bool
    """Whether something was read or embedded now."""
    rejected: int
    """Articles that could not be taken in."""


Readings = dict[Window, Reading]
"""What was read, and what was found in it."""


class Remembering(Reader):
    """Reads nothing that was read before. A reader reads each passage alone, so that it would find the same again."""

    def __init__(self, reader: Reader, readings: Readings) -> None:
        super().__init__(reader.model, reader.fit, reader.own_fit)
        self._reader, self._readings = reader, readings

    def read(self, windows: Sequence[Window]) -> list[Reading]:
        """See Reader."""
        new = [window for window in dict.fromkeys(windows) if window not in self._readings]
        self._readings.update(zip(new, self._reader.read(new), strict=True))
        return [self._readings[window] for window in windows]


class LocalEngine:
    """The engine of an archive as an evaluation uses it."""

    def __init__(self, archive: Archive, engine: Engine | None = None) -> None:
        """`engine` is another one over the same archive, to compare with."""
        self._engine = engine or archive.engine
        self._catalogue = archive.catalogue

    def ask(self, question: Question) -> Answer:
        """Answers as users are answered."""
        return self._engine.ask(question)

    def find(self, question: Question) -> Answer:
        """Only finds."""
        return self._engine.find(question)

    def paragraphs(self, article_id: str) -> Sequence[str]:
        """The paragraphs of an article. Raises ArticleNotFound."""
        return self._catalogue.article(article_id).paragraphs


def folder_for(articles_hash: str, model: str) -> Path:
    """Where the archive of these articles belongs: its name says all that decides what its catalogue holds."""
    parts = (articles_hash, model_key(model), code_hash("ingest", *_DECIDE))
    return CACHE / "archives" / _digest(part.encode() for part in parts)


def journal_for(parts: Iterable[object]) -> Path:
    """Where a run with these particulars notes what it has asked; another version of the code is another run."""
    code = code_hash("newsdesk", "ingest", "index", "eval")
    return CACHE / "runs" / f"{_digest(str(part).encode() for part in (*parts, code))}.jsonl"


def code_hash(*places: str) -> str:
    """A hash of the source code in these folders and files."""
    files = [file for place in places for file in sorted((_ROOT / place).rglob("*.py")) or [_ROOT / place]]
    return _digest(file.read_bytes() for file in files)


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:24]


def build(settings: Settings, articles: Path, vectors: bool, throw_away: bool = False) -> EvalArchive:
    """An archive with these articles, ready to be asked; what is there already costs little. Others in it stay.

    Of a throw-away one the keyword index is made again when other code has made it: it would be that which is measured.

    Raises DataFolderBusy while another process makes it.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(settings.data / "eval.lock", timeout=0):
            return _build(settings, articles, vectors, throw_away)
    except Timeout as error:
        raise DataFolderBusy(
            f"Another evaluation is filling {settings.data}. Wait until it asks its questions, then run this again."
        ) from error


def _build(settings: Settings, articles: Path, vectors: bool, throw_away: bool) -> EvalArchive:
    old, code = _built(settings.data), code_hash("index", "newsdesk")
    if throw_away and old.code != code:
        for folder in settings.data.glob("keyword*/"):
            shutil.rmtree(folder)
    archive = Archive(settings)
    began = time.monotonic()
    summary = _read(archive, articles)
    archive.keyword.catch_up()
    new = summary.outcomes["added"] + summary.outcomes["updated"]
    articles_per_second = new / (time.monotonic() - began) if new else None
    passages_per_second = _embed(archive) if vectors else None
    rates = Built(articles_per_second or old.articles_per_second, passages_per_second or old.passages_per_second, code)
    (settings.data / _BUILT).write_text(json.dumps(asdict(rates)), encoding="utf-8")
    if vectors:
        archive.load()
    return EvalArchive(archive, rates, bool(new or passages_per_second), summary.rejected)


def _read(archive: Archive, articles: Path) -> Summary:
    with progress("Reading", "article") as report:
        return ingest(archive.catalogue, read_sources([articles]), lambda summary: report(summary.read), _say)


def _say(rejected: Rejected) -> None:
    print(f"rejected {rejected.origin}: {rejected.reason}", file=sys.stderr)


def _embed(archive: Archive) -> float | None:
    """Makes the missing vectors; how many a second. Raises DataFolderBusy when another process is at it."""
    began, made = 0.0, 0

    with progress("Embedding", "text") as report:

        def on_progress(done: int, total: int) -> None:
            nonlocal began, made
            began = began or time.monotonic()  # now the model is loaded
            made = done
            report(done, total)

        if not embed_missing(archive.catalogue, archive.settings.model, on_progress):
            raise DataFolderBusy(
                f"Another process makes the vectors of {archive.settings.data}. Wait for it, then run this again."
            )
    return made / (time.monotonic() - began) if made else None


def _built(data: Path) -> Built:
    """How the archive in this folder was made; nothing where that is not known."""
    try:
        return Built(**json.loads((data / _BUILT).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Built()


def index_bytes(data: Path) -> dict[str, int]:
    """Size on disk of the catalogue and the keyword index; vectors are part of the catalogue."""
    return {
        "catalogue": sum(file.stat().st_size for file in data.glob("catalogue.sqlite3*")),
        "keyword": sum(file.stat().st_size for file in data.glob("keyword*/*") if file.is_file()),
    }
