"""What an export is: a split folder's rows in, the files another tool reads out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from dataprep import exports
from dataprep.discovery import discover

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataprep.contract import SplitManifest, SplitName

Kind = Literal["chat", "preference", "labelled", "prompts", "text"]

KINDS: Final[Mapping[Kind, str]] = {
    "chat": "conversations to imitate",
    "preference": "preference pairs",
    "labelled": "answers labelled good or bad",
    "prompts": "prompts without answers",
    "text": "plain texts",
}


class CannotHoldError(Exception):
    """A row has something the target has no place for; `str()` says what and where in the row."""


class Row(NamedTuple):
    """One line of a split file.

    Attributes:
        split: the split it stands in.
        file: the name of its file.
        line: 1-based.
        kind: what its shape trains.
        body: the line as it stands, with a `label` as a bool.
    """

    split: SplitName
    file: str
    line: int
    kind: Kind
    body: dict[str, Any]

    @property
    def row_id(self) -> str:
        """The row's id."""
        return str(self.body["row_id"])


class Refused(NamedTuple):
    """A row that was left out: where it stands, and what the target has no place for."""

    file: str
    line: int
    row_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about the data set from the user or the manifest; None is what nobody said."""

    name: str | None = None
    license: str | None = None
    creator: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A split folder, read: its rows in file order, its manifest, and the facts to publish with it."""

    rows: tuple[Row, ...]
    manifest: SplitManifest
    facts: Facts

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of rows in it, in the order of `KINDS`."""
        found = {row.kind for row in self.rows}
        return tuple(kind for kind in KINDS if kind in found)

    def of(self, kind: Kind) -> list[Row]:
        """The rows of one kind."""
        return [row for row in self.rows if row.kind == kind]


@dataclass(slots=True)
class Rendered:
    """The files of an export before they are written.

    Attributes:
        files: content by path inside the export's folder, data files first.
        rows: rows written, by split.
        refused: every row left out.
        notes: what the user should know: facts left out, what the target does differently.
        next_step: what to do with the folder.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    rows: dict[SplitName, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """A place that a split can be handed on to.

    Attributes:
        name: what `--to` takes.
        title: what people call it.
        render: makes the files; a row the target cannot hold is put into `refused`, never bent.
    """

    name: str
    title: str
    render: Callable[[Source], Rendered]


def all_exports() -> dict[str, Export]:
    """Every export by name."""
    return discover(exports, "EXPORT", lambda export: export.name)
