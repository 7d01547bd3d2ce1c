"""Held-out rows by source, language, length, label and the rows' own fields: an average can hide who lost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from trainer.assessment import Interval, Slice
from trainer.compare import Evaluation, compare
from trainer.masking import mask_secrets
from trainer.metrics import normal, reference_of, task_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataprep.contract import Example

LEAST: Final = 10
"""Rows a slice must have; fewer say nothing once as many slices are looked at together as there are."""
MOST_VALUES: Final = 20
"""Values a field of the rows may have, to be one that rows are sliced by."""
MOST_FIELDS: Final = 4
LANGUAGES_OF: Final = 1000
"""Rows whose language is looked at: 400 a second."""
LETTERS: Final = 20
"""Letters a text must have for its language to be told."""


def slices(examples: Sequence[Example], base: Evaluation, tuned: Evaluation) -> list[Slice]:
    """The change of the loss on every slice, the ones that lost most first.

    Args:
        examples: the held-out rows.
        base: of the model before training, a value for each of them.
        tuned: of the weights that were kept.
    """
    groups = {
        (by, value): rows for by, values in _views(examples, base).items() for value, rows in _grouped(values).items()
    }
    sure = 1 - 0.05 / max(len(groups), 1)
    found = []
    for (by, value), rows in groups.items():
        before, after = (_part(side, rows) for side in (base, tuned))
        change = compare(before, after, sure=sure)
        found.append(
            Slice(
                by=by,
                value=value,
                rows=len(rows),
                base=before.loss,
                tuned=after.loss,
                change=Interval(difference=change.difference, low=change.low, high=change.high),
                verdict=change.verdict,
            )
        )
    return sorted(found, key=lambda one: -one.change.difference)


def _views(examples: Sequence[Example], base: Evaluation) -> dict[str, list[str | None]]:
    """What each row is filed under, by view; None where it is under nothing."""
    views: dict[str, list[str | None]] = _fields(examples)
    references = [reference_of(example) for example in examples]
    if task_kind(references) == "label":
        views["label"] = [_shown(normal(one.text)) for one in references]
    elif len(examples) >= 3 * LEAST and base.items > len(examples):
        views["length"] = _lengths(base.counts)
    views["language"] = _languages(examples)
    return {by: values for by, values in views.items() if len(_grouped(values)) > 1}


def _fields(examples: Sequence[Example]) -> dict[str, list[str | None]]:
    """The rows' own fields that have few values."""
    found: dict[str, list[str | None]] = {}
    names = Counter(name for example in examples for name in example.model_extra or {})
    for name, _ in names.most_common():
        values = [(example.model_extra or {}).get(name) for example in examples]
        if all(value is None or isinstance(value, str | bool) for value in values):
            texts = [None if value is None else _shown(str(value)) for value in values]
            if 1 < len(set(texts)) <= MOST_VALUES and len(found) < MOST_FIELDS:
                found[name] = texts
    return found


def _shown(value: str) -> str:
    return mask_secrets(value)[:60]


def _lengths(counts: Sequence[int]) -> list[str | None]:
    low, high = (int(value) for value in np.quantile(counts, [1 / 3, 2 / 3]))
    named = (f"up to {low} tokens", f"{low + 1} to {high} tokens", f"over {high} tokens")
    return [named[(count > low) + (count > high)] for count in counts]


def _languages(examples: Sequence[Example]) -> list[str | None]:
    from langdetect import DetectorFactory, LangDetectException, detect  # noqa: PLC0415 - loads its profiles

    DetectorFactory.seed = 0
    found: list[str | None] = []
    for example in examples[:LANGUAGES_OF]:
        text = " ".join(str(turn.content) for turn in example.messages if turn.role in {"user", "assistant"})[:500]
        try:
            found.append(detect(text) if sum(map(str.isalpha, text)) >= LETTERS else None)
        except LangDetectException:
            found.append(None)
    return found + [None] * (len(examples) - len(found))


def _grouped(values: Sequence[str | None]) -> Mapping[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for row, value in enumerate(values):
        if value is not None:
            groups.setdefault(value, []).append(row)
    return {value: rows for value, rows in groups.items() if len(rows) >= LEAST}


def _part(whole: Evaluation, rows: Sequence[int]) -> Evaluation:
    return Evaluation([whole.losses[row] for row in rows], [whole.counts[row] for row in rows])
