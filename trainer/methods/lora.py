"""LoRA: learn a low-rank update beside each frozen linear layer (Hu et al. 2021, arXiv:2106.09685)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedModel

    from trainer.config import TrainConfig


class Lora:
    """Adapters from peft; the base weights stay as they are and are not stored again."""

    name = "lora"

    def attach(self, model: PreTrainedModel, config: TrainConfig) -> PreTrainedModel:
        """Wrap `model` with fresh adapters; at the start they change nothing.

        Raises:
            ConfigError: `lora_target_modules` names no layer of this model.
        """
        from peft import LoraConfig, get_peft_model  # noqa: PLC0415 - listing the methods must stay instant

        settings = LoraConfig(
            task_type="CAUSAL_LM",
            r=config.lora_rank,
            lora_alpha=config.lora_alpha,
            lora_dropout=config.lora_dropout,
            target_modules=config.lora_target_modules,
        )
        try:
            return get_peft_model(model, settings)
        except ValueError as err:
            raise ConfigError(
                f"lora_target_modules={config.lora_target_modules!r} fits no layer of this model",
                "Use lora_target_modules=all-linear",
            ) from err

    def save(self, model: PreTrainedModel, folder: Path) -> None:
        """Write adapter_model.safetensors and adapter_config.json."""
        # The embeddings are never trained here, and peft's check for that would ask the hub.
        model.save_pretrained(str(folder), save_embedding_layers=False)
        # peft's model card is a form of empty fields; run.json says what was done.
        (folder / "README.md").unlink(missing_ok=True)


METHOD = Lora()
