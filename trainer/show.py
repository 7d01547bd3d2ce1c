"""`trainer inspect`: rows as the model will see them, with what carries loss marked."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text

from dataprep.errors import InputError
from trainer.chat import RowRefusedError
from trainer.data import load_splits
from trainer.fitting import make_fitter
from trainer.ledger import LedgerBook
from trainer.method import get_method
from trainer.tokens import Tokens, sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console
    from transformers import PreTrainedTokenizerBase

    from dataprep.contract import SplitName
    from trainer.config import TrainConfig
    from trainer.data import Line
    from trainer.fitting import Fitter
    from trainer.record import Ledger

COUNTED: Final = 20_000
"""Rows that are counted for the header; more would keep the user waiting."""

READ, LEARNT, SPECIAL = "", "green", "bold magenta"
OPEN, CLOSE = "⟦", "⟧"
"""Around what carries loss where there is no colour."""


@dataclass(frozen=True)
class Selection:
    """Which rows are shown.

    Attributes:
        split: of the split folder.
        count: the first so many rows.
        row_id: only this row, whatever its split.
        wrap: break long lines; without, they are as long as the text has them.
    """

    split: SplitName = "train"
    count: int = 3
    row_id: str | None = None
    wrap: bool = True


def inspect_rows(
    config: TrainConfig, chosen: Selection, console: Console, tell: Callable[[str], None] = lambda _text: None
) -> None:
    """Print the chosen rows as tokens, with a header that says what is trained on and what is left out.

    Args:
        config: the settings a run would have.
        chosen: which rows.
        console: to print to; without colours, markers stand around what carries loss.
        tell: is told about work that takes long.

    Raises:
        UserError: no such split, model or row.
    """
    splits = load_splits(Path(config.data), allow_unverified=config.allow_unverified_split).rows
    from trainer.blueprint import read_blueprint  # noqa: PLC0415 - torch; wrong input is refused before
    from trainer.model import find_model  # noqa: PLC0415
    from trainer.quiet import quiet_libraries  # noqa: PLC0415
    from trainer.templates import use_template  # noqa: PLC0415

    quiet_libraries()
    base = find_model(config.model, tell, remote_code=config.allow_remote_code)
    tokenizer = base.tokenizer(remote_code=config.allow_remote_code)
    use_template(tokenizer, config.chat_template)
    settings, _ = read_blueprint(str(base.folder), remote_code=config.allow_remote_code)
    if config.over_length == "refuse":
        config = config.model_copy(update={"over_length": "drop"})
    fitter = make_fitter(tokenizer, settings, config, get_method(config.method).takes, tell)
    split, lines = _chosen(splits, chosen)
    if chosen.row_id is None:
        console.print(_header(split, splits[split], fitter), soft_wrap=not chosen.wrap)
    colour = console.color_system is not None and not console.no_color
    if not colour:
        console.print(f"{OPEN}…{CLOSE} carries loss; what stands outside is only read")
    for line in lines:
        console.print()
        for text in _row(line, split, fitter, tokenizer, colour=colour):
            console.print(text, soft_wrap=not chosen.wrap)


def _chosen(splits: dict[SplitName, list[Line]], chosen: Selection) -> tuple[SplitName, list[Line]]:
    if chosen.row_id is None:
        if chosen.split not in splits:
            raise InputError(f"the split has no {chosen.split} rows", f"Choose one of: {', '.join(splits)}")
        return chosen.split, splits[chosen.split][: chosen.count]
    for split, lines in splits.items():
        found = [line for line in lines if line.example.row_id.startswith(chosen.row_id)]
        if found:
            return split, found
    raise InputError(f"no row {chosen.row_id} in this split", "Row ids stand in its files and in ledger.parquet")


def _header(split: SplitName, lines: Sequence[Line], fitter: Fitter) -> Text:
    book = LedgerBook()
    for line in lines[:COUNTED]:
        try:
            book.used(split, line.example.row_id, line.line, fitter.fit(line.example))
        except RowRefusedError as err:
            book.left_out(split, line.example.row_id, line.line, err)
    account = book.totals(split)
    of = f" (the first {COUNTED:,} of {len(lines):,})" if len(lines) > COUNTED else ""
    return Text(f"{split}: {account.rows_used:,} of {account.rows_in:,} rows{of}, {_counts(account)}")


def _counts(account: Ledger) -> str:
    tokens = account.tokens_supervised + account.tokens_unsupervised
    share = account.tokens_supervised / max(tokens, 1)
    said = [f"{tokens:,} tokens of which {account.tokens_supervised:,} ({share:.0%}) carry loss"]
    if account.left_out:
        said.append("left out: " + ", ".join(f"{count:,} {code}" for code, count in account.left_out.items()))
    if account.rows_cut:
        said.append(f"{account.rows_cut:,} used in part")
    if account.pieces > account.rows_used:
        said.append(f"split into {account.pieces:,} conversations")
    return "; ".join(said)


def _row(
    line: Line, split: SplitName, fitter: Fitter, tokenizer: PreTrainedTokenizerBase, *, colour: bool
) -> Iterator[Text]:
    name = f"{split}.jsonl line {line.line}, {line.example.row_id}"
    try:
        fitted = fitter.fit(line.example)
    except RowRefusedError as err:
        yield Text(f"{name}: left out, {err.code}: {visible(str(err))}", style="bold")
        for part in sequences(err.tokens) if err.tokens is not None else ():
            yield tokens_text(part, tokenizer, colour=colour)
        return
    cut = f"; left out: {'; '.join(fitted.cut)}" if fitted.cut else ""
    yield Text(f"{name}: {fitted.tokens:,} tokens, {fitted.supervised:,} carry loss{cut}", style="bold")
    parts = [part for piece in fitted.pieces for part in sequences(piece)]
    labels = ["chosen", "rejected"] if len(parts) == 2 * len(fitted.pieces) and len(fitted.pieces) == 1 else []
    for number, part in enumerate(parts):
        if len(parts) > 1:
            label = labels[number] if labels else f"conversation {number + 1} of {len(parts)}"
            yield Text(f"{label}: {len(part):,} tokens, {part.supervised:,} carry loss", style="italic")
        yield tokens_text(part, tokenizer, colour=colour)


def tokens_text(tokens: Tokens, tokenizer: PreTrainedTokenizerBase, *, colour: bool) -> Text:
    """The tokens decoded, special ones included.

    Args:
        tokens: one conversation.
        tokenizer: that made them.
        colour: mark by colour; else by brackets around what carries loss.
    """
    special = {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
    text = Text()
    places = range(len(tokens))
    for weight, run in groupby(places, key=lambda place: float(tokens.weights[place])):
        here = list(run)
        if weight > 0 and not colour:
            text.append(OPEN)
        for is_special, part in groupby(here, key=lambda place: int(tokens.input_ids[place]) in special):
            said = tokenizer.decode([int(tokens.input_ids[place]) for place in part], skip_special_tokens=False)
            style = LEARNT if weight > 0 else READ
            text.append(visible(said), style=f"{SPECIAL} {'underline' if weight > 0 else ''}" if is_special else style)
        if weight > 0 and not colour:
            text.append(CLOSE)
        if weight not in {0.0, 1.0}:
            text.append(f"×{weight:g}", style="bold")
    return text


def visible(text: str) -> str:
    """Text that a terminal shows and does not obey: control and direction characters become their symbols."""
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\t":
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\u{code:04x}" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character
