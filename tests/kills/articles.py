"""Articles made by the seed, each in any number of editions, and a model that embeds them in no time."""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random
from typing import Any

from ingest.formats.jsonl import read_jsonl
from ingest.parts.language import with_language
from newsdesk.types import Article
from tests.support import SAMPLE

EVERYWHERE = "Chronicle"
"""A word in every headline of the generated articles: it finds all their passages."""

_WORDS = """
harbour council bridge winter market teacher railway garden engine museum forest captain letter village festival river
doctor ferry budget concert window mountain ballot bakery storm orchard lantern tunnel mayor library quarry theatre
island student tower election carpenter valley hospital journey painter cellar reporter signal station summer kitchen
opened closed repaired counted visited promised delayed painted measured welcomed questioned praised crossed carried
quietly slowly early twice again together yesterday upstream northward briefly kindly
small green narrow wooden former public heavy bright western ancient careful silent crowded modest
""".split()
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprtv" for vowel in "aiou"]


def mark(number: int, edition: int) -> str:
    """A word that stands in one edition of one article and nowhere else; no stemmer changes it."""
    left, said = number * 1_000 + edition, ""
    while left:
        left, digit = divmod(left, len(_SYLLABLES))
        said += _SYLLABLES[digit]
    return f"x{said}k"


def generated_article(number: int, edition: int) -> Article:
    """The article in one of its editions: each changes a paragraph, every third the headline too."""
    shape = Random(f"shape {number}")
    many = shape.randint(3, 9)
    paragraphs = [_paragraph(number, place, _last_change(place, edition, many)) for place in range(many)]
    paragraphs.append(f"Readers may quote this report as {mark(number, edition)} when they write to the editor.")
    return Article(
        f"kills/{number}",
        f"{EVERYWHERE} of the {shape.choice(_WORDS)}, number {number}" + (f", part {edition // 3}" * (edition >= 3)),
        tuple(paragraphs),
        source=shape.choice(("Gazette", "Courier", "Observer")),
        language="en",
        published=date(2020, 1, 1) + timedelta(days=number % 700),
    )


def _last_change(place: int, edition: int, many: int) -> int:
    """The newest edition up to `edition` that changed this paragraph."""
    return max((e for e in range(edition + 1) if e % many == place), default=0)


def _paragraph(number: int, place: int, edition: int) -> str:
    words = Random(f"{number} {place} {edition}")
    sentences = [" ".join(words.choices(_WORDS, k=words.randint(6, 14))) for _ in range(words.randint(2, 5))]
    return " ".join(f"{sentence.capitalize()}." for sentence in sentences)


def record(article: Article) -> dict[str, Any]:
    """The article as a line of a file."""
    return {
        "id": article.id, "title": article.title, "source": article.source, "authors": list(article.authors),
        "published": article.published.isoformat() if article.published else None, "url": article.url,
        "paragraphs": list(article.paragraphs), "language": article.language,
    }  # fmt: skip


def sample_articles() -> list[Article]:
    """The articles of eval/sample, taken in as anybody's."""
    return [with_language(item) for item in read_jsonl(SAMPLE / "articles.jsonl") if isinstance(item, Article)]


def sample_questions(many: int) -> list[str]:
    """The first questions of eval/sample."""
    lines = (SAMPLE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines[:many]]
