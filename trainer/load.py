"""Loading what a run learned, whatever the method."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

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
        runtime: device and precision; None: those of the run, on this machine.
        base: where the base model lies now, if not where it lay then.
        tell: is told about work that takes long.

    Raises:
        InputError: the folder holds no result.
        UserError: the base model is missing, or is another than the one trained on.
    """
    folder, tuned = read_tuned(Path(run))
    config = TrainConfig.model_validate(tuned.config)
    method = get_method(config.method)
    learner = method.learner(config)
    where = runtime or choose_runtime(config)

    def load_base() -> PreTrainedModel:
        found = find_model(base or tuned.base, tell, remote_code=config.allow_remote_code)
        if found.sha256 != tuned.base_sha256:
            raise UserError(
                f"{folder}: was trained on other weights than those of {found.id} now",
                "Name the model it was trained on",
            )
        model, _ = learner.load_base(found, where, config)
        return method.prepare_base(model, config)

    model = learner.restore(folder, load_base)
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=config.allow_remote_code)
    # Quantised weights stay where they were put.
    return (model if getattr(model, "is_quantized", False) else model.to(where.device)), tokenizer


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
