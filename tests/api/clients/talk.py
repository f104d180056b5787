"""A conversation of three turns about al-Bab, and what every client must be told in it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support import RunningService

TURNS = (
    ("Which air forces bombed al-Bab together?", "Russia and Turkey", "al-bab"),
    ("How many planes took part?", "Seventeen planes", "el-bab-raid"),
    ("When did they bomb it?", "on Wednesday", "russia-turkey-al-bab"),
)
"""What is asked, words of the answer, and of the id of an article that it cites."""


def check_sources(service: RunningService, said: dict[str, Any]) -> None:
    """Every citation is what its article says there, and its address opens the article with the quote marked."""
    assert said["citations"]
    for cited in said["citations"]:
        article = httpx.get(f"{service.url}/api/articles/{cited['article_id']}", timeout=60).json()
        paragraph = article["paragraphs"][cited["paragraph"]]
        assert paragraph[cited["start_char_index"] : cited["end_char_index"]] == cited["cited_text"]
        assert cited["url"].startswith(f"{service.url}/article/")
        assert cited["url"].endswith(f"#p{cited['paragraph']}")
        page = httpx.get(cited["url"], timeout=60)
        assert page.status_code == 200
        assert "<mark>" in page.text
        assert f'id="p{cited["paragraph"]}"' in page.text
