"""Trains a reader: MiniLM with a span head, in the form of any Hugging Face question-answering model.

The head gives each token a score for being the answer's first and its last; a window that does not answer has its
answer at [CLS] (Devlin et al., NAACL 2019, section 4.3). Seeded, so that the same files give the same weights on the
same machine; a checkpoint lets it go on where it was killed.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from index.read.training.examples import read_examples
from index.read.training.lessons import Lesson, lessons
from index.read.windows import Tokens, batch_of, load_tokenizer, tokenize
from newsdesk import packaged_model
from newsdesk.errors import ModelError, TrainingDataError

CHECKPOINT = "checkpoint.pt"
RECORD = "training.json"
WEIGHTS = "model.safetensors"
MAX_TOKENS = 256

_NEVER = -1e9  # score of what is neither [CLS] nor a token of the text
_POOL = 3_072  # questions whose windows are sorted by length together before they are cut into batches


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained on what, and how. Two plans that are equal give the same weights."""

    files: tuple[tuple[str, float], ...]
    """(file, passes over it); a part of a pass takes as many of its questions, drawn by the seed."""
    seed: int = 0
    start: str = ""
    """Folder of a reader to start from; empty: the packaged MiniLM with a new head."""
    tokens_per_batch: int = 5_120
    """About 32 windows of SQuAD's length."""
    rate: float = 2e-4
    """Peak learning rate of the encoder; MiniLM is small and takes more than BERT's 5e-5."""
    head_rate: float = 2e-3
    warm_up: float = 0.06
    """Share of the steps in which the rate rises; then it falls to 0 in a straight line."""
    weight_decay: float = 0.01
    decision: float = 0.5
    """Weight of the loss for telling the answer from none, beside those for its first and last token."""
    joint: float = 0.5
    """Weight of the loss over all windows of a question together, among which the answer's span is the likeliest."""
    bfloat16: bool = False
    """Matrix products with 16 bits: half as fast again on a processor that has them, slower on others."""
    steps: int = 0
    """Steps after which it ends, the rate having fallen to 0 by then; 0: when everything was gone over."""


@dataclass(frozen=True, slots=True)
class _Taught:
    """A lesson as numbers: its tokens and the places of the answer's first and last token, (0, 0) for none."""

    tokens: Tokens
    first: int
    last: int
    tempting: tuple[int, int] = (0, 0)
    """The places of a span that a hasty reader would take for the answer; (0, 0) when none is known."""
    asked: int = 0
    """Number of its question; the windows of one are in one batch."""


def train(
    plan: Plan,
    out: Path,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    checkpoint_every: float = 300.0,
) -> dict[str, Any]:
    """Trains by the plan and saves the model to the folder `out`; returns a record of the training.

    A checkpoint is written into `out` every so many seconds; called again with an equal plan, training goes on from
    it, and one that had come to its end is not repeated. Raises TrainingDataError for files that cannot be used, or when `out` holds another plan's checkpoint, and
    ModelError when there is no model to start from.
    """
    torch.manual_seed(plan.seed)
    out.mkdir(parents=True, exist_ok=True)
    model = load_model(plan.start)  # first: reading the files may take a minute
    batches = _batches(plan, _taught(plan))[: plan.steps or None]
    if not batches:
        raise TrainingDataError("The files teach nothing: no answer in them is made of words.")
    optimizer = _optimizer(model, plan)
    fingerprint = _fingerprint(plan, batches)
    done = _record_of(out)
    if done.get("fingerprint") == fingerprint and (out / WEIGHTS).exists():
        return done
    step, losses = _resume(out / CHECKPOINT, fingerprint, model, optimizer)
    model.train()
    began = saved = time.monotonic()
    for number in range(step, len(batches)):
        _set_rates(optimizer, plan, number, len(batches))
        losses.append(_learn(model, optimizer, batches[number], plan))
        on_progress(number + 1, len(batches))
        if time.monotonic() - saved > checkpoint_every:
            _save(out / CHECKPOINT, fingerprint, model, optimizer, number + 1, losses)
            saved = time.monotonic()
    model.eval()
    _write(model, plan, out)
    record = {
        "plan": asdict(plan),
        "fingerprint": fingerprint,
        "windows": sum(map(len, batches)),
        "without_answer": sum(each.first == 0 for batch in batches for each in batch),
        "tokens": sum(len(each.tokens.ids) for batch in batches for each in batch),
        "steps": len(batches),
        "seconds_of_this_run": round(time.monotonic() - began),
        "loss": [round(float(np.mean(part)), 3) for part in np.array_split(losses, min(20, len(losses)))],
    }
    (out / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (out / CHECKPOINT).unlink(missing_ok=True)
    return record


def _record_of(folder: Path) -> dict[str, Any]:
    """What a training that came to its end has written down; empty when there is none that can be read."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def load_model(start: str, attention: str = "sdpa") -> Any:
    """The model of a folder, or MiniLM with an untrained head. Raises ModelError when it cannot be loaded.

    `attention` is Transformers' name of how it is computed; "eager" can be exported.
    """
    from transformers import AutoModelForQuestionAnswering
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
    set_verbosity_error()  # type: ignore[no-untyped-call]  # it would warn that the head is new, which is meant
    folder = Path(start) if start else packaged_model.checked_folder()
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ModelError(
                f"{folder} holds no trained reader: there is no {name} in it. "
                f"`newsdesk reader train FILE --out {folder}` puts one there."
            )
    try:
        # Nothing is dropped out: in one or two passes nothing is learnt by heart, and it would double the time on a CPU.
        model = AutoModelForQuestionAnswering.from_pretrained(
            folder,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            local_files_only=True,
            attn_implementation=attention,
        )
    except Exception as error:  # transformers, safetensors and json have no base in common
        raise ModelError(f"The reader in {folder} cannot be loaded: {error}") from error
    # The word vectors stay as MiniLM has them: half of all weights, and the training data shows few of them.
    model.base_model.embeddings.word_embeddings.weight.requires_grad_(False)
    return model


def _taught(plan: Plan) -> list[_Taught]:
    """Every window of the plan; of a long one, the part that holds the answer, or the first if there is none."""
    made: list[tuple[Lesson, int]] = []
    questions: dict[tuple[int, int, str], int] = {}
    for number, (name, passes) in enumerate(plan.files):
        examples = read_examples(Path(name))
        for part in range(math.ceil(passes)):
            rng = random.Random(f"{plan.seed}/{number}/{part}")
            share = min(1.0, passes - part)
            drawn = examples if share == 1 else rng.sample(examples, max(1, round(share * len(examples))))
            for lesson in lessons(drawn, rng.randrange(2**32)):
                key = (number, part, lesson.window.question)
                made.append((lesson, questions.setdefault(key, len(questions))))
    folder = Path(plan.start) if plan.start else packaged_model.folder()
    tokenizer = load_tokenizer(folder / "tokenizer.json", MAX_TOKENS)
    taught = []
    windows = tokenize(tokenizer, [lesson.window for lesson, _ in made])
    for (lesson, asked), parts in zip(made, windows, strict=True):
        span = lesson.answer or lesson.tempting
        placed = [(tokens, tokens.place_of(*span)) for tokens in parts] if span else []
        tokens, places = next((each for each in placed if each[1]), (parts[0], None))
        if lesson.answer is None:
            taught.append(_Taught(tokens, 0, 0, places or (0, 0), asked))
        elif places:
            taught.append(_Taught(tokens, *places, asked=asked))
    return taught


def _batches(plan: Plan, taught: list[_Taught]) -> list[list[_Taught]]:
    """Batches of windows of like length, in random order; those of one question together."""
    rng = random.Random(plan.seed)
    together: dict[int, list[_Taught]] = {}
    for each in taught:
        together.setdefault(each.asked, []).append(each)
    questions = list(together.values())
    rng.shuffle(questions)
    batches: list[list[_Taught]] = []
    for start in range(0, len(questions), _POOL):
        pool = sorted(questions[start : start + _POOL], key=_longest)
        cut: list[list[_Taught]] = [[]]
        for windows in pool:
            if (len(cut[-1]) + len(windows)) * _longest(windows) > plan.tokens_per_batch and cut[-1]:
                cut.append([])
            cut[-1].extend(windows)
        rng.shuffle(cut)
        batches.extend(cut)
    return batches


def _longest(windows: Sequence[_Taught]) -> int:
    return max(len(each.tokens.ids) for each in windows)


def _learn(model: Any, optimizer: torch.optim.Optimizer, batch: Sequence[_Taught], plan: Plan) -> float:
    """One step; returns the loss for the first and last token."""
    inputs = {name: torch.from_numpy(rows) for name, rows in batch_of([each.tokens for each in batch]).items()}
    allowed = torch.zeros(inputs["input_ids"].shape, dtype=torch.bool)
    for row, each in enumerate(batch):
        allowed[row, 0] = True
        allowed[row, each.tokens.first : each.tokens.first + len(each.tokens.offsets)] = True
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=plan.bfloat16):
        scores = model(**inputs)
    first, last = (each.float().masked_fill(~allowed, _NEVER) for each in (scores.start_logits, scores.end_logits))
    places = nn.functional.cross_entropy(first, torch.tensor([each.first for each in batch]))
    places = places + nn.functional.cross_entropy(last, torch.tensor([each.last for each in batch]))
    loss = places + plan.decision * _decision(first, last, batch) + plan.joint * _joint(first, last, batch)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(places.item()) / 2


def _decision(first: Tensor, last: Tensor, batch: Sequence[_Taught]) -> Tensor:
    """Loss for a span's log-odds against none, which decide whether it is given.

    The span is the answer, which should be above none, or else the tempting one or the best, which should be below.
    """
    losses = []
    for row, each in enumerate(batch):
        none = first[row, 0] + last[row, 0]
        begin, end = (each.first, each.last) if each.first else each.tempting
        span = first[row, begin] + last[row, end] if begin else first[row, 1:].max() + last[row, 1:].max()
        losses.append(nn.functional.softplus(none - span if each.first else span - none))
    return torch.stack(losses).mean()


def _joint(first: Tensor, last: Tensor, batch: Sequence[_Taught]) -> Tensor:
    """Loss for the answer among all spans of all windows of its question, or for none of them where none answers.

    The scores are normalised over the windows together (Clark and Gardner, ACL 2018; Wang et al., EMNLP 2019), so that
    those of different passages can be compared.
    """
    none = first[:, 0] + last[:, 0]
    spans = first[:, 1:].logsumexp(1) + last[:, 1:].logsumexp(1) - none
    rows_of: dict[int, list[int]] = {}
    for row, each in enumerate(batch):
        rows_of.setdefault(each.asked, []).append(row)
    losses = []
    for rows in rows_of.values():
        answers = [
            first[row, batch[row].first] + last[row, batch[row].last] - none[row] for row in rows if batch[row].first
        ]
        total = torch.cat([spans.new_zeros(1), spans[rows]]).logsumexp(0)
        losses.append(total - torch.stack(answers).logsumexp(0) if answers else total)
    return torch.stack(losses).mean()


def _optimizer(model: Any, plan: Plan) -> torch.optim.Optimizer:
    head = set(model.qa_outputs.parameters())
    encoder = [each for each in model.parameters() if each.requires_grad and each not in head]
    groups = [
        {"params": [each for each in encoder if each.ndim > 1], "peak": plan.rate, "weight_decay": plan.weight_decay},
        {"params": [each for each in encoder if each.ndim == 1], "peak": plan.rate, "weight_decay": 0.0},
        {"params": list(head), "peak": plan.head_rate, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=plan.rate)


def _set_rates(optimizer: torch.optim.Optimizer, plan: Plan, step: int, steps: int) -> None:
    rising = max(1, round(plan.warm_up * steps))
    share = (step + 1) / rising if step < rising else (steps - step) / max(1, steps - rising)
    for group in optimizer.param_groups:
        group["lr"] = share * group["peak"]


def _fingerprint(plan: Plan, batches: list[list[_Taught]]) -> str:
    digest = hashlib.sha256(json.dumps(asdict(plan)).encode())
    begins_with = Path(plan.start) / WEIGHTS
    if plan.start and begins_with.is_file():  # another training may have ended in its folder since
        digest.update(begins_with.read_bytes())
    for batch in batches:
        digest.update(repr([(each.tokens.ids, each.first, each.last) for each in batch]).encode())
    return digest.hexdigest()


def _save(
    file: Path, fingerprint: str, model: Any, optimizer: torch.optim.Optimizer, step: int, losses: list[float]
) -> None:
    state = {
        "fingerprint": fingerprint, "step": step, "losses": losses,
        "model": model.state_dict(), "optimizer": optimizer.state_dict(),
    }  # fmt: skip
    torch.save(state, file.with_suffix(".new"))
    file.with_suffix(".new").replace(file)


def _resume(file: Path, fingerprint: str, model: Any, optimizer: torch.optim.Optimizer) -> tuple[int, list[float]]:
    """Loads the checkpoint if there is one; returns the number of steps done and their losses."""
    if not file.is_file():
        return 0, []
    try:
        state = torch.load(file, weights_only=True)
        found = state["fingerprint"]
    except Exception as error:  # torch, pickle and zipfile have no base in common
        raise TrainingDataError(f"{file} is damaged. Delete it to train from the beginning.") from error
    if found != fingerprint:
        raise TrainingDataError(
            f"{file} is of a training with other files or options. Repeat them to go on with it, or delete it."
        )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return state["step"], state["losses"]


def _write(model: Any, plan: Plan, out: Path) -> None:
    """The model as a folder that Hugging Face's libraries load too."""
    model.save_pretrained(out)
    source = Path(plan.start) if plan.start else packaged_model.folder()
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        if (source / name).is_file() and source.resolve() != out.resolve():
            shutil.copyfile(source / name, out / name)
