"""The public functions: what the commands do, for notebooks and programs.

from dataprep import audit, split

result = audit(["train.jsonl"], eval_paths=["eval.jsonl"])
result.report.verdict.headline
result.findings.filter(code="CON001")
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from dataprep.auditing import AuditResult, now, remember, run_audit
from dataprep.checks.check import all_checks
from dataprep.clean import DECISIONS_NAME, Cleaned, write_decisions
from dataprep.clean import clean as apply_policy
from dataprep.config import AuditConfig, ReadConfig, SplitConfig
from dataprep.converting import Converted
from dataprep.converting import convert as convert_data
from dataprep.errors import ConfigError
from dataprep.exporting import Exported, export_split
from dataprep.files import json_lines, refuse_overwriting, write_file
from dataprep.frame import plain_row
from dataprep.loading import load
from dataprep.splitting import SplitResult, make_split
from dataprep.verdict import failures
from dataprep.verifying import Verified, verify_split

__all__ = [
    "AuditResult",
    "Cleaned",
    "Converted",
    "Exported",
    "SplitResult",
    "Verified",
    "audit",
    "clean",
    "convert",
    "explain",
    "export",
    "load",
    "split",
    "verify",
]

Paths = Iterable[str | Path]


def audit(
    paths: Paths = (), eval_paths: Paths = (), config: AuditConfig | None = None, *, splits: str | Path | None = None
) -> AuditResult:
    """Read data and run the checks.

    Args:
        paths: training data, files or folders.
        eval_paths: evaluation data that must not occur in it.
        config: what to look for.
        splits: a folder with train, validation and test files, whoever made it, instead of `paths`: all of them are
            audited, and each part is compared with the ones that must not know it.

    Raises:
        UserError: unusable input or settings.
    """
    result = run_audit(paths, eval_paths, config or AuditConfig(), splits)
    remember(result)
    return result


def clean(
    paths: Paths, eval_paths: Paths = (), config: SplitConfig | None = None, out: str | Path | None = None
) -> Cleaned:
    """Audit data and apply the cleaning policy: kept rows, and removed ones with their reasons.

    Args:
        paths: the data, files or folders.
        eval_paths: evaluation data whose rows are removed from it.
        config: the policy.
        out: a folder for kept.jsonl and dropped.jsonl (and decisions.csv, if asked for); None writes nothing.
    """
    config = config or SplitConfig()
    result = run_audit(paths, eval_paths, config)
    outcome = apply_policy(result.data.rows, result.data.rejects, result.findings, config)
    outcome = replace(outcome, notes=[*failures(result.report.checks), *outcome.notes])
    if out is not None:
        targets = [Path(out) / name for name in ("kept.jsonl", "dropped.jsonl", DECISIONS_NAME)]
        inputs = (*result.report.inputs, *result.report.eval_inputs)
        refuse_overwriting((file.path for file in inputs), targets, targets[1])
        write_file(targets[0], json_lines(plain_row(row) for row in outcome.kept.iter_rows(named=True)))
        write_file(targets[1], json_lines(row.model_dump(exclude_none=True) for row in outcome.removed))
        if config.resolve == "ask-file" and outcome.undecided:
            write_decisions(Path(out), config.decisions, partial(result.decisions, outcome.undecided))
        remember(result, outcome.removed)
    return outcome


def split(
    paths: Paths,
    out: str | Path,
    eval_paths: Paths = (),
    config: SplitConfig | None = None,
    *,
    dry_run: bool = False,
) -> SplitResult:
    """Audit, clean and split data into a certified folder.

    Args:
        paths: training data, files or folders.
        out: the folder to write.
        eval_paths: evaluation data that must not occur in any split.
        config: the policy.
        dry_run: do everything but leave no files.

    Raises:
        UserError: unusable input or settings, or nothing left to split.
    """
    config = config or SplitConfig()
    result = run_audit(paths, eval_paths, config)
    made = make_split(result, config, Path(out), now(), dry_run=dry_run)
    if not dry_run:
        remember(result, made.removed)
    return made


def verify(folder: str | Path, eval_paths: Paths = ()) -> Verified:
    """Prove a split folder anew: its files are as certified, and nothing crosses.

    Args:
        folder: written by `split`.
        eval_paths: the evaluation data; by default the files that the manifest names.

    Raises:
        UserError: no split folder, or evaluation data that cannot be read.
    """
    return verify_split(Path(folder), [Path(path) for path in eval_paths])


def convert(paths: Paths, to: str, out: str | Path, config: ReadConfig | None = None) -> Converted:
    """Write data in another format; a row the format cannot hold is left out and named, never bent.

    Args:
        paths: the data: files, folders, patterns, or "-" for standard input.
        to: a format's name, or "frame" for the canonical frame.
        out: the file to write; its ending decides the container.
        config: how to read.

    Raises:
        UserError: unusable input, unknown format or ending.
    """
    return convert_data([Path(path) for path in paths], to, Path(out), config or ReadConfig())


def export(
    splits: str | Path,
    to: str,
    out: str | Path,
    *,
    license: str | None = None,  # noqa: A002 - the flag's name
    creator: str | None = None,
    url: str | None = None,
    name: str | None = None,
    allow_unverified: bool = False,
) -> Exported:
    """Write a split folder in the layout that another tool reads, with the configuration it needs.

    Args:
        splits: a folder written by `split`.
        to: an export's name: axolotl, croissant, hub, llama-factory, openai or trl.
        out: the folder to write.
        license: the licence to publish under; what the split states where it is not given.
        creator: who made the data set.
        url: its home page.
        name: its name.
        allow_unverified: export a folder that is not as it was certified.

    Raises:
        UserError: unknown target, an unusable split folder, or no row that the target can hold.
    """
    facts = {"license": license, "creator": creator, "url": url, "name": name}
    return export_split(Path(splits), to, Path(out), **facts, allow_unverified=allow_unverified)


def explain(code: str) -> str:
    """The documentation of a check, by code or name.

    Raises:
        ConfigError: no check is called that.
    """
    for check in all_checks().values():
        if code.upper() == check.code or code == check.name:
            return f"{check.code} {check.name} ({check.severity})\n\n{check.explain()}"
    known = ", ".join(f"{check.code} {check.name}" for check in all_checks().values())
    raise ConfigError(f"no check is called {code!r}", f"Known: {known}")
