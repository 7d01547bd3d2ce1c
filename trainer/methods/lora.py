"""LoRA: learn a low-rank update beside each frozen linear layer (Hu et al. 2021, arXiv:2106.09685)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from dataprep.contract import Model
from dataprep.errors import ConfigError
from trainer.method import Method

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from transformers import PreTrainedModel

    from trainer.config import TrainConfig


class LoraSettings(Model):
    """Settings of low-rank updates, shared by LoRA and QLoRA."""

    model_config = ConfigDict(allow_inf_nan=False)

    lora_rank: int = Field(default=8, ge=1, description="Inner size of each low-rank update.")
    lora_alpha: float = Field(
        default=16.0, gt=0, description="Updates are scaled by alpha / rank, rank-stabilised by alpha / sqrt(rank)."
    )
    lora_dropout: float = Field(default=0.0, ge=0, lt=1, description="Dropout in front of each update.")
    lora_target_modules: str | list[str] = Field(
        default="all-linear",
        description="Layers to adapt: `all-linear` (all but the output layer), or a list of module names.",
    )
    lora_rslora: bool = Field(
        default=False, description="Rank-stabilised scaling (arXiv:2312.03732): for ranks of 32 and more."
    )
    lora_dora: bool = Field(
        default=False,
        description="Learn each column's length apart from its direction (DoRA, arXiv:2402.09353): slower, often "
        "better at small ranks.",
    )


class Lora(Method):
    """Adapters from peft; the base weights stay as they are and are not stored again."""

    name = "lora"
    settings = (LoraSettings,)
    learning_rate = 1e-3

    def attach(self, model: PreTrainedModel, config: TrainConfig) -> PreTrainedModel:
        """Wrap `model` with fresh adapters; at the start they change nothing.

        Raises:
            ConfigError: `lora_target_modules` names what is no layer of this model, or one that shares its weights.
        """
        from peft import LoraConfig, get_peft_model  # noqa: PLC0415 - listing the methods must stay instant
        from peft.tuners.lora import LoraLayer  # noqa: PLC0415

        own = config.of(LoraSettings)
        if isinstance(own.lora_target_modules, list):
            _check_names(model, own.lora_target_modules)
        tied = model.get_output_embeddings() is not None and (
            model.get_output_embeddings().weight is model.get_input_embeddings().weight
        )
        settings = LoraConfig(
            task_type="CAUSAL_LM",
            r=own.lora_rank,
            lora_alpha=own.lora_alpha,
            lora_dropout=own.lora_dropout,
            target_modules=own.lora_target_modules,
            use_rslora=own.lora_rslora,
            use_dora=own.lora_dora,
        )
        try:
            adapted = get_peft_model(model, settings)
        except ValueError as err:
            raise ConfigError(
                f"lora_target_modules={own.lora_target_modules!r} fits no layer of this model",
                "Use lora_target_modules=all-linear",
            ) from err
        if tied and any(
            isinstance(layer, LoraLayer) for layer in (adapted.get_input_embeddings(), adapted.get_output_embeddings())
        ):
            raise ConfigError(
                "lora_target_modules: embeddings and output layer of this model share their weights, so what one of "
                "them learns could never be merged",
                "Leave both out, or train them together with method=full",
            )
        return adapted

    def save(self, model: PreTrainedModel, folder: Path) -> None:
        """Write adapter_model.safetensors and adapter_config.json, as peft does; peft alone can load them."""
        # The embeddings are never trained here, and peft's check for that would ask the hub.
        model.save_pretrained(str(folder), save_embedding_layers=False)
        # peft's model card is a form of empty fields; run.json says what was done.
        (folder / "README.md").unlink(missing_ok=True)

    def restore(self, folder: Path, base: Callable[[], PreTrainedModel]) -> PreTrainedModel:
        """The base model with the adapter in place."""
        from peft import PeftModel  # noqa: PLC0415

        return PeftModel.from_pretrained(base(), str(folder))

    def merge(self, folder: Path, base: Callable[[], PreTrainedModel]) -> PreTrainedModel:
        """The base weights with the updates added to them."""
        merged: PreTrainedModel = self.restore(folder, base).merge_and_unload()
        return merged


def _check_names(model: PreTrainedModel, wanted: list[str]) -> None:
    """Refuse a list with a name that fits no layer; peft passes over it where another one fits."""
    places = [f".{name}" for name, _ in model.named_modules()]
    unknown = [name for name in wanted if not any(place.endswith(f".{name}") for place in places)]
    if unknown:
        layers = dict.fromkeys(
            name.rpartition(".")[2]
            for name, layer in model.named_modules()
            if getattr(getattr(layer, "weight", None), "ndim", 0) == 2
        )
        raise ConfigError(
            f"lora_target_modules: no layer of this model is called {', '.join(unknown)}",
            f"Use lora_target_modules=all-linear, or some of its layers: {', '.join(layers)}",
        )


METHOD = Lora()
