"""The verdict of a run in sentences: better, worse or not distinguishable, and at what price."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from trainer.show import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainer.assessment import Forgetting, Memorisation, Overfitting, Slice
    from trainer.compare import Comparison, Evaluation
    from trainer.objective import Unit

VERDICTS: Final = {
    "better": "Better: the tuned model predicts unseen answers of this kind better than the base model",
    "worse": "Worse: the tuned model predicts unseen answers less well than the base model; do not use it",
    "not distinguishable": "Not distinguishable: such a change on so few rows can be chance",
}
PAIR_VERDICTS: Final = {
    "better": "Better: on unseen pairs the tuned model prefers the wanted answer more often than chance explains",
    "worse": "Worse: on unseen pairs the tuned model prefers the unwanted answer; do not use it",
    "not distinguishable": VERDICTS["not distinguishable"],
}


def one_line(text: str) -> str:
    """Text of others on one line, with nothing in it that a terminal or Markdown would obey unseen."""
    return visible(" ".join(text.split()))


def headline(unit: Unit, before: Evaluation, after: Evaluation, change: Comparison) -> str:
    """The verdict with its numbers."""
    words = (PAIR_VERDICTS if unit == "pair" else VERDICTS)[change.verdict]
    return (
        f"{words} (loss {before.loss:.3f} -> {after.loss:.3f}, "
        f"95% interval of the change {change.low:+.3f} to {change.high:+.3f})"
    )


def prices(
    forgot: Forgetting | None, over: Overfitting, memory: Memorisation | None, missing: Mapping[str, str]
) -> list[str]:
    """A sentence each on forgetting, overfitting and memorisation."""
    return [
        _forgetting(forgot) if forgot else f"Forgetting was not measured: {missing.get('forgetting', 'probe=false')}",
        _overfitting(over),
        _memorisation(memory)
        if memory
        else f"Memorisation was not measured: {missing.get('memorisation', 'memorised=0')}",
    ]


def slice_warnings(slices: list[Slice]) -> list[str]:
    """The slices on which the model became worse."""
    return [
        f"Worse on {one_line(one.by)} {one_line(one.value)} ({one.rows} rows): {one.base:.3f} -> {one.tuned:.3f}"
        for one in slices
        if one.verdict == "worse"
    ]


def _forgetting(forgot: Forgetting) -> str:
    more = math.expm1(forgot.change.difference)
    same = f"it would say the same next token as before at {forgot.agreement:.0%} of {forgot.tokens:,} places"
    numbers = f"loss on {forgot.rows} general questions {forgot.base:.3f} -> {forgot.tuned:.3f}"
    if forgot.degree == "none":
        said = "Forgot nothing measurable"
    elif forgot.degree == "some":
        said = f"Forgot some: general answers surprise it {more:.0%} more"
    else:
        said = f"Forgot much: general answers surprise it {more:.0%} more"
    return f"{said} ({numbers}; {same})"


def _overfitting(over: Overfitting) -> str:
    numbers = ""
    if over.trained is not None:
        numbers = f"loss {over.trained:.3f} on rows it was trained on, {over.held_out:.3f} on validation rows"
    if over.turned_at is not None:
        turned = f"validation turned at step {over.turned_at}, whose weights were kept"
        numbers = f"{turned}; {numbers}" if numbers else turned
    words = {
        "none": "No overfitting seen",
        "some": "Some overfitting",
        "much": "Much overfitting: it knows the training rows far better than others",
    }[over.degree]
    return f"{words} ({numbers})" if numbers else words


def _memorisation(memory: Memorisation) -> str:
    words = {"none": "Memorised nothing measurable", "some": "Memorised some", "much": "Memorised much"}[memory.degree]
    return (
        f"{words} (completes {memory.trained_verbatim} of {memory.trained_rows} trained answers word for word, "
        f"{memory.held_out_verbatim} of {memory.held_out_rows} unseen ones)"
    )
