"""The process that reads pages: what takes too much is one reject, and the next page is read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ingest.worker import Worker
from newsdesk.errors import Unreadable

LEAD = "The council of Northfield closed the old harbour bridge on Tuesday after engineers found cracks in its pillars."
PAGE = f"<html><head><title>Bridge</title></head><body><article><p>{LEAD}</p><p>{LEAD}</p></article></body></html>"
SLOW = "<html><body><article>" + f"<p>{LEAD}</p>" * 45_000


def test_a_page_is_read_in_another_process() -> None:
    """The article, and a reason with its type, come back as if they had been read here."""
    with closing(Worker()) as worker:
        assert worker.read("page", PAGE, "https://post.example/1").url == "https://post.example/1"
        with pytest.raises(Unreadable, match="holds no story"):
            worker.read("page", "<html><body>Menu</body></html>", "")
        with pytest.raises(FileNotFoundError):
            worker.read("html", "/no/such/page.html", "")


def test_a_page_that_takes_too_long_is_one_reject() -> None:
    """The reason says so, and the worker goes on with the next page."""
    with closing(Worker(seconds=2)) as worker:
        with pytest.raises(Unreadable, match="more than 2 s of processor time"):
            worker.read("page", SLOW, "")
        assert worker.read("page", PAGE, "").title == "Bridge"


def test_a_page_that_takes_too_much_memory_is_one_reject() -> None:
    """A parser that wants more than there may be is stopped; the others of the machine never notice."""
    with closing(Worker(memory=700 * 1024**2)) as worker:
        with pytest.raises(Unreadable):
            worker.read("page", "<html><body><p>" + "x " * 200_000_000, "")
        assert worker.read("page", PAGE, "").title == "Bridge"


def test_a_worker_that_was_killed_is_started_again(tmp_path: Path) -> None:
    """Whoever ends the process costs at most the page that was being read."""
    with closing(Worker()) as worker:
        (tmp_path / "a.html").write_text(PAGE)
        assert worker.read("html", str(tmp_path / "a.html"), "").title == "Bridge"
        worker._running().kill()
        worker._running().wait()
        assert worker.read("html", str(tmp_path / "a.html"), "").title == "Bridge"


def test_markdown_that_takes_for_ever_is_one_reject(tmp_path: Path) -> None:
    """A file of many small tables and quotations costs its parser far more than one article may; the next is read."""
    path = tmp_path / "quotes.md"
    path.write_text("the storm had moved its blocks. \n\n>< 10.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n" * 13_000)
    with closing(Worker(seconds=1)) as worker:
        with pytest.raises(Unreadable, match="more than 1 s of processor time"):
            worker.read("markdown", str(path), "quotes.md")
        path.write_text(
            f"# Mole closed\n\n{'The mole was **closed** on Monday after the storm, its master said. ' * 3}\n"
        )
        assert worker.read("markdown", str(path), "quotes.md").title == "Mole closed"
