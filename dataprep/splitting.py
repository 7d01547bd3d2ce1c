"""From audited rows to a certified split folder: clean, group, assign, write, prove, sign."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dataprep._version import __version__
from dataprep.clean import clean
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
from dataprep.similarity import Link, Texts, links, self_pairs
from dataprep.splits.certify import LEAK_CODES, Proof, certify
from dataprep.splits.groups import grouped, key_links
from dataprep.splits.strategy import all_strategies
from dataprep.text.views import with_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from dataprep.api import AuditResult
    from dataprep.config import SplitConfig
    from dataprep.contract import Certificate

ROUNDS: Final = 5
"""How often rows that the certificate finds crossing are joined or dropped before giving up."""

DROPPED_NAME: Final = "dropped.jsonl"
CARD_NAME: Final = "README.md"
VERSIONED: Final = ("datasketch", "msgspec", "numpy", "polars", "pydantic")


@dataclass(frozen=True, slots=True)
class SplitResult:
    """A finished split.

    Attributes:
        manifest: as in manifest.json.
        removed: every record in no split, as in dropped.jsonl.
        largest_group: rows of the largest group that had to stay whole.
        folder: where it was written; None for a dry run.
    """

    manifest: SplitManifest
    removed: list[DroppedRow]
    largest_group: int
    folder: Path | None


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
    names = [f"{split}.jsonl" for split in SPLIT_NAMES] + [DROPPED_NAME, MANIFEST_NAME, CARD_NAME]
    report = audit.report
    refuse_overwriting((file.path for file in (*report.inputs, *report.eval_inputs)), [out / name for name in names])
    outcome = clean(audit.data.rows, audit.data.rejects, audit.findings, config)
    if not outcome.kept.height:
        raise SplitError("no row is left after cleaning", "Look at `dataprep audit` first, or loosen `drop`")
    parent = Path(tempfile.gettempdir()) if dry_run else out
    try:
        parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".partial-", dir=parent))
    except OSError as err:
        raise InputError(f"{out}: cannot be written ({err.strerror})", "Choose another place with -o") from err
    try:
        result = _Job(audit, config, work, created_at).run(outcome.kept, outcome.removed)
        if not dry_run:
            for name in names:
                (work / name).replace(out / name)
            result = replace(result, folder=out)
    except OSError as err:
        raise InputError(
            f"{out}: cannot be written ({err.strerror})", "Free some space, or choose another -o"
        ) from err
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return result


@dataclass(frozen=True, slots=True)
class _Job:
    """One split in the making: what stays the same from round to round."""

    audit: AuditResult
    config: SplitConfig
    work: Path
    created_at: str

    @property
    def column(self) -> str | None:
        """The field whose equal values stay together."""
        return self.config.group_by or self.config.map.get("group")

    def run(self, kept: pl.DataFrame, removed: list[DroppedRow]) -> SplitResult:
        """Assign, write and certify until nothing crosses; sign the result."""
        context = self.audit.context
        extra: list[tuple[str, str]] = []
        for attempt in range(1, ROUNDS + 1):
            groups = self.groups(kept, extra)
            files = self.write(kept, groups)
            proof = certify(files, context.raw_eval, context.params, self.column, _tolerated(self.config))
            if proof.certificate.passed:
                self.write_dropped(removed)
                certificate = proof.certificate.model_copy(update={"rounds": attempt, "eval_files": self.eval_files()})
                manifest = self.sign(len(groups), removed, certificate)
                return SplitResult(manifest, removed, max(map(len, groups)), None)
            # The certificate uses other hash functions and may see a pair that the audit missed: learn from it.
            extra += proof.crossings
            kept, late = self.drop_leaks(kept, proof)
            removed = sorted(removed + late, key=lambda row: (row.source, row.line))
        first = proof.crossings[0] if proof.crossings else proof.leaks[0][0]
        raise SplitError(f"rows still cross after {ROUNDS} rounds, {first} among them", "Please report this data set")

    def groups(self, kept: pl.DataFrame, extra: Sequence[tuple[str, str]]) -> list[list[int]]:
        """Positions of the rows that must stay together."""
        texts, params = Texts.of(with_texts(kept)), self.audit.context.params
        found, _ = links(texts, self_pairs(texts.pair_core, params), params)
        found += key_links(kept, self.column)
        place = {row_id: position for position, row_id in enumerate(kept["row_id"].to_list())}
        known = [(place[a], place[b]) for a, b in extra if a in place and b in place]
        found += [Link("seen by the certificate", a, b, 1.0) for a, b in known]
        return grouped(kept.height, found)

    def write(self, kept: pl.DataFrame, groups: Sequence[Sequence[int]]) -> dict[SplitName, Path]:
        """Write the split files, rows in their input order."""
        strategy = all_strategies()["random"]
        assigned = strategy.assign([len(group) for group in groups], self.config.ratios, self.config.seed)
        split_of: dict[int, SplitName] = {}
        for group, split in zip(groups, assigned, strict=True):
            split_of.update(dict.fromkeys(group, split))
        rows: dict[SplitName, list[object]] = {split: [] for split in SPLIT_NAMES}
        for position, row in enumerate(kept.iter_rows(named=True)):
            rows[split_of[position]].append(plain_row(row))
        for split, content in rows.items():
            (self.work / f"{split}.jsonl").write_bytes(json_lines(content))
        return {split: self.work / f"{split}.jsonl" for split in SPLIT_NAMES}

    def drop_leaks(self, kept: pl.DataFrame, proof: Proof) -> tuple[pl.DataFrame, list[DroppedRow]]:
        """Take out the rows that only the certificate saw in the evaluation data."""
        eval_rows = self.audit.context.raw_eval
        leaks = dict(proof.leaks)
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
                    reason=f"{match.score:.0%} alike ({source} line {line}); found by the certificate",
                    matched=RowRef(row_id=eval_rows["row_id"][match.right], source=source, line=line),
                    score=match.score,
                    all_codes=[code],
                    record=plain_row(row),
                )
            )
        return kept.filter(~kept["row_id"].is_in(list(leaks))), late

    def write_dropped(self, removed: Sequence[DroppedRow]) -> None:
        """Write every removed record with its reason and content."""
        lines = json_lines(row.model_dump(exclude_none=True) for row in removed)
        (self.work / DROPPED_NAME).write_bytes(lines)

    def eval_files(self) -> dict[str, str]:
        """sha256 of each evaluation file by path."""
        return {file.path: file.sha256 for file in self.audit.report.eval_inputs}

    def sign(self, groups: int, removed: Sequence[DroppedRow], certificate: Certificate) -> SplitManifest:
        """Write the manifest and the dataset card over the finished files."""
        report = self.audit.report
        files = [_split_file(self.work / f"{split}.jsonl", split) for split in SPLIT_NAMES]
        files.append(_split_file(self.work / DROPPED_NAME, None))
        settings = self.config.model_dump(mode="json")
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
            groups=groups,
            account=_balanced_account(report.rows + report.unreadable, files, removed),
            certificate=certificate,
        ).sealed()
        write_file(self.work / CARD_NAME, dataset_card(manifest))
        write_file(self.work / MANIFEST_NAME, manifest.model_dump_json(indent=2) + "\n")
        return manifest


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


def _tolerated(config: SplitConfig) -> list[str]:
    """Leak codes that the policy leaves in the data, so that they cannot be certified."""

    def meant(code: str, name: str, items: Sequence[str]) -> bool:
        return any(code.startswith(item.upper()) or name == item for item in items)

    return [
        code
        for code, name in LEAK_CODES.values()
        if meant(code, name, config.ignore)
        or (config.select and not meant(code, name, config.select))
        or not ("error" in config.drop or meant(code, name, config.drop))
    ]


def _split_file(path: Path, split: SplitName | None) -> SplitFile:
    data = path.read_bytes()
    return SplitFile(name=path.name, split=split, sha256=file_sha256(path), bytes=len(data), rows=data.count(b"\n"))
