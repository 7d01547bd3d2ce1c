"""The account of every row: what came in, what is trained on, what was left out and why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from trainer.record import Ledger, LedgerLine, NotTrained

if TYPE_CHECKING:
    from pathlib import Path

    from dataprep.contract import SplitName
    from trainer.chat import RowRefusedError
    from trainer.fitting import Fitted

COLUMNS = tuple(LedgerLine.model_fields)


class LedgerBook:
    """Grows by one line per row; columns, since a line of Python objects each would be too much for large data."""

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        self.not_trained: list[NotTrained] = []

    def used(self, split: SplitName, row_id: str, line: int, fitted: Fitted) -> None:
        """A row is trained or evaluated on, in one or several pieces."""
        supervised = sum(piece.supervised for piece in fitted.pieces)
        self._add(
            split=split,
            row_id=row_id,
            line=line,
            used=True,
            pieces=len(fitted.pieces),
            tokens=fitted.tokens,
            tokens_supervised=supervised,
            tokens_unsupervised=sum(map(len, fitted.pieces)) - supervised,
            supervised_left_out=fitted.supervised - supervised,
            cut="; ".join(fitted.cut) or None,
        )

    def left_out(self, split: SplitName, row_id: str, line: int, refused: RowRefusedError) -> None:
        """A row is left out."""
        self._add(
            split=split,
            row_id=row_id,
            line=line,
            used=False,
            code=refused.code,
            reason=str(refused),
            tokens=len(refused.tokens) if refused.tokens is not None else None,
            supervised_left_out=refused.tokens.supervised if refused.tokens is not None else None,
        )
        self.not_trained.append(
            NotTrained(split=split, row_id=row_id, line=line, code=refused.code, reason=str(refused))
        )

    def totals(self, split: SplitName) -> Ledger:
        """The sums of one split."""
        places = [place for place, name in enumerate(self._columns["split"]) if name == split]
        used = [place for place in places if self._columns["used"][place]]

        def total(name: str) -> int:
            return sum(self._columns[name][place] or 0 for place in places)

        codes = Counter(self._columns["code"][place] for place in places if not self._columns["used"][place])
        return Ledger(
            rows_in=len(places),
            rows_used=len(used),
            left_out=dict(sorted(codes.items())),
            rows_cut=sum(self._columns["cut"][place] is not None for place in used),
            pieces=total("pieces"),
            tokens_supervised=total("tokens_supervised"),
            tokens_unsupervised=total("tokens_unsupervised"),
            supervised_left_out=total("supervised_left_out"),
        )

    def write(self, path: Path) -> None:
        """Write all lines as a Parquet file, under a temporary name first."""
        import polars as pl  # noqa: PLC0415 - only needed here

        kinds = {"line": pl.Int64, "used": pl.Boolean, "split": pl.String, "row_id": pl.String}
        kinds |= dict.fromkeys(("code", "reason", "cut"), pl.String)
        schema = {name: kinds.get(name, pl.Int64) for name in COLUMNS}
        temporary = path.with_name(f".{path.name}.writing")
        pl.DataFrame(self._columns, schema=schema).write_parquet(temporary)
        temporary.replace(path)

    def _add(self, **values: Any) -> None:
        for name, column in self._columns.items():
            column.append(values.get(name, 0 if name in ZERO else None))


ZERO = {"pieces", "tokens_supervised", "tokens_unsupervised"}
"""Counts that are 0, not unknown, for a row that is left out."""
