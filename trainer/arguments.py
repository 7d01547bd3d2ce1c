"""What every command that trains, or would, takes: one file of settings at most, and key=value pairs."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trainer.config import TrainConfig

Function = TypeVar("Function", bound="Callable[..., None]")


def example(command: str) -> Callable[[Function], Function]:
    """End the help of a command with one that can be pasted."""

    def documented(function: Function) -> Function:
        text = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = f"{text}\n\n\b\nExample:\n  {command}"
        return function

    return documented


def settings(arguments: Sequence[str], flags: Mapping[str, object]) -> TrainConfig:
    """Settings from the arguments of a command: one file at most, and key=value pairs."""
    from trainer.config import load_config  # noqa: PLC0415 - help must be instant

    files = [Path(argument) for argument in arguments if "=" not in argument]
    if len(files) > 1:
        raise ConfigError(f"'{files[1]}' is neither key=value nor the one config file")
    pairs = [argument for argument in arguments if "=" in argument]
    return load_config(files[0] if files else None, flags, pairs)
