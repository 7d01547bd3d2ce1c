"""What the findings of an audit say about each row, and which of them the policy acts on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dataprep.config import SplitConfig

COPIES: Final = {"DUP001": "exact-duplicate", "DUP002": "near-duplicate"}
"""Findings of a row whose content stands in another row of the data: one of them stays, and it matters which."""

KEEP: Final = ("fewest-findings", "first", "longest-answer")
"""The policies for which of several copies stays; any other name is a field of the rows, the largest value first."""

Place = tuple[str, int]


@dataclass(slots=True)
class Book:
    """What the findings say about each row.

    Attributes:
        codes: all codes on it.
        faults: how many errors, warnings and notes it has beside duplicates.
        deciding: the finding that removes it for a fault of its own.
        copies: the finding that it is a copy, of rows that no other finding removes.
    """

    codes: dict[Place, list[str]] = field(default_factory=dict)
    faults: dict[Place, tuple[int, int, int]] = field(default_factory=dict)
    deciding: dict[Place, dict[str, Any]] = field(default_factory=dict)
    copies: dict[Place, dict[str, Any]] = field(default_factory=dict)

    def note(self, finding: dict[str, Any]) -> None:
        """Remember that a row has a finding."""
        place = (finding["source"], finding["line"])
        self.codes.setdefault(place, []).append(finding["code"])
        if not finding["code"].startswith("DUP"):
            errors, warnings, notes = self.faults.get(place, (0, 0, 0))
            severity = finding["severity"]
            self.faults[place] = (
                errors + (severity == "error"),
                warnings + (severity == "warning"),
                notes + (severity == "note"),
            )


def removes(finding: dict[str, Any], config: SplitConfig) -> bool:
    """Whether the policy takes a row out because of this finding."""
    code, name, severity = finding["code"], finding["name"], finding["severity"]
    return any(item in {severity, name} or code.startswith(item.upper()) for item in config.drop)
