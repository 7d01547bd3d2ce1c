"""The columns of a data file and their types, so that every split is read with one schema.

`datasets` takes the schema of JSON Lines from the first 10 MB of the first split; a field or a tool call that turns
up later then stops the load. Types that are written down avoid that. Names of types as in `datasets.Features`:
https://huggingface.co/docs/datasets/about_dataset_features; `Json` came with datasets 4.7.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Type = Literal["string", "int64", "float64", "bool", "strings", "turns", "json", "jsons"]

TURN_SIDES: Final = frozenset({"messages", "chosen", "rejected", "prompt", "completion"})
PLAIN: Final = frozenset({"role", "content"})
INT64: Final = range(-(2**63), 2**63)

YAML: Final[Mapping[Type, dict[str, Any]]] = {
    "string": {"dtype": "string"},
    "int64": {"dtype": "int64"},
    "float64": {"dtype": "float64"},
    "bool": {"dtype": "bool"},
    "strings": {"list": "string"},
    "turns": {"list": [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]},
    "json": {"dtype": "json"},
    "jsons": {"list": "json"},
}

PYTHON: Final[Mapping[Type, str]] = {
    "string": 'Value("string")',
    "int64": 'Value("int64")',
    "float64": 'Value("float64")',
    "bool": 'Value("bool")',
    "strings": 'List(Value("string"))',
    "turns": 'List({"role": Value("string"), "content": Value("string")})',
    "json": "Json()",
    "jsons": "List(Json())",
}


class ColumnTypes:
    """Learns the type of every column, record by record."""

    def __init__(self) -> None:
        self._found: dict[str, set[Type]] = {}

    def add(self, record: Mapping[str, Any]) -> None:
        """Look at one more record."""
        for name, value in record.items():
            kinds = self._found.setdefault(name, set())
            if value is not None:
                kinds.add(_type(name, value))

    def types(self) -> dict[str, Type]:
        """The columns in the order of first appearance; what fits no simple type is JSON."""
        return {name: _common(set(kinds)) for name, kinds in self._found.items()}


def columns_of(records: Iterable[Mapping[str, Any]]) -> dict[str, Type]:
    """The type of every column, in the order of first appearance; what fits no simple type is JSON."""
    columns = ColumnTypes()
    for record in records:
        columns.add(record)
    return columns.types()


def needs_json(columns: Mapping[str, Type]) -> bool:
    """Whether the types ask for a `datasets` that knows `Json`."""
    return not {"json", "jsons"}.isdisjoint(columns.values())


def yaml_features(columns: Mapping[str, Type]) -> list[dict[str, Any]]:
    """The columns as `dataset_info.features` of a dataset card."""
    # Copies: YAML would write a type that is used twice as a reference to itself, which `datasets` trips over.
    return [{"name": name} | deepcopy(YAML[kind]) for name, kind in columns.items()]


def python_features(columns: Mapping[str, Type]) -> str:
    """The columns as Python code for `load_dataset(features=…)`."""
    return "".join(f"        {json.dumps(name)}: {PYTHON[kind]},\n" for name, kind in columns.items())


def _type(name: str, value: object) -> Type:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int64" if value in INT64 else "json"
    if isinstance(value, float):
        return "float64"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return _list_type(name, value)
    return "json"


def _list_type(name: str, value: list[Any]) -> Type:
    if name in TURN_SIDES and all(isinstance(turn, dict) for turn in value):
        plain = all(turn.keys() == PLAIN and isinstance(turn["content"], str) for turn in value)
        return "turns" if plain else "jsons"
    if all(isinstance(item, str) for item in value):
        return "strings"
    return "jsons" if all(isinstance(item, dict) for item in value) else "json"


def _common(kinds: set[Type]) -> Type:
    if not kinds:
        return "string"
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {"int64", "float64"}:
        return "float64"
    return "jsons" if kinds == {"turns", "jsons"} else "json"
