"""Two reports of `newsdesk eval` over the same questions: which figures differ beyond noise, and which questions changed.

- **difference**: B - A. Each figure is the mean over the questions it applies to, so where it applies to the same ones in
  both, the difference is the mean of the per-question differences. ece, aurc and auroc are made anew of all answers, the
  coverages of all questions.
- **interval**: 95 %, percentile bootstrap over the questions (Efron and Tibshirani 1993), paired: a question is drawn
  with what both runs made of it (Koehn, EMNLP 2004). Also where a measure applies to other questions in A than in B, as
  "right of answered" does when another question is refused.
- **p**: two-sided, by turning the interval round: 2 * min(share of resamples at or below 0, share at or above 0), with 1
  added above and below the line so that it is never 0 (Davison and Hinkley 1997, 4.2).
- **McNemar** (Psychometrika 1947), exact: for a yes/no measure, the two-sided binomial test of how the questions that
  changed are split between better and worse: with b and c of them, 2 * P(X <= min(b, c)), X ~ Bin(b + c, 1/2), at most 1.
- **beyond noise**: the interval leaves 0 out, and by McNemar's test p < 0.05, or, where it does not apply, at least
  FEWEST_CHANGED questions changed: of fewer, nothing can be told, and a bootstrap does not know that.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, FiniteFloat, ValidationError

from eval.formulas.calibration import has_both
from eval.formulas.statistics import LEVEL, RESAMPLES
from eval.measure.measures import MEASURES
from eval.report.figures import OF_ANSWERS, OF_QUESTIONS, REFUSED, read_report
from newsdesk.errors import WrongUse
from newsdesk.wording.quoted import quoted

FEWEST_CHANGED = 6
"""Five coins fall alike once in 16 times (2 * 0.5 ** 5), six once in 32: p < 0.05 takes six."""

_AT_ONCE = 4_000_000  # numbers in memory for one batch of resamples: 32 MB

Vector = npt.NDArray[np.float64]


# ------------------------------------------------------------------------------------- reading reports


class _Gold(BaseModel):
    answers: list[str]
    articles: list[str]
    paragraphs: list[str]


class _Citation(BaseModel):
    article_id: str
    paragraph: int
    quote: str
    title: str
    source: str
    published: str | None
    gold: bool | None


class Answered(BaseModel):
    """A question of a report, and what became of it: what is compared of it."""

    id: str
    question: str
    history: list[tuple[str, str]]
    type: str
    splits: list[str]
    answerable: bool | None
    as_of: str | None
    gold: _Gold
    answered: bool
    error: str | None
    confidence: FiniteFloat
    text: str
    short_answer: str | None
    citations: list[_Citation]
    right: bool | None
    measures: dict[str, FiniteFloat]

    def asks_the_same(self, other: Answered) -> bool:
        """Whether the question and what counts as right are the same."""
        names = ("question", "history", "answerable", "as_of", "gold")
        return all(getattr(self, name) == getattr(other, name) for name in names)


class _Data(BaseModel):
    questions: str
    articles: str


class Report(BaseModel):
    """What is compared of a report."""

    name: str
    subject: dict[str, Any]
    data: _Data
    questions: list[Answered]


def load_report(file: Path) -> Report:
    """Reads what `newsdesk eval run --json` wrote. Raises WrongUse for anything else, saying what is wrong with it."""
    try:
        report = Report.model_validate(read_report(file))
    except RecursionError as error:
        raise WrongUse(
            f"{file} is nested too deeply to be a report. Write one with: newsdesk eval DIR --json FILE"
        ) from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise WrongUse(
            f"{file} is not a report as `newsdesk eval DIR --json FILE` writes it: {'.'.join(map(str, first['loc']))}: "
            f"{first['msg']}. Write it again."
        ) from error
    ids = [question.id for question in report.questions]
    if len(set(ids)) < len(ids):
        raise WrongUse(f"{file} has a question twice, which no report has. Write it again.")
    return report


# ------------------------------------------------------------------------------------------ comparing


@dataclass(frozen=True, slots=True)
class McNemar:
    """How the questions that changed are split."""

    only_a: int
    """Questions with yes in A and no in B."""
    only_b: int
    p: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure in both reports. Intervals and p are None where there are fewer than two questions."""

    a: float
    b: float
    difference: float
    low: float | None
    high: float | None
    p: float | None
    mcnemar: McNemar | None
    n_a: int
    """Questions it applies to in A."""
    n_b: int
    changed: int
    """Questions for which it is another, or which it applies to in one of the two only."""
    beyond_noise: bool
    verdict: Literal["better", "worse", "other", ""]
    """What the difference means when it is beyond noise; "other" for a measure that has no good direction."""


KINDS = {
    "lost": "Right in A, wrong in B",
    "won": "Wrong in A, right in B",
    "refused": "Answered in A, refused in B",
    "answered": "Refused in A, answered in B",
    "hit lost": "A gold article among the best ten in A only",
    "hit won": "A gold article among the best ten in B only",
    "failed": "Could be asked in A only",
    "asked": "Could be asked in B only",
}
"""What can change about a question -> how it is put, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class Change:
    """A question of which something changed."""

    kinds: tuple[str, ...]
    """Keys of KINDS."""
    a: Answered
    b: Answered


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two reports beside each other."""

    a: Report
    b: Report
    seed: int
    compared: int
    left_out_a: int
    """Questions of A that B does not have, or has otherwise."""
    left_out_b: int
    sizes: dict[str, int]
    """Group -> questions compared in it."""
    figures: dict[str, dict[str, Difference]]
    """Group ("all", "split ...", "type ...") -> measure -> the difference."""
    changes: tuple[Change, ...]

    @property
    def same_questions(self) -> bool:
        """Whether both were asked from one file."""
        return self.a.data.questions == self.b.data.questions

    @property
    def tests(self) -> int:
        """How many differences were tested."""
        return sum(found.p is not None for group in self.figures.values() for found in group.values())


def compare(a: Report, b: Report, seed: int = 0) -> Comparison:
    """Compares what both asked. The same reports and seed give the same numbers. Raises WrongUse if that is nothing."""
    in_b = {question.id: question for question in b.questions}
    pairs = [(one, in_b[one.id]) for one in a.questions if one.id in in_b and one.asks_the_same(in_b[one.id])]
    if not pairs:
        raise WrongUse(
            f"The two reports have no question in common: {quoted(a.name)} has {len(a.questions):,}, {quoted(b.name)} has "
            f"{len(b.questions):,}, none with equal id, text and gold. Compare two reports of one folder."
        )
    groups = _groups(pairs)
    return Comparison(
        a=a,
        b=b,
        seed=seed,
        compared=len(pairs),
        left_out_a=len(a.questions) - len(pairs),
        left_out_b=len(b.questions) - len(pairs),
        sizes={name: len(members) for name, members in groups.items()},
        figures={name: differences(members, seed) for name, members in groups.items()},
        changes=_changes(pairs),
    )


Pair = tuple[Answered, Answered]


def _groups(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """The pairs of each group, by its name in the reports; a pair is in a split when both reports say so."""
    groups = {"all": list(pairs)}
    for name in dict.fromkeys(split for one, _ in pairs for split in one.splits):
        members = [(one, other) for one, other in pairs if name in one.splits and name in other.splits]
        if members:
            groups[f"split {name}"] = members
    types = sorted({one.type for one, _ in pairs})
    for name in types if len(types) > 1 else []:
        groups[f"type {name or '(none)'}"] = [(one, other) for one, other in pairs if one.type == name]
    return groups


def differences(pairs: Sequence[Pair], seed: int) -> dict[str, Difference]:
    """The difference of each measure that has a figure in both, in the order of MEASURES."""
    names = [
        measure.name
        for measure in MEASURES
        if all(any(measure.name in question.measures for question in side) for side in zip(*pairs, strict=True))
    ]
    of_a, of_b = (
        np.array([[question.measures.get(name, np.nan) for question in side] for name in names], dtype=np.float64)
        for side in zip(*pairs, strict=True)
    )
    resampled = _resampled([of_a, of_b], _difference_of_means, seed) if names and len(pairs) > 1 else None
    found = {
        name: _difference(
            name,
            of_a[row],
            of_b[row],
            _mean(of_a[row]),
            _mean(of_b[row]),
            None if resampled is None else resampled[row],
        )
        for row, name in enumerate(names)
    }
    found |= _of_all(pairs, seed)
    return {measure.name: found[measure.name] for measure in MEASURES if measure.name in found}


def _of_all(pairs: Sequence[Pair], seed: int) -> dict[str, Difference]:
    """What is measured of all together: in each report of its own answers, over questions that are drawn for both."""
    numbers = np.arange(len(pairs))
    of_questions = OF_QUESTIONS if any(question.answerable for question, _ in pairs) else {}  # else nothing is covered
    found = {}
    for row_of, measures in ((_answer, OF_ANSWERS), (_known, of_questions)):
        a, b = (np.array([row_of(question) for question in side]) for side in zip(*pairs, strict=True))
        if not (_shown(a).size and _shown(b).size):
            continue
        changed = int((np.nan_to_num(a, nan=-1) != np.nan_to_num(b, nan=-1)).any(axis=1).sum())
        for name, measured in measures.items():
            if name == "auroc" and not (has_both(_shown(a)[:, 1]) and has_both(_shown(b)[:, 1])):
                continue
            resampled = (
                _resampled([numbers], _difference_of(measured, a, b), seed, vectorized=False)
                if len(pairs) > 1
                else None
            )
            figure_a, figure_b = (float(measured(*_shown(side).T)) for side in (a, b))
            found[name] = _difference(name, a[:, 0], b[:, 0], figure_a, figure_b, resampled, changed)
    return found


def _answer(question: Answered) -> tuple[float, float]:
    """Confidence and rightness of an answer; not a number where nothing was answered, or nobody knows."""
    return _known(question) if question.answered else (np.nan, np.nan)


def _known(question: Answered) -> tuple[float, float]:
    """Confidence and rightness of a question, answered or REFUSED; not a number where nobody knows."""
    if question.right is None:
        return np.nan, np.nan
    return (question.confidence, float(question.right)) if question.answered else (REFUSED, 0.0)


def _shown(rows: Vector) -> Vector:
    return rows[~np.isnan(rows[:, 0])]


def _difference_of(measured: Callable[..., float], a: Vector, b: Vector) -> Callable[[Any], float]:
    def difference(numbers: Any) -> float:
        of_a, of_b = _shown(a[numbers]), _shown(b[numbers])
        return measured(*of_b.T) - measured(*of_a.T) if len(of_a) and len(of_b) else float("nan")

    return difference


def _difference_of_means(a: Vector, b: Vector, axis: int = -1) -> Vector:
    result: Vector = _mean(b, axis) - _mean(a, axis)
    return result


def _mean(values: Vector, axis: int = -1) -> Any:
    """The mean over the questions that have a value (others hold NaN); NaN where none has."""
    applies = ~np.isnan(values)
    n = applies.sum(axis=axis)
    with np.errstate(invalid="ignore"):
        return np.where(applies, values, 0.0).sum(axis=axis) / n


def _resampled(columns: Sequence[Any], statistic: Callable[..., Any], seed: int, vectorized: bool = True) -> Vector:
    """The statistic in each of RESAMPLES draws of as many questions, all measures in the same draws."""
    from scipy.stats import bootstrap  # here: it takes a second to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy says so when all draws are alike, or one is of nothing
        drawn = bootstrap(
            columns, statistic, n_resamples=RESAMPLES, batch=max(1, _AT_ONCE // columns[0].size), axis=-1, method="percentile",
            confidence_level=LEVEL, paired=len(columns) > 1, vectorized=vectorized, rng=np.random.default_rng(seed),
        ).bootstrap_distribution  # fmt: skip
    result: Vector = drawn
    return result


def _difference(
    name: str,
    a: Vector,
    b: Vector,
    figure_a: float,
    figure_b: float,
    resampled: Vector | None,
    changed: int | None = None,
) -> Difference:
    """Puts a difference together. `a` and `b` have a number for each question, not a number where it does not apply."""
    in_a, in_b = ~np.isnan(a), ~np.isnan(b)
    low = high = p = None
    if resampled is not None and in_a.any() and in_b.any() and (in_a | in_b).sum() > 1:
        drawn = resampled[~np.isnan(resampled)]
        low, high = (float(end) for end in np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
        p = two_sided_p(drawn)
    mcnemar = None if name in OF_ANSWERS | OF_QUESTIONS else _mcnemar(a[in_a & in_b], b[in_a & in_b])
    if changed is None:
        changed = int((np.nan_to_num(a, nan=-1) != np.nan_to_num(b, nan=-1)).sum())
    beyond = low is not None and high is not None and (low > 0 or high < 0) and changed >= FEWEST_CHANGED
    if mcnemar is not None and bool((in_a == in_b).all()):
        beyond = beyond and mcnemar.p < 1 - LEVEL
    difference = figure_b - figure_a
    return Difference(
        a=float(figure_a),
        b=float(figure_b),
        difference=float(difference),
        low=low,
        high=high,
        p=p,
        mcnemar=mcnemar,
        n_a=int(in_a.sum()),
        n_b=int(in_b.sum()),
        changed=changed,
        beyond_noise=beyond,
        verdict=_verdict(name, difference) if beyond else "",
    )


def two_sided_p(resampled: Vector) -> float:
    """How often a difference of the other sign, or none, came up in the resamples, both ways; from 2/(n+1) to 1."""
    fewer = min(int((resampled <= 0).sum()), int((resampled >= 0).sum()))
    return min(1.0, 2 * (1 + fewer) / (1 + len(resampled)))


def _mcnemar(a: Vector, b: Vector) -> McNemar | None:
    """McNemar's exact test of a yes/no measure on the questions it applies to in both; None for any other measure."""
    if not len(a) or not (np.isin(a, (0.0, 1.0)).all() and np.isin(b, (0.0, 1.0)).all()):
        return None
    from scipy.stats import binomtest

    only_a, only_b = int((a > b).sum()), int((b > a).sum())
    return McNemar(only_a, only_b, float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0)


_BETTER = {measure.name: measure.better for measure in MEASURES}


def _verdict(name: str, difference: float) -> Literal["better", "worse", "other"]:
    if not _BETTER[name]:
        return "other"
    return "better" if (difference > 0) == (_BETTER[name] == "high") else "worse"


# ------------------------------------------------------------------------------------- what changed


def _changes(pairs: Sequence[Pair]) -> tuple[Change, ...]:
    """The questions of which something changed, by the first kind of it, in the order of KINDS, then as asked."""
    found = [Change(kinds, one, other) for one, other in pairs if (kinds := _kinds(one, other))]
    order = list(KINDS)
    return tuple(sorted(found, key=lambda change: order.index(change.kinds[0])))


def _kinds(a: Answered, b: Answered) -> tuple[str, ...]:
    if a.error or b.error:  # nothing is known of an answer that did not come
        return () if a.error and b.error else ("asked",) if a.error else ("failed",)
    hit_a, hit_b = a.measures.get("hit@10"), b.measures.get("hit@10")
    happened = {
        "lost": a.right is True and b.right is False,
        "won": a.right is False and b.right is True,
        "refused": a.answered and not b.answered,
        "answered": b.answered and not a.answered,
        "hit lost": hit_a == 1 and hit_b == 0,
        "hit won": hit_a == 0 and hit_b == 1,
    }
    return tuple(kind for kind in KINDS if happened.get(kind))
