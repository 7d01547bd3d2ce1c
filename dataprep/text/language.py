"""The language of a text, by langdetect: always the same answer for the same text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

READ: Final = 400
"""Characters that are read; more change little and take longer."""

LEAST: Final = 20
"""Letters from which a language is told; of fewer it would be guessed."""

UNKNOWN: Final = "unknown"

_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7af]")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")

MOSTLY: Final = 0.3
"""Share of the letters in a script of East Asia that settles it; langdetect takes short Chinese for Korean."""


@lru_cache(maxsize=4096)
def language_of(text: str) -> str:
    """The ISO 639-1 code of the language of a text; "unknown" where it cannot be told.

    Takes some 3 ms.

    Args:
        text: as written.
    """
    read = text[:READ]
    letters = sum(map(str.isalpha, read))
    if letters < LEAST:
        return UNKNOWN
    for script, language in ((_KANA, "ja"), (_HANGUL, "ko"), (_HAN, "zh")):
        if len(script.findall(read)) >= MOSTLY * letters:
            return language
    # Imported late: reading its profiles takes half a second.
    from langdetect import DetectorFactory, LangDetectException, detect  # noqa: PLC0415

    DetectorFactory.seed = 0  # it draws lots, and must draw the same for the same text
    try:
        found: str = detect(read)
    except LangDetectException:
        return UNKNOWN
    return found.partition("-")[0]
