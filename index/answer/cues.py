"""Which figures are told as what another one became."""

from __future__ import annotations

import re

_BEFORE = 200
"""Characters before a figure that are looked at: what stands further away says nothing of it, and a sentence may be endless."""
_ABOUT = r"(?: (?:about|around|some|nearly|almost|over|at least|more than|as many as|as much as|up to))?"
_COUNTED = r"(?:tolls?|numbers?|counts?|totals?|figures?|dead|deaths|cases|prices?|costs?|bill)"
_UPDATED = re.compile(
    # Up to the figure: "the toll has risen to", "that brought the number of dead to", "the final toll was".
    rf"\b{_COUNTED}\b(?:,? [\w’'-]+){{0,8}} (?:risen|rises?|rose|climbed|climbs|grew|grown|jumped|increased|fell|falls|fallen|dropped|doubled|"
    rf"tripled|gone (?:up|down)|went (?:up|down)|revised|corrected|raised|lowered)(?: [\w’'-]+){{0,2}} to{_ABOUT} $|"
    rf"\bbr(?:ings|ought|inging) (?:[\w’'-]+ ){{0,3}}{_COUNTED}(?: [\w’'-]+){{0,6}} to{_ABOUT} $|"
    rf"\b(?:final|revised|updated|corrected) (?:[\w’'-]+ ){{0,2}}{_COUNTED}(?: [\w’'-]+){{0,6}} (?:is|was|stands at|stood at|of|at|to){_ABOUT} $",
    re.IGNORECASE,
)


def is_update(sentence: str, start: int) -> bool:
    """Whether the sentence tells the figure that begins at `start` as what another one became, or as the last one.

    "The toll has risen to 14", "that brought the final number of dead to sixteen".
    """
    return bool(_UPDATED.search(sentence[max(0, start - _BEFORE) : start]))
