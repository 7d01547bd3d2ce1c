"""The contract of a training method, and how the files of trainer/methods/ are found.

One method is one file there with a module-level `METHOD`, its settings included. Heavy imports belong inside
its functions, so that listing the methods stays instant.
"""

from __future__ import annotations

import importlib.util
import pkgutil
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from dataprep.errors import ConfigError, PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from dataprep.contract import Model
    from trainer.config import TrainConfig
    from trainer.data import TokenSet
    from trainer.model import BaseModel
    from trainer.objective import Objective
    from trainer.runtime import Runtime
    from trainer.session import Session

METHODS_FOLDER = Path(__file__).parent / "methods"

DEFAULT_METHOD = "lora"

RowKind = Literal["answer", "preference"]


class Method:
    """Which rows are learnt from, which weights learn, what is minimised, and how the result is kept."""

    name: ClassVar[str]
    settings: ClassVar[tuple[type[Model], ...]] = ()
    """Its own settings, as pydantic models; every name begins with the method's."""
    learner_setting: ClassVar[str | None] = None
    """Setting that names the method which decides what learns, for a method that only changes what is minimised."""
    learning_rate: ClassVar[float] = 1e-4
    """Peak learning rate where the user gives none."""
    learning_rate_factor: ClassVar[float] = 1.0
    """What the learning rate of the method that decides what learns is multiplied by."""
    takes: ClassVar[RowKind] = "answer"
    """Rows with one wanted answer, or preference pairs."""
    result: ClassVar[str] = "adapter"
    """Folder of the run that holds what was learned: `adapter` beside the base model, or a whole `model`."""
    keeps_base_weights: ClassVar[bool] = True
    """Whether the base weights stay as they are; they are then held in a shorter type where that is faster."""

    mergeable: ClassVar[bool] = True
    """Whether what was learned can become weights of the base model's own kind."""

    def learner(self, config: TrainConfig) -> Method:
        """The method that decides what learns and how it is kept: this one, or the one its settings name."""
        return self if self.learner_setting is None else get_learner(getattr(config, self.learner_setting))

    def load_base(
        self, base: BaseModel, runtime: Runtime, config: TrainConfig
    ) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """The model before training, on its device.

        Raises:
            UserError: it cannot be loaded in the way this method needs.
        """
        return base.load(runtime, learning=not self.keeps_base_weights, remote_code=config.allow_remote_code)

    def prepare_base(self, model: PreTrainedModel, config: TrainConfig) -> PreTrainedModel:
        """Change the base model before anything is attached to it; most methods leave it as it is.

        Raises:
            ConfigError: the method's settings do not fit this model.
        """
        del config
        return model

    def attach(self, model: PreTrainedModel, config: TrainConfig) -> PreTrainedModel:
        """Return the model with exactly the weights that should learn set trainable.

        Raises:
            ConfigError: the method's settings do not fit this model.
        """
        raise NotImplementedError

    def objective(self, session: Session, tokens: TokenSet) -> Objective:
        """What is minimised, once the model is attached.

        Raises:
            UserError: something it needs, a teacher say, is missing or does not fit.
        """
        del session, tokens
        from trainer.objective import AnswerLoss  # noqa: PLC0415 - torch

        return AnswerLoss()

    def save(self, model: PreTrainedModel, folder: Path) -> None:
        """Write what was learned to `folder`, with all that `restore` needs."""
        raise NotImplementedError

    def restore(self, folder: Path, base: Callable[[], PreTrainedModel]) -> PreTrainedModel:
        """The trained model again.

        Args:
            folder: written by `save`.
            base: loads the model before training; not called where `folder` holds all the weights.
        """
        raise NotImplementedError

    def merge(self, folder: Path, base: Callable[[], PreTrainedModel]) -> PreTrainedModel:
        """The trained model as plain weights; asked only of a method that is `mergeable`.

        Args:
            folder: written by `save`.
            base: loads the model before training, in the form that training saw.
        """
        return self.restore(folder, base)


def settings_in_force(values: Mapping[str, object]) -> dict[str, type[Model]]:
    """Settings of the method that `values` name, and of the one that decides what learns, by setting.

    Raises:
        ConfigError: there is no such method.
    """
    method = get_method(str(values.get("method", DEFAULT_METHOD)))
    models = list(method.settings)
    if method.learner_setting is not None:
        default = next(model.model_fields for model in models if method.learner_setting in model.model_fields)
        models += get_learner(values.get(method.learner_setting, default[method.learner_setting].default)).settings
    return {name: model for model in models for name in model.model_fields}


def default_learning_rate(values: Mapping[str, object]) -> float:
    """Peak learning rate where the user gives none."""
    method = get_method(str(values.get("method", DEFAULT_METHOD)))
    if method.learner_setting is None:
        return method.learning_rate
    return method.learning_rate_factor * get_learner(values[method.learner_setting]).learning_rate


def get_learner(name: object) -> Method:
    """The method called `name`, which decides itself what learns.

    Raises:
        ConfigError: there is none, or it leaves that to another.
    """
    method = get_method(str(name))
    if method.learner_setting is not None:
        able = ", ".join(known for known, other in discover().items() if other.learner_setting is None)
        raise ConfigError(f"{name} does not say what learns", f"Choose one of: {able}")
    return method


def owners_of(setting: str) -> list[str]:
    """Names of the methods that have a setting."""
    return [
        name for name, method in discover().items() if any(setting in model.model_fields for model in method.settings)
    ]


@cache
def discover(folders: tuple[Path, ...] = (METHODS_FOLDER,)) -> dict[str, Method]:
    """All methods by name, in the order of their file names.

    Raises:
        PluginError: a file has no `METHOD`, or two files claim one name.
    """
    found: dict[str, Method] = {}
    files: dict[str, Path] = {}
    modules = sorted(pkgutil.iter_modules([str(folder) for folder in folders]), key=lambda info: info.name)
    for info in modules:
        module = _load(f"trainer.methods.{info.name}", info)
        file = Path(str(module.__file__))
        method = getattr(module, "METHOD", None)
        if not isinstance(method, Method):
            raise PluginError(f"{file}: defines no METHOD", "See trainer/method.py for the contract")
        if method.name in found:
            raise PluginError(f"{files[method.name]} and {file} both define the method '{method.name}'")
        found[method.name], files[method.name] = method, file
    return found


def _load(name: str, info: pkgutil.ModuleInfo) -> ModuleType:
    """The module, the same one an ordinary import of it gives."""
    spec = info.module_finder.find_spec(name, None)
    if spec is None or spec.loader is None:
        raise PluginError(f"{info.name}: cannot be imported")
    known = sys.modules.get(name)
    if known is not None and known.__file__ == spec.origin:
        return known
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def get_method(name: str) -> Method:
    """The method called `name`.

    Raises:
        ConfigError: there is none; the message lists those there are.
    """
    methods = discover()
    if name not in methods:
        raise ConfigError(f"unknown method '{name}'", f"Available: {', '.join(methods)}")
    return methods[name]
