"""Thumbs up or down: an example with a boolean `label`, as KTO training takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.formats import alpaca, openai, prompt_completion, sharegpt
from dataprep.ingest.shape import Format, Parsed, ShapeError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

LABELS = ("label", "kto_tag")


def _carrier(keys: AbstractSet[str], record: Mapping[str, Any] | None = None) -> Format | None:
    """The format of the example that the label judges."""
    for fmt in (sharegpt.FORMAT, openai.FORMAT, alpaca.FORMAT, prompt_completion.FORMAT):
        if fmt.claims(keys) and (record is None or fmt.sniff(record)):
            return fmt
    return None


def claims(keys: AbstractSet[str]) -> bool:
    """A label beside an example."""
    return not keys.isdisjoint(LABELS) and _carrier(keys) is not None


def sniff(record: Mapping[str, Any]) -> bool:
    """The label is true or false: numbers and words are classes of a classification task."""
    label = next(record[key] for key in LABELS if key in record)
    return isinstance(label, bool) and _carrier(record.keys(), record) is not None


def read(record: Mapping[str, Any]) -> Parsed:
    """The example, and what its label says."""
    carrier = _carrier(record.keys(), record)
    key = next((key for key in LABELS if isinstance(record.get(key), bool)), None)
    if carrier is None or key is None:
        raise ShapeError("label", "needs a conversation with a label that is true or false")
    parsed = carrier.read(record)
    parsed.label = "true" if record[key] else "false"
    parsed.used.add(key)
    return parsed


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write prompt, completion and label, as TRL reads them; the completion is the last turn.

    Raises:
        ShapeError: no label, or a conversation that does not end with the assistant.
    """
    if row.get("label") is None or row.get("chosen") is not None:
        raise ShapeError("label", "the row says nothing about whether its answer is wanted")
    messages = row["messages"]
    if len(messages) < 2 or messages[-1]["role"] != "assistant":
        raise ShapeError("messages", "needs a question and an answer at the end")
    record: dict[str, Any] = {"prompt": messages[:-1], "completion": messages[-1:], "label": row["label"]}
    if row.get("tools") is not None:
        record["tools"] = row["tools"]
    return record


FORMAT = Format("kto", "labelled answers (KTO)", 20, claims, read, write, sniff)
