"""Small reports, as `newsdesk eval run --json` writes them."""

from __future__ import annotations

from typing import Any


def figure(value: float, n: int = 10, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """A figure with its interval."""
    return {"value": value, "low": value if low is None else low, "high": value if high is None else high, "n": n}


def citation(quote: str = "Nine jets flew.", verbatim: bool = True, **more: Any) -> dict[str, Any]:
    """A citation with the marker 1."""
    cited = {
        "marker": 1, "article_id": "gazette/1", "paragraph": 0, "quote": quote, "title": "Jets over the bay",
        "source": "Gazette", "published": "2017-01-18", "url": "https://gazette.example/1", "gold": True, "verbatim": verbatim,
    }  # fmt: skip
    return cited | more


def question(id_: str, **more: Any) -> dict[str, Any]:
    """A question that was answered, and rightly."""
    asked = {
        "id": id_, "question": f"How many jets flew ({id_})?", "history": [], "type": "number", "splits": [],
        "answerable": True, "as_of": None, "gold": {"answers": ["nine"], "articles": ["gazette/1"], "paragraphs": []},
        "answered": True, "error": None, "mode": "extractive", "confidence": 0.5, "text": "Nine jets flew. [1]",
        "short_answer": None, "citations": [citation()],
        "found": [{"article_id": "gazette/1", "title": "Jets over the bay", "source": "Gazette", "published": None, "gold": True}],
        "notes": [], "right": True, "measures": {"hit@10": 1.0}, "timings_ms": {"total": 12.0},
    }  # fmt: skip
    return asked | more


def refused(id_: str, answerable: bool | None, confidence: float = 0.5) -> dict[str, Any]:
    """A question that was not answered."""
    right = None if answerable is None else not answerable
    text = "The archive does not say."
    return question(
        id_, answered=False, answerable=answerable, right=right, confidence=confidence, text=text, citations=[]
    )


def report(*questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A report with a figure of several sections, for all and for a split."""
    figures = {
        "all": {
            "hit@1": figure(0.5, 10, 0.25, 0.75), "hit@10": figure(0.9, 10, 0.8, 1.0), "contained": figure(0.731, 10, 0.6, 0.8),
            "words": figure(48.2, 10, 40, 55), "refused of unanswerable": figure(0.25, 4, 0.0, 0.5), "ece": figure(0.081, 10, 0.05, 0.1),
            "coverage at 80": figure(0.625, 8, 0.375, 0.75), "auroc": figure(0.712, 9, 0.55, 0.85),
        },
        "split june": {"hit@1": figure(0.4, 5, 0.1, 0.8), "hit@10": figure(0.8, 5, 0.4, 1.0)},
    }  # fmt: skip
    bins = [{"confidence": 0.4, "right": 0.5, "n": 2, "low": 0.3, "high": 0.5}]
    curve = {"risk_coverage": [[0.5, 0.0], [1.0, 0.25]], "reliability": bins}
    seconds = {name: figure(value) for name, value in (("p50", 12.0), ("p95", 20.0), ("p99", 31.0))}
    return {
        "format": 1,
        "name": "sample",
        "subject": {
            "newsdesk": "0.3.0", "model": "all-MiniLM-L6-v2", "url": None, "mode": "extractive", "caution": "normal",
            "vectors": True, "judge": None, "expect_refusal": False,
        },
        "data": {"questions": "a" * 64, "articles": "b" * 64, "asked": len(questions), "of": 10, "seed": 0, "warnings": []},
        "figures": figures,
        "curves": {"all": curve, "split june": curve},
        "questions": list(questions),
        "cost": {
            "latency_ms": {"retrieve": seconds, "total": seconds}, "seconds": 2.5, "peak_memory_mb": 812.0,
            "index_bytes": {"catalogue": 1_500_000, "keyword": 500_000}, "articles_per_second": 41.0,
            "passages_per_second": 28.9, "built": "reused",
        },
    } | more  # fmt: skip


def full_of(text: str) -> dict[str, Any]:
    """A report with this text in every field that may hold one, each behind a name of its own."""
    wrong = question(
        f"id:{text}", question=f"question:{text}", type=f"type:{text}", splits=[f"name:{text}"], as_of=f"as_of:{text}",
        history=[[f"earlier:{text}", f"reply:{text}"]], text=f"text:{text}", short_answer=f"short:{text}", right=False,
        gold={"answers": [f"gold:{text}"], "articles": [f"article:{text}"], "paragraphs": [f"paragraph:{text}"]},
        citations=[citation(f"quote:{text}", False, article_id=f"cited:{text}", title=f"title:{text}", source=f"source:{text}",
                            published=f"published:{text}", url=f"javascript:{text}")],
        found=[{"article_id": f"found:{text}", "title": f"headline:{text}", "source": f"outlet:{text}", "published": f"day:{text}", "gold": False}],
        notes=[[f"kind:{text}", f"note:{text}"]],
    )  # fmt: skip
    failed = question("failed", error=f"error:{text}", answered=False, right=None, text="", citations=[])
    made = report(wrong, failed, name=f"folder:{text}")
    made["subject"] |= {"model": f"model:{text}", "judge": f"judge:{text}", "url": f"service:{text}"}
    made["data"]["warnings"] = [f"warning:{text}"]
    made["figures"] = {
        "all": made["figures"]["all"] | {"faithful (judged)": figure(1.0)},
        f"split name:{text}": made["figures"]["split june"],
        f"type type:{text}": made["figures"]["split june"],
    }
    made["curves"] = {"all": made["curves"]["all"], f"split name:{text}": made["curves"]["all"]}
    return made
