"""One conversation -> token ids and labels, with loss on the assistant's words and nothing else.

The conversation is rendered once with the model's own chat template. Where each assistant turn lies in that
text is found by rendering prefixes of the conversation; token offsets carry the spans over to tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jinja2 import TemplateError

from dataprep.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transformers import PreTrainedTokenizerBase

    from dataprep.contract import Example, Message

IGNORED: Final = -100
"""Label of a token without loss, as torch's cross-entropy has it."""

TEMPLATE_ERRORS: Final = (TemplateError, TypeError, ValueError, KeyError, AttributeError)
"""What a template may raise: its own refusals, and stumbling over a message of another shape."""

_GENERATION_MARKER = re.compile(r"\{%-?\s*generation\s*-?%\}")


class RowRefusedError(Exception):
    """A row that cannot be trained on rightly; `code` groups such rows, the text says why."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        super().__init__(reason)


@dataclass(frozen=True)
class Tokens:
    """One row as the model sees it. `labels[i]` is `input_ids[i]` where it is supervised, else IGNORED."""

    row_id: str
    input_ids: list[int]
    labels: list[int]

    @property
    def supervised(self) -> int:
        """Tokens the loss is computed on."""
        return sum(label != IGNORED for label in self.labels)


class ChatEncoder:
    """Turns examples into tokens with one tokenizer and its chat template.

    Args:
        tokenizer: a fast tokenizer with a chat template.
        max_length: tokens of the longest row accepted.

    Raises:
        UserError: the tokenizer has no chat template, or cannot tell where its tokens lie in the text.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, max_length: int) -> None:
        if not tokenizer.chat_template:
            raise UserError("the model's tokenizer has no chat template", "Use an instruction-tuned model")
        if not tokenizer.is_fast:
            raise UserError("the model's tokenizer gives no character offsets", "Use a model with tokenizer.json")
        self._tokenizer = tokenizer
        self._max_length = max_length
        added = tokenizer.added_tokens_decoder.items()
        self._special_ids = {number for number, token in added if token.special} | set(tokenizer.all_special_ids)
        self._has_markers = bool(_GENERATION_MARKER.search(str(tokenizer.chat_template)))
        self._control_texts = self._find_control_texts()

    def encode(self, example: Example) -> Tokens:
        """Tokens and labels of one row.

        Raises:
            RowRefusedError: the row cannot be trained on as it stands.
        """
        self._check_content(example)
        wanted = [index for index, message in enumerate(example.messages) if _teaches(message)]
        if not wanted:
            raise RowRefusedError("nothing-to-learn-from", "no assistant message to compute loss on")
        text = self._render(example, len(example.messages))
        encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids: list[int] = encoded["input_ids"]
        if len(ids) > self._max_length:
            raise RowRefusedError("too-long", f"{len(ids)} tokens, max_length is {self._max_length}")
        spans = [self._span(example, index, text) for index in wanted]
        if None not in spans:
            found = [span for span in spans if span is not None]
            mask = self._mask_from_spans(ids, encoded["offset_mapping"], found)
        elif self._has_markers:
            mask = self._mask_from_markers(example, ids, wanted)
        else:
            raise RowRefusedError(
                "unclear-turns",
                "the chat template renders the conversation's beginning differently from the whole, "
                "so where the assistant speaks cannot be known",
            )
        mask[0] = False  # nothing comes before the first token to predict it from
        labels = [token if keep else IGNORED for token, keep in zip(ids, mask, strict=True)]
        tokens = Tokens(example.row_id, ids, labels)
        if tokens.supervised == 0:
            raise RowRefusedError("nothing-to-learn-from", "no token of an assistant message to compute loss on")
        return tokens

    def _find_control_texts(self) -> list[str]:
        """Texts that would become structure if they stood in a message.

        The tokenizer's named special tokens, the other special tokens the template writes, and the text that
        opens an assistant turn, for templates that mark turns in plain words.
        """
        template = str(self._tokenizer.chat_template)
        texts = {str(token) for token in self._tokenizer.all_special_tokens}
        for token in self._tokenizer.added_tokens_decoder.values():
            if token.special and token.content in template:
                texts.add(token.content)
        turn = [{"role": "user", "content": "."}]
        try:
            closed: str = self._tokenizer.apply_chat_template(turn, tokenize=False)
            opened: str = self._tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True)
        except TEMPLATE_ERRORS:
            return sorted(texts)
        if opened.startswith(closed):
            texts.add(opened[len(closed) :].strip())
        return sorted(text for text in texts if text)

    def _check_content(self, example: Example) -> None:
        """Refuse what would be read as something it is not.

        A user's `<|im_end|>` would end the turn for real, so whoever wrote it would be speaking as the
        assistant. Escaping it would teach a spelling that is never seen in use; the row is left out.
        """
        _check_kind(example)
        self._check_texts("the list of tools", example.tools)
        for number, message in enumerate(example.messages, 1):
            if not isinstance(message.content, str):
                raise RowRefusedError("non-text-content", f"message {number} has parts that are no text")
            self._check_texts(f"message {number}", _plain(message))
            if message.weight not in {None, 0, 1}:
                raise RowRefusedError(
                    "fractional-weight", f"message {number} has weight {message.weight:g}; only 0 and 1 are supported"
                )

    def _check_texts(self, where: str, value: object) -> None:
        for text in _texts(value):
            for control in self._control_texts:
                if control in text:
                    raise RowRefusedError(
                        "control-text", f"{where} contains '{control}', which the model reads as structure"
                    )

    def _render(self, example: Example, count: int, *, prompt: bool = False) -> str:
        messages = [_plain(message) for message in example.messages[:count]]
        try:
            text: str = self._tokenizer.apply_chat_template(
                messages, tools=example.tools, tokenize=False, add_generation_prompt=prompt
            )
        except TEMPLATE_ERRORS as err:
            reason = f"the chat template cannot render the conversation: {err}"
            raise RowRefusedError("not-renderable", reason) from err
        return text

    def _span(self, example: Example, index: int, text: str) -> tuple[int, int] | None:
        """Characters of assistant turn `index` after its header; None if the prefixes do not line up."""
        try:
            before = self._render(example, index, prompt=True)
            after = self._render(example, index + 1)
        except RowRefusedError:  # a beginning that cannot be rendered is as unclear as one that differs
            return None
        if text.startswith(before) and text.startswith(after) and len(before) <= len(after):
            return len(before), len(after)
        return None

    def _mask_from_spans(
        self, ids: Sequence[int], offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]
    ) -> list[bool]:
        """Mark the tokens inside each span, up to and including the turn's terminator.

        A token that begins before the span belongs to the header and is not marked.
        """
        mask = [False] * len(ids)
        for start, end in spans:
            inside = [i for i, (first, last) in enumerate(offsets) if start <= first and last <= end]
            while inside and ids[inside[-1]] not in self._special_ids:
                inside.pop()  # what the template writes after the terminator, usually a line break
            if not inside:
                raise RowRefusedError(
                    "no-terminator",
                    "the chat template ends the assistant's turn without a special token, "
                    "so the model would never learn to stop",
                )
            for i in inside:
                mask[i] = True
        return mask

    def _mask_from_markers(self, example: Example, ids: Sequence[int], wanted: Sequence[int]) -> list[bool]:
        """Mark what the template itself marks with `{% generation %}`, and the terminator behind it."""
        encoded = self._tokenizer.apply_chat_template(
            [_plain(message) for message in example.messages],
            tools=example.tools,
            tokenize=True,
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
        marked = [bool(flag) for flag in encoded["assistant_masks"]]
        turns = [index for index, message in enumerate(example.messages) if message.role == "assistant"]
        starts = [i for i, flag in enumerate(marked) if flag and (i == 0 or not marked[i - 1])]
        if list(encoded["input_ids"]) != list(ids) or len(starts) != len(turns):
            raise RowRefusedError("unclear-turns", "the template's marks do not match the assistant's turns")
        mask = [False] * len(ids)
        for start, turn in zip(starts, turns, strict=True):
            end = start
            while end < len(ids) and marked[end]:
                end += 1
            if end < len(ids) and ids[end - 1] not in self._special_ids and ids[end] in self._special_ids:
                end += 1
            mask[start:end] = [turn in wanted] * (end - start)
        return mask


def _teaches(message: Message) -> bool:
    return message.role == "assistant" and message.weight != 0


def _check_kind(example: Example) -> None:
    """Refuse rows that say more than 'answer like this'."""
    if example.chosen is not None or example.rejected is not None:
        raise RowRefusedError(
            "preference-pair", "the row is a preference pair; this method learns from one answer per row"
        )
    if example.label is False:
        raise RowRefusedError("unwanted-answer", "the row's answer is marked as an unwanted one")


def _texts(value: object) -> Iterator[str]:
    """Every string in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)


def _plain(message: Message) -> dict[str, Any]:
    return message.model_dump(exclude_none=True, exclude={"weight"})
