"""Reads passages for a question: the spans that may answer it, and how likely none does."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from tokenizers import Tokenizer

from index.kept import Kept
from index.read.fit import FILE, Fit, load_fit
from index.read.session import one_core_session
from index.read.windows import Rows, Tokens, Window, batch_of, cutting, load_tokenizer, tokenize
from newsdesk.errors import ModelError
from newsdesk.wording.quoted import quoted

PACKAGED = "newsdesk"
"""Name of the reader that comes with Newsdesk."""
WEIGHTS = Path(__file__).with_name("weights")

MAX_TOKENS = 320
"""A passage with its headline and a question hardly ever has more; a longer text is read in parts."""
MAX_ANSWER_TOKENS = 20
"""As in training, where 99 % of the answers are shorter."""
SPANS = 5
KEPT = 2_048
"""Readings that are remembered, some 5 MB: of a question that is asked again when other articles have come, or put otherwise."""

Scores = np.ndarray[tuple[int, int], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """Characters [start:end] of the text that may be the answer."""

    start: int
    end: int
    score: float
    """Log-odds of this span against "no answer here", comparable between texts read for one question."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one text for a question gave."""

    spans: tuple[ReadSpan, ...]
    """At most SPANS, best first; none overlaps a better one."""

    @property
    def score(self) -> float:
        """The score of the best span, minus infinity without one; above 0 an answer is likelier than none."""
        return self.spans[0].score if self.spans else float("-inf")


class SpanModel(Protocol):
    """A model that scores every token for being the first and the last of the answer."""

    tokenizer: Tokenizer
    """Set to cut texts into parts of at most MAX_TOKENS."""
    padding: int
    """The token that fills up the shorter windows."""
    at_once: int
    """Calls of `scores` that may run side by side."""

    def scores(self, batch: dict[str, Rows]) -> tuple[Scores, Scores]:
        """Scores of every token for being the first and for being the last of the answer, each (windows, tokens).

        The windows of a batch are of one length: an exported model takes every token for a real one.
        """
        ...


class OnnxSpanModel:
    """An exported reader, run by onnxruntime."""

    padding = 0

    def __init__(self, folder: Path) -> None:
        """Raises ModelError when the folder holds no reader that can be loaded."""
        # One core a window and as many windows as there are cores: a window is too small to be shared, 12 of 210 tokens
        # take 141 ms so on two cores, 170 ms one after the other with both, and the rest of the machine suffers less.
        self.at_once = os.cpu_count() or 1
        self._session = one_core_session(folder / "reader.onnx", "The reader")
        self._names = [each.name for each in self._session.get_inputs()]
        self.tokenizer = load_tokenizer(folder / "tokenizer.json", MAX_TOKENS)

    def scores(self, batch: dict[str, Rows]) -> tuple[Scores, Scores]:
        """See SpanModel."""
        first, last = self._session.run(None, {name: batch[name] for name in self._names})
        return first, last


class TransformersSpanModel:
    """Any Hugging Face extractive question-answering model with a fast tokenizer, run by torch."""

    at_once = 1  # torch takes all cores itself

    def __init__(self, name: str) -> None:
        """`name` is a folder, or a name that is in the local cache. Raises ModelError when it cannot be loaded."""
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        try:
            tokenizer = AutoTokenizer.from_pretrained(name, use_fast=True, local_files_only=True)
            self._model = AutoModelForQuestionAnswering.from_pretrained(name, local_files_only=True).eval()
            self.tokenizer = cutting(tokenizer.backend_tokenizer, MAX_TOKENS)
        except Exception as error:  # transformers, safetensors and tokenizers have no base in common
            why = (
                error
                if Path(name).is_dir()
                else "no folder and no model in the local cache has that name, and none is fetched."
            )
            raise ModelError(
                f"The reader {quoted(name)} cannot be loaded: {why} Set `reader` to a folder or to a name in the local "
                'cache, or to "none" to answer without one.'
            ) from error
        self.padding = tokenizer.pad_token_id or 0
        self._takes_types = "token_type_ids" in tokenizer.model_input_names

    def scores(self, batch: dict[str, Rows]) -> tuple[Scores, Scores]:
        """See SpanModel."""
        import torch

        inputs = {name: torch.from_numpy(rows) for name, rows in batch.items()}
        if not self._takes_types:
            del inputs["token_type_ids"]
        with torch.inference_mode():
            output = self._model(**inputs)
        return output.start_logits.numpy(), output.end_logits.numpy()


class Reader:
    """Finds the spans of texts that answer a question."""

    def __init__(self, model: SpanModel, fit: Fit, own_fit: bool = True) -> None:
        """`own_fit` is False when `fit` was made for another reader, because this one has none."""
        self.model = model
        self.fit = fit
        self.own_fit = own_fit
        self._pool = ThreadPoolExecutor(model.at_once, thread_name_prefix="reader")
        self._kept = Kept[Window, Reading](KEPT)

    def read(self, windows: Sequence[Window]) -> list[Reading]:
        """One reading for each window, in their order. What was read lately is not read again."""
        kept = {window: self._kept.get(window) for window in windows}
        new = [window for window, reading in kept.items() if reading is None]
        for window, read in zip(new, self._read(new), strict=True):
            self._kept.put(window, read)
            kept[window] = read
        return [reading for window in windows if (reading := kept[window]) is not None]

    def forget(self) -> None:
        """Remembers nothing of what was read, as when it was loaded."""
        self._kept.clear()

    def _read(self, windows: Sequence[Window]) -> list[Reading]:
        parts_of = tokenize(self.model.tokenizer, windows)
        read = iter(self._pool.map(self._read_part, [part for parts in parts_of for part in parts]))
        return [Reading(_apart([span for _ in parts for span in next(read)])) for parts in parts_of]

    def _read_part(self, tokens: Tokens) -> list[ReadSpan]:
        # Not in a batch with others: 8-bit models round together what is read together, and a passage's score must not
        # depend on what else was found.
        first, last = self.model.scores(batch_of([tokens], self.model.padding))
        return _spans(tokens, first[0], last[0])


def load_reader(name: str) -> Reader | None:
    """The reader that the setting `reader` names; None for "none". Raises ModelError when it cannot be loaded."""
    if name == "none":
        return None
    folder = folder_of(name)
    if name == PACKAGED and not (folder / "reader.onnx").is_file():
        raise ModelError(f"The weights of the reader are missing: there is no {folder / 'reader.onnx'}.")
    model = OnnxSpanModel(folder) if (folder / "reader.onnx").is_file() else TransformersSpanModel(name)
    own = load_fit(folder)
    return Reader(model, own or packaged_fit(), own is not None)


def folder_of(name: str) -> Path:
    """Where the reader of that name lies, if it is packaged or exported."""
    return WEIGHTS if name == PACKAGED else Path(name)


def packaged_fit() -> Fit:
    """The fit of the packaged reader, which serves readers without one. Raises ModelError when it is missing."""
    fit = load_fit(WEIGHTS)
    if fit is None:
        raise ModelError(f"The reader's fit is missing: there is no {WEIGHTS / FILE}. Install Newsdesk again.")
    return fit


def reader_key(name: str) -> str:
    """Tells readers apart: the name, and a fingerprint of an exported one's weights and fit. Nothing is loaded.

    A packaged reader whose weights are missing is none.
    """
    weights = folder_of(name) / "reader.onnx"
    if name == "none" or not weights.is_file():
        return "none" if name == PACKAGED else name
    digest = hashlib.sha256(weights.read_bytes())
    fit = weights.with_name(FILE)
    digest.update(fit.read_bytes() if fit.is_file() else b"")
    return f"{name}@{digest.hexdigest()[:12]}"


def _spans(tokens: Tokens, first: np.ndarray, last: np.ndarray) -> list[ReadSpan]:
    """The best spans of one part, best first, of which none overlaps a better one."""
    if not tokens.offsets:
        return []
    here = slice(tokens.first, tokens.first + len(tokens.offsets))
    none = float(first[0] + last[0])
    places = np.arange(len(tokens.offsets))
    length = places[None, :] - places[:, None]  # tokens from first to last
    real = np.array([start < end for start, end in tokens.offsets])  # others stand for a space alone
    allowed = (length >= 0) & (length < MAX_ANSWER_TOKENS) & real[:, None] & real[None, :]
    sums = np.where(allowed, first[here][:, None] + last[here][None, :], -np.inf)
    found: list[ReadSpan] = []
    while len(found) < SPANS:
        begin, end = divmod(int(sums.argmax()), len(tokens.offsets))
        if not np.isfinite(sums[begin, end]):
            break
        found.append(ReadSpan(tokens.offsets[begin][0], tokens.offsets[end][1], float(sums[begin, end]) - none))
        sums[: end + 1, begin:] = -np.inf  # all that begin before its end and end after its beginning
    return found


def _apart(spans: Sequence[ReadSpan]) -> tuple[ReadSpan, ...]:
    """The best spans of which none overlaps a better one."""
    kept: list[ReadSpan] = []
    for span in sorted(spans, key=lambda each: -each.score):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
        if len(kept) == SPANS:
            break
    return tuple(kept)
