"""Who owns a data folder: the one process that may open its Chroma view, and where it can be reached."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from filelock import FileLock, Timeout

from newsdesk.errors import DataFolderBusy, DataFolderError

_LOCK, _ABOUT = "owner.lock", "owner.json"
_PATIENCE = 1.0  # seconds; somebody who only looks holds the lock for a moment


class Ownership:
    """Held until `release`, or until the process ends in whatever way."""

    def __init__(self, data: Path, address: str = "") -> None:
        """Takes the ownership. `address` is where the service listens, empty for a command.

        Raises DataFolderBusy, naming the owner, when there is one.
        """
        self._about = data / _ABOUT
        try:
            data.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(data / _LOCK)
            self._lock.acquire(timeout=_PATIENCE)
        except Timeout:
            about = _read(data)
            where = f" at {about['address']}" if about.get("address") else ""
            raise DataFolderBusy(
                f"The data folder {data} is in use by process {about.get('pid', '(unknown)')}{where}. "
                "Stop it first, or use another folder with --data."
            ) from None
        except (FileExistsError, NotADirectoryError):
            raise DataFolderError(
                f"{data} is a file, or lies below one, and is no data folder. Name a folder with --data."
            ) from None
        except OSError as error:
            raise DataFolderError(
                f"The data folder {data} cannot be written to: {error.strerror}. Choose another with --data."
            ) from error
        self.announce(address)

    def announce(self, address: str, key: str = "") -> None:
        """Says where the owner listens, and to those who may read the folder of its user, with which key it is asked."""
        said = {"pid": os.getpid(), "address": address, "since": int(time.time()), "key": key}
        self._about.unlink(missing_ok=True)
        with os.fdopen(os.open(self._about, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps(said))

    def release(self) -> None:
        """Gives the folder free."""
        self._about.unlink(missing_ok=True)
        self._lock.release()


def service_address(data: Path) -> str:
    """Where the service that owns the folder listens; empty when none does."""
    if not (data / _ABOUT).exists():
        return ""
    lock = FileLock(data / _LOCK)
    try:
        with lock.acquire(timeout=0):
            return ""  # nobody holds it: what is written there is a dead process's
    except Timeout:
        return str(_read(data).get("address", ""))


def service_headers(data: Path) -> dict[str, str]:
    """What a command on the folder shows to the service that owns it, so that it needs no key of its own."""
    key = str(_read(data).get("key", ""))
    return {"X-API-Key": key} if key else {}


def _read(data: Path) -> dict[str, object]:
    try:
        content = json.loads((data / _ABOUT).read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
