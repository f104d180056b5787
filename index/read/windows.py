"""What a reader reads at once: a question beside a stretch of text, as tokens that know their characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Encoding, Tokenizer

from newsdesk.errors import ModelError

MAX_QUESTION_WORDS = 48
MAX_QUESTION_TOKENS = 128
"""The rest of a longer question is not read. English ones end at the words; what is written without spaces, or made of
addresses and numbers, would leave the text no room."""
OVERLAP = 64
"""Tokens that two neighbouring windows of a long text share, so that an answer is whole in one of them."""

Rows = np.ndarray[tuple[int, int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Window:
    """A question and the text to look for its answer in.

    `header` (the headline) stands in front of the text so that the reader knows what it is about; an answer is never
    found in it.
    """

    question: str
    text: str
    header: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A window, or a part of a long one, as the model sees it: [CLS] question [SEP] header, text [SEP]."""

    ids: tuple[int, ...]
    types: tuple[int, ...]
    """0 for the question's tokens, 1 for the others."""
    offsets: tuple[tuple[int, int], ...]
    """The characters [start:end] of the text that each of its tokens stands for, in their order."""
    first: int
    """Place of the first token of the text; the tokens of the text are `first : first + len(offsets)`."""

    def place_of(self, start: int, end: int) -> tuple[int, int] | None:
        """Places of the first and last token that stand for characters [start:end]; None if they are not all there."""
        inside = [place for place, (begin, stop) in enumerate(self.offsets) if stop > start and begin < end]
        if not inside or self.offsets[inside[0]][0] > start or self.offsets[inside[-1]][1] < end:
            return None
        return self.first + inside[0], self.first + inside[-1]


def load_tokenizer(file: Path, most: int) -> Tokenizer:
    """The tokenizer of a `tokenizer.json`, as `cutting` sets it. Raises ModelError."""
    try:
        return cutting(Tokenizer.from_file(str(file)), most)
    except Exception as error:  # tokenizers raises nothing narrower
        raise ModelError(f"The tokenizer {file} cannot be loaded: {error}") from error


def cutting(tokenizer: Tokenizer, most: int) -> Tokenizer:
    """The tokenizer, set to cut the text (never the question) into parts of at most `most` tokens."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(most, stride=OVERLAP, strategy="only_second")
    return tokenizer


def tokenize(tokenizer: Tokenizer, windows: Sequence[Window]) -> list[list[Tokens]]:
    """Each window as one part, or several overlapping ones when it is too long for one."""
    questions = {question: _shortened(tokenizer, question) for question in {window.question for window in windows}}
    headers = [f"{window.header}\n" if window.header else "" for window in windows]
    pairs = [
        (questions[window.question], header + window.text) for window, header in zip(windows, headers, strict=True)
    ]
    return [
        [_tokens(part, len(header)) for part in (encoded, *encoded.overflowing)]
        for encoded, header in zip(tokenizer.encode_batch(pairs), headers, strict=True)
    ]


def _shortened(tokenizer: Tokenizer, question: str) -> str:
    """What is read of a question."""
    words = " ".join(question.split()[:MAX_QUESTION_WORDS])
    encoded = tokenizer.encode("", words)  # as the second text, which may be too long
    ends = [end for sequence, (_, end) in zip(encoded.sequence_ids, encoded.offsets, strict=True) if sequence == 1]
    return words[: ends[MAX_QUESTION_TOKENS - 1]] if len(ends) > MAX_QUESTION_TOKENS else words


def _tokens(encoded: Encoding, header: int) -> Tokens:
    """`header` is how many characters stand before the text."""
    of_text = [
        place
        for place, (sequence, (start, _)) in enumerate(zip(encoded.sequence_ids, encoded.offsets, strict=True))
        if sequence == 1 and start >= header
    ]
    offsets = encoded.offsets  # once: each look at it makes the whole list anew
    return Tokens(
        ids=tuple(encoded.ids),
        types=tuple(encoded.type_ids),
        offsets=tuple((offsets[place][0] - header, offsets[place][1] - header) for place in of_text),
        first=of_text[0] if of_text else len(encoded.ids),
    )


def batch_of(tokens: Sequence[Tokens], padding: int = 0) -> dict[str, Rows]:
    """The model's inputs, padded to the longest: `input_ids`, `attention_mask`, `token_type_ids`, each (windows, tokens)."""
    shape = (len(tokens), max(len(each.ids) for each in tokens))
    batch = {
        "input_ids": np.full(shape, padding, dtype=np.int64),
        "attention_mask": np.zeros(shape, dtype=np.int64),
        "token_type_ids": np.zeros(shape, dtype=np.int64),
    }
    for row, each in enumerate(tokens):
        length = len(each.ids)
        batch["input_ids"][row, :length] = each.ids
        batch["attention_mask"][row, :length] = 1
        batch["token_type_ids"][row, :length] = each.types
    return batch
