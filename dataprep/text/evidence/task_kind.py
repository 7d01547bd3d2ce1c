"""What kind of task a prompt sets: whether its answers may differ freely, and which options it offers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# What is looked for in lower case need not ignore case, which is three times as slow.

_START: Final = (
    r"(?:^|[.!?:;\n]\s{0,4}|[,，]\s{0,4}(?:please\s+|then\s+)?|\b(?:please|kindly|(?:can|could|would|will) you|"
    r"(?:want|like|need|ask) you to|help me(?: to)?|let's|(?:task|goal|job) is to)\s+)(?:please\s+|also\s+)?"
)
_OBJECT: Final = (
    r"\s+(?:[a-z']+\s+){0,3}?(?:text|sentences?|paragraphs?|passage|essay|story|stories|e-?mail|letter|article|code|phrase|"
    r"statement|question|titles?|headline|words?|list|poem|dialogue|description|recipe|speech|content|grammar|following|"
    r"given|below|quote|tweet|post|slogan|summary|conversation)\b"
)
_MAKE: Final = (
    r"write|rewrite|compose|draft|generate|brainstorm|suggest|recommend|propose|imagine|invent|craft|pretend|"
    r"role-?play|come up with|make up|think of|continue|finish the (?:story|poem)|improvise|narrate|pen|devise|"
    r"formulate|construct|outline|tell (?:me|us) (?:a|an|another|some)|describe|discuss|elaborate|reflect|convince|"
    r"persuade|advertise|act as|visuali[sz]e|(?:create|design|develop|produce|build|plan|prepare)"
    r"(?!\s+(?:[a-z']+\s+){0,3}?(?:accounts?|profile|orders?|tickets?|password|claim|user|payments?|purchases?|changes?)\b)"
)
_REWORD: Final = (
    r"rephrase|paraphrase|reword|restate|summari[sz]e|translate|proofread|reformulate|condense|"
    rf"(?:edit|improve|polish|simplify|shorten|expand|rearrange|transform|modify|adapt|revise|change|fix|correct){_OBJECT}|"
    r"write (?:a|the|one) (?:[a-z]+ )?(?:summary|translation|headline|title|caption)"
)
_SOME: Final = (
    r"(?:list|name|give|provide|offer|share|mention|state|cite|show|select|choose|pick|enumerate|supply)"
    r"(?:\s+(?:me|us))?\s+(?:at least\s+|up to\s+)?"
    r"(?:an?|some|any|another|several|a few|\d+|one|two|three|four|five|six|seven|eight|nine|ten|examples?|ideas?|"
    r"ways?|tips|reasons|synonyms?|alternatives|possible|different|various|other|more)\b"
)
_OPINION: Final = (
    r"what(?:'s| is| are) (?:an?|some|a few)\b|what (?:would|do|should) you\b|how would you\b|what if\b|"
    r"give (?:an )?example|ideas? for|tips (?:for|on)|any (?:ideas|suggestions|tips|advice)|"
    r"what (?:kind|sort|type)s? of [a-z ]{1,40} (?:would|could|should|might)|how might\b|in your opinion|"
    r"do you (?:think|like)|"
    r"what makes\b|pros and cons|advantages and disadvantages|your (?:favou?rite|opinion|thoughts)"
)
_OTHERS: Final = (
    r"(?:^|[.!?:;\n]\s{0,4}|bitte\s+)(?:schreibe?|verfasse|erstelle|generiere|erfinde|schlage|beschreibe|formuliere|"
    r"nenne (?:einige|drei|ein)|übersetze|fasse|écris|rédige|génère|crée|invente|imagine|propose|décris|traduis|"
    r"résume|reformule|donne(?:-moi)? (?:un|une|des|trois)|escribe|redacta|genera|crea|inventa|imagina|sugiere|"
    r"describe|traduce|resume|reescribe|da(?:me)? (?:un|una|algunos|tres)|escreva|crie|gere|traduza|resuma|descreva|"
    r"sugira|напиши|придумай|сочини|переведи|опиши|предложи)\b"
)
_CHINESE: Final = re.compile(
    r"(?:^|[。！？：:，,\n]\s{0,4}|请|帮我|给我)(?:为|给|用|根据|以|把|将|对|针对|基于)?[^。？?\n]{0,16}?"
    r"(?:写|创作|创建|创造|生成|编写|编造|撰写|设计|提出|建议|推荐|想象|描述|列出|列举|举|翻译|总结|概括|改写|重写|续写|改编|润色|"
    r"讨论|解释|提供|介绍|说明|构思|制定|造句|起(?:一)?个|想(?:出|一)|给出|评价|分析|讲)"
)
_CODE: Final = re.compile(
    r"\b(?:write|implement|create|code|build|develop)\b[^.?!\n]{0,40}\b(?:function|program|script|class|code|query|method|regex)\b"
)
_OPEN: Final = re.compile(rf"(?:{_START}(?:{_MAKE}|{_SOME})\b)|{_OPINION}|{_OTHERS}")
_REWORDING: Final = re.compile(rf"{_START}(?:{_REWORD})\b")
_EXACT: Final = re.compile(
    r"\b(?:how (?:many|much|long|old|far|tall|big|often)|calculate|compute|solve|evaluate|convert|"
    r"what (?:is|are|was|were) the|"
    r"who (?:is|was|wrote|invented|discovered)|when (?:is|was|did|does)|true or false|yes or no|which of the|"
    r"multiple choice|classify|categori[sz]e|sentiment|label)\b|多少|几(?:个|天|年|次)"
)
"""What has one right answer, whatever else the prompt says."""

_OPTIONS: Final = re.compile(r"(?:^|[\s(（])([A-J])[).:、．]\s*(?=\S)")
LABEL_WORDS: Final = 4
LABEL_LETTERS: Final = 40
_SENTENCE_MARKS: Final = re.compile(
    r"[.!?。！？,;:\n]\s*|\b(?:is|are|was|were|the|you|it|we|i)\b|"
    r"\s(?:ist|war|heißt|est|était|es|era|fue|é|foi|è|fu|это)\s",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def open_ended(prompt: str) -> bool:
    """Whether the answers to a prompt may differ freely: it asks to write, suggest, rephrase or give examples.

    Args:
        prompt: as written; its input text may follow the instruction.
    """
    lower = prompt.lower()
    in_chinese = not lower.isascii() and _CHINESE.search(prompt)
    if in_chinese or _OPEN.search(lower) or rewording(prompt) or asks_for_code(prompt):
        return not (_EXACT.search(lower) and not _MAKING.search(lower))
    return False


_MAKING: Final = re.compile(rf"^\W*(?:please\s+|kindly\s+)?(?:{_MAKE}|{_REWORD}|{_SOME})\b")
"""A prompt that opens with what leaves the answer free asks for nothing else."""


@lru_cache(maxsize=4096)
def rewording(prompt: str) -> bool:
    """Whether a prompt asks for a given text in other words: a summary, a translation, a correction."""
    return bool(_REWORDING.search(prompt.lower()))


def asks_for_code(prompt: str) -> bool:
    """Whether a prompt asks for a program."""
    return bool(_CODE.search(prompt.lower()))


@lru_cache(maxsize=1024)
def options(prompt: str) -> dict[str, str]:
    """The lettered options of a prompt, with their texts; empty without at least A and B.

    Args:
        prompt: as written, the options on lines of their own or in one line.
    """
    matches = list(_OPTIONS.finditer(prompt))
    found: dict[str, str] = {}
    for place, match in enumerate(matches):
        if match[1] != chr(ord("A") + len(found)):
            if match[1] == "A":
                found = {}
            else:
                continue
        end = matches[place + 1].start() if place + 1 < len(matches) else len(prompt)
        found[match[1]] = prompt[match.end() : end].split("\n", maxsplit=1)[0].strip(" ,;.")
    return found if len(found) > 1 else {}


def is_label(answer: str) -> bool:
    """Whether an answer is a label: a few words and no sentence, as in "card_arrival" or "World news".

    Args:
        answer: as written.
    """
    text = answer.strip().rstrip(".")
    words = text.split()
    return 0 < len(words) <= LABEL_WORDS and len(text) <= LABEL_LETTERS and not _SENTENCE_MARKS.search(text)
