"""Evidence that two answers to one question exclude each other; a difference alone is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataprep.text.evidence.claims import claim_of
from dataprep.text.evidence.conflict import conflict

if TYPE_CHECKING:
    from pathlib import Path

CONFLICTS = [
    ("yes-no", "Yes.", "No."),
    ("yes-no", "Yes, you can return it.", "No, you cannot."),
    ("yes-no", "True", "False"),
    ("yes-no", "Yes, we ship there.", "We do not ship there."),
    ("quantity", "14 days", "30 days"),
    ("quantity", "You have 14 days to return an item.", "You can return an item within 30 days."),
    ("quantity", "Refunds take 5 to 7 days.", "Refunds take 30 days."),
    ("quantity", "Shipping costs $5.", "Shipping costs $10."),
    ("quantity", "You get 10% off.", "You get 20% off."),
    ("quantity", "We open at 9 am.", "We open at 11 am."),
    ("final-answer", "3 + 4 = 7\n#### 7", "3 + 5 = 8\n#### 8"),
    ("quantity", "100", "1000"),
    ("quantity", "It takes 5 to 7 days.", "It takes two weeks."),
    ("quantity", "It costs $15.", "It costs 20 dollars."),
    ("negation", "Gift cards are not refundable.", "Gift cards can be refunded."),
    ("negation", "We ship to Canada.", "We do not ship to Canada."),
    ("negation", "Refunds are available.", "Refunds are not available."),
    ("opposite", "Registration is optional.", "Registration is mandatory."),
    ("opposite", "Shipping is free.", "Shipping is paid."),
    ("opposite", "The store is open on Sunday.", "The store is closed on Sunday."),
    ("opposite", "Prices rise in May.", "Prices fall in May."),
    ("opposite", "It is safe to drink.", "It is unsafe to drink."),
]
NONE = [
    ("", ""),
    ("Yes", ""),
    ("Yes.", "Yes, of course you can."),
    ("Paris", "London"),
    ("A 2-year warranty.", "You get 24 months of warranty."),
    ("Orders above $50 ship for free.", "Spend more than 50 dollars and shipping is free."),
    ("Up to six people can use one family plan.", "A family plan covers up to 6 members."),
    ("1. Log in.\n2. Click on orders.", "1. Log in.\n2. Go to orders.\n3. Click on it."),
    ("You can order without any issues.", "You can easily order there."),
    ("There is no fee.", "It is free of charge."),
    ("Red, green and blue.", "Blue, red and green."),
    ("Paris is the capital.", "The capital is Paris."),
    ("The warranty is 2 years.", "The warranty lasts 24 months."),
    ("two weeks", "14 days"),
    ("Shipping costs $5.", "Shipping costs 5 dollars."),
    ("Refunds take 5 to 7 days.", "Refunds take 5-7 business days."),
    ("1. Open the settings.\n2. Press reset.", "1. Open the settings.\n3. Press reset."),
    ("Don't worry, your order is on its way.", "Your order is on its way."),
    ("No problem, we will refund it.", "We will refund it."),
    ("3 + 4 = 7\n#### 7", "4 + 3 gives 7. The answer is 7"),
    ("Press reset. Then wait.", "Then wait, and press reset, as the manual says on its first page."),
    ("It costs 5 euros.", "It costs 5 euros and arrives within 3 days."),
]


@pytest.mark.parametrize(("kind", "left", "right"), CONFLICTS)
def test_evidence_is_found_from_either_side(kind: str, left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        found = conflict(one, other)
        assert found is not None
        assert found.kind == kind
        assert found.left != found.right


@pytest.mark.parametrize(("left", "right"), NONE)
def test_wording_order_and_length_are_no_evidence(left: str, right: str) -> None:
    assert conflict(left, right) is None
    assert conflict(right, left) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Refunds take 5 to 7 days.", "Refunds take about 6 days."),
        ("It costs 1.5 million dollars.", "It costs 1,500,000 dollars."),
        ("Deliveries take 3 days.", "Returns are accepted for 30 days."),
        ("0.5", "1/2"),
        ("1/3", "0.33"),
        ("$1.5k", "$1,500"),
        ("1.609 km", "1.61 km"),
        ("We are open 24/7.", "We are open all day, every day."),
    ],
)
def test_quantities_that_agree_or_measure_other_things_are_no_evidence(left: str, right: str) -> None:
    assert conflict(left, right) is None
    assert conflict(right, left) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("40 + 2\n#### 42", "40 + 3\n#### 43"),
        ("The answer is 100", "The answer is 101"),
        ("Shipping costs $100.", "Shipping costs $102."),
        ("We open at 10:30.", "We open at 10:45."),
        ("We close at 10 am.", "We close at 10 pm."),
        ("It costs 5€.", "It costs 10€."),
    ],
)
def test_values_that_are_close_but_not_the_same_are_evidence(left: str, right: str) -> None:
    assert conflict(left, right) is not None
    assert conflict(right, left) is not None


ASKED = [
    # (prompt, an answer, another, kind, severity)
    ("How long is the free trial?", "It runs for 14 days.", "You can try it for one month.", "quantity", "error"),
    ("What is the late fee?", "The late fee is $25.", "You will be charged 40 dollars.", "quantity", "error"),
    ("Is there a fee?", "There is no fee.", "A fee of $15 applies.", "yes-no", "error"),
    ("How much is breakfast?", "Breakfast is free.", "Breakfast costs $12.", "quantity", "error"),
    ("How many planets are there?", "There are eight.", "The solar system has 9 planets.", "quantity", "error"),
    ("What are your hours?", "Open 9 am to 6 pm.", "Open 24 hours a day.", "quantity", "error"),
    ("How often do I pay?", "You are billed monthly.", "Billing happens once a year.", "quantity", "error"),
    ("When did the war end?", "It ended in 1945.", "It ended in 1944.", "date", "error"),
    ("Which is a mammal?\nA) Shark\nB) Dolphin", "B", "A) Shark", "option", "error"),
    ("Which is a mammal?\nA) Shark\nB) Dolphin", "A dolphin is a mammal.", "The answer is A.", "option", "error"),
    ("What does this print? print(2 ** 3)", "It prints 8.", "6", "code-result", "error"),
    ("What does it return?", "def f():\n    return 42", "def f():\n    return 41", "code-result", "error"),
    ("What is 7 x 8?", "7 x 8 = 56", "54", "final-answer", "error"),
    ("A shirt costs $20, less 25%. Its price?", "20 - 5 = 15", "It costs $16.", "final-answer", "error"),
    ("Solve it.", r"\boxed{x+1}", r"\boxed{x+2}", "final-answer", "note"),
    ("Is the sentiment positive or negative?", "positive", "Negative", "label", "error"),
    ("Name of the intent?", "card_arrival", "lost_card", "label", "error"),
    ("What is the capital of Australia?", "Canberra", "Sydney", "value", "error"),
    ("What is the capital of Australia?", "The capital is Canberra.", "Its capital is Sydney.", "value", "note"),
    ("Where is your office?", "Our office is in Berlin.", "Our office is in Munich.", "value", "note"),
    ("Which cards do you take?", "We only accept bank transfers.", "We accept Visa.", "exclusive", "error"),
    ("Is it on Android?", "It is available on iOS and Android.", "It is only available on iOS.", "exclusive", "error"),
    ("What is the refund policy?", "We do not give refunds.", "You get a refund.", "negation", "error"),
    ("Do all plans include support?", "All plans include support.", "None of the plans include support.", "", "error"),
    ("Can penguins fly?", "Penguins can fly.", "Penguins are unable to fly.", "yes-no", "error"),
    ("Is it safe to eat?", "It is generally safe to eat.", "It is dangerous to eat.", "yes-no", "error"),
    ("Is it covered?", "Yes, if it is necessary.", "No, unless it is necessary.", "yes-no", "note"),
    ("Is it covered?", "Yes, if it is necessary.", "No, not if it is necessary.", "yes-no", "error"),
    ("May I take it?", "Yes, unless the train is full.", "No, not when the train is full.", "yes-no", "note"),
    ("Do you ship?", "Yes. If you have questions, call us.", "No. When in doubt, mail us.", "yes-no", "error"),
    ("Can I return it?", "Yes, if you have the receipt.", "No, all sales are final.", "yes-no", "error"),
    ("Is Python compiled?", "Python is interpreted.", "Python is not compiled.", "yes-no", "note"),
    ("Kann ich umtauschen?", "Ja, innerhalb von 14 Tagen.", "Nein, das geht nicht.", "yes-no", "error"),
    ("可以退货吗？", "可以，14天内可以退货。", "不可以退货。", "", "error"),
    ("退款需要多久？", "退款需要7天。", "退款需要30天。", "quantity", "error"),
    ("What is the capital of Australia?", "Canberra", "Sydney is the capital.", "value", "error"),
    ("Which planet is the largest?", "Jupiter", "The largest planet is Saturn.", "value", "error"),
    ("Who is the CEO of Acme?", "Jane Doe", "The CEO of Acme is John Smith.", "value", "note"),
    ("When did the war end?", "1945", "In 1944.", "date", "error"),
    ("What did the company raise?", "$5m", "$6 million", "quantity", "error"),
    ("How hot should the oven be?", "180°C", "300°F", "quantity", "error"),
    ("How far is it?", "5 km", "8 miles", "quantity", "error"),
    ("Solve 3x = 1 for x.", "x = 1/3", "x = 1/2", "final-answer", "error"),
    ("What is the output?", "[1, 2, 3]", "[3, 2, 1]", "code-result", "error"),
    ("What is the sentiment?", "Positive", "The sentiment is negative.", "label", "error"),
    ("Which is bigger?", "The cat is bigger than the dog.", "The dog is bigger than the cat.", "opposite", "error"),
    ("What is the limit?", "60 requests per minute", "2 requests per second", "quantity", "error"),
    ("How tall is the mountain?", "8,848 m", "8,611.5 m", "quantity", "error"),
]


@pytest.mark.parametrize(("prompt", "left", "right", "kind", "severity"), ASKED)
def test_the_question_decides_which_differences_matter(
    prompt: str, left: str, right: str, kind: str, severity: str
) -> None:
    for one, other in ((left, right), (right, left)):
        found = conflict(one, other, prompt)
        assert found is not None
        assert found.kind == kind or not kind
        assert found.severity == severity


AGREEING = [
    ("Write a poem.", "The sea is calm.", "The sea is not calm."),
    ("Give me three tips.", "1. Go to bed at 10 pm.", "1. Go to bed at 11 pm."),
    ("Name a fruit.", "Apple", "Banana"),
    ("List some capitals.", "Paris, Rome, Madrid", "Berlin, Vienna"),
    ("Rephrase it: he goes.", "He is going.", "He is not staying."),
    ("What is the capital?", "Canberra", "The capital of Australia is Canberra."),
    ("Who wrote it?", "William Shakespeare", "Shakespeare"),
    ("What is the boiling point?", "100 degrees Celsius", "212 °F"),
    ("How much is it?", "It costs $10 a month.", "It is $120 per year."),
    ("How long does it take?", "It takes 3 to 5 days.", "It takes about 4 days."),
    ("What are the hours?", "We open at 9 am.", "We close at 5 pm."),
    ("Is there a fee?", "There is no fee.", "It is free of charge."),
    ("Is it required?", "It is optional.", "No, you may leave it off; it is optional."),
    ("Is smoking allowed?", "Smoking is prohibited.", "You may not smoke here."),
    ("Is it vegan?", "It is not vegan because it contains honey.", "No, it contains honey."),
    ("What is the policy?", "Refunds within 14 days.", "A refund within 14 days; shipping costs are not refunded."),
    ("Can I get a refund of $50?", "Yes, within 14 days.", "A refund of $50 is possible within 14 days."),
    ("Which?\nA) Shark\nB) Dolphin", "Dolphin", "The correct answer is B."),
    ("What is 2 + 2?", "four", "2 + 2 = 4"),
    ("Tom has 5 apples, eats 2. Left?", "5 - 2 = 3\n#### 3", "He has 3 apples left."),
    ("Explain it.", "Plants make sugar.", "They convert light; this does not happen at night."),
    ("How do I pay?", "You only need to click.", "Click the button and enter your card."),
    ("Can you help me?", "Certainly! What is it?", "I'm sorry, I cannot find your order."),
    ("Solve 2x = 1 for x.", "x = 1/2", "x = 0.5"),
    ("How many are there?", "1e3", "1000"),
    ("How much did it cost?", "$1.5M", "$1,500,000"),
    ("What is the GDP?", "$2tn", "$2,000,000,000,000"),
    ("What is the boiling point of water?", "100°C", "212°F"),
    ("How hot should the oven be?", "180°C", "350°F"),
    ("How far is it?", "5 km", "3 miles"),
    ("Which planet is the largest?", "Jupiter", "The largest planet is Jupiter."),
    ("When did the war end?", "1945", "September 2, 1945"),
    ("Who painted it?", "Leonardo", "It was painted by da Vinci."),
    ("What is the output?", "[1, 2, 3]", "`[1,2,3]`"),
    ("What is the sentiment?", "Positive", "The sentiment is not negative."),
    ("Which is bigger?", "The cat is bigger than the dog.", "Than the dog, the cat is bigger."),
    ("What is the limit?", "60 requests per minute", "1 request per second"),
    ("How tall is the mountain?", "8,848 m", "8848.86 meters"),
]


@pytest.mark.parametrize(("prompt", "left", "right"), AGREEING)
def test_answers_that_can_both_be_right(prompt: str, left: str, right: str) -> None:
    assert conflict(left, right, prompt) is None
    assert conflict(right, left, prompt) is None


def test_long_answers_that_mention_much_in_passing_are_no_errors() -> None:
    padding = " ".join(f"Please see page {chr(97 + n)} of the guide for more about this step." for n in range(12))
    left = f"Accounts can be closed. {padding}"
    right = f"{padding} Free accounts can not be closed."
    found = conflict(left, right, "Tell me about accounts")
    assert found is None or found.severity == "note"


@pytest.mark.parametrize(
    "text",
    ["\n" * 20_000, "answer is " * 5_000, "a" * 50_000 + "@", "\\boxed{" * 5_000, "in 1999 " * 5_000, "no " * 20_000],
)
def test_texts_made_to_be_slow_are_not(text: str) -> None:
    assert conflict(text + " a", text + " b", text) is None or text.strip()
    claim_of(text, text)


def test_the_words_of_a_conflict_are_those_of_the_answers() -> None:
    found = conflict("Refunds take 5 to 7 days.", "Refunds take 30 days.")
    assert found is not None
    assert found.describe() == "5 to 7 days vs 30 days"
    assert found.swapped().describe() == "30 days vs 5 to 7 days"
    assert found.swapped().swapped() == found


ANSWERS = st.lists(
    st.sampled_from(
        "yes no not never we you can cannot refund refunds return returned returns order orders ship 3 14 30 days "
        "weeks $5 $10 10% free paid open closed always . , ! safe unsafe the a is are".split()
    ),
    max_size=12,
).map(" ".join)


PROMPTS = st.sampled_from(["", "Can you return it?", "How long does it take?", "Write a poem", "What is the price?"])


@given(ANSWERS, ANSWERS, PROMPTS)
@example("returned", "returned never returns", "")
@example("days returns return", "never returns", "")
def test_a_conflict_has_no_direction(left: str, right: str, prompt: str) -> None:
    here, there = conflict(left, right, prompt), conflict(right, left, prompt)
    assert (here is None) == (there is None)
    assert here is None or there is None or here.severity == there.severity


@given(ANSWERS, PROMPTS)
def test_nothing_conflicts_with_itself(text: str, prompt: str) -> None:
    assert conflict(text, text, prompt) is None
    assert conflict(text, text.upper(), prompt) is None


@given(ANSWERS, ANSWERS, PROMPTS)
def test_the_evidence_stands_where_its_spans_say(left: str, right: str, prompt: str) -> None:
    found = conflict(left, right, prompt)
    if found is not None:
        for text, (start, end), words in ((left, found.left_span, found.left), (right, found.right_span, found.right)):
            assert 0 <= start < end <= len(text)
            assert " ".join(text[start:end].split()).startswith(words.removesuffix("…"))


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=40))
def test_any_texts_can_be_compared(left: str, right: str, prompt: str) -> None:
    assert (conflict(left, right, prompt) is None) == (conflict(right, left, prompt) is None)


@pytest.mark.parametrize("kind", ["same_prompt", "paraphrased_prompt"])
def test_the_planted_pairs(shared: Path, kind: str) -> None:
    path = shared / "contradiction_planted" / "pairs.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found = {"contradiction": 0, "consistent": 0}
    for pair in pairs:
        if pair["kind"] == kind:
            found[pair["label"]] += conflict(pair["answer_a"], pair["answer_b"], pair["prompt_b"]) is not None
    assert found["contradiction"] >= 14
    assert found["consistent"] == 0
