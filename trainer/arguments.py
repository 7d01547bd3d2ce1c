"""What every command that trains, or would, takes: one file of settings at most, and key=value pairs."""

from __future__ import annotations

import inspect
import os
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

    pairs = [argument for argument in arguments if _is_pair(argument)]
    files = [Path(argument) for argument in arguments if argument not in pairs]
    if len(files) > 1:
        raise ConfigError(f"'{files[1]}' is neither key=value nor the one config file")
    return load_config(files[0] if files else None, flags, pairs)


def _is_pair(argument: str) -> bool:
    """Whether an argument is key=value; folders may be called so as well, lr=0.1/config.yaml."""
    key, equals, _ = argument.partition("=")
    return bool(equals) and not set(key) & {"/", os.sep} and not os.path.isfile(argument)  # noqa: PTH113 - any length
