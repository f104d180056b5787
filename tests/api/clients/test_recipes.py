"""The recipes of the manual do what they promise."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.support import ROOT, RunningService, environment

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"```(sh|python)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("language", "code"), RECIPES, ids=[code.split()[0] + str(len(code)) for _, code in RECIPES])
def test_a_recipe_works(service: RunningService, language: str, code: str) -> None:
    """Copied as it stands, it prints the answer; only the address is this service's."""
    if "llama_index.llms.openai_like" in code:
        pytest.importorskip("llama_index.llms.openai_like")
    code = code.replace("http://127.0.0.1:8000", service.url)
    command = ["bash", "-c", code] if language == "sh" else [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "flown together" in done.stdout


def test_settings_are_json() -> None:
    """What is to be copied into a client's settings can be parsed."""
    (settings,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert json.loads(settings)["mcpServers"]
