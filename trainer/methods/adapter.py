"""Bottleneck adapters: small networks between the layers learn, the rest stays (Houlsby 2019, Pfeiffer 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field

from dataprep.contract import Model
from trainer.method import Method

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from transformers import PreTrainedModel

    from trainer.config import TrainConfig

NAME: Final = "default"
"""What a run's own adapter is called in the model."""


class AdapterSettings(Model):
    """Settings of bottleneck adapters."""

    adapter_placement: Literal["houlsby", "pfeiffer"] = Field(
        default="pfeiffer", description="pfeiffer: behind each feed-forward part; houlsby: behind attention as well."
    )
    adapter_size: int = Field(default=32, ge=1, description="Inner size of each adapter.")
    adapter_activation: Literal["relu", "gelu", "silu"] = Field(default="gelu", description="In the middle.")


class Adapter(Method):
    """Our own small module; trainer/bottleneck.py adds, switches, saves and loads adapters on any model."""

    name = "adapter"
    settings = (AdapterSettings,)
    learning_rate = 1e-3
    mergeable = False  # a network with an activation in its middle is no weight of a linear layer

    def attach(self, model: PreTrainedModel, config: TrainConfig) -> PreTrainedModel:
        """Put a fresh adapter behind the layers; at the start it changes nothing.

        Raises:
            ConfigError: the model has no layers the adapters could sit behind.
        """
        from trainer.bottleneck import BottleneckSettings, add_adapter  # noqa: PLC0415 - torch

        own = config.of(AdapterSettings)
        settings = BottleneckSettings(
            placement=own.adapter_placement, size=own.adapter_size, activation=own.adapter_activation
        )
        add_adapter(model, NAME, settings)
        return model

    def save(self, model: PreTrainedModel, folder: Path) -> None:
        """Write bottleneck.safetensors and bottleneck.json."""
        from trainer.bottleneck import save_adapter  # noqa: PLC0415

        save_adapter(model, NAME, folder)

    def restore(self, folder: Path, base: Callable[[], PreTrainedModel]) -> PreTrainedModel:
        """The base model with the adapter behind its layers.

        Raises:
            UserError: the folder holds no adapter, or one of another model.
        """
        from trainer.bottleneck import load_adapter  # noqa: PLC0415

        model = base()
        load_adapter(model, NAME, folder)
        return model


METHOD = Adapter()
