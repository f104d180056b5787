"""What readers said about answers becomes an evaluation folder, and that folder can be evaluated."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from eval.sets.folder import load_questions
from eval.sets.from_feedback import Exported, export_feedback
from ingest.formats.jsonl import read_jsonl
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.feedback import FeedbackStore
from newsdesk.errors import WrongUse
from newsdesk.feedback import Feedback, Found, Quoted
from newsdesk.types import Turn
from tests.support import RunningService, article, day, newsdesk, one_each

STRIKE = "Who conducted the joint strike on al-Bab?"
NOBODY = "Who won the 2018 World Cup?"

TRAM = article(
    "tram/1", "The tram stopped.", "Nobody was hurt, its driver said.", source="Courier", url="https://courier.example/1",
    authors=("Åsa Nyström", "Ilse Brandt"), published=day("2021-03-02"),
)  # fmt: skip
BUS = article("bus", "A bus came instead.")
HURT = TRAM.paragraphs[1]
UP = Feedback(
    "Was anybody hurt?", "up", True, f"{HURT} [1]", 0.8, "extractive",
    citations=(Quoted(TRAM.id, 1, HURT, 0, len(HURT)),), evidence=(Found(TRAM.id, (0, 1)),),
)  # fmt: skip
REFUSED = Feedback(NOBODY, "up", False, "The archive does not say.", 0.9, "extractive", evidence=(Found(BUS.id, (0,)),))
GOLD = {"article_id": TRAM.id, "kind": "gold_fact", "paragraphs": [1], "quote": HURT}


@pytest.fixture
def store(catalogue: Catalogue) -> FeedbackStore:
    """Over two articles."""
    catalogue.put([TRAM, BUS], one_each)
    return catalogue.feedback


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the questions are to go; it is not there yet."""
    return tmp_path / "folder"


def export(catalogue: Catalogue, folder: Path, evidence_only: bool = False) -> Exported:
    """All feedback of the catalogue."""
    every = None if evidence_only else catalogue.every_article()
    return export_feedback(folder, catalogue.feedback.every(), catalogue.article, every)


def questions(folder: Path) -> list[dict[str, Any]]:
    """As written."""
    return [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("feedback", "question"),
    [
        (UP, {"answers": [HURT], "answerable": True, "evidence": [GOLD]}),
        (replace(UP, short_answer="Nobody"), {"answers": ["Nobody"], "answerable": True, "evidence": [GOLD]}),
        (replace(UP, expected="Not one"), {"answers": ["Not one"], "answerable": True, "evidence": [GOLD]}),
        (replace(UP, mode="llm", short_answer="Somebody"), {"answers": [HURT], "answerable": True, "evidence": [GOLD]}),
        (REFUSED, {"answers": [], "answerable": False, "evidence": []}),
        (replace(UP, verdict="down", expected="All"), {"answers": ["All"], "answerable": True, "evidence": []}),
        (
            replace(REFUSED, verdict="down", expected="France"),
            {"answers": ["France"], "answerable": True, "evidence": []},
        ),
        (
            replace(UP, verdict="down", expected=" "),
            {"answers": [], "answerable": None, "evidence": [{**GOLD, "kind": "thumbs_down"}]},
        ),
        (replace(REFUSED, verdict="down"), {"answers": [], "answerable": None, "evidence": []}),
    ],
)
def test_a_verdict_becomes_a_question(
    store: FeedbackStore, catalogue: Catalogue, folder: Path, feedback: Feedback, question: dict[str, Any]
) -> None:
    """What was found right is gold; what was found wrong is gold only where the reader said what is right."""
    number = store.put(feedback)
    assert export(catalogue, folder) == Exported(1, 2, 0)
    expected = {"id": f"feedback:{number}", "question": feedback.question, "type": f"feedback {feedback.verdict}"}
    assert questions(folder) == [{**expected, **question}]
    [loaded] = load_questions(folder)
    assert [gold.paragraphs for gold in loaded.gold] == [(HURT,)] * (question["evidence"] == [GOLD])


def test_a_conversation_and_a_day_come_along(store: FeedbackStore, catalogue: Catalogue, folder: Path) -> None:
    """The question is asked again as it was asked."""
    store.put(replace(UP, history=(Turn("What stopped?", "The tram."),), as_of=day("2021-03-03"), comment="Good."))
    export(catalogue, folder)
    [loaded] = load_questions(folder)
    assert (loaded.history, loaded.as_of) == ((Turn("What stopped?", "The tram."),), day("2021-03-03"))
    assert questions(folder)[0]["comment"] == "Good."


def test_articles_come_along_as_they_are(store: FeedbackStore, catalogue: Catalogue, folder: Path) -> None:
    """Read back, each is what it was; with evidence_only those that the feedback names."""
    store.put(UP)
    export(catalogue, folder)
    assert list(read_jsonl(folder / "articles.jsonl.gz")) == [TRAM, BUS]
    few = folder.with_name("few")
    assert export(catalogue, few, evidence_only=True) == Exported(1, 1, 0)
    assert list(read_jsonl(few / "articles.jsonl.gz")) == [TRAM]


def test_a_quote_is_looked_for_where_it_is_today(store: FeedbackStore, catalogue: Catalogue, folder: Path) -> None:
    """An article may have changed since: its paragraph has another number, or does not say it any more."""
    store.put(UP)
    catalogue.put([replace(TRAM, paragraphs=("New.", *TRAM.paragraphs))], one_each)
    export(catalogue, folder)
    assert questions(folder)[0]["evidence"] == [{**GOLD, "paragraphs": [2]}]
    catalogue.put([replace(TRAM, paragraphs=("All new.",))], one_each)
    export(catalogue, folder.with_name("later"))
    assert questions(folder.with_name("later"))[0]["evidence"] == [{**GOLD, "paragraphs": []}]


def test_what_a_removal_cut_is_left_out_where_it_says_nothing(
    store: FeedbackStore, catalogue: Catalogue, folder: Path
) -> None:
    """An answer that was right is unknown now; a refusal, and what the reader said, still make a question."""
    both = replace(UP, evidence=(*UP.evidence, Found(BUS.id, (0,))))
    for feedback in (both, replace(both, verdict="down", expected="Two."), replace(both, verdict="down"), REFUSED):
        store.put(feedback)
    catalogue.remove([BUS.id])
    assert export(catalogue, folder) == Exported(3, 1, 1)
    assert [(row["answers"], row["answerable"]) for row in questions(folder)] == [
        (["Two."], True),
        ([], None),
        ([], False),
    ]
    assert questions(folder)[1]["evidence"] == [{"article_id": TRAM.id, "kind": "thumbs_down", "paragraphs": [1]}]
    load_questions(folder)


def test_a_folder_is_never_written_over(store: FeedbackStore, catalogue: Catalogue, folder: Path) -> None:
    """One that holds something, a file, and one that cannot be made: said in a sentence, nothing is touched."""
    store.put(UP)
    folder.mkdir()
    (folder / "questions.jsonl").write_text("mine")
    for where in (folder, folder / "questions.jsonl", folder / "questions.jsonl" / "below"):
        with pytest.raises(WrongUse, match="Name"):
            export(catalogue, where)
    assert (folder / "questions.jsonl").read_text() == "mine"
    (folder / "questions.jsonl").unlink()
    export(catalogue, folder)
    assert {file.name for file in folder.iterdir()} == {"questions.jsonl", "articles.jsonl.gz"}


def test_without_feedback_there_is_nothing_to_write(store: FeedbackStore, catalogue: Catalogue, folder: Path) -> None:
    """It says how to give some, or that what there was lost its article, and leaves no folder behind."""
    with pytest.raises(WrongUse, match="POST /api/feedback"):
        export(catalogue, folder)
    store.put(UP)
    catalogue.remove([TRAM.id])
    with pytest.raises(WrongUse, match="1 lost their article"):
        export(catalogue, folder)
    assert not folder.exists()


def test_a_failure_leaves_nothing_half_written(store: FeedbackStore, catalogue: Catalogue, folder: Path) -> None:
    """The folder stays empty, so the same command can be given again."""
    store.put(UP)

    def broken() -> Any:
        yield TRAM
        raise WrongUse("no more")

    with pytest.raises(WrongUse, match="no more"):
        export_feedback(folder, store.every(), catalogue.article, broken())
    assert list(folder.iterdir()) == []


def test_thumbs_up_are_a_test_that_is_passed(service: RunningService, tmp_path: Path) -> None:
    """Asked and judged over HTTP, exported beside the running service, evaluated: what was right is right again."""
    for question in (STRIKE, NOBODY):
        answer = httpx.post(f"{service.url}/api/ask", json={"question": question}, timeout=60).json()
        given = {"question": question, "verdict": "up", "answer": answer}
        assert httpx.post(f"{service.url}/api/feedback", json=given, timeout=60).status_code == 201
    folder = tmp_path / "folder"
    done = newsdesk("eval", "export-feedback", folder, "--data", service.data, "--json")
    assert done.returncode == 0, done.stderr
    written = json.loads(done.stdout)
    assert (written["articles"], written["left_out"]) == (73, 0)
    assert {question.question for question in load_questions(folder)} >= {STRIKE, NOBODY}
    report = tmp_path / "report.json"
    done = newsdesk(
        "eval", folder, "--no-vectors", "--json", report, "--data", tmp_path / "index", XDG_CACHE_HOME=str(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(report.read_text(encoding="utf-8"))["figures"]["all"]
    assert figures["contained"]["value"] == 1
    assert figures["refused of unanswerable"]["value"] == 1

    done = newsdesk("eval", "export-feedback", folder, "--data", service.data)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not empty" in done.stderr
