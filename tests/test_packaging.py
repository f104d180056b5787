"""What gets installed, and from what."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
MOST_PACKAGES = 190


def test_constraints_are_portable() -> None:
    """Every line is a plain `name==version`: no path, no address, no local build."""
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line), line


def test_torch_is_pinned() -> None:
    """An unpinned torch pulls gigabytes of CUDA packages."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "torch==2.13.0" in project["dependencies"]
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text().splitlines()


def test_run_installs_fewer_than_190_packages() -> None:
    """What `make run` needs, with all that it pulls in on this machine (development packages do not count)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed: set[str] = set()
    waiting = [Requirement(line) for line in project["dependencies"]]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in ["", *requirement.extras]:
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
                continue
            key = f"{name}[{extra}]"
            if key in needed:
                continue
            needed.add(key)
            try:
                lines = requires(requirement.name) or []
            except PackageNotFoundError:
                needed.discard(key)
                continue
            inner = [Requirement(line) for line in lines]
            waiting += [r for r in inner if r.marker is None or r.marker.evaluate({"extra": extra})]
    packages = {key.split("[")[0] for key in needed}
    assert 100 < len(packages) < MOST_PACKAGES


def test_the_container_holds_every_room() -> None:
    """The image is built from the same rooms that are installed: one that is forgotten ends the command at its start."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    rooms = {name.removesuffix("*") for name in config["packages"]["find"]["include"]}
    dockerfile = (ROOT / "Dockerfile").read_text().splitlines()
    assert rooms == {line.split()[1] for line in dockerfile if re.fullmatch(r"COPY (\w+) \1", line)}


def test_a_wheel_holds_all_that_is_needed(tmp_path: Path) -> None:
    """Weights, pages, migrations and the sample as well as modules: what git keeps of the rooms is in the wheel."""
    rooms = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    kept = subprocess.run(
        ["git", "ls-files", *(room.rstrip("*") for room in rooms)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()  # fmt: skip
    for name in [*kept, "pyproject.toml", "LICENSE", "README.md"]:
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / "src" / name)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", str(tmp_path)]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, str(tmp_path / "src")], check=True, capture_output=True
    )
    [wheel] = tmp_path.glob("*.whl")
    assert set(kept) <= set(zipfile.ZipFile(wheel).namelist())
