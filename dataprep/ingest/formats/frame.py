"""The canonical frame itself, as `dataprep convert --to frame` writes it to Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.frame import MESSAGE_FIELDS, ROW_SCHEMA
from dataprep.ingest.shape import Format, Parsed, ShapeError, as_tools, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet


_KINDS: Final[dict[str, Any]] = {"weight": int | float | None}
"""What a field of a message holds, where it is no text."""


def claims(keys: AbstractSet[str]) -> bool:
    """Exactly the frame's columns."""
    return keys == ROW_SCHEMA.keys()


def read(record: Mapping[str, Any]) -> Parsed:
    """The messages as they are, and the row's own fields out of `meta`."""
    parsed = Parsed(_messages(record["messages"], "messages"), set(ROW_SCHEMA))
    parsed.tools = as_tools(record["tools"])
    if record["chosen"] is not None:
        parsed.chosen = _messages(record["chosen"], "chosen")
        parsed.rejected = _messages(record["rejected"], "rejected")
    if not isinstance(record["label"], str | None) or record["label"] not in {None, "true", "false"}:
        raise ShapeError("label", "expected true or false as text, or null")
    parsed.label = record["label"]
    if not isinstance(record["group"], str | None):
        raise ShapeError("group", f"expected text, found {kind_of(record['group'])}")
    parsed.group = record["group"]
    parsed.own = _own_fields(record)
    return parsed


def _own_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the row carried beside its conversation before it became part of a frame."""
    try:
        meta = msgspec.json.decode(record["meta"] or "{}")
    except (msgspec.DecodeError, TypeError) as err:
        raise ShapeError("meta", "expected a JSON object") from err
    return meta if isinstance(meta, dict) else {"meta": meta}


def _messages(value: object, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value:
        raise ShapeError(where, f"expected messages, found {kind_of(value)}")
    messages = []
    for index, turn in enumerate(value):
        if not isinstance(turn, dict) or not isinstance(turn.get("role"), str) or set(turn) - set(MESSAGE_FIELDS):
            raise ShapeError(f"{where}[{index}]", "expected a message of the frame")
        odd = next((key for key, item in turn.items() if not isinstance(item, _KINDS.get(key, str | None))), None)
        if odd is not None:
            raise ShapeError(f"{where}[{index}].{odd}", f"expected text, found {kind_of(turn[odd])}")
        messages.append({key: item for key, item in turn.items() if item is not None})
    return messages


FORMAT = Format("frame", "canonical frame", 5, claims, read, None)
