"""Full fine-tuning: every weight learns, and the whole model is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainer.method import Method

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from transformers import PreTrainedModel

    from trainer.config import TrainConfig


class Full(Method):
    """Nothing is added to the model. Weights are held in fp32, where small steps are not rounded away."""

    name = "full"
    learning_rate = 5e-5
    result = "model"
    keeps_base_weights = False

    def attach(self, model: PreTrainedModel, config: TrainConfig) -> PreTrainedModel:
        """Set every weight trainable."""
        del config
        model.requires_grad_(requires_grad=True)
        return model

    def save(self, model: PreTrainedModel, folder: Path) -> None:
        """Write config.json and the weights as safetensors; transformers alone can load them."""
        from trainer.sharding import whole_weights  # noqa: PLC0415 - listing the methods must stay instant

        model.save_pretrained(str(folder), state_dict=whole_weights(model))

    def restore(self, folder: Path, base: Callable[[], PreTrainedModel]) -> PreTrainedModel:
        """The model as it was stored; the base model is not needed. Its own code runs where the run allowed that."""
        del base
        from transformers import AutoModelForCausalLM  # noqa: PLC0415 - listing the methods must stay instant

        from trainer.load import read_tuned  # noqa: PLC0415

        allowed = bool(read_tuned(folder)[1].config.get("allow_remote_code"))
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            folder, dtype="auto", use_safetensors=True, trust_remote_code=allowed
        )
        return model


METHOD = Full()
