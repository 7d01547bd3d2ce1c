"""Handing a trained model on: whole weights that say what the trained model says, or nothing at all.

A merge goes wrong silently: onto the weights in 4 bits, or onto the original weights where the training saw quantised
ones, it gives a model that was never trained. So the files that were written are loaded again and their logits are
compared with those of the model as it was trained.
"""

from __future__ import annotations

import contextlib
import gc
import io
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import torch
from transformers import AutoModelForCausalLM, GgufConfig

from dataprep import __version__
from dataprep.contract import file_sha256
from dataprep.errors import InputError, UserError
from trainer.load import TrainedRun, load_run, runtime_here
from trainer.ollama import modelfile
from trainer.parity import difference, logits_of, probe_ids
from trainer.places import seen_from
from trainer.record import EXPORT_NAME, TUNED_NAME, ExportRecord, Parity, write_json, write_text
from trainer.runtime import keep_freed_memory
from trainer.stops import state_stops

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

DType = Literal["auto", "fp32", "bf16", "fp16"]
GgufType = Literal["f32", "f16", "bf16", "q8_0"]

TYPES: Final = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

BOUNDS: Final = {"fp32": 1e-3, "f32": 1e-3, "fp16": 0.01, "f16": 0.01, "bf16": 0.05, "q8_0": 0.05}
"""How far logits may be off on average, as a share of their standard deviation, by the type weights are stored in. A
merge is always judged in fp32, before it is rounded: right ones are off by 1e-7 to 1e-5, wrong ones by 0.01 to 1."""

CONVERTER: Final = "convert_hf_to_gguf.py"


@dataclass(frozen=True)
class Wanted:
    """What is to be written.

    Attributes:
        dtype: type of the weights; auto: as the base model's files have them.
        gguf: also a GGUF file of this type; None: none.
        llama_cpp: folder of llama.cpp, or its converter; None: looked for on the PATH.
        base: where the base model lies now, if not where it lay then.
    """

    dtype: DType = "auto"
    gguf: GgufType | None = None
    llama_cpp: Path | None = None
    base: str | None = None


def export(run: Path, output: Path, wanted: Wanted | None = None, tell: Callable[[str], None] = print) -> ExportRecord:
    """Write a trained model as a folder that other programs load, proven to say the same.

    An adapter that cannot be merged is written as it is, with a note on how to load it.

    Args:
        run: a run folder.
        output: folder to write; it must not hold anything yet.
        wanted: what to write.
        tell: is told about work that takes long.

    Raises:
        InputError: the folder holds no result, or `output` is not empty or the working folder.
        UserError: the base model is missing or another one, the merged model says something else, or what is needed
            for GGUF is missing.
    """
    wanted = wanted or Wanted()
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(f"{output}: exists already", "Choose another folder with -o")
    if output.resolve() == Path.cwd():  # which would be replaced, under the feet of whoever works in it
        raise InputError(f"{output}: is the folder the command was started in", "Name a folder in it with -o")
    trained = TrainedRun.open(run, base=wanted.base, tell=tell)
    converter = _converter(wanted.llama_cpp) if wanted.gguf else None
    output.parent.mkdir(parents=True, exist_ok=True)
    work = output.with_name(f".{output.name}.writing")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        if trained.learner.mergeable:
            record = _export_whole(trained, work, wanted, converter, tell)
        else:
            record = _export_adapter(trained, work, wanted, output)
        write_json(work / EXPORT_NAME, record)
        for path in work.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)  # transformers writes weights for the owner alone
        if output.exists():
            output.rmdir()
        work.rename(output)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return record


def _export_whole(
    trained: TrainedRun, work: Path, wanted: Wanted, converter: list[str] | None, tell: Callable[[str], None]
) -> ExportRecord:
    keep_freed_memory()
    runtime = runtime_here(trained.config.model_copy(update={"precision": "fp32"}))
    model, tokenizer = load_run(trained.folder, runtime, base=wanted.base, tell=tell)
    probes = probe_ids(tokenizer)
    tell(f"Asking the trained model about {len(probes)} texts")
    expected = logits_of(model, probes)
    del model
    gc.collect()
    tell("Merging")
    merged = trained.learner.merge(trained.folder, lambda: trained.load_base(runtime))
    _gate("the merged model", "fp32", expected, logits_of(merged, probes))
    dtype = _dtype(wanted.dtype, trained)
    _write(merged.to(TYPES[dtype]), tokenizer, work)
    del merged
    gc.collect()
    tell("Loading what was written, and comparing")
    again = AutoModelForCausalLM.from_pretrained(
        work, dtype=torch.float32, use_safetensors=True, trust_remote_code=trained.config.allow_remote_code
    ).to(runtime.device)
    parity = _gate("the model as it was written", dtype, expected, logits_of(again, probes))
    del again
    gc.collect()
    gguf = None
    notes: list[str] = []
    if wanted.gguf and converter:
        tell(f"Converting to GGUF, {wanted.gguf}")
        gguf = _convert(work, converter, wanted.gguf, expected, probes, notes)
    try:
        write_text(work / "Modelfile", modelfile(tokenizer, "./" + gguf.file if gguf else "."))
    except UserError as err:
        notes.append(str(err))
    return _record(trained, work, merged=True, dtype=dtype, parity=parity, gguf=gguf, notes=notes)


def _export_adapter(trained: TrainedRun, work: Path, wanted: Wanted, output: Path) -> ExportRecord:
    """What cannot be merged: a network of its own behind each layer has no place in the layers' weights."""
    if wanted.gguf:
        raise UserError(
            f"{trained.folder}: a model with bottleneck adapters cannot become a GGUF file: they are no weights of "
            "the base model and cannot be merged into it",
            "Export without --gguf, or train with method=lora",
        )
    shutil.copytree(trained.folder, work, dirs_exist_ok=True)
    if trained.tuned.base_path is not None:
        seen = seen_from(output, trained.folder / trained.tuned.base_path)
        write_json(work / TUNED_NAME, trained.tuned.model_copy(update={"base_path": seen}))
    write_text(
        work / "README.md",
        f"# Bottleneck adapter for {trained.tuned.base}\n\n"
        "It cannot be merged into the base model's weights. To use it, with the base model where it was:\n\n"
        "```python\nfrom trainer.load import load_run\n\n"
        'model, tokenizer = load_run(".")  # base="PATH" if the base model lies elsewhere now\n```\n',
    )
    note = "bottleneck adapters cannot be merged: this folder needs the base model, and `trainer.load.load_run`"
    return _record(trained, work, merged=False, dtype=None, parity=None, gguf=None, notes=[note])


def _write(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Weights, tokenizer, and where the model is to stop speaking."""
    state_stops(model, tokenizer)
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


def _dtype(wanted: DType, trained: TrainedRun) -> Literal["fp32", "bf16", "fp16"]:
    """The type asked for, or that of the base model's files."""
    if wanted != "auto":
        return wanted
    stated = trained.base_dtype()
    return {"bfloat16": "bf16", "float16": "fp16"}.get(stated, "fp32")  # type: ignore[return-value]


def _gate(what: str, dtype: str, expected: Sequence[torch.Tensor], found: Sequence[torch.Tensor]) -> Parity:
    """Refuse a model that says something else than the trained one.

    Raises:
        UserError: it does.
    """
    apart, bound = difference(expected, found), BOUNDS[dtype]
    if not apart.relative <= bound:  # not a number either
        raise UserError(
            f"{what} does not say what the trained model says: its logits are off by {apart.relative:.2%} of their "
            f"spread on average, where {bound:.1%} is allowed in {dtype}, and its likeliest token is another at "
            f"{1 - apart.agreement:.1%} of the positions. Nothing was written",
            "Try --dtype fp32; if it stays so, use the run folder as it is, with `trainer.load.load_run`",
        )
    return Parity(
        positions=sum(map(len, expected)),
        mean_difference=apart.mean,
        largest_difference=apart.largest,
        relative_difference=apart.relative,
        same_likeliest_token=apart.agreement,
        bound=bound,
    )


def _converter(llama_cpp: Path | None) -> list[str]:
    """The command that converts, before any work is done for it.

    Raises:
        UserError: it is not there.
    """
    if llama_cpp is None:
        found = shutil.which(CONVERTER) or shutil.which("convert-hf-to-gguf")
        path = Path(found) if found else None
    else:
        path = llama_cpp / CONVERTER if llama_cpp.is_dir() else llama_cpp
    if path is None or not path.is_file():
        where = f"{path} does not exist" if path else f"{CONVERTER} is not on the PATH"
        raise UserError(
            f"GGUF is written by llama.cpp's converter, and {where}",
            "Get it with `git clone https://github.com/ggml-org/llama.cpp`, then name the folder with --llama-cpp",
        )
    return [sys.executable, str(path)] if path.suffix == ".py" else [str(path)]


def _convert(
    work: Path,
    converter: Sequence[str],
    kind: GgufType,
    expected: Sequence[torch.Tensor],
    probes: Sequence[Sequence[int]],
    notes: list[str],
) -> Parity:
    """Run the converter, and compare what it wrote where transformers can read that.

    Raises:
        UserError: it fails, or the file says something else than the trained model.
    """
    name = f"model-{kind}.gguf"
    done = subprocess.run(  # noqa: S603 - the program the user named
        [*converter, str(work), "--outfile", str(work / name), "--outtype", kind],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not (work / name).is_file():
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise UserError(f"llama.cpp's converter failed: {said}", "Export without --gguf, or update llama.cpp")
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # a bar that knows no switch
            again = AutoModelForCausalLM.from_pretrained(
                work, gguf_file=name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
            )
    except (ValueError, KeyError, NotImplementedError, ImportError) as err:
        notes.append(f"{name} could not be compared with the trained model: {str(err).splitlines()[0]}")
        return Parity(file=name)
    return _gate(name, kind, expected, logits_of(again, probes)).model_copy(update={"file": name})


def _record(
    trained: TrainedRun,
    work: Path,
    *,
    merged: bool,
    dtype: str | None,
    parity: Parity | None,
    gguf: Parity | None,
    notes: list[str],
) -> ExportRecord:
    return ExportRecord(
        tool_version=__version__,
        run=str(trained.folder),
        method=trained.tuned.method,
        step=trained.tuned.step,
        base=trained.tuned.base,
        base_sha256=trained.tuned.base_sha256,
        base_license=trained.tuned.base_license,
        merged=merged,
        dtype=dtype,
        parity=parity,
        gguf=gguf,
        notes=notes,
        files={
            path.relative_to(work).as_posix(): file_sha256(path) for path in sorted(work.rglob("*")) if path.is_file()
        },
    )
