"""The archive as LlamaIndex parts: a retriever, a postprocessor and a query engine over ours.

Inside Newsdesk nothing uses them; they are for whoever builds with LlamaIndex. A node's id is the passage id, its text the
passage, its metadata the article's particulars.
"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import PrivateAttr

from index.engine import Engine
from index.order.by_reading import read_and_order
from index.passage import FoundPassage, passage_of
from index.read.reader import Reader
from newsdesk.types import Evidence, Filters, Question, Span


class ArchiveRetriever(BaseRetriever):
    """Passages for a question, best first, as the engine finds, orders and reads them."""

    def __init__(self, engine: Engine, filters: Filters | None = None) -> None:
        """`filters` narrow what is looked through."""
        super().__init__()
        self._engine = engine
        self._filters = filters or Filters()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = Question(query_bundle.query_str, filters=self._filters)
        return [as_node(passage) for passage in self._engine.passages(question)]


class ReadingPostprocessor(BaseNodePostprocessor):
    """Reads nodes, of ours or of any other retriever, and orders them by what was found in them.

    The scores of the nodes count for as much as they tell: positive ones are compared with the best; where there are none,
    or others, all nodes count as found equally well. The first 16 are read.
    """

    _reader: Reader = PrivateAttr()

    def __init__(self, reader: Reader, **options: Any) -> None:
        super().__init__(**options)
        self._reader = reader

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name of the component."""
        return "ReadingPostprocessor"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            return nodes
        passages = [passage_of(evidence_of(node)) for node in nodes]
        if any(passage.score <= 0 for passage in passages):
            passages = [passage.scored(1.0) for passage in passages]
        passages.sort(key=lambda passage: -passage.score)
        ordered = read_and_order(self._reader, query_bundle.query_str, passages, least=0.0)
        own = {node.node.node_id: node.node for node in nodes}
        return [NodeWithScore(node=own[each.evidence.passage_id], score=each.score) for each in ordered]


class ArchiveQueryEngine(BaseQueryEngine):
    """The engine as LlamaIndex's query engine; the whole answer lies in the response's metadata as `answer`."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(callback_manager=None)
        self._engine = engine

    def _query(self, query_bundle: QueryBundle) -> Response:
        question = Question(query_bundle.query_str)
        answer = self._engine.ask(question)
        nodes = [as_node(passage_of(item)) for item in answer.evidence]
        return Response(response=answer.text, source_nodes=nodes, metadata={"answer": answer})

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """The passages alone, in the order in which the engine sees them."""
        return [as_node(passage) for passage in self._engine.passages(Question(query_bundle.query_str))]

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}  # there is no LLM to prompt


def as_node(passage: FoundPassage) -> NodeWithScore:
    """A passage as LlamaIndex hands it around; `evidence_of` is the way back."""
    about = passage.evidence
    metadata = {
        "article_id": about.article_id,
        "spans": [list(span) for span in about.spans],
        "title": about.title,
        "source": about.source,
        "authors": list(about.authors),
        "published": about.published.isoformat() if about.published else "",
        "url": about.url,
        "sample": about.sample,
    }
    hidden = list(metadata)  # a synthesizer or an embedding sees the text alone
    node = TextNode(
        id_=about.passage_id,
        text=about.text,
        metadata=metadata,
        excluded_embed_metadata_keys=hidden,
        excluded_llm_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=about.score)


def evidence_of(node: NodeWithScore) -> Evidence:
    """What an answer would show of a node; of another retriever's, as much as its metadata say."""
    about = node.node.metadata
    authors = about.get("authors") or ()
    return Evidence(
        article_id=str(about.get("article_id") or node.node.node_id),
        passage_id=node.node.node_id,
        spans=tuple(Span(*span) for span in about.get("spans") or ()),
        text=node.node.get_content(),
        score=node.score or 0.0,
        title=str(about.get("title") or ""),
        source=str(about.get("source") or ""),
        authors=(authors,) if isinstance(authors, str) else tuple(map(str, authors)),
        published=_day(about.get("published")),
        url=str(about.get("url") or ""),
        sample=bool(about.get("sample", False)),
    )


def _day(published: object) -> date | None:
    """The day of a date in ISO's form, with or without a time; None for anything else."""
    try:
        return date.fromisoformat(str(published)[:10])
    except ValueError:
        return None
