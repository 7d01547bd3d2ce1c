"""Attention over several rows in one line, row by row.

transformers builds a block-diagonal mask for such lines, and scaled_dot_product_attention then works through
the whole square. Attending within each row costs only the rows' own squares, needs no mask, and gives the same
numbers. It is meant for CPUs; on a GPU FlashAttention does the same in one kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME: Final = "sdpa_by_row"


def use_attention_by_row(model: PreTrainedModel) -> bool:
    """Switch a model that uses SDPA over; False where it uses something else or cannot be switched."""
    if model.config._attn_implementation not in {"sdpa", NAME}:  # noqa: SLF001 - there is no public name for it
        return False
    AttentionInterface.register(NAME, attend_by_row)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)
    return attends_by_row(model)


def attends_by_row(model: PreTrainedModel) -> bool:
    """Whether the model was switched over."""
    return bool(model.config._attn_implementation == NAME)  # noqa: SLF001


def without_mask(inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs of a line of rows, so that transformers does not build a mask nobody looks at.

    The mask of a line of 8,192 tokens has 67 million entries. A mask that already has four dimensions is
    passed on as it is.
    """
    if "cu_seq_lens_q" not in inputs:
        return inputs
    placeholder = torch.ones(1, 1, 1, 1, dtype=torch.bool, device=inputs["input_ids"].device)
    return inputs | {"attention_mask": placeholder}


def attend_by_row(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention of each row to itself, where the batch says where rows begin; else plain SDPA.

    Args:
        module: the attention layer.
        query: (1, heads, tokens, head size); `key` and `value` have as many heads or fewer.
        key: see `query`.
        value: see `query`.
        attention_mask: used where nothing says where rows begin.
        options: what else transformers passes: scaling, dropout, cu_seq_lens_q, sliding_window and so on.

    Returns:
        (1, tokens, heads, head size), and None for the attention weights.
    """
    bounds = options.get("cu_seq_lens_q")
    if bounds is None:
        return _attend(module, query, key, value, attention_mask, options)
    window = options.get("sliding_window")
    if options.get("position_bias") is not None or (window is not None and window < options["max_length_q"]):
        return _attend(module, query, key, value, _block_mask(bounds, window), options)
    lengths = bounds.diff().tolist()
    # Split, not sliced: the gradient of a slice is as long as the whole line.
    rows = zip(*(torch.split(tensor, lengths, dim=2) for tensor in (query, key, value)), strict=True)
    attended = [
        scaled_dot_product_attention(
            own_query,
            own_key,
            own_value,
            dropout_p=options.get("dropout", 0.0),
            scale=options.get("scaling"),
            is_causal=True,
            enable_gqa=query.shape[1] != key.shape[1],
        )
        for own_query, own_key, own_value in rows
    ]
    return torch.cat(attended, dim=2).transpose(1, 2).contiguous(), None


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    options: dict[str, Any],
) -> tuple[torch.Tensor, None]:
    result: tuple[torch.Tensor, None] = sdpa_attention_forward(module, query, key, value, mask, **options)
    return result


def _block_mask(bounds: torch.Tensor, window: int | None) -> torch.Tensor:
    """(1, 1, tokens, tokens): whether the one token may look at the other."""
    places = torch.arange(int(bounds[-1]), device=bounds.device)
    owner = torch.bucketize(places, bounds[1:], right=True)
    distance = places[:, None] - places[None, :]
    allowed = (owner[:, None] == owner[None, :]) & (distance >= 0)
    if window is not None:
        allowed &= distance < window
    return allowed[None, None]
