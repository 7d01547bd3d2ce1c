"""Bottleneck adapters: small trainable networks behind the sublayers of a frozen decoder.

Houlsby et al. 2019 (arXiv:1902.00751) put one behind attention and one behind the feed-forward part of each
layer; Pfeiffer et al. 2021 (arXiv:2005.00247) only the latter. Each computes y + up(f(down(y))), with `up` zero at
the start, so that a fresh adapter changes nothing. Several can lie side by side in a model; one is active.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from dataprep.contract import Model
from dataprep.errors import ConfigError, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedModel

WEIGHTS_NAME: Final = "bottleneck.safetensors"
SETTINGS_NAME: Final = "bottleneck.json"

ATTENTION: Final = re.compile(r"(attn|attention)\.(o_proj|out_proj|c_proj|dense|wo)$")
FEED_FORWARD: Final = re.compile(r"(down_proj|fc2|fc_out|dense_4h_to_h|mlp\.c_proj|w2)$")
"""How decoders name the last linear layer of attention and of the feed-forward part."""

ACTIVATIONS: Final = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU}


class BottleneckSettings(Model):
    """bottleneck.json: what adapters look like and where they sit."""

    placement: Literal["houlsby", "pfeiffer"]
    size: int
    activation: Literal["relu", "gelu", "silu"]


class Bottleneck(nn.Module):
    """What is added to a sublayer's output: up(f(down(y)))."""

    def __init__(self, width: int, settings: BottleneckSettings) -> None:
        super().__init__()
        self.settings = settings
        self.down = nn.Linear(width, settings.size)
        self.activation = ACTIVATIONS[settings.activation]()
        self.up = nn.Linear(settings.size, width)
        nn.init.normal_(self.down.weight, std=1 / width**0.5)
        nn.init.zeros_(self.down.bias)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, output: torch.Tensor) -> torch.Tensor:
        """(..., width) -> (..., width), in the type of the output."""
        change: torch.Tensor = self.up(self.activation(self.down(output.to(self.down.weight.dtype))))
        return change.to(output.dtype)


class Adapted(nn.Module):
    """A layer with adapters behind it, of which at most one is active."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__()
        self.base = base
        self.adapters = nn.ModuleDict()
        self.active: str | None = None

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The layer's output, and what the active adapter adds."""
        output: torch.Tensor = self.base(*inputs)
        return output if self.active is None else output + self.adapters[self.active](output)


def add_adapter(model: PreTrainedModel, name: str, settings: BottleneckSettings) -> None:
    """Add a fresh adapter, make it the active one and the only thing that learns.

    Raises:
        ConfigError: the model has no layers it could sit behind, or already has an adapter of that name.
    """
    if name in adapter_names(model):
        raise ConfigError(f"the model already has an adapter called '{name}'", "Choose another name")
    for path, layer in _wrap(model, settings).items():
        where = next(layer.base.parameters()).device
        layer.adapters[name] = Bottleneck(_width(model, path, layer), settings).to(where)
    activate(model, name)
    model.requires_grad_(requires_grad=False)
    for adapter in _bottlenecks(model, name).values():
        adapter.requires_grad_(requires_grad=True)


def activate(model: PreTrainedModel, name: str | None) -> None:
    """Compute with the adapter of that name from now on; None: with the plain model.

    Raises:
        ConfigError: there is none of that name; the message lists those there are.
    """
    known = adapter_names(model)
    if name is not None and name not in known:
        raise ConfigError(f"no adapter called '{name}'", f"There are: {', '.join(known) or 'none'}")
    for layer in _adapted_layers(model).values():
        layer.active = name if name is not None and name in layer.adapters else None


def active_adapter(model: PreTrainedModel) -> str | None:
    """Name of the adapter the model computes with."""
    return next((layer.active for layer in _adapted_layers(model).values() if layer.active is not None), None)


def adapter_names(model: PreTrainedModel) -> list[str]:
    """Names of the adapters the model has, in alphabetical order."""
    return sorted({name for layer in _adapted_layers(model).values() for name in layer.adapters})


def save_adapter(model: PreTrainedModel, name: str, folder: Path) -> None:
    """Write one adapter as safetensors and JSON."""
    adapters = _bottlenecks(model, name)
    settings = next(iter(adapters.values())).settings
    state = {key: value.detach().cpu().contiguous() for key, value in _state(adapters).items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(state, folder / WEIGHTS_NAME, metadata={"format": "pt"})
    (folder / SETTINGS_NAME).write_text(settings.model_dump_json(indent=2) + "\n", encoding="utf-8")


def load_adapter(model: PreTrainedModel, name: str, folder: Path) -> BottleneckSettings:
    """Add an adapter that was saved, beside those there are, and make it the active one.

    Raises:
        InputError: the folder holds no adapter.
        ConfigError: it was made for another model.
    """
    try:
        settings = BottleneckSettings.model_validate_json((folder / SETTINGS_NAME).read_text(encoding="utf-8"))
        state = load_file(folder / WEIGHTS_NAME)
    except (OSError, ValidationError, SafetensorError) as err:
        raise InputError(f"{folder}: holds no bottleneck adapter that can be read") from err
    add_adapter(model, name, settings)
    here = _state(_bottlenecks(model, name))
    if {key: value.shape for key, value in here.items()} != {key: value.shape for key, value in state.items()}:
        remove_adapter(model, name)
        raise ConfigError(f"{folder}: this adapter was made for a model with other layers")
    with torch.no_grad():
        for key, value in here.items():
            value.copy_(state[key])
    return settings


def remove_adapter(model: PreTrainedModel, name: str) -> None:
    """Take an adapter away; the plain model is active afterwards if it was the active one."""
    for layer in _adapted_layers(model).values():
        if name in layer.adapters:
            del layer.adapters[name]
        if layer.active == name:
            layer.active = None


def _adapted_layers(model: PreTrainedModel) -> dict[str, Adapted]:
    return {path: module for path, module in model.named_modules() if isinstance(module, Adapted)}


def _bottlenecks(model: PreTrainedModel, name: str) -> dict[str, Bottleneck]:
    """The parts of one adapter, by the path of the layer each sits behind."""
    layers = _adapted_layers(model).items()
    parts = {path: layer.adapters[name] for path, layer in layers if name in layer.adapters}
    return {path: part for path, part in parts.items() if isinstance(part, Bottleneck)}


def _state(adapters: dict[str, Bottleneck]) -> dict[str, torch.Tensor]:
    return {f"{path}.{key}": value for path, part in adapters.items() for key, value in part.state_dict().items()}


def _wrap(model: PreTrainedModel, settings: BottleneckSettings) -> dict[str, Adapted]:
    """The layers adapters of this kind sit behind, each made able to have some."""
    wanted = [FEED_FORWARD, ATTENTION] if settings.placement == "houlsby" else [FEED_FORWARD]
    found: dict[str, Adapted] = {}
    for path, module in list(model.named_modules()):
        parent_path, _, name = path.rpartition(".")
        parent = model.get_submodule(parent_path)
        if isinstance(parent, Adapted) or not any(pattern.search(path) for pattern in wanted):
            continue
        layer = module if isinstance(module, Adapted) else Adapted(module)
        setattr(parent, name, layer)
        found[path] = layer
    missing = [
        what
        for what, pattern in (("feed-forward", FEED_FORWARD), ("attention", ATTENTION))
        if pattern in wanted and not any(pattern.search(path) for path in found)
    ]
    if missing:
        raise ConfigError(
            f"adapters: no output layer of the {' and '.join(missing)} part was recognised in {type(model).__name__}",
            "Use method=lora for this model",
        )
    return found


def _width(model: PreTrainedModel, path: str, layer: Adapted) -> int:
    """Size of a layer's output: what it says itself, else that of the model's states."""
    stated = getattr(layer.base, "out_features", None) or getattr(layer.base, "nf", None)
    if stated is None and not hasattr(model.config, "hidden_size"):
        raise ConfigError(f"adapters: the width of {path} is not known", "Use method=lora for this model")
    return int(stated or model.config.hidden_size)
