"""Texts to unit vectors, with a sentence-transformers model or with static embeddings.

Nothing is executed or unpickled because of a model: weights are read from safetensors only, and a folder's own code
never runs.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dataprep.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Encoder = Callable[[Sequence[str]], NDArray[np.float32]]

BATCH: Final = 64
SAFETENSORS: Final = "*.safetensors"


def embed(model: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors of the texts, shape (texts, values); equal texts are encoded once.

    Args:
        model: a folder with a sentence-transformers model, one with static embeddings (one two-dimensional tensor in a
            safetensors file, and tokenizer.json), or the name of a sentence-transformers model on the hub.
        texts: as written.

    Raises:
        InputError: the folder holds no model that can be read safely.
        ConfigError: a package that reads it is not installed, or a model of that name cannot be had.
    """
    first: dict[str, int] = {}
    number = [first.setdefault(text, len(first)) for text in texts]
    vectors = read_encoder(model)(list(first)).astype(np.float32, copy=False)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-12))
    return unit[number]


@lru_cache(maxsize=1)
def read_encoder(model: str) -> Encoder:
    """What encodes texts, as in `embed`; the last one is kept.

    Raises:
        InputError: the folder holds no model that can be read safely.
        ConfigError: a package that reads it is not installed, or a model of that name cannot be had.
    """
    folder = Path(model)
    if not folder.is_dir():
        if folder.exists():
            raise InputError(f"{model}: is a file, not a folder with a model", "Give the folder")
        return _sentence_transformers(model, local=False)
    if not next(folder.rglob(SAFETENSORS), None):
        raise InputError(
            f"{model}: holds no {SAFETENSORS} file; other weights can run code when they are read",
            "Save the model as safetensors",
        )
    is_static = not (folder / "modules.json").is_file() and not _transformer(folder)
    return _static(folder) if is_static else _sentence_transformers(model, local=True)


def _transformer(folder: Path) -> bool:
    from safetensors import safe_open  # noqa: PLC0415

    path = next(folder.glob(SAFETENSORS), None)
    if path is None:
        return True
    with safe_open(path, framework="numpy") as tensors:
        return len(list(tensors.keys())) > 3


def _static(folder: Path) -> Encoder:
    try:
        from safetensors.numpy import load_file  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415
    except ImportError as err:
        raise ConfigError(f"{err.name} is not installed", 'Install it: pip install "tuneprep[semantic]"') from err
    tensors = [tensor for tensor in load_file(next(folder.glob(SAFETENSORS))).values() if tensor.ndim == 2]
    if len(tensors) != 1 or not (folder / "tokenizer.json").is_file():
        raise InputError(
            f"{folder}: static embeddings are one two-dimensional tensor and a tokenizer.json", "Give another model"
        )
    table = tensors[0].astype(np.float32)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        out = np.zeros((len(texts), table.shape[1]), dtype=np.float32)
        for row, found in enumerate(tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)):
            known = [number for number in found.ids if number < len(table)]
            if known:
                out[row] = table[known].mean(axis=0)
        return out

    return encode


def _sentence_transformers(model: str, *, local: bool) -> Encoder:
    try:
        from sentence_transformers import (  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
            SentenceTransformer,
        )
    except ImportError as err:
        missing = (err.name or "sentence_transformers").replace("_", "-")
        raise ConfigError(f"{missing} is not installed", 'Install it: pip install "tuneprep[semantic]"') from err
    try:
        loaded: Any = SentenceTransformer(
            model, trust_remote_code=False, local_files_only=local, model_kwargs={"use_safetensors": True}
        )
    except (OSError, ValueError) as err:
        reason = str(err).strip().splitlines()[0] if str(err).strip() else type(err).__name__
        raise ConfigError(f"{model}: no sentence-transformers model to be had ({reason})", "Give a folder") from err

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = loaded.encode(list(texts), batch_size=BATCH, show_progress_bar=False)
        return vectors

    return encode
