"""What counts letter by letter, and what does not."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity.verbatim import verbatim_difference

LOOP = "def total(items):\n    result = 0\n    for item in items:\n        result += item\n"
INSIDE, BEHIND = LOOP + "        return result", LOOP + "    return result"


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        (r"Use \w+ to match it.", r"Use \W+ to match it.", "name"),
        (r"It is $\delta x$.", r"It is $\Delta x$.", "name"),
        ("It draws 5 mW.", "It draws 5 MW.", "name"),
        ("About 20MΩ.", "About 20mΩ.", "name"),
        ("Call `Counter` for it.", "Call `counter` for it.", "name"),
        ("```python\nx = Foo()\n```", "```python\nx = foo()\n```", "name"),
        ("var X = 1;\nvar y = X;", "var X = 1;\nvar y = x;", "name"),
        (INSIDE, BEHIND, "order"),
        ("service:\n  name: web\n  port: 80", "service:\n  name: web\nport: 80", "order"),
        ("The integral is -cos(x)+C.", "The integral is cos(x)+C.", "operator"),
        ("The slope is -x everywhere.", "The slope is x everywhere.", "operator"),
        ("It is (-b+sqrt(d))/(2a), of course.", "It is -b+sqrt(d)/(2a), of course.", "operator"),
        (r"\frac{a}{b}+c", r"\frac{a}{b+c}", "operator"),
        ("(2, 5]", "[2, 5)", "operator"),
        ("The interval (2, 5] is half open.", "The interval [2, 5) is half open.", "operator"),
        ("p → q", "p ← q", "operator"),
        ("¬p", "p", "operator"),
        ("rm -rf ./tmp", "rm -rf /tmp", "operator"),
        ("(i + 1) % n", "i + 1 % n", "operator"),
        ("Use chmod a+x for that file.", "Use chmod a-x for that file.", "operator"),
        (r"Match it with \w+.*$ here.", r"Match it with \w*.+$ here.", "operator"),
        ("Delete it with rm -rf ./tmp today.", "Delete it with rm -rf /tmp today.", "operator"),
        ("The list is xs[1:] in Python.", "The list is xs[:1] in Python.", "operator"),
        ("Write `t += x` there.", "Write `t -= x` there.", "operator"),
        ('{"path": "Readme.md"}', '{"path": "README.md"}', "name"),
        ('{"path": "/var/log/app", "deep": true}', '{"path": "var/log/app", "deep": true}', "name"),
        ('{"version": "1.10"}', '{"version": "1.1"}', "name"),
        ('{"from": "EUR", "to": "USD"}', '{"from": "USD", "to": "EUR"}', "name"),
        ('[{"n": 1}, {"n": true}]', '[{"n": 1}, {"n": 1}]', "name"),
        (f"So:\n```python\n{INSIDE}\n```\nDone.", f"So:\n```\n{BEHIND}\n```\nDone.", "order"),
    ],
)
def test_it_is_a_difference_to_what_reads_programs_and_units(left: str, right: str, kind: str) -> None:
    found = verbatim_difference(left, right)
    assert found is not None
    assert found.kind == kind
    assert found.left.strip() in left
    assert found.right.strip() in right
    back = verbatim_difference(right, left)
    assert back is not None
    assert (back.left, back.right) == (found.right, found.left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Where is my ORDER?", "where is my order"),
        ("JavaScript and iPhone", "Javascript and Iphone"),
        ("5 KG, 10 ML and 3 Men", "5 kg, 10 ml and 3 men"),
        ("```sql\nSELECT a FROM t;\n```", "```\nselect a from t;\n```"),
        ("`Foo` or bar", "foo or bar"),
        (INSIDE, INSIDE.replace("    ", "  ")),
        (INSIDE, INSIDE.replace("    ", "\t") + "\n\n"),
        (f"  {INSIDE}", INSIDE),
        ("switch (x) {\n  case 1:\n    f();\n}", "switch (x) {\ncase 1:\n  f();\n}"),
        ("# Add them\nx = f(1);\ny = f(2);", "# add them\nx = f(1);\ny = f(2);"),
        ("If you can keep your head,\nand wait:\nso be it.", "if you can keep your head,\nand wait:\nSo be it."),
        ("**Yes**, it is!", "Yes it is."),
        ("Yes!", "yes"),
        ("(B)", "B"),
        ("1, 2, 3", "1 2 3."),
        ("See [the page](https://a.b/c) now", "See the page now."),
        ("- one well-known word and/or two\n- three", "* One well known word and/or two\n* three."),
        ('He said "hello" (twice), then left.', "He said hello, twice, then left"),
        ("x = 'a'", 'x = "a"'),
        ("```python\ndef f(x):\n    return x * x\n```", "```python\ndef f(x):\n  return x*x\n```"),
        ("f(x) = 2", "f(x) = 2."),
        ("`a = 1;`", "`a = 1`"),
        ('{"a": 1, "b": [2]}', '{ "b": [2], "a": 1 }'),
        ('{"text": "Where is my order?"}', '{"text": "where is my order"}'),
        ("10-20 days", "10-20 Days."),
        ("The cube root is python('64**(1/3)').", 'The cube root is: python("64 ** (1/3)")'),
        ("The sum of them is sum(range(1, 101)) here.", "the sum of them is sum( range(1,101) ) here"),
        ("The COVID-19 rules for a T-shirt by e-mail", "The covid 19 rules for a T shirt by e mail"),
        ("Take B-12 for 10-20 days with GPT-4.", "take B‐12 for 10–20 days with gpt 4"),
        ("Write to [Name], then open Settings > Privacy.", "Write to {Name}, then open Settings → Privacy."),
        (r"1\. Open \(x+1\) with Tom & Jerry", "1. Open x+1 with Tom Jerry"),
        ("```sql\nSELECT a FROM t WHERE b = 1;\n```", "```sql\nSELECT a\nFROM t\nWHERE b = 1;\n```"),
        ("Which grow below:\n- Apples;\n- Carrots;\n- Pears;", "which grow below:\n- apples;\n- carrots;\n- pears;"),
        ("if you are a member:\nPay less\nif not:\n", "if you are a member:\npay less\nif not:\n"),
        ("[" * 700 + '"a"' + "]" * 700, "[" * 700 + '"A"' + "]" * 700),
        ("It was paid in cash .Is there a fee?", "It was paid in cash. Is there a fee"),
        ("First, 30% of it, then $4, and then the rest.", "first 30 of it then 4 and then the rest"),
        ("", ""),
        ("", "```\nx\n```"),
    ],
)
def test_it_is_none_to_a_reader(left: str, right: str) -> None:
    assert verbatim_difference(left, right) is None
    assert verbatim_difference(right, left) is None


@given(st.text(st.sampled_from("aA \n\t`:{;}\\wW5mMV#)()"), max_size=60))
def test_a_text_is_no_different_from_itself_however_it_is_spaced_at_the_ends(text: str) -> None:
    assert verbatim_difference(text, text) is None
    assert verbatim_difference(text, text + "\n") is None


@pytest.mark.parametrize(
    "text",
    [
        *("`" * 200_000, "```\n" * 50_000, "; " * 100_000, ") " * 100_000 + "x", " " * 200_000),
        *("Say it " + "!" * 50_000 + "x", "." * 50_000 + "x", "return" + " " * 50_000 + ".", "q1+r7 " * 40_000),
        *("*a " * 60_000, "[a" * 60_000, "_" * 200_000, "(a" * 60_000 + "long", "-x " * 60_000, "=" * 200_000),
    ],
)
def test_long_runs_take_no_time(text: str) -> None:
    started = process_time()
    assert verbatim_difference(text, "x" + text) is None
    assert process_time() - started < 4


def test_texts_full_of_notation_take_time_by_their_length() -> None:
    left, right = (" ".join(f"f{n}({side}+{n})" for n in range(5_000)) for side in ("left", "right"))
    started = process_time()
    assert verbatim_difference(left, right) is None
    assert process_time() - started < 5
