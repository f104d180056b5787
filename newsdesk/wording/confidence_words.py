"""How far an answer, or a refusal, can be relied on, in words: the chat and `newsdesk ask` say it alike."""

from __future__ import annotations

from collections.abc import Collection

from newsdesk.wording.counted import counted

_HIGH = 0.85
_FAIR = 0.6


def sureness(confidence: float, answerable: bool) -> float:
    """Probability that what is shown, the answer or its refusal, is right."""
    return confidence if answerable else 1 - confidence


def sureness_in_words(confidence: float, answerable: bool, note_kinds: Collection[str]) -> str:
    """ "High confidence", or nothing where `confidence` is no probability."""
    if "listed" in note_kinds:
        return ""  # of a list it is how much of the question its articles hold
    sure = sureness(confidence, answerable)
    degree = "High" if sure >= _HIGH else "Fair" if sure >= _FAIR else "Low"
    if not answerable:
        return f"{degree} confidence that the archive does not say"
    return f"{degree} confidence" if degree != "Low" else "Low confidence: read the source before relying on it"


def sureness_meaning(confidence: float, answerable: bool, note_kinds: Collection[str]) -> str:
    """What that means: "of 100 answers as sure as this, about 93 are expected to be right"; nothing where nothing is said."""
    if not sureness_in_words(confidence, answerable, note_kinds):
        return ""
    what = "answers" if answerable else "refusals"
    return f"of 100 {what} as sure as this, about {100 * sureness(confidence, answerable):.0f} are expected to be right"


def checked_in_words(verified: int, written: int) -> str:
    """ "5 of 7 sentences verified", of what an LLM wrote; nothing where it wrote nothing."""
    return f"{verified:,} of {counted(written, 'sentence')} verified" if written else ""
