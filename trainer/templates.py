"""Chat templates by name, for models that come without one, and templates from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_GENERATE: Final = "{% if add_generation_prompt %}"

# Tools are written the way Hermes and Qwen models were taught: descriptions in the system turn, calls as JSON.
_TOOLS: Final = """\
{%- if tools %}{{ '\\n\\n# Tools\\n\\nCall a function with ' }}
{{- '<tool_call>{"name": ..., "arguments": ...}</tool_call>.\\n<tools>' }}
{%- for tool in tools %}{{ '\\n' + (tool | tojson) }}{% endfor %}{{ '\\n</tools>' }}{% endif %}"""
_CALLS: Final = """\
{%- for call in m.tool_calls or [] %}{% set f = call.function or call %}
{{- '\\n<tool_call>\\n{"name": "' + f.name + '", "arguments": ' }}
{{- f.arguments if f.arguments is string else (f.arguments | tojson) }}{{ '}\\n</tool_call>' }}{% endfor %}"""

CHATML: Final = (
    "{%- if tools and (not messages or messages[0].role != 'system') %}{{ '<|im_start|>system\\n' }}"
    + _TOOLS
    + "{{ '<|im_end|>\\n' }}{% endif %}{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content }}"
    + "{%- if loop.first and m.role == 'system' %}"
    + _TOOLS
    + "{% endif %}"
    + _CALLS
    + "{{ '<|im_end|>\\n' }}{% endfor %}"
    + _GENERATE
    + "{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
LLAMA_3: Final = (
    "{{- bos_token }}{%- for m in messages %}{{ '<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n' "
    "+ m.content | trim + '<|eot_id|>' }}{% endfor %}"
    + _GENERATE
    + "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"
)
ZEPHYR: Final = (
    "{%- for m in messages %}{{ '<|' + m.role + '|>\\n' + m.content + eos_token + '\\n' }}{% endfor %}"
    + _GENERATE
    + "{{ '<|assistant|>\\n' }}{% endif %}"
)
# The prompt ends without the space: most tokenizers make it part of the answer's first token.
EOS: Final = (
    "{%- for m in messages %}{{ m.role | capitalize + ': ' + m.content + eos_token + '\\n' }}{% endfor %}"
    + _GENERATE
    + "{{ 'Assistant:' }}{% endif %}"
)

TEMPLATES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "chatml": (CHATML, ("<|im_start|>", "<|im_end|>")),
    "eos": (EOS, ()),
    "llama-3": (LLAMA_3, ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")),
    "zephyr": (ZEPHYR, ()),
}
"""Name -> template, and the tokens the tokenizer must know as such. `eos` fits every model."""


def use_template(tokenizer: PreTrainedTokenizerBase, wanted: str) -> None:
    """Give the tokenizer the template of that name or in that file; it is saved with the trained model.

    Raises:
        ConfigError: no such name or file, one that is no text, or the tokenizer lacks tokens the template is written
            with.
    """
    if not wanted:
        return
    if wanted in TEMPLATES:
        template, needed = TEMPLATES[wanted]
        known = tokenizer.get_vocab()
        missing = [token for token in needed if token not in known]
        if missing or ("eos_token" in template and not tokenizer.eos_token):
            what = " and ".join(missing) or "end-of-text token"
            raise ConfigError(
                f"chat_template={wanted}: this model's tokenizer has no {what}, so turns would never end",
                "Use chat_template=eos, or a model of that family" if missing else "Use a model with an end token",
            )
        tokenizer.chat_template = template
        return
    path = Path(wanted).expanduser()
    if not path.is_file():
        known_names = ", ".join(TEMPLATES)
        raise ConfigError(f"chat_template={wanted}: no such file", f"Name a Jinja file, or one of: {known_names}")
    try:
        tokenizer.chat_template = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as err:
        raise ConfigError(f"chat_template={wanted}: is not UTF-8 text", "Save it as UTF-8") from err
