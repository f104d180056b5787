"""TODO"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

_LEASE_SECONDS = 120  # many times longer than one batch takes


@dataclass(frozen=True, slots=True)
class Process:
    """A process of some machine, as a lease names its holder."""

    host: str
    pid: int

    @classmethod
    def current(cls) -> Process:
        """This one."""
        return cls(socket.gethostname(), os.getpid())

    @classmethod
    def parse(cls, text: str) -> Process:
        """The inverse of str()."""
        host, _, pid = text.rpartition(":")
        return cls(host, int(pid))

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    def may_live(self) -> bool:
        """False only when it is certain that the process is gone."""
        if self.host != socket.gethostname():
            return True
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def _may_live(holder: str) -> bool:
    try:
        return Process.parse(holder).may_live()
    except ValueError:  # a damaged row; work that is done twice harms nothing
        return False
