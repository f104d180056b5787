"""`newsdesk eval gate`: has a change made it worse? Run by `make test`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdesk.errors import WrongUse

if TYPE_CHECKING:
    from eval.run.archive import Readings

EVAL = Path(__file__).parents[2] / "eval"
SAMPLE = EVAL / "sample"
FLOORS = EVAL / "gate.json"


def gate(
    data: Annotated[
        Path | None, typer.Option("--data", help="Archive of the sample to ask; without it, one in the cache.")
    ] = None,
    floors: Annotated[Path, typer.Option(help="File of the floors.")] = FLOORS,
    update: Annotated[
        bool, typer.Option("--update", help="Raise the floors to today's figures where these are better.")
    ] = False,
    lower: Annotated[
        bool, typer.Option("--lower", help="Set the floors to today's figures, also where these are worse.")
    ] = False,
    reason: Annotated[str, typer.Option(help="With --lower: why; it is recorded.")] = "",
    vectors: Annotated[bool, typer.Option(help="Without, only the floors of keyword search are looked at.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Evaluate the sample, with vectors and by keyword alone, against the committed floors; 1 when one does not hold."""
    from eval.gate import Gate, as_table, check_fingerprint, judge, lowered, raised, read_gate, write_gate

    if lower and not reason.strip():
        raise WrongUse("Floors are lowered only for a reason, which is recorded: add --reason WHY.")
    if (lower or update) and not vectors:
        raise WrongUse("Floors are set for both ways of searching. Leave out --no-vectors.")
    fingerprint = _fingerprint(data)
    committed = read_gate(floors) if floors.exists() or not lower else Gate({}, {})
    if not lower:
        check_fingerprint(committed, fingerprint)
    found = _measured(data, {"with vectors": True, "by keyword": False} if vectors else {"by keyword": False})
    if lower:
        committed = lowered(committed, found, fingerprint, datetime.now(UTC).date().isoformat(), reason)
        write_gate(committed, floors)
    if update:
        write_gate(raised(committed, found), floors)
    verdicts = [each for each in judge(committed, found) if each.way in found]
    holds = all(verdict.holds for verdict in verdicts)
    print(
        json.dumps({"holds": holds, "floors": [asdict(each) for each in verdicts]}) if as_json else as_table(verdicts)
    )
    lost = sum(not verdict.holds for verdict in verdicts)
    if not as_json:
        print(f"{lost} of {len(verdicts)} floors do not hold." if lost else f"All {len(verdicts)} floors hold.")
    if lost:
        raise typer.Exit(1)


def _fingerprint(data: Path | None) -> dict[str, str]:
    """Hashes of the sample and the models, by what they are of."""
    from eval.sets.folder import load_folder
    from index.embed.key import model_key
    from index.read.reader import reader_key
    from newsdesk.settings import load_settings

    folder, settings = load_folder(SAMPLE), load_settings(data=data)
    return {
        "questions": folder.questions_hash,
        "articles": folder.articles_hash,
        "embedding model": model_key(settings.model),
        "reader": reader_key(settings.reader),
    }


def _measured(data: Path | None, ways: dict[str, bool]) -> dict[str, Any]:
    """Today's figures by way of searching (with vectors or without)."""
    from eval.run.evaluation import Plan, run_evaluation

    plans = {way: Plan(SAMPLE, data=data, judge=False, vectors=vectors) for way, vectors in ways.items()}
    readings: Readings = {}  # three of four passages that are read by one way are read by the other too
    return {way: run_evaluation(plan, readings=readings)["figures"]["all"] for way, plan in plans.items()}
