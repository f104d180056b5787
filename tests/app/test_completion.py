"""What the shell is told to complete commands with, and that it does not keep whoever types waiting."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT, environment, newsdesk

MOST_SECONDS = 0.5
"""Of a core; what else runs on the machine does not count."""


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment in which `newsdesk` is a command that is found."""
    command = tmp_path / "newsdesk"
    command.write_text(f"#!{sys.executable}\nfrom app.commands.main import main\n\nmain()\n", encoding="utf-8")
    command.chmod(0o755)
    inherited = environment()
    return {**inherited, "PATH": f"{tmp_path}:{inherited['PATH']}", "PYTHONPATH": str(ROOT)}


def completed(words: str, variables: dict[str, str]) -> set[str]:
    """What a real bash offers behind the words, by the script that the command prints."""
    ask = f'''
        source <(newsdesk completion bash) || exit 1
        COMP_WORDS=({words} "") COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )) COMP_LINE="{words} "
        function=$(complete -p newsdesk | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        "$function" newsdesk "" ""
        printf '%s\\n' "${{COMPREPLY[@]}}"
    '''
    done = subprocess.run(["bash", "-c", ask], env=variables, capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.split())


def test_bash_completes_commands_and_options(installed: dict[str, str]) -> None:
    """Commands, those of a group, and the options of one."""
    assert {"ask", "ingest", "questions", "completion"} <= completed("newsdesk", installed)
    assert completed("newsdesk keys", installed) == {"add", "list", "revoke"}
    assert completed("newsdesk completion", installed) == {"bash", "zsh", "fish"}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_complete(installed: dict[str, str], shell: str) -> None:
    """Each has a script of its own, which asks the command in the shell's way."""
    script = newsdesk("completion", shell)
    assert f"_NEWSDESK_COMPLETE=complete_{shell}" in script.stdout
    asking = {
        "_NEWSDESK_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "newsdesk in",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run(
        ["newsdesk"], env={**installed, **asking}, capture_output=True, text=True, check=True, timeout=120
    )
    assert "ingest" in done.stdout


def test_a_shell_that_is_not_known_is_named() -> None:
    """With those that are."""
    done = newsdesk("completion", "tcsh")
    assert done.returncode == 2
    assert "bash" in done.stderr


@pytest.mark.parametrize("asked", [["--version"], ["--help"], ["completion", "bash"], []])
def test_it_answers_at_once(installed: dict[str, str], asked: list[str]) -> None:
    """What is asked at every press of a key, and by whoever looks which version there is."""
    variables = installed if asked else {
        **installed, "_NEWSDESK_COMPLETE": "complete_bash", "COMP_WORDS": "newsdesk ", "COMP_CWORD": "1"
    }  # fmt: skip
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["newsdesk", *asked], env=variables, stdout=subprocess.DEVNULL, check=True, timeout=120)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < MOST_SECONDS
