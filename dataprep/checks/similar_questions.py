"""Questions that are alike or reword each other, with their answers."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dataprep.checks.compared_ahead import known_or_compared
from dataprep.checks.disputes import Asked, Said
from dataprep.checks.rewordings import Judge, Judged, differ
from dataprep.processes import worked_out
from dataprep.similarity import reworded
from dataprep.text.evidence.conflict import Conflict, conflict
from dataprep.text.normalise import normalised
from dataprep.text.views import last_exchange, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataprep.checks.context import AuditContext
    from dataprep.text.evidence.conflict import Compare

CODE: Final = "CON002"
"""The check that asks."""

NEIGHBOURS: Final = 2
"""Likeliest rewordings of each text that are looked at."""

LEAST: Final = 0.3
"""Score of `reworded` below which two texts have hardly a rare word in common."""

FEW: Final = 256
"""Rows up to which all pairs are read: among few texts no word is rare."""

MOST_PAIRS: Final = 25_000
"""Pairs, the likeliest first, that are read."""

MOST_ROWS: Final = 200_000
"""Rows up to which rewordings are looked for by prompt and answer together as well."""

ANSWERS: Final = 3
"""Different answers to one prompt that are compared with those to a rewording of it."""

COUNTED: Final = 400
"""Exchanges from which it is learnt which words are rare."""

_SCHEMA: Final = {"left": pl.Int64, "right": pl.Int64}


def alike_questions(context: AuditContext) -> Iterator[Asked]:
    """Questions whose prompts differ in slips or filler only, in one setting, with all their answers."""
    repeats = context.repeated_prompts[0]
    if not repeats:
        return
    roots = {repeat.kept: repeat.kept for repeat in repeats} | {repeat.position: repeat.kept for repeat in repeats}
    rows = pl.DataFrame({"position": list(roots), "root": list(roots.values())}, schema_overrides={"root": pl.Int64})
    rows = _exchanges(context, rows.sort("position"))
    keys = ["root", "setting"]
    rows = rows.filter(pl.col("prompt_norm").n_unique().over(keys) > 1, pl.col("form").n_unique().over(keys) > 1)
    answers = rows.group_by(*keys, "prompt_norm", "form", maintain_order=True).agg(
        "position", pl.col("prompt", "answer").first()
    )
    answers = answers.sort(*keys, pl.col("position").list.len(), descending=[False, False, True], maintain_order=True)
    answers = answers.with_columns(side=pl.col("prompt_norm").rank("dense").cast(pl.Int64))
    for _, own in groupby(answers.select(*keys, "side", "prompt", "answer", "position").iter_rows(), itemgetter(0, 1)):
        rows_of = list(own)
        said = [Said(*row[3:]) for row in rows_of]
        yield Asked(said, [row[2] for row in rows_of], "nearly the same question", differ)


def reworded_questions(context: AuditContext) -> tuple[list[Asked], Compare]:
    """Pairs of rows that seem to ask the same in other words, those with most in common first, and the comparison.

    Where answers are compared by rules, only those pairs that they hold something against.
    """
    compares = context.compare_answers is conflict
    pairs, some = _reworded(context)
    calls = [(*left[:2], *right[:2]) for left, right in pairs]
    judge = Judge(some, compares=compares)
    found: list[tuple[float, Asked]] = []
    known: dict[tuple[str, str, str], Conflict | None] = {}
    ahead = worked_out(Judge, calls, Judged | None, some=some, compares=compares)
    for (left, right), call, judged in zip(pairs, calls, ahead, strict=True):
        try:
            one = judged[0] if judged else judge(*call)
        except Exception as err:  # noqa: BLE001 - one odd question must not hide what others contradict
            context.unread[CODE].add(right, err)
            continue
        if one is not None and (one[1] is not None or not compares):
            found.append((-one[0], Asked([left, right], [0, 1], "reworded question")))
            if compares:
                known[left.answer, right.answer, left.prompt] = one[1]
    found.sort(key=itemgetter(0))
    return [asked for _, asked in found], known_or_compared(known) if compares else context.compare_answers


def _reworded(context: AuditContext) -> tuple[list[tuple[Said, Said]], list[tuple[str, str]]]:
    """Pairs of rows of one setting that may reword each other, and some prompts with their answers."""
    pairs = _candidates(context)
    if pairs.is_empty():
        return [], []
    rows = pl.concat([pairs["left"], pairs["right"]]).unique().sort().alias("position").to_frame()
    table = _exchanges(context, rows)
    some = table.select("prompt", "answer").gather_every(max(1, table.height // COUNTED)).rows()
    names = ("prompt", "answer", "position", "prompt_norm", "setting")
    of = {row[2]: row for row in table.select(names).iter_rows()}
    found = []
    for left, right in pairs.select("left", "right").iter_rows():
        if left not in of or right not in of:
            continue
        here, there = of[left], of[right]
        if here[4] == there[4] and here[3] != there[3]:  # the same prompt is another check's
            found.append((Said(here[0], here[1], [left]), Said(there[0], there[1], [right])))
    return found, some


def _exchanges(context: AuditContext, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows by position, with what was asked and answered last; those that answer nothing left out."""
    positions = rows["position"]
    raw = context.raw_rows[positions]
    rows = rows.hstack(last_exchange(raw)).with_columns(
        settings(raw),
        prompt_norm=context.texts.prompt_norm.gather(positions),
        form=normalised(pl.col("answer")),
        label=raw["label"],
    )
    # An answer marked as unwanted claims nothing; labels of similar texts are another check's.
    rows = rows.filter(~pl.col("position").is_in(context.labels["position"].implode()))
    return rows.filter((pl.col("form") != "") & (pl.col("prompt_norm") != ""), pl.col("label").ne_missing("false"))


def _candidates(context: AuditContext) -> pl.DataFrame:
    """The likeliest pairs of rows whose texts share rare words, in order."""
    prompts, pairs = context.texts.prompt_core, context.texts.pair_core
    if prompts.len() <= FEW:
        left, right = np.triu_indices(prompts.len(), 1)
        return pl.DataFrame({"left": left, "right": right}, schema_overrides=_SCHEMA)
    by_prompt = _expanded(context, _retrieved(prompts))
    found = [by_prompt]
    if prompts.len() <= MOST_ROWS:
        found.append(_retrieved(pairs))
    every = pl.concat(found).group_by("left", "right").agg(pl.col("score").max())
    likeliest = every.sort("score", "left", "right", descending=[True, False, False]).head(MOST_PAIRS)
    return likeliest.sort("left", "right")  # what was read of a row is still known when it comes again


def _retrieved(texts: pl.Series) -> pl.DataFrame:
    found = reworded.within(texts, most=NEIGHBOURS, least=LEAST)
    found = found.where(~found.is_variant)
    earlier, later = np.minimum(found.left, found.right), np.maximum(found.left, found.right)
    return pl.DataFrame({"left": earlier, "right": later, "score": found.score}, schema_overrides=_SCHEMA)


def _expanded(context: AuditContext, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs of first occurrences of prompts as pairs of the rows that have them, a few answers to each."""
    prompts = pl.DataFrame({"prompt": context.texts.prompt_core, "answer": context.texts.answer_norm})
    prompts = prompts.with_row_index("position").with_columns(pl.col("position").cast(pl.Int64))
    first = pl.concat([pairs["left"], pairs["right"]]).unique()
    prompts = prompts.filter(pl.col("prompt").is_in(prompts["prompt"].gather(first).implode()))
    rows = prompts.unique(["prompt", "answer"], keep="first", maintain_order=True)
    rows = rows.with_columns(first=pl.col("position").min().over("prompt"))
    rows = rows.filter(pl.int_range(pl.len()).over("prompt") < ANSWERS).select("first", "position")
    for side in ("left", "right"):
        pairs = pairs.join(rows.rename({"first": side, "position": f"{side}_row"}), on=side, how="inner")
    swapped = pl.col("left_row") > pl.col("right_row")
    return pairs.select(
        left=pl.when(swapped).then("right_row").otherwise("left_row"),
        right=pl.when(swapped).then("left_row").otherwise("right_row"),
        score="score",
    )
