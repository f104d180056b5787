"""Learns the order of passages: which of those that were read holds the answer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from eval.fit.questions import ReadQuestion
from eval.formulas.metrics import contained
from index.order.by_reading import order_measures
from index.read.fit import OrderFit


def fit_order(questions: Iterable[ReadQuestion]) -> OrderFit:
    """Logistic regression of "is of a gold article and holds a gold answer" on the measures of a passage.

    Questions of which no such passage was read teach nothing. Raises ValueError when none teaches anything.
    """
    from sklearn.linear_model import LogisticRegression  # here: only fitting needs scikit-learn

    measures, holds = [], []
    for each in questions:
        read = [passage for passage in each.passages if passage.reading]
        gold = {item.article_id for item in each.question.gold}
        right = [
            (not gold or passage.evidence.article_id in gold)
            and contained(passage.evidence.text, each.question.answers)
            for passage in read
        ]
        if each.answerable and any(right):
            measures += order_measures(read, each.prefers_newest)
            holds += right
    if not measures or all(holds):
        raise ValueError("no question has a passage with its answer beside one without")
    model = LogisticRegression(C=10.0).fit(np.array(measures), np.array(holds))
    found, read_, older = map(float, model.coef_[0])
    return OrderFit(bias=float(model.intercept_[0]), found=found, read=read_, older=-older)
