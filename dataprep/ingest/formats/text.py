"""Plain text: {"text": "…"}, a document to continue rather than a question to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.shape import Format, Parsed, ShapeError, as_text, message
from dataprep.ingest.turns import plain_texts, refuse_beyond_chat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

# Beside one of these the text is an input to be classified, and the column map has to say what answers it.
TARGETS = frozenset({"label", "labels", "category", "class", "intent", "target", "sentiment", "topic", "summary"})


def claims(keys: AbstractSet[str]) -> bool:
    """A `text`, and nothing that looks like what it is to be turned into."""
    return "text" in keys and keys.isdisjoint(TARGETS)


def sniff(record: Mapping[str, Any]) -> bool:
    """The text is one."""
    return isinstance(record["text"], str)


def read(record: Mapping[str, Any]) -> Parsed:
    """One assistant turn: every word of it is learnt."""
    parsed = Parsed([], {"text"})
    parsed.messages.append(message("assistant", as_text(record.get("text"), "text", parsed)))
    return parsed


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write the one text.

    Raises:
        ShapeError: the row is a conversation.
    """
    refuse_beyond_chat(row, FORMAT.title)
    turns = plain_texts(row["messages"], FORMAT.title)
    if row.get("tools") is not None or [role for role, _ in turns] != ["assistant"]:
        raise ShapeError("messages", "plain text holds one text, not a conversation")
    return {"text": turns[0][1]}


FORMAT = Format("text", "plain text", 90, claims, read, write, sniff, columns=True)
