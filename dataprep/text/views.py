"""The texts a row is judged by, computed once: prompt, answer, pair, and the context of the last answer."""

from __future__ import annotations

from typing import Final

import polars as pl

from dataprep.text.normalise import normalised

TEXT_COLUMNS: Final = ("prompt", "answer", "rejected_text", "prompt_norm", "answer_norm", "pair_norm", "context_norm")

PAIR_SEPARATOR: Final = "\n"
"""Between prompt, answer and rejected answer in `pair_norm`; it never occurs inside a normal form."""


def with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of `TEXT_COLUMNS` to a row frame.

    `prompt` joins the user turns and `answer` the assistant turns (their tool calls included); system and
    tool texts are in neither, because shared preambles make everything look alike. Of a preference pair, `answer`
    holds the preferred side, `rejected_text` the other, and `pair_norm` both. `context_norm` is the whole
    conversation before the last assistant turn, system prompt and tools included: two rows with the same context
    were asked the same thing.
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
    pair = pl.col("prompt_norm") + PAIR_SEPARATOR + pl.col("answer_norm")
    rejected = (
        pl.when(pl.col("rejected").is_null()).then(pl.lit("")).otherwise(PAIR_SEPARATOR + pl.col("rejected_norm"))
    )
    rows = rows.with_columns(rejected_norm=normalised(pl.col("rejected_text")))
    return rows.with_columns(
        pair_norm=pl.when(pair == PAIR_SEPARATOR).then(pl.lit("")).otherwise(pair) + rejected
    ).drop("rejected_norm")
