"""Small archives, asked by keyword with the packaged reader."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import Answer, Article, Passage, Question, Span, passage_text

Asking = Callable[..., Callable[[str], Answer]]


def whole(article: Article) -> list[Passage]:
    """One passage that is the whole article, as short articles are split."""
    spans = tuple(Span(number, 0, len(text)) for number, text in enumerate(article.paragraphs))
    text = passage_text(dict(enumerate(article.paragraphs)), spans)
    return [Passage(f"{article.id}#1", article.id, 0, spans, text, article.title)]


@pytest.fixture
def asking(empty_template: Path, tmp_path: Path) -> Iterator[Asking]:
    """Gives an archive of these articles as a function from a question's text to its answer."""
    shutil.copy(empty_template, tmp_path / "catalogue.sqlite3")
    archive = Archive(Settings(data=tmp_path))

    def of(*articles: Article) -> Callable[[str], Answer]:
        archive.catalogue.put(articles, whole)
        archive.keyword.catch_up()
        return lambda text: archive.engine.ask(Question(text))

    yield of
    archive.close()
