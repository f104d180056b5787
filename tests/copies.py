"""How well copies of one story are told from look-alikes: on the set in eval/copies, and on light edits of the sample.

`python -m tests.copies` prints the figures of docs/ingest.md, with those of MinHash alone beside them.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np

from eval.formulas.metrics import adjusted_rand_index
from ingest.formats.jsonl import read_jsonl
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.stories.words import Words, words_of
from newsdesk.types import Article
from tests.support import ROOT, SAMPLE, one_each

SET = ROOT / "eval" / "copies" / "articles.jsonl"
HALVES = ("first", "second")
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 15))


@dataclass(frozen=True, slots=True)
class Told:
    """An article of the set, and the story it is of."""

    article: Article
    story: str


def hard_set(half: str) -> list[Told]:
    """The articles of one half of the set."""
    return [
        Told(article_of(record), record["story"])
        for record in map(json.loads, SET.read_text(encoding="utf-8").splitlines())
        if record["half"] == half
    ]


def article_of(record: dict[str, str]) -> Article:
    """A record of the set as an article."""
    paragraphs = tuple(record["text"].split("\n\n"))
    day = date.fromisoformat(record["published"])
    return Article(record["id"], record["title"], paragraphs, record["source"], published=day)


def stories_of(articles: Sequence[Article], folder: Path) -> list[Hashable]:
    """The story that a new catalogue finds for each article, when they come in this order."""
    catalogue = Catalogue(folder / "catalogue.sqlite3")
    for start in range(0, len(articles), 16):
        catalogue.put(articles[start : start + 16], one_each)
    found: list[Hashable] = [tuple(sorted(catalogue.stories.of(article.id))) for article in articles]
    catalogue.close()
    return found


def by_minhash(articles: Sequence[Article], threshold: float) -> list[Hashable]:
    """What hangs together by the Jaccard similarity of shingles alone, which MinHash estimates."""
    words = [words_of(article.paragraphs) for article in articles]
    story = list(range(len(articles)))
    for one, other in combinations(range(len(articles)), 2):
        if _jaccard(words[one], words[other]) >= threshold:
            story = [story[one] if each == story[other] else each for each in story]
    return list(story)


def _jaccard(one: Words, other: Words) -> float:
    union = len(np.union1d(one.shingles, other.shingles))
    return len(np.intersect1d(one.shingles, other.shingles)) / union if union else 0.0


def lightly_edited(seed: int) -> Iterator[Told]:
    """The articles of the sample, each with a copy: another headline, outlet and day, a sentence and every thirtieth word gone."""
    chance = random.Random(seed)
    for folder in (SAMPLE, ROOT / "eval" / "conversations"):
        for article in read_jsonl(folder / "articles.jsonl"):
            assert isinstance(article, Article)
            yield Told(article, article.id)
            yield Told(_edited(article, chance), article.id)


def _edited(article: Article, chance: random.Random) -> Article:
    paragraphs = list(article.paragraphs)
    longest = max(range(len(paragraphs)), key=lambda place: len(paragraphs[place]))
    sentences = re.split(r"(?<=[.!?”]) ", paragraphs[longest])
    paragraphs[longest] = " ".join(sentences[:-1] or sentences)
    edited = tuple(" ".join(word for word in text.split() if chance.random() > 1 / 30) for text in paragraphs)
    day = article.published and article.published + timedelta(days=chance.randrange(2))
    copy = replace(article, id=f"{article.id}/copy", title="In brief", source="Other Paper", paragraphs=edited)
    return replace(copy, published=day, url="")  # at the same address it would be a version


def precision_and_recall(gold: Sequence[Hashable], found: Sequence[Hashable]) -> tuple[float, float]:
    """Of the pairs that are put into one story, the share that are one; of those that are one, the share that are put so."""
    pairs = list(combinations(range(len(gold)), 2))
    put = {pair for pair in pairs if found[pair[0]] == found[pair[1]]}
    one = {pair for pair in pairs if gold[pair[0]] == gold[pair[1]]}
    return len(put & one) / max(1, len(put)), len(put & one) / max(1, len(one))


def main() -> None:
    """Prints the figures."""
    argparse.ArgumentParser(prog="python -m tests.copies", description=__doc__).parse_args()
    first = hard_set("first")
    threshold = max(THRESHOLDS, key=lambda each: _index(first, by_minhash([told.article for told in first], each)))
    for half in HALVES:
        told = hard_set(half)
        articles = [each.article for each in told]
        with tempfile.TemporaryDirectory() as folder:
            ours = _index(told, stories_of(articles, Path(folder)))
        alone = _index(told, by_minhash(articles, threshold))
        best = max(_index(told, by_minhash(articles, each)) for each in THRESHOLDS)
        stories = len({each.story for each in told})
        print(
            f"{half} half, {len(told)} articles in {stories} stories: adjusted Rand index {ours:.3f}; "
            f"MinHash alone {alone:.3f} at {threshold} (best for the first half), {best:.3f} at its best here"
        )
    edited = list(lightly_edited(1))
    with tempfile.TemporaryDirectory() as folder:
        found = stories_of([each.article for each in edited], Path(folder))
    precision, recall = precision_and_recall([each.story for each in edited], found)
    print(f"light edits, {len(edited)} articles: precision {precision:.3f}, recall {recall:.3f}")


def _index(told: Sequence[Told], found: Sequence[Hashable]) -> float:
    return adjusted_rand_index([each.story for each in told], found)


if __name__ == "__main__":
    main()
