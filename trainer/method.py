"""The contract of a training method, and how the files of trainer/methods/ are found.

One method is one file there with a module-level `METHOD`. Heavy imports belong inside its functions, so
that listing the methods stays instant.
"""

from __future__ import annotations

import importlib.util
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dataprep.errors import ConfigError, PluginError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedModel

    from trainer.config import TrainConfig

METHODS_FOLDER = Path(__file__).parent / "methods"


class Method(Protocol):
    """What decides which weights learn, and how the result is stored."""

    name: str

    def attach(self, model: PreTrainedModel, config: TrainConfig) -> PreTrainedModel:
        """Return the model with exactly the weights that should learn set trainable.

        Raises:
            ConfigError: the method's settings do not fit this model.
        """

    def save(self, model: PreTrainedModel, folder: Path) -> None:
        """Write what was learned to `folder`, loadable without this package."""


def discover(folders: Sequence[Path] = (METHODS_FOLDER,)) -> dict[str, Method]:
    """All methods by name, in the order of their file names.

    Raises:
        PluginError: a file has no `METHOD`, or two files claim one name.
    """
    found: dict[str, Method] = {}
    files: dict[str, Path] = {}
    modules = sorted(pkgutil.iter_modules([str(folder) for folder in folders]), key=lambda info: info.name)
    for info in modules:
        spec = info.module_finder.find_spec(f"trainer.methods.{info.name}", None)
        if spec is None or spec.loader is None or spec.origin is None:
            continue
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        file = Path(spec.origin)
        method: Method | None = getattr(module, "METHOD", None)
        if method is None:
            raise PluginError(f"{file}: defines no METHOD", "See trainer/method.py for the contract")
        if method.name in found:
            raise PluginError(f"{files[method.name]} and {file} both define the method '{method.name}'")
        found[method.name], files[method.name] = method, file
    return found


def get_method(name: str) -> Method:
    """The method called `name`.

    Raises:
        ConfigError: there is none; the message lists those there are.
    """
    methods = discover()
    if name not in methods:
        raise ConfigError(f"unknown method '{name}'", f"Available: {', '.join(methods)}")
    return methods[name]
