"""Where sentences begin and end in news prose.

Used by both rooms that need it: ingest splits over-long paragraphs at sentences, the query engine
quotes whole sentences. Rules, not a model: a quotation must start and end where a reader expects, and
the same text must always give the same spans.
"""

from __future__ import annotations

import re

CAPITALS = "A-ZÀ-ÖØ-ÞĀ-Ž"
"""Letters with which a name begins, as part of a pattern's class; small ones of the same blocks begin none."""

# A full stop after one of these does not end a sentence: titles, ranks, months, and what agencies abbreviate.
_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof rev hon st sr jr gov sen rep pres lt gen col maj capt cmdr adm sgt cpl pvt brig det supt insp
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
    no nos vs etc inc ltd corp co bros dept est approx ave blvd rd mt ft fig vol pp ed al messrs mme mlle""".split()
)
# "No." and "Co." end a sentence more often than not when the next word is not a number or a name of a firm,
# but cutting a quotation short is worse than keeping two sentences together.

# What ends a sentence where no space follows, too: Chinese and Japanese put none; and in Arabic, Urdu and Hindi.
_FULL_WIDTH = "。！？｡"
_TERMINATOR = re.compile(rf"""[.!?…؟۔।]+["'”’»)\]]*(?=\s)|[{_FULL_WIDTH}]+["'”’»」』）)\]]*""")
# Letters with which a sentence begins in other scripts: capitals of Greek and Cyrillic, any letter where none are.
_OTHERS = "Α-ΩΆΈ-ΏА-ЯЁЄІЇҐ\u05d0-\u05ea\u0620-\u064a\u066e-\u06d3\u0900-\u0dff\u0e00-\u0eff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_INITIALISM = re.compile(r"(?:^|[\s(\"“‘'])(?:[A-Za-z]\.)+[A-Za-z]?$")
_WORD_BEFORE = re.compile(r"([A-Za-z]+)$")
_STARTS_SENTENCE = re.compile(rf"""[\s]+["'“‘«(\[—–-]*\s*[{CAPITALS}{_OTHERS}0-9£$€#@]""")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans (start, end) of the sentences of `text`, in order, without surrounding white space.

    Together the spans hold every character of `text` that is not white space between sentences.
    """
    spans = []
    start = 0
    for match in _TERMINATOR.finditer(text):
        if _ends_sentence(text, match):
            spans.append((start, match.end()))
            start = match.end()
    spans.append((start, len(text)))
    return [trimmed for span in spans if (trimmed := _trim(text, span)) is not None]


def cuts(text: str, start: int, end: int) -> tuple[bool, bool]:
    """Whether `text[start:end]` leaves out words of the sentence it begins in, and of the one it ends in.

    A quotation mark or a full stop that is left out is no cut: no reader misses it.
    """
    before = after = False
    for first, last in sentence_spans(text):
        if first < start < last:
            before = _has_words(text[first:start])
        if first < end < last:
            after = _has_words(text[end:last])
    return before, after


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    if match.group()[0] in _FULL_WIDTH:
        return True
    if not _STARTS_SENTENCE.match(text, match.end()):
        return False
    if match.group()[0] != "." or match.group().startswith(".."):
        return True
    before = text[max(0, match.start() - 24) : match.start()]
    if _INITIALISM.search(before + "."):
        # "in the U.S. The" ends; "J. Smith", "U.S. Army" do not: an initialism ends only before a function word.
        following = re.match(r"""\s+["'“‘]*([A-Za-z]+)""", text[match.end() :])
        return bool(following and following.group(1) in _OPENERS and len(before.rsplit(None, 1)[-1]) > 1)
    word = _WORD_BEFORE.search(before)
    return not (word and word.group(1).lower() in _ABBREVIATIONS)


_OPENERS = frozenset(
    "The A An It He She They We In On At But And This That These Those His Her Its Their However".split()
)


def _trim(text: str, span: tuple[int, int]) -> tuple[int, int] | None:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
