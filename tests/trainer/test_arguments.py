"""What an argument of a command is taken for."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataprep.errors import ConfigError
from trainer.arguments import settings


def test_a_file_is_a_file_whatever_it_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (Path("lr=0.1"), Path("sweep") / "lr=0.1"):
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text("data: there\nseed: 3\n")
        config = settings([f"{folder}/config.yaml", "max_steps=12"], {})
        assert (config.data, config.seed, config.max_steps) == ("there", 3, 12)
    with pytest.raises(ConfigError, match=r"sweep/lr=1/config\.yaml: cannot be read"):
        settings(["sweep/lr=1/config.yaml"], {})


def test_values_may_be_paths_and_long() -> None:
    config = settings(["data=a/b=c", f"lora_target_modules=[{', '.join('module' + str(n) for n in range(900))}]"], {})
    assert config.data == "a/b=c"
    with pytest.raises(ConfigError, match="unknown setting 'Seed'"):
        settings(["data=x", "Seed=1"], {})
