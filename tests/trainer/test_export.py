"""Exported models say what the trained ones say, or are not written."""

from __future__ import annotations

import json
import shlex
import shutil
import stat
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from dataprep.errors import InputError, UserError
from tests.trainer.runs import CPU, run
from trainer.cli_export import describe
from trainer.config import TrainConfig
from trainer.export import DType, Wanted, export
from trainer.load import TrainedRun, load_run, runtime_here
from trainer.methods.lora import Lora
from trainer.methods.qlora import Qlora
from trainer.monitor import evaluate_run
from trainer.parity import logits_of, probe_ids
from trainer.progress import Screen
from trainer.record import ExportRecord
from trainer.talk import Style, compare_with_base, open_partner


def quiet(_text: str) -> None:
    pass


@pytest.mark.parametrize("method", ["lora", "qlora", "distill"])
def test_a_merged_model_says_the_same_to_transformers_alone(
    method: str, runs: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "model"
    record = export(runs[method], out, tell=quiet)
    trained, tokenizer = load_run(runs[method], CPU)
    model = AutoModelForCausalLM.from_pretrained(out)
    probes = probe_ids(tokenizer)
    for expected, found in zip(logits_of(trained, probes), logits_of(model, probes), strict=True):
        assert torch.allclose(expected, found, atol=1e-4)
    assert not (out / "adapter_config.json").exists()
    assert AutoTokenizer.from_pretrained(out).chat_template == tokenizer.chat_template
    assert record.parity is not None
    assert record.parity.mean_difference is not None
    assert record.parity.mean_difference < 1e-4
    assert ExportRecord.model_validate_json((out / "export.json").read_text()) == record
    assert set(record.files) == {path.name for path in out.iterdir()} - {"export.json"}
    assert not getattr(model.config, "quantization_config", None)
    assert list(tmp_path.iterdir()) == [out]


def test_what_to_do_next_can_be_pasted(runs: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "a model"
    said = describe(export(runs["lora"], out, tell=quiet), out)
    assert shlex.split(said.splitlines()[-1]) == ["Next:", "ollama", "create", "NAME", "-f", str(out / "Modelfile")]


def test_a_shorter_type(runs: dict[str, Path], tmp_path: Path) -> None:
    record = export(runs["full"], tmp_path / "model", Wanted(dtype="bf16"), tell=quiet)
    assert record.dtype == "bf16"
    assert json.loads((tmp_path / "model" / "config.json").read_text())["dtype"] == "bfloat16"


def test_a_wrong_merge_is_refused_and_leaves_nothing(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What many do with QLoRA: merging onto the original weights, which training never saw."""
    trained = TrainedRun.open(runs["qlora"])

    def onto_the_original(method: Qlora, folder: Path, _base: object) -> object:
        return Lora.merge(method, folder, lambda: Lora.load_base(method, trained.find_base(), CPU, trained.config)[0])

    monkeypatch.setattr(Qlora, "merge", onto_the_original)
    dtypes: list[DType] = ["auto", "bf16"]
    for dtype in dtypes:
        with pytest.raises(UserError, match=r"does not say what the trained model says.*Nothing was written"):
            export(runs["qlora"], tmp_path / "model", Wanted(dtype=dtype), tell=quiet)
    assert not list(tmp_path.iterdir())


def test_adapters_that_cannot_be_merged(runs: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot become a GGUF file"):
        export(runs["adapter"], tmp_path / "gguf", Wanted(gguf="f16", llama_cpp=converter(tmp_path, "")), tell=quiet)
    record = export(runs["adapter"], tmp_path / "model", tell=quiet)
    assert not record.merged
    assert "cannot be merged" in record.notes[0]
    one, _ = load_run(runs["adapter"], CPU)
    other, tokenizer = load_run(tmp_path / "model", CPU)
    probes = probe_ids(tokenizer)[:1]
    assert torch.equal(logits_of(one, probes)[0], logits_of(other, probes)[0])


def converter(folder: Path, body: str) -> Path:
    """A program in the place of llama.cpp's converter; only how it is called and judged is tested here."""
    path = folder / "convert_hf_to_gguf.py"
    path.write_text(body)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_gguf_without_a_converter_and_with_one_that_fails(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"not on the PATH\. .*--llama-cpp"):
        export(runs["lora"], tmp_path / "model", Wanted(gguf="f16"), tell=quiet)
    with pytest.raises(UserError, match="does not exist"):
        export(runs["lora"], tmp_path / "model", Wanted(gguf="f16", llama_cpp=tmp_path / "none"), tell=quiet)
    converter(tmp_path, "import sys; sys.exit('this architecture is not known')")
    with pytest.raises(UserError, match="converter failed: this architecture is not known"):
        export(runs["lora"], tmp_path / "model", Wanted(gguf="f16", llama_cpp=tmp_path), tell=quiet)
    assert not (tmp_path / "model").exists()


def test_refusals(runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no result of a training run"):
        export(tmp_path, tmp_path / "out", tell=quiet)
    with pytest.raises(InputError, match="exists already"):
        export(runs["lora"], runs["full"], tell=quiet)
    monkeypatch.chdir(tmp_path)
    for here in (Path(), tmp_path):
        with pytest.raises(InputError, match="was started in"):
            export(runs["lora"], here, tell=quiet)
    assert not list(tmp_path.iterdir())


OWN_CODE = """
from transformers import LlamaConfig, LlamaForCausalLM

class OwnConfig(LlamaConfig):
    model_type = "own"

class OwnModel(LlamaForCausalLM):
    config_class = OwnConfig
"""


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_model_with_code_of_its_own_where_the_run_allowed_that(
    method: str, tiny_model: Path, small_split: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    own = Path(shutil.copytree(tiny_model, tmp_path / "own"))
    (own / "code.py").write_text(OWN_CODE)
    settings = json.loads((own / "config.json").read_text())
    named = {"AutoConfig": "code.OwnConfig", "AutoModelForCausalLM": "code.OwnModel"}
    (own / "config.json").write_text(json.dumps(settings | {"model_type": "own", "auto_map": named}))
    run(own, small_split, tmp_path / "run", method=method, max_steps=1, allow_remote_code=True)
    model, _ = load_run(tmp_path / "run", CPU)
    assert "OwnModel" in str(model)
    assert export(tmp_path / "run", tmp_path / "out", tell=quiet).merged
    assert type(AutoModelForCausalLM.from_pretrained(tmp_path / "out", trust_remote_code=True)).__name__ == "OwnModel"


def test_a_run_from_a_gpu_is_used_without_one(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("shutil.which", lambda _name: None)  # no compiler either
    there = Path(shutil.copytree(runs["full"], tmp_path / "run"))
    tuned = json.loads((there / "model" / "tuned.json").read_text())
    tuned["config"] |= {"device": "cuda", "liger": True, "compile": True}
    (there / "model" / "tuned.json").write_text(json.dumps(tuned))
    assert export(there, tmp_path / "out", tell=quiet).merged
    said = [open_partner(str(run), Style(tokens=3), quiet) for run in (there, runs["full"])]
    assert said[0].answer("Where is my order?") == said[1].answer("Where is my order?")
    assert compare_with_base(said[0], str(there), quiet).answers("And now?")
    small = TrainConfig.model_validate(tuned["config"] | {"device": "cpu"})
    assert runtime_here(small).device == "cpu"
    found = evaluate_run(there, Path(small.data), Screen())
    assert found.rows_used == found.rows_then
