"""One evaluation from the questions to the report: puts the rooms together. Read `run_evaluation` from top to bottom."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from eval.measure.outcome import Outcome
from eval.report.figures import Cost, Data, Subject, build_report
from eval.run.ask_all import Askable, Mode, drawn, evaluate, to_be_refused
from eval.run.journal import Journal
from eval.sets.folder import EvalFolder, EvalQuestion, Splits, content_hash, load_folder, load_splits, members
from eval.sets.squad import is_squad, squad_folder
from eval.speed.bench import peak_memory_mb
from newsdesk import __version__
from newsdesk.errors import ArticleNotFound, WrongUse
from newsdesk.progress import progress
from newsdesk.settings import Settings, load_settings
from newsdesk.types import Caution
from newsdesk.wording.counted import counted
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from datetime import date

    from eval.run.archive import Readings
    from eval.run.judge import Judge

_SHOWN_WARNINGS = 20
_LOOKED_FOR = 20  # gold articles that a service is asked for


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for on the command line."""

    folder: Path
    data: Path | None = None
    url: str | None = None
    articles: Path | None = None
    expect_refusal: bool = False
    splits: Path | None = None
    limit: int | None = None
    seed: int = 0
    mode: Mode = "extractive"
    caution: Caution = "normal"
    vectors: bool = True
    judge: bool = True


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who is asked, and what is known about it."""

    engine: Askable
    model: str
    newest: date | None
    state: str
    """Changes when its answers may."""
    cost: Cost
    reader: str = ""
    rejected: int = 0
    """Articles that could not be taken in."""
    url: str | None = None
    """Address of the service that was asked, without its password; None when this process answered."""
    missing: int = 0
    """Vectors that a service has not made yet."""


def run_evaluation(
    plan: Plan,
    deliver: Callable[[dict[str, Any]], object] = lambda report: None,
    readings: Readings | None = None,
) -> dict[str, Any]:
    """Checks everything, makes the archive, asks every question, and gives the report.

    `deliver` is handed the report too; only when it is done does the run count as finished, so that answers that
    could not be written down need not be asked again.

    What is read goes into `readings`, and what is there is not read again: for evaluations of the same archive one
    after the other, of which nobody wants to know how long they took.
    """
    _check(plan)
    settings = load_settings(data=plan.data)
    with ExitStack() as stack:
        where = plan.folder
        if where.is_file():
            where = Path(stack.enter_context(TemporaryDirectory(prefix="newsdesk-squad-")))
            squad_folder(plan.folder, where)
        folder = load_folder(where, str(plan.folder))
        splits = _splits(plan, where)
        articles = plan.articles or folder.articles
        # What a service holds is not known to be what the folder holds.
        articles_hash = "" if plan.url else content_hash(articles) if plan.articles else folder.articles_hash
        judge = _judge(settings, stack) if plan.judge else None
        asked = (
            _service(plan.url, settings.service_key.get_secret_value(), stack)
            if plan.url
            else _archive(plan, settings, articles, articles_hash, stack, readings)
        )

        questions = drawn(folder.questions, plan.limit, plan.seed)
        if plan.expect_refusal:
            questions = to_be_refused(questions)
        warnings = _warnings(plan, folder, splits, asked)
        journal = stack.enter_context(Journal(_journal_file(plan, settings, asked, folder, articles_hash)))
        began = time.monotonic()
        outcomes = _ask(plan, asked, questions, journal, judge)
        seconds = round(time.monotonic() - began, 1)
        late = _without_vectors(outcomes) if plan.vectors else []
        _tell(late)

        belongs = members(splits, [question.id for question in folder.questions])
        outcomes = [replace(outcome, splits=belongs[outcome.id]) for outcome in outcomes]
        data = Data(
            folder.questions_hash, articles_hash, len(outcomes), len(folder.questions), plan.seed, (*warnings, *late)
        )
        memory = None if plan.url else round(peak_memory_mb(), 1)
        cost = replace(asked.cost, seconds=seconds, peak_memory_mb=memory)
        report = build_report(_name(plan), outcomes, _subject(plan, asked, judge), data, cost)
        deliver(report)
        journal.finish()
        return report


def _subject(plan: Plan, asked: _Asked, judge: Judge | None) -> Subject:
    return Subject(
        __version__, asked.model, asked.url, plan.mode, plan.caution, plan.vectors, judge.name if judge else None,
        plan.expect_refusal, asked.reader,
    )  # fmt: skip


def _check(plan: Plan) -> None:
    """Raises WrongUse for options that cannot be meant together."""
    if plan.url and (plan.data or not plan.vectors):
        raise WrongUse("--url asks a running service, which has its own archive. Leave out --data and --no-vectors.")
    if plan.expect_refusal and not (plan.articles or plan.url):
        raise WrongUse("--expect-refusal needs --articles FILE: articles that do not answer the questions.")
    if plan.articles and not (plan.articles.exists()):
        raise WrongUse(f"--articles names {plan.articles}, which is not there. Name a file or folder of articles.")
    if plan.url and plan.articles:
        raise WrongUse("--url asks a running service, which has its own articles. Leave out --articles.")
    if plan.folder.is_file() and not is_squad(plan.folder):
        raise WrongUse(f"{plan.folder} is a file, but not in SQuAD's form. Name a folder (docs/evaluation.md).")
    if not plan.folder.exists():
        raise WrongUse(f"{plan.folder} is not there. Name a folder with articles and questions (docs/evaluation.md).")


def _splits(plan: Plan, folder: Path) -> Splits:
    own = folder / "splits.json"
    return load_splits(plan.splits) if plan.splits else load_splits(own) if own.exists() else {}


def _judge(settings: Settings, stack: ExitStack) -> Judge | None:
    """The LLM of the settings, if one is set."""
    if not settings.judge_named:
        return None
    from eval.run.judge import Judge

    if not settings.judge:
        print(f'judge_url and judge_model will go. Write judge = "{settings.judge_named}".', file=sys.stderr)
    judge = Judge(settings.judge_named, settings.judge_key.get_secret_value())
    stack.callback(judge.close)
    return judge


def _archive(
    plan: Plan, settings: Settings, articles: Path, articles_hash: str, stack: ExitStack, readings: Readings | None
) -> _Asked:
    """The archive of these articles, in the cache or where --data says."""
    from eval.run.archive import LocalEngine, Remembering, build, folder_for, index_bytes
    from index.read.reader import reader_key

    # Never in the database that holds somebody's archive.
    settings = load_settings(data=plan.data or folder_for(articles_hash, settings.model), catalogue="")
    ready = build(settings, articles, plan.vectors, throw_away=not plan.data)
    stack.callback(ready.archive.close)
    cost = Cost(
        seconds=0.0,
        index_bytes=index_bytes(settings.data),
        articles_per_second=ready.built.articles_per_second,
        passages_per_second=ready.built.passages_per_second,
        built="made in this run" if ready.made else "reused",
    )
    archive = ready.archive
    engine = archive.engine
    if readings is not None and archive.reader is not None:
        engine = archive.engine_with(Remembering(archive.reader, readings))
    reader = reader_key(settings.reader)
    state = f"{settings.data.resolve()} {archive.catalogue.changes.last()} {reader}"
    newest = archive.catalogue.newest_day()
    return _Asked(LocalEngine(archive, engine), settings.model, newest, state, cost, reader, ready.rejected)


def _service(url: str, key: str, stack: ExitStack) -> _Asked:
    """A running service with its own articles; `key` is shown to it, if there is one."""
    from eval.run.remote import RemoteEngine

    engine = RemoteEngine(url, key)
    stack.callback(engine.close)
    about = engine.about()
    return _Asked(
        engine,
        str(about.get("model", "")),
        engine.newest_day(),
        f"{engine.url} {about}",
        Cost(seconds=0.0),
        url=engine.url,
        missing=max(0, int(about["vectors"]["total"]) - int(about["vectors"]["done"])),
    )


def _journal_file(plan: Plan, settings: Settings, asked: _Asked, folder: EvalFolder, articles_hash: str) -> Path:
    """Named by all that an outcome depends on."""
    from eval.run.archive import journal_for

    judge = settings.judge_named if plan.judge else ""
    return journal_for(
        (folder.questions_hash, articles_hash, asked.state, asked.model, plan.mode, plan.caution, plan.vectors,
         plan.expect_refusal, plan.limit, plan.seed, judge)
    )  # fmt: skip


def _ask(
    plan: Plan, asked: _Asked, questions: list[EvalQuestion], journal: Journal, judge: Judge | None
) -> list[Outcome]:
    before = sum(question.id in journal.done for question in questions)
    if before:
        print(
            f"Going on: {before:,} of {counted(len(questions), 'question')} had been asked before an interruption.",
            file=sys.stderr,
        )
    with progress("Asking", "question") as report:
        return evaluate(
            asked.engine, questions, journal,
            newest=asked.newest, mode=plan.mode, caution=plan.caution, judge=judge, on_progress=report,
        )  # fmt: skip


def _warnings(plan: Plan, folder: EvalFolder, splits: Splits, asked: _Asked) -> list[str]:
    """What is odd about the data, to be seen in the report and said once."""
    found = list(folder.warnings) if not plan.articles else []
    ids = [question.id for question in folder.questions]
    for name, entries in splits.items():
        found += [
            f"split {name}: no question is, or begins with, {quoted(each)}." for each in entries if not _any(ids, each)
        ]
    if plan.url:
        found += _foreign(asked.engine, folder.questions)
    if asked.rejected:
        found.append(f"{counted(asked.rejected, 'article')} could not be taken in: standard error says why.")
    if asked.missing:
        found.append(
            f"{counted(asked.missing, 'vector of the service is', 'vectors of the service are')} not made yet: some is found by keyword alone."
        )
    _tell(found)
    return found


def _without_vectors(outcomes: Sequence[Outcome]) -> list[str]:
    """A warning when answers were found without the vectors that should have helped, as of a service that just started."""
    number = sum(any(kind == "keyword_only" for kind, _ in outcome.notes) for outcome in outcomes)
    if not number:
        return []
    return [
        f"{number:,} of {counted(len(outcomes), 'question')} {'was' if number == 1 else 'were'} asked by keyword alone, for the vectors were not ready yet. "
        "Run it again in a while."
    ]


def _tell(warnings: Sequence[str]) -> None:
    for text in warnings[:_SHOWN_WARNINGS]:
        print(f"warning: {text}", file=sys.stderr)
    if len(warnings) > _SHOWN_WARNINGS:
        print(f"warning: ... and {len(warnings) - _SHOWN_WARNINGS:,} more, in the report", file=sys.stderr)


def _foreign(engine: Askable, questions: Sequence[EvalQuestion]) -> Iterator[str]:
    """A warning when the service holds other articles than the folder, going by the first gold ones."""
    gold = list(dict.fromkeys(item.article_id for question in questions for item in question.gold))[:_LOOKED_FOR]
    if gold and not any(_holds(engine, article_id) for article_id in gold):
        yield f"The service holds none of the first {len(gold)} gold articles. Does it have the articles of this folder?"


def _holds(engine: Askable, article_id: str) -> bool:
    try:
        return bool(engine.paragraphs(article_id))
    except ArticleNotFound:
        return False


def _any(ids: list[str], entry: str) -> bool:
    return any(id_.startswith(entry) for id_ in ids)


def _name(plan: Plan) -> str:
    name = plan.folder.resolve().name
    return f"{name} over {plan.articles.name}" if plan.articles else name
