"""`trainer eval RUN --data NEW`: is the model as good on new rows as it was on held-out ones when it was trained?"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError

from dataprep import __version__
from dataprep.contract import ROW_SCORES_NAME, Example, Model, SplitName
from dataprep.errors import ConfigError, InputError
from trainer.assessment import Interval, TaskKind
from trainer.record import RUN_NAME, RunRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainer.answers import Writer
    from trainer.compare import Evaluation
    from trainer.data import Line
    from trainer.progress import Screen
    from trainer.tokens import Row


class MetricThen(Model):
    """A metric of written answers, now and when the model was trained."""

    name: str
    rows: int
    now: float
    then: float | None = Field(description="On the held-out rows of the run; None where it was not measured.")


class EvalRecord(Model):
    """What `trainer eval` found."""

    schema_version: Literal["1"] = "1"
    tool_version: str
    created_at: str = Field(description="UTC, ISO 8601.")
    run: str
    data: str
    data_sha256: str
    rows_in: int
    rows_used: int
    left_out: dict[str, int] = Field(description="Rows by the code of the reason.")
    items: int = Field(description="Answer tokens.")
    loss: float = Field(description="Mean negative log-likelihood per answer token, in nats.")
    loss_then: float = Field(description="On the held-out rows of the run.")
    split_then: SplitName
    rows_then: int
    change: Interval = Field(description="loss - loss_then; both sets of rows are drawn from.")
    verdict: Literal["better than then", "worse than then", "as then"]
    kind: TaskKind | None = None
    metrics: list[MetricThen] = Field(default_factory=list)
    not_measured: dict[str, str] = Field(default_factory=dict)


def evaluate_run(
    run: Path,
    data: Path,
    screen: Screen,
    *,
    split: SplitName | None = None,
    answers: int | None = None,
    base: str | None = None,
) -> EvalRecord:
    """Loss and answers of a run's model on new rows, beside those of its held-out rows.

    Args:
        run: run folder.
        data: JSON Lines, or a split folder.
        screen: shows what happens.
        split: of a split folder; if not given, test, or validation where there are no test rows.
        answers: prompts to answer; as in the run if not given.
        base: where the base model lies now, if not where it lay then.

    Raises:
        UserError: no such run or data, or no row that can be evaluated.
    """
    record = read_record(run)
    then = _evaluation_then(run, record)
    lines, digest = read_lines(data, split)
    writer = _load(run, screen, answers, base)
    rows, left_out = _encode(lines, writer)
    now = _evaluated(rows, writer, screen)
    kind, metrics, missing = _answers(writer, [line for line in lines if line.example.row_id not in left_out], record)
    reasons = list(left_out.values())
    return EvalRecord(
        tool_version=__version__,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        run=str(run),
        data=str(data),
        data_sha256=digest,
        rows_in=len(lines),
        rows_used=len(lines) - len(left_out),
        left_out={code: reasons.count(code) for code in sorted(set(reasons))},
        items=now.items,
        loss=now.loss,
        **_compared(now, then),
        split_then=_judged_on(record),
        rows_then=len(then.counts),
        kind=kind,
        metrics=metrics,
        not_measured=missing,
    )


def _evaluated(rows: list[Row], writer: Writer, screen: Screen) -> Evaluation:
    from trainer.evaluate import evaluate  # noqa: PLC0415 - torch takes seconds; wrong input is refused before
    from trainer.layout import choose_layout  # noqa: PLC0415

    with screen.evaluation("the tuned model on new rows", len(rows)) as progress:
        found = evaluate(
            writer.model,
            rows,
            pad_id=int(writer.tokenizer.pad_token_id or 0),
            autocast=writer.runtime.autocast,
            layout=choose_layout(writer.model, writer.runtime),
            progress=progress,
        )
    return found.by_row([row.row_id for row in rows])


def read_record(run: Path) -> RunRecord:
    """run.json of a run.

    Raises:
        InputError: there is none.
        ConfigError: it is damaged, or of another version.
    """
    path = run / RUN_NAME
    if not path.is_file():
        raise InputError(f"{run}: holds no finished training run", "Name a folder that `trainer run` wrote")
    try:
        return RunRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path}: is damaged or of another version", "Train again") from err


def read_lines(data: Path, split: SplitName | None) -> tuple[list[Line], str]:
    """The rows of a file or of a split folder, and the hash of their file.

    Raises:
        InputError: there is nothing to read, or a line is no conversation.
    """
    from trainer.data import Line  # noqa: PLC0415

    path = data
    if data.is_dir():
        names = [f"{split}.jsonl"] if split else ["test.jsonl", "validation.jsonl"]
        there = [data / name for name in names if (data / name).is_file()]
        # A part of the split that was given no share is a file of no bytes.
        path = next((file for file in there if file.stat().st_size), there[0] if there else data / names[0])
    if not path.is_file():
        raise InputError(f"{path}: no such file", "Name JSON Lines, or a folder that `dataprep split` wrote")
    content = path.read_bytes()
    lines = []
    for number, raw in enumerate(content.split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            example = _Unnamed.model_validate_json(raw)
        except ValidationError as err:
            first = err.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "line"
            raise InputError(
                f"{path} line {number}: not a conversation ({where}: {first['msg']})",
                f"`dataprep convert {path} --to openai` may help",
            ) from err
        named = example.model_copy(update={"row_id": f"{example.row_id or 'row'}:{number}"})
        lines.append(Line(number, named))
    if not lines:
        raise InputError(f"{path}: holds no rows")
    return lines, hashlib.sha256(content).hexdigest()


class _Unnamed(Example):
    """New rows may come from anywhere, and without an id."""

    row_id: str = ""


def _load(run: Path, screen: Screen, answers: int | None, base: str | None) -> Writer:
    """The run's model, ready to be asked."""
    from trainer.answers import Writer  # noqa: PLC0415
    from trainer.config import TrainConfig  # noqa: PLC0415
    from trainer.load import load_run, read_tuned, runtime_here  # noqa: PLC0415
    from trainer.runtime import keep_freed_memory  # noqa: PLC0415

    keep_freed_memory()
    config = TrainConfig.model_validate(read_tuned(run)[1].config)
    if answers is not None:
        config = config.model_copy(update={"answers": answers})
    runtime = runtime_here(config)
    return Writer(config, screen, runtime, *load_run(run, runtime, base=base, tell=screen.tell))


def _encode(lines: Sequence[Line], writer: Writer) -> tuple[list[Row], dict[str, str]]:
    """The rows as tokens, and the code of the reason by row_id for those left out."""
    from trainer.chat import RowRefusedError  # noqa: PLC0415
    from trainer.fitting import make_fitter  # noqa: PLC0415

    fitter = make_fitter(writer.tokenizer, writer.model.config, writer.config, "answer", writer.screen.tell)
    rows: list[Row] = []
    left_out: dict[str, str] = {}
    for line in lines:
        try:
            rows += fitter.fit(line.example).pieces
        except RowRefusedError as err:
            left_out[line.example.row_id] = err.code
            reason = str(err)
    if not rows:
        raise InputError(f"no row can be evaluated; the last one: {reason}")
    return rows, left_out


def _answers(
    writer: Writer, lines: list[Line], record: RunRecord
) -> tuple[TaskKind | None, list[MetricThen], dict[str, str]]:
    from trainer.answers import answered, choose  # noqa: PLC0415
    from trainer.metrics import measure  # noqa: PLC0415

    asked = choose(writer, _judged_on(record), lines)
    if asked is None:
        return None, [], {}
    texts = answered(writer, asked, "the tuned model")
    metrics, _, missing = measure(asked.kind, asked.references, texts, texts)
    known = record.assessment.answers.metrics if record.assessment and record.assessment.answers else []
    then = {one.name: one.tuned for one in known}
    found = [MetricThen(name=one.name, rows=one.rows, now=one.tuned, then=then.get(one.name)) for one in metrics]
    return asked.kind, found, missing


def _judged_on(record: RunRecord) -> SplitName:
    return record.assessment.judged_on if record.assessment else "validation"


def _evaluation_then(run: Path, record: RunRecord) -> Evaluation:
    """The held-out rows of the run, as its kept weights predicted them.

    Raises:
        InputError: the run learnt from pairs, or kept no scores.
    """
    import polars as pl  # noqa: PLC0415

    from trainer.compare import Evaluation  # noqa: PLC0415

    if record.held_out["validation"].unit != "token":
        raise InputError(f"{run}: learnt from preference pairs, which have no loss to compare with new answers")
    path = run / ROW_SCORES_NAME
    if not path.is_file():
        raise InputError(f"{path}: no such file", "Train again")
    own = (pl.col("split") == _judged_on(record)) & pl.col("loss_after").is_not_null()
    scores = pl.read_parquet(path).filter(own)
    return Evaluation((scores["loss_after"] * scores["items"]).to_list(), scores["items"].to_list())


def _compared(now: Evaluation, then: Evaluation) -> dict[str, object]:
    from trainer.compare import compare_apart  # noqa: PLC0415

    change = compare_apart(now, then)
    words = {"better": "better than then", "worse": "worse than then", "not distinguishable": "as then"}
    return {
        "loss_then": then.loss,
        "change": Interval(difference=change.difference, low=change.low, high=change.high),
        "verdict": words[change.verdict],
    }
