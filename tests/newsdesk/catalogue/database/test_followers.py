"""Who follows the change log by its numbers misses nothing, however many write at the same time."""

from __future__ import annotations

import time
from contextlib import ExitStack

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START
from newsdesk.types import Filters
from tests.support import ENOUGH, Process

WRITE_SLOWLY = """
import sys, time
from random import Random
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Article
from tests.support import one_each
catalogue, random = Catalogue(sys.argv[1]), Random(sys.argv[2])

def split(article):
    time.sleep(random.random() / 100)  # what came before it is in the log, and not committed
    return one_each(article)

def text():  # no two of them are one story, and so the writers have nothing to do with each other
    return " ".join("".join(random.choices("abcdefghijklmnoprstuv", k=7)) for _ in range(12))

print("open", flush=True)
own = sys.argv[2]
for number in range(int(sys.argv[3])):
    # New articles are stored together, up to one that is known.
    new = [Article(f"{own}/{number}/{each}", "Tide tables", (text(),), f"Pilot {own}") for each in range(2)]
    changed = [Article(own, "Harbour log", (text(),), f"Pilot {own}") for _ in range(2)]
    catalogue.put([new[0], changed[0], new[1], changed[1]], split)
print("done", flush=True)
sys.stdin.readline()
"""


def test_nothing_is_passed_over_while_many_write(catalogue: Catalogue) -> None:
    """Five processes write; one that reads on behind the last change it saw has in the end seen each."""
    told: list[int] = []
    reached = START

    def follow() -> bool:
        nonlocal reached
        found = catalogue.changes.after(reached, 5)
        assert found is not None, "the change that was reached is no longer there"
        here, numbers = found
        assert here >= reached
        moved, reached = here != reached, here
        told.extend(numbers)
        return moved

    with ExitStack() as stack:
        writers = [stack.enter_context(Process(WRITE_SLOWLY, catalogue.at, name, 8)) for name in "abcde"]
        for writer in writers:
            writer.line()
        while catalogue.counts().articles < 5 * (2 * 8 + 1):
            assert not any(writer.ended() for writer in writers), [writer.finish() for writer in writers]
            for _ in range(50):
                follow()
                time.sleep(0.002)
        assert [writer.line() for writer in writers] == ["done"] * 5
    while follow():
        pass
    _, every = catalogue.changes.after(START, ENOUGH) or (START, [])
    assert set(told) == set(every)
    assert set(told) >= set(catalogue.passage_numbers(Filters()))


def test_passages_are_numbered_in_the_order_in_which_they_are_committed(catalogue: Catalogue) -> None:
    """Saved questions remember the newest passage that was tried: a lower number may not come after it."""
    newest, seen, ended = 0, set[int](), False
    with ExitStack() as stack:
        writers = [stack.enter_context(Process(WRITE_SLOWLY, catalogue.at, name, 5)) for name in "ghij"]
        while not ended:
            assert not any(writer.ended() for writer in writers), [writer.finish() for writer in writers]
            ended = catalogue.counts().articles == 4 * (2 * 5 + 1)
            new = set(catalogue.passage_numbers(Filters())) - seen
            assert all(number > newest for number in new)
            newest = max(new, default=newest)
            seen |= new
            time.sleep(0.002)
        for writer in writers:
            assert [writer.line(), writer.line()] == ["open", "done"]
