"""The texts a row is judged by, computed once: prompt, answer, pair, and the context of the last answer."""

from __future__ import annotations

from typing import Final

import polars as pl

from dataprep.text.normalise import normalised
from dataprep.text.preambles import Preambles

TEXT_COLUMNS: Final = (
    *("prompt", "answer", "rejected_text", "prompt_norm", "answer_norm", "pair_norm", "context_norm"),
    *("prompt_core", "pair_core"),
)

PAIR_SEPARATOR: Final = "\n"
"""Between prompt, answer and rejected answer in `pair_norm`; it never occurs inside a normal form."""


def with_texts(rows: pl.DataFrame, preambles: Preambles | None = None) -> pl.DataFrame:
    """Add the columns of `TEXT_COLUMNS` to a row frame.

    `prompt` joins the user turns and `answer` the assistant turns (their tool calls included); system and
    tool texts are in neither, because shared preambles make everything look alike. Of a preference pair, `answer`
    holds the preferred side, `rejected_text` the other, and `pair_norm` both. `context_norm` is the whole
    conversation before the last assistant turn, system prompt and tools included: two rows with the same context
    were asked the same thing. `prompt_core` and `pair_core` are `prompt_norm` and `pair_norm` without the lines that
    many prompts share: how alike two rows are is measured on them.

    Args:
        rows: the row frame.
        preambles: the lines that many prompts share; those of these rows where it is not given.
    """
    role = pl.element().struct.field("role")
    content = pl.element().struct.field("content")
    calls = pl.element().struct.field("tool_calls").fill_null("")
    messages = pl.col("messages")
    spoken = content.fill_null("") + calls
    is_answer = messages.list.eval(role == "assistant")
    answered = is_answer.list.any()
    # list.arg_max on the reversed list gives the distance of the last assistant turn from the end.
    before_last = messages.list.len() - is_answer.list.reverse().list.eval(pl.element().cast(pl.Int8)).list.arg_max()
    # The messages of a preference pair are all context: its answers stand beside them.
    answered = answered & pl.col("chosen").is_null()
    context = messages.list.head(pl.when(answered).then(before_last - 1).otherwise(messages.list.len()))
    in_pair = {
        side: pl.col(side).list.eval(spoken.filter(role == "assistant")).list.join("\n", ignore_nulls=True)
        for side in ("chosen", "rejected")
    }
    answers = messages.list.eval(spoken.filter(role == "assistant")).list.join("\n", ignore_nulls=True)
    rows = rows.with_columns(
        prompt=messages.list.eval(content.filter(role == "user")).list.join("\n", ignore_nulls=True),
        answer=pl.when(pl.col("chosen").is_null())
        .then(answers)
        .otherwise((answers + "\n" + in_pair["chosen"]).str.strip_prefix("\n")),
        rejected_text=in_pair["rejected"].fill_null(""),
        context_norm=context.list.eval(role + ": " + spoken).list.join("\n", ignore_nulls=True)
        + pl.col("tools").fill_null(""),
    )
    rows = rows.with_columns(
        prompt_norm=normalised(pl.col("prompt")),
        answer_norm=normalised(pl.col("answer")),
        context_norm=normalised(pl.col("context_norm")),
    )
    rows = rows.with_columns(_cores(rows, preambles), rejected_norm=normalised(pl.col("rejected_text")))
    rejected = (
        pl.when(pl.col("rejected").is_null()).then(pl.lit("")).otherwise(PAIR_SEPARATOR + pl.col("rejected_norm"))
    )
    pairs = []
    for kind in ("norm", "core"):
        pair = pl.col(f"prompt_{kind}") + PAIR_SEPARATOR + pl.col("answer_norm")
        whole = pl.when(pair == PAIR_SEPARATOR).then(pl.lit("")).otherwise(pair) + rejected
        pairs.append(whole.alias(f"pair_{kind}"))
    return rows.with_columns(pairs).drop("rejected_norm")


def _cores(rows: pl.DataFrame, preambles: Preambles | None) -> pl.Series:
    prompts = rows["prompt"].fill_null("")
    cores = (preambles or Preambles.of(prompts)).without(prompts)
    shorter = (cores != prompts).arg_true()
    forms = cores.gather(shorter).to_frame("core").select(normalised(pl.col("core"))).to_series()
    return rows["prompt_norm"].clone().scatter(shorter, forms).alias("prompt_core")
