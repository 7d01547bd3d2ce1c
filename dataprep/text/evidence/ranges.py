"""Quantities that are said in two: with two ends, or in two units."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dataprep.text.evidence.units import CLOCK

if TYPE_CHECKING:
    from dataprep.text.evidence.quantity import Quantity

_RANGE: Final = re.compile(r"\s*(?:-|–|—|~|to|or|and|until|till|through|bis|à|至|到)\s*", re.IGNORECASE)
_JOINT: Final = re.compile(r"\s*(?:(?:,|and|und|et|y|e)\s+)?", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\bbetween\s+(?:[^\W\d_]+\s+)?$", re.IGNORECASE)

LOOKED_BACK: Final = 24
"""Characters before a quantity in which a word that bounds it may stand."""


def compounds(found: list[Quantity], text: str) -> list[Quantity]:
    """The quantities with those joined that are said in two units: "1 hour and 30 minutes", "8 Euro und 50 Cent"."""
    joined: list[Quantity] = []
    for item in found:
        before = joined[-1] if joined else None
        if before is not None and _is_rest_of(item, before) and _JOINT.fullmatch(text, before.end, item.start):
            value, shown = before.low + item.low, text[before.start : item.end]
            joined[-1] = replace(before, low=value, high=value, text=shown, end=item.end)
        else:
            joined.append(item)
    return joined


def _is_rest_of(item: Quantity, before: Quantity) -> bool:
    if before.low != before.high or item.low != item.high or before.per or item.bound or item.scale >= before.scale:
        return False
    is_money = before.dimension.startswith("money ") and item.text.lower().endswith(("cent", "cents"))
    return item.low < before.scale and (is_money or item.dimension == before.dimension)


def ranges(found: list[Quantity], text: str) -> list[Quantity]:
    """The quantities with the two ends of each range joined."""
    joined: list[Quantity] = []
    for item in found:
        before = joined[-1] if joined else None
        if before is not None and before.low == before.high and _is_range(before, item, text):
            low = before.low if before.dimension == item.dimension else before.low * item.scale
            if item.dimension == CLOCK and before.dimension != CLOCK and before.low + 12 <= item.low:
                low = before.low + 12  # "2 to 5 pm"
            shown = text[before.start : item.end].strip()
            joined[-1] = replace(item, low=low, high=item.high, text=shown, start=before.start)
        else:
            joined.append(item)
    return joined


def _is_range(first: Quantity, second: Quantity, text: str) -> bool:
    between = text[first.end : second.start]
    if not _RANGE.fullmatch(between) or second.low != second.high:
        return False
    if between.strip().lower() == "and" and not _BETWEEN.search(text, max(0, first.start - LOOKED_BACK), first.start):
        return False
    if first.dimension == second.dimension:
        return first.dimension != "bare" or between.strip() != "-"
    # "5 to 7 days", "5-7%": the unit stands at the second end only.
    return first.dimension == "bare" or (first.dimension.startswith("count ") and not between.strip())
