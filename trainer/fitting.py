"""Rows that are longer than max_length, or than the model reads, by policy.

Whatever is left out is counted, and no answer is ever cut.

- `refuse`: the run stops and names them.
- `drop`: the row is left out.
- `split-by-turn`: a conversation becomes several, each from a user's turn on and with the system message in
  front, as many exchanges in each as fit. An exchange that is too long by itself is left out.
- `truncate-prompt-head`: what comes before the first answer to learn is cut from its beginning: whole exchanges,
  then words of the last question. System messages and all answers stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal

from trainer.chat import ChatEncoder, RowRefusedError
from trainer.context import context_length
from trainer.tokens import sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transformers import PretrainedConfig, PreTrainedTokenizerBase

    from dataprep.contract import Example, Message
    from trainer.config import TrainConfig
    from trainer.method import RowKind
    from trainer.tokens import Row

OverLength = Literal["refuse", "drop", "split-by-turn", "truncate-prompt-head"]

LEAST_PROMPT: Final = 8
"""Tokens of a question that must be left; less than that asks nothing."""
_SPACE: Final = re.compile(r"\s")


@dataclass(frozen=True)
class Fitted:
    """What becomes of one row.

    Attributes:
        pieces: what is trained on; more than one where the row was split by turn.
        tokens: tokens of the row as it came.
        supervised: tokens of it with loss, as it came.
        cut: what was left out, in words; empty where nothing was.
    """

    pieces: list[Row]
    tokens: int
    supervised: int
    cut: list[str] = field(default_factory=list)


class Fitter:
    """Encodes rows so that none is longer than allowed.

    Attributes:
        context: tokens that the model reads, where that is fewer than max_length; else None.

    Args:
        encoder: turns rows into tokens.
        max_length: tokens of the longest sequence.
        policy: what becomes of longer rows.
        takes: rows with one answer, or preference pairs.
        context: tokens that the model reads at most; None: no bound is known.
    """

    def __init__(
        self,
        encoder: ChatEncoder,
        max_length: int,
        policy: OverLength = "drop",
        takes: RowKind = "answer",
        context: int | None = None,
    ) -> None:
        self._encoder = encoder
        self.context = context if context is not None and context < max_length else None
        self._max_length = self.context or max_length
        self._policy = policy
        self._encode = encoder.encode if takes == "answer" else encoder.encode_pair
        self._splits = takes == "answer" and policy == "split-by-turn"

    def fit(self, example: Example) -> Fitted:
        """Tokens of a row that may be trained on.

        Raises:
            RowRefusedError: the row cannot be trained on, `too-long` among the reasons.
        """
        row = self._encode(example)
        whole = Fitted([row], len(row), row.supervised)
        if self._fits(row):
            return whole
        if self._splits:
            return self._by_turn(example, whole)
        if self._policy == "truncate-prompt-head":
            return self._without_head(example, whole)
        raise self._too_long(row)

    def _fits(self, row: Row) -> bool:
        return _longest(row) <= self._max_length

    def _too_long(self, row: Row, more: str = "") -> RowRefusedError:
        most = f"the model reads {self.context}" if self.context else f"max_length is {self._max_length}"
        return RowRefusedError("too-long", f"{_longest(row)} tokens, {most}{more}", row)

    def _by_turn(self, example: Example, whole: Fitted) -> Fitted:
        head, exchanges = _exchanges(example.messages)
        pieces: list[Row] = []
        left_out: list[str] = []
        start = 0
        while start < len(exchanges):
            best, end = None, start
            for stop in range(start + 1, len(exchanges) + 1):
                row = self._encoded(example, [*head, *chain.from_iterable(exchanges[start:stop])])
                if row is not None and not self._fits(row):
                    break
                best, end = row or best, stop
            if best is not None:
                pieces.append(best)
            elif end == start:
                end = start + 1
                left_out.append(f"exchange {start + 1} of {len(exchanges)} is too long by itself")
            start = end
        if not pieces:
            raise self._too_long(whole.pieces[0], ", and so is each of its exchanges")
        return Fitted(pieces, whole.tokens, whole.supervised, left_out)

    def _encoded(self, example: Example, messages: list[Message]) -> Row | None:
        """A part of the row; None where there is nothing to learn from."""
        try:
            return self._encode(example.model_copy(update={"messages": messages}))
        except RowRefusedError as err:
            if err.code == "nothing-to-learn-from":
                return None
            raise

    def _without_head(self, example: Example, whole: Fitted) -> Fitted:
        first = _first_wanted(example)
        head, exchanges = _exchanges(example.messages[:first])
        rest = example.messages[first:]
        row = whole.pieces[0]
        dropped = 0
        while not self._fits(row) and len(exchanges) > 1:
            exchanges, dropped = exchanges[1:], dropped + 1
            row = self._encode(
                example.model_copy(update={"messages": [*head, *chain.from_iterable(exchanges), *rest]})
            )
        cut = [f"{dropped} exchange{'s' if dropped > 1 else ''} before the first answer"] if dropped else []
        if not self._fits(row):
            if not exchanges:
                raise self._too_long(row, ", and there is no prompt to cut")
            row, words = self._shortened(example, head, exchanges[0], rest, row)
            cut.append(words)
        return Fitted([row], whole.tokens, whole.supervised, cut)

    def _shortened(
        self, example: Example, head: list[Message], exchange: list[Message], rest: list[Message], row: Row
    ) -> tuple[Row, str]:
        """Cut words from the beginning of a question until the row fits."""
        question, *others = exchange
        text = str(question.content)
        offsets = self._offsets(text)
        gone, left = 0, len(offsets)
        while not self._fits(row):
            gone += _longest(row) - self._max_length
            place = offsets[gone][0] if gone < len(offsets) else len(text)
            for start in (_next_word(text, place), place):
                left = len(self._offsets(text[start:]))
                if left >= LEAST_PROMPT:
                    break
            else:
                raise self._too_long(row, ", and the prompt is too short to be cut")
            shorter = question.model_copy(update={"content": text[start:]})
            row = self._encode(example.model_copy(update={"messages": [*head, shorter, *others, *rest]}))
        return row, f"the first {len(offsets) - left} of {len(offsets)} tokens of the question"

    def _offsets(self, text: str) -> list[tuple[int, int]]:
        """Where each token of a text lies in it."""
        found: list[tuple[int, int]] = self._encoder.tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True
        )["offset_mapping"]
        return found


def make_fitter(
    tokenizer: PreTrainedTokenizerBase,
    model: PretrainedConfig,
    config: TrainConfig,
    takes: RowKind,
    tell: Callable[[str], None] = lambda _text: None,
) -> Fitter:
    """What turns conversations into tokens for a model.

    Args:
        tokenizer: of the model.
        model: its settings, which say how much it reads.
        config: of the run.
        takes: rows with one answer, or preference pairs.
        tell: is told where the model reads less than max_length.
    """
    fitter = Fitter(
        ChatEncoder(tokenizer), config.max_length, config.over_length, takes, context=context_length(model)
    )
    if fitter.context:
        tell(
            f"The model reads {fitter.context:,} tokens at most, fewer than max_length={config.max_length:,}; "
            f"over_length={config.over_length} decides about longer rows"
        )
    return fitter


def _longest(row: Row) -> int:
    return max(map(len, sequences(row)))


def _first_wanted(example: Example) -> int:
    """Place of the first answer to learn; what both answers of a pair share is all prompt."""
    if example.chosen is not None:
        return len(example.messages)
    return next(i for i, message in enumerate(example.messages) if message.role == "assistant" and message.weight != 0)


def _exchanges(messages: Sequence[Message]) -> tuple[list[Message], list[list[Message]]]:
    """The system messages at the beginning, and the rest cut before each user turn."""
    start = next(
        (i for i, message in enumerate(messages) if message.role not in {"system", "developer"}), len(messages)
    )
    exchanges: list[list[Message]] = []
    for message in messages[start:]:
        if message.role == "user" or not exchanges:
            exchanges.append([])
        exchanges[-1].append(message)
    return list(messages[:start]), exchanges


def _next_word(text: str, place: int) -> int:
    """Where the next word begins; `place` itself where one begins there, or none soon."""
    if text[max(place - 1, 0) : place].isspace():
        return place
    space = _SPACE.search(text, place, place + 40)
    return space.end() if space else place
