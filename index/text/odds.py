"""Log-odds and probabilities."""

from __future__ import annotations

import math


def probability(log_odds: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, log_odds))))
