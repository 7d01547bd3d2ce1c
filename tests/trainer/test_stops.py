"""An answer ends where the template ends a turn, also where the model's own end token is another."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from tests.trainer.runs import CPU, configured, run
from trainer.chat import ChatEncoder
from trainer.export import export
from trainer.generate import Sampling, generate
from trainer.load import load_run
from trainer.progress import Screen
from trainer.stops import stop_tokens
from trainer.talk import Style, open_partner
from trainer.templates import use_template

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@pytest.fixture(scope="module")
def other(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """That of a base model: its texts end in a token that ends no turn."""
    own = copy.deepcopy(tokenizer)
    own.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    own.add_special_tokens({"eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"})
    return own


@pytest.fixture(scope="module")
def model(other: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Says ` here` and ends its turn, without a thought; where nothing stops it, for ever."""
    settings = LlamaConfig(
        vocab_size=len(other),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        tie_word_embeddings=False,
        eos_token_id=other.eos_token_id,
        bos_token_id=None,
    )
    torch.manual_seed(0)
    able = LlamaForCausalLM(settings)
    says, ends = other.convert_tokens_to_ids(["Ġhere", "<|im_end|>"])
    with torch.no_grad():
        able.model.layers[0].self_attn.o_proj.weight.zero_()
        able.model.layers[0].mlp.down_proj.weight.zero_()
        asked, said = torch.eye(32)[:2]
        able.model.embed_tokens.weight.copy_(asked)
        able.model.embed_tokens.weight[says] = said
        able.lm_head.weight.zero_()
        able.lm_head.weight[says] = asked
        able.lm_head.weight[ends] = said
    folder = tmp_path_factory.mktemp("base") / "model"
    able.save_pretrained(folder)
    other.save_pretrained(folder)
    return folder


def ends_of(folder: Path) -> object:
    return json.loads((folder / "generation_config.json").read_text())["eos_token_id"]


@pytest.mark.parametrize("name", ["chatml", "eos", "zephyr"])
def test_the_terminator_is_that_of_the_template(other: PreTrainedTokenizerFast, name: str) -> None:
    own = copy.deepcopy(other)
    use_template(own, name)
    end = "<|im_end|>" if name == "chatml" else "<|endoftext|>"
    assert ChatEncoder(own).terminator() == own.convert_tokens_to_ids(end)


def test_no_template_and_one_without_an_end(other: PreTrainedTokenizerFast, model: Path) -> None:
    loaded = AutoModelForCausalLM.from_pretrained(model)
    for template in (None, "{% for m in messages %}{{ m.content }}\n{% endfor %}", "{{ raise_exception('no') }}"):
        own = copy.deepcopy(other)
        own.chat_template = template
        assert stop_tokens(loaded, own) == [own.eos_token_id]


def test_a_teacher_finishes_its_answers(model: Path, small_split: Path, tmp_path: Path) -> None:
    config = configured(model, small_split, tmp_path)
    record = generate(config, tmp_path / "a.jsonl", Sampling(tokens=6, rows=3), Screen())
    assert (record.answers, record.left_out) == (3, 0)
    assert '"content": "here"}' in (tmp_path / "a.jsonl").read_text()


@pytest.mark.parametrize("method", ["full", "lora"])
def test_what_was_trained_stops_wherever_it_is_loaded(
    method: str, model: Path, other: PreTrainedTokenizerFast, small_split: Path, tmp_path: Path
) -> None:
    run(model, small_split, tmp_path / "run", method=method, learning_rate=1e-9, max_steps=1)
    both = [other.eos_token_id, other.convert_tokens_to_ids("<|im_end|>")]
    assert load_run(tmp_path / "run", CPU)[0].generation_config.eos_token_id == both
    if method == "full":
        assert ends_of(tmp_path / "run" / "model") == both
    export(tmp_path / "run", tmp_path / "out", tell=lambda _text: None)
    assert ends_of(tmp_path / "out") == both
    exported, own = (
        AutoModelForCausalLM.from_pretrained(tmp_path / "out"),
        AutoTokenizer.from_pretrained(tmp_path / "out"),
    )
    asked = own.apply_chat_template(
        [{"role": "user", "content": "where?"}], add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )
    said = exported.generate(**asked, max_new_tokens=6, do_sample=False)[0, asked["input_ids"].shape[1] :]
    assert own.decode(said) == " here<|im_end|>"
    pieces: list[str] = []
    partner = open_partner(str(tmp_path / "run"), Style(tokens=6), lambda _text: None)
    assert partner.answer("where?", pieces.append) == "here" == "".join(pieces)
