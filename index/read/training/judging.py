"""Trains the judge of support: an encoder with a head for supports, contradicts and neither.

A pair that is only known not to be supported is taught as one of the other two; a pair may carry a larger judge's
scores, which are learnt too (Hinton et al., 2015).
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from index.read.judge import MAX_TOKENS
from index.read.training.model import load_model, tokenizer_folder
from index.read.windows import Tokens, Window, batch_of, load_tokenizer, tokenize
from newsdesk.errors import ModelError, TrainingDataError

SUPPORTS, CONTRADICTS, NEITHER, NOT_SUPPORTED = range(4)
LABELS = {
    "SUPPORTS": SUPPORTS,
    "REFUTES": CONTRADICTS,
    "NOT ENOUGH INFO": NEITHER,
    "NOT_SUPPORTED": NOT_SUPPORTED,
    "PARTIAL": NOT_SUPPORTED,
}
TEMPERATURE = 1.5
"""Of the larger judge's scores, so that its second thoughts are learnt as well."""
HEAD = "judge.safetensors"


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim beside the evidence that may support it."""

    claim: str
    evidence: str
    title: str
    label: int | None
    """SUPPORTS, CONTRADICTS, NEITHER or NOT_SUPPORTED; None when nobody has said."""
    scores: tuple[float, ...] = ()
    """A larger judge's logits for supports, contradicts and neither, or nothing."""
    kind: str = ""
    """How the claim departs from the evidence, where that is known: number, name, negation..."""

    @property
    def text(self) -> str:
        """The evidence under its headline, as it is read."""
        return f"{self.title}\n{self.evidence}" if self.title else self.evidence


def read_pairs(file: Path) -> list[Pair]:
    """The pairs of a file of JSON lines, plain or gzipped: `claim`, `evidence`, `label`, `title`?, `scores`?, `kind`?.

    Raises TrainingDataError with what is wrong where.
    """
    try:
        content = file.read_bytes()
        lines = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8-sig").split("\n")
        return [_pair(json.loads(line), number) for number, line in enumerate(lines, 1) if line.strip()]
    except (OSError, EOFError, ValueError) as error:
        raise TrainingDataError(f"{file} cannot be used: {error}") from error


def _pair(record: Any, number: int) -> Pair:
    if not isinstance(record, dict) or not all(isinstance(record.get(name), str) for name in ("claim", "evidence")):
        raise ValueError(f"line {number} is no object with the texts 'claim' and 'evidence'.")
    label, scores = record.get("label"), record.get("scores") or []
    if label is not None and label not in LABELS:
        raise ValueError(f"line {number} has the label {label!r}; expected one of {', '.join(LABELS)}.")
    if (label is None and not scores) or len(scores) not in (0, 3):
        raise ValueError(f"line {number} needs a label or three scores.")
    return Pair(
        record["claim"], record["evidence"], str(record.get("title") or ""),
        None if label is None else LABELS[label], tuple(map(float, scores)), str(record.get("kind") or ""),
    )  # fmt: skip


class JudgeModel(nn.Module):
    """An encoder whose vector of [CLS] gives three scores."""

    def __init__(self, start: str) -> None:
        """`start` is the folder of a judge or of a reader to go on from; empty: the packaged MiniLM."""
        super().__init__()
        trained = bool(start) and (Path(start) / HEAD).is_file()
        self.encoder = _empty_encoder(start) if trained else load_model(start, attention="eager").base_model
        self.head = nn.Linear(self.encoder.config.hidden_size, 3)
        if trained:
            try:
                self.load_state_dict(load_file(Path(start) / HEAD))
            except Exception as error:  # safetensors and torch have no base in common
                raise ModelError(f"The judge in {start} cannot be loaded: {error}") from error
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)  # as in the reader

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Scores of shape (pairs, 3) for supports, contradicts and neither."""
        state = self.encoder(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        scores: Tensor = self.head(state.last_hidden_state[:, 0])
        return scores


def _empty_encoder(folder: str) -> Any:
    from transformers import AutoConfig, AutoModelForQuestionAnswering

    config = AutoConfig.from_pretrained(folder, local_files_only=True, attn_implementation="eager")
    model = AutoModelForQuestionAnswering.from_config(config)  # type: ignore[no-untyped-call]  # left untyped
    return model.base_model


def train_judge(
    files: Sequence[Path],
    out: Path,
    start: str = "",
    passes: int = 2,
    rate: float = 1e-4,
    seed: int = 0,
    tokens_per_batch: int = 4_096,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> JudgeModel:
    """Trains a judge and writes it into `out`. Raises TrainingDataError and ModelError.

    `rate` is the peak learning rate of the encoder; the head has three times that.
    """
    torch.manual_seed(seed)
    model = JudgeModel(start)
    pairs = [pair for file in files for pair in read_pairs(file)]
    if not pairs:
        raise TrainingDataError("The files hold no pair: there is nothing to learn.")
    parts = _tokens(start, pairs)
    batches = [batch for number in range(passes) for batch in _batches(parts, tokens_per_batch, seed + number)]
    optimizer = torch.optim.AdamW(
        [
            {"params": [each for each in model.encoder.parameters() if each.requires_grad], "peak": rate},
            {"params": list(model.head.parameters()), "peak": 3 * rate},
        ],
        lr=rate,
    )
    model.train()
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * min((step + 1) / (0.06 * len(batches) + 1), 1 - step / len(batches))
        inputs = {name: torch.from_numpy(rows) for name, rows in batch_of([parts[place] for place in batch]).items()}
        loss = _loss(model(**inputs), [pairs[place] for place in batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        on_progress(step + 1, len(batches))
    model.eval()
    write_judge(model, start, out)
    return model


def write_judge(model: JudgeModel, start: str, out: Path) -> None:
    """Writes the judge, its configuration and its tokenizer into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    model.encoder.config.save_pretrained(out)
    source = tokenizer_folder(start)
    if source.resolve() != out.resolve():
        (out / "tokenizer.json").write_bytes((source / "tokenizer.json").read_bytes())
    save_file({name: each.contiguous() for name, each in model.state_dict().items()}, out / HEAD)


def _tokens(start: str, pairs: Sequence[Pair]) -> list[Tokens]:
    tokenizer = load_tokenizer(tokenizer_folder(start) / "tokenizer.json", MAX_TOKENS)
    windows = [Window(pair.claim, pair.text) for pair in pairs]
    return [parts[0] for parts in tokenize(tokenizer, windows)]


def _batches(parts: Sequence[Tokens], tokens_per_batch: int, seed: int) -> Iterator[list[int]]:
    """Places of pairs of like length, in random order."""
    rng = random.Random(seed)
    order = sorted(range(len(parts)), key=lambda place: (len(parts[place].ids), rng.random()))
    cut: list[list[int]] = [[]]
    for place in order:
        if (len(cut[-1]) + 1) * len(parts[place].ids) > tokens_per_batch and cut[-1]:
            cut.append([])
        cut[-1].append(place)
    rng.shuffle(cut)
    yield from cut


def _loss(scores: Tensor, pairs: Sequence[Pair]) -> Tensor:
    """Against the labels, and against the larger judge's scores where there are any."""
    logs = scores.log_softmax(dim=1)
    labelled = [place for place, pair in enumerate(pairs) if pair.label is not None]
    taught = [place for place, pair in enumerate(pairs) if pair.scores]
    loss = torch.zeros(())
    if labelled:
        loss = loss - torch.stack([_log_of(logs[place], pairs[place].label) for place in labelled]).mean()
    if taught:
        wanted = (torch.tensor([pairs[place].scores for place in taught]) / TEMPERATURE).softmax(dim=1)
        given = (scores[taught] / TEMPERATURE).log_softmax(dim=1)
        loss = 0.3 * loss + 0.7 * TEMPERATURE**2 * functional.kl_div(given, wanted, reduction="batchmean")
    return loss


def _log_of(logs: Tensor, label: int | None) -> Tensor:
    """Logarithm of the probability of a label; of NOT_SUPPORTED, of either other label."""
    return logs[1:].logsumexp(dim=0) if label == NOT_SUPPORTED else logs[label or 0]
