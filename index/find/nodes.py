"""Passages as LlamaIndex's nodes, and back."""

from __future__ import annotations

from datetime import date

from llama_index.core.schema import NodeWithScore, TextNode

from newsdesk.catalogue.rows import StoredPassage
from newsdesk.types import Evidence, Span

BY_KEYWORD, BY_MEANING = "by_keyword", "by_meaning"
"""Names of the metadata in which a passage keeps each search's score against the best one's; 0: not found by it."""


def as_node(passage: StoredPassage, score: float, by_keyword: float = 0.0, by_meaning: float = 0.0) -> NodeWithScore:
    """The passage as LlamaIndex hands it around; `evidence_of` is the way back.

    `by_keyword` and `by_meaning` are the score of each search against the best one's.
    """
    about = passage.article
    metadata = {
        "article_id": about.id,
        "spans": [list(span) for span in passage.spans],
        "title": about.title,
        "source": about.source,
        "authors": list(about.authors),
        "published": about.published.isoformat() if about.published else "",
        "url": about.url,
        "sample": about.sample,
        BY_KEYWORD: by_keyword,
        BY_MEANING: by_meaning,
    }
    hidden = list(metadata)  # a synthesizer or an embedding sees the text alone
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        metadata=metadata,
        excluded_embed_metadata_keys=hidden,
        excluded_llm_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=score)


def evidence_of(node: NodeWithScore) -> Evidence:
    """What an answer shows of a retrieved passage."""
    about = node.node.metadata
    return Evidence(
        article_id=about["article_id"],
        passage_id=node.node.node_id,
        spans=tuple(Span(*span) for span in about["spans"]),
        text=node.node.get_content(),
        score=node.get_score(),
        title=about["title"],
        source=about["source"],
        authors=tuple(about["authors"]),
        published=date.fromisoformat(about["published"]) if about["published"] else None,
        url=about["url"],
        sample=about["sample"],
    )
