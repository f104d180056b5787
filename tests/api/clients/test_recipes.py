"""The recipes of the manual do what they promise."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import httpx
import pytest

from tests.api.clients import open_webui
from tests.support import ROOT, RunningService, environment

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"```(sh|python)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("language", "code"), RECIPES, ids=[code.split()[0] + str(len(code)) for _, code in RECIPES])
def test_a_recipe_works(service: RunningService, language: str, code: str) -> None:
    """Copied as it stands, it prints the answer; only the address is this service's."""
    for package in ("llama_index.llms.openai_like", "langchain_openai"):
        if package in code:
            pytest.importorskip(package)
    code = code.replace("http://127.0.0.1:8000", service.url)
    command = ["bash", "-c", code] if language == "sh" else [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "Russia and Turkey" in done.stdout


def test_settings_are_json(service: RunningService) -> None:
    """What is to be copied into a client's settings can be parsed, and has the effect that the page promises."""
    settings, parameter = map(json.loads, re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    assert settings["mcpServers"]
    body = {"messages": [{"role": "user", "content": "Who bombed al-Bab?"}], "stream": True, "newsdesk": parameter}
    with httpx.stream("POST", f"{service.url}/v1/chat/completions", json=body, timeout=60) as response:
        assert open_webui.read(response.iter_lines()).sources()
