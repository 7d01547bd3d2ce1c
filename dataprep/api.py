"""The public functions: what the commands do, for notebooks and programs.

from dataprep import audit, split

result = audit(["train.jsonl"], eval_paths=["eval.jsonl"])
result.report.verdict.headline
result.findings.filter(code="CON001")
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dataprep._version import __version__
from dataprep.checks.check import all_checks, chosen_checks, run_checks
from dataprep.checks.context import AuditContext
from dataprep.clean import Cleaned
from dataprep.clean import clean as apply_policy
from dataprep.config import AuditConfig, ReadConfig, SplitConfig
from dataprep.contract import SEVERITIES, AuditReport, CheckResult, InputFile, Severity
from dataprep.converting import Converted
from dataprep.converting import convert as convert_data
from dataprep.errors import ConfigError
from dataprep.exporting import Exported, export_split
from dataprep.files import json_lines, refuse_overwriting, write_file, write_with
from dataprep.frame import ROW_SCHEMA, plain_row
from dataprep.ingest import Ingested, read_inputs
from dataprep.similarity import SimilarityParams
from dataprep.splitting import SplitResult, make_split
from dataprep.verdict import verdict
from dataprep.verifying import Verified, verify_split

if TYPE_CHECKING:
    from dataprep.similarity.index import Index

Paths = Iterable[str | Path]


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What an audit found.

    Attributes:
        report: the summary, as in audit.json.
        findings: every finding (`frame.FINDING_SCHEMA`).
        data: the rows, rejects and files that were read.
        eval_data: the same of the evaluation data, where given.
        context: the derived texts and links, for what follows the audit.
    """

    report: AuditReport
    findings: pl.DataFrame
    data: Ingested
    eval_data: Ingested | None
    context: AuditContext

    def html(self) -> str:
        """The self-contained HTML report."""
        from dataprep.report import render  # noqa: PLC0415 - templates load only when a report is asked for

        explanations = {code: check.explain() for code, check in all_checks().items()}
        return render(
            self.report,
            self.findings,
            self.data.rows,
            self.data.rejects,
            self.context.raw_eval,
            explanations=explanations,
        )

    def write(self, folder: Path) -> dict[str, str]:
        """Write report.html, findings.parquet and audit.json.

        Returns:
            the written paths by title, for people.
        """
        targets = [folder / name for name in ("report.html", "findings.parquet", "audit.json")]
        refuse_overwriting((file.path for file in (*self.report.inputs, *self.report.eval_inputs)), targets)
        report, findings, summary = targets
        write_file(report, self.html())
        write_with(findings, lambda path: self.findings.write_parquet(path, compression="zstd"))
        write_file(summary, self.report.model_dump_json(indent=2) + "\n")
        return {"report": str(report), "findings": str(findings), "summary": str(summary)}

    def fails(self, level: str) -> bool:
        """Whether there are findings at or above a level: error, warning or never."""
        if level == "never":
            return False
        return any(self.report.by_severity[name] for name in SEVERITIES[: SEVERITIES.index(level) + 1])


def load(paths: Paths, config: ReadConfig | None = None) -> Ingested:
    """Read files, folders, patterns or standard input ("-") into the canonical frame.

    Broken records are set aside with their reason, not lost.
    """
    config = config or ReadConfig()
    data = read_inputs([Path(path) for path in paths], config.map, config.input_format, config.max_unpacked)
    files = [file.model_copy(update={"license": config.license_of(file.path)}) for file in data.files]
    return replace(data, files=files)


def audit(paths: Paths, eval_paths: Paths = (), config: AuditConfig | None = None) -> AuditResult:
    """Read data and run the checks.

    Args:
        paths: training data, files or folders.
        eval_paths: evaluation data that must not occur in it.
        config: what to look for.

    Raises:
        UserError: unusable input or settings.
    """
    result = _audit(paths, eval_paths, config or AuditConfig())
    _remember(result)
    return result


def _audit(paths: Paths, eval_paths: Paths, config: AuditConfig) -> AuditResult:
    paths, eval_paths = [Path(path) for path in paths], [Path(path) for path in eval_paths]
    chosen = chosen_checks(config.select, config.ignore)
    params = SimilarityParams.of(config)
    index = _open_index(config.index, params) if config.index else None
    data = load(paths, config)
    eval_data = load(eval_paths, config) if eval_paths else None
    context = AuditContext(
        raw_rows=data.rows,
        rejects=data.rejects,
        raw_eval=eval_data.rows if eval_data else pl.DataFrame(schema=ROW_SCHEMA),
        params=params,
        files=data.files,
        index=index,
        semantic=config.semantic,
        semantic_threshold=config.semantic_threshold,
    )
    findings, results = run_checks(context, chosen, config.select)
    report = _report(config, data, eval_data, findings, results)
    return AuditResult(report, findings, data, eval_data, context)


def _open_index(folder: str, params: SimilarityParams) -> Index:
    from dataprep.similarity.index import Index  # noqa: PLC0415 - most audits have none

    return Index.open(Path(folder), params)


def _remember(result: AuditResult) -> None:
    """Add the rows to the index, where there is one; only what went well is remembered."""
    index = result.context.index
    if index is not None:
        index.add(result.context.rows, {file.path: file.sha256 for file in result.data.files})


def _report(
    config: AuditConfig,
    data: Ingested,
    eval_data: Ingested | None,
    findings: pl.DataFrame,
    results: list[CheckResult],
) -> AuditReport:
    serious = findings.filter(pl.col("severity") != "note", pl.col("row_id").is_not_null())
    flagged = serious.select("source", "line").unique().height
    faulty = findings.filter(pl.col("severity") == "error").select("source", "line").unique().height
    unreadable = data.rejects.height
    by_severity: dict[Severity, int] = {
        severity: findings.filter(pl.col("severity") == severity).height for severity in SEVERITIES
    }
    eval_files = eval_data.files if eval_data else []
    return AuditReport(
        tool_version=__version__,
        created_at=now(),
        inputs=data.files,
        eval_inputs=eval_files,
        rows=data.rows.height,
        unreadable=unreadable,
        flagged_rows=flagged,
        clean_rows=data.rows.height - flagged,
        by_severity=by_severity,
        checks=results,
        verdict=verdict(results, data.rows.height + unreadable, faulty),
        config=config.model_dump(mode="json"),
        next_command=next_command("split", data.files, eval_files, config),
    )


def next_command(
    command: str, files: Sequence[InputFile], eval_files: Sequence[InputFile], config: AuditConfig
) -> str:
    """A command line that can be pasted, with the same inputs and reading options."""
    words = ["dataprep", command, *(file.path for file in files)]
    for file in eval_files:
        words += ["--eval", file.path]
    if config.map:
        words += ["--map", ",".join(f"{key}={value}" for key, value in config.map.items())]
    if config.input_format:
        words += ["--input-format", config.input_format]
    if config.max_unpacked is not None:
        words += ["--max-unpacked", str(config.max_unpacked)]
    usual = AuditConfig()
    for name in ("threshold", "engine", "index", "semantic"):
        if getattr(config, name) != getattr(usual, name):
            words += [f"--{name}", str(getattr(config, name))]
    for pattern, declared in config.license.items():
        words += ["--license", declared if pattern == "*" else f"{pattern}={declared}"]
    return shlex.join([*words, "-o", "splits"])


def clean(
    paths: Paths, eval_paths: Paths = (), config: SplitConfig | None = None, out: str | Path | None = None
) -> Cleaned:
    """Audit data and apply the cleaning policy: kept rows, and removed ones with their reasons.

    Args:
        paths: the data, files or folders.
        eval_paths: evaluation data whose rows are removed from it.
        config: the policy.
        out: a folder for kept.jsonl and dropped.jsonl; None writes nothing.
    """
    config = config or SplitConfig()
    result = _audit(paths, eval_paths, config)
    outcome = apply_policy(result.data.rows, result.data.rejects, result.findings, config)
    if out is not None:
        targets = [Path(out) / "kept.jsonl", Path(out) / "dropped.jsonl"]
        inputs = (*result.report.inputs, *result.report.eval_inputs)
        refuse_overwriting((file.path for file in inputs), targets)
        write_file(targets[0], json_lines(plain_row(row) for row in outcome.kept.iter_rows(named=True)))
        write_file(targets[1], json_lines(row.model_dump(exclude_none=True) for row in outcome.removed))
        _remember(result)
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
    result = _audit(paths, eval_paths, config)
    made = make_split(result, config, Path(out), now(), dry_run=dry_run)
    if not dry_run:
        _remember(result)
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


def now() -> str:
    """The current time for a report, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
