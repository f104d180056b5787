"""The manual names what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from typer.main import get_command

from app.commands.main import app
from eval.measure.measures import MEASURES
from newsdesk.settings import Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
MANUAL = "".join(
    file.read_text(encoding="utf-8")
    for file in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")))
    if file.name != "why.md"
)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_manual(name: str) -> None:
    """A user finds each setting under its name in the file and its name in the environment."""
    assert f"`{name}`" in MANUAL
    assert f"`NEWSDESK_{name.upper()}`" in MANUAL


def test_the_tables_of_settings_are_those_of_the_program() -> None:
    """Each setting has one row, with the name of its variable and its default; no row names a setting that is gone."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `(\w+)` \| `(NEWSDESK_\w+)` \| ([^|]+) \|", page)
    assert sorted(name for name, _, _ in rows) == sorted(Settings.model_fields)
    for name, variable, default in rows:
        assert variable == f"NEWSDESK_{name.upper()}"
        if name not in ("readers", "fetch_user_agent"):  # they depend on the machine and on the version
            assert default == written(Settings.model_fields[name].default), name


def written(default: object) -> str:
    """A default as the tables have it."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default in (None, "", ()):
        return "none"
    if isinstance(default, tuple):
        return ", ".join(f"`{value}`" for value in default)
    return (
        f"`{default:g}`"
        if isinstance(default, float)
        else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    )


def options_and_commands() -> list[str]:
    """What can be typed after `newsdesk`: "ask", "ask --as-of", ..."""
    found: list[str] = []

    def walk(command: typer.core.TyperCommand | typer.core.TyperGroup, path: str) -> None:
        for parameter in command.params:
            if getattr(parameter, "hidden", False) or parameter.name in ("help", "version"):
                continue
            found.extend(f"{path} {option}" for option in parameter.opts if option.startswith("--"))
        for name, child in getattr(command, "commands", {}).items():
            found.append(f"{path} {name}")
            walk(child, f"{path} {name}")

    walk(get_command(app), "newsdesk")  # type: ignore[arg-type]  # Typer makes its own kinds of commands
    return [name for name in found if "completion" not in name]


@pytest.mark.parametrize("name", options_and_commands())
def test_every_command_and_option_is_in_the_manual(name: str) -> None:
    """A user finds each command and each option."""
    command, _, option = name.partition(" --")
    assert command in MANUAL
    if option:
        assert f"--{option}" in MANUAL


def test_every_endpoint_is_in_the_manual() -> None:
    """A caller finds each path of the API, and the manual names none that is not there."""
    files = [*(ROOT / "api").glob("*.py"), *(ROOT / "api" / "clients").glob("*.py")]
    routes = "".join(file.read_text(encoding="utf-8") for file in files)
    paths = set(re.findall(r'@(?:app|router)\.(?:get|post|put|patch|delete)\("([^"]+)"', routes))
    assert paths
    named = {path.replace("{id:path}", "{id}") for path in paths}
    for path in named:
        assert path in MANUAL, path
    in_table = {path.split("#")[0] for path in re.findall(r"`(?:GET|POST|DELETE) (/[^`]*)`", MANUAL)}
    assert in_table <= named | {"/docs", "/article/{id}", "/mcp", "/metrics"}


@pytest.mark.parametrize("measure", [measure.name for measure in MEASURES])
def test_every_measure_is_in_the_manual(measure: str) -> None:
    """A reader of a report finds what each figure means."""
    assert f"`{measure}`" in (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")


def test_links_of_the_documents_lead_somewhere() -> None:
    """No relative link in a document is dead."""
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} -> {target}"


def test_readme_leads_to_every_page() -> None:
    """No page of the manual has to be guessed."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in ROOT.glob("docs/*.md"):
        assert f"(docs/{page.name})" in readme, page.name


def test_links_to_headings_lead_to_headings() -> None:
    """What follows the # in a link is the name of a heading, as GitHub makes it."""
    for document in DOCUMENTS:
        for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", document.read_text(encoding="utf-8")):
            page = document.parent / target if target else document
            if page.suffix == ".md":
                assert anchor in anchors(page.read_text(encoding="utf-8")), f"{document.name} -> {target}#{anchor}"


def anchors(text: str) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    text = re.sub(r"(?ms)^```.*?^```", "", text)
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_tables_are_whole(document: Path) -> None:
    """Every row of a table has as many cells as its head, so that no cell is lost or shifted."""
    text = re.sub(r"(?ms)^```.*?^```", "", document.read_text(encoding="utf-8"))
    for table in re.findall(r"(?m)(?:^\|.*\n)+", text):
        rows = table.splitlines()
        assert re.fullmatch(r"[|: -]+", rows[1]), rows[0]
        cells = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
        assert set(cells) == {cells[0]}, next(row for row, count in zip(rows, cells, strict=True) if count != cells[0])


def test_files_that_the_documents_name_are_there() -> None:
    """A reader who looks for a file by the name in a document finds it; the changelog alone may name what is gone."""
    rooms = [folder for folder in ROOT.iterdir() if folder.is_dir() and not folder.name.startswith(".")]
    here = [
        f"{file.relative_to(ROOT)}"
        for room in rooms
        if room.name != "data"
        for file in room.rglob("*")
        if file.is_file()
    ]
    documents = [*DOCUMENTS, *ROOT.glob("index/**/*.md")]
    for document in (file for file in documents if file.name != "CHANGELOG.md"):
        for name in re.findall(r"`((?:[a-z_]+/)+[\w.]+\.(?:py|txt|html|onnx))`", document.read_text(encoding="utf-8")):
            assert any(f"/{path}".endswith(f"/{name}") for path in here), f"{document.name} names {name}"


def test_what_is_installed_beside_it_is_named_in_one_way() -> None:
    """Manual and messages say `pip install 'newsdesk[NAME]'`, right for a wheel as for a clone, and each such group is there."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    rooms = ("api", "app", "desk", "eval", "index", "ingest", "newsdesk", "ui")
    texts = [file.read_text(encoding="utf-8") for room in rooms for file in ROOT.joinpath(room).rglob("*.py")]
    ways = [way for text in (MANUAL, *texts) for way in re.findall(r"pip install (?:-\S+ )*(\S*\[[\w-]+\]\S?)", text)]
    named = [re.fullmatch(r"'newsdesk\[([\w-]+)\]'", way) for way in ways]
    assert len(named) > 10
    assert all(name and name[1] in groups for name in named), ways
