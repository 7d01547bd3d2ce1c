"""The column map: which columns of records that no format knows hold what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dataprep.errors import ConfigError
from dataprep.ingest.formats.prompt_completion import read_side
from dataprep.ingest.shape import Parsed, ShapeError, as_text, message

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGETS: Final = (
    *("prompt", "answer", "system", "input", "group", "chosen", "rejected", "label"),
    *("conversation", "role", "content", "order"),
)
TURN_TARGETS: Final = frozenset({"conversation", "role", "content"})
_USAGE: Final = "Write it as --map prompt=COLUMN,answer=COLUMN[,input=…,system=…,group=…]"
MAPPED: Final = "mapped columns"


def checked_map(column_map: Mapping[str, str] | None) -> dict[str, str]:
    """The map itself when it can be used.

    Raises:
        ConfigError: it names an unknown target, or not enough of them to make an example.
    """
    if not column_map:
        return {}
    unknown = sorted(set(column_map) - set(TARGETS))
    if unknown:
        raise ConfigError(f"cannot map {', '.join(unknown)}", f"{_USAGE}; all targets: {', '.join(TARGETS)}")
    keys = set(column_map)
    if keys & (TURN_TARGETS | {"order"}):
        if not keys >= TURN_TARGETS or keys - TURN_TARGETS - {"order", "group"}:
            raise ConfigError(
                "one turn per line needs its conversation, role and content, and nothing else but order and group",
                "Write it as --map conversation=COLUMN,role=COLUMN,content=COLUMN[,order=COLUMN]",
            )
    elif not (keys >= {"prompt", "answer"} or keys >= {"prompt", "chosen", "rejected"} or keys <= {"prompt", "group"}):
        raise ConfigError("the column map needs prompt and answer", _USAGE)
    elif ("chosen" in keys) != ("rejected" in keys) or "prompt" not in keys:
        raise ConfigError("the column map needs prompt, and of chosen and rejected both or none", _USAGE)
    return dict(column_map)


def column(record: Mapping[str, Any], name: str) -> object:
    """A column's value; `a.b` reaches into an object where no column is called that.

    Raises:
        ShapeError: the record does not have it.
    """
    if name in record:
        return record[name]
    value: object = record
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            raise ShapeError(name, f"the mapped column {name!r} is not in the record")
        value = value[part]
    return value


def read_mapped(record: Mapping[str, Any], column_map: Mapping[str, str]) -> Parsed:
    """Read a record by the map.

    Raises:
        ShapeError: a mapped column is missing or holds no text.
    """
    parsed = Parsed([], set(column_map.values()) - {column_map.get("group")})
    if "system" in column_map:
        system = as_text(column(record, column_map["system"]), column_map["system"], parsed)
        if system:
            parsed.messages.append(message("system", system))
    prompt = column_map["prompt"]
    asked = read_side(column(record, prompt), prompt, "user", parsed)
    if "input" in column_map:
        more = as_text(column(record, column_map["input"]), column_map["input"], parsed)
        if more:
            asked[-1]["content"] = f"{asked[-1]['content']}\n\n{more}" if asked[-1]["content"] else more
    parsed.messages += asked
    sides = {}
    for target in ("answer", "chosen", "rejected"):
        if target in column_map:
            name = column_map[target]
            sides[target] = read_side(column(record, name), name, "assistant", parsed)
    parsed.messages += sides.get("answer", [])
    parsed.chosen, parsed.rejected = sides.get("chosen"), sides.get("rejected")
    if "label" in column_map:
        parsed.label = _label(column(record, column_map["label"]), column_map["label"])
    if "group" in column_map:
        group = column(record, column_map["group"])
        parsed.group = None if group is None else str(group)
    return parsed


def _label(value: object, name: str) -> str:
    known = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}
    label = known.get(str(value).strip().lower())
    if label is None:
        raise ShapeError(name, f"expected true or false, found {str(value)[:40]!r}")
    return label
