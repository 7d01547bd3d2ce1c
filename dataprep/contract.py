"""Everything that crosses a file boundary, as pydantic models.

Polars frames carry the data inside the tools; these models describe the files that leave them, and
`schemas/v1/` holds their JSON Schemas. `trainer` imports from dataprep this module and `errors` only.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataprep.errors import SplitError

SCHEMA_VERSION: Final = "1"
MANIFEST_NAME: Final = "manifest.json"
ROW_SCORES_NAME: Final = "row_scores.parquet"

Role = Literal["system", "developer", "user", "assistant", "tool"]
Severity = Literal["error", "warning", "note"]
SplitName = Literal["train", "validation", "test"]
Dynamics = Literal["easy", "hard", "ambiguous", "forgotten"]

FAILED: Final = "failed: "
"""What the reason of a check begins with that broke; others could not run, and say what they need."""

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
SPLIT_NAMES: Final[tuple[SplitName, ...]] = ("train", "validation", "test")


class Model(BaseModel):
    """Base of all contracts: immutable, and an unknown key is an error rather than a silent loss."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Message(BaseModel):
    """One turn of a conversation. Extra keys are what else the source's turn carried."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    role: Role
    content: str | list[Any] = Field(description="Text, or a list of content parts where one of them is no text.")
    name: str | None = None
    tool_calls: list[Any] | None = None
    tool_call_id: str | None = None
    weight: float | None = Field(default=None, description="Loss weight of an assistant turn; 0 leaves it out.")


class Example(BaseModel):
    """One line of train.jsonl, validation.jsonl or test.jsonl. Extra keys are the row's own fields."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    row_id: str = Field(description="16 hex digits of the content hash, a dash, and the occurrence number.")
    messages: list[Message] = Field(description="The conversation; of a preference row, the turns both answers share.")
    chosen: list[Message] | None = Field(default=None, description="The preferred continuation.")
    rejected: list[Message] | None = Field(default=None, description="The continuation it is preferred to.")
    label: bool | None = Field(default=None, description="Whether the answer is a wanted one.")
    tools: list[Any] | None = None


class Finding(Model):
    """One row of findings.parquet: a fault, the row that has it, and the proof."""

    code: str
    name: str
    severity: Severity
    row_id: str | None = Field(description="None for a record that could not be read.")
    source: str
    line: int = Field(ge=1, description="1-based line where the record starts in `source`.")
    field: str | None = None
    message: str
    score: float | None = None
    related_row_id: str | None = None
    related_source: str | None = None
    related_line: int | None = None
    evidence: str = Field(default="{}", description="A JSON object; its keys depend on the code.")


class InputFile(Model):
    """One file that was read, with the account of its records."""

    path: str
    sha256: str
    bytes: int
    records: int = Field(description="Records found: rows + unreadable.")
    rows: int
    unreadable: int
    unknown: int = Field(default=0, description="Of the unreadable: records that are JSON, but of no known format.")
    formats: dict[str, int] = Field(description="Rows by the format they were recognised as.")
    notes: list[str] = Field(default_factory=list, description="What the reader had to adapt to.")
    license: str | None = Field(default=None, description="The declared licence of the data, as it was declared.")
    benchmark: str | None = Field(default=None, description="The benchmark that the file is a part of.")


class CheckResult(Model):
    """What one check did. A check that did not run says why; it is never silently absent."""

    code: str
    name: str
    severity: Severity = Field(description="The highest severity this check reported, else its usual one.")
    status: Literal["ran", "not_run"]
    findings: int = 0
    rows: int = Field(default=0, description="Distinct rows, records or files flagged.")
    rows_by_severity: dict[Severity, int] = Field(
        default_factory=dict, description="The same by the highest severity of each."
    )
    unit: Literal["row", "file"] = Field(default="row", description="What it judges: rows and records, or files.")
    reason: str | None = Field(default=None, description="Why the check did not run.")
    notes: list[str] = Field(default_factory=list, description="How it decided: method, parameters, limits.")

    @property
    def has_failed(self) -> bool:
        """Whether an error of its own kept it from running: what it looks for may well be there."""
        return self.status == "not_run" and (self.reason or "").startswith(FAILED)

    def counted(self) -> str:
        """How many rows or files it flagged: `6 rows`, and how many more at a lower severity."""
        worst = self.rows_by_severity.get(self.severity, self.rows)
        words = f"{worst:,} {self.unit}{'' if worst == 1 else 's'}"
        return f"{words}, and {self.rows - worst:,} less severe" if worst < self.rows else words


class Verdict(Model):
    """The answer to 'can I train on this?'."""

    ready: bool
    headline: str
    reasons: list[str] = Field(default_factory=list)


class AuditReport(Model):
    """audit.json: the summary of an audit. The rows are in findings.parquet."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool_version: str
    created_at: str = Field(description="UTC, ISO 8601; the only field that differs between two equal runs.")
    inputs: list[InputFile]
    eval_inputs: list[InputFile]
    rows: int
    unreadable: int
    flagged_rows: int = Field(description="Distinct readable rows with at least one error or warning.")
    clean_rows: int
    by_severity: dict[Severity, int]
    checks: list[CheckResult]
    verdict: Verdict
    config: dict[str, Any]
    next_command: str


class RowRef(Model):
    """Points at a row of the input."""

    row_id: str | None
    source: str
    line: int


class DroppedRow(Model):
    """One line of dropped.jsonl: a record that is in no split, why, and its content, so nothing is lost."""

    row_id: str | None
    source: str
    line: int
    code: str
    name: str
    action: Literal["dropped", "needs_decision"]
    reason: str
    matched: RowRef | None = None
    score: float | None = None
    all_codes: list[str] = Field(default_factory=list, description="Every code found on the row.")
    record: dict[str, Any] | None = Field(default=None, description="The row, where it could be read.")
    raw: str | None = Field(default=None, description="The record's text where it could not (may be cut).")


class RowAccount(Model):
    """Where every record went: records_in == kept + dropped + needs_decision."""

    records_in: int
    kept: int
    dropped: int
    needs_decision: int
    by_code: dict[str, int] = Field(description="Removed records by the code that decided it.")
    by_split: dict[str, int]

    def balanced(self) -> bool:
        """Whether every record is accounted for exactly once."""
        removed = self.dropped + self.needs_decision
        return (
            self.records_in == self.kept + removed
            and sum(self.by_code.values()) == removed
            and sum(self.by_split.values()) == self.kept
        )


class SplitFile(Model):
    """One written file of a split folder."""

    name: str
    split: SplitName | None = None
    sha256: str
    bytes: int
    rows: int
    accuracy_margin: float | None = Field(
        default=None,
        description="Half the width of the 95% interval of an accuracy of one half measured on these rows.",
    )


class Relation(Model):
    """One kind of link between rows that must not cross a boundary, and what re-reading the files found."""

    name: str
    pairs_checked: Literal["exact", "minhash", "retrieval"]
    measure: Literal["Jaccard", "share contained", "evidence"] = Field(
        default="Jaccard", description="What the threshold is of."
    )
    threshold: float | None = None
    expected_recall: float | None = Field(
        description="Chance that a pair at the threshold is looked at; 1.0 for exact, null where it is not known."
    )
    crossings: int = Field(description="Pairs with one row on each side; must be 0.")


class Certificate(Model):
    """The proof that nothing crosses, computed from the written files after they were written."""

    passed: bool
    files: dict[str, str] = Field(description="sha256 of each file that was re-read.")
    eval_files: dict[str, str] = Field(default_factory=dict)
    between_splits: list[Relation]
    against_eval: list[Relation]
    limits: list[str] = Field(default_factory=list, description="What was not compared, in words.")
    rounds: int = Field(default=1, description="How often groups had to be joined again before it passed.")


class SplitManifest(Model):
    """manifest.json of a split folder: what went in, what came out, and the certificate."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool_version: str
    created_at: str = Field(description="UTC, ISO 8601; the only field that differs between two equal runs.")
    inputs: list[InputFile]
    eval_inputs: list[InputFile]
    config: dict[str, Any]
    config_sha256: str
    seed: int
    versions: dict[str, str]
    files: list[SplitFile]
    groups: int = Field(description="Groups of related rows; each is whole in one split.")
    group_keys: list[str] = Field(
        default_factory=list, description="Fields of the rows whose equal values keep rows together."
    )
    strategy: str = Field(default="random", description="How groups were handed to the splits.")
    fold: int | None = Field(default=None, description="Which fold of a cross-validation this is, from 1.")
    notes: list[str] = Field(default_factory=list, description="What to know about this split.")
    account: RowAccount
    certificate: Certificate
    content_sha256: str = Field(
        default="",
        description="Hash of this manifest without this field, created_at, and what is at its default: a field that a "
        "later version adds does not change it.",
    )

    def content_hash(self) -> str:
        """Hash of everything the manifest says except when it was made, and what is at its default."""
        body = self.model_dump(mode="json", exclude={"created_at", "content_sha256"}, exclude_defaults=True)
        return canonical_sha256(body)

    def sealed(self) -> SplitManifest:
        """The same manifest with its content hash filled in."""
        return self.model_copy(update={"content_sha256": self.content_hash()})

    @classmethod
    def load(cls, folder: Path) -> SplitManifest:
        """Read `folder/manifest.json`.

        Raises:
            SplitError: no manifest, not JSON, or not of this schema.
        """
        path = folder / MANIFEST_NAME
        again = "Make the split again with `dataprep split`"
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as err:
            if (folder / "fold-1" / MANIFEST_NAME).is_file():
                raise SplitError(f"{folder}: holds folds, each a split", f"Name one: {folder / 'fold-1'}") from err
            raise SplitError(f"{path}: no manifest to read ({err.strerror})", again) from err
        except UnicodeDecodeError as err:
            raise SplitError(f"{path}: not UTF-8 text", again) from err
        try:
            return cls.model_validate_json(text)
        except ValidationError as err:
            first = err.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "top level"
            raise SplitError(f"{path}: not a split manifest ({where}: {first['msg']})", again) from err

    def problems(self, folder: Path) -> list[str]:
        """Every reason not to trust the split in `folder`; empty when it is as certified."""
        found = []
        if self.content_hash() != self.content_sha256:
            found.append(f"{MANIFEST_NAME} was edited after it was written")
        for file in self.files:
            path = folder / file.name
            if not path.is_file():
                found.append(f"{file.name} is missing")
            elif file_sha256(path) != file.sha256:
                found.append(f"{file.name} was changed after it was written")
        found += [
            f"{file.name} is not covered by the certificate"
            for file in self.files
            if file.split is not None and self.certificate.files.get(file.name) != file.sha256
        ]
        if not self.certificate.passed:
            found.append("the certificate did not pass: rows cross between the splits or into the eval set")
        found += [
            f"{relation.crossings} {'crossing' if relation.crossings == 1 else 'crossings'}: {relation.name}"
            for relation in (*self.certificate.between_splits, *self.certificate.against_eval)
            if relation.crossings
        ]
        return found


class RowScore(Model):
    """One row of row_scores.parquet: what a training run showed about one row.

    A loss here is a mean per item: the negative log-likelihood per supervised token, in nats, or the loss of a
    preference pair. A margin is how much likelier another token was than the one that came, as a difference of
    log-probabilities, at the place of the answer where that was largest; 0 where the answer's tokens were the
    likeliest ones throughout.
    """

    split: SplitName
    row_id: str
    items: int = Field(ge=1, description="Supervised tokens of the row, or 1 for a preference pair.")
    loss_before: float | None = Field(description="Of the model before training; None where it was not measured.")
    steps: list[int] = Field(
        description="Optimizer steps at which the row was looked at: training rows as they passed, before the weights "
        "learnt from them; held-out rows at evaluations."
    )
    loss_during: list[float] = Field(description="At each of `steps`.")
    margin_during: list[float | None] = Field(description="At each of `steps`; None where it was not measured.")
    loss_after: float | None = Field(description="Of the weights that were kept; None where it was not measured.")
    margin_after: float | None
    verbatim_after: bool | None = Field(
        description="Whether the kept weights complete the answer word for word from its beginning; None where that "
        "was not measured, or too little of the answer is left to complete."
    )
    confidence: float | None = Field(
        description="Mean of exp(-loss) over all measurements since training began; None with fewer than two."
    )
    variability: float | None = Field(description="Their standard deviation.")
    dynamics: Dynamics | None = Field(
        description="easy and hard by confidence, ambiguous by variability (dataset cartography, arXiv:2009.10795); "
        "forgotten: predicted better at an earlier time than at the end. Only of training rows."
    )


def file_sha256(path: Path) -> str:
    """Hex sha256 of a file's bytes, read in blocks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def canonical_sha256(value: object) -> str:
    """Hex sha256 of a JSON value in canonical form (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
