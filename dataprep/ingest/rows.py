"""Records to rows: which format a record has, what it says, and what becomes of one that says nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.frame import RAW_LIMIT
from dataprep.ingest.columns import RowColumns
from dataprep.ingest.decode import SURROGATE
from dataprep.ingest.fragments import NAME as TURNS_NAME
from dataprep.ingest.fragments import Assembly, turn_columns
from dataprep.ingest.recognise import MANY, NESTED, Recogniser, all_formats
from dataprep.ingest.shape import Parsed, ShapeError, as_json, says_something
from dataprep.ingest.turns import PLAIN_ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

PLAIN: Final = "openai"
BESIDE_MESSAGES: Final = frozenset({"tools", "functions", *NESTED[1:]})
"""Keys that make a record more than its messages and its own fields."""
_TWO: Final = {2}
_TEXTS: Final = {str}


@dataclass(slots=True)
class Record:
    """One record of a file: its value, or why it has none.

    Attributes:
        line: 1-based line on which the record starts, or its number where the file has no lines.
        value: the decoded object, or None.
        problem: why there is no value.
        raw: the record's text where there is no value.
    """

    line: int
    value: dict[str, Any] | None
    problem: str | None = None
    raw: str | None = None


@dataclass(slots=True)
class Batch:
    """Rows and rejects of a piece of a file.

    Attributes:
        rows: the rows (`frame.ROW_SCHEMA`); their occurrence numbers count from the first row of the batch.
        rejects: (line, code, field, message, raw) of each record that could not become a row.
        turns: (line, record) of records that are single turns, to be put together at the end of the file.
        formats: rows by format.
        notes: what the reader had to adapt to.
        lines: lines of the piece, where it has lines.
    """

    rows: pl.DataFrame
    rejects: list[tuple[int, str, str | None, str, str]] = field(default_factory=list)
    turns: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)
    notes: set[str] = field(default_factory=set)
    lines: int = 0


class Settings(msgspec.Struct, array_like=True):
    """How records are read, and from which file they are."""

    column_map: dict[str, str] | None
    input_format: str | None
    source: str


class RowReader:
    """Turns records into rows, one batch at a time.

    Args:
        column_map: see `mapping`; it goes before every format.
        input_format: name of a format to force.

    Attributes:
        source: the file that is being read.
        last_line: the last line from which a record was taken.

    Raises:
        ConfigError: either is unusable.
    """

    def __init__(self, column_map: Mapping[str, str] | None = None, input_format: str | None = None) -> None:
        self.recogniser = Recogniser(column_map, input_format)
        self._plain_by_keys: dict[tuple[str, ...], bool] = {}
        self.begin("")

    def begin(self, source: str) -> None:
        """Begin with a file."""
        self.source = source
        self.last_line = 0
        self._start()

    @property
    def settings(self) -> Settings:
        """What a reader in another process needs to know."""
        known = self.recogniser
        return Settings(known.column_map or None, known.forced.name if known.forced else None, self.source)

    def _start(self) -> None:
        self.columns = RowColumns(self.source)
        self.batch_rejects: list[tuple[int, str, str | None, str, str]] = []
        self.turns: list[tuple[int, dict[str, Any]]] = []
        self.formats: Counter[str] = Counter()
        self.notes: set[str] = set()
        self.plain = 0

    def add(self, record: Record) -> None:
        """Take a record; it becomes a row, a turn, or a reject."""
        value = record.value
        if value is None:
            self.reject(record.line, "FMT001", None, record.problem or "unreadable", record.raw or "")
        else:
            self.add_value(record.line, value)

    def add_value(self, line: int, value: dict[str, Any]) -> None:
        """Take a decoded record."""
        self.last_line = line
        if self._add_plain(line, value):
            return
        try:
            if self.recogniser.is_turn(value):
                self.turns.append((line, value))
                return
            parsed, name = self.recogniser.parse(value)
            if not says_something(parsed):
                raise ShapeError("messages", f"looks like {_title(name)}, but every text in it is empty")
        except ShapeError as err:
            self.reject(line, "FMT002", err.field, err.problem, as_json(value))
            return
        self._keep(line, name, parsed, value)

    def _add_plain(self, line: int, value: dict[str, Any]) -> bool:
        """Take a record the short way, if it is of the most common kind: messages of role and content.

        It gives the very rows that the format would give, at a third of the time; whatever is not as simple as it
        looks takes the long way.
        """
        turns = value.get("messages")
        if type(turns) is not list:
            return False
        keys = tuple(value)
        plain = self._plain_by_keys.get(keys)
        if not plain and (plain is False or not self._plain_keys(keys, value)):
            return False
        try:
            roles = [turn["role"] for turn in turns]
            contents = [turn["content"] for turn in turns]
            plain = PLAIN_ROLES.issuperset(roles)
        except (KeyError, TypeError):
            return False
        plain = plain and set(map(len, turns)) == _TWO and set(map(type, contents)) == _TEXTS
        if not plain or not contents[-1] or contents[-1].isspace():
            return False
        del value["messages"]
        self.columns.append(line, PLAIN, roles, contents, {}, value)
        self.plain += 1
        return True

    def _plain_keys(self, keys: tuple[str, ...], value: Mapping[str, Any]) -> bool:
        """Whether a record with these keys is the plain format's if its turns are plain; other keys are its own."""
        known = self.recogniser
        free = known.forced is None and not known.column_map and BESIDE_MESSAGES.isdisjoint(keys)
        plain = free and [fmt.name for fmt in known.candidates(value) if fmt.name != "sharegpt"][:1] == [PLAIN]
        if len(self._plain_by_keys) < MANY:
            self._plain_by_keys[keys] = plain
        return plain

    def _keep(self, line: int, name: str, parsed: Parsed, value: Mapping[str, Any]) -> None:
        own = parsed.own
        if own is None:
            used = parsed.used
            own = {key: item for key, item in value.items() if key not in used} if len(value) > len(used) else {}
        if parsed.adapted:
            self.notes |= parsed.adapted
        self.columns.add(line, name, parsed, own)
        self.formats[name] += 1

    def assemble(self, turns: Iterable[tuple[int, dict[str, Any]]]) -> None:
        """Put single turns together to rows; the file has ended."""
        assembly: Assembly | None = None
        for line, value in turns:
            columns = self.recogniser.column_map or turn_columns(value.keys()) or {}
            assembly = assembly or Assembly(columns)
            try:
                assembly.add(line, value)
            except ShapeError as err:
                self.reject(line, "FMT002", err.field, err.problem, as_json(value))
        if assembly is None:
            return
        for line, outcome, raw in assembly.conversations():
            if isinstance(outcome, ShapeError):
                self.reject(line, "FMT002", outcome.field, outcome.problem, raw)
            else:
                self._keep(line, TURNS_NAME, outcome, {})
        self.notes.add(
            f"{assembly.turns:,} lines hold one turn each: {len(assembly.found):,} conversations by column "
            f"{assembly.columns['conversation']!r}"
        )

    def reject(self, line: int, code: str, field_name: str | None, problem: str, raw: str) -> None:
        """Set a record aside with the reason and the beginning of its text."""
        if len(raw) > RAW_LIMIT:
            raw = raw[:RAW_LIMIT] + f"… ({len(raw) - RAW_LIMIT:,} more characters)"
        self.last_line = max(line, self.last_line)
        if not raw.isascii():
            # Bytes that are no UTF-8 arrive here as lone surrogates, which no file can hold.
            raw = SURROGATE.sub("\ufffd", raw)
        self.batch_rejects.append((line, code, field_name, problem, raw))

    def take(self, lines: int = 0) -> Batch:
        """Everything since the last call."""
        rows = self.columns.frame()
        if self.plain:
            self.formats[PLAIN] += self.plain
        batch = Batch(rows, self.batch_rejects, self.turns, self.formats, self.notes, lines)
        self._start()
        return batch


def _title(name: str) -> str:
    return all_formats()[name].title if name in all_formats() else name
