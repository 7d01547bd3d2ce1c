"""Records that several of these modules share: good, broken, of no use, and hostile ones."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.helpers import ask, encoded

GOOD = encoded(ask("where is it", "here"))
BROKEN = [
    b'{"prompt": "never closed',
    b'{"prompt": "a", "completion": }',
    b"{'prompt': 'a'}",
    b"oops",
    b"{broken}",
    b'{"prompt": "a" "completion": "b"}',
]
WRONG = [b"3", b"null", b'"text"', b"[1, 2]", b"{}", b'{"unknown": 1}', b'{"messages": 7}', b'{"messages": []}']
HOSTILE = [
    b'{"prompt": "a\x00b", "completion": "c"}',
    b'{"prompt": "a\\ud800", "completion": "c"}',
    b'{"prompt": "\xff\xfe", "completion": "c"}',
    b'{"prompt": "a", "completion": 1e999}',
    b'{"prompt": ["a", {"type": "image"}], "completion": {}}',
    b'{"messages": [{"role": "user", "content": "a", "weight": 1' + b"0" * 400 + b"}]}",
    b'{"deep": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
    b'{"text": "\x01", "deep": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"n": ' + b"9" * 5_000 + b"}",
]
BLANK = [b"", b"   ", b"\t", b"\r"]
NOISE = st.binary(max_size=20).map(lambda data: data.replace(b"\n", b" "))
