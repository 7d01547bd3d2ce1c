"""Whether two names may be one: written in another way, in part, or by its initials."""

from __future__ import annotations

import re
from typing import Final

from dataprep.text.evidence.units import unit
from dataprep.text.evidence.words import UNSPACED, content_stem, is_content

LONGEST_ACRONYM: Final = 5


def alike(left: str, right: str) -> bool:
    """Whether one is part of the other, or its initials."""
    a, b = (" ".join(re.findall(r"[^\W_]+", text.lower())) for text in (left, right))
    mine, theirs = named(a), named(b)
    is_part = max(a, default="") >= UNSPACED and (a in b or b in a)
    if a == b or is_part or mine <= theirs or theirs <= mine:
        return True
    return any(_is_short_for(one, other) or _is_code_of(one, other) for one, other in ((left, right), (right, left)))


def _is_short_for(short: str, name: str) -> bool:
    """Whether the first is made of the initials of the second, or begins with them: USA, FBI, JS."""
    letters = "".join(re.findall(r"[^\W_]", short)).lower()
    words = re.findall(r"[^\W_]+", name)
    spoken = [word for word in words if is_content(word.lower())]
    spelled = {"".join(word[0] for word in some).lower() for some in (words, spoken) if len(some) > 1}
    spelled.add("".join(letter for letter in name if letter.isupper()).lower())
    is_acronym = len(letters) <= LONGEST_ACRONYM and short.strip(" .").isupper()
    return letters in spelled - {""} or (
        is_acronym and any(len(one) > 1 and letters.startswith(one) for one in spelled)
    )


def _is_code_of(code: str, name: str) -> bool:
    """Whether the first is the code or sign of a unit that the second names: CHF, the Swiss franc."""
    short = unit(code.strip(" .").lower())
    return short is not None and any(
        full is not None and full[1:] == short[1:] for full in map(unit, re.findall(r"[^\W_]+", name.lower()))
    )


def named(text: str) -> set[str]:
    """The stems of the words of content of a name in lower case, or all its words where it has none."""
    words = text.split()
    return {name for word in words if (name := content_stem(word))} or set(words)
