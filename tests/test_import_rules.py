"""Who may import whom, and what a mere import must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOP = {"cli"}
API = {
    "api",
    "auditing",
    "loading",
    "converting",
    "exporting",
    "options",
    "splitting",
    "verdict",
    "verifying",
    "__init__",
    "_version",
}
MIDDLE = {"ingest", "checks", "clean", "splits", "report", "outputs", "exports"}
LOW = {"similarity", "text", "frame", "fields"}
BASE = {"command", "contract", "errors", "discovery", "files", "processes", "config", "_version"}
LEVEL = dict.fromkeys(TOP, 4) | dict.fromkeys(API, 3) | dict.fromkeys(MIDDLE, 2) | dict.fromkeys(LOW, 1)
LEVEL |= dict.fromkeys(BASE, 0)


def imports(path: Path) -> list[str]:
    """Dotted names of everything a file imports, inside functions too."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def part(dotted: str) -> str:
    """The part of dataprep that a dotted name belongs to."""
    pieces = dotted.split(".")
    return pieces[1] if len(pieces) > 1 and pieces[1] in LEVEL else "__init__"


def own_part(path: Path) -> str:
    relative = path.relative_to(ROOT / "dataprep")
    return relative.parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sorted((ROOT / "dataprep").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_dataprep_imports_only_downwards(path: Path) -> None:
    mine = own_part(path)
    assert mine in LEVEL, f"{path}: say in this test at which level {mine} stands"
    for name in imports(path):
        assert name.split(".")[0] != "trainer", f"{path} imports {name}"
        # The package itself gives its version, and a plug-in package the root it is discovered from.
        if name.split(".")[0] != "dataprep" or part(name) in {mine, "__init__"}:
            continue
        other = part(name)
        assert LEVEL[other] < LEVEL[mine] or LEVEL[mine] == 3 == LEVEL[other] or LEVEL[mine] == 0 == LEVEL[other], (
            f"{path} ({mine}) must not import {name}"
        )


@pytest.mark.parametrize("path", sorted((ROOT / "trainer").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_trainer_knows_only_the_contract(path: Path) -> None:
    allowed = ("dataprep.contract", "dataprep.errors", "dataprep.discovery", "dataprep.__version__")
    for name in imports(path):
        if name.split(".")[0] == "dataprep":
            assert name.startswith(allowed), f"{path} imports {name}"


@pytest.mark.parametrize("command", ["dataprep", "trainer"])
def test_help_loads_nothing_heavy(command: str) -> None:
    code = (
        f"import sys; sys.argv = ['{command}', '--help']\n"
        f"from {command}.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'numba', 'polars', 'numpy', 'jinja2', 'datasketch'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True)


def test_import_dataprep_loads_nothing_heavy() -> None:
    code = "import dataprep, sys; assert not {'polars', 'torch', 'numpy', 'dataprep.report'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True)
