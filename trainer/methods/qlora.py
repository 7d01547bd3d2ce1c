"""QLoRA: low-rank updates beside weights held in 4 bits (Dettmers et al. 2023, arXiv:2305.14314)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.errors import UserError
from trainer.method import Method
from trainer.methods.lora import Lora, LoraSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from trainer.config import TrainConfig
    from trainer.model import BaseModel
    from trainer.runtime import Runtime


class Qlora(Lora):
    """LoRA on a base in nf4 with doubly quantised constants, on GPU or CPU; about 0.6 bytes a weight."""

    name = "qlora"
    settings = (LoraSettings,)
    learning_rate = 1e-3

    def load_base(
        self, base: BaseModel, runtime: Runtime, config: TrainConfig
    ) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """The model with its linear layers in 4 bits; embeddings and output layer stay as they are.

        Raises:
            UserError: the weights cannot be quantised, or transformers cannot load the model.
        """
        import torch  # noqa: PLC0415 - listing the methods must stay instant
        from transformers import BitsAndBytesConfig  # noqa: PLC0415

        settings = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16 if runtime.precision == "bf16" else torch.float32,
        )
        model, tokenizer = base.load(
            runtime,
            remote_code=config.allow_remote_code,
            quantization_config=settings,
            device_map={"": runtime.device},
        )
        if not guard_quantised_layers(model):
            raise UserError(f"{base.id}: no layer of this model could be held in 4 bits", "Use method=lora")
        return model, tokenizer

    def merge(self, folder: Path, base: Callable[[], PreTrainedModel]) -> PreTrainedModel:
        """The updates added to what the 4-bit weights stand for.

        They were learnt beside those: added to the original weights they give another model (logits off by 2.7 on
        average), added to the 4-bit weights themselves by 5.1.
        """
        return super().merge(folder, lambda: plain_weights(base()))


def plain_weights(model: PreTrainedModel) -> PreTrainedModel:
    """The same model with ordinary layers, holding what the 4-bit weights stand for, in fp32."""
    import torch  # noqa: PLC0415 - listing the methods must stay instant

    plain: PreTrainedModel = model.dequantize(dtype=torch.float32)
    return plain


def guard_quantised_layers(model: PreTrainedModel) -> int:
    """Keep bitsandbytes from repacking weights in evaluation; returns the number of 4-bit layers.

    On processors with AVX512-BF16, bitsandbytes 0.50 repacks a layer's weights at the first forward pass in
    evaluation mode, and the gradients of every later pass are wrong (cosine -0.009 to the right ones).
    """
    from bitsandbytes.nn import Linear4bit  # noqa: PLC0415

    layers = [module for module in model.modules() if isinstance(module, Linear4bit)]
    for layer in layers:
        layer.support_avx512bf16_for_cpu = False
    return len(layers)


METHOD: Method = Qlora()
