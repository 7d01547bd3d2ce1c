"""One conversation -> token ids and loss weights, with loss on the assistant's words and nothing else.

The conversation is rendered once with the model's own chat template. Where each assistant turn lies in that
text is found by rendering prefixes of the conversation; token offsets carry the spans over to tokens.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from jinja2 import TemplateError

from dataprep.contract import Example, Message
from dataprep.errors import UserError
from trainer.tokens import Pair, Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerBase

TEMPLATE_ERRORS: Final = (TemplateError, TypeError, ValueError, KeyError, AttributeError)
"""What a template may raise: its own refusals, and stumbling over a message of another shape."""

_ANSWER: Final = "Xassistanttext"
"""Stands in no template."""

_GENERATION_MARKER = re.compile(r"\{%-?\s*generation\s*-?%\}")


class RowRefusedError(Exception):
    """A row that cannot be trained on rightly; `code` groups such rows, the text says why.

    Args:
        code: groups rows refused for one reason.
        reason: why, for people.
        tokens: tokens the row has, where that is known.
    """

    def __init__(self, code: str, reason: str, tokens: Tokens | Pair | None = None) -> None:
        self.code = code
        self.tokens = tokens
        super().__init__(reason)


class ChatEncoder:
    """Turns examples into tokens with one tokenizer and its chat template.

    Args:
        tokenizer: a fast tokenizer with a chat template.

    Raises:
        UserError: the tokenizer has no chat template, or cannot tell where its tokens lie in the text.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        if not tokenizer.chat_template:
            raise UserError(
                "the model's tokenizer has no chat template",
                "Use an instruction-tuned model, or name a template with chat_template=chatml or chat_template=FILE",
            )
        if not tokenizer.is_fast:
            raise UserError("the model's tokenizer gives no character offsets", "Use a model with tokenizer.json")
        self.tokenizer = tokenizer
        added = tokenizer.added_tokens_decoder.items()
        self._special_ids = {number for number, token in added if token.special} | set(tokenizer.all_special_ids)
        self._has_markers = bool(_GENERATION_MARKER.search(str(tokenizer.chat_template)))
        self._control_texts = self._find_control_texts()

    def encode(self, example: Example) -> Tokens:
        """Tokens and loss weights of a row with one answer.

        Raises:
            RowRefusedError: the row cannot be trained on as it stands.
        """
        if example.chosen is not None or example.rejected is not None:
            raise RowRefusedError(
                "preference-pair", "the row is a preference pair; this method learns from one answer per row"
            )
        if example.label is False:
            raise RowRefusedError("unwanted-answer", "the row's answer is marked as an unwanted one")
        return self._encode(example)

    def encode_pair(self, example: Example) -> Pair:
        """Tokens of a preference row: its prompt with the wanted, and with the unwanted answer.

        Raises:
            RowRefusedError: the row is no preference pair, or cannot be trained on as it stands.
        """
        if not example.chosen or not example.rejected:
            raise RowRefusedError(
                "no-preference", "the row has no chosen and rejected answer; this method learns from such pairs"
            )
        chosen, rejected = (
            self._encode(example.model_copy(update={"messages": _muted(example.messages) + answer}))
            for answer in (example.chosen, example.rejected)
        )
        if np.array_equal(chosen.input_ids, rejected.input_ids):
            raise RowRefusedError("same-answers", "the chosen and the rejected answer are the same")
        return Pair(example.row_id, chosen, rejected)

    def terminator(self) -> int | None:
        """The token that ends the assistant's turn; None if the template writes none, or renders no plain question."""
        turns = [Message(role="user", content="."), Message(role="assistant", content=_ANSWER)]
        try:
            text = self._render(Example(row_id="", messages=turns), len(turns))
        except RowRefusedError:
            return None
        behind: list[int] = self.tokenizer(text.rpartition(_ANSWER)[2], add_special_tokens=False)["input_ids"]
        return next((token for token in behind if token in self._special_ids), None)

    def check(self, example: Example) -> None:
        """Refuse what would be read as something it is not.

        A user's `<|im_end|>` would end the turn for real, so whoever wrote it would be speaking as the
        assistant. Escaping it would teach a spelling that is never seen in use; the row is left out.

        Raises:
            RowRefusedError: a message holds no text, or structure, or a weight that is none.
        """
        self._check_texts("the list of tools", example.tools)
        for number, message in enumerate(example.messages, 1):
            if not isinstance(message.content, str):
                raise RowRefusedError("non-text-content", f"message {number} has parts that are no text")
            self._check_texts(f"message {number}", _plain(message))
            if message.weight is not None and not (math.isfinite(message.weight) and message.weight >= 0):
                raise RowRefusedError("bad-weight", f"message {number} has the loss weight {message.weight:g}")

    def _encode(self, example: Example) -> Tokens:
        self.check(example)
        wanted = {index: 1.0 if m.weight is None else m.weight for index, m in enumerate(example.messages)}
        wanted = {
            index: weight
            for index, weight in wanted.items()
            if weight > 0 and example.messages[index].role == "assistant"
        }
        if not wanted:
            raise RowRefusedError("nothing-to-learn-from", "no assistant message to compute loss on")
        text = self._render(example, len(example.messages))
        _check_tools(example, text)
        encoded = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids: list[int] = encoded["input_ids"]
        spans = {index: self._span(example, index, text) for index in wanted}
        found = {span: wanted[index] for index, span in spans.items() if span is not None}
        if len(found) == len(wanted):
            weights = self._weights_from_spans(text, ids, encoded["offset_mapping"], found)
        elif self._has_markers:
            weights = self._weights_from_markers(example, ids, wanted)
        else:
            raise RowRefusedError(
                "unclear-turns",
                "the chat template renders the conversation's beginning differently from the whole, "
                "so where the assistant speaks cannot be known",
            )
        weights[0] = 0  # nothing comes before the first token to predict it from
        tokens = Tokens(example.row_id, np.asarray(ids, dtype=np.int32), weights)
        if tokens.supervised == 0:
            raise RowRefusedError("nothing-to-learn-from", "no token of an assistant message to compute loss on")
        return tokens

    def _find_control_texts(self) -> list[str]:
        """Texts that would become structure if they stood in a message.

        The tokenizer's named special tokens, the other special tokens the template writes, and the text that
        opens an assistant turn, for templates that mark turns in plain words.
        """
        template = str(self.tokenizer.chat_template)
        texts = {str(token) for token in self.tokenizer.all_special_tokens}
        for token in self.tokenizer.added_tokens_decoder.values():
            if token.special and token.content in template:
                texts.add(token.content)
        turn = [{"role": "user", "content": "."}]
        try:
            closed: str = self.tokenizer.apply_chat_template(turn, tokenize=False)
            opened: str = self.tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True)
        except TEMPLATE_ERRORS:
            return sorted(texts)
        if opened.startswith(closed):
            texts.add(opened[len(closed) :].strip())
        return sorted(text for text in texts if text)

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
            text: str = self.tokenizer.apply_chat_template(
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
            after = text if index + 1 == len(example.messages) else self._render(example, index + 1)
        except RowRefusedError:  # a beginning that cannot be rendered is as unclear as one that differs
            return None
        if text.startswith(before) and text.startswith(after) and len(before) <= len(after):
            return len(before), len(after)
        return None

    def _weights_from_spans(
        self, text: str, ids: Sequence[int], offsets: Sequence[tuple[int, int]], spans: dict[tuple[int, int], float]
    ) -> NDArray[np.float32]:
        """Weigh the tokens inside each span, up to and including the turn's terminator."""
        weights = np.zeros(len(ids), dtype=np.float32)
        bounds = np.asarray(offsets, dtype=np.int64).reshape(-1, 2)
        for (start, end), weight in spans.items():
            inside = np.flatnonzero((bounds[:, 0] >= start) & (bounds[:, 1] <= end)).tolist()
            while inside and ids[inside[-1]] not in self._special_ids:
                inside.pop()  # what the template writes after the terminator, usually a line break
            if not inside:
                raise RowRefusedError(
                    "no-terminator",
                    "the chat template ends the assistant's turn without a special token, "
                    "so the model would never learn to stop",
                )
            self._check_beginning(text[:start], ids[: inside[0]], int(bounds[inside[0] - 1, 1]))
            weights[inside] = weight
        return weights

    def _check_beginning(self, prompt: str, read: Sequence[int], end: int) -> None:
        """Refuse an answer whose first token begins in what stands before it.

        That token would be lost, and when the model is used its prompt ends in a token that training never showed:
        'Assistant:', ' ' where it learnt from 'Assistant:', ' Yes'. Some tokenizers leave a space out of a token's
        offsets, so a gap is looked at like an overlap.

        Args:
            prompt: everything before the answer.
            read: tokens before the first that lies within the answer.
            end: where the last of these ends.
        """
        if end == len(prompt) or self.tokenizer(prompt, add_special_tokens=False)["input_ids"] == list(read):
            return
        raise RowRefusedError(
            "blurred-start",
            f"the answer's first token begins in what the chat template writes before it ({prompt[-12:]!r}), so it "
            "could not be learnt; end that without a space or line break, or begin the answer without one",
        )

    def _weights_from_markers(
        self, example: Example, ids: Sequence[int], wanted: dict[int, float]
    ) -> NDArray[np.float32]:
        """Weigh what the template itself marks with `{% generation %}`, and the terminator behind it."""
        encoded = self.tokenizer.apply_chat_template(
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
        weights = np.zeros(len(ids), dtype=np.float32)
        for start, turn in zip(starts, turns, strict=True):
            end = start
            while end < len(ids) and marked[end]:
                end += 1
            if end < len(ids) and ids[end - 1] not in self._special_ids and ids[end] in self._special_ids:
                end += 1
            weights[start:end] = wanted.get(turn, 0.0)
        return weights


def _check_tools(example: Example, text: str) -> None:
    """Refuse a row whose tools or calls the template passes over: the model would learn to call what it never saw."""
    calls = [call for message in example.messages for call in message.tool_calls or []]
    for what, tools in (("the list of tools", example.tools or []), ("a tool call", calls)):
        for tool in tools:
            named = tool.get("function", tool) if isinstance(tool, dict) else {}
            name = named.get("name") if isinstance(named, dict) else None
            if isinstance(name, str) and name not in text:
                raise RowRefusedError(
                    "tools-not-shown",
                    f"the chat template leaves out {what} ('{name}'); chat_template=chatml is one that shows them",
                )


def _muted(messages: Sequence[Message]) -> list[Message]:
    """The turns both answers of a pair share; what the assistant said there is context."""
    return [message.model_copy(update={"weight": 0.0}) for message in messages]


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
