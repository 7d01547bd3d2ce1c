"""Settings: where they come from, and that every mistake is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dataprep.errors import ConfigError
from trainer.config import TrainConfig, load_config
from trainer.methods.lora import LoraSettings


def test_later_sources_win(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("data: from-file\nmodel: from-file\nseed: 1\nlora_target_modules: [q_proj]\n")
    config = load_config(file, {"model": "from-flag", "data": None}, ["seed=2", "learning_rate=1e-4"])
    assert (config.data, config.model, config.seed) == ("from-file", "from-flag", 2)
    assert config.learning_rate == 1e-4  # YAML itself reads 1e-4 as a string
    assert config.of(LoraSettings).lora_target_modules == ["q_proj"]


def test_all_mistakes_are_named_together() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, {}, ["learning_rat=1", "batch_size=0", "stray", "epochs=many"])
    text = str(caught.value)
    for part in ("'learning_rat', did you mean 'learning_rate'", "batch_size=0", "'stray'", "epochs='many'", "'data'"):
        assert part in text


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("lora", "epochs"),
        ("lora", "learning_rate"),
        ("lora", "max_minutes"),
        ("lora", "lora_alpha"),
        ("distill", "distill_temperature"),
        ("dpo", "dpo_beta"),
    ],
)
@pytest.mark.parametrize("value", [".inf", ".nan"])
def test_what_is_no_finite_number_is_refused(method: str, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"{name}=(inf|nan): Input should be a finite number"):
        load_config(None, {"data": "x", "method": method}, [f"{name}={value}"])


@pytest.mark.parametrize("content", ["- a list", "a: [", "just words", None])
def test_a_file_that_holds_no_settings(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "config.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        load_config(file)


def test_printed_settings_can_be_read_back(tmp_path: Path) -> None:
    config = load_config(None, {"data": "x"}, ["learning_rate=3e-5", "lora_target_modules=[a, b]"])
    file = tmp_path / "config.yaml"
    file.write_text(config.to_yaml())
    assert load_config(file) == config
    assert set(yaml.safe_load(config.to_yaml())) == {*TrainConfig.model_fields, *LoraSettings.model_fields}


def test_fingerprint_is_of_what_decides_the_result() -> None:
    config = TrainConfig(data="here", output="there")
    assert config.fingerprint() == TrainConfig(data="elsewhere", output="anywhere").fingerprint()
    assert config.fingerprint() != TrainConfig(data="here", output="there", seed=1).fingerprint()


def test_each_method_has_its_own_learning_rate() -> None:
    full, lora = TrainConfig(data="x", method="full"), TrainConfig(data="x", method="lora")
    assert full.learning_rate < lora.learning_rate
    assert TrainConfig(data="x", method="full", learning_rate=0.5).learning_rate == 0.5


def test_settings_of_another_method_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"'lora_rank' is a setting of lora and qlora"):
        load_config(None, {"data": "x", "method": "full"}, ["lora_rank=4"])
    with pytest.raises(ConfigError, match=r"lora_rank=0.*lora_dropout=2"):
        load_config(None, {"data": "x"}, ["lora_rank=0", "lora_dropout=2"])
