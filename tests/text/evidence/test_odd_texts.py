"""Texts nobody foresaw: whatever an answer is made of, reading it raises nothing."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataprep.text.evidence.claims import claim_of
from dataprep.text.evidence.conflict import conflict
from dataprep.text.evidence.dates import dates
from dataprep.text.evidence.final_answer import final_answer
from dataprep.text.evidence.quantities import quantities
from dataprep.text.evidence.same_question import Exchange, Weights, ask_the_same

ENDLESS = "9" * 5_000
PIECES = (
    *"0 1 2 5 12 24 30 1999 2024 1,000 3,50 .5 -7 −3 +4 ⁻ ⁰ ² ⁵ ⁹ ⁻⁻ ½ ٣ １２ ३ Ⅳ".split(),
    *"- − – . , : ; / ^ { } ( ) = + * × x 10 × 10^ × 10⁻ e E ! ? % ％ °C $ € £ US$ USD UſD R$".split(),
    *"\\ < > << >> # _ ~ ≈ | st nd th pm a.m. year km kg per a an the every each other half dozen hundred".split(),
    *"day days mınutes ſeconds week hour month mİllion Auguſt May Aprıl January DECEMBER mai août 年 月 日".split(),
    *"noon mıdnight mİdday daıly twıce once times hourly yes no not never only same than more less free".split(),
    *"and or to between about up more than at least How long many much When Is it who what name which".split(),
    *"#### \\boxed{ \\frac{ -\\frac{-1}{2} answer: A: is option (B) returns print( ``` ``` return True 'a'".split(),
    *("Mr.", "class", "label", "rephrase", "write", "\n", "\t", "\u00a0", "\u2028", "’", "“", "İ", "ß", "ﬁ"),
    *("最高", "东", "ไทย", "\0", "é", ENDLESS),
)
PIECE = st.one_of(st.sampled_from(PIECES), st.text(max_size=3))
TEXT = st.tuples(st.lists(PIECE, max_size=14), st.sampled_from(["", " "])).map(lambda made: made[1].join(made[0]))


def differ(left: str, right: str) -> object:
    return left != right


@given(TEXT, TEXT, st.one_of(st.just(""), TEXT))
@settings(max_examples=400, deadline=None)
def test_nothing_raises(left: str, right: str, prompt: str) -> None:
    conflict(left, right, prompt)
    claim_of(left, prompt)
    exchanges = Exchange(prompt, left), Exchange(right, prompt)
    ask_the_same(*exchanges, Weights(exchanges), differ)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("About 5 × 10⁻ m", [5.0, 10.0]),
        ("It is 5 × 10⁻⁻ m.", [5.0, 10.0]),
        ("It is 5 × 10⁻² m.", [0.05]),
        ("UſD 5", [5.0]),
        ("noon and mıdnight", [12.0, 0.0]),
        ("in a day, in a mınute", [1.0, 1 / 1440]),
        (f"It takes {ENDLESS} days.", []),
    ],
)
def test_quantities_of_odd_texts(text: str, values: list[float]) -> None:
    assert [item.low for item in quantities(text)] == pytest.approx(values)


def test_a_month_with_an_odd_letter_is_that_month() -> None:
    assert [date.iso for date in dates("May 3 to Auguſt 5")] == ["--05-03", "--08-05"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"\boxed{-\frac{-3}{4}}", 0.75),
        (r"\boxed{-\frac{3}{4}}", -0.75),
        ("#### 2 1/2", 2.5),
        ("#### 5 x 10^-2", 0.05),
    ],
)
def test_signs_and_fractions_of_conclusions(text: str, value: float) -> None:
    found = final_answer(text)
    assert found is not None
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize("said", [f"5e{ENDLESS}", f"1 {ENDLESS}/{ENDLESS}", ENDLESS, f"{ENDLESS}/{ENDLESS}"])
def test_what_no_number_can_hold_contradicts_itself_nowhere(said: str) -> None:
    answer = rf"So it is \boxed{{{said}}}"
    final_answer(answer)
    assert conflict(answer, f"Indeed: {answer}.", "What is it?") is None


SPACES = " " * 9_000


@pytest.mark.parametrize(
    "answer",
    [
        rf"\boxed{{about{SPACES}nothing}}",
        f"The answer is{SPACES}{'x' * 300}",
        f"The answer to{SPACES}{'x' * 300}",
        "答案是" + "\n" * 9_000 + ".",
        rf"\boxed{{a{'!' * 9_000}a}}",
        rf"\boxed{{5^{SPACES}\degrees}}",
        rf"\boxed{{5 x 10{SPACES}y}}",
        f"It is 5 x 10^{SPACES}y",
        f"return 5{SPACES}x",
        f"It is 5 x{SPACES}y",
        f"Take {'- ' * 4_500}5 days.",
        "1," * 4_500,
        "one hundred " * 700,
        "!" * 9_000,
    ],
)
def test_a_long_run_of_one_mark_takes_no_time(answer: str) -> None:
    started = process_time()
    conflict(answer, "It is 7 days.", "What is the output? How long is it?")
    claim_of(answer, "What is it?")
    assert process_time() - started < 1
