"""How surely one text contradicts another, by a natural-language-inference model.

Nothing is executed or unpickled because of a model: weights are read from safetensors only, and a folder's own code
never runs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dataprep.errors import ConfigError, InputError
from dataprep.text.evidence.conflict import Conflict, conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataprep.text.evidence.conflict import Compare

BATCH: Final = 32
LONGEST: Final = 512
"""Tokens of a pair at most; what is longer is cut at the longer of the two texts."""

SAFETENSORS: Final = "*.safetensors"
SURE: Final = 0.9
"""Probability of a contradiction from which a model is believed."""

SHOWN: Final = 80
"""Characters of an answer that stand for it in a message."""

_INSTALL: Final = 'Install it: pip install "tuneprep[semantic]"'


class Nli:
    """A sequence-classification model that tells contradiction from entailment.

    Args:
        model: a folder with the model and its tokenizer, or its name on the hub.

    Raises:
        InputError: the folder holds no model that can be read safely.
        ConfigError: a package that reads it is not installed, a model of that name cannot be had, or its labels are
            not those of natural-language inference.
    """

    def __init__(self, model: str) -> None:
        is_folder = Path(model).is_dir()
        if is_folder and not next(Path(model).glob(SAFETENSORS), None):
            raise InputError(
                f"{model}: holds no {SAFETENSORS} file; other weights can run code when they are read",
                "Save the model as safetensors",
            )
        if not is_folder and Path(model).exists():
            raise InputError(f"{model}: is a file, not a folder with a model", "Give the folder")
        self._tokenizer, self._model = _load(model, local=is_folder)
        self._contradiction = _contradiction(model, self._model.config)
        self._longest = _longest(self._tokenizer, self._model.config)

    def scores(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """The probability that each pair of texts contradict each other, shape (pairs,), in their order.

        Contradiction has no direction but the models have: it is the mean of reading each text as the premise of the
        other. Pairs that occur more than once, in either order, are read once.

        Args:
            pairs: two texts each, such as answers to one question; longer ones are cut.
        """
        first: dict[tuple[str, str], int] = {}
        number = [first.setdefault((min(pair), max(pair)), len(first)) for pair in pairs]
        asked = [*first, *((right, left) for left, right in first)]
        # Alike lengths side by side: less padding.
        order = sorted(range(len(asked)), key=lambda at: sum(map(len, asked[at])))
        found = np.zeros(len(asked), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            found[batch] = self._probabilities([asked[at] for at in batch])
        mean = (found[: len(first)] + found[len(first) :]) / np.float32(2)
        return mean[np.asarray(number, dtype=np.intp)].astype(np.float32, copy=False)

    def _probabilities(self, pairs: list[tuple[str, str]]) -> NDArray[np.float32]:
        import torch  # noqa: PLC0415

        premises, hypotheses = zip(*pairs, strict=True)
        encoded = self._tokenizer(
            list(premises),
            list(hypotheses),
            truncation="longest_first",
            max_length=self._longest,
            padding=True,
            return_tensors="pt",
        )
        with torch.inference_mode():
            logits = self._model(**encoded).logits
        probabilities: NDArray[np.float32] = logits.float().softmax(dim=-1)[:, self._contradiction].numpy()
        return probabilities


@lru_cache(maxsize=1)
def read_nli(model: str) -> Nli:
    """The model of that name or folder; the last one is kept.

    Raises:
        UserError: as `Nli` does.
    """
    return Nli(model)


def judged_by(model: Nli) -> Compare:
    """Evidence of conflicts with a model's opinion on what the texts alone do not decide.

    Prose that should be reviewed becomes an error where the model is sure that it contradicts itself, and answers in
    which no evidence was found are to be reviewed where it is. Hard evidence needs no model.

    Args:
        model: the model that is asked.
    """

    def compare(left: str, right: str, prompt: str) -> Conflict | None:
        found = conflict(left, right, prompt)
        if (found and found.severity == "error") or left.casefold().split() == right.casefold().split():
            return found
        probability = round(float(model.scores([(left, right)])[0]), 4)
        if found is None and probability < SURE:
            return None
        here, there = (" ".join(text.split())[:SHOWN] for text in (left, right))
        found = found or Conflict("prose", here, there, (0, len(left)), (0, len(right)), "note", probability)
        is_sure = probability >= SURE and found.kind != "prose"
        return replace(found, severity="error" if is_sure else "note", probability=probability)

    return compare


def _load(model: str, *, local: bool) -> tuple[Any, Any]:
    try:
        import torch  # noqa: F401, PLC0415
        from transformers import AutoModelForSequenceClassification, AutoTokenizer  # noqa: PLC0415
        from transformers.utils import logging  # noqa: PLC0415
    except ImportError as err:
        raise ConfigError(f"{err.name} is not installed", _INSTALL) from err
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(model, trust_remote_code=False, local_files_only=local)
        loaded = AutoModelForSequenceClassification.from_pretrained(
            model, trust_remote_code=False, local_files_only=local, use_safetensors=True
        )
    except (OSError, ValueError) as err:
        reason = str(err).strip().splitlines()[0] if str(err).strip() else type(err).__name__
        raise ConfigError(f"{model}: no sequence-classification model to be had ({reason})", "Give a folder") from err
    return tokenizer, loaded.eval()


def _contradiction(model: str, config: Any) -> int:
    """The number of the label that means contradiction."""
    names = {int(number): str(name) for number, name in config.id2label.items()}
    found = [number for number, name in names.items() if "contradict" in name.lower()]
    if len(found) != 1 or not any("entail" in name.lower() for name in names.values()):
        raise ConfigError(
            f"{model}: its labels are {', '.join(names.values())}, not contradiction and entailment",
            "Give a model made for natural-language inference",
        )
    return found[0]


def _longest(tokenizer: Any, config: Any) -> int:
    places = getattr(config, "max_position_embeddings", None) or LONGEST
    if "roberta" in str(getattr(config, "model_type", "")):
        places -= int(getattr(config, "pad_token_id", None) or 0) + 1  # its first places are not used
    return max(1, min(LONGEST, int(tokenizer.model_max_length), int(places)))
