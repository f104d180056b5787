"""Many clients at once get right answers, also while articles are taken in. `python -m tests.load` measures."""

from __future__ import annotations

import json
from pathlib import Path

from tests.kills.articles import generated_article, record
from tests.load import measure, read_questions, show
from tests.support import SAMPLE, newsdesk


def test_every_answer_is_right_under_load(tmp_path: Path, tiny_models: list[str]) -> None:
    """Four clients, without and with 20 articles coming in: each answer is its question's, each quote is in its place."""
    data = tmp_path / "data"
    model = {"NEWSDESK_MODEL": tiny_models[0]}
    filled = newsdesk("ingest", SAMPLE / "articles.jsonl", "--data", data, **model)  # as anybody's: samples would leave
    assert filled.returncode == 0, filled.stderr
    more = tmp_path / "more.jsonl"
    more.write_text("".join(json.dumps(record(generated_article(number, 0))) + "\n" for number in range(20)))
    result = measure(data, read_questions(SAMPLE / "questions.jsonl", 20), more, clients=4, seconds=2, **model)
    show(result)
    assert result["faults"] == []
    assert result["alone"]["answers"] >= 4
    assert result["beside ingest"]["answers"] >= 4
    assert result["service_exit_code"] == 0
    assert result["ingest_exit_code"] in (None, 0)
