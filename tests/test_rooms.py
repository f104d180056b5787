"""The one-way doors between the rooms (docs/architecture.md), checked on what every module imports, wherever in it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping, Set
from pathlib import Path

import pytest

from tests.support import ROOT, environment

ALLOWED = {
    "newsdesk": set[str](),
    "ingest": {"newsdesk"},
    "index": {"newsdesk"},
    "desk": {"newsdesk", "ingest", "index"},
    "ui": {"newsdesk"},
    "api": {"newsdesk", "index", "ingest", "desk"},
    "eval": {"newsdesk"},
    "eval.fit": {"newsdesk", "index"},
    "eval.run": {"newsdesk", "index", "ingest"},
    "eval.speed": {"newsdesk", "index", "ingest"},
    "app": {"newsdesk", "ingest", "index", "desk", "ui", "api", "eval"},
}
"""Room -> other rooms it may look into. `eval.fit` learns weights of `index`, `eval.run` and `eval.speed` open archives, the rest of `eval` is handed answers."""

_STEPS = (
    "text",
    "kept",
    "read",
    "passage",
    "embed",
    "find",
    "understand",
    "order",
    "llm",
    "answer",
    "engine",
    "archive",
)
INSIDE_INDEX = {step: set(_STEPS[:place]) for place, step in enumerate(_STEPS)} | {
    "text": set[str](),
    "kept": set[str](),
    "read": {"text", "kept"},
    "embed": set[str](),
    "llm": {"text", "read", "understand"},
    "llama": set(_STEPS) - {"archive"},
}
"""Step of the work in `index` -> steps before it, which it may use."""

STORAGE = ("newsdesk.catalogue.schema", "newsdesk.catalogue.database")
"""The tables and what is particular to SQLite: only the catalogue's own folder knows how the truth is kept."""

OF_ONE_ROOM = {
    "llama_index": "index eval.run eval.speed",
    "chromadb": "index.find eval.speed",
    "tantivy": "index",
    "fastapi": "api ui",
    "gradio": "ui",
    "mcp": "api",
    "prometheus_client": "api",
    "ray": "index.embed",
    "sqlalchemy": "newsdesk",
}
"""Library -> the only rooms that import it; the roof may name its types."""

LOOKS_UP = "newsdesk.__main__"
"""`python -m newsdesk` is the command: the only module of the floor that looks up."""

MOST_MODULES = 14

HEAVY = ("torch", "llama_index", "chromadb", "gradio", "fastapi", "sqlalchemy", "numpy", "tantivy", "transformers")

Imports = Mapping[str, Set[str]]
"""Module -> every module that it imports, at its top or inside a function; `from a import b` names a and a.b."""


def name_of(file: Path) -> str:
    """Dotted name of a module."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path) -> set[str]:
    """What a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports hide which room is meant"
            found.add(str(node.module))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


ROOMS = tuple(room for room in ALLOWED if "." not in room)
FILES = {name_of(file): file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))}
IMPORTS: Imports = {name: imports_of(file) for name, file in FILES.items()}


def _room(module: str) -> str:
    """The room of a module; `eval.fit`, `eval.run` and `eval.speed` are rooms of their own."""
    first_two = ".".join(module.split(".")[:2])
    return first_two if first_two in ALLOWED else module.partition(".")[0]


def _step(module: str) -> str:
    """The step of the work that a module of `index` belongs to."""
    return ([*module.split("."), ""])[1]


def wrong_doors(imports: Imports) -> set[tuple[str, str]]:
    """(module, import) of every import that goes through no open door."""
    return {
        (module, name)
        for module, imported in imports.items()
        for name in imported
        if module != LOOKS_UP and not all(open_(module, name) for open_ in (_rooms, _eval, _index, _storage, _library))
    }


def _rooms(module: str, name: str) -> bool:
    """A room looks into the rooms below it alone."""
    room, own = name.partition(".")[0], _room(module)
    return room not in ROOMS or room == own.partition(".")[0] or room in ALLOWED[own]


def _eval(module: str, name: str) -> bool:
    """What only measures opens no archive."""
    return _room(module) != "eval" or _room(name) not in ("eval.run", "eval.speed")


def _index(module: str, name: str) -> bool:
    """A step of the work uses the steps before it alone."""
    if not (module.startswith("index.") and name.startswith("index.")):
        return True
    return _step(module) == _step(name) or _step(name) in INSIDE_INDEX[_step(module)]


def _storage(module: str, name: str) -> bool:
    """The catalogue can move to another database without the rooms noticing."""
    inside = module.startswith("newsdesk.catalogue.")
    return inside or not any(f"{name}.".startswith(f"{storage}.") for storage in STORAGE)


def _library(module: str, name: str) -> bool:
    """A library belongs to its room."""
    homes = OF_ONE_ROOM.get(name.partition(".")[0])
    return homes is None or _room(module) == "app" or any(f"{module}.".startswith(f"{home}.") for home in homes.split())


def circle(imports: Imports) -> list[str]:
    """Modules that import each other in a circle; empty when there is none."""
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> list[str]:
        if module in path:
            return path[path.index(module) :]
        if module in done:
            return []
        for name in sorted(imports[module]):
            if name in imports and name != module and not module.startswith(f"{name}."):
                found = visit(name, [*path, module])
                if found:
                    return found
        done.add(module)
        return []

    return next((found for module in imports if (found := visit(module, []))), [])


def test_every_import_goes_through_an_open_door() -> None:
    """ingest and index never meet; ui and most of eval are handed what they need; nobody looks up to the roof."""
    assert {name.partition(".")[0] for name in IMPORTS} == set(ROOMS)
    assert not wrong_doors(IMPORTS)


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("newsdesk.wording.links", "index.text.terms"),
        ("newsdesk.catalogue.catalogue", "app.service.server"),
        ("newsdesk.settings", "newsdesk.catalogue.schema"),
        ("ingest.pipeline", "index.find.keyword"),
        ("ingest.pipeline", "sqlalchemy"),
        ("index.find.keyword", "ingest.passages"),
        ("index.engine", "app.service.service"),
        ("index.text.terms", "index.find.keyword"),
        ("index.embed.model", "index.text.terms"),
        ("index.read.reader", "index.find.keyword"),
        ("index.find.keyword", "index.understand.question"),
        ("index.understand.question", "index.order.newness"),
        ("index.order.newness", "index.answer.draft"),
        ("index.answer.draft", "index.engine"),
        ("index.engine", "index.archive"),
        ("index.answer.draft", "chromadb"),
        ("ui.render", "api.models"),
        ("ui.desk", "desk.desk"),
        ("desk.batch", "api.models"),
        ("index.engine", "desk.follow"),
        ("ui.render", "llama_index.core"),
        ("api.routes", "ui.chat"),
        ("api.routes", "eval.gate"),
        ("ui.render", "mcp.server"),
        ("eval.measure.measures", "index.engine"),
        ("eval.report.html", "eval.run.ask_all"),
        ("eval.run.ask_all", "api.models"),
        ("eval.speed.bench", "app.commands.main"),
        ("newsdesk.progress", "fastapi"),
    ],
)
def test_a_planted_import_is_found(module: str, planted: str) -> None:
    """The test above sees an import against each door."""
    assert module in IMPORTS
    assert (module, planted) in wrong_doors({**IMPORTS, module: {*IMPORTS[module], planted}})


def test_no_file_imports_itself_by_way_of_others() -> None:
    """There is no circle of imports, and one that is planted is found."""
    assert circle(IMPORTS) == []
    planted = {**IMPORTS, "newsdesk.errors": {*IMPORTS["newsdesk.errors"], "newsdesk.catalogue.catalogue"}}
    assert circle(planted)


def test_a_folder_can_be_overlooked() -> None:
    """No folder holds more modules than a newcomer takes in at a glance."""
    folders = [folder for room in ROOMS for folder in (ROOT / room, *(ROOT / room).rglob("*/"))]
    sizes = {folder: len([file for file in folder.glob("*.py") if file.name != "__init__.py"]) for folder in folders}
    assert {folder: size for folder, size in sizes.items() if size > MOST_MODULES} == {}


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
