"""How numbers are said in messages."""

from __future__ import annotations


def counted(value: int, noun: str, plural: str = "") -> str:
    """A number with its noun: 1 line, 2,000 lines."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"
