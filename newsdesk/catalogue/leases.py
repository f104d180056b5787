"""Leases: which process does a piece of work, until when."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing

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


def may_live(holder: str) -> bool:
    """False only when it is certain that the process of that name is gone."""
    try:
        return Process.parse(holder).may_live()
    except (ValueError, OverflowError):  # a damaged row; work that is done twice harms nothing
        return False


class Leases:
    """Who does what work on the archive, so that no two processes do the same."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, work: str, holder: Process) -> bool:
        """Takes or renews the right to do `work`; False while another process holds it.

        A lease ends when it is not renewed for two minutes, or at once when its holder, on this machine, is dead.
        """
        table, now = schema.leases, int(time.time())
        with writing(self._engine).begin() as connection:
            row = connection.execute(select(table).where(table.c.work == work)).first()
            if row and row.holder != str(holder) and row.expires > now and may_live(row.holder):
                return False
            connection.execute(delete(table).where(table.c.work == work))
            connection.execute(insert(table).values(work=work, holder=str(holder), expires=now + _LEASE_SECONDS))
        return True

    def is_taken(self, work: str) -> bool:
        """Whether a process, this one or another, does the work now."""
        table = schema.leases
        with self._engine.begin() as connection:
            row = connection.execute(select(table).where(table.c.work == work)).first()
        return row is not None and row.expires > int(time.time()) and may_live(row.holder)

    def give_back(self, work: str, holder: Process) -> None:
        """Ends the holder's lease at once."""
        table = schema.leases
        with writing(self._engine).begin() as connection:
            connection.execute(delete(table).where(table.c.work == work, table.c.holder == str(holder)))
