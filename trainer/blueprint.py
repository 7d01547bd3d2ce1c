"""What is known of a model without its weights: its settings and its tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import AutoConfig, AutoTokenizer

from dataprep.contract import file_sha256
from dataprep.errors import InputError, UserError
from trainer.load import TrainedRun, is_run
from trainer.model import ALIASES, SOURCE_NAME, cache_folder, packaged_gguf

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedTokenizerBase


def read_blueprint(name: str, *, remote_code: bool = False) -> tuple[PretrainedConfig, PreTrainedTokenizerBase]:
    """Settings and tokenizer of a model; nothing else is fetched from the hub, or read from a GGUF file.

    Args:
        name: alias, path of a GGUF file, of a folder or of a run, or hub name.
        remote_code: allow code that comes with the model.

    Raises:
        UserError: there is no such model, or transformers does not know its kind.
    """
    where = _where(name)
    try:
        settings = AutoConfig.from_pretrained(**where, trust_remote_code=remote_code)
        tokenizer = AutoTokenizer.from_pretrained(**where, trust_remote_code=remote_code)
    except (OSError, ValueError, KeyError) as err:
        reason = str(err).strip().partition("\n")[0]
        raise InputError(
            f"model '{name}': neither a file nor a folder, nor a hub model whose settings can be read ({reason})"
            if not Path(name).expanduser().exists() and name not in ALIASES
            else f"{name}: its settings cannot be read ({reason})",
            "Name a local folder, a GGUF file, or a hub model you can reach",
        ) from err
    return settings, tokenizer


def _where(name: str) -> dict[str, Any]:
    path = packaged_gguf(name) if name in ALIASES else Path(name).expanduser()
    if path.suffix.lower() == ".gguf":
        if not path.is_file():
            raise InputError(f"{path}: no such file")
        converted = cache_folder() / "gguf" / file_sha256(path)
        if (converted / SOURCE_NAME).is_file():
            return {"pretrained_model_name_or_path": str(converted)}
        return {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    if path.is_dir() and is_run(path):
        trained = TrainedRun.open(path)
        if (trained.folder / "config.json").is_file():  # a whole model
            return {"pretrained_model_name_or_path": str(trained.folder)}
        return _where(trained.base_then())
    if path.is_dir() and not (path / "config.json").is_file():
        raise UserError(f"{name}: no config.json in this folder", "Name the folder of a model")
    return {"pretrained_model_name_or_path": str(path) if path.is_dir() else name}
