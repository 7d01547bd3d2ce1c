"""How many tokens a model reads at once, as its config says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from transformers import PretrainedConfig

STRETCHED: Final = ("dynamic", "yarn", "longrope")
"""Kinds of RoPE whose factor says how much longer than the original length they read; llama3's says no such thing."""


def context_length(settings: PretrainedConfig) -> int | None:
    """The most tokens of one text; None where the config states no bound.

    Most configs of models with stretched RoPE state the stretched length; where they state the one before, as those
    of Qwen2.5 with YaRN, it is worked out.
    """
    own = settings.get_text_config()
    stated = getattr(own, "max_position_embeddings", None)  # n_positions is another name of it
    if not isinstance(stated, int) or stated <= 0 or getattr(own, "alibi", False):
        return None
    rope = getattr(own, "rope_parameters", None) or {}
    kinds = [kind for kind in (rope, *rope.values()) if isinstance(kind, dict)]  # one for all layers, or one for each
    return max([stated, *(_stretched(kind, stated) for kind in kinds)])


def longest(max_length: int, settings: PretrainedConfig) -> int:
    """The most tokens that may be read, of those that are wanted."""
    return min(max_length, context_length(settings) or max_length)


def new_tokens(settings: PretrainedConfig, read: int, wanted: int) -> int:
    """How many tokens may be written after so many were read; one at least, as generation asks for it."""
    return max(longest(read + wanted, settings) - read, 1)


def _stretched(rope: dict[str, Any], stated: int) -> int:
    if rope.get("rope_type") not in STRETCHED:
        return 0
    return int((rope.get("factor") or 1) * (rope.get("original_max_position_embeddings") or stated))
