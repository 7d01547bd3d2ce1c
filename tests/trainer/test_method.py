"""Methods are found by their files, and a clash is told with both."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataprep.errors import ConfigError, PluginError
from trainer.method import METHODS_FOLDER, discover, get_method

METHOD = "from trainer.method import Method\n\n\nclass M(Method):\n    name = {!r}\n\n\nMETHOD = M()\n"


def test_every_file_is_a_method() -> None:
    files = {path.stem for path in METHODS_FOLDER.glob("*.py")} - {"__init__"}
    assert set(discover()) == files
    assert list(discover()) == sorted(files)


def test_a_new_file_is_a_new_method(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(METHOD.format("other"))
    assert set(discover((METHODS_FOLDER, tmp_path))) == {*discover(), "other"}


def test_duplicate_names_both_files(tmp_path: Path) -> None:
    (tmp_path / "copied.py").write_text(METHOD.format("lora"))
    with pytest.raises(PluginError) as caught:
        discover((METHODS_FOLDER, tmp_path))
    assert str(tmp_path / "copied.py") in str(caught.value)
    assert str(METHODS_FOLDER / "lora.py") in str(caught.value)


def test_a_file_without_a_method_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    with pytest.raises(PluginError, match=r"empty\.py"):
        discover((tmp_path,))


def test_unknown_method_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"'dora'.*lora"):
        get_method("dora")
