"""The model in training: loaded, given its inputs, written as a folder that Hugging Face's libraries load too."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from index.read.training.losses import NEVER
from index.read.windows import Tokens, batch_of
from newsdesk import packaged_model
from newsdesk.errors import ModelError

_MPNET_MARKS = {101: 0, 102: 2}
"""MPNet's numbers of [CLS] and [SEP]; its other words are BERT's, four places further on, behind its own marks."""
_MPNET_PADDING = 1
_MPNET_SHIFT = 4


def load_model(start: str, attention: str = "sdpa", trained: bool = False) -> Any:
    """The model of a folder, or MiniLM with an untrained head. Raises ModelError when it cannot be loaded.

    It may be a BERT or an MPNet with BERT's words, a trained reader or, unless it has to be `trained`, an encoder
    without a head. `attention` is Transformers' name of how it is computed; "eager" can be exported.
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
        model, told = AutoModelForQuestionAnswering.from_pretrained(
            folder,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            local_files_only=True,
            attn_implementation="eager" if _is_mpnet(folder) else attention,
            output_loading_info=True,
        )
    except Exception as error:  # transformers, safetensors and json have no base in common
        raise ModelError(f"The reader in {folder} cannot be loaded: {error}") from error
    if trained and any("qa_outputs" in name for name in told["missing_keys"]):
        raise ModelError(f"{folder} holds an encoder that nobody has trained to find answers: train it first.")
    # The word vectors stay as they are: half of MiniLM's weights, and the training data shows few of them.
    model.base_model.embeddings.word_embeddings.weight.requires_grad_(False)
    return model


def _is_mpnet(folder: Path) -> bool:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False  # loading it tells what is wrong
    return isinstance(config, dict) and config.get("model_type") == "mpnet"


def scores_of(model: Any, windows: Sequence[Tokens]) -> tuple[Tensor, Tensor]:
    """The model's scores for first and last token, each (windows, tokens); NEVER for tokens outside the text."""
    inputs = {name: torch.from_numpy(rows) for name, rows in batch_of(windows).items()}
    allowed = torch.zeros(inputs["input_ids"].shape, dtype=torch.bool)
    for row, each in enumerate(windows):
        allowed[row, 0] = True
        allowed[row, each.first : each.first + len(each.offsets)] = True
    if model.config.model_type == "mpnet":
        inputs = {"input_ids": _for_mpnet(inputs), "attention_mask": inputs["attention_mask"]}
    scores = model(**inputs)
    first, last = (each.float().masked_fill(~allowed, NEVER) for each in (scores.start_logits, scores.end_logits))
    return first, last


def _for_mpnet(inputs: dict[str, Tensor]) -> Tensor:
    """The same words by MPNet's numbers, so that both models' tokens stand at the same places."""
    ids = inputs["input_ids"]
    shifted = ids + _MPNET_SHIFT
    for mark, own in _MPNET_MARKS.items():
        shifted[ids == mark] = own
    return shifted.masked_fill(inputs["attention_mask"] == 0, _MPNET_PADDING)


def write_model(model: Any, start: str, out: Path) -> None:
    """Writes the model and the tokenizer that its windows are made with, which is MiniLM's or that of `start`."""
    model.save_pretrained(out)
    source = tokenizer_folder(start)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        if (source / name).is_file() and source.resolve() != out.resolve():
            shutil.copyfile(source / name, out / name)


def tokenizer_folder(start: str) -> Path:
    """Where the tokenizer of a training lies: MiniLM's also for an MPNet, whose words are the same."""
    folder = Path(start)
    return packaged_model.folder() if not start or _is_mpnet(folder) else folder
