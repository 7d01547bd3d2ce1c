"""Chat templates other than the plainest: what is learnt from them is right, or the row is refused."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataprep.contract import Example
from dataprep.errors import ConfigError, UserError
from tests.trainer.test_chat import example, supervised
from trainer.chat import ChatEncoder, RowRefusedError
from trainer.templates import TEMPLATES, use_template

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


TOOL = {"type": "function", "function": {"name": "find_order", "parameters": {"type": "object"}}}
CALLING = Example.model_validate(
    {
        "row_id": "r-0",
        "tools": [TOOL],
        "messages": [
            {"role": "user", "content": "where is order 7?"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"type": "function", "function": {"name": "find_order", "arguments": '{"id": 7}'}}],
            },
            {"role": "tool", "content": "at the door"},
            {"role": "assistant", "content": "It is at the door."},
        ],
    }
)


def test_tools_that_a_template_leaves_out_are_no_training_data(tokenizer: PreTrainedTokenizerFast) -> None:
    assert refusal(tokenizer, CALLING) == "tools-not-shown"


def named(tokenizer: PreTrainedTokenizerFast, template: str) -> PreTrainedTokenizerFast:
    changed = copy.deepcopy(tokenizer)
    use_template(changed, template)
    return changed


def test_chatml_shows_tools_and_learns_calls(tokenizer: PreTrainedTokenizerFast) -> None:
    chatml = named(tokenizer, "chatml")
    assert supervised(chatml, CALLING) == (
        '\n<tool_call>\n{"name": "find_order", "arguments": {"id": 7}}\n</tool_call><|im_end|>'
        "It is at the door.<|im_end|>"
    )
    text = chatml.decode(ChatEncoder(chatml).encode(CALLING).input_ids)
    assert text.startswith("<|im_start|>system\n")
    assert '"name": "find_order", "parameters"' in text.partition("<|im_start|>user")[0]


def of_every_family(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """The same with the tokens that any named template is written with."""
    able = copy.deepcopy(tokenizer)
    needed = [token for _, tokens in TEMPLATES.values() for token in tokens]
    able.add_special_tokens({"additional_special_tokens": needed})
    return able


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("answers", [("here", "the order is here"), ("one", "two")])
def test_named_templates_teach_every_answer_and_its_end(
    tokenizer: PreTrainedTokenizerFast, name: str, answers: tuple[str, str]
) -> None:
    able = named(of_every_family(tokenizer), name)
    row = example(("user", "where is it?"), ("assistant", answers[0]), ("user", "b"), ("assistant", answers[1]))
    end = "<|eot_id|>" if name == "llama-3" else "<|im_end|>"
    space = " " if name == "eos" else ""  # it belongs to the turn's words, and to their first token
    assert supervised(able, row) == "".join(f"{space}{answer}{end}" for answer in answers)
    # What is read before an answer is what the model is asked with later.
    tokens = ChatEncoder(able).encode(row)
    asked = able.apply_chat_template(
        [{"role": "user", "content": "where is it?"}], add_generation_prompt=True, return_dict=True
    )["input_ids"]
    first = int(tokens.weights.argmax())
    assert tokens.input_ids[:first].tolist() == asked


SPACED = "{% for m in messages %}{{ m.role }}: {{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}"


@pytest.mark.parametrize("trim", [False, True])
def test_an_answer_that_begins_in_its_header_is_refused(tokenizer: PreTrainedTokenizerFast, trim: bool) -> None:
    """The header ends in a space, which is the beginning of the token ' here', whatever its offsets say."""
    from tokenizers import processors

    spaced = with_template(tokenizer, SPACED + "assistant: {% endif %}")
    spaced.backend_tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim)
    assert refusal(spaced, example(("user", "a"), ("assistant", "here"))) == "blurred-start"
    closed = with_template(spaced, SPACED + "assistant:{% endif %}")
    assert supervised(closed, example(("user", "a"), ("assistant", "here"))) == " here<|im_end|>"


def test_llama_3_needs_its_tokens(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(ConfigError, match=r"no <\|start_header_id\|>.*chat_template=eos"):
        named(tokenizer, "llama-3")


def test_a_template_from_a_file_and_none_at_all(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    file = tmp_path / "own.jinja"
    file.write_text("{% for m in messages %}" + TURN.replace("user", "customer") + "{% endfor %}" + PROMPT)
    assert supervised(named(tokenizer, str(file)), TWO_TURNS) == "one<|im_end|>two<|im_end|>"
    with pytest.raises(ConfigError, match="chatml, eos, llama-3, zephyr"):
        named(tokenizer, str(tmp_path / "none.jinja"))
    (tmp_path / "latin.jinja").write_bytes("{{ 'für' }}".encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        named(tokenizer, str(tmp_path / "latin.jinja"))
    endless = copy.deepcopy(tokenizer)
    endless.eos_token = None
    with pytest.raises(ConfigError, match="no end-of-text token"):
        use_template(endless, "eos")


def test_weights_between_count_in_part(tokenizer: PreTrainedTokenizerFast) -> None:
    row = example(("user", "a"), ("assistant", "one"), ("user", "b"), ("assistant", "two"), weights={1: 0.25, 3: 2})
    weights = ChatEncoder(tokenizer).encode(row).weights
    assert sorted(set(weights.tolist())) == [0.0, 0.25, 2.0]


def test_a_model_without_chat_template_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    bare = copy.deepcopy(tokenizer)
    bare.chat_template = None
    with pytest.raises(UserError, match="chat template"):
        ChatEncoder(bare)
