"""Sends what fits the OpenAPI document, and what nearly does, to a real service: nothing may be answered with 5xx.

    python -m tests.schemathesis_run [--cases 2000] [--seed 1] [--url http://127.0.0.1:8000]

Without --url a service on a copy of the sample is started. Exit code 1 when something failed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.support import newsdesk, start_service, stop_service

TIMEOUT = 60  # seconds for an answer


@dataclass
class Told:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    """5xx, and responses of another status or form than the document says."""

    @property
    def cases(self) -> int:
        """How many there were."""
        return sum(self.statuses.values())


def send_all(url: str, cases: int, start: int, *, strict: bool = False) -> Told:
    """Sends so many cases in all, as many of each operation; `strict` also holds responses against the document."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations: list[Any] = [each.ok() for each in schema.get_all_operations()]  # type: ignore[union-attr]
    open_ended = [operation for operation in operations if operation.body or list(operation.iter_parameters())]
    left = cases - (len(operations) - len(open_ended))  # what takes no input can be asked in one way only
    told, place = Told(), 0
    for operation in operations:
        share = 1
        if operation in open_ended:
            share = left // len(open_ended) + (place < left % len(open_ended))
            place += 1
        _send(operation, share, start, told, strict)
    return told


def _send(operation: Any, share: int, start: int, told: Told, strict: bool) -> None:
    label = operation.label

    @seed(start)
    @settings(
        max_examples=share,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def one(case: Any) -> None:
        response = case.call(timeout=TIMEOUT)
        told.statuses[response.status_code] += 1
        told.operations[label] += 1
        if response.status_code >= 500 and response.status_code not in (503, 507):
            told.faults.append(f"{label}: {response.status_code} to {case.as_curl_command()[:500]}")
        elif strict:
            try:
                operation.validate_response(response)
            except Exception as error:
                told.faults.append(f"{label}: {response.status_code}: {str(error)[:300]}")

    one()


def main() -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.schemathesis_run", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strict", action="store_true", help="hold every response against the document too")
    parser.add_argument("--url", default="", help="a service that may be changed; else one is started")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        process, url = None, wanted.url
        if not url:
            filled = newsdesk("sample", "--data", Path(folder) / "data")
            assert filled.returncode == 0, filled.stderr
            process, url = start_service(Path(folder) / "data", Path(folder) / "log")
        try:
            told = send_all(url, wanted.cases, wanted.seed, strict=wanted.strict)
        finally:
            if process:
                stop_service(process)
    print(f"{told.cases:,} cases of {len(told.operations)} operations")
    print(", ".join(f"{status}: {count:,}" for status, count in sorted(told.statuses.items())))
    for fault in dict.fromkeys(told.faults):
        print(f"FAULT {fault}")
    return 1 if told.faults else 0


if __name__ == "__main__":
    sys.exit(main())
