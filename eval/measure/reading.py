"""How well a reader reads: SQuAD's measures on questions with their context, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.formulas.metrics import exact_match, token_f1
from eval.formulas.statistics import Figure, mean_figure


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """What a reader found for one question in its context."""

    answers: tuple[str, ...]
    """Gold; none when the context does not answer."""
    text: str
    """The best span; empty when there is no text to read."""
    score: float
    """Log-odds of the span against "no answer"."""


def reading_figures(read: Sequence[ReadAnswer], given_above: float = 0.0, seed: int = 0) -> dict[str, Figure]:
    """SQuAD's exact match and F1 in per cent, by name; what has no question is left out.

    `span`: of the best span, answerable questions alone (as SQuAD 1.1; Rajpurkar et al., EMNLP 2016). `all`: of all
    questions, a span being given when its score is above `given_above`; a question without answer counts 1 when none is given (as
    SQuAD 2.0; Rajpurkar et al., ACL 2018), and so are `none given of unanswerable` and `given of answerable`. These
    need a question without answer. The bound of 0 is the model's own; another must not be fitted to these questions.
    """
    answerable = [each for each in read if each.answers]
    unanswerable = [each for each in read if not each.answers]
    figures: dict[str, list[float]] = {
        "span exact match": [float(exact_match(each.text, each.answers)) for each in answerable],
        "span f1": [token_f1(each.text, each.answers) for each in answerable],
    }
    if unanswerable:
        refused = [float(each.score <= given_above) for each in unanswerable]
        given = [each for each in answerable if each.score > given_above]
        kept_out = [0.0] * (len(answerable) - len(given))
        figures["all exact match"] = (
            [float(exact_match(each.text, each.answers)) for each in given] + kept_out + refused
        )
        figures["all f1"] = [token_f1(each.text, each.answers) for each in given] + kept_out + refused
        figures["none given of unanswerable"] = refused
        figures["given of answerable"] = [float(each.score > given_above) for each in answerable]
    return {name: mean_figure([100 * value for value in values], seed) for name, values in figures.items() if values}
