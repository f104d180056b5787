"""The ranking measures against an independent implementation, on real rankings of the sample."""

from __future__ import annotations

import asyncio
from statistics import mean
from typing import TYPE_CHECKING

import pytest
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.evaluation import RetrieverEvaluator
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from eval.measure.measures import finding
from eval.sets.folder import load_folder
from newsdesk.types import Evidence, Question
from tests.support import ROOT

if TYPE_CHECKING:
    from index.archive import Archive


class ArticleRetriever(BaseRetriever):
    """The articles of the engine's ranking, each at its best passage, as nodes: the best ten."""

    def __init__(self, archive: Archive) -> None:
        super().__init__()
        self._archive = archive
        self.found: dict[str, tuple[Evidence, ...]] = {}
        """Question -> the engine's ranking."""

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._archive.engine.find(Question(query_bundle.query_str, top_k=50)).evidence
        self.found[query_bundle.query_str] = found
        ids = list(dict.fromkeys(item.article_id for item in found))[:10]
        return [NodeWithScore(node=TextNode(id_=id_, text=id_), score=1.0) for id_ in ids]


def test_rankings_score_as_in_llama_index(sample_archive: Archive) -> None:
    """Hit rate, MRR, recall and nDCG at 10 agree to the ninth digit on every third answerable question."""
    questions = [each for each in load_folder(ROOT / "eval" / "sample").questions if each.gold and not each.history][
        ::3
    ]
    ours = {"hit_rate": "hit@10", "mrr": "mrr@10", "recall": "recall@10", "ndcg": "ndcg@10"}
    retriever = ArticleRetriever(sample_archive)
    evaluator = RetrieverEvaluator.from_metric_names(list(ours), retriever=retriever)
    theirs, measured = [], []
    for question in questions:
        gold = list(dict.fromkeys(item.article_id for item in question.gold))
        scored = asyncio.run(
            evaluator.aevaluate(question.question, expected_ids=gold)
        )  # `evaluate` leaves a loop unclosed
        theirs.append(scored.metric_vals_dict)
        measured.append(finding(question, retriever.found[question.question]))
    assert len(questions) > 20
    for name, our in ours.items():
        assert mean(each[our] for each in measured) == pytest.approx(mean(each[name] for each in theirs), abs=1e-9)
