"""Units of measure: what each measures, and its factor to the measure of that dimension."""

from __future__ import annotations

from typing import Final

TIME: Final = "time"
FREQUENCY: Final = "frequency"
PERCENT: Final = "percent"
CLOCK: Final = "clock"

_TABLE: Final = {
    # days
    TIME: (
        f"millisecond ms 毫秒 {1 / 86_400_000}|"
        f"second sec secs seconde segundo sekunde 秒 {1 / 86_400}|minute min mins minuto 分钟 {1 / 1_440}|"
        f"hour h hr hrs heure hora stunde stunden 小时 {1 / 24}|day tag tage tagen jour día dia 天 1|night nuit 1|"
        "week wk woche wochen semaine semana 周 星期 7|fortnight 14|"
        "month monat monate monaten mois mes meses 个月 30.4375|"
        "year yr yrs jahr jahre jahren an ans année año ano 年 365.25|decade 3652.5|century centuries 36525"
    ),
    "length": (
        "mm millimeter millimetre 0.001|cm centimeter centimetre 0.01|m meter metre 1|km kilometer kilometre 1000|"
        "inch inches 0.0254|foot feet ft 0.3048|yard yd 0.9144|mile mi 1609.344"
    ),
    "mass": (
        "mg milligram 0.000001|g gram 0.001|kg kilo kilogram 1|ton tonne 1000|oz ounce 0.028349523|lb lbs 0.45359237"
    ),
    "volume": "ml milliliter millilitre 0.001|cl 0.01|l liter litre 1|gallon 3.785411784",
    "data": "kb kilobyte 1000|mb megabyte 1000000|gb gigabyte 1000000000|tb terabyte 1000000000000",
    "power": "w watt 1|kw kilowatt 1000|mw megawatt 1000000|gw gigawatt 1000000000",
    "frequency": "hz hertz 1|khz 1000|mhz 1000000|ghz 1000000000",
    "speed": "kmh kph 1|mph 1.609344",
    PERCENT: "% percent pct prozent 1|percentage 1",
    CLOCK: "am pm uhr 1",
    "money dollar": "$ usd us$ dollar dólar 美元 1|cent 0.01",
    "money euro": "€ eur euro 欧元 1",
    "money pound": "£ gbp pound quid 1",
    "money yen": "¥ jpy yen иена 日元 円 1",
    "money rupee": "₹ inr rs rupee 1",
    "money yuan": "cny rmb yuan 元 块 人民币 1",
    "money won": "₩ krw 원 1",
    "money ruble": "₽ rub ruble rouble рублей рубля 1",
    "money real": "r$ brl reais 1",
    "money franc": "chf franc franken 1",
    "money canadian dollar": "cad c$ 1",
    "money australian dollar": "aud a$ 1",
}


def _units() -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for dimension, lines in _TABLE.items():
        for line in lines.split("|"):
            *names, factor = line.split()
            found |= {name: (dimension, float(factor)) for name in names}
    return found


UNITS: Final = _units()
"""Names of units, in lower case and singular, with dimension and factor."""

SYMBOLS: Final = "$€£¥₹₩₽"
CODES: Final = "US$|R$|C$|A$|USD|EUR|GBP|JPY|INR|CNY|RMB|KRW|RUB|BRL|CHF|CAD|AUD|Rs"
"""Currencies that stand before a number."""

_UNSPACED: Final = sorted((name for name in UNITS if name > "\u2e80"), key=len, reverse=True)
_FEW_LETTERS: Final = 3


def unit(word: str) -> tuple[str, str, float] | None:
    """Name, dimension and factor of a unit of measure, or None for any other word.

    Args:
        word: in lower case; a plural "s" is taken off, and what follows a unit in a script without spaces.
    """
    if word in UNITS:
        return (word, *UNITS[word])
    if word.endswith("s") and len(word) > _FEW_LETTERS and word[:-1] in UNITS:
        return (word, *UNITS[word[:-1]])
    if word > "\u2e80":
        return next(((name, *UNITS[name]) for name in _UNSPACED if word.startswith(name)), None)
    return None
