"""How finding, starting and removing fare in a large composed archive beside a small one.

    python -m tests.million [--articles 200000] [--small 6600] [--folder DIR] [--chroma]

Each article has five passages of made words and made vectors; nothing is read or embedded but the questions, which cost the
same whatever the archive's size. Each size is measured in a process of its own. Without `--chroma` the vectors are compared
one by one, as they are until the vector index is made. Steps are given in time on the clock and, as "CPU", in the processor
time of all threads, which other programs on the machine change less.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import insert

from newsdesk import packaged_model
from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.hashes import content_hash, embedded_hash, text_hash
from newsdesk.catalogue.rows import chunks
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.types import Article, Filters, embedded_text
from tests.support import ROOT, environment

if TYPE_CHECKING:
    from index.archive import Archive

PASSAGES = 5
_WORDS = 60  # of a passage: about half a real one
_AT_ONCE = 1_000  # articles a transaction
_DIMENSION = 384
_SPREAD = np.arange(1, _DIMENSION + 1, dtype=np.float32) ** np.float32(-0.6)
"""Of made vectors, axis by axis: as far as the vectors of RealTime QA's passages spread along their principal axes."""
_FIRST = date(1985, 1, 1)
_DAYS = 40 * 365
_QUESTIONS = 30
_REMOVED = 20
_REMOVED_WHILE_ASKED = 100
_CLIENTS = 8


def main() -> None:
    """Composes both archives, measures each, and prints the figures side by side."""
    parser = argparse.ArgumentParser(prog="python -m tests.million", description=str(__doc__).splitlines()[0])
    parser.add_argument("--articles", type=int, default=200_000, help="of the large archive")
    parser.add_argument("--small", type=int, default=6_600, help="articles of the small one")
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--chroma", action="store_true", help="make the vector index too, which takes long")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measured(given.measure, chroma=given.chroma)))
        return
    folder = Path(tempfile.mkdtemp(prefix="newsdesk-million-", dir=given.folder))
    try:
        small, large = (
            _figures(folder / name, n, given.chroma) for name, n in (("s", given.small), ("l", given.articles))
        )
        for name in large:
            print(f"{name:45} {small[name]:>12,.1f} {large[name]:>12,.1f} {large[name] / (small[name] or 1):>8.1f}")
    finally:
        shutil.rmtree(folder)


def _figures(data: Path, articles: int, chroma: bool) -> dict[str, float]:
    began = time.monotonic()
    compose(data, articles)
    composed = time.monotonic() - began
    command = [sys.executable, "-m", "tests.million", "--measure", str(data), *(["--chroma"] if chroma else [])]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return {"articles": articles, "composed, s": composed, **json.loads(done.stdout.splitlines()[-1])}


def compose(data: Path, articles: int) -> None:
    """Fills a catalogue with so many articles, as an ingest and an embedding would leave it."""
    from index.embed.key import model_key

    catalogue = Catalogue(data / "catalogue.sqlite3")
    model = StoredVectors(catalogue).register(model_key(packaged_model.NAME), packaged_model.NAME)
    random = np.random.default_rng(7)
    words = np.asarray([f"{a}{b}{c}" for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES])
    often = 1 / np.arange(10, len(words) + 10)  # as Zipf found it
    often /= often.sum()
    for some in chunks(range(1, articles + 1)):
        for start in range(0, len(some), _AT_ONCE):
            _store(catalogue, model.number, some[start : start + _AT_ONCE], random, words, often)
    catalogue.close()


_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstv" for vowel in "aeiou"][:24]


def _store(catalogue: Catalogue, model: int, numbers: Any, random: Any, words: Any, often: Any) -> None:
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("articles", "stories", "paragraphs", "passages", "vectors", "changes")
    }
    chosen = random.choice(words, size=(len(numbers), PASSAGES, _WORDS), p=often)
    made = random.standard_normal((len(numbers), PASSAGES, _DIMENSION), dtype=np.float32) * _SPREAD
    made /= np.linalg.norm(made, axis=2, keepdims=True)
    for place, number in enumerate(numbers):
        texts = [" ".join(each).capitalize() + "." for each in chosen[place]]
        on = _FIRST + timedelta(number * 7 % _DAYS)
        made_up = Article(
            f"made/{number}", f"Report {number}", tuple(texts), source=f"Outlet {number % 20}", published=on
        )
        rows["articles"].append(_article_row(made_up, number))
        rows["stories"].append(
            {"article": number, "story": number, "text_hash": text_hash(texts[0]), "hashes": 0, "last_hash": 0}
        )
        header = f"{made_up.title}\n{made_up.source}, {on.isoformat()}"
        for position, text in enumerate(texts):
            passage, key = PASSAGES * (number - 1) + position + 1, embedded_hash(embedded_text(header, text))
            rows["paragraphs"].append(
                {"article": number, "number": position, "text": text, "text_hash": text_hash(text)}
            )
            rows["passages"].append(
                {
                    "number": passage, "id": f"{made_up.id}#{position}{key.hex()[:15]}", "article": number,
                    "position": position, "spans": [[position, 0, len(text)]], "header": header,
                    "embedded_hash": key, "embedded_length": len(header) + len(text),
                }
            )  # fmt: skip
            vector = made[place, position].astype("<f4").tobytes()
            rows["vectors"].append({"model": model, "embedded_hash": key, "vector": vector})
            rows["changes"].append({"passage": passage, "mark": 7, "what": "text"})
    with writing(catalogue.engine).begin() as connection:
        for name, some in rows.items():
            connection.execute(insert(schema.metadata.tables[name]), some)


def _article_row(article: Article, number: int) -> dict[str, Any]:
    return {
        "number": number, "id": article.id, "version": 1, "content_hash": content_hash(article), "title": article.title,
        "source": article.source, "authors": [], "day": article.published.toordinal() if article.published else 0,
        "url": "", "agency": "", "section": "", "language": "", "sample": False, "changed_at": "2026-01-01T00:00:00+00:00",
        "edition": 0, "modified": "", "address": "",
    }  # fmt: skip


def measured(data: Path, *, chroma: bool) -> dict[str, float]:
    """The figures of one archive, in this process, which has done nothing before."""
    from index.archive import Archive
    from newsdesk.settings import Settings

    figures: dict[str, float] = {"catalogue, MB": (data / "catalogue.sqlite3").stat().st_size / 1e6}
    with _timed(figures, "keyword index made, s"):
        archive = Archive(Settings(data=data, reader="none"))
        archive.keyword.catch_up()
        archive.close()
    figures["keyword index, MB"] = sum(_megabytes(folder) for folder in data.glob("keyword-*"))
    with _timed(figures, "start-up until askable by keyword, s"):
        archive = Archive(Settings(data=data, reader="none"))
        archive.keyword.catch_up()
    archive.dense.load()
    if chroma:
        with _timed(figures, "vector index made, s"):
            archive.dense.follow_with_chroma(Event())
        assert archive.dense.view == "chroma", archive.dense.view
        figures["memory at most until then, MB"] = _most_memory()
        archive.close()
        figures["vector index, MB"] = _megabytes(data / "chroma")
        archive = Archive(Settings(data=data, reader="none"))
        archive.dense.load()
        with _timed(figures, "vector index opened again, s"):
            archive.dense.follow_with_chroma(Event())
        assert archive.dense.view == "chroma", archive.dense.view
    questions = [f"What did report {number} say of {word}?" for number, word in enumerate(_some_words())]
    with _timed(figures, "first question, s"):
        archive.engine.search(questions[0], Filters(), 10)
    kinds = {
        "question": Filters(),
        "question as of a late day": Filters(as_of=_FIRST + timedelta(_DAYS - 700)),
        "question of ten years": Filters(published_from=date(1990, 1, 1), published_to=date(1999, 12, 31)),
        "question of one outlet": Filters(sources=("Outlet 7",)),
    }
    for name, filters in kinds.items():
        _note(
            figures,
            name,
            [lambda asked=asked, under=filters: archive.engine.search(asked, under, 10) for asked in questions[1:]],  # type: ignore[misc]
        )
    _note(figures, "counts (status, metrics)", [archive.catalogue.counts] * 3)
    _note(figures, "samples looked for", [archive.catalogue.holds_samples] * 3)
    _note(figures, "vectors counted", [archive.dense.state] * 3)
    removed = [f"made/{1 + 17 * number}" for number in range(_REMOVED)]
    _note(figures, "one article removed", [lambda id_=id_: archive.catalogue.remove([id_]) for id_ in removed])  # type: ignore[misc]
    _note(figures, "the question after these", [lambda: archive.engine.search(questions[1], Filters(), 10)])
    _remove_while_asked(figures, archive, questions)
    figures["memory at most, MB"] = _most_memory()
    archive.close()
    return figures


def _remove_while_asked(figures: dict[str, float], archive: Archive, questions: list[str]) -> None:
    """A hundred articles are removed, one by one, while eight clients ask; none may be found once it is gone."""
    over = Event()
    took: list[float] = []
    gone: dict[str, float] = {}
    late: list[str] = []

    def ask() -> None:
        for asked in cycle(questions):
            if over.is_set():
                return
            began = time.perf_counter()
            found = archive.engine.search(asked, Filters(), 10)[1]
            took.append(1_000 * (time.perf_counter() - began))
            late.extend(each.article_id for each in found if gone.get(each.article_id, began) < began)

    removals = []
    with ThreadPoolExecutor(_CLIENTS) as clients:
        asking = [clients.submit(ask) for _ in range(_CLIENTS)]
        try:
            for number in range(_REMOVED_WHILE_ASKED):
                id_ = f"made/{2 + 17 * number}"
                began = time.perf_counter()
                archive.catalogue.remove([id_])
                gone[id_] = time.perf_counter()
                removals.append(1_000 * (gone[id_] - began))
                if archive.dense.view == "chroma":
                    archive.dense.follow_with_chroma(Event())
        finally:
            over.set()
    for each in asking:
        each.result()
    figures["removed while eight ask, ms"] = statistics.median(removals)
    figures["the slowest of these, ms"] = max(removals)
    figures["a question meanwhile, ms"] = statistics.median(took)
    figures["found although removed"] = len(late)


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _some_words() -> Iterator[str]:
    for number in range(_QUESTIONS):
        yield f"{_SYLLABLES[number % 24]}{_SYLLABLES[number * 5 % 24]}{_SYLLABLES[number * 7 % 24]}"


def _note(figures: dict[str, float], name: str, calls: list[Callable[[], object]]) -> None:
    """Notes the median time of the calls."""
    took, cpu = [], []
    for call in calls:
        began, cpu_began = time.perf_counter(), time.process_time()
        call()
        took.append(1_000 * (time.perf_counter() - began))
        cpu.append(1_000 * (time.process_time() - cpu_began))
    figures[f"{name}, ms"] = statistics.median(took)
    figures[f"{name}, CPU ms"] = statistics.median(cpu)


@contextmanager
def _timed(figures: dict[str, float], name: str) -> Iterator[None]:
    """Notes how long something took."""
    began, cpu = time.monotonic(), time.process_time()
    yield
    figures[name] = time.monotonic() - began
    figures[name.removesuffix("s") + "CPU s"] = time.process_time() - cpu


if __name__ == "__main__":
    main()
