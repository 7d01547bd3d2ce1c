"""What is written, and what is never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataprep.errors import InputError
from dataprep.files import refuse_overwriting, write_file


def test_a_file_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    readme, mark = tmp_path / "README.md", tmp_path / "manifest.json"
    refuse_overwriting([], [readme, mark], mark)
    readme.write_text("mine")
    with pytest.raises(InputError, match=r"README.md: exists, and was not made here"):
        refuse_overwriting([], [readme, mark], mark)
    for other in ("{}", '{"name": "an extension"}', "[]", "no JSON"):
        mark.write_text(other)
        with pytest.raises(InputError, match="was not made here"):
            refuse_overwriting([], [readme, mark], mark)
    mark.write_text('{"tool_version": "0.1.0"}')
    refuse_overwriting([], [readme, mark], mark)
    with pytest.raises(InputError, match="is one of the inputs"):
        refuse_overwriting([str(readme)], [readme, mark], mark)


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        write_file(tmp_path / "out" / "report.html", "text")
