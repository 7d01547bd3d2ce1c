"""The search for rewordings as it is defined, without hashes, indexes or compiled loops."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from dataprep.similarity.features import _NAMED, KEPT, LENGTH

Key = tuple[str | int, ...]
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_ALONE}]|[^\s{_ALONE}]+")
_SIGNS = "".join(chr(code) for code in range(33, 128) if not chr(code).isalnum()) + "¢£¤¥€₹"
WORD, SMALL, NUMBER, PAIR = range(4)


def number_in(token: str) -> str | None:
    """The number that a token is, in digits."""
    if token in _NAMED:
        return _NAMED[token]
    bare = token.strip(_SIGNS)
    return bare if bare and bare[0] in "0123456789" else None


def kind_of(number: str) -> int:
    """Small numbers are often written as words."""
    is_small = "/" in number or (number.isascii() and number.isdigit() and len(number) <= 2 and int(number) <= 12)
    return SMALL if is_small else NUMBER


def features(text: str) -> set[tuple[int, Key]]:
    """Kinds and keys, equal ones numbered."""
    found: list[tuple[int, Key]] = []
    numbers: list[str] = []
    alone = None
    for token in _TOKEN.findall(text):
        number = number_in(token)
        if number is not None:
            found.append((kind_of(number), ("number", number)))
            numbers.append(number)
            alone = None
            continue
        found.append((WORD, ("word", token[:5])))
        single = re.fullmatch(f"[{_ALONE}]", token) is not None
        if single and alone:
            found.append((WORD, ("gram", alone, token)))
        alone = token if single else None
    found += [(PAIR, ("pair", *pair)) for pair in pairwise(numbers)]
    seen = Counter[tuple[int, Key]]()
    result = set()
    for kind, key in found:
        result.add((kind, (*key, seen[kind, key])))
        seen[kind, key] += 1
    return result


class Plain:
    """Scores of texts of which the frequencies of features are known."""

    def __init__(self, known: Sequence[str]) -> None:
        self.count = len(known)
        self.often = Counter(feature for text in known for feature in features(text))

    def weights(self, feature: tuple[int, Key]) -> tuple[float, float]:
        """Gain and loss."""
        chance = min((max(self.often[feature] - 1, 0) + 0.5) / max(self.count, 1), 0.9)
        kept = KEPT[feature[0]]
        if chance >= kept:
            return 0.0, 0.0
        return math.log(kept / chance), math.log((1 - kept) / (1 - chance))

    def score(self, left: str, right: str) -> float | None:
        """The score, None where nothing that weighs is shared."""
        a, b = features(left), features(right)
        shared = sum(gain - loss for gain, loss in map(self.weights, a & b))
        if shared <= 0:
            return None
        total = 0.0
        for side in (a, b):
            gain = sum(self.weights(feature)[0] for feature in side)
            loss = sum(self.weights(feature)[1] for feature in side)
            total += (loss + shared) / gain**LENGTH
        return total
