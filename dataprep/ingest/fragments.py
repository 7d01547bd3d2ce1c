"""Conversations that stand one turn per line, as exports of support systems have them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.ingest.mapping import column
from dataprep.ingest.shape import Parsed, ShapeError, as_json, as_text
from dataprep.ingest.turns import is_weight, read_turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

NAME: Final = "one turn per line"
CONVERSATIONS: Final = (
    *("conversation_id", "conv_id", "dialogue_id", "dialog_id", "thread_id", "session_id", "chat_id", "ticket_id"),
    "conversation",
)
ROLES: Final = ("role", "from", "speaker", "author", "sender")
CONTENTS: Final = ("content", "value", "text", "message", "utterance", "body")
ORDERS: Final = ("turn", "turn_id", "turn_index", "turn_number", "message_index", "position", "order", "step")


def turn_columns(keys: AbstractSet[str]) -> dict[str, str] | None:
    """The columns that make a record one turn of a conversation, as a column map; None if it is none."""
    found = {
        target: next((name for name in names if name in keys), None)
        for target, names in (("conversation", CONVERSATIONS), ("role", ROLES), ("content", CONTENTS))
    }
    if not all(found.values()):
        return None
    order = next((name for name in ORDERS if name in keys), None)
    return {target: str(name) for target, name in (found | {"order": order}).items() if name}


@dataclass(slots=True)
class Conversation:
    """The turns of one conversation as they were met: (line, record) each."""

    line: int
    turns: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


class Assembly:
    """Collects turns and hands back whole conversations, in the order in which they begin."""

    def __init__(self, column_map: Mapping[str, str]) -> None:
        self.columns = column_map
        self.found: dict[str, Conversation] = {}
        self.turns = 0

    def add(self, line: int, record: dict[str, Any]) -> None:
        """Take a turn.

        Raises:
            ShapeError: it does not say to which conversation it belongs.
        """
        name = self.columns["conversation"]
        key = column(record, name)
        if key is None or not str(key).strip():
            raise ShapeError(name, "the turn does not say to which conversation it belongs")
        self.found.setdefault(str(key), Conversation(line)).turns.append((line, record))
        self.turns += 1

    def conversations(self) -> Iterator[tuple[int, Parsed | ShapeError, str]]:
        """Line, conversation or what is wrong with it, and its turns as JSON."""
        for key, conversation in self.found.items():
            raw = as_json([record for _, record in conversation.turns])
            try:
                yield conversation.line, self._assemble(key, conversation), raw
            except ShapeError as err:
                yield conversation.line, err, raw

    def _assemble(self, key: str, conversation: Conversation) -> Parsed:
        columns = self.columns
        parsed = Parsed([], set())
        turns = conversation.turns
        if "order" in columns:
            turns = sorted(turns, key=lambda turn: _number(turn[1].get(columns["order"]), turn[0]))
            if turns != conversation.turns:
                parsed.adapted.add(f"turns put in the order of column {columns['order']!r}")
        taken: list[set[str]] = []
        for line, record in turns:
            turn = {
                "role": column(record, columns["role"]),
                "content": as_text(column(record, columns["content"]), columns["content"], parsed),
            } | _of_tools(record)
            if is_weight(record.get("weight")):
                turn["weight"] = record["weight"]
            taken.append(turn.keys() - {"role", "content"})
            try:
                parsed.messages += read_turns([turn], columns["content"], parsed)
            except ShapeError as err:
                raise ShapeError(columns["role"], f"line {line}: {err.problem}") from err
        used = set(columns.values()) - {columns["conversation"]}
        first = turns[0][1]
        # What all turns agree on belongs to the conversation; what differs is kept turn by turn.
        beside = set[str]().union(*taken)
        names = [name for name in first if name not in used | beside]
        shared = {name: first[name] for name in names if all(item.get(name) == first[name] for _, item in turns)}
        parsed.own = shared
        differing = [
            {name: value for name, value in item.items() if name not in used | own and name not in shared}
            for (_, item), own in zip(turns, taken, strict=True)
        ]
        if any(differing):
            parsed.own = shared | {"turns": differing}
        group = columns.get("group")
        parsed.group = str(first.get(group)) if group and first.get(group) is not None else key
        return parsed


def _of_tools(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a turn that calls a tool, or tells what it said, carries beside its text."""
    found = {key: record[key] for key in ("tool_calls", "function_call", "tool_call_id") if record.get(key)}
    if found and record.get("name"):
        found["name"] = record["name"]
    for key in ("tool_calls", "function_call"):
        if isinstance(found.get(key), str):  # in a table
            with suppress(msgspec.DecodeError, RecursionError):
                found[key] = msgspec.json.decode(found[key])
    return found


def _number(value: object, line: int) -> tuple[float, int]:
    try:
        return float(str(value)), line
    except ValueError:
        return float("inf"), line
