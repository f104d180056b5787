"""Learning the confidence from drafts of which one signal tells right from wrong."""

from __future__ import annotations

import pytest

from eval.fit.confidence import Observation, fit_confidence


def test_the_signal_that_tells_gets_the_weight() -> None:
    """One signal decides, the other is noise; unseen questions are told apart."""
    drafts = [Observation(f"q{n}", (float(n % 2), float(n % 3)), n % 2 == 1, True) for n in range(60)]
    found = fit_confidence(drafts)
    assert found.fit.weights[0] > 10 * abs(found.fit.weights[1])
    assert all(
        (probability > 0.5) == draft.right for probability, draft in zip(found.probabilities, drafts, strict=True)
    )
    assert "area under the ROC curve 1.000" in str(found)


def test_drafts_of_one_question_are_held_out_together() -> None:
    """A question is never judged by weights learnt from another draft of it."""
    twice = [Observation("same", (1.0,), True, True), Observation("same", (1.0,), True, True)]
    others = [Observation(f"q{n}", (1.0,), n % 2 == 0, True) for n in range(20)]
    probabilities = fit_confidence(twice + others).probabilities
    assert probabilities[0] == pytest.approx(probabilities[1])
