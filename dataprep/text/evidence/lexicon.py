"""Words of grammar, denial and opposition: closed classes, so that short lists go far.

English in full; the commonest of German, French, Spanish, Portuguese, Russian and Chinese beside it.
"""

from __future__ import annotations

from typing import Final

STOP: Final = frozenset(
    "the a an of in on at to for and or is are was were be been being by with from as that this these those it its "
    "your our their my his her we you they he she i me us them him if when then than but can may will would should "
    "could might must shall do does did doing done has have had having there here what which who whom whose where how "
    "why yes please also just very any all some such so into about out up while during within only own same too let "
    "like get gets got one more most much many other another both each every either "
    "not no nor never none cannot neither without nothing nobody cant dont doesnt didnt isnt arent wasnt werent wont "
    "couldnt shouldnt "
    "der die das den dem des ein eine einen einem und oder ist sind war waren mit von zu im am auf für sie wir ich es "
    "kann können wird werden nicht kein keine nie ja nein "
    "le la les un une des du de et ou est sont dans sur pour avec par vous nous il elle que qui ce cette ne pas non "
    "oui jamais el los las una y o es son en con por para se su lo del al no sí si nunca "
    "os uma e são com não sim и в не на что это с по как да нет "
    "的 了 是 在 有 我 你 他 她 它 们 这 那 和 与 也 都 就 而 及 或 个 吗 呢 吧 啊 可 以 会 能 要 将 被 把 对 从 "
    "到 为 于 您 请 不 没 无 非 未".split()
)
"""Words that say nothing about what a sentence speaks of."""

FORMS: Final = {
    form: word
    for word, *forms in (
        line.split()
        for line in (
            "sell sold|find found|hold held|lead led|win won|write wrote written|take took taken|give gave given|"
            "know knew known|see saw seen|become became|begin began begun|build built|come came|draw drew drawn|"
            "drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feel felt|fight fought|"
            "fly flew flown flight|grow grew grown|hear heard|keep kept|leave left|lose lost|make made making|"
            "mean meant|"
            "meet met|pay paid|run ran|say said|send sent|sing sang sung|sit sat|sleep slept|speak spoke spoken|"
            "spend spent|stand stood|steal stole stolen|swim swam swum|teach taught|tell told|think thought|"
            "throw threw thrown|understand understood|wear wore worn|buy bought|bring brought|catch caught|"
            "choose chose chosen|break broke broken|go went gone|bear born borne|die dead death|survive survival|"
            "live life lives|child children|man men|woman women|person people|foot feet|tooth teeth|mouse mice|"
            "good better best|bad worse worst|far further|use used using|rise rose risen|arise arose|"
            "freeze froze frozen|forget forgot forgotten|hide hid hidden|ride rode ridden|shake shook shaken|"
            "need required require requires requirement necessary|shoot shot|sink sank sunk|strike struck|"
            "tear tore torn|wake woke woken|grey gray|colour color|centre center|licence license|programme program|"
            "register registration registrations"
        ).split("|")
    )
    for form in forms
}
"""Irregular forms and the word they belong to."""

WHOLE: Final = frozenset(["optional", "international", "universal", "university", "organ", "general", "experience"])
"""Words that are other words than their stems are."""

NUMBER_OF_WORDS: Final = 4
"""Words behind a negation within which what it denies must begin."""

YES: Final = frozenset(
    "yes yeah yep yup true correct right ja jawohl oui sí si sì sim да tak evet 是 是的 对 对的 可以 能 会 行 有 有的 "
    "はい ええ 네 예 نعم أجل हाँ हां".split()
)
ASSENT: Final = frozenset(["absolutely", "certainly", "definitely", "sure"])
"""Yes to a yes-no question, but mere politeness to a request."""

NO: Final = frozenset(
    "no nope false incorrect wrong nein non não нет nej nee hayır 否 不 不是 不能 不可以 不对 不会 不行 没有 "
    "いいえ いえ 아니요 아니오 아뇨 لا नहीं".split()
)

NEGATIONS: Final = frozenset(
    "not no never none cannot nobody nothing neither nor non cant dont doesnt didnt isnt arent wasnt werent wont "
    "couldnt shouldnt without nicht kein keine keinen nie niemals ne pas jamais nunca não не нет никогда "
    "不 没 无 未".split()
)
CONTRACTIONS: Final = frozenset(
    f"{word}n't"
    for word in "is are was were do does did has have had ca could wo would should must might need ai sha".split()
) | {"n't"}
"""Words that deny what follows them."""

OPPOSITES: Final = tuple(
    (frozenset(a.split()), frozenset(b.split()))
    for a, b in (
        ("optional voluntary", "mandatory required obligatory compulsory must"),
        ("allowed permitted allow allows", "forbidden prohibited banned disallowed forbid forbids prohibit prohibits"),
        ("always", "never"),
        ("increase increases increased rise rises rose", "decrease decreases decreased fall falls fell drop drops"),
        ("true", "false"),
        ("correct", "incorrect"),
        ("possible", "impossible"),
        ("safe", "unsafe dangerous"),
        ("legal lawful", "illegal unlawful"),
        ("open opens", "closed closes"),
        ("enabled enable", "disabled disable"),
        ("free", "paid chargeable"),
        ("included includes include", "excluded excludes exclude separately"),
        ("available", "unavailable"),
        ("accept accepts accepted", "reject rejects rejected refuse refuses refused"),
        ("all every", "none"),
        ("inside indoors", "outside outdoors"),
        ("alive", "dead"),
        ("win wins won", "lose loses lost"),
        ("even", "odd"),
        ("positive", "negative"),
        ("heads", "tails"),
        ("eligible", "ineligible"),
        ("refundable", "nonrefundable"),
        ("valid", "invalid"),
        ("guilty", "innocent"),
        ("empty", "full"),
        ("asleep sleeping sleeps", "awake"),
        ("sitting sits", "standing stands"),
        ("男", "女"),
    )
)
"""Words of which only one can be true of a thing."""
