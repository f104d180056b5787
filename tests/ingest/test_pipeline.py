"""From a reader into the catalogue, batch by acknowledged batch."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.passages import split_passages
from ingest.pipeline import BATCH, Summary, ingest
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Article, Filters, Rejected, Withdrawn
from tests.support import ENOUGH, Process, article

INGEST = """
import sys
from pathlib import Path
from ingest.pipeline import ingest
from newsdesk.catalogue.catalogue import Catalogue
from tests.support import article

def items():
    for number in range(10_000):
        yield article(f"a{number}", f"Text {number}.")

ingest(Catalogue(Path(sys.argv[1])), items(), lambda summary: print(summary.read, flush=True))
"""


def stored(catalogue: Catalogue) -> set[str]:
    """Ids of all articles."""
    return {item.id for item in catalogue.articles(Filters(), ENOUGH, 0)[1]}


def test_the_summary_says_what_became_of_everything(catalogue: Catalogue) -> None:
    """Added, updated, unchanged, rejected: everything that was read is one of them."""
    catalogue.put([article("same", "Same."), article("old", "Old.")], split_passages)
    rejected = [Rejected("x.txt", "", "is empty"), Rejected("y.jsonl:2", "7", "no text")]
    items: list[Article | Rejected] = [
        article("same", "Same."),
        rejected[0],
        article("old", "New."),
        article("new", "New."),
        rejected[1],
    ]
    told: list[Rejected] = []
    summary = ingest(catalogue, items, on_reject=told.append)
    assert summary.outcomes == {"added": 1, "updated": 1, "unchanged": 1}
    assert summary.rejected == 2
    assert told == rejected
    assert summary.read == 5
    assert catalogue.rejects.newest(10) == rejected[::-1]
    assert stored(catalogue) == {"same", "old", "new"}


def test_each_batch_is_acknowledged_before_the_next_is_read(catalogue: Catalogue) -> None:
    """When `on_batch` is called its articles are in the file for everybody, passages and all."""
    another = Catalogue(catalogue.file)
    read = 0

    def items() -> Iterator[Article]:
        nonlocal read
        for number in range(3 * BATCH + 5):
            read += 1
            yield article(f"a{number}", f"Text {number}.")

    def on_batch(summary: Summary) -> None:
        assert len(stored(another)) == summary.read == read
        assert len(another.passage_numbers(Filters())) == read

    assert ingest(catalogue, items(), on_batch).outcomes["added"] == 3 * BATCH + 5
    another.close()


def test_nothing_is_nothing(catalogue: Catalogue) -> None:
    """An empty source is no error."""
    assert ingest(catalogue, []).read == 0


def test_a_killed_run_keeps_what_it_acknowledged_and_goes_on(catalogue: Catalogue) -> None:
    """kill -9 in the middle: what was counted is there, and the same command finishes the rest."""
    with Process(INGEST, catalogue.file) as run:
        for _ in range(5):
            acknowledged = int(run.line())
        run.kill()
    before = stored(catalogue)
    assert {f"a{number}" for number in range(acknowledged)} <= before
    assert len(before) % BATCH == 0, "a batch is stored whole or not at all"

    summary = ingest(catalogue, [article(f"a{number}", f"Text {number}.") for number in range(2 * len(before))])
    assert summary.outcomes == {"unchanged": len(before), "added": len(before)}


def test_what_became_of_each_article_is_told(catalogue: Catalogue) -> None:
    """By article, when it is stored; what is rejected is not among them."""
    catalogue.put([article("same", "Same."), article("old", "Old.")], split_passages)
    told: list[tuple[str, str]] = []
    items: list[Article | Rejected] = [
        article("same", "Same."),
        Rejected("x", "", "is empty"),
        article("old", "New."),
        article("new", "New."),
    ]
    ingest(catalogue, items, on_stored=lambda item, outcome: told.append((item.id, outcome)))
    assert told == [("same", "unchanged"), ("old", "updated"), ("new", "added")]


def test_what_its_sender_takes_back_leaves(catalogue: Catalogue) -> None:
    """A kill removes the article at once and stays on the list of rejects; one for an unknown article changes nothing."""
    catalogue.put([article("kept", "Kept."), article("killed", "Wrong.")], split_passages)
    kills = [Withdrawn("wire.json", "killed", "was withdrawn"), Withdrawn("wire.json", "never seen", "was withdrawn")]
    summary = ingest(
        catalogue, [article("late", "Wrong, too."), *kills, Withdrawn("wire.json", "late", "was withdrawn")]
    )
    assert stored(catalogue) == {"kept"}
    assert summary.rejected == 3
    assert catalogue.rejects.newest(1)[0].id == "late"


def test_what_is_sent_again_behind_a_kill_stays(catalogue: Catalogue) -> None:
    """The last word of the sender counts."""
    ingest(catalogue, [article("a", "Wrong."), Withdrawn("wire.json", "a", "was withdrawn"), article("a", "Right.")])
    assert catalogue.article("a").paragraphs == ("Right.",)
