"""Numbers as people write them, in digits and in English words."""

from __future__ import annotations

import re
from typing import Final

_ONES: Final = "one two three four five six seven eight nine".split()
_TEENS: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES: Final = (
    {"zero": 0}
    | {word: value for value, word in enumerate(_ONES, start=1)}
    | {word: value for value, word in enumerate(_TEENS, start=10)}
    | {word: 10 * value for value, word in enumerate(_TENS, start=2)}
)
SCALES: Final = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}
_FEW_ABROAD: Final = {
    word: value
    for value, words in enumerate(
        (
            "zwei deux dos dois",
            "drei trois tres três",
            "vier quatre cuatro quatro",
            "fünf cinq cinco",
            "sechs seis",
            "sieben siete sete",
            "acht huit ocho oito",
            "neun neuf nueve nove",
            "zehn dix diez dez",
        ),
        start=2,
    )
    for word in words.split()
}
_ABROAD: Final = _FEW_ABROAD | {
    word: int(value)
    for value, words in (
        line.split(":")
        for line in (
            "3:tre|4:quattro|5:cinque|7:sette|8:otto|9:nove|10:dieci|11:onze undici|12:zwölf douze doce doze dodici|"
            "13:dreizehn treize trece treze tredici|14:vierzehn quatorze catorce quattordici|"
            "15:fünfzehn quince quinze quindici|16:sechzehn dieciséis|20:zwanzig vingt veinte vinte venti|"
            "30:dreißig trente treinta trinta trenta|40:vierzig quarante cuarenta quarenta|"
            "50:fünfzig cinquante cincuenta cinquenta cinquanta|60:sechzig soixante sesenta sessenta|90:neunzig"
        ).split("|")
    )
    for word in words.split()
}
"""Numbers in German, French, Spanish, Portuguese and Italian, but for those that are words of English."""

NUMBER_WORDS: Final = frozenset([*_VALUES, *SCALES, *_ABROAD, "dozen", "half"])

_SMALL: Final = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-]+(?:{'|'.join(_ONES)}))?|{'|'.join([*_TEENS, *_ONES])}|zero)"
_GROUP: Final = rf"(?:(?:{_SMALL}[\s-]+)?hundred(?:[\s-]+(?:and[\s-]+)?{_SMALL})?|{_SMALL})"
_LARGE: Final = "thousand|million|billion|trillion"
WORDS: Final = (
    rf"\b(?:{_GROUP}(?:[\s-]+(?:{_LARGE})(?:[\s-]+(?:and[\s-]+)?{_GROUP})?)*|{_LARGE}|(?:a\s+)?dozen|"
    rf"{'|'.join(_ABROAD)})\b"
)
"""Pattern of a number in words."""

DIGITS: Final = (
    r"(?<![a-zà-ɏ\d_.,])[-−+]?(?:"
    r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?(?!\d|,\d)"  # 1,234.5 and 12,34,567
    r"|\d+,\d{1,2}(?!\d|,\d)"  # 3,50
    r"|\d*\.\d+|\d+)"
)
"""Pattern of a number in digits, with separators of thousands or a decimal mark."""

_DECIMAL_COMMA: Final = re.compile(r"[-+]?\d+,\d{1,2}")
_EXPONENT: Final = re.compile(r"[-+]?0*\d{1,9}")
_LARGEST_EXPONENT: Final = 300
_PLAIN_EXPONENT: Final = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
_ODD_LETTERS: Final = str.maketrans("ſıİ", "sii")


def plain_word(word: str) -> str:
    """A word in lower case, as it stands in a table.

    Patterns that ignore case take a long s and an i with a wrong dot for the plain letters; `lower` does not.
    """
    return word.translate(_ODD_LETTERS).lower()


def power_of_ten(exponent: str) -> float | None:
    """Ten to a power in digits or superscripts; None for what is no number, such as a sign alone.

    Args:
        exponent: as written; what no number can hold counts as the largest that one can.
    """
    plain = exponent.translate(_PLAIN_EXPONENT)
    if not _EXPONENT.fullmatch(plain):
        return None
    return 10.0 ** max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, int(plain)))


def number(text: str) -> float:
    """The value of what `DIGITS` or `WORDS` matched.

    A comma before one or two last digits is a decimal mark, any other separates thousands. More digits than a number
    can hold are infinity.
    """
    plain = plain_word(text).replace("−", "-")
    if plain[-1].isdigit():
        if _DECIMAL_COMMA.fullmatch(plain):
            return float(plain.replace(",", "."))
        return float(plain.replace(",", ""))
    total, current = 0, 0
    for word in re.split(r"[\s-]+", plain):
        if word == "dozen":
            current = max(current, 1) * 12
        elif word in SCALES:
            current = max(current, 1) * SCALES[word]
            if SCALES[word] >= 1_000:
                total, current = total + current, 0
        else:
            current += _VALUES.get(word) or _ABROAD.get(word, 0)
    return float(total + current)


CHINESE: Final = {
    digit: value for value, digits in enumerate("零 一 二两兩 三 四 五 六 七 八 九".split()) for digit in digits
}
_CHINESE_SCALES: Final = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "萬": 10_000}
CHINESE_NUMERALS: Final = frozenset([*CHINESE, *_CHINESE_SCALES])


def chinese_number(text: str) -> float:
    """The value of Chinese numerals: 14 for 十四, 15,000 for 一万五千."""
    total, group, digit = 0, 0, 0
    for numeral in text:
        scale = _CHINESE_SCALES.get(numeral)
        if scale is None:
            digit = CHINESE[numeral]
        elif scale < 10_000:
            group, digit = group + max(digit, 1) * scale, 0
        else:
            total, group, digit = total + max(group + digit, 1) * scale, 0, 0
    return float(total + group + digit)
