"""Files that are on the disk, not only on their way there, before anybody is told that they were taken."""

from __future__ import annotations

import os
from pathlib import Path


def settle(folder: Path) -> None:
    """Has everything in the folder, with all folders in it, written to the disk. Raises OSError."""
    for place in [*folder.rglob("*"), folder]:
        settle_one(place)


def settle_one(place: Path) -> None:
    """Has one file, or the names that one folder holds, written to the disk. Raises OSError."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
