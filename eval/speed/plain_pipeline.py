"""What one gets by following LlamaIndex's tutorials with Chroma: a rival of `newsdesk bench`, and nothing else.

`VectorStoreIndex.from_documents` with its defaults, a persistent Chroma client, `HuggingFaceEmbedding` with the model
that Newsdesk uses. Needs the optional packages of the group `bench`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import chromadb
from chromadb.config import Settings as ChromaSettings
from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import MetadataMode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore

from eval.speed.reading import characters_read, model_source
from newsdesk.errors import ModelError
from newsdesk.types import Article
from newsdesk.wording.quoted import quoted


class PlainPipeline:
    """An index of articles in `folder`, made in one go."""

    def __init__(self, folder: Path, model: str, chunk_tokens: int | None = None) -> None:
        """Loads the model. `chunk_tokens` is the splitter's chunk size; None leaves LlamaIndex's own, 1,024.

        Raises ModelError when the model cannot be loaded.
        """
        self._folder = folder
        self._splitter = SentenceSplitter(chunk_size=chunk_tokens) if chunk_tokens else SentenceSplitter()
        self._index: VectorStoreIndex | None = None
        try:
            self._embedding = HuggingFaceEmbedding(model_source(model), device="cpu")  # as Newsdesk, which uses no GPU
        except (OSError, ValueError, ImportError) as error:
            raise ModelError(
                f"LlamaIndex's HuggingFaceEmbedding cannot use the model {quoted(model)}: {' '.join(str(error).split())}. "
                "Give another --model, or measure Newsdesk alone with --no-plain."
            ) from error

    def warm_up(self) -> None:
        """Embeds a few words, which makes the first real ones as quick as the rest."""
        self._embedding.get_text_embedding("The tram was late again on Monday.")

    def build(self, articles: Iterable[Article]) -> None:
        """Splits, embeds and stores all of them; once."""
        settings = ChromaSettings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
        client = chromadb.PersistentClient(str(self._folder), settings)
        store = ChromaVectorStore(chroma_collection=client.get_or_create_collection("news"))
        self._index = VectorStoreIndex.from_documents(
            documents_of(articles),
            storage_context=StorageContext.from_defaults(vector_store=store),
            embed_model=self._embedding,
            transformations=[self._splitter],
        )

    def retrieve(self, question: str, limit: int) -> list[str]:
        """The texts of the nearest chunks, best first."""
        assert self._index is not None, "build comes first"
        nodes = self._index.as_retriever(similarity_top_k=limit).retrieve(question)
        return [node.node.get_content() for node in nodes]

    def describe(self, articles: Iterable[Article]) -> dict[str, float]:
        """How these are split: `chunks`, and `text_embedded`, the share of their characters that a vector saw.

        The model reads the beginning of a chunk, up to its limit (256 tokens for all-MiniLM-L6-v2), and no more.
        """
        documents = documents_of(articles)
        nodes = self._splitter.get_nodes_from_documents(documents)
        seen: dict[str, list[tuple[int, int]]] = {}
        model = self._embedding._model  # LlamaIndex gives no other way to its tokenizer
        for node in nodes:
            text = node.get_content(MetadataMode.EMBED)
            header = len(text) - len(node.get_content(MetadataMode.NONE))
            start = getattr(node, "start_char_idx", None) or 0
            read = characters_read(model.tokenizer, self._embedding.max_length or 0, text)
            seen.setdefault(node.ref_doc_id or "", []).append((start, start + max(0, read - header)))
        characters = sum(len(document.text) for document in documents)
        return {"chunks": len(nodes), "text_embedded": sum(map(_covered, seen.values())) / max(1, characters)}


def documents_of(articles: Iterable[Article]) -> list[Document]:
    """Articles as a newcomer would hand them to LlamaIndex: the text, and what is known about it as metadata."""
    return [
        Document(
            text="\n\n".join(article.paragraphs),
            metadata={
                "title": article.title,
                "source": article.source,
                "published": article.published.isoformat() if article.published else "",
            },
        )
        for article in articles
    ]


def _covered(spans: Sequence[tuple[int, int]]) -> int:
    """Characters that lie in any of the spans; chunks overlap."""
    covered = reached = 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered
