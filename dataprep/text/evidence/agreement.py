"""Whether two quantities can both be right."""

from __future__ import annotations

import re
from math import inf
from typing import Final

from dataprep.text.evidence.quantity import Quantity
from dataprep.text.evidence.units import CLOCK, TIME, UNITS

TOLERANCE: Final = 0.03
"""Relative difference up to which values in unlike units are the same: 90 days and 3 months, 5 miles and 8 km."""

FEWEST_DECIMALS: Final = 2
"""From so many on, fewer decimals than another value has are taken for rounding."""

MEASURED: Final = frozenset(["length", "mass", "volume", "temperature", "speed", "power", "frequency"])
"""Dimensions of which no value is exact."""

MEASURED_ROUGHLY: Final = 0.005
"""Relative difference up to which fewer decimals are rounding there."""

_DECIMALS: Final = re.compile(r"\d\.(\d+)")

ROUGHLY: Final = 0.1
"""The same where one of them is only given about."""

MONTH: Final = UNITS["month"][1]
MONTHLY: Final = 0.085
"""The same where one of them is in months, which have 28 to 31 days: four weeks and a month."""

WORKING_DAYS: Final = 7 / 5
"""Calendar days to a working day."""


def same_value(left: float, right: float, tolerance: float = TOLERANCE) -> bool:
    """Equal within a relative tolerance."""
    return abs(left - right) <= tolerance * max(abs(left), abs(right))


def comparable(left: Quantity, right: Quantity) -> bool:
    """Whether two quantities measure the same thing, so that one of them can be wrong."""
    if left.dimension != right.dimension:
        return False
    if left.per and right.per and left.per != right.per:
        return left.per in UNITS and right.per in UNITS
    return True


def agree(left: Quantity, right: Quantity) -> bool:
    """Whether two comparable quantities can both be right.

    Values in unlike units agree within `TOLERANCE`, those that are given about within `ROUGHLY`. A value within the
    range of the other agrees; two ranges agree where one holds the other. "More than" holds what is more; but two
    unlike bounds of one kind ("above $50", "above $100") are two rules, and so are unlike limits ("up to").
    """
    factor = 1.0
    if left.per != right.per and left.per and right.per:
        factor = UNITS[right.per][1] / UNITS[left.per][1]
    tolerance = 1e-9
    if left.scale != right.scale or factor != 1.0:
        tolerance = TOLERANCE
    if left.dimension == TIME and (left.scale == MONTH) != (right.scale == MONTH):
        tolerance = MONTHLY
    if "~" in {left.bound, right.bound}:
        tolerance = ROUGHLY
    ends = left.low * factor, left.high * factor
    if _agree(ends, (right.low, right.high), tolerance, left, right):
        return True
    if _is_rounded(left, right) or _is_converted(left, right):
        return True
    if left.working != right.working:
        stretched = WORKING_DAYS if left.working else 1 / WORKING_DAYS
        ends = ends[0] * stretched, ends[1] * stretched
        return _agree(ends, (right.low, right.high), TOLERANCE, left, right)
    return False


def _is_rounded(left: Quantity, right: Quantity) -> bool:
    """Whether two single values differ only in how many decimals they are given with.

    Two at least (1.609 and 1.61), but for what is measured, and perhaps cut off: 8,848 m and 8,848.86 m.
    """
    if left.low != left.high or right.low != right.high or left.scale != right.scale or left.per != right.per:
        return False
    decimals = _decimals(left.text), _decimals(right.text)
    fewest = min(decimals)
    if decimals[0] == decimals[1]:
        return False
    scale = left.scale or 1.0
    last: float = scale * 10.0**-fewest
    apart = abs(left.low - right.low)
    if left.dimension in MEASURED:
        return apart < last and same_value(left.low, right.low, MEASURED_ROUGHLY)
    return fewest >= FEWEST_DECIMALS and apart <= last / 2 * (1 + 1e-9)


def _is_converted(left: Quantity, right: Quantity) -> bool:
    """Whether two single values in units of unlike systems are one, rounded: 5 km and 3 miles."""
    if left.low != left.high or right.low != right.high or left.per != right.per or left.dimension == TIME:
        return False
    ratio = max(left.scale, right.scale) / min(left.scale, right.scale)
    if abs(ratio - round(ratio)) < 1e-9:
        return False  # nobody rounds from metres to kilometres
    steps = (item.scale * 10.0 ** -_decimals(item.text) for item in (left, right))
    return abs(left.low - right.low) <= sum(steps) / 2 and same_value(left.low, right.low, ROUGHLY)


def _decimals(text: str) -> float:
    """Decimals that a number is given with; a fraction has as many as one likes."""
    if "/" in text:
        return inf
    found = _DECIMALS.search(text)
    return len(found[1]) if found is not None else 0


def _agree(a: tuple[float, float], b: tuple[float, float], tolerance: float, left: Quantity, right: Quantity) -> bool:
    if same_value(a[0], b[0], tolerance) and same_value(a[1], b[1], tolerance):
        return True
    is_range = a[0] != a[1], b[0] != b[1]
    if left.dimension == CLOCK and all(is_range):
        return False
    if any(is_range) and (_holds(a, b, tolerance) or _holds(b, a, tolerance)):
        return True
    return not any(is_range) and _are_bounds_met(a[0], left.bound, b[0], right.bound)


def _are_bounds_met(a: float, left: str, b: float, right: str) -> bool:
    """Whether two single values that differ are no contradiction because of what bounds them.

    "More than 100" holds 120 and does not exclude "less than 200"; "up to 100" is a limit, which 80 is not.
    """
    if left == ">" and right in {"<", "≤"}:
        return a < b or right == "≤"
    if right == ">" and left in {"<", "≤"}:
        return b < a or left == "≤"
    for bound, edge, other, value in ((left, a, right, b), (right, b, left, a)):
        if bound in {"<", ">"} and other in {"", "~"}:
            return value > edge if bound == ">" else value < edge
    return False


def _holds(outer: tuple[float, float], inner: tuple[float, float], tolerance: float) -> bool:
    slack = tolerance * max(map(abs, (*outer, *inner)))
    low, high = min(outer), max(outer)
    return low - slack <= min(inner) and max(inner) <= high + slack and outer[0] != outer[1]
