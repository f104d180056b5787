"""Training a tiny reader for real."""

from __future__ import annotations

import json
import math
import random
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from index.read.training.train import CHECKPOINT, Plan, _batches, _Taught, train
from index.read.windows import Tokens
from newsdesk.errors import ModelError, TrainingDataError
from tests.index.read.training.world import OWN, TOKENIZER, example, record, write
from tests.support import Process

TRAIN = """
import sys
from pathlib import Path
from index.read.training.train import Plan, train

def after_a_step(done, total):
    if done == 3:
        print(total, flush=True)
        input()

train(Plan(((sys.argv[1], 2.0),), start=sys.argv[2], tokens_per_batch=300), Path(sys.argv[3]), after_a_step, 0)
"""


@pytest.fixture
def plan(tmp_path: Path, tiny_bert: Path) -> Plan:
    """Two passes over the own examples from the tiny BERT, in many small steps; equal to that of TRAIN."""
    return Plan(((str(write(tmp_path / "own.jsonl", OWN)), 2.0),), start=str(tiny_bert), tokens_per_batch=300)


def weights(folder: Path) -> bytes:
    """The trained weights, to the bit."""
    return (folder / "model.safetensors").read_bytes()


def test_equal_plans_give_equal_weights(plan: Plan, tmp_path: Path) -> None:
    """A training can be repeated to the bit; another seed gives another reader."""
    for name, each in (("a", plan), ("b", plan), ("c", replace(plan, seed=1))):
        train(each, tmp_path / name)
    assert weights(tmp_path / "a") == weights(tmp_path / "b")
    assert weights(tmp_path / "a") != weights(tmp_path / "c")


def test_a_finished_training_is_not_repeated(plan: Plan, tmp_path: Path) -> None:
    """The same call again takes no step and says what was trained; with the weights gone, or another plan, it trains."""
    steps: list[int] = []

    def again(each: Plan) -> dict[str, Any]:
        steps.clear()
        return train(each, tmp_path / "out", lambda done, total: steps.append(done))

    first = again(plan)
    made = weights(tmp_path / "out")
    assert again(plan) == json.loads(json.dumps(first))
    assert not steps
    (tmp_path / "out" / "model.safetensors").unlink()
    again(plan)
    assert steps
    assert weights(tmp_path / "out") == made
    again(replace(plan, seed=1))
    assert steps
    assert weights(tmp_path / "out") != made


def test_another_reader_in_the_starting_folder_is_trained_further(plan: Plan, tiny_bert: Path, tmp_path: Path) -> None:
    """Though its folder has the same name: a training is finished only for the weights that it started from."""
    start = tmp_path / "start"
    shutil.copytree(tiny_bert, start)
    second = replace(plan, start=str(start))
    train(second, tmp_path / "out")
    made = weights(tmp_path / "out")
    train(replace(plan, seed=3), start)
    train(second, tmp_path / "out")
    assert weights(tmp_path / "out") != made


def test_a_killed_training_goes_on(plan: Plan, tmp_path: Path) -> None:
    """After kill -9 the same call goes on from the checkpoint, and its reader is that of a training in one piece."""
    out = tmp_path / "killed"
    with Process(TRAIN, plan.files[0][0], plan.start, out) as other:
        total = int(other.line())
        other.kill()
    assert (out / CHECKPOINT).is_file()
    assert not (out / "model.safetensors").exists()

    steps: list[tuple[int, int]] = []
    done = train(plan, out, lambda done, total: steps.append((done, total)))
    whole = train(plan, tmp_path / "whole")
    assert steps[0] == (3, total), "the third step was done, but not yet kept"
    assert steps[-1] == (total, total)
    assert weights(out) == weights(tmp_path / "whole")
    assert done["loss"] == whole["loss"]
    assert sorted(each.name for each in out.iterdir()) == sorted(each.name for each in (tmp_path / "whole").iterdir())


def test_a_checkpoint_of_another_training_is_refused(plan: Plan, tmp_path: Path) -> None:
    """Options or questions that changed are not mixed in; what to do is said, and the checkpoint stays."""
    with pytest.raises(KeyboardInterrupt):
        train(plan, tmp_path / "out", stop_at(3), 0)
    kept = (tmp_path / "out" / CHECKPOINT).read_bytes()
    for other in (replace(plan, seed=1), replace(plan, rate=1e-3), replace(plan, files=((plan.files[0][0], 1.0),))):
        with pytest.raises(
            TrainingDataError, match=r"other files or options\. Repeat them to go on with it, or delete it"
        ):
            train(other, tmp_path / "out")
    write(Path(plan.files[0][0]), OWN[1:])
    with pytest.raises(TrainingDataError, match="other files or options"):
        train(plan, tmp_path / "out")
    assert (tmp_path / "out" / CHECKPOINT).read_bytes() == kept


def stop_at(step: int) -> Any:
    """Progress that is interrupted."""

    def progress(done: int, total: int) -> None:
        if done == step:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("damage", [lambda data: data[:-100], lambda data: b"", lambda data: b"x" * len(data)])
def test_a_damaged_checkpoint_is_told(plan: Plan, tmp_path: Path, damage: Any) -> None:
    """One error that says what to do."""
    with pytest.raises(KeyboardInterrupt):
        train(plan, tmp_path / "out", stop_at(2), 0)
    file = tmp_path / "out" / CHECKPOINT
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(TrainingDataError, match=r"checkpoint.pt is damaged. Delete it"):
        train(plan, tmp_path / "out")


def toy(count: int) -> list[Any]:
    """Questions that are answered by the number after "cost", and some whose text has none."""
    rng = random.Random(5)
    things = "loaf ticket crane ship cup lesson painting bridge".split()
    made = []
    for number in range(count):
        thing, price = rng.choice(things), str(rng.randint(10, 99))
        before, after = (" ".join(rng.choices(things, k=rng.randint(2, 8))) for _ in range(2))
        context = f"{before} cost {price} {after}" if number % 4 else f"{before} and {after}"
        made.append(example(str(number), context, f"What did the {thing} cost?", *([price] if number % 4 else [])))
    return made


def test_a_reader_learns(tiny_bert: Path, tmp_path: Path) -> None:
    """The loss on a simple task falls, and what was trained finds answers in texts it never saw, or that there is none."""
    from index.read.reader import Reader, TransformersSpanModel, packaged_fit
    from index.read.windows import Window

    file = str(write(tmp_path / "toy.jsonl", toy(600)))
    done = train(Plan(((file, 8.0),), 0, str(tiny_bert), 1_024, rate=5e-3, head_rate=5e-3), tmp_path / "out")
    assert done["loss"][-1] < done["loss"][0] / 4
    reader = Reader(TransformersSpanModel(str(tmp_path / "out")), packaged_fit())
    asked = "What did the hat cost?"
    paid, free = reader.read([Window(asked, "cup ship crane cost 57 cup cup"), Window(asked, "cup ship and cup cup")])
    assert (paid.spans[0].start, paid.spans[0].end) == (20, 22)
    assert paid.score > 0 > free.score


def test_the_windows_of_a_question_are_in_one_batch() -> None:
    """However long they are and in whatever order they came."""
    taught = [
        _Taught(Tokens((1,) * (9 * (number % 7) + 3), (0,), (), 0), 0, 0, asked=number % 40) for number in range(120)
    ]
    batches = _batches(Plan((), tokens_per_batch=400), list(taught))
    assert sorted(map(id, taught)) == sorted(id(each) for batch in batches for each in batch)
    places = {(each.asked, number) for number, batch in enumerate(batches) for each in batch}
    assert len(places) == 40
    assert len(batches) > 5


def unlabelled(file: Path) -> str:
    """The toy questions without their labels."""
    rows = [{**record(each), "answers": [], "is_impossible": None} for each in toy(400)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(file)


def test_a_teacher_is_followed_where_nothing_is_labelled(tiny_bert: Path, tmp_path: Path) -> None:
    """A reader that never saw a label finds what its teacher would find, or nothing where that finds nothing."""
    from index.read.reader import Reader, TransformersSpanModel, packaged_fit
    from index.read.windows import Window

    labelled, bare = str(write(tmp_path / "toy.jsonl", toy(600))), unlabelled(tmp_path / "bare.jsonl")
    teacher, pupil = tmp_path / "teacher", tmp_path / "pupil"
    train(Plan(((labelled, 8.0),), 0, str(tiny_bert), 1_024, rate=5e-3, head_rate=5e-3), teacher)
    plan = Plan(((bare, 8.0),), 1, str(tiny_bert), 1_024, rate=5e-3, head_rate=5e-3, teacher=str(teacher))
    done = train(plan, pupil)
    assert done["without_answer"] == 0
    paid, free = Reader(TransformersSpanModel(str(pupil)), packaged_fit()).read(
        [Window("What did the hat cost?", text) for text in ("cup ship crane cost 57 cup cup", "cup ship and cup cup")]
    )
    assert (paid.spans[0].start, paid.spans[0].end) == (20, 22)
    assert paid.score > 0 > free.score


def test_an_mpnet_teaches(tiny_bert: Path, tmp_path: Path) -> None:
    """An MPNet is trained from its encoder alone, and then teaches a BERT: their tokens stand at the same places."""
    from transformers import MPNetConfig, MPNetModel

    encoder = tmp_path / "mpnet"
    config = MPNetConfig(
        vocab_size=30_527, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    MPNetModel(config).save_pretrained(encoder)
    shutil.copyfile(tiny_bert / "tokenizer.json", encoder / "tokenizer.json")
    own = str(write(tmp_path / "own.jsonl", OWN))
    train(Plan(((own, 1.0),), start=str(encoder)), tmp_path / "teacher")
    assert (tmp_path / "teacher" / "tokenizer.json").read_bytes() == TOKENIZER.read_bytes()
    plan = Plan(((own, 1.0),), start=str(tiny_bert), teacher=str(tmp_path / "teacher"))
    assert all(map(math.isfinite, train(plan, tmp_path / "pupil")["loss"]))


def test_a_teacher_without_a_head_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    """An encoder alone knows no answers; trained it may teach."""
    from transformers import BertForQuestionAnswering

    encoder = tmp_path / "encoder"
    BertForQuestionAnswering.from_pretrained(tiny_bert).bert.save_pretrained(encoder)
    shutil.copyfile(tiny_bert / "tokenizer.json", encoder / "tokenizer.json")
    plan = Plan(((str(write(tmp_path / "own.jsonl", OWN)), 1.0),), start=str(tiny_bert), teacher=str(encoder))
    with pytest.raises(ModelError, match="train it first"):
        train(plan, tmp_path / "out")


def test_unlabelled_questions_need_a_teacher(tiny_bert: Path, tmp_path: Path) -> None:
    """Without one they are refused, and it is said what to name."""
    plan = Plan(((unlabelled(tmp_path / "bare.jsonl"), 1.0),), start=str(tiny_bert))
    with pytest.raises(TrainingDataError, match="name a teacher"):
        train(plan, tmp_path / "out")


def test_the_record_says_what_was_trained(plan: Plan, tmp_path: Path) -> None:
    """Plan, windows, steps and loss are kept beside the reader; a finished training leaves no checkpoint."""
    reports: list[tuple[int, int]] = []
    done = train(plan, tmp_path / "out", lambda done, total: reports.append((done, total)), 0)
    assert json.loads((tmp_path / "out" / "training.json").read_text()) == json.loads(json.dumps(done))
    assert done["plan"] == asdict(plan)
    assert done["steps"] == len(reports) == reports[-1][1]
    assert 2 * len(OWN) <= done["windows"] <= 2 * 4 * len(OWN)
    assert 2 * 2 <= done["without_answer"] < done["windows"]
    assert all(map(math.isfinite, done["loss"]))
    assert not list((tmp_path / "out").glob("checkpoint*"))


def test_a_trained_reader_is_trained_further(plan: Plan, tmp_path: Path) -> None:
    """What training leaves is what it starts from, also in the same folder; the word vectors stay as they were."""
    import torch
    from safetensors.torch import load_file

    train(plan, tmp_path / "a")
    before = load_file(tmp_path / "a" / "model.safetensors")
    train(replace(plan, start=str(tmp_path / "a")), tmp_path / "b")
    train(replace(plan, start=str(tmp_path / "a")), tmp_path / "a")
    assert weights(tmp_path / "a") == weights(tmp_path / "b")
    after = load_file(tmp_path / "a" / "model.safetensors")
    same = {name for name in after if torch.equal(before[name], after[name])}
    assert "bert.embeddings.word_embeddings.weight" in same
    assert "qa_outputs.weight" not in same
    assert (tmp_path / "a" / "tokenizer.json").read_bytes() == TOKENIZER.read_bytes()


def test_a_part_of_a_pass_takes_a_part_of_the_questions(plan: Plan, tmp_path: Path) -> None:
    """Half a pass sees half the questions, one and a half all of them and half again."""
    file = plan.files[0][0]
    windows = [
        train(replace(plan, files=((file, passes),), tokens_per_batch=5_120), tmp_path / str(passes))["windows"]
        for passes in (0.01, 0.5, 1.0, 1.5)
    ]
    assert 1 <= windows[0] <= 4
    assert windows == sorted(windows)
    assert len(OWN) / 2 <= windows[1] < windows[3]
    assert windows[2] >= len(OWN)


def test_an_answer_late_in_a_long_text_is_taught(plan: Plan, tmp_path: Path) -> None:
    """Of a text that is too long for the model, the part with the answer is learnt from."""
    late = example(
        "late", "the tram was late again and " * 400 + "Ida Brandt was not.", "Who was not late?", "Ida Brandt"
    )
    file = str(write(tmp_path / "late.jsonl", [late]))
    done = train(replace(plan, files=((file, 1.0),)), tmp_path / "out")
    assert done["windows"] - done["without_answer"] == 1


@pytest.mark.parametrize("start", ["nowhere", "empty", "broken", "no tokenizer"])
def test_without_a_model_to_start_from_nothing_is_read(plan: Plan, tiny_bert: Path, tmp_path: Path, start: str) -> None:
    """One error that names the folder and says how a reader comes into being, before the files are looked at."""
    for name in ("empty", "broken", "no tokenizer"):
        (tmp_path / name).mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        data = (tiny_bert / name).read_bytes()
        (tmp_path / "broken" / name).write_bytes(data[:-1_000] if name == "model.safetensors" else data)
        if name != "tokenizer.json":
            (tmp_path / "no tokenizer" / name).write_bytes(data)
    with pytest.raises(ModelError, match=start) as caught:
        train(replace(plan, files=(("nowhere.jsonl", 1.0),), start=str(tmp_path / start)), tmp_path / "out")
    assert ("newsdesk reader train" in str(caught.value)) != (start == "broken")


def test_files_that_teach_nothing_are_told(plan: Plan, tmp_path: Path) -> None:
    """An answer of white space stands in the text, but no token stands for it."""
    file = str(write(tmp_path / "blank.jsonl", [example("1", "Nine red cranes.", "Which?", " ")]))
    with pytest.raises(TrainingDataError, match="teach nothing"):
        train(replace(plan, files=((file, 0.5),)), tmp_path / "out")


def test_a_bad_file_is_told(plan: Plan, tmp_path: Path) -> None:
    """Before the first step."""
    with pytest.raises(TrainingDataError, match=r"nowhere.jsonl cannot be read"):
        train(replace(plan, files=(*plan.files, ("nowhere.jsonl", 1.0))), tmp_path / "out")
