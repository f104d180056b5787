"""A real Chroma server, `chroma run`, in a folder of its own: to be killed, started again and emptied."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.support import environment

CHROMA = Path(sys.executable).with_name("chroma")
_START_SECONDS = 120


class ChromaServer:
    """One server on a port of this machine, which it keeps when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it listens."""
        command: list[str | Path] = [
            CHROMA,
            "run",
            "--path",
            str(self.folder / "data"),
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        with (self.folder / "log").open("ab") as log:  # it says much: a pipe that nobody reads would stop it
            self._process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, env=environment(ANONYMIZED_TELEMETRY="FALSE")
            )
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self._process.poll() is None, (self.folder / "log").read_text(errors="replace")
                assert time.monotonic() < end, "it does not listen"
                time.sleep(0.05)

    def kill(self) -> None:
        """Ends it with SIGKILL, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It goes on listening but answers nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It answers again."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def replace(self) -> None:
        """Kills it and starts an empty one in its place."""
        self.kill()
        shutil.rmtree(self.folder / "data")
        self.start()
