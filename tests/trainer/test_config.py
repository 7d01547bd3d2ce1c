"""Settings: where they come from, and that every mistake is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dataprep.errors import ConfigError
from trainer.config import TrainConfig, load_config


def test_later_sources_win(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("data: from-file\nmodel: from-file\nseed: 1\nlora_target_modules: [q_proj]\n")
    config = load_config(file, {"model": "from-flag", "data": None}, ["seed=2", "learning_rate=1e-4"])
    assert (config.data, config.model, config.seed) == ("from-file", "from-flag", 2)
    assert config.learning_rate == 1e-4  # YAML itself reads 1e-4 as a string
    assert config.lora_target_modules == ["q_proj"]


def test_all_mistakes_are_named_together() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, {}, ["learning_rat=1", "batch_size=0", "stray", "epochs=many"])
    text = str(caught.value)
    for part in ("'learning_rat', did you mean 'learning_rate'", "batch_size=0", "'stray'", "epochs='many'", "'data'"):
        assert part in text


@pytest.mark.parametrize("content", ["- a list", "a: [", "just words", None])
def test_a_file_that_holds_no_settings(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "config.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        load_config(file)


def test_printed_settings_can_be_read_back(tmp_path: Path) -> None:
    config = TrainConfig(data="x", learning_rate=3e-5, lora_target_modules=["a", "b"])
    file = tmp_path / "config.yaml"
    file.write_text(config.to_yaml())
    assert load_config(file) == config
    assert set(yaml.safe_load(config.to_yaml())) == set(TrainConfig.model_fields)


def test_fingerprint_is_of_what_decides_the_result() -> None:
    config = TrainConfig(data="here", output="there")
    assert config.fingerprint() == TrainConfig(data="elsewhere", output="anywhere").fingerprint()
    assert config.fingerprint() != TrainConfig(data="here", output="there", seed=1).fingerprint()
