"""Whether a question has one right answer that has a name: a capital, an author, the largest planet.

In English what must not be asked for is listed; in other languages what may be, for a noun in capitals says nothing
there (German), or names are not told from other words at all (Chinese, Japanese, Arabic).
"""

from __future__ import annotations

import re
from typing import Final

_ENGLISH: Final = (
    r"\bwho\s+(?!are\b|were\b|can\b|should\b|do\b|does\b|would\b|could\b)\w+|\bwhich\s+(?!of\b)\w+(?<!s)\s|"
    r"\bwhat(?:'s|\s+is|\s+was)\s+the\s+(?!best|most|main|difference|purpose|meaning|point|reason|way|importance|role|"
    r"impact|effect|benefit|advantage|process|idea|theme)|\bwhere\s+(?:is|was|did|are|were)\b|"
    r"\bwhat\s+(?:country|city|color|colour|year|language|company|element|planet|currency|state|continent|animal|gas|"
    r"river|ocean)\b|\bname (?:of )?the\b|\bstands? for\b"
)
_GERMAN: Final = (
    r"\bwer\s+(?:ist|war|hat|schrieb|erfand|entdeckte|malte|komponierte|gründete|regiert|leitet|gewann)\b|"
    r"\b(?:was|wie)\s+(?:ist|war|heißt|hieß|lautet)\s+(?:der|die|das)\s+(?:\w+\s+)?"
    r"(?:hauptstadt|währung|\w*sprache|symbol|formel|zeichen|autor|verfasser|gründer|erfinder|präsident|name|größte|"
    r"kleinste|höchste|längste|tiefste|schnellste|älteste|erste|letzte)\b|"
    r"\bwelche[rsmn]?\s+(?:land|stadt|planet|fluss|ozean|kontinent|sprache|währung|tier|element|gas|firma|unternehmen|"
    r"bundesland|hauptstadt)\b|\bwo\s+(?:ist|liegt|befindet|war|wurde|fand)\b"
)
_FRENCH_WHO: Final = r"(?:^|[.:!?\n]\s*)qui\s+(?:est|était|fut|a|avait)\b"
_FRENCH: Final = (
    r"\bquelle?\s+(?:est|était|fut)\s+(?:l[ea]\s+|l')(?:nom|capitale|monnaie|langue|symbole|formule|auteur|autrice|fondat\w+|"
    r"invent\w+|président\w*|plus\s+(?:grand|petit|haut|long|profond|rapide|vieil|vieux|ancien)\w*|premi\w+|derni\w+)\b|"
    r"\bquelle?\s+(?:pays|ville|planète|fleuve|rivière|océan|continent|langue|monnaie|animal|élément|gaz|entreprise|"
    r"société|capitale)\b|\bcomment s'appelle\b|\boù\s+(?:est|se trouve|se situe|était|fut)\b"
)
_SPANISH: Final = (
    r"\bquién\s+(?:es|era|fue|escribió|pintó|inventó|descubrió|compuso|fundó|ganó|dirige|dirigió)\b|"
    r"\bcuál\s+(?:es|era|fue)\s+(?:el|la)\s+(?:\w+\s+){0,2}?(?:nombre|capital|moneda|idioma|lengua|símbolo|fórmula|"
    r"autora?|fundadora?|inventora?|president[ea]|más|primera?|última?)\b|"
    r"\bqué\s+(?:país|ciudad|planeta|río|océano|continente|idioma|lengua|moneda|animal|elemento|gas|empresa|capital)\b|"
    r"\bcómo se llama\b|\bdónde\s+(?:está|queda|fue|nació|se encuentra)\b"
)
_PORTUGUESE: Final = (
    r"\bquem\s+(?:é|era|foi|escreveu|pintou|inventou|descobriu|compôs|fundou|ganhou|dirige)\b|"
    r"\bqual\s+(?:é|era|foi)\s+[oa]\s+(?:\w+\s+){0,2}?(?:nome|capital|moeda|idioma|língua|símbolo|fórmula|autora?|"
    r"fundadora?|inventora?|president[ea]|maior|menor|mais|primeir[oa]|últim[oa])\b|"
    r"\b(?:que|qual)\s+(?:país|cidade|planeta|rio|oceano|continente|idioma|língua|moeda|animal|elemento|gás|empresa)\b|"
    r"\bcomo se chama\b|\bonde\s+(?:fica|está|foi|nasceu)\b"
)
_ITALIAN: Final = (
    r"\bchi\s+(?:è|era|fu|ha)\b|"
    r"\bqual\s+(?:è|era|fu)\s+(?:il\s+|la\s+|l')(?:\w+\s+){0,2}?(?:nome|capitale|moneta|valuta|lingua|simbolo|formula|"
    r"autore|autrice|fondatore|inventore|presidente|più|primo|prima)\b|"
    r"\b(?:quale|che)\s+(?:paese|città|pianeta|fiume|oceano|continente|lingua|moneta|animale|elemento|gas|azienda)\b|"
    r"\bcome si chiama\b|\bdov'è\b|\bdove\s+(?:si trova|fu|è)\b"
)
_RUSSIAN: Final = (
    r"\bкто\s+(?:так\w+|написал|изобр[её]л|открыл|основал|сочинил|нарисовал|был|была|является)\b|"
    r"\bстолица\b|\bвалюта\b|\bкак называется\b|"
    r"\bкак(?:ой|ая|ое)\s+(?:город|страна|река|океан|планета|континент|язык|элемент|газ|сам\w+)\b|"
    r"\bгде\s+(?:находится|расположен\w*|родил\w+)\b"
)
_UNSPACED: Final = (
    r"谁(?![可能会应该要都])|誰(?![でも])|哪(?:个|里|位|国)|(?:首都|货币|官方语言|化学符号|作者|首府|通貨|公用語)(?:是|は)|叫什么名字|"
    r"どこ(?:です|に|の国|の都市)|どの(?:国|都市|惑星|会社|言語|川|大陸)|(?:名前|名称)は何|何という(?:名前|国|都市)"
)
_ARABIC_WHO: Final = r"من (?:كتب|اخترع|اكتشف|رسم|أسس|ألف)"
_ARABIC: Final = rf"ما (?:هي|هو) (?:عاصمة|عملة|اسم|لغة|أكبر|أصغر|أطول|أعلى)|{_ARABIC_WHO}|أين (?:تقع|يقع)"
_ONE: Final = re.compile(f"{_ENGLISH}|{_GERMAN}|{_FRENCH}|{_SPANISH}|{_PORTUGUESE}|{_ITALIAN}|{_RUSSIAN}")
"""All begin at a word, and together are ten times as quick as with those that do not."""

_ONE_ELSEWHERE: Final = re.compile(f"{_FRENCH_WHO}|{_UNSPACED}|{_ARABIC}")
_SEVERAL: Final = re.compile(
    r"\b(?:which|what)\s+(?:[a-z]+\s+){0,2}[a-z]+(?<![sui])s\s+(?:do|are|were|have|can|should|would|will|could|may)\b|"
    r"哪些"
)
"""Several things are asked for, of which an answer may name some: "which payment methods do you accept"."""

_TASTE: Final = re.compile(
    r"\b(?:is|are|was|were|'s)\s+(?:the\s+)?(?:best|better|worst|nicest|greatest|most beautiful)\b|"
    r"\b(?:prefer|favou?rite|recommend)|"
    r"\b(?:beste[rsnm]?|besser|schönste\w*|am liebsten|lieblings\w*|empf[eai]hl\w*|empfehl\w*|bevorzug\w*|"
    r"meilleure?s?|préf[eéè]r\w*|recommand\w*|conseill\w*|"
    r"mejor|peor|recomi?end\w*|prefier\w*|favorit[oa]s?|gusta|"
    r"melhor|recomend\w*|prefer\w*|migliore|consigli\w*|preferi\w*|"
    r"лучш\w*|любим\w*|нрав\w*|порекоменд\w*|посовет\w*|красив\w*)\b|"
    r"最好|最美|最漂亮|更好|推荐|喜欢|おすすめ|好き|一番いい|أفضل"
)
"""A matter of taste, on which nobody is right."""

_PLACE: Final = re.compile(
    r"\b(?:where|wo|où|dónde|onde|dove|где)\b|\bdov'|哪里|哪儿|どこ(?!の)|أين",
)
_PERSON: Final = re.compile(
    rf"\b(?:who|wer|quién|quem|chi|кто)\b|(?:^|[.:!?\n]\s*)qui\b|谁|誰|{_ARABIC_WHO}",
)


def asks_one_thing(text: str) -> bool:
    """Whether only one thing can be the answer, and it is no matter of taste.

    Args:
        text: the question, in lower case.
    """
    is_one = _ONE.search(text) or (("qui " in text or not text.isascii()) and _ONE_ELSEWHERE.search(text))
    return bool(is_one) and not (_SEVERAL.search(text) or _TASTE.search(text))


def asks_where(text: str) -> bool:
    """Whether a question, in lower case, asks for a place: a city and its country are both right."""
    return bool(_PLACE.search(text))


def asks_who(text: str) -> bool:
    """Whether a question, in lower case, asks for a person."""
    return bool(_PERSON.search(text))
