"""What one gets by following Haystack's tutorials on hybrid retrieval, in memory: a rival of `newsdesk bench`.

`DocumentSplitter` with its defaults (200 words), BM25 and embedding retrievers over an `InMemoryDocumentStore`, joined by
reciprocal ranks, with the model that Newsdesk uses. Needs the optional packages of the group `bench`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from eval.speed.reading import model_source, share_read
from newsdesk.types import Article


class HaystackPipeline:
    """An archive in memory, made in one go."""

    def __init__(self, model: str) -> None:
        """Loads the model at `warm_up`. Raises ModelError when the packaged weights are damaged."""
        self._store = InMemoryDocumentStore()
        common: dict[str, Any] = {
            "model": model_source(model),
            "device": ComponentDevice.from_str("cpu"),
            "progress_bar": False,
            "local_files_only": True,
        }
        self._embedder = SentenceTransformersDocumentEmbedder(**common)
        self._asker = SentenceTransformersTextEmbedder(**common)
        self._indexing, self._asking = Pipeline(), Pipeline()

    def warm_up(self) -> None:
        """Embeds a few words, which makes the first real ones as quick as the rest."""
        self._asker.warm_up()
        self._asker.run("The tram was late again on Monday.")
        self._embedder.warm_up()
        self._indexing.add_component("splitter", DocumentSplitter())
        self._indexing.add_component("embedder", self._embedder)
        self._indexing.add_component("writer", DocumentWriter(self._store))
        self._indexing.connect("splitter", "embedder")
        self._indexing.connect("embedder", "writer")
        self._asking.add_component("asker", self._asker)
        self._asking.add_component("by_meaning", InMemoryEmbeddingRetriever(self._store))
        self._asking.add_component("by_keyword", InMemoryBM25Retriever(self._store))
        self._asking.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        self._asking.connect("asker.embedding", "by_meaning.query_embedding")
        self._asking.connect("by_meaning", "joiner")
        self._asking.connect("by_keyword", "joiner")

    def build(self, articles: Iterable[Article]) -> None:
        """Splits, embeds and stores all of them; once, after `warm_up`."""
        self._indexing.run({"splitter": {"documents": [_document(article) for article in articles]}})

    def retrieve(self, question: str, limit: int) -> list[str]:
        """The texts of the best chunks, by both searches, best first."""
        limits = {"top_k": limit}
        found = self._asking.run(
            {
                "asker": {"text": question},
                "by_meaning": limits,
                "by_keyword": {"query": question, **limits},
                "joiner": limits,
            }
        )
        return [document.content or "" for document in found["joiner"]["documents"]]

    def describe(self, articles: Iterable[Article]) -> dict[str, float]:
        """How these are split: `chunks`, and `text_embedded`, the share of their characters that a vector saw."""
        assert self._asker.embedding_backend is not None, "warm_up comes first"
        split = DocumentSplitter().run([_document(article) for article in articles])["documents"]
        texts = [document.content or "" for document in split]
        return share_read(self._asker.embedding_backend.model, texts)


def _document(article: Article) -> Document:
    published = article.published.isoformat() if article.published else ""
    meta = {"title": article.title, "source": article.source, "published": published}
    return Document(id=article.id, content="\n\n".join(article.paragraphs), meta=meta)
