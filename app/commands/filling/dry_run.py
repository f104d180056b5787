"""`newsdesk ingest --dry-run`: what would be taken in, without storing any of it."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.filling.telling import reason_of
from newsdesk.types import Article, HeldArticle, Rejected
from newsdesk.wording.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsdesk.catalogue.runs.sources import Source

_SHOWN_ARTICLES = 3
_SHOWN_REJECTS = 100
_SHOWN_PARAGRAPHS = 6
_SHOWN_CHARACTERS = 300


@dataclass(eq=False)
class Preview(logging.Handler):
    """What an ingest would find, and what the readers say about it."""

    articles: int = 0
    held: int = 0
    """Of the articles, those that would wait for the end of an embargo."""
    rejected_count: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Files by what they are."""
    outlets: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    undated: int = 0
    first_day: date | None = None
    last_day: date | None = None
    told: list[str] = field(default_factory=list)
    """What the readers said, such as which fields they took for what."""
    rejected: list[Rejected] = field(default_factory=list)
    first: list[Article] = field(default_factory=list)
    """The first ones, of those that everybody may read."""

    def __post_init__(self) -> None:
        super().__init__()

    def emit(self, record: logging.LogRecord) -> None:
        """Takes what is said; a handler of the log."""
        if len(self.told) < _SHOWN_REJECTS:
            self.told.append(record.getMessage())

    def count_file(self, path: Path) -> None:
        """Notes what a file is."""
        from ingest.files import read_start, shown
        from ingest.formats.sniff import SNIFFED_BYTES, format_of

        try:
            kind = format_of(read_start(path, SNIFFED_BYTES), shown(path))
        except OSError:
            kind = ""
        self.kinds["not read" if not kind or " " in kind else kind] += 1

    def read(self, items: Iterable[Article | Rejected | Source]) -> None:
        """Looks at everything that a reader yields."""
        for item in items:
            if isinstance(item, Article):
                self._count(item)
            elif isinstance(item, Rejected):
                self.rejected_count += 1
                if len(self.rejected) < _SHOWN_REJECTS:
                    self.rejected.append(item)

    def _count(self, article: Article) -> None:
        self.articles += 1
        self.held += isinstance(article, HeldArticle)
        self.outlets[article.source] += 1
        self.languages[article.language] += 1
        if article.published is None:
            self.undated += 1
        else:
            self.first_day = min(self.first_day or article.published, article.published)
            self.last_day = max(self.last_day or article.published, article.published)
        # What is under embargo is shown to nobody: the output may end up in a log or a mail.
        if len(self.first) < _SHOWN_ARTICLES and not isinstance(article, HeldArticle):
            self.first.append(article)

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "articles": self.articles,
            "held": self.held,
            "rejected_count": self.rejected_count,
            "kinds": dict(self.kinds.most_common()),
            "outlets": dict(self.outlets.most_common()),
            "languages": dict(self.languages.most_common()),
            "first_day": self.first_day.isoformat() if self.first_day else None,
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "undated": self.undated,
            "told": self.told,
            "rejected": [{"origin": item.origin, "id": item.id, "reason": item.reason} for item in self.rejected],
            "first": [_fields(article) for article in self.first],
        }

    def as_text(self) -> str:
        """The same in words."""
        held = f" ({self.held:,} of them under embargo)" if self.held else ""
        lines = [
            f"{counted(self.articles, 'article')}{held} would be taken in, {self.rejected_count:,} rejected; nothing was stored."
        ]
        for name, kinds in (("files", self.kinds), ("outlets", self.outlets), ("languages", self.languages)):
            told = ", ".join(f"{number:,} {what or 'without'}" for what, number in kinds.most_common(20))
            more = f" and {len(kinds) - 20:,} more" if len(kinds) > 20 else ""
            lines += [f"{name}: {told}{more}"] if told else []
        if self.first_day:
            lines.append(f"days: {self.first_day} to {self.last_day}, {self.undated:,} undated")
        lines += [f"  {text}" for text in self.told]
        for article in self.first:
            lines += ["", *_shown(article)]
        if self.rejected:
            lines += ["", "rejected:", *(f"  {item.origin}: {reason_of(item)}" for item in self.rejected)]
        if self.rejected_count > len(self.rejected):
            lines.append(f"  and {self.rejected_count - len(self.rejected):,} more")
        return "\n".join(lines)


def _fields(article: Article) -> dict[str, Any]:
    """All that an article would be stored with; days and moments in ISO 8601."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(article).items()}


def _shown(article: Article) -> list[str]:
    """The beginning of an article as it would be stored."""
    by = ", ".join(article.authors)
    about = [article.source, by and f"by {by}", str(article.published or "undated"), article.language, article.url]
    lines = [f"# {article.title}", "  " + " | ".join(filter(None, about))]
    for text in article.paragraphs[:_SHOWN_PARAGRAPHS]:
        lines.append("  " + (text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"))
    left = len(article.paragraphs) - _SHOWN_PARAGRAPHS
    return lines + ([f"  ... and {left} more paragraphs"] if left > 0 else [])
