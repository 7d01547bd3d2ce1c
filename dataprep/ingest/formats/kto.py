"""Thumbs up or down: an example with a boolean `label`, as KTO training takes it.

A CSV file has no booleans, so `true` and `false` are read as words too. Numbers are classes of a classification task,
unless the column is called `kto_tag`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dataprep.ingest.formats import alpaca, openai, prompt_completion, sharegpt
from dataprep.ingest.shape import Format, Parsed, ShapeError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

LABELS = ("label", "kto_tag")
WORDS: Final = {"true": True, "false": False}
DIGITS: Final = {"1": True, "0": False}


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
    """The label is true or false."""
    return judgement(record) is not None and _carrier(record.keys(), record) is not None


def judgement(record: Mapping[str, Any]) -> tuple[str, bool] | None:
    """The key of the label, and whether it says that the answer is wanted; None where it says no such thing."""
    key = next((key for key in LABELS if record.get(key) is not None), None)
    if key is None:
        return None
    value = record[key]
    if isinstance(value, bool):
        return key, value
    known = WORDS if key == "label" else WORDS | DIGITS
    said = known.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    return None if said is None else (key, said)


def read(record: Mapping[str, Any]) -> Parsed:
    """The example, and what its label says."""
    carrier = _carrier(record.keys(), record)
    judged = judgement(record)
    if carrier is None or judged is None:
        raise ShapeError("label", "needs a conversation with a label that is true or false")
    key, is_wanted = judged
    parsed = carrier.read(record)
    parsed.label = "true" if is_wanted else "false"
    parsed.used.add(key)
    if not isinstance(record[key], bool):
        parsed.adapted.add(f"column {key!r}: words or digits read as true and false")
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
