"""A section is one module and one template, found by looking."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dataprep.errors import PluginError
from dataprep.report.page import HERE, find_sections

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

MODULE = """
from dataprep.report.views import Section
SECTION = Section(name="{name}", title="T", order={order}, view=lambda page: {{}})
"""


def package(
    folder: Path, name: str, modules: dict[str, tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    """A package of section modules, each with a template of the section's name."""
    home = folder / name
    home.mkdir()
    (home / "__init__.py").touch()
    for module, (section, order) in modules.items():
        (home / f"{module}.py").write_text(MODULE.format(name=section, order=order))
        (home / f"{section}.html.j2").touch()
    monkeypatch.syspath_prepend(str(folder))
    return importlib.import_module(name)


def test_the_page_has_its_sections_in_order() -> None:
    assert [section.name for section in find_sections()] == ["summary", "checks", "findings", "about"]


def test_a_new_pair_of_files_is_a_new_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = package(tmp_path, "sections_fine", {"b": ("late", 2), "c": ("early", 1)}, monkeypatch)
    assert [section.name for section in find_sections(plugins, tmp_path / "sections_fine")] == ["early", "late"]


def test_a_duplicate_name_is_an_error_with_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = package(tmp_path, "sections_twice", {"one": ("same", 1), "two": ("same", 2)}, monkeypatch)
    with pytest.raises(PluginError, match=r"one\.py.*two\.py.*same"):
        find_sections(plugins, tmp_path / "sections_twice")


def test_a_section_without_template_is_an_error_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = package(tmp_path, "sections_bare", {"one": ("bare", 1)}, monkeypatch)
    (tmp_path / "sections_bare" / "bare.html.j2").unlink()
    with pytest.raises(PluginError, match=re.escape("bare.html.j2")):
        find_sections(plugins, tmp_path / "sections_bare")


def test_every_template_belongs_to_a_section() -> None:
    templates = {file.name.removesuffix(".html.j2") for file in (HERE / "sections").glob("*.html.j2")}
    assert templates == {section.name for section in find_sections()}


def test_templates_never_switch_escaping_off() -> None:
    for file in HERE.rglob("*.j2"):
        assert not re.search(r"\|\s*safe|autoescape|Markup", file.read_text(encoding="utf-8")), file


def test_importing_the_report_does_not_load_the_template_engine() -> None:
    code = "import sys, dataprep.report; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
