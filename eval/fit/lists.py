"""Learns to tell questions for a list from questions for a fact (index.understand.list_head).

The questions were written for it (lists.txt). Questions of training files of a reader can be added: each asks for a fact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.understand.days.window import time_window
from index.understand.list_form import survey_kind
from index.understand.list_head import ListHead, cues
from newsdesk.catalogue.vectors import Matrix
from newsdesk.errors import WrongUse
from newsdesk.wording.quoted import quoted

WRITTEN = Path(__file__).parent / "lists.txt"
FALSE = 0.0025
"""Share of the questions for a fact, of other files where there are any, that may be taken for a list; forms take as many."""
OF_VECTOR = 3.0
"""Scale of the vector against the cues, which are 0 or 1: with 4 and 6 fewer lists of other subjects are told."""
OF_OTHERS = 0.25
"""Weight of a question of another file against one that was written for this; files may hold twenty times as many."""
_PENALTY = 0.5  # scikit-learn's C
_FEWEST = 3  # subjects in whose questions a cue stands, so that it is none of a subject
_FEWEST_OF_OTHERS = 10  # other questions that hold one
_FOLDS = 5
_ASKED = date(2015, 6, 1)  # the day on which they are asked: they are never about one

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Written:
    """A question that was written to learn from."""

    question: str
    is_list: bool
    subject: int
    """Questions of one number are about one subject, or are a mixture; they are held out together."""


@dataclass(frozen=True, slots=True)
class ListReport:
    """What was learnt, and how such weights do on subjects they were not learnt from."""

    head: ListHead
    told: float
    """Share of the written lists that are told."""
    false: float
    """Share of the written facts taken for a list."""
    false_others: float | None
    """Share of the other files' questions taken for a list; None without any."""
    forms: float
    """Share of the written lists that a form alone tells (index.understand.list_form)."""

    def __str__(self) -> str:
        others = "" if self.false_others is None else f", {100 * self.false_others:.2f} % of the other files' questions"
        return (
            f"Above {self.head.threshold:.2f}, of subjects not learnt from: {100 * self.told:.1f} % of the lists are told "
            f"({100 * self.forms:.1f} % by forms alone); {100 * self.false:.1f} % of the facts{others} are taken for lists."
        )


@dataclass(frozen=True, slots=True)
class _Questions:
    cues: list[frozenset[str]]
    vectors: Matrix
    lists: npt.NDArray[np.bool_]
    subjects: npt.NDArray[np.int_]


def fit_lists(
    written: Sequence[Written], others: Sequence[str], model: str, encode: Callable[[Sequence[str]], Matrix]
) -> ListReport:
    """Learns from written questions and from others that all ask for a fact.

    The threshold is the lowest that takes no more than FALSE of the questions held out. `encode` gives a row for each
    question, `model` is the key of its model. Raises WrongUse when one of the two kinds is missing.
    """
    texts = [each.question for each in written]
    lists = np.array([each.is_list for each in written])
    subjects = np.array([each.subject for each in written])
    if not lists.any() or lists.all():
        raise WrongUse(
            "Both kinds are needed to learn from: lines that begin with list| and lines that begin with fact|."
        )
    rows = encode([*texts, *others])
    own = _Questions([_cues(text) for text in texts], rows[: len(texts)], lists, subjects)
    none = np.zeros(len(others), bool)
    other = _Questions([_cues(text) for text in others], rows[len(texts) :], none, np.arange(len(others)))
    probabilities, of_others = _held_out(own, other, model)
    strangers = of_others if len(of_others) else probabilities[~lists]
    threshold = float(np.ceil(100 * np.quantile(strangers, 1 - FALSE)) / 100)
    told = probabilities >= threshold
    forms = [survey_kind(text, time_window(text, _ASKED)) is not None for text in texts]
    return ListReport(
        _learnt(own, other, model, threshold),
        float(np.mean(told[lists])),
        float(np.mean(told[~lists])),
        float(np.mean(of_others >= threshold)) if len(of_others) else None,
        float(np.mean(np.array(forms)[lists])),
    )


def read_written(file: Path) -> list[Written]:
    """The lines `list|question` and `fact|question` of a file; an empty line begins another subject, "#" a remark.

    Raises WrongUse for any other line.
    """
    found, subject = [], 0
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        kind, bar, question = line.partition("|")
        if line.startswith("#"):
            continue
        if not line.strip():
            subject += 1
            continue
        if not bar or kind not in ("list", "fact") or not question.strip():
            raise WrongUse(f"{file}:{number}: {quoted(line)} is no question. Begin it with list| or fact|.")
        found.append(Written(question.strip(), kind == "list", subject))
    return found


def _cues(text: str) -> frozenset[str]:
    return cues(text, dated=time_window(text, _ASKED) is not None)


def _held_out(own: _Questions, other: _Questions, model: str) -> tuple[Vector, Vector]:
    """Probabilities by weights learnt from other questions: of the written ones and of the others."""
    rng = np.random.default_rng(0)
    fold = (rng.permutation(int(own.subjects.max()) + 1) % _FOLDS)[own.subjects]
    fold_of_others = rng.integers(0, _FOLDS, len(other.cues))
    found, of_others = np.zeros(len(own.cues)), np.zeros(len(other.cues))
    for held in range(_FOLDS):
        head = _learnt(_some(own, fold != held), _some(other, fold_of_others != held), model, 0.5)
        found[fold == held] = _probabilities(head, _some(own, fold == held))
        of_others[fold_of_others == held] = _probabilities(head, _some(other, fold_of_others == held))
    return found, of_others


def _some(questions: _Questions, chosen: npt.NDArray[np.bool_]) -> _Questions:
    places = np.flatnonzero(chosen)
    chosen_cues = [questions.cues[place] for place in places]
    return _Questions(chosen_cues, questions.vectors[places], questions.lists[places], questions.subjects[places])


def _learnt(own: _Questions, other: _Questions, model: str, threshold: float) -> ListHead:
    subjects = {(cue, subject) for each, subject in zip(own.cues, own.subjects, strict=True) for cue in each}
    counts = Counter(cue for cue, _ in subjects)
    counts_of_others = Counter(cue for each in other.cues for cue in each)
    known = sorted(
        {cue for cue, count in counts.items() if count >= _FEWEST}
        | {cue for cue, count in counts_of_others.items() if count >= _FEWEST_OF_OTHERS}
    )
    weights = np.concatenate([np.ones(len(own.cues)), np.full(len(other.cues), OF_OTHERS)])
    lists = np.concatenate([own.lists, other.lists])
    rows = np.hstack([OF_VECTOR * np.vstack([own.vectors, other.vectors]), _columns([*own.cues, *other.cues], known)])
    fitted = _regression().fit(rows, lists, sample_weight=weights)
    learnt, size = fitted.coef_[0], own.vectors.shape[1]
    of_vector = (OF_VECTOR * learnt[:size]).astype(np.float32)
    of_cues = dict(zip(known, map(float, learnt[size:]), strict=True))
    return ListHead(model, float(fitted.intercept_[0]), of_vector, of_cues, threshold)


def _columns(found: Sequence[frozenset[str]], known: Sequence[str]) -> Matrix:
    place = {cue: number for number, cue in enumerate(known)}
    columns = np.zeros((len(found), len(known)), dtype=np.float32)
    for row, each in enumerate(found):
        columns[row, [place[cue] for cue in each if cue in place]] = 1.0
    return columns


def _probabilities(head: ListHead, questions: _Questions) -> Vector:
    of_cues = [sum(head.of_cues.get(cue, 0.0) for cue in found) for found in questions.cues]
    log_odds = head.bias + questions.vectors @ head.of_vector + np.array(of_cues)
    return np.asarray(1 / (1 + np.exp(-log_odds)), dtype=np.float64)


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression  # here: only fitting needs scikit-learn

    return LogisticRegression(C=_PENALTY, max_iter=1000)
