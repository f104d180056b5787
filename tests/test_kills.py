"""kill -9 at any moment loses nothing that was acknowledged. `python -m tests.kills` does the same for longer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newsdesk.catalogue.catalogue import Catalogue
from tests.kills.__main__ import report
from tests.kills.articles import generated_article, mark
from tests.kills.ledger import Ledger
from tests.kills.rounds import Kills
from tests.kills.running import Life
from tests.support import one_each

LIVES = {
    "ingest": Life(0.4, 0.2), "serve": Life(5, 0.3), "embed": Life(0.7, 0.4), "rebuild": Life(1.0, 0.3),
    "purge": Life(1.0, 0.3), "remove": Life(0.3, 0.15),
}  # fmt: skip
"""Roughly, of processes that need import nothing; to measure them would take as long as the test itself."""
SEED = 24
"""Its first six rounds are of six kinds: serve, remove, embed, rebuild, ingest, purge."""


def test_nothing_acknowledged_is_lost(tmp_path: Path, tiny_models: list[str]) -> None:
    """Eight kills of whatever writes; then every article, both views and the answers are as if nothing had happened."""
    assert report(Kills(tmp_path, tiny_models[0], seed=SEED, articles=30, lives=dict(LIVES)), 8, 60)


def test_a_loss_would_be_seen(catalogue: Catalogue) -> None:
    """The ledger names an article that is gone, one that came back, an old edition, and one without its passages."""
    articles = [generated_article(number, 0) for number in range(5)]
    ledger = Ledger()
    ledger.attempt({article.id: article for article in articles})
    ledger.acknowledge({article.id: article for article in articles})
    ledger.acknowledge({articles[1].id: None, articles[2].id: generated_article(2, 1)})
    catalogue.put(articles[1:4], one_each)
    found = ledger.differences(catalogue.file)
    assert [difference.split(" ")[0] for difference in found if "passages" not in difference] == [
        "kills/0",
        "kills/1",
        "kills/2",
        "kills/4",
    ]
    assert sum("other passages" in difference for difference in found) == 3, "one_each does not split as ingest does"


def test_what_was_interrupted_may_be_either(catalogue: Catalogue) -> None:
    """Before or after, each article by itself; but what was seen once must stay."""
    one, other = generated_article(1, 0), generated_article(2, 0)
    ledger = Ledger()
    ledger.attempt({one.id: one, other.id: other})
    catalogue.put([replace(one)], lambda article: [])
    assert not [difference for difference in ledger.differences(catalogue.file) if "passages" not in difference]
    catalogue.remove([one.id])
    assert [difference.split(" ")[0] for difference in ledger.differences(catalogue.file)] == [one.id]


@pytest.mark.parametrize("number", [1, 299])
def test_each_edition_is_another_article(number: int) -> None:
    """With a mark of its own, most paragraphs as before, and the same again for the same number."""
    editions = [generated_article(number, edition) for edition in range(8)]
    assert len(set(editions)) == 8
    assert len({mark(number, edition) for edition in range(8)}) == 8
    assert set(editions[0].paragraphs) & set(editions[1].paragraphs)
    assert editions[3] == generated_article(number, 3)
