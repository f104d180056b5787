"""Parquet tables: rows as articles, whatever the types of their columns; damaged ones are told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from ingest.sources import read_sources
from newsdesk.types import Article, Rejected

LEAD = "The weir at Lower Bramley gave way on Sunday night after a week of rain, and the mill stood under water."


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Three rows in two groups; the last holds no text."""
    pandas, fastparquet = pytest.importorskip("pandas"), pytest.importorskip("fastparquet")
    frame = pandas.DataFrame(
        {
            "nr": [1, 2, 3],
            "headline": ["Weir breaks", "Mühle steht still", None],
            "maintext": [f"{LEAD} First.", f"{LEAD} Second.", None],
            "date_publish": pandas.to_datetime(["2021-03-02 23:10", "2021-03-03 07:00", None]),
            "score": [0.5, None, 1.5],
        }
    )
    fastparquet.write(str(tmp_path / "t.parquet"), frame, row_group_offsets=2, compression="ZSTD")
    return tmp_path / "t.parquet"


def test_rows_are_articles(table: Path) -> None:
    """By the usual names, with days from times; `--map` says the rest, as for other tables."""
    first, second, last = read_sources([table], mapping={"id": "nr"})
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.id, first.title, first.published) == ("1", "Weir breaks", date(2021, 3, 2))
    assert first.paragraphs == (f"{LEAD} First.",)
    assert (second.id, second.title) == ("2", "Mühle steht still")
    assert isinstance(last, Rejected)
    assert last.origin == f"{table}:3"
    assert "has no text" in last.reason


def test_a_table_without_a_text_is_told(tmp_path: Path) -> None:
    """With the names of its columns."""
    pandas, fastparquet = pytest.importorskip("pandas"), pytest.importorskip("fastparquet")
    fastparquet.write(str(tmp_path / "t.parquet"), pandas.DataFrame({"city": ["Bramley"], "rain": [4]}))
    [rejected] = read_sources([tmp_path / "t.parquet"])
    assert isinstance(rejected, Rejected)
    assert "“city”, “rain”" in rejected.reason


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_table_is_a_reject(table: Path, seed: int) -> None:
    """Cut off or with bytes changed: articles and reasons, and nothing else."""
    random, data = Random(seed), bytearray(table.read_bytes())
    for _ in range(random.randint(1, 30)):
        data[random.randrange(4, len(data))] = random.randrange(256)
    table.write_bytes(data[: random.randint(20, len(data))] if seed % 2 else data)
    assert all(isinstance(item, Article | Rejected) for item in read_sources([table]))
