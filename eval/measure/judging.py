"""How well a judge tells claims that a text supports from others, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.formulas.calibration import auroc, ece
from eval.formulas.statistics import Figure, biased_figure, figure


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """What a judge said of one claim."""

    supported: bool
    """Whether its text supports it."""
    said: float
    """The judge's probability of that."""
    kind: str = ""
    """How it departs from the text, where that is known."""


def judging_figures(judged: Sequence[JudgedClaim], seed: int = 0) -> dict[str, Figure]:
    """The area under the ROC curve, in all and by kind, and the calibration error (ECE), by name.

    Of a kind, its claims are set against all that are supported; `n` counts both. An area without a supported and an
    unsupported claim is left out.
    """
    if not judged:
        return {}
    right = np.array([float(each.supported) for each in judged])
    said = np.array([each.said for each in judged])
    kinds = np.array([each.kind for each in judged])
    chosen = {"area under the ROC curve": np.ones(len(judged), dtype=bool)}
    chosen |= {f"area, {kind}": (kinds == kind) | (right == 1) for kind in sorted(set(kinds[right == 0]) - {""})}
    figures = {
        name: figure([said[kept], right[kept]], auroc, seed)
        for name, kept in chosen.items()
        if 0 < right[kept].sum() < kept.sum()
    }
    return figures | {"calibration error": biased_figure([said, right], ece, seed)}
