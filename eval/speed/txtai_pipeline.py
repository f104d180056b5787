"""What one gets with txtai's hybrid index and its defaults otherwise: a rival of `newsdesk bench`.

`Embeddings(hybrid=True)`: Faiss and BM25, with the model that Newsdesk uses. txtai splits no texts; it is given pieces of
200 words, as Haystack's splitter makes them. They are kept in a dictionary, because its own database of contents
(`content=True`) fails when several threads ask. Needs the optional packages of the group `bench`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from txtai import Embeddings

from eval.speed.reading import model_source, share_read
from newsdesk.types import Article

WORDS = 200
"""Of a piece: some 260 tokens, of which all-MiniLM-L6-v2 reads 256."""


class TxtaiPipeline:
    """An archive that is made in one go and saved to `folder`."""

    def __init__(self, folder: Path, model: str) -> None:
        """Loads the model. Raises ModelError when the packaged weights are damaged."""
        self._folder = folder
        self._texts: dict[str, str] = {}
        self._embeddings = Embeddings(path=model_source(model), method="sentence-transformers", hybrid=True, gpu=False)

    def warm_up(self) -> None:
        """Embeds a few words, which makes the first real ones as quick as the rest."""
        self._embeddings.transform("The tram was late again on Monday.")

    def build(self, articles: Iterable[Article]) -> None:
        """Embeds, stores and saves all of them; once."""
        self._texts = dict(_pieces(articles))
        self._embeddings.index(self._texts.items())
        self._embeddings.save(str(self._folder))

    def retrieve(self, question: str, limit: int) -> list[str]:
        """The texts of the best pieces, by both searches, best first."""
        return [self._texts[piece] for piece, _score in self._embeddings.search(question, limit)]

    def describe(self, articles: Iterable[Article]) -> dict[str, float]:
        """How these are split: `chunks`, and `text_embedded`, the share of their characters that a vector saw."""
        return share_read(self._embeddings.model.model, [text for _, text in _pieces(articles)])


def _pieces(articles: Iterable[Article]) -> Iterator[tuple[str, str]]:
    """Id and text of every piece."""
    for article in articles:
        words = "\n\n".join(article.paragraphs).split(" ")
        for start in range(0, len(words), WORDS):
            yield f"{article.id}#{start}", " ".join(words[start : start + WORDS])
