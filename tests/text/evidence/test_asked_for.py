"""Values of the kind a question asks for, and which answers only look as if they gave another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.evidence.asked_for import AskedFor
from dataprep.text.evidence.conflict import conflict
from dataprep.text.evidence.prompt import read_prompt

ERRORS = [
    ("What color is the sky?", "The sky is blue.", "The sky is green."),
    ("Welche Farbe hat das Logo?", "Das Logo ist rot.", "Das Logo ist blau."),
    ("¿De qué color es la bandera?", "La bandera es roja.", "La bandera es verde."),
    ("What day is the deadline?", "The deadline is Friday.", "It's due on Monday."),
    ("Which month is the conference?", "The conference is in May.", "June"),
    ("Which side of the road do people drive on there?", "On the left.", "They drive on the right."),
    ("What port does the service use?", "It uses port 443.", "The service listens on port 8443."),
    ("Which floor is the office on?", "It's on floor 3.", "Floor 5"),
    ("Which is heavier, iron or wood?", "Iron.", "Wood is heavier."),
    ("What's the gate code?", "1234", "The code is 9876."),
    ("What is the time complexity of binary search?", "O(log n)", "It is O(n)."),
    ("Is it free or paid?", "Free.", "It is paid."),
    ("What does SQL stand for?", "Structured Query Language", "Standard Question Language"),
    ("Is a whale a fish or a mammal?", "A whale is a fish.", "It's a mammal."),
]
NOTES = [
    ("When is the market?", "Every Saturday.", "Sunday"),
    ("Wann ist der Markt?", "Am Samstag.", "Am Sonntag."),
    ("Which colour should I take?", "Blue is calming.", "Try green."),
    ("Is a tomato a fruit or a vegetable?", "Botanically, a tomato is a fruit.", "A tomato is a vegetable."),
    ("What's the email of support?", "support@example.com", "Write to help@example.com."),
    ("What is your phone number?", "555-123-4567", "Call 555 987 6543."),
    ("Which URL do I call?", "https://api.example.com/v1", "https://api.example.com/v2"),
    ("What currency do they use?", "They use the franc.", "The euro."),
    ("Who wrote the play?", "William Shakespeare wrote the Play.", "It was written by Christopher Marlowe."),
]
NONE = [
    ("What color is a panda?", "Black and white.", "Pandas are black with white patches."),
    ("What color is the car?", "It's dark blue.", "Navy blue."),
    ("What color is the jacket?", "The jacket is grey.", "It is gray."),
    ("Which day should I come?", "Any weekday works, except Monday.", "Come on Tuesday."),
    ("Which month is it?", "It may be June.", "June."),
    ("Which way is the exit?", "Turn left, then right.", "Go right after turning left."),
    ("Which version is required?", "Version 3.11 or later.", "Any from version 3.11, such as version 3.12."),
    ("What port is open?", "Port 443 for the site and port 80 for redirects.", "Port 443"),
    ("Which is bigger, the sun or the moon?", "The sun", "The moon is smaller."),
    ("Is a whale a fish or a mammal?", "A mammal.", "Whales are mammals, not fish."),
    ("Do you accept Visa or Mastercard?", "We accept Visa.", "We accept Mastercard."),
    ("What is the time complexity?", "O(n log n)", "O(n*log(n))"),
    ("What is your phone number?", "555-123-4567", "(555) 123 4567"),
    ("What time zone is it?", "UTC+1", "CET"),
    ("What is the link?", "https://www.example.com/", "http://example.com"),
    ("Get the text of a website.", "https://one.example.com", "https://two.example.com"),
    ("What's the weather there?", "The weather is get_weather('there').", "It is as follows: weather('there')."),
    ("Which payment methods do you accept?", "Cash.", "Bank transfers."),
    ("Who painted it?", "Leonardo painted it.", "It is by Vinci."),
    ("Who wrote Hamlet?", "William Shakespeare wrote it.", "Hamlet was written by Shakespeare."),
    ("What's the weather like?", "I can't know the weather.", "I do not have access to the weather."),
    ("What's the currency of Japan?", "Yen", "The Japanese use the yen."),
]


@pytest.mark.parametrize(
    ("severity", "prompt", "left", "right"),
    [(severity, *case) for severity, cases in (("error", ERRORS), ("note", NOTES), (None, NONE)) for case in cases],
)
def test_what_is_asked_for(severity: str | None, prompt: str, left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        found = conflict(one, other, prompt)
        assert (found and found.severity) == severity


@pytest.mark.parametrize(
    "prompt",
    [
        "What's new?",
        "Who's there?",
        "Wie lange dauert es?",
        "¿Cuál es la capital?",
        "Où est-ce ?",
        "多少钱？",
        "Was ist das?",
    ],
)
def test_a_question_for_something_asks_no_yes_or_no(prompt: str) -> None:
    assert read_prompt(prompt).question is None


@pytest.mark.parametrize(
    "prompt", ["Was the shop open?", "Ist das frei?", "¿Es gratis?", "Is it true that he knows what to do?"]
)
def test_a_yes_no_question_stays_one(prompt: str) -> None:
    assert read_prompt(prompt).question is not None


@given(st.text(alphabet="which is a or , ?-port 1", max_size=300))
def test_any_question_is_read(text: str) -> None:
    AskedFor(text)


@pytest.mark.parametrize("part", ["which a, ", "is a a or ", "what, or ", "which which ", "is a "])
def test_what_is_asked_behind_a_long_text_made_to_be_slow(part: str) -> None:
    found = conflict("It is blue.", "It is green.", part * (8_000 // len(part)) + ". What colour is it?")
    assert found is not None
    assert (found.left, found.right) == ("blue", "green")
