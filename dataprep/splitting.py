"""From audited rows to a certified split folder: clean, group, assign, write, prove, sign."""

from __future__ import annotations

import math
import platform
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dataprep._version import __version__
from dataprep.clean import DECISIONS_NAME, clean, write_decisions
from dataprep.contract import (
    MANIFEST_NAME,
    SPLIT_NAMES,
    DroppedRow,
    RowAccount,
    RowRef,
    SplitFile,
    SplitManifest,
    SplitName,
    canonical_sha256,
    file_sha256,
)
from dataprep.errors import InputError, SplitError
from dataprep.exports.card import dataset_card
from dataprep.files import json_lines, refuse_overwriting, write_file
from dataprep.frame import plain_row
from dataprep.splits.certify import LEAK_CODES, certify
from dataprep.splits.shares import assignments
from dataprep.splits.strategy import strategy_for
from dataprep.splits.ties import Grouped, group_rows
from dataprep.verdict import failures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from dataprep.auditing import AuditResult
    from dataprep.config import SplitConfig
    from dataprep.contract import Certificate
    from dataprep.similarity import Match
    from dataprep.splits.strategy import Assignment

ROUNDS: Final = 5
"""How often rows that the certificate finds crossing are joined or dropped before giving up."""

Z95: Final = 1.96
"""Standard deviations on either side that hold 95% of a normal distribution."""

DROPPED_NAME: Final = "dropped.jsonl"
CARD_NAME: Final = "README.md"
NAMES: Final = (MANIFEST_NAME, *(f"{split}.jsonl" for split in SPLIT_NAMES), DROPPED_NAME, CARD_NAME)
"""Files of a split folder; the manifest, which says whose the others are, is put there first."""

VERSIONED: Final = ("datasketch", "msgspec", "numpy", "polars", "pydantic")


@dataclass(frozen=True, slots=True)
class SplitResult:
    """A finished split.

    Attributes:
        manifest: as in manifest.json; of a cross-validation, that of the first fold.
        removed: every record in no split, as in dropped.jsonl.
        largest_group: rows of the largest group that had to stay whole.
        folder: where it was written; None for a dry run.
        folds: the manifest of each fold, where there are folds.
    """

    manifest: SplitManifest
    removed: list[DroppedRow]
    largest_group: int
    folder: Path | None
    folds: list[SplitManifest] = field(default_factory=list)


def make_split(audit: AuditResult, config: SplitConfig, out: Path, created_at: str, *, dry_run: bool) -> SplitResult:
    """Clean, split and certify audited rows.

    Args:
        audit: the audit whose findings decide what is removed.
        config: the policy.
        out: the folder to write; its split files are replaced, other files in it are left alone.
        created_at: the one timestamp of the manifest.
        dry_run: do everything, certificate included, but leave nothing behind.

    Raises:
        SplitError: no row is left, or rows keep crossing.
        InputError: an output would overwrite an input.
    """
    names = [str(Path(folder) / name) for folder in _folders(config) for name in NAMES]
    report = audit.report
    inputs = [file.path for file in (*report.inputs, *report.eval_inputs)]
    for folder in _folders(config):
        refuse_overwriting(inputs, [out / folder / name for name in NAMES], out / folder / MANIFEST_NAME)
    refuse_overwriting(inputs, [out / DECISIONS_NAME], out / _folders(config)[0] / MANIFEST_NAME)
    strategy_for(config)  # what cannot be done is said before the work
    outcome = clean(audit.data.rows, audit.data.rejects, audit.findings, config)
    notes = [*failures(report.checks), *outcome.notes]
    if not outcome.kept.height:
        raise SplitError("no row is left after cleaning", "Look at `dataprep audit` first, or loosen `drop`")
    parent = Path(tempfile.gettempdir()) if dry_run else out
    try:
        parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".partial-", dir=parent))
    except OSError as err:
        raise InputError(f"{out}: cannot be written ({err.strerror})", "Choose another place with -o") from err
    try:
        result = _Job(audit, config, work, created_at, notes).run(outcome.kept, outcome.removed)
        if not dry_run:
            for name in names:
                (out / name).parent.mkdir(exist_ok=True)
                (work / name).replace(out / name)
            if config.resolve == "ask-file" and outcome.undecided:
                write_decisions(out, config.decisions, partial(audit.decisions, outcome.undecided))
            result = replace(result, folder=out)
    except OSError as err:
        raise InputError(
            f"{out}: cannot be written ({err.strerror})", "Free some space, or choose another -o"
        ) from err
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return result


def _folders(config: SplitConfig) -> list[str]:
    """The folders of a split below its own: one for each fold."""
    return [f"fold-{number}" for number in range(1, config.folds + 1)] if config.folds else ["."]


@dataclass(frozen=True, slots=True)
class _Job:
    """One split in the making: what stays the same from round to round."""

    audit: AuditResult
    config: SplitConfig
    work: Path
    created_at: str
    notes: Sequence[str]

    def run(self, kept: pl.DataFrame, removed: list[DroppedRow]) -> SplitResult:
        """Assign, write and certify until nothing crosses; sign the result."""
        audit, extra = self.audit, list[tuple[str, str]]()
        leaks: dict[str, Match] = {}
        for attempt in range(1, ROUNDS + 1):
            data = group_rows(kept, audit.findings, audit.context.params, self.config, extra)
            given = assignments(data.rows, data.groups, self.config)
            proofs = []
            for folder, assignment in zip(_folders(self.config), given, strict=True):
                files = self.write(data, assignment.splits, self.work / folder)
                proofs.append(certify(files, audit.context.raw_eval, data.terms))
            if all(proof.certificate.passed for proof in proofs):
                manifests = [
                    self.sign(number, data, assignment, removed, proof.certificate, attempt)
                    for number, (assignment, proof) in enumerate(zip(given, proofs, strict=True))
                ]
                largest = max(map(len, data.groups))
                return SplitResult(manifests[0], removed, largest, None, manifests if self.config.folds else [])
            # The certificate uses other hash functions and may see a pair that the audit missed: learn from it.
            extra += [pair for proof in proofs for pair in proof.crossings]
            leaks = {row_id: match for proof in proofs for row_id, match in proof.leaks}
            kept, late = self.drop_leaks(kept, leaks)
            removed = sorted(removed + late, key=lambda row: (row.source, row.line))
        first = extra[0] if extra else next(iter(leaks))
        raise SplitError(f"rows still cross after {ROUNDS} rounds, {first} among them", "Please report this data set")

    def write(self, data: Grouped, splits: Sequence[SplitName], folder: Path) -> dict[SplitName, Path]:
        """Write the split files, rows in their input order."""
        folder.mkdir(exist_ok=True)
        split_of: dict[int, SplitName] = {}
        for group, split in zip(data.groups, splits, strict=True):
            split_of.update(dict.fromkeys(group, split))
        rows: dict[SplitName, list[object]] = {split: [] for split in SPLIT_NAMES}
        for position, row in enumerate(data.rows.iter_rows(named=True)):
            rows[split_of[position]].append(plain_row(row))
        for split, content in rows.items():
            (folder / f"{split}.jsonl").write_bytes(json_lines(content))
        return {split: folder / f"{split}.jsonl" for split in SPLIT_NAMES}

    def drop_leaks(self, kept: pl.DataFrame, leaks: Mapping[str, Match]) -> tuple[pl.DataFrame, list[DroppedRow]]:
        """Take out the rows that only the certificate saw in the evaluation data."""
        eval_rows = self.audit.context.raw_eval
        late = []
        for row in kept.filter(kept["row_id"].is_in(list(leaks))).iter_rows(named=True):
            match = leaks[row["row_id"]]
            code, name = LEAK_CODES[match.kind]
            source, line = eval_rows["source"][match.right], eval_rows["line"][match.right]
            late.append(
                DroppedRow(
                    row_id=row["row_id"],
                    source=row["source"],
                    line=row["line"],
                    code=code,
                    name=name,
                    action="dropped",
                    reason=f"{_found(match)} ({source} line {line}); found by the certificate",
                    matched=RowRef(row_id=eval_rows["row_id"][match.right], source=source, line=line),
                    score=None if match.kind == "paraphrase" else match.score,
                    all_codes=[code],
                    record=plain_row(row),
                )
            )
        return kept.filter(~kept["row_id"].is_in(list(leaks))), late

    def sign(
        self,
        number: int,
        data: Grouped,
        assignment: Assignment,
        removed: Sequence[DroppedRow],
        certificate: Certificate,
        rounds: int,
    ) -> SplitManifest:
        """Write the removed records, the manifest and the dataset card beside the finished split files."""
        folder, report = self.work / _folders(self.config)[number], self.audit.report
        (folder / DROPPED_NAME).write_bytes(json_lines(row.model_dump(exclude_none=True) for row in removed))
        files = [_split_file(folder / f"{split}.jsonl", split) for split in SPLIT_NAMES]
        files.append(_split_file(folder / DROPPED_NAME, None))
        settings = self.config.model_dump(mode="json")
        eval_files = {file.path: file.sha256 for file in report.eval_inputs}
        manifest = SplitManifest(
            tool_version=__version__,
            created_at=self.created_at,
            inputs=report.inputs,
            eval_inputs=report.eval_inputs,
            config=settings,
            config_sha256=canonical_sha256(settings),
            seed=self.config.seed,
            versions={"python": platform.python_version()} | {name: version(name) for name in VERSIONED},
            files=files,
            groups=len(data.groups),
            group_keys=list(data.terms.keys),
            strategy=strategy_for(self.config)[0].name,
            fold=number + 1 if self.config.folds else None,
            notes=[*self.notes, *data.notes, *assignment.notes],
            account=_balanced_account(report.rows + report.unreadable, files, removed),
            certificate=certificate.model_copy(update={"rounds": rounds, "eval_files": eval_files}),
        ).sealed()
        write_file(folder / CARD_NAME, dataset_card(manifest))
        write_file(folder / MANIFEST_NAME, manifest.model_dump_json(indent=2) + "\n")
        return manifest


def _found(match: Match) -> str:
    """What the certificate saw, in words."""
    if match.kind == "paraphrase":
        return "the same question in other words"
    return f"{match.score:.0%} {'contained' if match.kind == 'contained' else 'alike'}"


def _balanced_account(records: int, files: Sequence[SplitFile], removed: Sequence[DroppedRow]) -> RowAccount:
    actions = Counter(row.action for row in removed)
    by_split = {file.split: file.rows for file in files if file.split}
    account = RowAccount(
        records_in=records,
        kept=sum(by_split.values()),
        dropped=actions["dropped"],
        needs_decision=actions["needs_decision"],
        by_code=dict(sorted(Counter(row.code for row in removed).items())),
        by_split=dict(by_split),
    )
    if not account.balanced():
        raise SplitError(f"the row account does not balance: {account}", "Please report this data set")
    return account


def _split_file(path: Path, split: SplitName | None) -> SplitFile:
    data = path.read_bytes()
    rows = data.count(b"\n")
    margin = round(Z95 * math.sqrt(0.25 / rows), 4) if rows and split in SPLIT_NAMES[1:] else None
    return SplitFile(
        name=path.name, split=split, sha256=file_sha256(path), bytes=len(data), rows=rows, accuracy_margin=margin
    )
