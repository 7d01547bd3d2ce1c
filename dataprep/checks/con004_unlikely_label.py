"""CON004 unlikely-label."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.similarity import reworded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from dataprep.checks.context import AuditContext

MOST_ROWS: Final = 200_000
"""Rows with labels up to which neighbours are looked for."""

NEIGHBOURS: Final = 8
"""Nearest rows that are asked."""

AGREED: Final = 6
"""Of them, those that must carry one other label while none carries the row's own."""

TELLING: Final = 0.7
"""Share of rows whose label their neighbours must guess for labels to be a matter of the text at all."""

GAIN: Final = 0.2
"""How much more often than by the commonest label alone."""


class UnlikelyLabel(Check):
    """A row of classification-like data whose label the rows most like it do not carry.

    Annotators slip, and intents overlap. A model learns both labels for one kind of text, and an evaluation on such
    rows has a ceiling nobody sees. Looked at are short answers that many rows share. A warning means that a row with
    nearly the same prompt carries another label; a note, that at least 6 of the 8 most similar rows carry one other
    label and none this one. Similar means by rare words, not by meaning. Nothing is reported where labels do not
    follow from the words of the prompts.

    Example: "My card hasn't come yet" labelled `card_linking`, among eight rows like it labelled `card_arrival`.

    What to do: read the rows from the top and correct the labels. Where two labels meet again and again they may be
    one, or their definition needs a line between them.
    """

    code = "CON004"
    name = "unlikely-label"
    severity = "warning"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Rows with a twin of another label, then those with such neighbours."""
        rows = context.labels
        if rows.is_empty():
            return
        seen = set()
        for found in _twins(context, rows):
            seen.add(found.position)
            yield found
        for found in _outvoted(context, rows):
            if found.position not in seen:
                yield found

    def notes(self, context: AuditContext) -> list[str]:
        """What was judged."""
        rows = context.labels
        if rows.is_empty():
            return ["no labels: no short answers that many rows share"]
        words = f"{rows.height:,} rows with {rows['label'].n_unique():,} labels"
        if rows.height > MOST_ROWS:
            words += f"; neighbours are asked up to {MOST_ROWS:,} rows only"
        return [words]


def _twins(context: AuditContext, rows: pl.DataFrame) -> Iterator[Found]:
    """Rows whose prompt repeats that of another with a different label."""
    labels, forms = dict(rows.iter_rows()), context.texts.prompt_norm
    pairs = [
        (repeat.position, repeat.kept, repeat.score)
        for repeat in context.repeated_prompts[0]
        if labels.get(repeat.position, "") != labels.get(repeat.kept, "")
        and repeat.position in labels
        and repeat.kept in labels
        and forms[repeat.position] != forms[repeat.kept]  # the same prompt is another check's
    ]
    meetings = Counter(frozenset((labels[a], labels[b])) for a, b, _ in pairs)
    answers = context.texts.answer
    for a, b, score in pairs:
        count = meetings[frozenset((labels[a], labels[b]))]
        often = f"; these two labels meet {count} times" if count > 1 else ""
        for here, there in ((a, b), (b, a)):
            words = f"{answers[here].strip()} here, {answers[there].strip()} on {context.places(there)}"
            yield Found(here, f"nearly the same prompt, {words}{often}", score=score, related=there)


def _outvoted(context: AuditContext, rows: pl.DataFrame) -> Iterator[Found]:
    """Rows whose neighbours agree on another label."""
    if rows.height > MOST_ROWS:
        return
    positions = rows["position"].to_numpy().astype(np.int64)
    names = rows["label"].rank("dense").to_numpy().astype(np.int64) - 1
    near = _neighbours(context.texts.prompt_core.gather(positions))
    votes = np.where(near >= 0, names[near], -1)
    asked = (near >= 0).sum(axis=1)
    guess, count = _commonest(votes)
    judged = asked >= AGREED
    if not judged.any():
        return
    right = float((guess == names)[judged].mean())
    usual = float(np.bincount(names[judged]).max() / judged.sum())
    if right < max(TELLING, usual + GAIN):
        return
    own = (votes == names[:, None]).sum(axis=1)
    answers = context.texts.answer
    for row in np.flatnonzero(judged & (count >= AGREED) & (own == 0) & (guess != names)).tolist():
        nearest = int(near[row, int(np.flatnonzero(votes[row] == guess[row])[0])])
        here, there = int(positions[row]), int(positions[nearest])
        message = (
            f"labelled {answers[here].strip()}; {count[row]} of the {asked[row]} rows most like it are labelled "
            f"{answers[there].strip()}, such as {context.places(there)}"
        )
        score = float(count[row] / asked[row])
        yield Found(here, message, severity="note", related=there, evidence={"agreed": round(score, 3)})


def _neighbours(prompts: pl.Series) -> NDArray[np.int64]:
    """The rows most like each row, the likeliest first; shape (rows, NEIGHBOURS), -1 where there are no more."""
    found = reworded.cross(prompts, prompts, most=NEIGHBOURS)
    near = np.full((prompts.len(), NEIGHBOURS), -1, dtype=np.int64)
    rank = np.arange(found.left.size) - np.searchsorted(found.left, found.left)
    near[found.left, rank] = found.right
    return near


def _commonest(votes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The label most neighbours carry, the first of several, and how many do."""
    same = (votes[:, :, None] == votes[:, None, :]) & (votes >= 0)[:, :, None]
    counts = same.sum(axis=2)
    best = counts.argmax(axis=1)
    every = np.arange(votes.shape[0])
    return votes[every, best], counts[every, best]


CHECK = UnlikelyLabel()
