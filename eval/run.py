"""Asks an engine every question of an evaluation folder and reports how well it did."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any, Protocol

from eval.folder import EvalQuestion, Splits, load_questions, load_splits
from eval.metrics import answer_in_best, contained, exact_match, hit, reciprocal_rank, token_f1
from newsdesk.catalogue import Catalogue
from newsdesk.errors import ArticleNotFound
from newsdesk.types import Answer, Caution, Citation, Question

RANKED = 50
"""Passages asked for: the rankings are read off the evidence shown."""
HITS = (1, 4, 10, 20)
BEST = (1, 3, 5, 10)

_MARKERS = re.compile(r"\s*\[\d+\]")


class Engine(Protocol):
    """What is evaluated."""

    catalogue: Catalogue

    def ask(self, question: Question) -> Answer:
        """Answers one question."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question. A measure that does not apply to it is left out of `measures`."""

    id: str
    question: str
    type: str
    splits: tuple[str, ...]
    answerable: bool | None
    answered: bool
    confidence: float
    text: str
    cited: tuple[str, ...]
    ms: float
    measures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes of a run."""

    outcomes: tuple[Outcome, ...]
    settings: dict[str, str] = field(default_factory=dict)

    def groups(self) -> dict[str, list[Outcome]]:
        """All questions; then those of each split, then those of each type, where there is more than one."""
        named: dict[str, list[Outcome]] = {"all": list(self.outcomes)}
        types = sorted({outcome.type for outcome in self.outcomes})
        for name in sorted({split for outcome in self.outcomes for split in outcome.splits}):
            named[f"split {name}"] = [outcome for outcome in self.outcomes if name in outcome.splits]
        for name in types if len(types) > 1 else []:
            named[f"type {name or '(none)'}"] = [outcome for outcome in self.outcomes if outcome.type == name]
        return named

    def as_dict(self) -> dict[str, Any]:
        """Everything, fit for JSON."""
        return {
            "settings": self.settings,
            "figures": {name: figures(outcomes) for name, outcomes in self.groups().items()},
            "questions": [asdict(outcome) for outcome in self.outcomes],
        }

    def table(self) -> str:
        """A line for each figure, a column for each group; shares in per cent."""
        columns = {name: figures(outcomes) for name, outcomes in self.groups().items()}
        rows = [["", *columns]]
        for name in columns["all"]:
            rows.append([name, *(_shown(name, of.get(name)) for of in columns.values())])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(_line(row, widths) for row in rows)


_ALWAYS = ("questions", "words", "ms")  # counts and means; every other figure is a share


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The mean of each measure over the outcomes it applies to, in a fixed order."""
    if not outcomes:
        return {"questions": 0.0}
    found: dict[str, float] = {"questions": float(len(outcomes))}
    for name in MEASURES:
        values = [outcome.measures[name] for outcome in outcomes if name in outcome.measures]
        if values:
            found[name] = mean(values)
    found["ms"] = median(outcome.ms for outcome in outcomes)
    return found


MEASURES = (
    *(f"hit@{k}" for k in HITS),
    "mrr@10",
    *(f"answer in best {k}" for k in BEST),
    *(f"answer in best {k} with headline" for k in BEST),
    "contained",
    "short exact",
    "short f1",
    "words",
    "answered of answerable",
    "refused of unanswerable",
    "right of answered",
    "gold paragraph cited",
    "quotes verbatim",
)
"""In the order of the table. `measure` says what each is."""


def evaluate_folder(
    engine: Engine,
    folder: Path,
    splits: Path | None = None,
    limit: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    caution: Caution = "normal",
) -> Report:
    """Asks the folder's questions (the first `limit`). Splits: the file given, else `splits.json` of the folder.

    The engine has the folder's articles already. Raises EvaluationFolderError.
    """
    questions = load_questions(folder)[:limit]
    own = folder / "splits.json"
    parts = load_splits(splits) if splits else load_splits(own) if own.exists() else {}
    return evaluate(engine, questions, parts, on_progress, caution)


def evaluate(
    engine: Engine,
    questions: Sequence[EvalQuestion],
    splits: Splits | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    caution: Caution = "normal",
) -> Report:
    """Asks every question once. `on_progress(done, total)` counts questions."""
    outcomes = []
    for done, question in enumerate(questions, start=1):
        outcomes.append(_outcome(engine, question, splits or {}, caution))
        on_progress(done, len(questions))
    return Report(tuple(outcomes), {"caution": caution})


def _outcome(engine: Engine, question: EvalQuestion, splits: Splits, caution: Caution) -> Outcome:
    asked = Question(question.question, question.history, question.as_of, caution=caution, top_k=RANKED)
    answer = engine.ask(asked)
    return Outcome(
        id=question.id,
        question=question.question,
        type=question.type,
        splits=tuple(name for name, ids in splits.items() if question.id.startswith(ids)),
        answerable=question.answerable,
        answered=answer.answerable,
        confidence=answer.confidence,
        text=answer.text,
        cited=tuple(f"{cited.article_id}#p{cited.paragraph}" for cited in answer.citations),
        ms=answer.timings_ms.get("total", 0.0),
        measures=measure(question, answer, engine.catalogue),
    )


def measure(question: EvalQuestion, answer: Answer, catalogue: Catalogue) -> dict[str, float]:
    """Every measure that applies to this question.

    Retrieval counts for questions with gold, the answer's text for answerable ones, where a refusal is
    simply not right. "right of answered" counts for what was answered: unanswerable questions are wrong there.
    """
    found: dict[str, float] = {}
    if question.gold:
        found |= _retrieval(question, answer)
    if question.answers and question.answerable is not False:
        found |= _passages(question, answer)
    if question.answerable:
        found |= _answer(question, answer)
    if question.answerable is False:
        found["refused of unanswerable"] = not answer.answerable
    if answer.answerable:
        found["words"] = len(plain(answer).split())
        if question.answerable is not None:
            found["right of answered"] = is_right(question, answer)
    if answer.citations:
        found["quotes verbatim"] = mean(_is_verbatim(catalogue, cited) for cited in answer.citations)
    return {name: float(value) for name, value in found.items()}


def plain(answer: Answer) -> str:
    """The answer's text without its markers; what is quoted may hold brackets of its own."""
    if answer.mode == "extractive" and answer.citations:
        return " ".join(cited.quote for cited in answer.citations)
    return _MARKERS.sub("", answer.text)


def is_right(question: EvalQuestion, answer: Answer) -> bool:
    """Answered, to be answered, and a gold answer stands in the text."""
    return answer.answerable and bool(question.answerable) and contained(plain(answer), question.answers)


def _retrieval(question: EvalQuestion, answer: Answer) -> dict[str, float]:
    ranking = list(dict.fromkeys(item.article_id for item in answer.evidence))
    gold = {item.article_id for item in question.gold}
    found: dict[str, float] = {f"hit@{k}": hit(ranking, gold, k) for k in HITS}
    return found | {"mrr@10": reciprocal_rank(ranking, gold, 10)}


def _passages(question: EvalQuestion, answer: Answer) -> dict[str, float]:
    bare = [item.text for item in answer.evidence]
    headed = [f"{item.title}\n{item.text}" for item in answer.evidence]
    found: dict[str, float] = {f"answer in best {k}": answer_in_best(bare, question.answers, k) for k in BEST}
    return found | {f"answer in best {k} with headline": answer_in_best(headed, question.answers, k) for k in BEST}


def _answer(question: EvalQuestion, answer: Answer) -> dict[str, float]:
    found: dict[str, float] = {"answered of answerable": answer.answerable, "contained": is_right(question, answer)}
    if answer.short_answer:
        found["short exact"] = exact_match(answer.short_answer, question.answers)
        found["short f1"] = token_f1(answer.short_answer, question.answers)
    if any(gold.paragraphs for gold in question.gold):
        found["gold paragraph cited"] = any(_is_gold(question, cited) for cited in answer.citations)
    return found


def _is_gold(question: EvalQuestion, cited: Citation) -> bool:
    """Whether the quote stands in a gold paragraph of an article that is cited, or of a copy of it."""
    articles = {cited.article_id, *(copy.article_id for copy in cited.also_in)}
    texts: Iterable[str] = (text for gold in question.gold if gold.article_id in articles for text in gold.paragraphs)
    return any(_squeezed(cited.quote) in _squeezed(text) for text in texts)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _is_verbatim(catalogue: Catalogue, cited: Citation) -> bool:
    try:
        paragraphs = catalogue.article(cited.article_id).paragraphs
    except ArticleNotFound:
        return False
    return cited.paragraph < len(paragraphs) and paragraphs[cited.paragraph][cited.start : cited.end] == cited.quote


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells)


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if name in _ALWAYS else f"{100 * value:.1f}"
