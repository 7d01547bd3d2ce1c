"""Files of the data folder, packed or not. Needs the `zstandard` package for packed ones."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import zstandard


def text(path: Path) -> str:
    """The text of a file."""
    data = path.read_bytes()
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    return [json.loads(line) for line in text(path).splitlines()]


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text(path))))
