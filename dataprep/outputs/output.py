"""What an output format is, and how text from the data is made safe to print."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataprep import outputs
from dataprep.discovery import discover

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from dataprep.contract import AuditReport


@dataclass(frozen=True, slots=True)
class Output:
    """A rendering of an audit.

    Attributes:
        name: what `--format` takes.
        render: from the report, the findings and the written files (by title) to what goes to stdout.
    """

    name: str
    render: Callable[[AuditReport, pl.DataFrame, Mapping[str, str]], str]


def all_outputs() -> dict[str, Output]:
    """Every output format by name."""
    return discover(outputs, "OUTPUT", lambda output: output.name)


def printable(text: str) -> str:
    """Text from the data on one line, without what would steer a terminal (control and bidi characters)."""
    return "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char for char in text)
