"""Rows to a file in another format: JSON Lines, a JSON array or CSV, by the file's ending."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.errors import ConfigError
from dataprep.files import json_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDINGS: Final = (".jsonl", ".json", ".csv", ".tsv")


def render_records(records: Sequence[dict[str, Any]], ending: str, *, columns: bool) -> str:
    """The text of a data file.

    Args:
        records: what to write.
        ending: decides the container; one of `ENDINGS`.
        columns: whether the conversation fits text columns, as CSV needs.

    Raises:
        ConfigError: the ending is unknown, or CSV cannot hold the format.
    """
    if ending not in ENDINGS:
        raise ConfigError(f"cannot write a {ending or 'file without ending'}", f"Choose one of {', '.join(ENDINGS)}")
    if ending == ".jsonl":
        return json_lines(records).decode()
    if ending == ".json":
        return json.dumps(records, ensure_ascii=False, indent=1) + "\n"
    if not columns:
        raise ConfigError("a table cannot hold this format", "Write .jsonl, or choose --to prompt-completion")
    names = list(dict.fromkeys(key for record in records for key in record))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="\t" if ending == ".tsv" else ",", lineterminator="\n")
    writer.writerow(names)
    for record in records:
        writer.writerow([_cell(record.get(name)) for name in names])
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
