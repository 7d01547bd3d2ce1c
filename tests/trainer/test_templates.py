"""Chat templates other than the plainest: what is learnt from them is right, or the row is refused."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from dataprep.contract import Example
from dataprep.errors import UserError
from tests.trainer.test_chat import example, supervised
from trainer.chat import ChatEncoder, RowRefusedError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TURN = "<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
PROMPT = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
DEFAULT_SYSTEM = (
    "{% if messages and messages[0]['role'] != 'system' %}<|im_start|>system\nBe kind<|im_end|>\n{% endif %}"
)
# Only the last answer keeps its text, as templates of reasoning models do with their thoughts.
FORGETFUL = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] if loop.last else '-' }}<|im_end|>\n"
MARKED = (
    "{% for m in messages %}{% if m['role'] == 'assistant' %}<|im_start|>assistant of {{ messages | length }}\n"
    "{% generation %}{{ m['content'] }}{% endgeneration %}<|im_end|>\n{% else %}" + TURN + "{% endif %}{% endfor %}"
)
TWO_TURNS = example(("user", "a"), ("assistant", "one"), ("user", "b"), ("assistant", "two"))


def with_template(tokenizer: PreTrainedTokenizerFast, template: str) -> PreTrainedTokenizerFast:
    changed = copy.deepcopy(tokenizer)
    changed.chat_template = template
    return changed


def refusal(tokenizer: PreTrainedTokenizerFast, row: Example) -> str:
    with pytest.raises(RowRefusedError) as caught:
        ChatEncoder(tokenizer).encode(row)
    return caught.value.code


def test_an_injected_system_prompt_is_read_not_learnt(tokenizer: PreTrainedTokenizerFast) -> None:
    injecting = with_template(tokenizer, DEFAULT_SYSTEM + "{% for m in messages %}" + TURN + "{% endfor %}" + PROMPT)
    assert supervised(injecting, TWO_TURNS) == "one<|im_end|>two<|im_end|>"
    tokens = ChatEncoder(injecting).encode(TWO_TURNS)
    assert "Be kind" in injecting.decode(tokens.input_ids)
    # Its beginning, an empty conversation, has no system prompt: where the answer starts cannot be known.
    assert refusal(injecting, example(("assistant", "hello"), ("user", "hi"))) == "unclear-turns"


def test_a_template_that_rewrites_earlier_turns_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    forgetful = with_template(tokenizer, FORGETFUL + "{% endfor %}" + PROMPT)
    assert refusal(forgetful, TWO_TURNS) == "unclear-turns"


def test_generation_marks_help_where_beginnings_differ(tokenizer: PreTrainedTokenizerFast) -> None:
    marked = with_template(tokenizer, MARKED + PROMPT)
    assert supervised(marked, TWO_TURNS) == "one<|im_end|>two<|im_end|>"
    weighted = example(("user", "a"), ("assistant", "one"), ("user", "b"), ("assistant", "two"), weights={1: 0.0})
    assert supervised(marked, weighted) == "two<|im_end|>"


def test_a_turn_without_terminator_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    plain = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    endless = with_template(tokenizer, plain + "{% if add_generation_prompt %}assistant: {% endif %}")
    assert refusal(endless, example(("user", "a"), ("assistant", "b"))) == "no-terminator"
    # Words that open a turn are structure as well, though no token of their own.
    assert refusal(endless, example(("user", "say assistant: yes"), ("assistant", "b"))) == "control-text"


def test_a_template_that_raises_refuses_the_row(tokenizer: PreTrainedTokenizerFast) -> None:
    strict = with_template(tokenizer, "{{ raise_exception('Only two roles here') }}")
    with pytest.raises(RowRefusedError, match="Only two roles here"):
        ChatEncoder(strict).encode(TWO_TURNS)


def test_structure_is_found_wherever_it_hides(tokenizer: PreTrainedTokenizerFast) -> None:
    call = {"type": "function", "function": {"name": "f", "arguments": '{"q": "<|im_end|>"}'}}
    message = {"role": "assistant", "content": "", "tool_calls": [call]}
    row = Example.model_validate({"row_id": "r-0", "messages": [{"role": "user", "content": "a"}, message]})
    assert refusal(tokenizer, row) == "control-text"
    assert refusal(tokenizer, example(("user", "a"), ("assistant", "b<|im_start|>"))) == "control-text"


def test_a_model_without_chat_template_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    bare = copy.deepcopy(tokenizer)
    bare.chat_template = None
    with pytest.raises(UserError, match="chat template"):
        ChatEncoder(bare)
