"""Python processes that need not import everything anew, which would take longer than what most tests want of them.

In a whole run of the tests, each worker keeps one interpreter that has imported the large libraries and has done
nothing else, and `start` forks it: a process of its own, with its own streams, group and environment, that may be
stopped and killed like any other. A test that is run alone, the longer proofs, and whatever has options or variables
for the interpreter, start one from nothing; so do `tests/test_offline.py` and whatever Newsdesk itself starts.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.preloaded"])

_ONE_AT_A_TIME = threading.Lock()  # to ask twice at once for an exit code loses it


def start(
    command: Sequence[object],
    *,
    environment: Mapping[str, str],
    stdin: int | IO[Any] = subprocess.DEVNULL,
    stdout: int | IO[Any] = subprocess.DEVNULL,
    stderr: int | IO[Any] = subprocess.DEVNULL,
    process_group: int | None = None,
    folder: Path = ROOT,
) -> subprocess.Popen[str]:
    """Runs Python with these arguments, `-m MODULE ...` or `-c CODE ...`, in this folder."""
    arguments = [sys.executable, *map(str, command)]
    kind = _Fork if "PYTEST_XDIST_WORKER" in os.environ and _needs_no_own(arguments, environment) else subprocess.Popen
    return kind(
        arguments,
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        process_group=process_group,
        text=True,
    )


def _needs_no_own(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether nothing is asked of the interpreter that it can only be given at its start."""
    return arguments[1] in ("-m", "-c") and _of_python(environment) == _of_python(os.environ)


def _of_python(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("PYTHON")}


class _Fork(subprocess.Popen[str]):
    """A Popen whose process is forked, not executed; only these three methods know."""

    def _execute_child(  # type: ignore[no-untyped-def]  # called by Popen alone
        self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo, creationflags, shell,
        p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, restore_signals, gid, gids, uid, umask,
        start_new_session, process_group, *later,
    ) -> None:  # fmt: skip
        streams = [Connection(os.dup(number)) for number in (p2cread, c2pwrite, errwrite)]
        ready, told = PROCESSES.Pipe(duplex=False)
        self._process = PROCESSES.Process(
            target=_be, args=(args[1:], dict(env), str(cwd), streams, process_group, told), daemon=True
        )
        with _ONE_AT_A_TIME:
            self._process.start()
        assert self._process.pid is not None
        self.pid, self._child_created = self._process.pid, True
        for end in (*streams, told):
            end.close()
        ready.recv()  # from now on its process group can be killed
        ready.close()
        self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)  # type: ignore[attr-defined]

    def _internal_poll(self, *_: object, **__: object) -> int | None:
        if self.returncode is None:
            with _ONE_AT_A_TIME:
                self.returncode = self._process.exitcode
        return self.returncode

    def _wait(self, timeout: float | None) -> int:
        if self.returncode is None and not wait([self._process.sentinel], timeout):
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        code = self._internal_poll()
        assert code is not None
        return code


def _be(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    streams: Sequence[Connection],
    group: int,
    ready: Connection,
) -> None:
    """What the interpreter does from here on, in the fork."""
    if group >= 0:
        os.setpgid(0, group)
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdin = sys.__stdin__ = open(0, closefd=False, encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False, encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(  # type: ignore[misc]  # noqa: SIM115
        2, "w", buffering=1, closefd=False, encoding="utf-8", errors="backslashreplace"
    )
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    ready.send(True)
    ready.close()
    kind, what, *given = arguments
    sys.argv = [kind, *given]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
