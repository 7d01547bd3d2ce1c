"""Whether two forms of one model say the same: their logits on a few fixed texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from dataprep.contract import Example, Message
from trainer.chat import ChatEncoder, RowRefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PROBES: Final = (
    ("What is the capital of France?", "The capital of France is Paris."),
    ("Add 17 and 25, then double the result.", "17 + 25 = 42, and twice 42 is 84."),
    ("Where is my parcel? The number is 4111-88.", "I am sorry for the wait. It will arrive on Monday at 10:30."),
    ("Write a Python function that squares a number.", "def square(x: float) -> float:\n    return x * x\n"),
    ("Wie komme ich zum Bahnhof?", "Gehen Sie geradeaus und dann an der Ampel links; es sind zehn Minuten."),
    ("Give me a JSON object with a name and an age.", '{"name": "Ada", "age": 36, "languages": ["en", "fr"]}'),
)
"""Question and answer; of several kinds, since a fault may show in one only."""


@dataclass(frozen=True)
class Difference:
    """How far the logits of two models are apart.

    Attributes:
        mean: mean absolute difference of the logits.
        relative: the same as a share of the standard deviation of the first model's logits.
        largest: the largest one.
        agreement: share of the positions at which both have the same likeliest token.
    """

    mean: float
    relative: float
    largest: float
    agreement: float


def probe_ids(tokenizer: PreTrainedTokenizerBase) -> list[list[int]]:
    """The fixed texts as tokens, in the model's own chat template where it has one that takes them."""
    texts = [f"{question}\n{answer}" for question, answer in PROBES]
    try:
        encoder = ChatEncoder(tokenizer)
        rows = [
            Example(row_id="probe", messages=[Message(role="user", content=q), Message(role="assistant", content=a)])
            for q, a in PROBES
        ]
        return [encoder.encode(row).input_ids.tolist() for row in rows]
    except (RowRefusedError, ValueError):
        return [tokenizer(text)["input_ids"] for text in texts]


@torch.inference_mode()
def logits_of(model: PreTrainedModel, probes: Sequence[Sequence[int]]) -> list[torch.Tensor]:
    """(tokens, vocabulary) logits of each probe, in fp32 in main memory."""
    model.eval()
    device = next(model.parameters()).device
    return [
        model(input_ids=torch.tensor([list(ids)], device=device), use_cache=False).logits[0].float().cpu()
        for ids in probes
    ]


def difference(one: Sequence[torch.Tensor], other: Sequence[torch.Tensor]) -> Difference:
    """How far two models are apart; a larger vocabulary of one is padding and not compared."""
    width = min(one[0].shape[-1], other[0].shape[-1])
    a, b = (torch.cat([logits[:, :width] for logits in side]) for side in (one, other))
    apart = (a - b).abs()
    return Difference(
        mean=float(apart.mean()),
        relative=float(apart.mean() / a.std()),
        largest=float(apart.max()),
        agreement=float((a.argmax(dim=-1) == b.argmax(dim=-1)).float().mean()),
    )
