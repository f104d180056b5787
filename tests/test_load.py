"""Many clients at once get right answers, also while articles are taken in. `tests.load` and `tests.crowd` measure."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests import crowd
from tests.kills.articles import generated_article, record
from tests.load import measure, read_questions, show
from tests.support import SAMPLE, newsdesk


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, tiny_models: list[str]) -> Path:
    """The articles of the sample as anybody's: samples would leave. To be copied."""
    data = tmp_path_factory.mktemp("filled") / "data"
    done = newsdesk("ingest", SAMPLE / "articles.jsonl", "--data", data, NEWSDESK_MODEL=tiny_models[0])
    assert done.returncode == 0, done.stderr
    return data


def test_every_answer_is_right_under_load(filled: Path, tmp_path: Path, tiny_models: list[str]) -> None:
    """Four clients, without and with 20 articles coming in: each answer is its question's, each quote is in its place."""
    data = Path(shutil.copytree(filled, tmp_path / "data"))
    model = {"NEWSDESK_MODEL": tiny_models[0]}
    more = tmp_path / "more.jsonl"
    more.write_text("".join(json.dumps(record(generated_article(number, 0))) + "\n" for number in range(20)))
    result = measure(data, read_questions(SAMPLE / "questions.jsonl", 20), more, clients=4, seconds=2, **model)
    show(result)
    assert result["faults"] == []
    assert result["alone"]["answers"] >= 4
    assert result["beside ingest"]["answers"] >= 4
    assert result["service_exit_code"] == 0
    assert result["ingest_exit_code"] in (None, 0)


def test_nothing_is_lost_when_a_busy_service_is_killed(filled: Path, tmp_path: Path, tiny_models: list[str]) -> None:
    """Six clients ask and search while articles are posted and the service is killed: no wrong answer, no lost article.

    What goes wrong is a refused connection while it is down, or a word to come back later, and nothing else.
    """
    data, model = Path(shutil.copytree(filled, tmp_path / "data")), {"NEWSDESK_MODEL": tiny_models[0]}
    questions = read_questions(SAMPLE / "questions.jsonl", 20)
    articles = [record(generated_article(number, 0)) for number in range(60)]
    result = crowd.measure(
        data, questions, articles, clients=(6,), seconds=4, requests=96, tell=crowd.show_phase, **model
    )
    assert crowd.faults_in(result) == []
    assert result["exit_code"] == 0
    killed = result["killed half-way"]
    assert killed["ask"]["answers"]
    assert killed["search"]["answers"]
    assert killed["down_seconds"] > 0
