"""A number with its unit, or a range of numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, or a range of numbers, in the measure of its dimension.

    Attributes:
        dimension: "time" (days), "frequency" (days from one time to the next), "money dollar", "percent", "clock"
            (hours), "length" (metres), ..., "count NOUN" where it counts things, "ordinal NOUN", or "bare" where no
            unit follows.
        low: in that measure.
        high: the other end of a range, or the same as `low`.
        text: as written.
        start: where it stands in the text.
        end: where it ends.
        scale: of one unit in the measure; 1.0 for counts.
        bound: ">" for "more than" and "at least", "<" for "less than", "≤" for a limit ("up to", "within"), "~" for
            "about", else empty.
        per: what it is counted by ("month" in "$5 a month"), or empty.
        working: whether only working days count.
    """

    dimension: str
    low: float
    high: float
    text: str
    start: int
    end: int
    scale: float = 1.0
    bound: str = ""
    per: str = ""
    working: bool = False
