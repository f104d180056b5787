"""The one-way doors between the rooms (docs/why.md), checked on what every module imports, wherever in it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT, environment

ROOMS = ("newsdesk", "ingest", "index", "api", "ui", "eval")
BUILDERS = frozenset(
    {
        "app.service.service",
        "app.commands.main",
        "app.commands.bench",
        "app.commands.gate",
        "eval.run.archive",
        "eval.run.evaluation",
        "app.commands.compare",
        "app.commands.eval",
        "app.commands.reader",
        "app.commands.upkeep",
        "app.service.server",
        "newsdesk.__main__",
    }
)
"""The only modules that see every room."""

ALLOWED = {
    "newsdesk": set[str](),
    "ingest": {"newsdesk"},
    "index": {"newsdesk"},
    "api": {"newsdesk", "index", "ingest"},
    "ui": {"newsdesk"},
    "eval": {"newsdesk"},
}
"""Room -> other rooms it may look into."""

STORAGE = {
    # The tables and what is particular to SQLite: nobody else depends on how the truth is kept.
    "newsdesk.catalogue.schema": {
        "newsdesk.catalogue.catalogue",
        "newsdesk.catalogue.vectors",
        "newsdesk.feedback",
        "newsdesk.catalogue.purge",
        "newsdesk.catalogue.soundness",
        "newsdesk.catalogue.backup",
        "newsdesk.catalogue.migrations.env",
    },
    "newsdesk.catalogue.sqlite": {
        "newsdesk.catalogue.catalogue",
        "newsdesk.catalogue.vectors",
        "newsdesk.feedback",
        "newsdesk.catalogue.purge",
        "newsdesk.catalogue.soundness",
        "newsdesk.catalogue.backup",
    },
}
"""Module -> the only modules that may import it."""

OF_ONE_ROOM = {"llama_index": "index", "chromadb": "index", "tantivy": "index", "fastapi": "api ui", "gradio": "ui"}
"""Library -> the only rooms that import it; a builder may name its types."""

HEAVY = ("torch", "llama_index", "chromadb", "gradio", "fastapi", "sqlalchemy", "numpy", "tantivy", "transformers")


def name_of(file: Path) -> str:
    """Dotted name of a module."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))}


def imports(file: Path) -> set[str]:
    """Every module that a file imports, at its top or inside a function; `from a import b` names a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports hide which room is meant"
            found.add(str(node.module))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def test_all_rooms_are_there() -> None:
    """The check below looks at something."""
    assert {name.partition(".")[0] for name in MODULES} == set(ROOMS)


@pytest.mark.parametrize("module", MODULES)
def test_a_room_looks_only_where_it_may(module: str) -> None:
    """ingest and index never meet; ui and eval are handed an engine; only the builders see all."""
    if module in BUILDERS:
        return
    room = module.partition(".")[0]
    looked_into = {name.partition(".")[0] for name in imports(MODULES[module])} & set(ROOMS)
    assert looked_into - {room} <= ALLOWED[room]


@pytest.mark.parametrize("module", MODULES)
def test_nobody_reaches_for_the_builders(module: str) -> None:
    """What builds the service from the rooms is never used by a room."""
    if module not in BUILDERS:
        assert imports(MODULES[module]).isdisjoint(BUILDERS)


@pytest.mark.parametrize("module", MODULES)
def test_how_the_truth_is_stored_is_known_to_few(module: str) -> None:
    """The catalogue can move to another database without the rooms noticing."""
    imported = imports(MODULES[module])
    for storage, users in STORAGE.items():
        assert storage not in imported or module in users
    room = module.partition(".")[0]
    assert room == "newsdesk" or not any(name.partition(".")[0] == "sqlalchemy" for name in imported)


@pytest.mark.parametrize("module", MODULES)
def test_a_library_belongs_to_its_room(module: str) -> None:
    """Only index imports LlamaIndex, Chroma and tantivy; only ui imports Gradio."""
    if module in BUILDERS:
        return
    for name in imports(MODULES[module]):
        rooms = OF_ONE_ROOM.get(name.partition(".")[0])
        assert rooms is None or module.partition(".")[0] in rooms.split()


def test_the_command_starts_without_the_heavy_libraries() -> None:
    """`newsdesk --help` answers at once because nothing of them is imported before a command needs it."""
    code = (
        "import sys\n"
        "from app.commands.main import main\n"
        "sys.argv = ['newsdesk', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print(sorted(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    assert "Answers questions over a news archive" in done.stdout
