"""Whoever types what README.md and docs/using.md print, with the sample archive, gets what they print."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support import ROOT, RunningService, environment, newsdesk

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "using.md").read_text(encoding="utf-8")
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
ADDRESS = re.compile(r"(?:http://127\.0\.0\.1|localhost):8000")


def in_one_line(text: str) -> str:
    """Without the breaks that a page makes."""
    return " ".join(text.split())


@pytest.mark.parametrize("page", [README, GUIDE], ids=["README.md", "using.md"])
def test_answers_are_those_that_are_printed(page: str, service: RunningService) -> None:
    """Each `$ newsdesk ask` gives what stands below it, as far as it is printed."""
    shown = re.findall(r'(?m)^    \$ newsdesk ask "(.+)"\n((?:    (?!\$).*\n|\n(?=    ))+)', page)
    assert shown
    for question, printed in shown:
        said = in_one_line(newsdesk("ask", question, "--data", service.data).stdout)
        for part in printed.split("..."):
            assert in_one_line(part) in said, question


def test_the_program_prints_what_is_printed(service: RunningService, tmp_path: Path) -> None:
    """The Python program of the guide runs as it is, and its output stands below it."""
    [(program, printed)] = re.findall(r"```python\n(.*?)```\n\nprints\n\n((?:    [^\n]*\n)+)", GUIDE, re.DOTALL)
    file = tmp_path / "program.py"
    file.write_text(ADDRESS.sub(service.url, program))
    ran = subprocess.run(
        [sys.executable, file], capture_output=True, text=True, timeout=120, env=environment(NO_PROXY="*"), check=False
    )
    assert in_one_line(ran.stdout) == in_one_line(printed), ran.stderr


@pytest.mark.parametrize("page", [GUIDE, API], ids=["using.md", "api.md"])
def test_what_curl_sends_is_answered(page: str, service: RunningService) -> None:
    """Follow-ups and filters, as the pages show them, find their answer in the sample."""
    asked = re.findall(r"curl -s localhost:8000/api/ask .*\\\n +-d '(.+?)'\n", page, re.DOTALL)
    assert asked
    for body in asked:
        answer = httpx.post(f"{service.url}/api/ask", json=json.loads(body), timeout=60, trust_env=False).json()
        assert answer["answerable"], body


def test_the_draft_is_checked_as_printed(service: RunningService, tmp_path: Path) -> None:
    """The verdicts of the guide are those that its sentences get."""
    [printed] = re.findall(r"(?m)^    \$ newsdesk check-draft draft.txt\n((?:    .+\n)+)", GUIDE)
    told = re.findall(r"(?m)^    (SUPPORTED|NOT FOUND) +(.+)$", printed)
    draft = tmp_path / "draft.txt"
    draft.write_text(" ".join(sentence for _, sentence in told))
    said = in_one_line(newsdesk("check-draft", draft, "--data", service.data).stdout)
    for part in printed.split("..."):
        assert in_one_line(part).strip("() ") in said
