"""Modelfiles: the template a model was trained with, in Ollama's form."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from dataprep.errors import UserError
from trainer.ollama import find_pieces, modelfile
from trainer.templates import TEMPLATES

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

LLAMA_2 = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {% if loop.index0 == 1 and "
    "messages[0].role == 'system' %}<<SYS>>{{ messages[0].content }}<</SYS>>{% endif %}{{ m.content }} [/INST]"
    "{% elif m.role == 'assistant' %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
)
DEFAULT_SYSTEM = (
    "{% for m in messages %}{% if loop.first and m.role != 'system' %}<|im_start|>system\nBe brief.<|im_end|>\n"
    "{% endif %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GEMMA_LIKE = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{% for m in messages %}<turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}"
    "{{ eos_token }}\n{% endfor %}{% if add_generation_prompt %}<turn>model\n{% endif %}"
)


def with_template(
    tokenizer: PreTrainedTokenizerFast, template: str, bos: str = "<|im_start|>"
) -> PreTrainedTokenizerFast:

    own = copy.deepcopy(tokenizer)
    own.chat_template = template
    own.bos_token = bos
    return own


def test_chatml(tokenizer: PreTrainedTokenizerFast) -> None:
    assert modelfile(tokenizer, "./model.gguf") == (
        "FROM ./model.gguf\n"
        'TEMPLATE """{{ range .Messages }}'
        '{{ if eq .Role "system" }}<|im_start|>system\n{{ .Content }}<|im_end|>\n'
        '{{ else if eq .Role "user" }}<|im_start|>user\n{{ .Content }}<|im_end|>\n'
        '{{ else if eq .Role "assistant" }}<|im_start|>assistant\n{{ .Content }}<|im_end|>\n'
        '{{ end }}{{ end }}<|im_start|>assistant\n"""\n'
        'PARAMETER stop "<|im_end|>"\n'
    )


def test_a_system_text_the_template_adds_becomes_that_of_the_modelfile(tokenizer: PreTrainedTokenizerFast) -> None:
    own = with_template(tokenizer, DEFAULT_SYSTEM)
    assert modelfile(own, ".").splitlines()[-1] == 'SYSTEM """Be brief."""'


def test_what_begins_a_text_is_left_to_ollama_and_there_may_be_no_system_turn(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    pieces = find_pieces(with_template(tokenizer, GEMMA_LIKE))
    assert list(pieces.around) == ["user", "assistant"]
    assert pieces.around["user"] == ("<turn>user\n", "<|im_end|>\n")
    assert pieces.opening == "<turn>model\n"


@pytest.mark.parametrize("name", ["chatml", "eos", "zephyr"])
def test_our_own_templates(name: str, tokenizer: PreTrainedTokenizerFast) -> None:
    own = with_template(tokenizer, TEMPLATES[name][0])
    pieces = find_pieces(own)
    turns = [("system", "Be kind."), ("user", "Hello"), ("assistant", "Hi"), ("user", "Bye")]
    rendered = own.apply_chat_template(
        [{"role": role, "content": text} for role, text in turns], tokenize=False, add_generation_prompt=True
    )
    assert pieces.render(turns) == rendered
    assert pieces.stop == "<|im_end|>"


def test_a_template_that_cannot_be_said_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(UserError, match="no Modelfile"):
        modelfile(with_template(tokenizer, LLAMA_2), ".")
