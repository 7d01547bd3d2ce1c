"""The contract of a check, and the runner that turns checks into findings."""

from __future__ import annotations

import hashlib
import inspect
import json
from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from dataprep import checks
from dataprep.checks.found import Found
from dataprep.contract import FAILED, SEVERITIES, CheckResult, Severity
from dataprep.discovery import discover
from dataprep.errors import ConfigError, PluginError, UserError
from dataprep.frame import FINDING_SCHEMA, empty_findings, sort_findings
from dataprep.text.masking import SUSPICIOUS, mask_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataprep.checks.context import AuditContext


class Check(ABC):
    """A fault that rows can have. The class docstring is its documentation: what, why, an example, what to do.

    Attributes:
        code: stable and never reused, such as "DUP001".
        name: names the fault and reads well after "allow".
        severity: of a finding unless it says otherwise.
        on_rejects: whether positions are those of unreadable records.
        on_files: whether positions are those of the files under audit; what it finds concerns no single row.
        needs_eval: whether it can only run with evaluation data.
        option: the flag it runs with, and only then, such as "--index FOLDER".
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    on_rejects: ClassVar[bool] = False
    on_files: ClassVar[bool] = False
    needs_eval: ClassVar[bool] = False
    option: ClassVar[str] = ""

    @abstractmethod
    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every fault of this kind."""

    def notes(self, context: AuditContext) -> list[str]:  # noqa: ARG002 - most checks have nothing to add
        """How it decided: method, parameters, limits. Read after `run`."""
        return []

    def explain(self) -> str:
        """The documentation, as shown by `dataprep explain`."""
        return inspect.cleandoc(self.__doc__ or "")


@cache
def all_checks() -> dict[str, Check]:
    """Every check by code, in order of code."""
    found: dict[str, Check] = discover(checks, "CHECK", lambda check: check.code)
    names: dict[str, str] = {}
    for code, check in found.items():
        if check.name in names:
            raise PluginError(f"{names[check.name]} and {code} are both called {check.name}", "Rename one of them")
        names[check.name] = code
    return dict(sorted(found.items()))


def chosen_checks(select: Sequence[str], ignore: Sequence[str]) -> list[Check]:
    """The checks meant by codes, names or families such as DUP; no selection means all.

    Raises:
        ConfigError: an entry matches no check.
    """
    known = all_checks()
    for wanted in (*select, *ignore):
        if not any(_matches(check, wanted) for check in known.values()):
            raise ConfigError(f"no check is called {wanted!r}", f"Known codes: {', '.join(known)}")
    return [
        check
        for check in known.values()
        if (not select or any(_matches(check, item) for item in select))
        and not any(_matches(check, item) for item in ignore)
    ]


def refuse_unknown(wanted: Sequence[str]) -> None:
    """Refuse what is neither a severity nor means a check.

    Raises:
        ConfigError: the first such entry, with those that are known.
    """
    known = all_checks()
    for item in wanted:
        if item not in SEVERITIES and not any(_matches(check, item) for check in known.values()):
            raise ConfigError(
                f"no severity and no check is called {item!r}", f"Known: {', '.join([*SEVERITIES, *known])}"
            )


def _matches(check: Check, wanted: str) -> bool:
    return check.name == wanted or check.code.startswith(wanted.upper())


def run_checks(
    context: AuditContext, chosen: Sequence[Check], asked: Sequence[str] = ()
) -> tuple[pl.DataFrame, list[CheckResult]]:
    """Run the checks; one that fails or cannot run becomes a named "not run" entry, never silence.

    One that belongs to an option nobody gave is left out, unless it was asked for by code or name.
    """
    frames, results = [], []
    for check in chosen:
        if check.option not in context.options and not {check.code, check.name} & set(asked):
            continue
        frame, result = _run_one(check, context)
        frames.append(frame)
        results.append(result)
    findings = pl.concat(frames) if frames else empty_findings()
    return sort_findings(findings), results


def _run_one(check: Check, context: AuditContext) -> tuple[pl.DataFrame, CheckResult]:
    blank = CheckResult(
        code=check.code,
        name=check.name,
        severity=check.severity,
        status="not_run",
        unit="file" if check.on_files else "row",
    )
    if check.needs_eval and not context.raw_eval.height:
        return empty_findings(), blank.model_copy(update={"reason": "no evaluation data given (--eval)"})
    if check.option not in context.options:
        return empty_findings(), blank.model_copy(update={"reason": f"it needs {check.option}"})
    try:
        frame = _as_frame(check, context, list(check.run(context)))
        notes = check.notes(context)
    except UserError as err:
        return empty_findings(), blank.model_copy(update={"reason": str(err)})
    except Exception as err:  # noqa: BLE001 - one broken check must not take the audit down with it
        reason = f"{FAILED}{type(err).__name__}: {err}"
        return empty_findings(), blank.model_copy(update={"reason": reason})
    severities = set(frame["severity"])
    worst = next((severity for severity in SEVERITIES if severity in severities), check.severity)
    ranked = _by_severity(frame)
    met = {"findings": frame.height, "rows": sum(ranked.values()), "rows_by_severity": ranked}
    return frame, blank.model_copy(update={"severity": worst, "status": "ran", "notes": notes} | met)


def _by_severity(findings: pl.DataFrame) -> dict[str, int]:
    """Distinct rows by the highest severity of each, the highest first."""
    ranked = findings.select("source", "line", pl.col("severity").cast(pl.Enum(SEVERITIES)))
    worst = ranked.group_by("source", "line").agg(pl.col("severity").min())
    return {str(severity): count for severity, count in worst["severity"].value_counts().sort("severity").iter_rows()}


def _as_frame(check: Check, context: AuditContext, found: Sequence[Found]) -> pl.DataFrame:
    own = _files(context) if check.on_files else context.rejects if check.on_rejects else context.raw_rows
    places = _Places(own)
    places_in_eval = _Places(context.raw_eval)
    rows = []
    for fault in found:
        row_id, source, line = places[fault.position]
        related: tuple[str | None, str | None, int | None] = (None, None, None)
        if fault.related is not None:
            related = (places_in_eval if fault.related_eval else places)[fault.related]
        elif fault.related_place is not None:
            related = fault.related_place
        evidence = json.dumps(dict(fault.evidence), ensure_ascii=False, sort_keys=True)
        severity = fault.severity or check.severity
        rows.append(
            (
                *(check.code, check.name, severity, row_id, source, line),
                *(fault.field, fault.message, fault.score, *related, evidence),
            )
        )
    return _masked(pl.DataFrame(rows, schema=FINDING_SCHEMA, orient="row"))


def _masked(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings without the secrets that rows hold: they are printed, mailed and pasted into tickets."""
    columns: list[pl.Series] = []
    for name, mask in (("message", mask_words), ("evidence", _masked_json)):
        column = findings[name]
        # Few texts can hold one, and asking polars which costs little.
        suspects = column.str.contains(SUSPICIOUS).fill_null(value=False).arg_true().to_list()
        if suspects:
            texts = column.to_list()
            for place in suspects:
                texts[place] = mask(texts[place])
            columns.append(pl.Series(name, texts, dtype=pl.String))
    return findings.with_columns(columns)


def _masked_json(text: str) -> str:
    return json.dumps(_masked_value(json.loads(text)), ensure_ascii=False, sort_keys=True)


def _masked_value(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return _told_apart(value) if key == "claim" else mask_words(value)
    if isinstance(value, list):
        return [_masked_value(item) for item in value]
    if isinstance(value, dict):
        return {_told_apart(name): _masked_value(item, name) for name, item in value.items()}
    return value


def _told_apart(text: str) -> str:
    """A text whose secrets are masked, so that different ones stay different: claims are counted and decided by it."""
    masked = mask_words(text)
    return masked if masked == text else f"{masked} #{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:6]}"


class _Places:
    """row_id, file and line of the rows of a frame, read when asked for: most rows have no fault."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._row_ids = frame["row_id"] if "row_id" in frame.columns else None
        self._sources, self._lines = frame["source"], frame["line"]

    def __getitem__(self, position: int) -> tuple[str | None, str, int]:
        row_id = None if self._row_ids is None else self._row_ids[position]
        return row_id, self._sources[position], self._lines[position]


def _files(context: AuditContext) -> pl.DataFrame:
    """A frame of the files under audit, which have one line."""
    return pl.DataFrame({"source": [file.path for file in context.files], "line": 1})
