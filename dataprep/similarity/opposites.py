"""Words of which one for another turns a statement around or measures something else: closed classes."""

from __future__ import annotations

from typing import Final

PREFIXES: Final = frozenset(
    "ab ad an anti auf aus brady counter de dis down ein ent en ex hyper hypo il im in inter intra ir "
    "mis non out over post pre re sub super tachy un under up ver zu".split()
)
"""Beginnings that turn a word into its opposite or another matter: increase and decrease, ein- and ausschalten."""

_SIDES: Final = frozenset(["l", "r"])
"""Left and right, in names of functions: lstrip, rstrip."""

PAIRS: Final = frozenset(
    frozenset(pair.split())
    for pair in (
        "true false|yes no|asc desc|ascending descending|north south|northern southern|east west|"
        "eastern western|left right|up down|upper lower|top bottom|first last|before after|above below|"
        "over under|more less|more fewer|most least|min max|minimum maximum|increase decrease|"
        "increases decreases|increased decreased|rise fall|rises falls|high low|higher lower|highest lowest|"
        "large small|larger smaller|largest smallest|big small|bigger smaller|long short|longer shorter|"
        "hot cold|warm cold|open closed|open close|opens closes|on off|in out|into from|inside outside|"
        "buy sell|buyer seller|buys sells|landlord tenant|lender borrower|employer employee|push pull|"
        "start end|begin end|win lose|wins loses|male female|men women|man woman|brother sister|"
        "mother father|son daughter|husband wife|boy girl|morning evening|day night|today tomorrow|"
        "yesterday tomorrow|summer winter|spring autumn|old new|old young|good bad|better worse|best worst|"
        "right wrong|correct wrong|always never|all none|with without|safe dangerous|allowed forbidden|"
        "required optional|mandatory optional|include exclude|includes excludes|included excluded|"
        "accept reject|accepts rejects|accepted rejected|positive negative|credit debit|plus minus|"
        "add subtract|add remove|multiply divide|odd even|black white|wet dry|strong weak|stronger weaker|"
        "early late|earlier later|public private|input output|read write|head tail|source target|"
        "sender receiver|send receive|upload download|encode decode|encrypt decrypt|inlet outlet|"
        "faster slower|fast slow|easy difficult|easier harder|heavy light|heavier lighter|rich poor|"
        "acidic alkaline|convex concave|spam ham|lend borrow|arrive depart|arrival departure|"
        "deposit withdrawal|profit loss|supply demand|vertical horizontal|internal external|static dynamic|"
        "synchronous asynchronous|manual automatic|online offline|permanent temporary|active passive|"
        "major minor|absolute relative|plaintiff defendant"
    ).split("|")
)
"""Words that are opposites of each other."""

UNITS: Final = frozenset(
    "ms millisecond second minute hour day week month quarter year decade century µg mcg mg g kg gram "
    "kilogram milligram tonne oz ounce lb pound µl ml cl dl l litre liter millilitre milliliter gallon "
    "pint cup teaspoon tablespoon mm cm m km metre meter kilometre kilometer centimetre centimeter "
    "millimetre millimeter inch foot feet yard mile w kw mw gw kwh mwh watt kilowatt megawatt hz khz mhz "
    "ghz kb mb gb tb kib mib gib byte bit kilobyte megabyte gigabyte terabyte celsius fahrenheit kelvin "
    "dollar euro cent franc yen yuan rupee usd eur gbp chf jpy percent mph kph knot bar psi pascal volt "
    "ampere ohm joule calorie kcal sekunde stunde tag woche monat jahr heure jour semaine mois hora día "
    "semana mes año".split()
)
"""Units of measure, in the singular."""


def are_opposites(left: str, right: str) -> bool:
    """Whether two words, case folded, are opposites by themselves or by how they begin."""
    if frozenset((left, right)) in PAIRS:
        return True
    stem, fewest = 0, min(len(left), len(right))
    while stem < fewest and left[-1 - stem] == right[-1 - stem]:
        stem += 1
    heads = {left[: len(left) - stem], right[: len(right) - stem]}
    needed = 4 if "" in heads else 3
    return stem >= needed and len(heads) == 2 and (heads <= PREFIXES | {""} or heads == _SIDES)


def are_units(left: str, right: str) -> bool:
    """Whether two words, case folded, are different units of measure."""
    a, b = (word.removesuffix("s") if word.removesuffix("s") in UNITS else word for word in (left, right))
    return a != b and a in UNITS and b in UNITS
