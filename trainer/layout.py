"""Which layout of batches a model computes rightly and fast; found out by trying, not by a list of names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from dataprep.errors import ConfigError
from trainer.attention import attends_by_row, use_attention_by_row
from trainer.batches import collate
from trainer.reading import plain_model, read_batch
from trainer.tokens import Tokens

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from trainer.batches import Layout
    from trainer.runtime import Runtime

ROW_LENGTHS: Final = (5, 9, 3)


def choose_layout(
    model: PreTrainedModel, runtime: Runtime, *, compiled: bool = False, packing: bool = False
) -> Layout:
    """How batches are laid out for a model.

    Args:
        model: plain or wrapped; its attention may be switched over.
        runtime: a CPU attends row by row; on a GPU lines of rows need FlashAttention.
        compiled: torch.compile would unroll a loop over rows.
        packing: several rows are to share a line.

    Raises:
        ConfigError: rows are to share lines, but this model lets them see each other.
    """
    inner = plain_model(model)
    flash = str(inner.config._attn_implementation).startswith("flash_attention")  # noqa: SLF001
    by_row = runtime.device == "cpu" and not compiled and use_attention_by_row(inner)
    if (by_row or flash) and _agrees(model, runtime, "flat", packed=True):
        return "flat"
    if attends_by_row(inner):
        inner.set_attn_implementation("sdpa")
    if packing and not _agrees(model, runtime, "padded", packed=True):
        raise ConfigError("packing: this model lets packed rows see each other", "Use packing=false")
    return "padded" if packing or _agrees(model, runtime, "padded", packed=False) else "masked"


@torch.no_grad()
def _agrees(model: PreTrainedModel, runtime: Runtime, layout: Layout, *, packed: bool) -> bool:
    """Whether rows together get the states they get alone."""
    size = model.get_input_embeddings().weight.shape[0]
    rows = [
        Tokens.of(str(place), [(7 * place + 3 * i + 5) % size for i in range(length)], [0.0] + [1.0] * (length - 1))
        for place, length in enumerate(ROW_LENGTHS)
    ]
    numbered = list(enumerate(rows))
    lines = [numbered] if packed else [[row] for row in numbered]
    was_training = model.training
    model.eval()
    try:
        with runtime.autocast():
            together = read_batch(model, collate(lines, 0, layout).to(runtime.device)).states
            alone = [read_batch(model, collate([[row]], 0, "masked").to(runtime.device)).states for row in numbered]
    except (TypeError, ValueError, RuntimeError, AttributeError):
        return False
    finally:
        model.train(was_training)
    expected = torch.cat(alone).float()
    # Seeing another row's tokens changes states by a tenth and more; the order of sums by far less than this.
    bound = (1e-4 if expected.dtype == torch.float32 and runtime.precision == "fp32" else 2e-2) * expected.abs().max()
    return bool((together.float() - expected).abs().max() <= bound)
