"""`newsdesk eval` from the command line: real archives, a real service, real kills."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from eval.report.figures import without_times
from eval.run.archive import LocalEngine
from eval.run.ask_all import drawn, evaluate
from eval.run.journal import Journal
from eval.sets.folder import load_folder
from index.archive import Archive
from index.read.fit import load_fit
from index.read.reader import WEIGHTS
from tests import warm
from tests.llm_server import LLMServer
from tests.support import ROOT, RunningService, environment, newsdesk, start_service, stop_service, wait_until

SAMPLE = ROOT / "eval" / "sample"


def report_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The report that was printed."""
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_a_run_killed_in_the_middle_goes_on(tmp_path: Path) -> None:
    """After kill -9 the same command asks only the rest; its report is that of a run in one piece, but for times."""
    command = ("eval", SAMPLE, "--no-vectors", "--json", "-", "--limit", 10)
    there = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    with (tmp_path / "said").open("w") as said:
        process = warm.start(["-m", "newsdesk", *command], environment=environment(**there), stderr=said)
        wait_until(lambda: lines_of_journals(tmp_path) >= 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    asked = lines_of_journals(tmp_path)
    assert 1 <= asked < 10, "killed too late to show anything"
    resumed = newsdesk(*command, **there)
    assert f"Going on: {asked} of 10" in resumed.stderr
    assert lines_of_journals(tmp_path) == 0
    whole = newsdesk(*command, **there)
    assert without_times(report_of(resumed)) == without_times(report_of(whole))
    assert report_of(whole)["data"]["asked"] == 10


def lines_of_journals(folder: Path) -> int:
    """Questions that are noted as asked, whole lines only."""
    return sum(file.read_bytes().count(b"\n") for file in folder.glob("cache/newsdesk/eval/runs/*.jsonl"))


def test_every_form_of_the_report(sample_data: Path, tmp_path: Path) -> None:
    """The table on standard output; JSON, page and Markdown in files; splits and retrieval alone."""
    splits = tmp_path / "splits.json"
    splits.write_text('{"first": ["sample:00"], "none": ["nothing:"]}')
    files = {name: tmp_path / f"report.{name}" for name in ("json", "html", "markdown")}
    options = [part for name, file in files.items() for part in (f"--{name}", file)]
    done = newsdesk(
        *("eval", SAMPLE, "--data", sample_data, "--no-vectors", "--mode", "retrieval", "--splits", splits, *options),
        NEWSDESK_READER="none",  # which reports in the same form, and is quick
    )
    assert done.returncode == 0, done.stderr
    assert "hit@10" in done.stdout
    assert "contained" not in done.stdout
    assert "split none: no question is, or begins with, “nothing:”" in done.stderr
    report = json.loads(files["json"].read_text())
    assert report["figures"]["split first"]["hit@10"]["n"] > 0
    assert report["subject"]["mode"] == "retrieval"
    assert files["html"].read_text().startswith("<!doctype html>")
    assert "hit@10" in files["markdown"].read_text()


def test_a_running_service(service: RunningService, sample_archive: Archive, tmp_path: Path) -> None:
    """Asked over HTTP, the service that holds the sample scores as the engine in this process does."""
    remote = report_of(newsdesk("eval", SAMPLE, "--url", service.url, "--limit", 6, "--seed", 3, "--json", "-"))
    questions = drawn(load_folder(SAMPLE).questions, 6, 3)
    with Journal(tmp_path / "run.jsonl") as journal:
        local = evaluate(LocalEngine(sample_archive), questions, journal, newest=sample_archive.catalogue.newest_day())
    assert remote["subject"]["url"] == service.url
    assert [each["id"] for each in remote["questions"]] == [each.id for each in local]
    assert remote["figures"]["all"]["quotes verbatim"]["value"] == 1
    # Chroma's approximate search may order what is further down otherwise.
    assert [each["text"] for each in remote["questions"]] == [each.text for each in local]


def test_other_articles_and_a_squad_file(tmp_path: Path) -> None:
    """Articles that answer nothing: all is to be refused. A file in SQuAD's form is an evaluation folder."""
    context = "The harbour master of Nebley is Ann Holt, who took office in 2014."
    questions = [
        {"id": "a", "question": "Who is the harbour master of Nebley?", "answers": [{"text": "Ann Holt", "answer_start": 32}]},
        {"id": "b", "question": "Which comet was seen?", "answers": [], "is_impossible": True},
    ]  # fmt: skip
    squad = tmp_path / "dev.json"
    squad.write_text(
        json.dumps(
            {"version": "2", "data": [{"title": "Nebley", "paragraphs": [{"context": context, "qas": questions}]}]}
        )
    )
    found = report_of(newsdesk("eval", squad, "--no-vectors", "--json", "-"))["figures"]["all"]
    assert (found["contained"]["value"], found["paragraph hit@1"]["value"]) == (1, 1)
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"id": "o", "text": "Bread is dearer this year, the office for prices said."}))
    report = report_of(newsdesk("eval", squad, "--no-vectors", "--articles", other, "--expect-refusal", "--json", "-"))
    assert report["figures"]["all"]["refused of unanswerable"]["n"] == 2
    assert "contained" not in report["figures"]["all"]


@pytest.mark.parametrize("form", ["judge", "judge_url and judge_model"])
def test_a_judge(sample_data: Path, form: str) -> None:
    """With an LLM set, answers are judged; the report names it, and neither report nor messages hold its key.

    The settings that named it before `judge` did still do, and it is said what to write instead.
    """
    with LLMServer(lambda messages: "YES" if "YES or NO" in str(messages) else "4.0\nIt agrees.") as llm:
        new = f"openai-like:{llm.url}#judge-1"
        variables = {
            "judge": {"NEWSDESK_JUDGE": new},
            "judge_url and judge_model": {"NEWSDESK_JUDGE_URL": llm.url, "NEWSDESK_JUDGE_MODEL": "judge-1"},
        }[form]
        options = ("--data", sample_data, "--no-vectors", "--limit", 3, "--json", "-")
        done = newsdesk("eval", SAMPLE, *options, NEWSDESK_JUDGE_KEY="s3cret", **variables)
    report = report_of(done)
    assert report["subject"]["judge"] == "judge-1"
    assert report["figures"]["all"]["faithful (judged)"]["value"] == 1
    assert "s3cret" not in done.stdout + done.stderr
    assert (f'{form} will go. Write judge = "{new}"' in done.stderr) == (form != "judge")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((SAMPLE, "--expect-refusal"), "--articles"),
        ((SAMPLE, "--url", "http://127.0.0.1:9", "--data", "x"), "--data"),
        ((SAMPLE, "--articles", "nowhere.jsonl"), "nowhere.jsonl"),
        (("nowhere",), "nowhere"),
        ((SAMPLE / "questions.jsonl",), "SQuAD"),
        ((SAMPLE, "--html", "nowhere/report.html"), "--html"),
        ((SAMPLE, "--splits", "nowhere.json"), "nowhere.json"),
        ((SAMPLE, "--mode", "guess"), "guess"),
        ((SAMPLE, "--limit", "0"), "--limit"),
    ],
)
def test_wrong_use_is_said_before_any_work(options: tuple[object, ...], said: str) -> None:
    """One message, exit code 2, no traceback."""
    done = newsdesk("eval", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "Reading" not in done.stderr


def test_an_llm_that_is_not_there_is_not_pretended(sample_data: Path) -> None:
    """`--mode llm` stops at the first answer that came without one, every time."""
    done = newsdesk("eval", SAMPLE, "--data", sample_data, "--no-vectors", "--mode", "llm", "--limit", 2)
    assert done.returncode == 2
    assert "there is no LLM" in done.stderr


def test_a_service_with_other_articles_is_noticed(service: RunningService, tmp_path: Path) -> None:
    """Figures of a service that never had the folder's articles are all wrong; that is said."""
    (tmp_path / "articles.jsonl").write_text('{"id": "elsewhere", "text": "Bread is dearer."}')
    evidence = [{"article_id": "elsewhere", "kind": "gold_fact"}]
    asked = {"id": "q", "question": "What is dearer?", "answers": ["bread"], "evidence": evidence, "answerable": True}
    (tmp_path / "questions.jsonl").write_text(json.dumps(asked))
    done = newsdesk("eval", tmp_path, "--url", service.url)
    assert done.returncode == 0, done.stderr
    assert "holds none of the first 1 gold articles" in done.stderr


def test_a_service_without_its_vectors_is_noticed(tmp_path: Path) -> None:
    """It just started, or embeds still: what it is worth by keyword alone must not pass for all it is worth."""
    done = newsdesk("ingest", SAMPLE / "articles.jsonl", "--no-vectors", "--data", tmp_path / "data")
    assert done.returncode == 0, done.stderr
    process, url = start_service(tmp_path / "data", tmp_path / "log", NEWSDESK_EMBED_IN_BACKGROUND="false")
    try:
        done = newsdesk("eval", SAMPLE, "--url", url, "--limit", 2, "--json", "-")
    finally:
        stop_service(process)
    warnings = report_of(done)["data"]["warnings"]
    assert any("2 of 2 questions were asked by keyword alone" in text for text in warnings), warnings
    assert any("vectors of the service are not made yet" in text for text in warnings), warnings
    assert all(f"warning: {text}" in done.stderr for text in warnings)


def test_a_fit_is_learnt_and_written_beside_its_reader(sample_data: Path, tmp_path: Path) -> None:
    """Order, choice and confidence go into the reader's own fit.json with the sentence given; its bound stays."""
    own = tmp_path / "own"
    shutil.copytree(WEIGHTS, own, ignore=shutil.ignore_patterns("*.md"))
    before = load_fit(own)
    learning = (
        "eval",
        "fit",
        SAMPLE,
        "--data",
        sample_data,
        "--no-vectors",
        "--only",
        "sample:00",
        "--only",
        "sample:01",
    )
    done = newsdesk(*learning, "--write", "--note", "A few of the sample.", NEWSDESK_READER=str(own))
    assert done.returncode == 0, done.stderr
    assert "cross-validated area under the ROC curve" in done.stdout
    after = load_fit(own)
    assert before is not None
    assert after is not None
    assert (after.given_above, after.note) == (before.given_above, "A few of the sample.")
    assert after.order != before.order
    assert after.choice != before.choice
    assert after.confidence != before.confidence


def test_what_nothing_can_be_learnt_from_is_said(sample_data: Path) -> None:
    """No reader, an archive without a folder, and questions that teach nothing: told in a sentence, with what to do."""
    without = newsdesk("eval", "fit", SAMPLE, "--data", sample_data, NEWSDESK_READER="none")
    assert (without.returncode, "there is nothing to fit" in without.stderr) == (2, True)
    astray = newsdesk("eval", "fit", SAMPLE, "--data", sample_data, "--data", sample_data)
    assert "There are 2 archives for 1 folders" in astray.stderr
    one = newsdesk("eval", "fit", SAMPLE, "--data", sample_data, "--no-vectors", "--only", "sample:001")
    assert "Nothing can be learnt from these folders" in one.stderr
    nobody = newsdesk("eval", "fit", SAMPLE, "--data", sample_data, "--only", "simple:")
    assert "No question's id begins with simple:" in nobody.stderr
    assert "Traceback" not in nobody.stderr + without.stderr + astray.stderr + one.stderr
