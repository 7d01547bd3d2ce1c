"""The model at work: loaded, evaluated, trained, its best state written to the run folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transformers import set_seed

from trainer.chat import ChatEncoder
from trainer.evaluate import evaluate
from trainer.license import check_license
from trainer.model import BaseModel, find_model
from trainer.record import ADAPTER_NAME, METRICS_NAME
from trainer.runtime import Runtime, choose_runtime, keep_freed_memory
from trainer.train import train
from trainer.watch import Listeners, Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from dataprep.contract import SplitName
    from trainer.compare import Evaluation
    from trainer.config import TrainConfig
    from trainer.data import TokenSet
    from trainer.method import Method
    from trainer.progress import Screen


class RunInterruptedError(KeyboardInterrupt):
    """The user stopped the run; the text says what was kept."""


@dataclass
class Session:
    """One base model, what learns in it, and the machine it runs on."""

    config: TrainConfig
    screen: Screen
    runtime: Runtime
    base: BaseModel
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    @classmethod
    def open(cls, config: TrainConfig, screen: Screen) -> Session:
        """Find the base model, pass the licence gate, and load it.

        Raises:
            UserError: no such model or device, or a licence that was not accepted.
        """
        keep_freed_memory()
        runtime = choose_runtime(config)
        base = find_model(config.model, screen.tell)
        check_license(base.license, base.id, accepted=config.accept_unknown_license)
        model, tokenizer = base.load(runtime)
        return cls(config, screen, runtime, base, model, tokenizer)

    def encoder(self) -> ChatEncoder:
        """What turns this model's conversations into tokens."""
        return ChatEncoder(self.tokenizer, self.config.max_length)

    def parameters(self) -> tuple[int, int]:
        """How many weights learn, and how many there are."""
        sizes = [(weights.numel(), weights.requires_grad) for weights in self.model.parameters()]
        return sum(size for size, learns in sizes if learns), sum(size for size, _ in sizes)

    def evaluate(self, tokens: TokenSet, whose: str, *splits: SplitName) -> dict[SplitName, Evaluation]:
        """Loss on each of `splits` that has rows."""
        found: dict[SplitName, Evaluation] = {}
        for split in splits:
            rows = tokens.tokens.get(split)
            if not rows:
                continue
            with self.screen.evaluation(f"{whose} on {split}", len(rows)) as progress:
                found[split] = evaluate(
                    self.model, rows, pad_id=self._pad_id, autocast=self.runtime.autocast, progress=progress
                )
        return found

    def train(self, method: Method, tokens: TokenSet, output: Path) -> Outcome:
        """Train with `method`; afterwards model and `output`/adapter hold the best weights.

        Raises:
            UserError: the method does not fit the model, or the loss was never finite.
            RunInterruptedError: Ctrl-C.
        """
        set_seed(self.config.seed)
        self.model = method.attach(self.model, self.config)
        keeper = _Keeper(self, method, output / ADAPTER_NAME)
        metrics_path = output / METRICS_NAME
        try:
            # Buffered by line, so that a run can be followed, and a broken-off one still be read.
            with self.screen.training() as progress, metrics_path.open("w", buffering=1) as metrics:
                listeners = Listeners(
                    metrics=lambda line: metrics.write(line.model_dump_json() + "\n"),
                    best=keeper.keep,
                    progress=progress,
                )
                return train(
                    self.model,
                    tokens.tokens["train"],
                    tokens.tokens["validation"],
                    self.config,
                    self.runtime,
                    pad_id=self._pad_id,
                    listeners=listeners,
                )
        except KeyboardInterrupt as err:
            raise RunInterruptedError(keeper.account()) from err

    @property
    def _pad_id(self) -> int:
        """Padding is masked out, so any token will do where the tokenizer names none."""
        return int(self.tokenizer.pad_token_id or 0)


class _Keeper:
    """Writes the adapter whenever it is the best so far, so that an interrupted run still leaves one."""

    def __init__(self, session: Session, method: Method, folder: Path) -> None:
        self._session = session
        self._method = method
        self._folder = folder
        self._step: int | None = None

    def keep(self, step: int) -> None:
        """Replace the adapter folder by the weights as they are now."""
        work = self._folder.with_name(f".{self._folder.name}.writing")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        self._method.save(self._session.model, work)
        self._session.tokenizer.save_pretrained(work)
        old = self._folder.with_name(f".{self._folder.name}.old")
        if self._folder.exists():
            self._folder.rename(old)
        work.rename(self._folder)
        self._step = step
        shutil.rmtree(old, ignore_errors=True)

    def account(self) -> str:
        """What an interrupted run leaves."""
        if self._step is None:
            return "Interrupted before the first evaluation; no adapter was kept"
        return f"Interrupted; the best adapter so far, of step {self._step}, is in {self._folder}"
