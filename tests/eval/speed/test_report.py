"""The page of the speed benchmark."""

from __future__ import annotations

from typing import Any

import pytest

from eval.speed.report import bench_html
from tests.ui.test_render import Page


def size(articles: int, **more: Any) -> dict[str, Any]:
    """What was measured at one size."""
    measured = {
        "articles": articles, "passages": 12 * articles,
        "newsdesk": {"keyword_seconds": articles / 30, "vectors_seconds": articles / 2, "ask_ms": {"p50": 41.0, "p95": 90.0},
                     "retrieve_ms": {"p50": 12.3, "p95": 20.0}, "asked_per_second": 7.1, "disk_mb": 8.0, "peak_memory_mb": 700.0},
        "beside": {
            "llamaindex": {"vectors_seconds": articles / 1.9, "retrieve_ms": {"p50": 14.0, "p95": 30.0}, "disk_mb": 9.0,
                           "peak_memory_mb": 900.0, "ratios": {"ready to ask": 16.7, "all vectors": 1.04, "memory": 1.29}},
            "haystack": {"vectors_seconds": articles / 1.1, "retrieve_ms": {"p50": 51.0, "p95": 70.0},
                         "ratios": {"ready to ask": 21.9}},
        },
    }  # fmt: skip
    return measured | more


def result(*sizes: dict[str, Any]) -> dict[str, Any]:
    """The whole of a benchmark."""
    machine = {"cores": 2, "python": "3.11.4"}
    return {"format": 2, "articles_file": "pack<b>.jsonl", "machine": machine, "questions": 50, "sizes": list(sizes)}


def test_the_page_has_ratios_table_and_plots() -> None:
    """The ratio at the largest archive stands large; everything else is in the table and drawn over the size."""
    page = Page(bench_html(result(size(300), size(100))))
    assert page.text_of("h1") == "pack<b>.jsonl"
    assert page.text_of("dd").startswith("16.7 ×as fast as LlamaIndex + Chroma, 300 articles")
    for said in (
        "50 questions",
        "2 cores",
        "100",
        "300",
        "3,600 passages",
        "12.3 ms",
        "10.0 s",
        "How many times as fast as Haystack",
        "21.9 ×",
        "51.0 ms",
        "1.29 ×",
    ):
        assert said in page.text, said
    assert "1.29 ×as fast" not in page.text, "of memory"
    assert page.names.count("figure") == 6


@pytest.mark.parametrize(
    "partly",
    [
        {"sizes": []},
        {},
        result({"articles": 5}),
        result(size(100, beside={}), size(300, beside={"txtai": None}), size(400, beside=None)),
        result(size(100, newsdesk={"ask_ms": {"p50": 3}, "retrieve_ms": None, "disk_mb": None}), {"articles": 7, "newsdesk": None}),
    ],
)  # fmt: skip
def test_what_was_not_measured_is_left_out(partly: dict[str, Any]) -> None:
    """A benchmark without the baseline, or cut short, still has its page."""
    page = Page(bench_html(partly))
    assert "None" not in page.text
