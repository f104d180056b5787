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
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from index.read.training.examples import read_examples
from index.read.training.lessons import Lesson, lessons
from index.read.training.losses import Targets, as_taught, decision, joint, places
from index.read.training.model import load_model, scores_of, tokenizer_folder, write_model
from index.read.windows import Tokens, load_tokenizer, tokenize
from newsdesk.errors import TrainingDataError

CHECKPOINT = "checkpoint.pt"
RECORD = "training.json"
WEIGHTS = "model.safetensors"
MAX_TOKENS = 256

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
    teacher: str = ""
    """Folder of a larger reader whose scores are learnt too; empty: none. Needed where files hold unlabelled questions."""
    taught: float = 0.65
    """Weight of the loss against the teacher's scores, that of the labels being what is left of 1."""
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
    labelled: bool = True
    """Whether it is known if it answers; a teacher alone can teach the others."""


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
    teacher = load_model(plan.teacher, trained=True).eval() if plan.teacher else None
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
        losses.append(_learn(model, teacher, optimizer, batches[number], plan))
        on_progress(number + 1, len(batches))
        if time.monotonic() - saved > checkpoint_every:
            _save(out / CHECKPOINT, fingerprint, model, optimizer, number + 1, losses)
            saved = time.monotonic()
    model.eval()
    write_model(model, plan.start, out)
    record = {
        "plan": asdict(plan),
        "fingerprint": fingerprint,
        "windows": sum(map(len, batches)),
        "without_answer": sum(each.labelled and each.first == 0 for batch in batches for each in batch),
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
    if not plan.teacher and any(not lesson.labelled for lesson, _ in made):
        raise TrainingDataError(
            'A question in the files is unlabelled ("is_impossible": null): name a teacher that knows what answers it.'
        )
    tokenizer = load_tokenizer(tokenizer_folder(plan.start) / "tokenizer.json", MAX_TOKENS)
    taught = []
    windows = tokenize(tokenizer, [lesson.window for lesson, _ in made])
    for (lesson, asked), parts in zip(made, windows, strict=True):
        span = lesson.answer or lesson.tempting
        placed = [(tokens, tokens.place_of(*span)) for tokens in parts] if span else []
        tokens, places = next((each for each in placed if each[1]), (parts[0], None))
        if lesson.answer is None:
            taught.append(_Taught(tokens, 0, 0, places or (0, 0), asked, lesson.labelled))
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


def _learn(model: Any, teacher: Any, optimizer: torch.optim.Optimizer, batch: Sequence[_Taught], plan: Plan) -> float:
    """One step; returns the loss for the first and last token, or for what the teacher says where nothing is labelled."""
    windows, targets = [each.tokens for each in batch], _targets(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=plan.bfloat16):
        first, last = scores_of(model, windows)
        if teacher is not None:
            with torch.no_grad():
                taught = scores_of(teacher, windows)
    loss, shown = torch.zeros(()), torch.zeros(())
    if targets.labelled.any():
        known = targets.known()
        scores = first[targets.labelled], last[targets.labelled]
        shown = places(*scores, known)
        loss = shown + plan.decision * decision(*scores, known) + plan.joint * joint(*scores, known)
    if teacher is not None:
        difference = as_taught(first, last, taught, targets.asked)
        loss = (1 - plan.taught) * loss + plan.taught * difference
        shown = shown if targets.labelled.any() else difference
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(shown.item()) / 2


def _targets(batch: Sequence[_Taught]) -> Targets:
    numbers = {asked: number for number, asked in enumerate(dict.fromkeys(each.asked for each in batch))}
    return Targets(
        torch.tensor([(each.first, each.last) for each in batch]),
        torch.tensor([each.tempting for each in batch]),
        torch.tensor([numbers[each.asked] for each in batch]),
        torch.tensor([each.labelled for each in batch]),
    )


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
    for folder in filter(None, (plan.start, plan.teacher)):
        if (Path(folder) / WEIGHTS).is_file():  # another training may have ended in it since
            digest.update((Path(folder) / WEIGHTS).read_bytes())
    for batch in batches:
        digest.update(repr([(each.tokens.ids, each.first, each.last, each.labelled) for each in batch]).encode())
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
