"""What the tests of several rooms share: small articles, made-up vectors, the command, other processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.hashes import embedded_hash
from newsdesk.catalogue.vectors import Matrix, Model, StoredVectors
from newsdesk.types import Article, Filters, Passage, Span
from tests import warm

ROOT = warm.ROOT
SAMPLE = ROOT / "eval" / "sample"
DIMENSION = 8
ENOUGH = 10_000
"""More than there is of anything in a test."""


def article(id_: str, *paragraphs: str, title: str = "", **more: Any) -> Article:
    """An article of these paragraphs."""
    return Article(id_, title or f"About {id_}", paragraphs, **{"source": "Gazette", **more})


def one_each(article: Article) -> list[Passage]:
    """A passage for each paragraph: the smallest splitting, where a test needs to know the passages."""
    seen: dict[str, int] = {}
    passages = []
    for number, text in enumerate(article.paragraphs):
        seen[text] = seen.get(text, 0) + 1
        id_ = f"{article.id}#{embedded_hash(text).hex()}.{seen[text]}"
        span = Span(number, 0, len(text))
        passages.append(Passage(id_, article.id, number, (span,), text, article.title))
    return passages


def day(text: str) -> date:
    """The day of an ISO date."""
    return date.fromisoformat(text)


def passages_of(catalogue: Catalogue, article_id: str) -> dict[str, int]:
    """Text -> number of the article's passages."""
    stored = catalogue.passages(catalogue.passage_numbers(Filters()))
    return {passage.text: number for number, passage in stored.items() if passage.article.id == article_id}


def made_up_vector(key: bytes) -> Matrix:
    """A vector of unit length that depends on nothing but the key."""
    row = np.random.default_rng(int.from_bytes(key, "little")).normal(size=DIMENSION)
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def make_up_vectors(catalogue: Catalogue, model: Model) -> None:
    """Gives every passage without one a vector, as embedding does but at no cost."""
    vectors = StoredVectors(catalogue)
    texts = catalogue.embedded_texts(vectors.missing(model))
    vectors.add(model, {key: made_up_vector(key) for key in map(embedded_hash, texts)})


def save_tiny_model(folder: Path, seed: int = 1) -> None:
    """A real sentence-transformers model of 8 dimensions that embeds thousands of texts a second."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    from newsdesk import packaged_model

    torch.manual_seed(seed)
    tokenizer = Tokenizer.from_file(str(packaged_model.folder() / "tokenizer.json"))
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)], device="cpu").save(
        str(folder), create_model_card=False
    )


# ---------------------------------------------------------------------------- processes


def environment(**more: str) -> dict[str, str]:
    """This process's environment without Newsdesk's settings, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSDESK_")}
    return {**kept, "HF_HUB_OFFLINE": "1", "COLUMNS": "200", **more}


def newsdesk(*arguments: object, options: Sequence[str] = (), **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end; `options` are the interpreter's."""
    command = [*options, "-m", "newsdesk", *arguments]
    pipe = subprocess.PIPE
    with warm.start(command, environment=environment(**variables), stdout=pipe, stderr=pipe) as process:
        try:
            said, complained = process.communicate(timeout=600)
        finally:
            process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, said, complained)


class Process:
    """Another Python process that runs a piece of code; it speaks by lines on its standard output."""

    def __init__(self, code: str, *arguments: object) -> None:
        pipe = subprocess.PIPE
        command = ["-c", code, *arguments]
        self._process = warm.start(command, environment=environment(), stdin=pipe, stdout=pipe, stderr=pipe)
        self.pid = self._process.pid

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def line(self) -> str:
        """The next line it says; fails with what it complained of when it ends instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"the process ended: {self._process.communicate()[1]}")
        return line.strip()

    def say(self, line: str) -> None:
        """Gives it a line on its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def finish(self) -> str:
        """Waits for its end, which must be a good one; what it said last."""
        said, complaint = self._process.communicate(timeout=240)
        assert self._process.returncode == 0, complaint
        return said.strip()

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """kill -9, and waits until it is gone."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        with suppress(ValueError):  # closed already by finish
            self._process.communicate()


def wait_until(condition: Callable[[], object], seconds: float = 90, *, pause: float = 0.02) -> None:
    """Asks again and again until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {condition}"
        time.sleep(pause)


ASKING = 0.1
"""Seconds between two questions to a service that is waited for: to answer them without pause slows down what it does."""


def complete(stats: dict[str, Any]) -> bool:
    """Whether every passage has its vector and Chroma searches them, by what `/api/stats` says."""
    return bool(stats["vectors"]["done"] == stats["vectors"]["total"] and stats["vector_view"] == "chroma")


def wait_until_complete(url: str, seconds: float = 90) -> None:
    """Waits for a service that was just started, or whose archive changed."""
    import httpx

    # One client for all questions: to make one takes 25 ms of a core, a question to it one.
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        wait_until(lambda: complete(client.get("/api/stats").json()), seconds, pause=ASKING)


@dataclass(frozen=True, slots=True)
class RunningService:
    """A `newsdesk serve` of the sample archive."""

    url: str
    data: Path
    pid: int


def start_service(data: Path, log: Path, port: str = "0", **variables: str) -> tuple[subprocess.Popen[str], str]:
    """Starts `newsdesk serve` on this port, 0 for a free one, and waits until it says where it is."""
    with log.open("w") as complaints:
        command = ["-m", "newsdesk", "serve", "--port", port, "--data", data]
        process = warm.start(command, environment=environment(**variables), stdout=subprocess.PIPE, stderr=complaints)
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said.startswith("Newsdesk is at http://"), said + log.read_text()
    return process, said.split()[3]


def stop_service(process: subprocess.Popen[str]) -> int:
    """Sends SIGTERM and gives the 20 seconds that are promised; the exit code."""
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    finally:
        assert process.stdout is not None
        process.stdout.close()
    return code


@contextmanager
def service_on_copy(template: Path, folder: Path) -> Iterator[RunningService]:
    """`newsdesk serve` on a copy of the archive, made in `folder`; SIGTERM must end it in time, and well."""
    data = Path(shutil.copytree(template, folder / "data"))
    process, url = start_service(data, folder / "log")
    try:
        yield RunningService(url, data, process.pid)
    finally:
        code = stop_service(process)
    assert code == 0
