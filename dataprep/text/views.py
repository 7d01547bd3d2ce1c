"""The texts a row is judged by: prompt, answer and both together, and the context of the last answer."""

from __future__ import annotations

import hashlib
from typing import Final

import polars as pl

from dataprep.text.normalise import normalised
from dataprep.text.preambles import Preambles

TEXT_COLUMNS: Final = (
    *("prompt", "answer", "rejected_text", "prompt_norm", "answer_norm", "pair_norm"),
    *("prompt_core", "pair_core"),
)

PAIR_SEPARATOR: Final = "\n"
"""Between prompt, answer and rejected answer in `pair_norm`; it never occurs inside a normal form."""


MEDIA: Final = ("images", "videos", "audios", "image", "video", "audio")
"""Fields of a row that hold what is no text, or say where it is."""

_MEDIA: Final = rf'"(?:{"|".join(MEDIA)})":\s*(?:\[[^\]]*\]|"[^"]*"|\{{[^}}]*\}})'
_CONTENT: Final = pl.element().struct.field("content")
_ROLE: Final = pl.element().struct.field("role")
_SPOKEN: Final = _CONTENT.fill_null("") + pl.element().struct.field("tool_calls").fill_null("")


def with_texts(rows: pl.DataFrame, preambles: Preambles | None = None) -> pl.DataFrame:
    """Add the columns of `TEXT_COLUMNS` to a row frame.

    `prompt` joins the user turns and `answer` the assistant turns (their tool calls included); system and
    tool texts are in neither, because shared preambles make everything look alike. Of a preference pair, `answer`
    holds the preferred side, `rejected_text` the other, and `pair_norm` both. `prompt_core` and `pair_core` are
    `prompt_norm` and `pair_norm` without the lines that many prompts share: likeness is measured on them.

    Args:
        rows: the row frame.
        preambles: the lines that many prompts share; those of these rows where it is not given.
    """
    beside = media(rows)
    answers = _answers(pl.col("messages"))
    preferred = (answers + "\n" + _answers(pl.col("chosen"))).str.strip_prefix("\n")
    rows = rows.with_columns(
        prompt=pl.col("messages").list.eval(_CONTENT.filter(_ROLE == "user")).list.join("\n", ignore_nulls=True)
        + beside,
        answer=pl.when(pl.col("chosen").is_null()).then(answers).otherwise(preferred),
        rejected_text=_answers(pl.col("rejected")).fill_null(""),
    )
    rows = rows.with_columns(prompt_norm=normalised(pl.col("prompt")), answer_norm=normalised(pl.col("answer")))
    core = _cores(rows, preambles)
    rejected = pl.lit("")
    if rows["rejected"].null_count() < rows.height:
        form = PAIR_SEPARATOR + normalised(pl.col("rejected_text"))
        rejected = pl.when(pl.col("rejected").is_null()).then(pl.lit("")).otherwise(form)
    rows = rows.with_columns(_pair(pl.col("prompt_norm"), rejected).alias("pair_norm"))
    # Without preambles the texts are the same, and kept once.
    pair_core = pl.col("pair_norm") if core is None else _pair(core, rejected)
    return rows.with_columns(
        (pl.col("prompt_norm") if core is None else core).alias("prompt_core"), pair_core.alias("pair_core")
    )


def contexts(rows: pl.DataFrame) -> pl.Series:
    """The normal form of each conversation before its last assistant turn, system prompt and tools included.

    Two rows with the same context were asked the same thing.

    Args:
        rows: the row frame.
    """
    messages = pl.col("messages")
    is_answer = messages.list.eval(_ROLE == "assistant")
    # list.arg_max on the reversed list gives the distance of the last assistant turn from the end.
    before_last = messages.list.len() - is_answer.list.reverse().list.eval(pl.element().cast(pl.Int8)).list.arg_max()
    # The messages of a preference pair are all context: its answers stand beside them.
    answered = is_answer.list.any() & pl.col("chosen").is_null()
    context = messages.list.head(pl.when(answered).then(before_last - 1).otherwise(messages.list.len()))
    said = context.list.eval(_ROLE + ": " + _SPOKEN).list.join("\n", ignore_nulls=True)
    return rows.select(normalised(said + pl.col("tools").fill_null("") + media(rows))).to_series().alias("context")


def last_exchange(rows: pl.DataFrame) -> pl.DataFrame:
    """The last thing each row was asked and the last it answered, as written, in columns `prompt` and `answer`.

    Of a preference pair the answer is the preferred one. Missing texts are "".

    Args:
        rows: the row frame.
    """

    def last(messages: pl.Expr, role: str) -> pl.Expr:
        return messages.list.eval(_SPOKEN.filter(_ROLE.eq(role))).list.last()

    messages = pl.col("messages")
    return rows.select(
        prompt=last(messages, "user").fill_null(""),
        answer=pl.coalesce(last(pl.col("chosen"), "assistant"), last(messages, "assistant")).fill_null(""),
    )


def settings(rows: pl.DataFrame) -> pl.Series:
    """The normal form of what each conversation is set in: its system messages and tools.

    Args:
        rows: the row frame.
    """
    system = pl.col("messages").list.eval(_CONTENT.filter(_ROLE == "system")).list.join("\n", ignore_nulls=True)
    return rows.select(normalised(system + pl.col("tools").fill_null(""))).to_series().alias("setting")


def media(rows: pl.DataFrame) -> pl.Expr:
    """A line that stands for the pictures, sounds and other parts of a row that are no text; "" where it has none.

    The same question about another picture is another question. What the parts are is not looked at.
    """
    in_turns = pl.col("messages").list.eval(pl.element().struct.field("parts")).list.join("\n", ignore_nulls=True)
    beside = pl.col("meta").str.extract_all(_MEDIA).list.join("\n").fill_null("")
    found = rows.select(in_turns.fill_null("") + beside).to_series()
    if not (found != "").any():
        return pl.lit("")
    lines = [f"\n[media {_number(text)}]" if text else "" for text in found]
    return pl.lit(pl.Series(lines, dtype=pl.String))


def _number(text: str) -> int:
    """A number that stands for a text, the same in every version and on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:5], "big")


def _answers(messages: pl.Expr) -> pl.Expr:
    return messages.list.eval(_SPOKEN.filter(_ROLE == "assistant")).list.join("\n", ignore_nulls=True)


def _pair(prompts: pl.Expr | pl.Series, rejected: pl.Expr) -> pl.Expr:
    prompt = pl.lit(prompts) if isinstance(prompts, pl.Series) else prompts
    pair = prompt + PAIR_SEPARATOR + pl.col("answer_norm")
    return pl.when(pair == PAIR_SEPARATOR).then(pl.lit("")).otherwise(pair) + rejected


def _cores(rows: pl.DataFrame, preambles: Preambles | None) -> pl.Series | None:
    """The normal forms of the prompts without the lines that many share; None where nothing is left out."""
    prompts = rows["prompt"].fill_null("")
    cores = (preambles or Preambles.of(prompts)).without(prompts)
    shorter = (cores != prompts).arg_true()
    if shorter.is_empty():
        return None
    forms = cores.gather(shorter).to_frame("core").select(normalised(pl.col("core"))).to_series()
    return rows["prompt_norm"].clone().scatter(shorter, forms).alias("prompt_core")
