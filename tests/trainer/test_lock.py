"""One process at a time in a run folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataprep.errors import InputError
from trainer.lock import alone


def test_a_second_one_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with alone(folder):
        with pytest.raises(InputError, match="another process is training there"), alone(folder):
            pass
        (folder / "kept").touch()
    assert [path.name for path in folder.iterdir()] == ["kept"]
    with alone(tmp_path / "refused"):
        pass
    assert not (tmp_path / "refused").exists()
