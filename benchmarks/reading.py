"""Reads every file of real data and compares with a count and a text search of its own; prints a table.

    python benchmarks/reading.py [FOLDER]

FOLDER holds formats, gsm8k, bitext, gpteacher, humaneval, mbpp, evals and banking77 (default: ../shared/data). Records
are counted once more with `json` and `csv`, and every text of every record, however deep, is looked up in the row that
was made of it: "texts lost" are those not found, by their letters and digits. A conversation is sensible when it has
a user's words, nobody's turn is empty, and it ends with an answer unless the record has none. Exits with 1 if a
record is missing, a text lost, or a conversation not sensible.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import zstandard

from dataprep import audit
from dataprep.config import AuditConfig
from dataprep.errors import UserError

ROOT = Path(__file__).parent.parent
FOLDERS = ("formats", "gsm8k", "bitext", "gpteacher", "humaneval", "mbpp", "evals", "banking77")
MAPS = {"banking77": {"prompt": "text", "answer": "category"}}
"""What a user would say of files whose columns have no usual names."""

UNPACK = {".gz": gzip.decompress, ".bz2": bz2.decompress}
SHORT = 12
"""Letters and digits; shorter texts are names of roles and the like, which are translated."""

LETTERS = re.compile(r"[\W_]+")


def records(path: Path) -> list[dict[str, Any]]:
    """The records of a file, read in the plainest way there is."""
    data, name = path.read_bytes(), path
    if path.suffix == ".zst":
        data, name = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read(), path.with_suffix("")
    elif path.suffix in UNPACK:
        data, name = UNPACK[path.suffix](data), path.with_suffix("")
    text = data.decode("utf-8-sig")
    if name.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    if name.suffix == ".json":
        return list(json.loads(text))
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def texts(value: object) -> Iterator[str]:
    """Every string in a JSON value, as its letters and digits. JSON in a string is a value as well."""
    if isinstance(value, str):
        if value[:1] in {"{", "["}:
            try:
                yield from texts(json.loads(value))
            except ValueError:
                pass
            else:
                return
        yield LETTERS.sub("", value)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)


def carried(row: dict[str, Any]) -> str:
    """All letters and digits of a row of the frame."""
    kept = {name: value for name, value in row.items() if name not in {"row_id", "source", "line", "format"}}
    return "\n".join(texts(kept))


def sensible(row: dict[str, Any]) -> bool:
    """A user's words, no empty turn, an answer at the end unless the record has none."""
    turns = [turn for turn in row["messages"] if turn["role"] not in {"system", "developer"}]
    answers = [*(row["chosen"] or []), *(row["rejected"] or [])]
    if any(not (turn["content"].strip() or turn["tool_calls"] or turn["parts"]) for turn in [*turns, *answers]):
        return False
    if row["format"] == "text":
        return bool(turns)
    if not turns or turns[0]["role"] != "user":
        return False
    return row["format"] == "prompt-only" or bool(answers) or turns[-1]["role"] == "assistant"


def one_file(path: Path, mapping: dict[str, str]) -> tuple[str, bool]:
    """A line of the table, and whether all is well with the file."""
    try:
        result = audit([path], config=AuditConfig(map=mapping))
    except UserError as err:
        return f"| {path.name} | refused | | | | | {str(err).partition(': ')[2].partition('. ')[0]} |", True
    file, truth = result.report.inputs[0], records(path)
    rows = result.data.rows.sort("line").to_dicts()
    lost = insensible = 0
    for record, row in zip(truth, rows, strict=len(rows) == len(truth)):
        haystack = carried(row)
        lost += sum(text not in haystack for text in texts(record) if len(text) > SHORT)
        insensible += not sensible(row)
    verdict = ", ".join(f"{count:,} {name}" for name, count in file.formats.items())
    counts = Counter(result.findings.filter(pl.col("code") != "LIC001")["code"].to_list())
    found = ", ".join(f"{code} {count:,}" for code, count in sorted(counts.items())) or "none"
    line = f"| {path.name} | {len(truth):,} | {file.rows:,} + {file.unreadable} | {verdict} | {lost} | {insensible} |"
    good = file.rows + file.unreadable == file.records == len(truth) and not lost and not insensible
    return f"{line} {found} |", good


def main() -> None:
    """Print the table."""
    shared = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"
    print("| file | records | rows + unreadable | read as | texts lost | not sensible | findings |")
    print("|---|---:|---:|---|---:|---:|---|")
    right = True
    for folder in FOLDERS:
        for path in sorted((shared / folder).iterdir()):
            if path.stem == "LICENSE" or path.name.startswith("jaccard"):  # not training data
                continue
            line, good = one_file(path, MAPS.get(folder, {}))
            print(line + ("" if good else " **wrong** |"), flush=True)
            right &= good
    sys.exit(not right)


if __name__ == "__main__":
    main()
