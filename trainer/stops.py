"""Where an answer ends: at the tokens the model states, and at the one its chat template ends a turn with.

A base model that learns ChatML states `<|endoftext|>` and is taught to write `<|im_end|>`; nothing would stop it
there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.errors import UserError
from trainer.chat import ChatEncoder

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def stop_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Tokens that end an answer: those the model states first, then the template's and the tokenizer's."""
    stated = getattr(model.generation_config, "eos_token_id", None)
    try:
        end = ChatEncoder(tokenizer).terminator()
    except UserError:  # a model without a chat template, which may still be loaded
        end = None
    found = [*(stated if isinstance(stated, list) else [stated]), end, tokenizer.eos_token_id]
    return [token for token in dict.fromkeys(found) if token is not None]


def state_stops(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Let the model state them itself, so that whatever program loads it stops there."""
    ends = stop_tokens(model, tokenizer)
    if ends and model.generation_config is not None:  # None: it cannot write, only read
        model.generation_config.eos_token_id = ends if len(ends) > 1 else ends[0]
