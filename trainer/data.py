"""A split folder -> verified rows -> tokens, with an account of every row that is not trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from dataprep.contract import SPLIT_NAMES, Example, SplitManifest, SplitName
from dataprep.errors import InputError, SplitError
from trainer.chat import RowRefusedError
from trainer.ledger import LedgerBook
from trainer.record import DataRecord, Ledger
from trainer.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trainer.config import TrainConfig
    from trainer.fitting import Fitter
    from trainer.tokens import Row

REQUIRED: Final[tuple[SplitName, ...]] = ("train", "validation")


@dataclass(frozen=True)
class Line:
    """An example and the line of its file it stands on (1-based)."""

    line: int
    example: Example


@dataclass(frozen=True)
class Splits:
    """The rows of a split folder and what is known about their trustworthiness."""

    rows: dict[SplitName, list[Line]]
    record: DataRecord


@dataclass
class TokenSet:
    """What is trained and evaluated on, and the account of it."""

    tokens: dict[SplitName, list[Row]] = field(default_factory=dict)
    book: LedgerBook = field(default_factory=LedgerBook)

    def answers(self, split: SplitName) -> list[Tokens]:
        """Rows of a split that hold one answer each."""
        return [row for row in self.tokens[split] if isinstance(row, Tokens)]

    @property
    def ledgers(self) -> dict[SplitName, Ledger]:
        """The account of each split in numbers."""
        return {split: self.book.totals(split) for split in self.tokens}


def load_splits(folder: Path, *, allow_unverified: bool = False) -> Splits:
    """Read train, validation and, where there is one, test, after proving they are what was certified.

    Args:
        folder: written by `dataprep split`.
        allow_unverified: read on in spite of problems; they are kept in the record.

    Raises:
        SplitError: the folder is not as certified and `allow_unverified` is off, or a line is no example.
        InputError: train or validation is missing or has no rows.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder", "Make one with `dataprep split DATA -o FOLDER`")
    manifest, problems = _verify(folder)
    if problems and not allow_unverified:
        raise SplitError(
            f"{folder}: this split cannot be trusted: {'; '.join(problems)}",
            "Make it again with `dataprep split`, or train all the same with allow_unverified_split=true",
        )
    names = _file_names(manifest)
    rows: dict[SplitName, list[Line]] = {}
    hashes: dict[str, str] = {}
    for split, name in names.items():
        path = folder / name
        if not path.is_file():
            continue
        content = path.read_bytes()
        hashes[name] = hashlib.sha256(content).hexdigest()
        rows[split] = _parse(path, content)
    for split in REQUIRED:
        if not rows.get(split):
            raise InputError(
                f"{folder}: no {split} rows", "Split with a share for it, e.g. `dataprep split --ratios 0.8,0.1,0.1`"
            )
    record = DataRecord(
        folder=str(folder),
        manifest_sha256=manifest.content_sha256 if manifest else None,
        files=hashes,
        verified=not problems,
        override_used=bool(problems),
        problems=problems,
    )
    return Splits(rows, record)


def tokenize(rows: Mapping[SplitName, Sequence[Line]], fitter: Fitter, config: TrainConfig) -> TokenSet:
    """Encode every row; a row that cannot be trained on is left out and listed with the reason.

    Raises:
        InputError: nothing is left of train or validation, or a row is too long and `over_length` is
            `refuse`.
    """
    result = TokenSet()
    for split, lines in rows.items():
        kept: list[Row] = []
        for row in lines:
            try:
                fitted = fitter.fit(row.example)
            except RowRefusedError as err:
                result.book.left_out(split, row.example.row_id, row.line, err)
                continue
            kept += fitted.pieces
            result.book.used(split, row.example.row_id, row.line, fitted)
        result.tokens[split] = kept
    _refuse_too_long(result, config, fitter.context)
    _refuse_empty(result)
    return result


def _verify(folder: Path) -> tuple[SplitManifest | None, list[str]]:
    try:
        manifest = SplitManifest.load(folder)
    except SplitError as err:
        return None, [err.problem]
    problems = manifest.problems(folder)
    # A split file that the manifest does not know would otherwise be ignored without a word.
    listed = {file.name for file in manifest.files}
    for split in SPLIT_NAMES:
        name = f"{split}.jsonl"
        if name not in listed and (folder / name).exists():
            problems.append(f"{name} is not in the manifest")
    problems += [
        f"{file.name} lies outside the folder" for file in manifest.files if Path(file.name).name != file.name
    ]
    return manifest, problems


def _file_names(manifest: SplitManifest | None) -> dict[SplitName, str]:
    names: dict[SplitName, str] = {split: f"{split}.jsonl" for split in SPLIT_NAMES}
    if manifest is not None:
        names |= {file.split: file.name for file in manifest.files if file.split is not None}
    return names


def _parse(path: Path, content: bytes) -> list[Line]:
    rows = []
    for line, raw in enumerate(content.split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            rows.append(Line(line, Example.model_validate_json(raw)))
        except ValidationError as err:
            first = err.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "line"
            raise SplitError(
                f"{path} line {line}: not an example ({where}: {first['msg']})",
                "Make the split again with `dataprep split`",
            ) from err
    return rows


def _refuse_too_long(result: TokenSet, config: TrainConfig, context: int | None) -> None:
    if config.over_length != "refuse":
        return
    long = [row for row in result.book.not_trained if row.code == "too-long"]
    if long:
        shown = ", ".join(f"{row.row_id} ({row.reason.split(',')[0]})" for row in long[:3])
        count = f"{len(long)} rows are" if len(long) > 1 else "1 row is"
        most = f"the {context} tokens that the model reads" if context else f"max_length={config.max_length}"
        raise InputError(
            f"{count} longer than {most}, e.g. {shown}",
            f"{'Use a model that reads more' if context else 'Raise max_length'}, or say what becomes of them: "
            "over_length=drop, split-by-turn or truncate-prompt-head",
        )


def _refuse_empty(result: TokenSet) -> None:
    for split in REQUIRED:
        if not result.tokens[split]:
            first = next(row for row in result.book.not_trained if row.split == split)
            raise InputError(
                f"no {split} row can be trained on; the first, {first.row_id} (line {first.line}): {first.reason}"
            )
