"""An audit from beginning to end: what is read, checked and reported."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dataprep._version import __version__
from dataprep.checks.check import all_checks, chosen_checks, refuse_unknown, run_checks
from dataprep.checks.context import AuditContext, Boundary
from dataprep.checks.trained import read_scores
from dataprep.clean import decisions_csv
from dataprep.config import AuditConfig, SplitConfig
from dataprep.contract import SEVERITIES, AuditReport, CheckResult, DroppedRow, InputFile, Severity
from dataprep.errors import ConfigError
from dataprep.files import refuse_overwriting, write_file, write_with
from dataprep.frame import ROW_SCHEMA
from dataprep.ingest import input_files
from dataprep.loading import Parts, find_parts, load, load_eval
from dataprep.similarity import SimilarityParams
from dataprep.text.masking import mask_secrets
from dataprep.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataprep.clean import Question
    from dataprep.ingest import Ingested
    from dataprep.similarity.index import Index


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
        refuse_overwriting(
            (file.path for file in (*self.report.inputs, *self.report.eval_inputs)), targets, targets[2]
        )
        report, findings, summary = targets
        write_file(report, self.html())
        write_with(findings, lambda path: self.findings.write_parquet(path, compression="zstd"))
        write_file(summary, self.report.model_dump_json(indent=2) + "\n")
        return {"report": str(report), "findings": str(findings), "summary": str(summary)}

    def decisions(self, questions: Sequence[Question], given: str | None = None) -> str:
        """A list of contradicting answers to be filled in, as CSV; decisions that were given stand in it as well."""
        wanted = {(member.finding["source"], member.finding["line"]) for one in questions for member in one.members}
        rows, prompts = self.data.rows, self.context.texts.prompt
        places = enumerate(zip(rows["source"].to_list(), rows["line"].to_list(), strict=True))
        asked = {place: prompts[at] for at, place in places if place in wanted}
        return decisions_csv(questions, asked, mask_secrets, given)

    def fails(self, level: str) -> bool:
        """Whether there are findings at or above a level (error, warning or never), or a check broke that has it."""
        if level == "never":
            return False
        levels = SEVERITIES[: SEVERITIES.index(level) + 1]
        broke = any(check.has_failed and check.severity in levels for check in self.report.checks)
        return broke or any(self.report.by_severity[name] for name in levels)


def run_audit(
    paths: Iterable[str | Path],
    eval_paths: Iterable[str | Path],
    config: AuditConfig,
    splits: str | Path | None = None,
) -> AuditResult:
    """Read data and run the checks; the arguments are those of `api.audit`."""
    given, held_out = [Path(path) for path in paths], [Path(path) for path in eval_paths]
    chosen = chosen_checks(config.select, config.ignore)
    refuse_unknown(config.drop if isinstance(config, SplitConfig) else [])
    _refuse_missing_models(config)
    params = SimilarityParams.of(config)
    index = _open_index(config.index, params) if config.index else None
    boundaries: list[Boundary] = []
    parts = None
    if splits is not None:
        if given:
            raise ConfigError("DATA and --splits exclude one another", "Give one of them")
        parts = find_parts(Path(splits))
        given, held_out = parts.paths, [*parts.held_out, *held_out]
        boundaries = _boundaries(parts)
    elif not given:
        raise ConfigError("no data given", "Name data files, or a folder of a split with --splits")
    else:
        given = _without(given, [*held_out, *map(Path, config.benchmark.values())])
    data, eval_data = load(given, config), load_eval(held_out, config)
    if parts is not None and parts.other:
        names = ", ".join(path.name for path in parts.other)
        data.files[0].notes.append(f"beside it, and not read, as no name tells a part: {names}")
    context = AuditContext(
        raw_rows=data.rows,
        rejects=data.rejects,
        raw_eval=eval_data.rows if eval_data else pl.DataFrame(schema=ROW_SCHEMA),
        params=params,
        files=data.files,
        eval_files=eval_data.files if eval_data else [],
        boundaries=boundaries,
        index=index,
        semantic=config.semantic,
        semantic_threshold=config.semantic_threshold,
        run_scores=read_scores(config.scores) if config.scores else None,
        nli=config.nli,
    )
    findings, results = run_checks(context, chosen, config.select)
    report = _report(config, data, eval_data, findings, results)
    return AuditResult(report, findings, data, eval_data, context)


def _refuse_missing_models(config: AuditConfig) -> None:
    """Load the models that were asked for before anything else: without one, checks would not run.

    Raises:
        UserError: one cannot be had.
    """
    if config.nli:
        from dataprep.text.evidence.nli import read_nli  # noqa: PLC0415 - few audits ask a model

        read_nli(config.nli)
    if config.semantic:
        from dataprep.text.embeddings import read_encoder  # noqa: PLC0415

        read_encoder(config.semantic)


def _without(given: list[Path], held_out: list[Path]) -> list[Path]:
    """The data without the evaluation files that lie in the same folder.

    Raises:
        ConfigError: nothing else was given.
    """
    apart = {os.path.realpath(path) for path in held_out}
    if not apart:
        return given
    files = input_files(given)
    rest = [path for path in files if os.path.realpath(path) not in apart]
    if not rest:
        raise ConfigError(
            f"{files[0]}: is given as data and as evaluation data", "Name another file as data or with --eval"
        )
    return rest if len(rest) < len(files) else given


def _boundaries(parts: Parts) -> list[Boundary]:
    """Which files of a split must not occur in which others: train in none, validation not in test."""
    files = {part: frozenset(map(str, paths)) for part, paths in parts.files.items()}
    held_out = frozenset(map(str, parts.held_out))
    found = [Boundary(files["train"], None)]
    if "validation" in files:
        found.append(Boundary(files["validation"], held_out - files["validation"]))
    return found


def _open_index(folder: str, params: SimilarityParams) -> Index:
    from dataprep.similarity.index import Index  # noqa: PLC0415 - most audits have none

    return Index.open(Path(folder), params)


def remember(result: AuditResult, removed: Sequence[DroppedRow] = ()) -> None:
    """Add the rows to the index, where there is one; only what went well is remembered.

    Args:
        result: of the audit.
        removed: rows that did not get into the result; a later one that is like them is no repetition.
    """
    index = result.context.index
    if index is not None:
        rows = result.context.rows
        gone = [row.row_id for row in removed if row.row_id is not None]
        rows = rows.filter(~pl.col("row_id").is_in(gone)) if gone else rows
        index.add(rows, {file.path: file.sha256 for file in result.data.files})


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
    given = {file.path for file in files}
    for file in eval_files:
        if file.benchmark is None and file.path not in given:
            words += ["--eval", file.path]
    if config.map:
        words += ["--map", ",".join(f"{key}={value}" for key, value in config.map.items())]
    if config.input_format:
        words += ["--input-format", config.input_format]
    if config.max_unpacked is not None:
        words += ["--max-unpacked", str(config.max_unpacked)]
    for name, codes in (("select", config.select), ("ignore", config.ignore)):
        if codes:
            words += [f"--{name}", ",".join(codes)]
    usual = AuditConfig()
    for name in ("threshold", "engine", "index", "semantic", "nli", "scores"):
        if getattr(config, name) != getattr(usual, name):
            words += [f"--{name}", str(getattr(config, name))]
    for name, path in config.benchmark.items():
        words += ["--benchmark", f"{name}={path}"]
    for pattern, declared in config.license.items():
        words += ["--license", declared if pattern == "*" else f"{pattern}={declared}"]
    return shlex.join([*words, "-o", "splits"])


def now() -> str:
    """The current time for a report, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
