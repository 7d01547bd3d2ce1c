"""A training run, from settings to run folder; `train` reads from top to bottom as it happens."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from dataprep import __version__
from dataprep.contract import ROW_SCORES_NAME, file_sha256
from dataprep.errors import ConfigError, InputError
from trainer import earlier, parallel, record
from trainer.compare import Evaluation, compare
from trainer.data import load_splits, tokenize
from trainer.lock import LOCK_NAME, alone
from trainer.method import get_method
from trainer.progress import Screen
from trainer.quiet import quiet_libraries
from trainer.report.write import REPORT_NAME, write_report
from trainer.unfinished import is_unfinished, newest_checkpoint

if TYPE_CHECKING:
    from dataprep.contract import SplitName
    from trainer.config import TrainConfig
    from trainer.data import Splits, TokenSet
    from trainer.method import Method
    from trainer.objective import Unit
    from trainer.record import RunRecord
    from trainer.session import Session
    from trainer.tokens import Row
    from trainer.watch import Outcome

OUTPUTS = (
    record.RUN_NAME,
    record.METRICS_NAME,
    record.NOT_TRAINED_NAME,
    record.LEDGER_NAME,
    ROW_SCORES_NAME,
    REPORT_NAME,
    record.CONFIG_NAME,
    *record.RESULT_NAMES,
)

REMOVED = (*OUTPUTS, record.CHECKPOINTS_NAME, "tensorboard")
"""What an earlier run may have left, and a new one removes."""

INPUTS = ("data", "model", "chat_template", "distill_teacher", "distill_cache")
"""Settings that name what a run reads."""

MANY_ROWS = 5000
"""More take so long to encode that it is said."""


def train(config: TrainConfig, *, overwrite: bool = False) -> RunRecord:
    """Train as `config` says and write the run folder.

    Args:
        config: all settings.
        overwrite: replace an earlier run in the same folder; one of these settings that did not end goes on.

    Returns:
        The content of run.json.

    Raises:
        UserError: anything the user can mend: the split, the model, the settings, the output folder.
        RunInterruptedError: Ctrl-C or SIGTERM while training, or Ctrl-C after it.
    """
    screen = Screen()
    method = get_method(config.method)
    config = parallel.as_launched(config, method, screen.tell)
    output, unfinished = _free_output(config, screen, overwrite=overwrite)
    with alone(output) if parallel.is_main() else nullcontext():
        return _train(config, screen, method, output, unfinished=unfinished, overwrite=overwrite)


def _train(
    config: TrainConfig, screen: Screen, method: Method, output: Path, *, unfinished: bool, overwrite: bool
) -> RunRecord:
    splits = load_splits(Path(config.data), allow_unverified=config.allow_unverified_split)

    quiet_libraries()
    from trainer.assess import Assessor  # noqa: PLC0415 - torch takes seconds; wrong input is refused before
    from trainer.session import RunInterruptedError, Session  # noqa: PLC0415

    _spare_inputs(config, output)
    session = Session.open(config, screen, method)
    rows = sum(map(len, splits.rows.values()))
    if rows > MANY_ROWS:
        screen.tell(f"Encoding {rows:,} rows")
    tokens = tokenize(splits.rows, session.fitter(), config)
    session.attach(tokens)
    unfinished = unfinished and _can_go_on(session, tokens, output, overwrite=overwrite)
    before = session.evaluate(tokens, "the base model", "validation", "test")
    assessor = Assessor(session, splits, tokens)
    assessor.before()
    if parallel.is_main():  # only now: until here the settings can be refused, or too much for the memory
        _start_folder(output, config, tokens, unfinished=unfinished)
    parallel.wait()
    try:
        outcome = session.train(tokens, output)
    except BaseException:
        came_to_nothing = newest_checkpoint(output) is None and not any(
            (output / name).exists() for name in record.RESULT_NAMES
        )
        if parallel.is_main() and came_to_nothing and earlier.put_back(output, REMOVED):
            screen.tell(f"The earlier result in {output} is as it was")
        raise
    try:
        after = {"validation": outcome.validation, **session.evaluate(tokens, "the tuned model", "test")}
        assessment = assessor.after(before, outcome, after, output)
        result = _describe(session, splits, tokens, outcome, before, after, output)
        return _finish(result.model_copy(update={"assessment": assessment}), output)
    except KeyboardInterrupt as err:
        raise RunInterruptedError(session.account(output)) from err


def _finish(result: RunRecord, output: Path) -> RunRecord:
    """Write report and record, the last of which says that the run has come to its end."""
    if parallel.is_main():
        write_report(result, output)
        result = result.model_copy(update={"files": _files(output)})
        record.write_json(output / record.RUN_NAME, result)
        shutil.rmtree(output / record.CHECKPOINTS_NAME, ignore_errors=True)  # nothing is left to go on with
        earlier.forget(output)
    return result


def _free_output(config: TrainConfig, screen: Screen, *, overwrite: bool) -> tuple[Path, bool]:
    """The run folder, and whether a run in it is gone on with; nothing of value will be overwritten."""
    output = Path(config.output)
    if output.exists() and not output.is_dir():
        raise InputError(f"{output}: is a file, not a folder", "Choose another folder with -o")
    for path in (output / name for name in record.RESULT_NAMES):
        if path.is_dir() and any(path.iterdir()) and not (path / record.TUNED_NAME).is_file():
            raise InputError(f"{path}: was not made by a run", "Choose another folder with -o")
    if not parallel.is_main():
        return output, False
    try:
        unfinished = is_unfinished(output, config)
    except InputError:
        if not overwrite:
            raise
        unfinished = False
    latest = newest_checkpoint(output)
    if unfinished and not (overwrite and latest is None):
        whence = f"from step {latest}" if latest is not None else "from its beginning: there is no checkpoint"
        anew = "; remove that folder to begin anew" if overwrite else ""
        screen.tell(f"Going on with the unfinished run in {output}, {whence}{anew}")
        return output, True
    if not overwrite and output.is_dir() and any(path.name != LOCK_NAME for path in output.iterdir()):
        raise InputError(f"{output}: not empty", "Choose another folder with -o, or add --overwrite")
    return output, False


def _can_go_on(session: Session, tokens: TokenSet, output: Path, *, overwrite: bool) -> bool:
    """Whether the checkpoints there are of just this run; where they are not, `overwrite` has it begin anew.

    Raises:
        ConfigError: they are of other rows, another model or other libraries, or damaged.
    """
    try:
        session.checkpoints(output, tokens).latest()
    except ConfigError as err:
        if not overwrite:
            raise
        session.screen.tell(f"Beginning anew. {err.problem}")
        return False
    return True


def _spare_inputs(config: TrainConfig, output: Path) -> None:
    """Refuse to remove, or to write over, what the run reads.

    Raises:
        InputError: it is the run folder, or lies among the files of a run in it.
    """
    from trainer.model import ALIASES  # noqa: PLC0415 - torch
    from trainer.templates import TEMPLATES  # noqa: PLC0415

    for setting in INPUTS:
        named = str(getattr(config, setting, ""))
        if not named or named in ALIASES or named in TEMPLATES:
            continue
        path = Path(named).expanduser()
        is_path = path.exists() or setting == "distill_cache"  # which is made; other names may be the hub's
        folder = output.resolve()
        removed = [folder / name for name in REMOVED]
        if is_path and (path.resolve() == folder or any(map(path.resolve().is_relative_to, removed))):
            raise InputError(
                f"{setting}={named}: lies in the output folder {output}, which the run writes anew",
                "Choose another folder with -o",
            )


def _start_folder(output: Path, config: TrainConfig, tokens: TokenSet, *, unfinished: bool) -> None:
    """Put an earlier run's own files aside, nothing else, and write what is known before training."""
    if not unfinished:
        earlier.put_aside(output, REMOVED)
    output.mkdir(parents=True, exist_ok=True)
    record.write_text(output / record.CONFIG_NAME, config.to_yaml())
    record.write_jsonl(output / record.NOT_TRAINED_NAME, tokens.book.not_trained)
    tokens.book.write(output / record.LEDGER_NAME)


def _describe(
    session: Session,
    splits: Splits,
    tokens: TokenSet,
    outcome: Outcome,
    before: dict[SplitName, Evaluation],
    after: dict[SplitName, Evaluation],
    output: Path,
) -> RunRecord:
    from trainer.runtime import peak_memory_mb  # noqa: PLC0415 - torch

    config = session.config
    result = session.method.learner(config).result
    return record.RunRecord(
        tool_version=__version__,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        data=splits.record,
        model=_describe_model(session),
        teacher=session.teacher,
        method=config.method,
        config=config.model_dump(mode="json"),
        config_sha256=config.fingerprint(),
        seed=config.seed,
        versions=record.versions(),
        device=session.runtime.description,
        precision=session.runtime.precision,
        result=result,
        result_bytes=sum(path.stat().st_size for path in (output / result).rglob("*") if path.is_file()),
        ledger=tokens.ledgers,
        training=record.TrainingRecord(
            steps=outcome.steps,
            best_step=outcome.best_step,
            epochs=round(outcome.epochs, 4),
            stop_reason=outcome.stop_reason,
            non_finite_rows=outcome.non_finite_rows,
            seconds=round(outcome.seconds, 2),
            tokens_per_second=round(outcome.tokens_per_second, 1),
            supervised_per_second=round(outcome.supervised_per_second, 1),
            layout=session.layout,
            packed=config.packing,
            peak_memory_mb=peak_memory_mb(session.runtime),
        ),
        held_out={
            split: _describe_held_out(session.objective.unit, tokens.tokens[split], before[split], after[split])
            for split in before
        },
        files={},
    )


def _files(output: Path) -> dict[str, str]:
    """Sha256 of every file of the run folder but run.json, which is written last."""
    written = sorted(path for name in OUTPUTS for path in (output / name, *(output / name).rglob("*")))
    return {path.relative_to(output).as_posix(): file_sha256(path) for path in written if path.is_file()}


def _describe_model(session: Session) -> record.BaseRecord:
    learning, total = session.parameters()
    return record.BaseRecord(
        **session.base.record().model_dump(), trainable_parameters=learning, total_parameters=total
    )


def _describe_held_out(unit: Unit, rows: list[Row], before: Evaluation, after: Evaluation) -> record.HeldOut:
    row_ids = [row.row_id for row in rows]
    change = compare(before.by_row(row_ids), after.by_row(row_ids))
    return record.HeldOut(
        unit=unit,
        rows=len(set(row_ids)),
        items=before.items,
        base=before.loss,
        tuned=after.loss,
        also={name: (mean(values), mean(after.also[name])) for name, values in before.also.items()},
        difference_low=change.low,
        difference_high=change.high,
        verdict=change.verdict,
    )
