"""The `newsdesk` command. Rooms are imported inside the commands, so that `newsdesk --help` answers at once.

Exit codes: 0 done, 1 finished with some rejected, 2 wrong use, 3 cannot run; 130, 141 and 143 when a signal (Ctrl-C,
a closed pipe, SIGTERM) ended it.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from typing import Annotated, Literal

import typer

from app.commands import eval as eval_commands
from app.commands import serve, upkeep
from app.commands.access.keys import app as keys_app
from app.commands.ask import ask
from app.commands.bench import bench
from app.commands.desk import questions
from app.commands.desk.draft import check_draft
from app.commands.desk.search import search
from app.commands.filling import fill
from app.commands.filling.rejects import rejects
from app.commands.history import history, readmit
from app.commands.mcp import mcp
from app.commands.models import judge, reader
from app.commands.terminal import (
    Commands,
    LogToStandardError,
    ReaderGone,
    Stopped,
    check_arguments,
    end,
    mend_standard_streams,
    stop,
    what_happened,
)
from newsdesk import __version__
from newsdesk.errors import ArticleNotFound, NewsdeskError, SavedQuestionNotFound

app = typer.Typer(
    cls=Commands,
    help="Answers questions over a news archive, with the paragraph each answer stands on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def completion(shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="The shell.")]) -> None:
    """Print what completes commands and options in a shell, to be put where the shell looks for such files."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    print(get_completion_script(prog_name="newsdesk", complete_var="_NEWSDESK_COMPLETE", shell=shell))


_COMMANDS: tuple[Callable[..., None], ...] = (
    fill.ingest, ask, search, check_draft, serve.serve, mcp, serve.status, fill.sample, rejects, history, readmit, fill.remove, fill.embed,
    upkeep.check, upkeep.rebuild, upkeep.purge, upkeep.backup, upkeep.restore, bench,
    completion,
)  # fmt: skip
"""In the order in which `newsdesk --help` lists them: what a newcomer needs comes first."""
for _command in _COMMANDS:
    app.command()(_command)
app.add_typer(questions.app, name="questions")
app.add_typer(keys_app, name="keys")
app.add_typer(eval_commands.app, name="eval")
app.add_typer(reader.app, name="reader")
app.add_typer(judge.app, name="judge")


def main() -> None:
    """Runs the command; an error of ours, and what the world does to it, is one line, never a traceback."""
    mend_standard_streams()
    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", handlers=[LogToStandardError()]
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as it is in the background of a script
            signal.signal(number, stop)
    try:
        check_arguments(sys.argv[1:])
        app()
    except NewsdeskError as error:
        end(error.exit_code, f"{error}{_with_what(error)}")
    except Stopped as error:
        end(error.exit_code, "interrupted; what was acknowledged is kept, and the same command goes on.")
    except ReaderGone:
        end(128 + signal.SIGPIPE)
    except OSError as error:
        end(NewsdeskError.exit_code, what_happened(error))


def _with_what(error: NewsdeskError) -> str:
    """The command that does what an error advises, which says it for the page and the API too."""
    if isinstance(error, ArticleNotFound):
        return ' (newsdesk search "...")'
    return " (newsdesk questions list)" if isinstance(error, SavedQuestionNotFound) else ""


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if version:
        print(f"newsdesk {__version__}")
        raise typer.Exit
