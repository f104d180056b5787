"""How many lies of a model get into answers, and how many true sentences are lost.

    python -m tests.lies [--data DATA FOLDER] [--questions 60] [--seed 1] [--json]

A scripted server plays three models: a perfect one, a sloppy one that loses markers and tells loosely, and one that lies
in one sentence of three (tests/liar.py says how). They write of the gold paragraphs of questions, those of the sample or
of the evaluation folder FOLDER, whose articles the archive DATA holds (`newsdesk eval FOLDER --data DATA` makes it).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eval.sets.folder import EvalQuestion, load_questions
from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import CANNOT_ANSWER, Question
from newsdesk.wording.sentences import sentence_spans
from tests.liar import LIES, loosely
from tests.llm_server import LLMServer, Messages
from tests.support import SAMPLE, newsdesk

MODELS = ("perfect", "sloppy", "lying")
SENTENCES = 3
"""Sentences of an answer."""

_LINE = re.compile(r"^\[(\d+)\] \(([^)]*)\) (.*)$", re.MULTILINE)
_MARKERS = ("[{0}]", "[{0}]", "", "[77]", "({0})", "[[{0}]]", "【{0}】", "[{0}, 88]", "[{0}", "[{1}]")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that a model wrote."""

    text: str
    kind: str
    """Of a lie; empty for the truth."""


@dataclass
class Author:
    """One of the three models: writes of the gold paragraphs that are in its prompt, else of the best passage."""

    model: str
    gold: Mapping[str, Sequence[str]]
    """Question -> paragraphs that answer it."""
    seed: int = 1
    told: dict[str, list[Told]] = field(default_factory=dict)
    """Question -> what was written."""

    def speak(self, messages: Messages) -> str:
        """The answer to a prompt."""
        prompt = messages[-1]["content"]
        question = prompt.rpartition("Question: ")[2].partition("\n")[0]
        pick = random.Random(f"{self.seed} {self.model} {question}")
        passages = {int(number): (about, text) for number, about, text in _LINE.findall(prompt)}
        gold = [_flat(text) for text in self.gold.get(question, ())]
        number = next((key for key, (_, text) in passages.items() if any(part in text for part in gold)), 1)
        own = _sentences(passages[number][1])
        first = [text for text in own if any(text in part for part in gold)]
        chosen = [*first, *(text for text in own if text not in first)][:SENTENCES]
        others = [
            text
            for key, (_, passage) in passages.items()
            for text in _sentences(passage)
            if key != number or text in own
        ]
        written, said = [], []
        for sentence in chosen:
            told = self._tell(sentence, [other for other in others if other != sentence], passages[number][0], pick)
            marker = pick.choice(_MARKERS) if self.model == "sloppy" else "[{0}]"
            said.append(told)
            written.append(f"{told.text} {marker.format(number, number % len(passages) + 1)}".strip())
        self.told[question] = said
        return " ".join(written) or CANNOT_ANSWER

    def _tell(self, sentence: str, others: Sequence[str], about: str, pick: random.Random) -> Told:
        if self.model == "perfect":
            return Told(sentence, "")
        if self.model == "lying" and pick.random() < 1 / 3:
            for kind in pick.sample(list(LIES), len(LIES)):
                lie = LIES[kind](sentence, others, pick)
                if lie is not None and _bare(lie) != _bare(sentence):
                    return Told(lie, kind)
        day, _, outlet = about.partition(", ")
        origin = (
            pick.choice(["", "", "", f"According to {outlet},", f"On {day},"]) if outlet and day != "undated" else ""
        )
        return Told(loosely(sentence, pick, origin), "")


@dataclass
class Counts:
    """What became of what a model wrote."""

    questions: int = 0
    true: int = 0
    true_removed: int = 0
    false: int = 0
    false_kept: int = 0
    kept_by_kind: Counter[str] = field(default_factory=Counter)
    by_kind: Counter[str] = field(default_factory=Counter)
    mistakes: list[str] = field(default_factory=list)

    def add(self, told: Sequence[Told], text: str, why: Mapping[str, str]) -> None:
        """Counts the sentences of an answer whose text is `text`; `why` says of removed ones why."""
        self.questions += 1
        shown = _bare(text)
        for each in told:
            kept = _bare(each.text) in shown
            if each.kind:
                self.by_kind[each.kind] += 1
                self.kept_by_kind[each.kind] += kept
                self.false, self.false_kept = self.false + 1, self.false_kept + kept
            else:
                self.true, self.true_removed = self.true + 1, self.true_removed + (not kept)
            if kept == bool(each.kind):
                self.mistakes.append(f"{each.kind or 'true'}: {each.text} -- {why.get(_bare(each.text), '')}")

    def line(self) -> str:
        """In words."""
        false = (
            f"{self.false_kept} of {self.false} lies kept ({_share(self.false_kept, self.false)}), "
            if self.false
            else ""
        )
        true = f"{self.true_removed} of {self.true} true sentences removed ({_share(self.true_removed, self.true)})"
        return f"{false}{true}, {self.questions} questions"


def measure(data: Path, questions: Sequence[EvalQuestion], model: str, seed: int = 1) -> Counts:
    """Asks the archive the questions with a model of MODELS behind it; those that the archive cannot answer ask no LLM."""
    gold = {each.question: [text for gold in each.gold for text in gold.paragraphs] for each in questions}
    author, counts = Author(model, gold, seed), Counts()
    with LLMServer(author.speak) as server:
        archive = Archive(Settings(data=data, llm=f"openai-like:{server.url}#{model}"), create=False)
        archive.load()
        for each in questions:
            answer = archive.engine.ask(Question(each.question, as_of=each.as_of, caution="low"))
            told = author.told.get(each.question)
            if told:
                why = {_bare(each.text): each.reason for each in answer.removed}
                counts.add(told, answer.text if answer.mode == "llm" else "", why)
        archive.close()
    return counts


def standing_alone(folder: Path, many: int, seed: int) -> list[EvalQuestion]:
    """Questions of a folder that know their paragraphs and need no conversation."""
    fit = [
        each
        for each in load_questions(folder)
        if each.answerable and not each.history and any(g.paragraphs for g in each.gold)
    ]
    return random.Random(seed).sample(fit, min(many, len(fit)))


def _sentences(text: str) -> list[str]:
    found = [text[start:end] for start, end in sentence_spans(text)]
    return [each for each in found if 6 <= len(each.split()) <= 45 and each[0].isupper() and each[-1] in '.”"']


def _flat(text: str) -> str:
    return " ".join(text.split())


def _bare(text: str) -> str:
    """Letters and figures alone: what is removed or kept is told by them."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"\[\d+\]", "", text).casefold()))


def _share(some: int, every: int) -> str:
    return f"{100 * some / every:.1f} %" if every else "-"


def _run(data: Path, folder: Path, many: int, seed: int) -> Iterator[tuple[str, Counts]]:
    questions = standing_alone(folder, many, seed)
    for model in MODELS:
        yield model, measure(data, questions, model, seed)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.lies", description=__doc__.partition("\n")[0])
    parser.add_argument("--data", nargs=2, type=Path, metavar=("DATA", "FOLDER"), help="archive and its questions")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument("--mistakes", action="store_true", help="print what was judged wrongly")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        data, folder = given.data or (Path(made) / "sample", SAMPLE)
        if not given.data:
            newsdesk("sample", "--data", data)
        for model, counts in _run(data, folder, given.questions, given.seed):
            print(json.dumps({"model": model, **vars(counts)}) if given.json else f"{model}: {counts.line()}")
            if given.mistakes:
                print("\n".join(f"    {each}" for each in counts.mistakes))


if __name__ == "__main__":
    main()
