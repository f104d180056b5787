"""PostgreSQL, two Chroma servers and two services behind haproxy: one archive, whatever of it dies. `tests.cluster` measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import cluster
from tests.load import read_questions
from tests.support import SAMPLE, newsdesk


@pytest.mark.skipif(cluster.HAPROXY is None, reason="haproxy is not installed (on Debian: apt-get install haproxy)")
def test_a_cluster_outlives_each_of_its_parts(tmp_path: Path) -> None:
    """It finds what one machine finds; a part or a command that is killed costs no article and no right quote, is named, and comes back."""
    data, reader = tmp_path / "data", {"NEWSDESK_READER": "none"}
    # As anybody's own articles: samples would leave when others come.
    filled = newsdesk("ingest", SAMPLE / "articles.jsonl", "--data", data, **reader)
    assert filled.returncode == 0, filled.stderr
    questions = read_questions(SAMPLE / "questions.jsonl", 20)
    result = cluster.measure(data, questions, clients=1, away=1.0, many=160, ray=False, **reader)
    cluster.show(result)
    assert cluster.faults_in(result) == []
    assert len(result["kills"]) == 6
    assert len(result["jobs"]) == 2
    assert result["acknowledged"]
