"""What became of the questions asked so far, on disk, so that an interrupted run goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from eval.measure.outcome import Outcome
from newsdesk.errors import DataFolderBusy

_outcome = TypeAdapter(Outcome)


class Journal:
    """A file with a line for each question that was asked. Its name has to say all that a result depends on."""

    def __init__(self, file: Path) -> None:
        """Reads what is there; a last line that was cut off goes. Raises DataFolderBusy while another run writes it."""
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(file.with_suffix(".lock"), timeout=0)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise DataFolderBusy(
                "The same evaluation is running already. Wait for it, or stop it and go on here."
            ) from error
        self._lines = file.open("a+b")
        self.done = {outcome.id: outcome for outcome in self._read()}

    def _read(self) -> Iterator[Outcome]:
        self._lines.seek(0)
        sound = 0
        for line in self._lines:
            if not line.endswith(b"\n"):
                break
            try:
                yield _outcome.validate_json(line)
            except ValidationError:
                break
            sound += len(line)
        self._lines.truncate(sound)

    def add(self, outcome: Outcome) -> None:
        """Notes an outcome; it is there after a kill."""
        self.done[outcome.id] = outcome
        self._lines.write(_outcome.dump_json(outcome) + b"\n")
        self._lines.flush()

    def finish(self) -> None:
        """The run is complete: the next one asks afresh."""
        self._file.unlink(missing_ok=True)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._lock.release()
