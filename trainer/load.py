"""Loading what a run learned, whatever the method."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from transformers import AutoTokenizer

from dataprep.errors import ConfigError, InputError, UserError
from trainer.config import TrainConfig
from trainer.method import get_method
from trainer.model import find_model
from trainer.record import RESULT_NAMES, TUNED_NAME, TunedModel
from trainer.runtime import choose_runtime
from trainer.stops import state_stops

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from trainer.method import Method
    from trainer.model import BaseModel
    from trainer.runtime import Runtime


def load_run(
    run: str | Path,
    runtime: Runtime | None = None,
    *,
    base: str | None = None,
    tell: Callable[[str], None] = lambda _text: None,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model a run trained, ready for use, and its tokenizer with the template it was trained with.

    Args:
        run: a run folder, or the folder in it that holds the result.
        runtime: device and precision; None: as `runtime_here` chooses.
        base: where the base model lies now, if not where it lay then.
        tell: is told about work that takes long.

    Raises:
        InputError: the folder holds no result.
        UserError: the base model is missing, or is another than the one trained on.
    """
    trained = TrainedRun.open(Path(run), base=base, tell=tell)
    where = runtime or runtime_here(trained.config)
    model = trained.learner.restore(trained.folder, lambda: trained.load_base(where))
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(trained.folder, trust_remote_code=trained.config.allow_remote_code)
    state_stops(model, tokenizer)
    # Quantised weights stay where they were put.
    return (model if getattr(model, "is_quantized", False) else model.to(where.device)), tokenizer


def runtime_here(config: TrainConfig) -> Runtime:
    """Device and precision for a model that was trained with these settings.

    What the machine of the run had, a GPU say, need not be on the one where its model is used; what only makes
    training faster is left out.
    """
    device = "cpu" if config.device == "cpu" else "auto"
    return choose_runtime(config.model_copy(update={"device": device, "liger": False, "compile": False}))


@dataclass(frozen=True)
class TrainedRun:
    """What a run learned, before it is loaded.

    Attributes:
        folder: that holds the result.
        tuned: its description.
        config: settings of the run.
        method: that trained it.
        base: where the base model lies now; None: where it lay then.
        tell: is told about work that takes long.
    """

    folder: Path
    tuned: TunedModel
    config: TrainConfig
    method: Method
    base: str | None
    tell: Callable[[str], None]

    @classmethod
    def open(
        cls, run: Path, *, base: str | None = None, tell: Callable[[str], None] = lambda _text: None
    ) -> TrainedRun:
        """Read the description.

        Raises:
            InputError: the folder holds no result.
        """
        folder, tuned = read_tuned(run)
        config = TrainConfig.model_validate(tuned.config)
        return cls(folder, tuned, config, get_method(config.method), base, tell)

    @property
    def learner(self) -> Method:
        """The method that decided what learns."""
        return self.method.learner(self.config)

    def find_base(self) -> BaseModel:
        """The base model.

        Raises:
            UserError: it is missing, or is another than the one trained on.
        """
        found = find_model(self.base or self.base_then(), self.tell, remote_code=self.config.allow_remote_code)
        if found.sha256 != self.tuned.base_sha256:
            raise UserError(
                f"{self.folder}: was trained on other weights than those of {found.id} now",
                "Name the model it was trained on with --base",
            )
        return found

    def base_then(self) -> str:
        """The base model as it can be found from here: a name, or where it lay; a path is never a name on the hub.

        Raises:
            InputError: nothing lies there any more.
        """
        if self.tuned.base_path is None:
            return self.tuned.base
        # Named by its whole path it is there, whatever else lies as it did then, seen from the run.
        places = [Path(self.tuned.base).expanduser(), (self.folder / self.tuned.base_path).resolve()]
        for place in places if places[0].is_absolute() else reversed(places):
            if place.exists():
                return str(place)
        raise InputError(
            f"{self.folder}: its base model {self.tuned.base} is no longer where it was",
            "Say with --base where it is",
        )

    def load_base(self, runtime: Runtime) -> PreTrainedModel:
        """The model before training, in the form that training saw.

        Raises:
            UserError: it is missing, or is another than the one trained on.
        """
        model, _ = self.learner.load_base(self.find_base(), runtime, self.config)
        return self.method.prepare_base(model, self.config)

    def base_dtype(self) -> str:
        """The type that the base model's files state, e.g. bfloat16."""
        stated = json.loads((self.find_base().folder / "config.json").read_text(encoding="utf-8"))
        return str(stated.get("dtype") or stated.get("torch_dtype") or "float32")


def read_tuned(run: Path) -> tuple[Path, TunedModel]:
    """The folder that holds what a run learned, and its description.

    Raises:
        InputError: there is none.
    """
    for folder in (run, *(run / name for name in RESULT_NAMES)):
        path = folder / TUNED_NAME
        if path.is_file():
            try:
                return folder, TunedModel.model_validate_json(path.read_text(encoding="utf-8"))
            except (ValidationError, UnicodeDecodeError) as err:
                raise ConfigError(f"{path}: is damaged or of another version", "Train again") from err
    raise InputError(f"{run}: holds no result of a training run", "Name a folder that `trainer run` wrote")


def is_run(path: Path) -> bool:
    """Whether a folder holds what a run learned."""
    return any((folder / TUNED_NAME).is_file() for folder in (path, *(path / name for name in RESULT_NAMES)))
