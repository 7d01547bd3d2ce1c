"""The texts a row is judged by, computed once: prompt, answer, pair, and the context of the last answer."""

from __future__ import annotations

from typing import Final

import polars as pl

from dataprep.text.normalise import normalised

TEXT_COLUMNS: Final = ("prompt", "answer", "prompt_norm", "answer_norm", "pair_norm", "context_norm")

PAIR_SEPARATOR: Final = "\n"
"""Between prompt and answer in `pair_norm`; it never occurs inside a normal form."""


def with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of `TEXT_COLUMNS` to a row frame.

    `prompt` joins the user turns and `answer` the assistant turns (their tool calls included); system and
    tool texts are in neither, because shared preambles make everything look alike. `context_norm` is the
    whole conversation before the last assistant turn, system prompt and tools included: two rows with the
    same context were asked the same thing.
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
    context = messages.list.head(pl.when(answered).then(before_last - 1).otherwise(messages.list.len()))
    rows = rows.with_columns(
        prompt=messages.list.eval(content.filter(role == "user")).list.join("\n", ignore_nulls=True),
        answer=messages.list.eval(spoken.filter(role == "assistant")).list.join("\n", ignore_nulls=True),
        context_norm=context.list.eval(role + ": " + spoken).list.join("\n", ignore_nulls=True)
        + pl.col("tools").fill_null(""),
    )
    rows = rows.with_columns(
        prompt_norm=normalised(pl.col("prompt")),
        answer_norm=normalised(pl.col("answer")),
        context_norm=normalised(pl.col("context_norm")),
    )
    pair = pl.col("prompt_norm") + PAIR_SEPARATOR + pl.col("answer_norm")
    return rows.with_columns(pair_norm=pl.when(pair == PAIR_SEPARATOR).then(pl.lit("")).otherwise(pair))
