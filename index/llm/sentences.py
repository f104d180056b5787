"""From what an LLM streams to whole sentences with the numbers they cite; half a marker never comes out."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from newsdesk.types import Drafted
from newsdesk.wording.sentences import sentence_spans

_OPENERS = {"[": "]", "【": "】", "<": ">", "(": ")"}
_OPENER = re.compile(r"[\[【<]|\((?=\d\)|\d?\Z)")
_LONGEST = 32  # characters of a marker or a tag; what goes on longer is none
_NUMBERS = re.compile(r"\d+")
_KEYS = re.compile(r"[\w\s,;&†.:#^-]+")
_MOST_LETTERS = 12  # of a marker such as "[paragraph 3]"; "[in 2016]" is no marker for its number
_HIGHEST = 99
_ROUND = re.compile(r"\(\d\)")
_ROUND_BEGUN = tuple(f"({digit}" for digit in range(10))
_OWN = re.compile(r"[\[(][^\W\d]")  # "[sic]": a bracket with a number or a sign first is no text
_TAG_BEGINS = re.compile(r"</?[a-zA-Z!]|</?\Z")
_INLINE = re.compile(r"</?(?:a|b|i|u|em|strong|span|su[bp]|code|mark|q|think)\b", re.IGNORECASE)
"""Tags within a sentence; any other ends it."""
_LIMIT = re.compile(r"[\[【<\n]")  # no marker goes on behind one of these
_BROKEN = re.compile(r"[\[【][\W\d]{0,8}|</?\w*")
"""What a marker or a tag that was never closed leaves behind."""
_THINKING, _THOUGHT = "<think>", "</think>"
_BULLET = re.compile(r"\A\s*(?:[-–•·>#]+|\d{1,2}[.)])\s+")
_ENDS = tuple(".!?…:”\"'’)")
_MARKUP = str.maketrans("", "", "*`\x00")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as an LLM wrote it, without its markers."""

    text: str
    keys: tuple[int, ...]
    """The numbers that it cites, known or not, each once."""
    finished: bool = True
    """False where the model stopped within it."""


class Sentences:
    """Takes what a model streams, piece by piece; gives words as they come and each sentence when the next one begins."""

    def __init__(self) -> None:
        self._held = ""  # may be the beginning of a marker or a tag
        self._text = ""  # of the sentence that is being written
        self._keys: list[tuple[int, int]] = []  # (place in the text, number)
        self._gap = ""  # white space at the end of what was given as words
        self._thinks = False

    def feed(self, piece: str) -> Iterator[Drafted | Sentence]:
        """What comes out when this is added."""
        self._held += piece
        yield from self._work(ended=False)

    def end(self) -> Iterator[Drafted | Sentence]:
        """What is left when the model has ended; a sentence that neither ends nor cites anything is not finished."""
        yield from self._work(ended=True)
        finished = bool(self._keys) or self._text.rstrip().endswith(_ENDS)
        for last in self._finish(len(self._text)):
            yield replace(last, finished=finished)

    def _work(self, ended: bool) -> Iterator[Drafted | Sentence]:
        while self._held:
            if self._thinks:
                _, found, rest = self._held.partition(_THOUGHT)
                if not found:
                    self._held = self._held[-len(_THOUGHT) :]
                    return
                self._held, self._thinks = rest, False
                continue
            match = _OPENER.search(self._held)
            start = match.start() if match else len(self._held)
            if start:
                plain, self._held = self._held[:start], self._held[start:]
                yield from self._add(plain)
                continue
            taken = self._bracket(ended)
            if taken is None:
                return
            yield from self._add(taken)

    def _bracket(self, ended: bool) -> str | None:
        """Takes the marker, tag or bracket at the front; the text it stands for, or None when more has to come.

        What is decided does not depend on the pieces in which it comes.
        """
        held = self._held
        if held in ("<", "(", *_ROUND_BEGUN):  # may become a tag or a marker
            return self._dropped(len(held)) if ended else None
        if (held[0] == "(" and not _ROUND.match(held)) or (held[0] == "<" and not _TAG_BEGINS.match(held)):
            return self._take(1)  # the text's own
        limit = next((match.start() for match in [_LIMIT.search(held, 1)] if match), min(len(held), _LONGEST))
        close = held.find(_OPENERS[held[0]], 1, limit)
        if close < 0:
            if limit == len(held) < _LONGEST and not ended:
                return None
            broken = _BROKEN.match(held, 0, limit)
            return self._dropped(broken.end() if broken else 1)
        whole = self._take(close + 1)
        if whole[0] == "<":
            self._thinks = whole == _THINKING
            return "" if _INLINE.match(whole) else "\n"
        keys = _keys(whole[1:-1])
        self._keys += [(len(self._text), key) for key in keys]
        if keys:
            return ""
        return whole if _OWN.match(whole) else whole[1:-1]

    def _dropped(self, characters: int) -> str:
        self._take(characters)
        return ""

    def _take(self, characters: int) -> str:
        taken, self._held = self._held[:characters], self._held[characters:]
        return taken

    def _add(self, plain: str) -> Iterator[Drafted | Sentence]:
        plain = plain.translate(_MARKUP)
        if not plain.startswith(("[", "【")):
            plain = plain.replace("]", "").replace("】", "")  # of a marker that was never opened
        for place, line in enumerate(plain.split("\n")):
            if place:
                yield from self._finish(len(self._text))
            if not line:
                continue
            self._text += line
            if self._is_over() and any(map(str.isalnum, line)):
                yield from self._finish(len(self._text))
            yield from self._words(line)
            while len(spans := sentence_spans(self._text)) > 1:
                yield from self._finish(spans[1][0])

    def _is_over(self) -> bool:
        """Whether the last thing was a marker behind a full stop: what comes now is another sentence."""
        text = self._text.rstrip()
        return text.endswith(_ENDS) and any(place >= len(text) for place, _ in self._keys)

    def _words(self, line: str) -> Iterator[Drafted]:
        """Words as they are shown: white space comes with the word behind it, and none before a full stop."""
        word = line.strip()
        if word:
            gap = self._gap + line[: len(line) - len(line.lstrip())]
            yield Drafted(word if word[0] in ".,;:!?" else gap + word)
            self._gap = ""
        self._gap += line[len(line.rstrip()) :]

    def _finish(self, end: int) -> Iterator[Sentence]:
        """The sentence before `end`; what is behind begins the next one."""
        text = " ".join(html.unescape(_BULLET.sub("", self._text[:end], count=1)).split())
        text = re.sub(r"\s+([.,;:!?])", r"\1", text)
        keys = tuple(dict.fromkeys(number for place, number in self._keys if place <= end))
        self._keys = [(place - end, number) for place, number in self._keys if place > end]
        self._text = self._text[end:]
        if any(character.isalnum() for character in text):
            yield Sentence(text, keys)


def _keys(inside: str) -> list[int]:
    """The numbers in a bracket that is a marker; none where it is the text's own."""
    numbers = [int(number) for number in _NUMBERS.findall(inside)]
    is_marker = _KEYS.fullmatch(inside) and sum(map(str.isalpha, inside)) <= _MOST_LETTERS
    return numbers if is_marker and numbers and max(numbers) <= _HIGHEST else []
