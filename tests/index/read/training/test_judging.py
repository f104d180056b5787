"""Training a tiny judge for real."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from index.read.judge import Judge
from index.read.training.export import export_judge
from index.read.training.judging import JudgeModel, Pair, read_pairs, train_judge
from newsdesk.errors import TrainingDataError

WORDS = ("river", "bridge", "harbour", "market", "garden", "railway")


def pairs() -> list[dict[str, Any]]:
    """Claims that repeat their evidence, and claims that it denies."""
    supported = [{"claim": f"the {word}", "evidence": f"the {word} is there", "label": "SUPPORTS"} for word in WORDS]
    other = [
        {"claim": f"the {word}", "evidence": f"never and nowhere a {word}", "label": "NOT_SUPPORTED", "kind": "other"}
        for word in WORDS
    ]
    taught = [{"claim": "the river", "evidence": "no river", "scores": [-2.0, 3.0, 0.0]}]
    return [*supported, *other, *taught]


def write(file: Path, records: list[dict[str, Any]]) -> Path:
    """As JSON lines."""
    file.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return file


def test_a_judge_learns_is_exported_and_trained_further(tiny_bert: Path, tmp_path: Path) -> None:
    """From pairs to a file that judges; the trained folder is a start for another training."""
    file = write(tmp_path / "pairs.jsonl", pairs())
    seen: list[tuple[int, int]] = []
    train_judge([file], tmp_path / "judge", str(tiny_bert), 40, 5e-3, on_progress=lambda *at: seen.append(at))
    assert seen[-1][0] == seen[-1][1] > 0
    exported = export_judge(tmp_path / "judge", tmp_path / "out", eight_bit=False)
    verdicts = Judge(exported.parent).judge([(pair.claim, pair.text) for pair in read_pairs(file)])
    right = [verdict.supports for verdict in verdicts[:6]]
    wrong = [verdict.supports for verdict in verdicts[6:]]
    assert sum(right) / len(right) > sum(wrong) / len(wrong) + 0.2
    again = train_judge([file], tmp_path / "again", str(tmp_path / "judge"), 1, 1e-5)
    assert isinstance(again, JudgeModel)


def test_pairs_are_read_plain_and_gzipped(tmp_path: Path) -> None:
    """With label, kind, headline and a larger judge's scores, where they are given."""
    record = {"claim": "A", "evidence": "B", "title": "T", "label": "PARTIAL", "kind": "scope", "scores": [1, 2, 3]}
    plain = write(tmp_path / "plain.jsonl", [record])
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_pairs(plain) == read_pairs(packed) == [Pair("A", "B", "T", 3, (1.0, 2.0, 3.0), "scope")]
    assert read_pairs(plain)[0].text == "T\nB"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("no JSON", "line"),
        ('{"claim": "A"}', "line 2"),
        ('{"claim": "A", "evidence": "B"}', "a label or three scores"),
        ('{"claim": "A", "evidence": "B", "label": "MAYBE"}', "MAYBE"),
        ('{"claim": "A", "evidence": "B", "scores": [1]}', "three scores"),
    ],
)
def test_what_cannot_be_learnt_from_is_told(tmp_path: Path, line: str, told: str) -> None:
    """Where it stands and what is wrong; never a traceback."""
    file = write(tmp_path / "pairs.jsonl", pairs()[:1])
    file.write_text(file.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match=told):
        read_pairs(file)


def test_nothing_to_learn_is_told(tiny_bert: Path, tmp_path: Path) -> None:
    """An empty file trains nothing."""
    with pytest.raises(TrainingDataError, match="no pair"):
        train_judge([write(tmp_path / "none.jsonl", [])], tmp_path / "out", str(tiny_bert))
