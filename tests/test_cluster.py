"""PostgreSQL, two Chroma servers and two services behind haproxy: one archive, whatever of it dies. `tests.cluster` measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import cluster
from tests.load import read_questions
from tests.support import SAMPLE, newsdesk


@pytest.mark.skipif(cluster.HAPROXY is None, reason="haproxy is not installed (on Debian: apt-get install haproxy)")
def test_a_cluster_outlives_each_of_its_parts(tmp_path: Path, tiny_models: list[str]) -> None:
    """It finds what one machine finds; a part that is killed costs no article and no right quote, is named, and comes back."""
    data, model = tmp_path / "data", {"NEWSDESK_MODEL": tiny_models[0], "NEWSDESK_READER": "none"}
    filled = newsdesk("ingest", SAMPLE / "articles.jsonl", "--data", data, **model)  # as anybody's: samples would leave
    assert filled.returncode == 0, filled.stderr
    result = cluster.measure(data, read_questions(SAMPLE / "questions.jsonl", 20), clients=1, away=1.0, **model)
    cluster.show(result)
    assert cluster.faults_in(result) == []
    assert len(result["kills"]) == 6
    assert result["acknowledged"]
