"""A real and very weak model behind Newsdesk: what it makes up does not get onto the page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import Question
from tests.smollm2 import TIMEOUT
from tests.smollm2_server import SmolLM2Server, missing

if lacking := missing():
    pytest.skip(f"SmolLM2 is not there: {lacking} (docs/llm.md)", allow_module_level=True)


@pytest.fixture(scope="module")
def server() -> Iterator[SmolLM2Server]:
    """The model, loaded once."""
    with SmolLM2Server() as served:
        yield served


@pytest.mark.parametrize(
    "asked",
    [
        "Who is the coach of Selwick Rovers?",
        "Why did Edmund Prior give up his post?",
        "Why did the dockers want a second person on night cranes?",
    ],
)
def test_what_it_makes_up_is_not_shown(server: SmolLM2Server, sample_data: Path, asked: str) -> None:
    """Whatever it writes, each citation stands in its article to the letter, and each sentence of its own was verified."""
    settings = Settings(data=sample_data, llm=f"openai-like:{server.url}#smollm2", llm_timeout=TIMEOUT)
    archive = Archive(settings, create=False)
    archive.load()
    answer = archive.engine.ask(Question(asked, caution="low"))
    assert answer.answerable
    for citation in answer.citations:
        paragraph = archive.catalogue.article(citation.article_id).paragraphs[citation.paragraph]
        assert paragraph[citation.start : citation.end] == citation.quote
    assert {int(marker) for marker in re.findall(r"\[(\d+)\]", answer.text)} == {
        each.marker for each in answer.citations
    }
    if answer.mode == "llm":
        assert all(citation.verified for citation in answer.citations)
        assert answer.verified == len(re.findall(r"\[\d+\](?! \[)", answer.text))
    else:
        assert "llm_failed" in [note.kind for note in answer.notes]
    assert not any(removed.text in answer.text for removed in answer.removed)
    archive.close()


def test_it_reads_what_it_is_given(server: SmolLM2Server) -> None:
    """A prompt of a hundred tokens and more is understood as well as a short one: what it writes is about what stands there."""
    text = (
        "The ferry Alba sank off Skye on 2 May with nobody aboard, the coastguard said. Divers will look for the wreck for a "
        "week. The mayor of Portree, Ann Reid, called it a sad day for the island. The ship was built in Leith in 1951 and had "
        "been laid up for a year."
    )
    asked = [{"role": "user", "content": f"{text}\n\nWho is the mayor of Portree?"}]
    assert "Portree" in "".join(server.model.speak(asked))


def test_a_client_that_goes_away_stops_it(server: SmolLM2Server) -> None:
    """The model is free for the next one at once, and does not write to its end for nobody."""
    asked = {"model": "any", "stream": True, "messages": [{"role": "user", "content": "Count from one to a thousand."}]}
    with httpx.stream("POST", f"{server.url}/chat/completions", json=asked, timeout=TIMEOUT) as response:
        next(response.iter_lines())
    began = time.monotonic()
    while not server.left and time.monotonic() - began < TIMEOUT:
        time.sleep(0.05)
    assert server.left == 1
