"""The model at work: loaded, evaluated, trained, its best state written to the run folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT
from typing import TYPE_CHECKING

from transformers import set_seed

from dataprep import __version__
from trainer import parallel
from trainer.checkpoint import Checkpoints, load_watched
from trainer.evaluate import evaluate
from trainer.fitting import Fitter, make_fitter
from trainer.layout import choose_layout
from trainer.license import check_license
from trainer.model import BaseModel, find_model
from trainer.objective import AnswerLoss, Objective
from trainer.places import seen_from
from trainer.record import CHECKPOINTS_NAME, METRICS_NAME, TUNED_NAME, ModelRecord, TunedModel, versions, write_json
from trainer.runtime import Runtime, choose_runtime, keep_freed_memory
from trainer.signals import StoppedError, stop_requests
from trainer.stops import state_stops
from trainer.templates import use_template
from trainer.tokens import sequences
from trainer.trackers import check_trackers
from trainer.train import Course, train
from trainer.unfinished import cut_metrics, newest_checkpoint
from trainer.watch import Listeners, Outcome

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from dataprep.contract import SplitName
    from trainer.batches import Layout
    from trainer.compare import Evaluation
    from trainer.config import TrainConfig
    from trainer.data import TokenSet
    from trainer.method import Method
    from trainer.progress import Screen


class RunInterruptedError(KeyboardInterrupt):
    """The run was stopped; the text says what was kept, `signal` how it was asked."""

    def __init__(self, text: str, signal: int = SIGINT) -> None:
        self.signal = signal
        super().__init__(text)


@dataclass
class Session:
    """One base model, what learns in it, and the machine it runs on."""

    config: TrainConfig
    screen: Screen
    runtime: Runtime
    base: BaseModel
    method: Method
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    layout: Layout
    teacher: ModelRecord | None = None
    objective: Objective = field(default_factory=AnswerLoss)

    @classmethod
    def open(cls, config: TrainConfig, screen: Screen, method: Method) -> Session:
        """Find the base model, pass the licence gate, and load it.

        Raises:
            UserError: no such model or device, or a licence that was not accepted.
        """
        check_trackers(config.report_to)
        keep_freed_memory()
        runtime = choose_runtime(config)
        parallel.join(runtime)
        base = find_model(config.model, screen.tell, remote_code=config.allow_remote_code)
        check_license(base.license, base.id, accepted=config.accept_license)
        screen.tell(f"Licence of {base.id}: {base.license.describe()}")
        model, tokenizer = method.learner(config).load_base(base, runtime, config)
        use_template(tokenizer, config.chat_template)
        model = method.prepare_base(model, config)
        state_stops(model, tokenizer)
        layout = choose_layout(model, runtime, compiled=config.compile, packing=config.packing)
        return cls(config, screen, runtime, base, method, model, tokenizer, layout)

    def fitter(self) -> Fitter:
        """What turns this model's conversations into tokens."""
        return make_fitter(self.tokenizer, self.model.config, self.config, self.method.takes, self.screen.tell)

    def parameters(self) -> tuple[int, int]:
        """How many weights learn, and how many there are."""
        sizes = [(weights.numel(), weights.requires_grad) for weights in self.model.parameters()]
        return sum(size for size, learns in sizes if learns), sum(size for size, _ in sizes)

    def attach(self, tokens: TokenSet) -> None:
        """Add what learns, changing nothing yet, and get ready what is minimised.

        Raises:
            UserError: the method does not fit the model, or something it needs is missing.
        """
        set_seed(self.config.seed)
        self.model = self.method.learner(self.config).attach(self.model, self.config)
        self.objective = self.method.objective(self, tokens)

    def evaluate(self, tokens: TokenSet, whose: str, *splits: SplitName) -> dict[SplitName, Evaluation]:
        """Loss on each of `splits` that has rows."""
        found: dict[SplitName, Evaluation] = {}
        for split in splits:
            rows = tokens.tokens.get(split)
            if not rows:
                continue
            with self.screen.evaluation(f"{whose} on {split}", len(rows)) as progress:
                found[split] = evaluate(
                    self.model,
                    rows,
                    pad_id=self.pad_id,
                    autocast=self.runtime.autocast,
                    objective=self.objective,
                    layout=self.layout,
                    progress=progress,
                )
        return found

    def train(self, tokens: TokenSet, output: Path) -> Outcome:
        """Train; afterwards the model, and the result in `output`, hold the best weights.

        Where the run was broken off before, it goes on from its newest checkpoint.

        Raises:
            UserError: the loss was never finite, or the checkpoints are of another run.
            RunInterruptedError: Ctrl-C or SIGTERM.
        """
        set_seed(self.config.seed)
        keeper = _Keeper(self, output)
        checkpoints = self.checkpoints(output, tokens)
        latest = checkpoints.latest()
        if latest is not None and parallel.is_main():
            cut_metrics(output, load_watched(latest)[0].step)
        # Buffered by line, so that a run can be followed, and a broken-off one still be read.
        where = output / METRICS_NAME if parallel.is_main() else Path(os.devnull)
        with (
            stop_requests(self.screen.tell) as stop,
            self.screen.training() as progress,
            where.open("a" if latest is not None else "w", buffering=1) as metrics,
        ):
            listeners = Listeners(
                metrics=lambda line: metrics.write(line.model_dump_json() + "\n"),
                best=keeper.keep,
                progress=progress,
            )
            kept = checkpoints if self.config.checkpoint_minutes or latest is not None else None
            course = Course(self.config, self.runtime, self.pad_id, self.objective, self.layout, kept, stop, output)
            try:
                outcome = train(self.model, tokens.tokens["train"], tokens.tokens["validation"], course, listeners)
                if stop.asked:  # in the last step, or in the evaluation after it
                    raise StoppedError
            except (KeyboardInterrupt, StoppedError) as err:
                raise RunInterruptedError(self.account(output), stop.signal or SIGINT) from err
            return outcome

    def account(self, output: Path) -> str:
        """What an interrupted run leaves, and how it goes on."""
        step, kept = newest_checkpoint(output), _Keeper(self, output).account()
        if step is None:
            return f"{kept}. No checkpoint yet: the same command begins again."
        return f"{kept}. The same command goes on from step {step}."

    def checkpoints(self, output: Path, tokens: TokenSet) -> Checkpoints:
        """Those of a run folder, for this model, rows and machine."""
        rows = hashlib.sha256()
        for split in ("train", "validation"):
            for row in tokens.tokens[split]:
                for part in sequences(row):
                    rows.update(part.input_ids.tobytes() + part.weights.tobytes())
        identity = {
            "settings": self.config.fingerprint(),
            "model": self.base.sha256,
            "rows": rows.hexdigest(),
            "number of processes": str(parallel.processes()),
            "precision": self.runtime.precision,
            "layout of batches": self.layout,
            "libraries": json.dumps(versions()),
        }
        if self.teacher is not None:
            identity["teacher"] = self.teacher.sha256
        return Checkpoints(output / CHECKPOINTS_NAME, identity)

    @property
    def pad_id(self) -> int:
        """Padding is never looked at, so any token will do where the tokenizer names none."""
        return int(self.tokenizer.pad_token_id or 0)


class _Keeper:
    """Writes the result whenever it is the best so far, so that an interrupted run still leaves one."""

    def __init__(self, session: Session, output: Path) -> None:
        self._session = session
        self._learner = session.method.learner(session.config)
        self._folder = output / self._learner.result

    def keep(self, step: int) -> None:
        """Replace the result by the weights as they are now."""
        if not parallel.is_main():
            return
        work = self._folder.with_name(f".{self._folder.name}.writing")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            self._learner.save(self._session.model, work)
            self._session.tokenizer.save_pretrained(work)
            write_json(work / TUNED_NAME, self._described(step))
        except BaseException:  # a full disk, say: what was kept before stays, and nothing half-written
            shutil.rmtree(work, ignore_errors=True)
            raise
        old = self._folder.with_name(f".{self._folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)  # of a process that was killed while it removed it
        if self._folder.exists():
            self._folder.rename(old)
        work.rename(self._folder)
        shutil.rmtree(old, ignore_errors=True)

    def account(self) -> str:
        """What an interrupted run leaves."""
        if not self._folder.exists():
            return "Interrupted before the first evaluation; no weights were kept"
        return f"Interrupted; the best weights so far are in {self._folder}"

    def _described(self, step: int) -> TunedModel:
        session = self._session
        return TunedModel(
            tool_version=__version__,
            method=session.config.method,
            base=session.base.id,
            base_path=seen_from(self._folder, session.base.place) if session.base.place else None,
            base_sha256=session.base.sha256,
            base_license=session.base.license.id,
            step=step,
            config=session.config.model_dump(mode="json"),
        )
