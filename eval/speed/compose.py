"""A larger archive than there is, to see what grows with it.

    python -m eval.speed.compose ARTICLES TIMES OUT      # so many times as many articles, as JSON lines

Each composed article has the title, outlet and day of a real one, and paragraphs as long, of words drawn from the whole
archive: words are as frequent as they were, and no two articles or paragraphs are copies.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ingest.formats.jsonl import read_jsonl
from newsdesk.types import Article


def main() -> None:
    """Writes the real articles and after them the composed ones."""
    parser = argparse.ArgumentParser(prog="python -m eval.speed.compose", description=str(__doc__).splitlines()[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("times", type=int)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    articles = [item for item in read_jsonl(given.articles) if isinstance(item, Article)]
    with given.out.open("w", encoding="utf-8") as lines:
        for record in grown(articles, given.times):
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")


def grown(articles: Sequence[Article], times: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """The articles as records for `newsdesk ingest`, and as many composed ones as make it `times` as many."""
    words = [word for article in articles for paragraph in article.paragraphs for word in paragraph.split()]
    drawn = random.Random(seed)
    for turn in range(times):
        for article in articles:
            texts = article.paragraphs
            if turn:
                texts = tuple(" ".join(drawn.choices(words, k=len(text.split()))) for text in texts)
            yield {
                "id": f"{article.id}/{turn}" if turn else article.id,
                "title": article.title,
                "source": article.source,
                "published": article.published.isoformat() if article.published else "",
                "text": "\n\n".join(texts),
            }


if __name__ == "__main__":
    main()
