"""Whether evidence says what a sentence says: the code's checks and, where there is one, a judge, taken together."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.llm.checks import Said, faults
from index.read.judge import Judge, Verdict, as_read
from index.text.places import located_sentences
from newsdesk.types import Evidence, Span
from newsdesk.wording.dateline import dateline, in_words

WEIGHTS: Mapping[str, float] = {
    "numbers": -5.91, "names": -2.98, "words": -2.39, "new pairs": -3.37,
    "negation": -3.11, "said by nobody": -4.58, "said by another": -0.48, "hedges": -1.88,
}  # fmt: skip
BIAS = 4.0
"""Logistic regression on true sentences, told to the letter or loosely, and lies of ten kinds (tests/liar.py), which code
made of 540 news passages."""
ENOUGH = 0.6
"""Code alone keeps a sentence from here on: of 120 other passages, 0.6 % of the true ones were lost and no lie was kept."""

GRAVE = ("numbers", "names")
"""What a judge does not outweigh: figures and names that stand nowhere in the passage."""
SUPPORTED = 0.72
"""A judge keeps a sentence in words of its own, without a grave fault, from here on: of `dev_newsdesk_claims` that is 17 % of
the true ones and 5 % of the false ones, where code alone keeps none (docs/why.md)."""
CONTRADICTED = 0.5
"""A judge removes whatever it finds contradicted from here on, unless it stands there to the letter."""

_LEAST_WORDS = 2  # words of meaning below which a sentence says nothing that could be checked
_JUDGED = 2  # passages beside which a judge is asked about a sentence
_TRIED = 3  # sentences of the evidence that a sentence is compared with, of each passage
_MARKS = re.compile(r"[“”\"«»]")
_QUOTED = re.compile(r"[“\"«]([^“”\"«»]+)[”\"»]")


@dataclass(frozen=True, slots=True)
class Support:
    """The sentence of the evidence that carries a written one."""

    evidence: Evidence
    span: Span
    verified: Literal["verbatim", "supported"]
    score: float
    """How surely it does, 0..1."""


class Checker:
    """Checks sentences against passages. Without a judge, words that the evidence does not use are removed."""

    def __init__(self, judge: Judge | None = None) -> None:
        self._judge = judge

    def supports(self, sentence: str, passages: Sequence[Evidence]) -> tuple[list[Support], str]:
        """What supports a sentence enough, best first, one place of each passage; or else nothing, and the reason."""
        if not _says_something(sentence, passages):
            return [], "it says nothing that can be checked"
        nearest = [near for passage in passages if (near := _nearest(sentence, passage))]
        nearest.sort(key=lambda near: (-near.score, -near.common))
        found, reason = [], "there was nothing to check it against"
        for near, verdict in reversed(list(zip(nearest, self._verdicts(sentence, nearest), strict=True))):
            kept, sure = enough(near.score, near.grave, verdict)
            if near.verbatim:
                found.append(Support(near.passage, near.span, "verbatim", 1.0))
            elif kept:
                found.append(Support(near.passage, near.span, "supported", sure))
            else:
                reason = _reason(near.wrong, verdict)
        return sorted(found, key=lambda support: -support.score), "" if found else reason

    def _verdicts(self, sentence: str, nearest: Sequence[_Near]) -> list[Verdict | None]:
        """The judge's verdicts beside the best passages, asked for at once; None beside the others."""
        asked = [near for near in nearest if not near.verbatim][:_JUDGED] if self._judge else []
        pairs = [(without_origin(sentence, near.passage), as_read(near.passage)) for near in asked]
        verdicts = self._judge.judge(pairs) if self._judge else ()
        said = {id(near): verdict for near, verdict in zip(asked, verdicts, strict=True)}
        return [said.get(id(near)) for near in nearest]


@dataclass(frozen=True, slots=True)
class _Near:
    """The sentence of a passage that a written one is nearest to, and what the code's checks make of it."""

    passage: Evidence
    span: Span
    score: float
    common: int
    """Words of meaning that both have."""
    wrong: Mapping[str, float]
    grave: bool
    verbatim: bool


def _says_something(sentence: str, passages: Sequence[Evidence]) -> bool:
    """Whether it says more than the day and the outlet of a passage, which nobody asked for and every passage bears out."""
    carrying = Said(sentence).carrying
    origins = [_of_text(dateline(passage.published, passage.source)).stems for passage in passages]
    return all(len(carrying - origin) >= _LEAST_WORDS for origin in (frozenset[str](), *origins))


def _nearest(sentence: str, passage: Evidence) -> _Near | None:
    """None where the passage is empty."""
    said = Said(without_origin(sentence, passage))
    about = _about(passage)
    tried = sorted(_sentences(passage), key=lambda each: -len(said.carrying & each[1].carrying))[:_TRIED]
    if not tried:
        return None
    scored = [(_score(wrong := faults(said, carrier, about)), wrong, span, carrier) for span, carrier in tried]
    score, wrong, span, carrier = max(scored, key=lambda each: each[0])
    anywhere = faults(said, _of_text(passage.text), about)
    return _Near(
        passage=passage,
        span=span,
        score=score,
        common=len(said.carrying & carrier.carrying),
        wrong=wrong,
        grave=any(anywhere[name] for name in GRAVE),
        verbatim=_bare(said.text) == _bare(carrier.text),
    )


def enough(score: float, grave: bool, verdict: Verdict | None) -> tuple[bool, float]:
    """Whether a sentence is kept, and how surely it is supported.

    `score` is what the code's checks make of it beside the nearest sentence, `grave` a fault that no judge outweighs,
    `verdict` what a judge makes of it beside the whole passage.
    """
    if verdict is None:
        return score >= ENOUGH, score
    if verdict.contradicts >= CONTRADICTED:
        return False, 1 - verdict.contradicts
    return score >= ENOUGH or (verdict.supports >= SUPPORTED and not grave), max(score, verdict.supports)


def without_false_marks(sentence: str, passages: Sequence[Evidence]) -> str:
    """The sentence, where it quotes what no passage says to the letter, without those quotation marks."""
    texts = [_flat(passage.text) for passage in passages]

    def kept(match: re.Match[str]) -> str:
        inside = _flat(match[1]).rstrip(",.")
        return match.group() if any(inside in text for text in texts) else match[1]

    return _QUOTED.sub(kept, sentence)


def without_dateline(sentence: str, passages: Sequence[Evidence]) -> str:
    """The sentence without the brackets that stand before a passage in the prompt: "(3 May 2017, Oracle) The bridge ..."."""
    for passage in passages:
        about = re.escape(dateline(passage.published, passage.source))
        if match := re.match(rf"\(\s*{about}\s*\)\s*", sentence, re.IGNORECASE):
            return sentence[match.end() :]
    return sentence


def without_origin(sentence: str, passage: Evidence) -> str:
    """The sentence without its article's own outlet and day before it: "According to the Courier, ..."."""
    day = in_words(passage.published) if passage.published else ""
    outlet = passage.source.strip().removeprefix("The ").removeprefix("the ")
    by_outlet = rf"(?:(?:According to|In) (?:the )?{re.escape(outlet)}|(?:The )?{re.escape(outlet)} (?:said|says|reported|reports|wrote))"
    on_day = rf"(?: (?:of|on) {re.escape(day)})?" if day else ""
    origin = [rf"{by_outlet}{on_day}(?:,| that)"] if outlet else []
    origin += [rf"On {re.escape(day)},"] if day else []
    match = re.match(rf"(?:{'|'.join(origin)}) ", sentence, re.IGNORECASE) if origin else None
    return sentence[match.end() :] if match else sentence


def _score(wrong: Mapping[str, float]) -> float:
    return 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[name] * count for name, count in wrong.items())))


_REASONS = {
    "numbers": "a number in it is not there", "names": "a name in it is not there",
    "said by another": "somebody else said it", "negation": "it says the opposite, or leaves out a “not”",
    "said by nobody": "it leaves out who said it", "hedges": "it is surer than the article",
    "words": "it says what is not there", "new pairs": "it puts together what does not stand together",
}  # fmt: skip


def _reason(wrong: Mapping[str, float], verdict: Verdict | None) -> str:
    if verdict is not None and verdict.contradicts >= CONTRADICTED:
        return "the paragraph contradicts it"
    return next((reason for name, reason in _REASONS.items() if wrong[name]), "the paragraph does not support it")


@lru_cache(maxsize=256)
def _of_text(text: str) -> Said:
    return Said(text)


def _sentences(passage: Evidence) -> list[tuple[Span, Said]]:
    return [(span, _of_text(text)) for span, text in located_sentences(passage)]


def _about(passage: Evidence) -> Said:
    return _of_text(f"{passage.title}. {dateline(passage.published, passage.source)}")


def _flat(text: str) -> str:
    for typed, plain in (("“", '"'), ("”", '"'), ("’", "'"), ("‘", "'")):
        text = text.replace(typed, plain)
    return " ".join(text.split())


def _bare(text: str) -> str:
    """Without quotation marks, final stop and differences of white space."""
    return " ".join(_MARKS.sub("", _flat(text)).split()).rstrip(".").casefold()
