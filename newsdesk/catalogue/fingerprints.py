"""Does any file still hold a removed text? Fingerprints that are kept in its place can tell.

They are no secret keepers: whoever can guess most of a text can confirm it by them, so they go with the purge.

A fingerprint is a 64-bit hash of 32 bytes of UTF-8. Of a removed text every aligned block of 32 bytes leaves one;
a file is searched at every offset, so any remainder of 63 bytes or more is found, wherever it lies in the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

BLOCK = 32
Hashes = npt.NDArray[np.uint64]

_WORDS = BLOCK // 8
_FACTORS = np.array(  # odd, otherwise arbitrary: the hash is the sum of four words times four factors, modulo 2**64
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64
)
_CHUNK = 16 * 1024 * 1024  # bytes of a file held at a time
_SIEVE_BITS = np.uint64(20)


def fingerprints(texts: Iterable[str]) -> Hashes:
    """Hashes of the aligned blocks of each text, rising, each once. A text of under 32 bytes leaves none."""
    found = [_hashes(text.encode()[: len(text.encode()) // BLOCK * BLOCK])[::_WORDS] for text in texts]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint64)


def found_in(data: bytes, wanted: Hashes) -> Hashes:
    """Those of `wanted` (rising, each once) that occur in `data`, at whatever offset."""
    if not len(wanted):
        return wanted
    sieve = np.zeros(1 << int(_SIEVE_BITS), dtype=bool)
    shift = np.uint64(64) - _SIEVE_BITS
    sieve[wanted >> shift] = True
    hits = [np.zeros(0, dtype=np.uint64)]
    for offset in range(8):
        hashes = _hashes(data[offset:] if offset else data)
        hits.append(np.intersect1d(hashes[sieve[hashes >> shift]], wanted))
    return np.unique(np.concatenate(hits))


def files_holding(folder: Path, wanted: Hashes) -> list[Path]:
    """The files below `folder` in which any of `wanted` occurs; one that vanishes holds nothing.

    Raises OSError, with its name, for a file or folder that cannot be read.
    """
    files = [Path(root, name) for root, _, names in os.walk(folder, onerror=_fail) for name in names]
    return [file for file in sorted(files) if file.is_file() and _holds(file, wanted)]


def _fail(error: OSError) -> None:
    raise error


def _holds(file: Path, wanted: Hashes) -> bool:
    try:
        with file.open("rb") as stream:
            rest = b""
            while chunk := stream.read(_CHUNK):
                data = rest + chunk
                if len(found_in(data, wanted)):
                    return True
                rest = data[-(BLOCK - 1) :]
    except FileNotFoundError:
        pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error
    return False


def _hashes(data: bytes) -> Hashes:
    """The hash of the 32 bytes at each eighth offset of `data`."""
    words = np.frombuffer(data, dtype="<u8", count=len(data) // 8)
    count = len(words) - _WORDS + 1
    if count < 1:
        return np.zeros(0, dtype=np.uint64)
    total = np.zeros(count, dtype=np.uint64)
    for place, factor in enumerate(_FACTORS):
        total += words[place : place + count] * factor
    return total
