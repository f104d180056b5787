"""Splits an article into passages: runs of whole neighbouring paragraphs, the unit of retrieval.

A passage has about 100 to 180 words and at most 256 tokens with its header, which is what the
embedding model reads. Where a run ends is decided by the paragraphs near by, not by counting from the
top: of the paragraphs that may end it, the one whose text has the smallest hash does (content-defined
chunking; Muthitacharoen, Chen and Mazieres, "A low-bandwidth network file system", SOSP 2001). So a
paragraph inserted near the top changes a passage or two and not every one behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from newsdesk import packaged_model
from newsdesk.types import Article, Passage, Span, passage_text
from newsdesk.wording.sentences import sentence_spans

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MIN_WORDS = 100
MAX_WORDS = 180
MAX_TOKENS = packaged_model.MAX_TOKENS
MAX_CHARACTERS = 4_000
"""Bounds what words and tokens leave open: a "word" of a million letters is one token, unknown to the model."""
_MAX_HEADER_TOKENS = 64
_TOKENS_AROUND = 2  # [CLS] and [SEP]
_SHORT = 32  # characters of a word whose tokens are remembered


def split_passages(article: Article) -> list[Passage]:
    """The passages of `article`, in reading order; together they hold every character of it.

    An empty paragraph stands for a line that is in no passage (newsdesk.catalogue.lines) and keeps its number.
    """
    header = _header(article)
    of_header, *counts = _token_counts([header, *article.paragraphs])
    room = MAX_TOKENS - _TOKENS_AROUND - of_header
    runs = _runs(list(_pieces(article.paragraphs, counts, room)), room)
    numbered = dict(enumerate(article.paragraphs))
    seen: Counter[str] = Counter()
    passages = []
    for position, spans in enumerate(runs):
        text = passage_text(numbered, spans)
        key = blake2b(text.encode(), digest_size=8).hexdigest()
        seen[key] += 1
        occurrence = f".{seen[key]}" if seen[key] > 1 else ""
        passages.append(Passage(f"{article.id}#{key}{occurrence}", article.id, position, spans, text, header))
    return passages


def _header(article: Article) -> str:
    """Headline, outlet and date: put in front of the embedded text, never into what is quoted."""
    day = article.published.strftime("%-d %B %Y") if article.published else ""
    return _cut(" | ".join(part for part in (article.title, article.source, day) if part), _MAX_HEADER_TOKENS)


class _Piece:
    """A paragraph, or a part of one that is too long to stand in a passage whole."""

    __slots__ = ("key", "span", "tokens", "words")

    def __init__(self, text: str, tokens: int, span: Span) -> None:
        self.span = span
        self.words = len(text.split())
        self.tokens = tokens
        self.key = blake2b(text.encode(), digest_size=8).digest()


def _pieces(paragraphs: Sequence[str], counts: Sequence[int], room: int) -> Iterator[_Piece]:
    for number, (paragraph, tokens) in enumerate(zip(paragraphs, counts, strict=True)):
        if not paragraph:
            continue
        whole = _Piece(paragraph, tokens, Span(number, 0, len(paragraph)))
        if whole.words <= MAX_WORDS and tokens <= room and len(paragraph) <= MAX_CHARACTERS:
            yield whole
            continue
        for start, end in _parts(paragraph, room):
            part = paragraph[start:end]
            yield _Piece(part, count_tokens(part), Span(number, start, end))


def _parts(paragraph: str, room: int) -> Iterator[tuple[int, int]]:
    """Cuts an over-long paragraph at sentences, and a sentence that is still too long at words."""

    fits = _Ruler(paragraph, room).fits
    units: list[tuple[int, int]] = []
    for start, end in sentence_spans(paragraph):
        units.extend([(start, end)] if fits(start, end) else _word_parts(paragraph, start, end, fits))
    begin, finish = units[0]
    for start, end in units[1:]:
        if not fits(begin, end):
            yield begin, finish
            begin = start
        finish = end
    yield begin, finish


class _Ruler:
    """Measures parts of one paragraph that is split into tokens once, whatever its length."""

    def __init__(self, paragraph: str, room: int) -> None:
        self._paragraph = paragraph
        self._room = room
        self._words = [match.start() for match in re.finditer(r"\S+", paragraph)]
        self._tokens = [start for start, _ in _tokenizer().encode(paragraph, add_special_tokens=False).offsets]

    def fits(self, start: int, end: int) -> bool:
        """Whether characters [start:end] may be (part of) a passage."""
        if end - start > MAX_CHARACTERS or self._count_words(start, end) > MAX_WORDS:
            return False
        if self._is_between_words(start) and self._is_between_words(end):
            return self._count(self._tokens, start, end) <= self._room
        return count_tokens(self._paragraph[start:end]) <= self._room  # half a word has tokens of its own

    def _is_between_words(self, place: int) -> bool:
        return place in (0, len(self._paragraph)) or " " in self._paragraph[place - 1 : place + 1]

    def _count_words(self, start: int, end: int) -> int:
        """With the rest of a word that was cut in front of `start`."""
        cut = start > 0 and not any(character.isspace() for character in self._paragraph[start - 1 : start + 1])
        return self._count(self._words, start, end) + cut

    def _count(self, places: list[int], start: int, end: int) -> int:
        return bisect_left(places, end) - bisect_left(places, start)


def _word_parts(paragraph: str, start: int, end: int, fits: Callable[[int, int], bool]) -> Iterator[tuple[int, int]]:
    """Halves at the white space nearest to the middle (or, without any, in the middle) until each part fits."""
    if fits(start, end):
        yield start, end
        return
    middle = (start + end) // 2
    left, right = paragraph.rfind(" ", start + 1, middle + 1), paragraph.find(" ", middle + 1, end - 1)
    cuts = [cut for cut in (left, right) if cut > 0]
    cut = min(cuts, key=lambda place: abs(place - middle)) if cuts else middle
    yield from _word_parts(paragraph, start, cut, fits)
    yield from _word_parts(paragraph, cut + 1 if cuts else cut, end, fits)


def _runs(pieces: list[_Piece], room: int) -> Iterator[tuple[Span, ...]]:
    """Groups pieces into passages, ending each at the smallest hash among the places where it may end."""
    start = 0
    while start < len(pieces):
        words = tokens = characters = 0
        fitting = start
        allowed = []
        for index in range(start, len(pieces)):
            words += pieces[index].words
            tokens += pieces[index].tokens
            characters += pieces[index].span.end - pieces[index].span.start
            if index > start and (words > MAX_WORDS or tokens > room or characters > MAX_CHARACTERS):
                break
            fitting = index
            if words >= MIN_WORDS:
                allowed.append(index)
        else:
            if words <= MAX_WORDS:
                allowed = []  # all that is left fits: do not leave a stump behind
        end = min(allowed, key=lambda index: pieces[index].key) if allowed else fitting
        yield tuple(piece.span for piece in pieces[start : end + 1])
        start = end + 1


def count_tokens(text: str) -> int:
    """WordPiece tokens of `text` for the packaged model, without the two that surround it."""
    return _token_counts([text])[0]


def _token_counts(texts: Sequence[str]) -> list[int]:
    """Tokens of each text.

    The tokenizer takes words that white space parts one by one, and most of them come again and again: so they are
    counted word by word where no white space but spaces, and nothing that cannot be seen, is between and within them.
    """
    return [_count(text) for text in texts]


def _count(text: str) -> int:
    words = text.split()
    if text.isprintable() and max(map(len, words), default=0) <= _SHORT:
        return sum(map(_tokens_of_word, words))
    return _count_whole(text)


def _count_whole(text: str) -> int:
    return len(_tokenizer().encode(text, add_special_tokens=False))


@lru_cache(maxsize=1 << 17)
def _tokens_of_word(word: str) -> int:
    return _count_whole(word)


def _cut(text: str, tokens: int) -> str:
    """`text`, cut at a token so that it has at most `tokens`."""
    offsets = _tokenizer().encode(text, add_special_tokens=False).offsets
    return text if len(offsets) <= tokens else text[: offsets[tokens - 1][1]]


@cache
def _tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer  # here: `newsdesk --help` need not wait for it

    tokenizer = Tokenizer.from_file(str(packaged_model.folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
