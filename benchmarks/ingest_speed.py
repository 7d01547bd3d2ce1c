"""Speed, memory and exactness of reading a large messy file; prints the table of docs/quality.md.

    python benchmarks/ingest_speed.py [--bytes 1_000_000_000] [--keep FILE]

Writes a chat JSONL with planted faults into a temporary folder (or FILE, which is used again when it is there), then
runs each of these in a process of its own, one after the other, and takes memory as the sum over its process tree:

- `json.loads` and pydantic for every line, and a frame of every 5,000 rows, as one would write it by hand; it reads
  one shape only and gives the rest up;
- the same without the frame: every row is thrown away once it is checked;
- the reader, batch by batch, to the canonical frame;
- `dataprep convert --to frame`, which also writes the frame as Parquet.

Every planted fault must be reported with its line number, and no other line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SEED = 7
BLOCK = 2_000
"""Rows that are drawn before the same texts are shuffled anew; keeps the generator quick."""

PEER = """
import json, sys
import polars as pl
from dataprep.contract import Message
from dataprep.frame import MESSAGE
from pydantic import BaseModel, ConfigDict, ValidationError

class Row(BaseModel):
    model_config = ConfigDict(extra="allow")
    messages: list[Message]

SCHEMA = {"line": pl.Int64, "messages": pl.List(MESSAGE), "meta": pl.String}
to_frame = sys.argv[2] == "frame"
rows = bad = 0
batch = []
with open(sys.argv[1], encoding="utf-8", errors="replace") as handle:
    for number, line in enumerate(handle, start=1):
        try:
            row = Row.model_validate(json.loads(line))
            if to_frame:
                for turn in row.messages:
                    turn.content.encode()
            rows += 1
        except (ValueError, AttributeError, ValidationError):
            bad += 1
            continue
        if to_frame:
            messages = [turn.model_dump(include={"role", "content"}) for turn in row.messages]
            batch.append({"line": number, "messages": messages, "meta": json.dumps(row.model_extra)})
            if len(batch) == 5000:
                pl.DataFrame(batch, schema=SCHEMA, strict=False)
                batch = []
print(rows, bad)
"""

FRAMES = """
import sys
from pathlib import Path
from dataprep.ingest import InputReader

rows = bad = 0
for frame, rejects in InputReader().batches([Path(sys.argv[1])]):
    rows, bad = rows + frame.height, bad + rejects.height
print(rows, bad)
"""


def sentences() -> list[str]:
    """Sentences of the sample data: real wording, without the cost of a large corpus."""
    found: dict[str, None] = {}
    with (ROOT / "sample_data" / "train.jsonl").open(encoding="utf-8") as handle:
        for line in handle:
            for turn in json.loads(line)["messages"]:
                found.update(
                    dict.fromkeys(part.strip() + "." for part in turn["content"].split(". ") if len(part) > 20)
                )
    return list(found)


class Generator:
    """Rows of chat in several shapes, with a share of oddities that must be read and of faults that must be named."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same file every time
        self.texts = sentences()

    def text(self, low: int, high: int) -> str:
        """Some sentences in a row."""
        return " ".join(self.random.choices(self.texts, k=self.random.randint(low, high)))

    def turns(self) -> list[dict[str, str]]:
        """One to four rounds, now and then under a system prompt."""
        turns = [{"role": "system", "content": self.text(1, 3)}] if self.random.random() < 0.3 else []
        for _ in range(self.random.choice((1, 1, 1, 2, 2, 3, 4))):
            turns.append({"role": "user", "content": self.text(1, 4)})
            turns.append({"role": "assistant", "content": self.text(2, 9)})
        return turns

    def row(self, number: int) -> dict[str, object]:
        """One example in one of the shapes that people mix."""
        kind = self.random.random()
        if kind < 0.94:
            return {"messages": self.turns(), "id": number, "source": self.random.choice(("web", "tickets", "wiki"))}
        if kind < 0.96:
            names = {"system": "system", "user": "human", "assistant": "gpt"}
            return {"conversations": [{"from": names[t["role"]], "value": t["content"]} for t in self.turns()]}
        if kind < 0.98:
            return {"instruction": self.text(1, 3), "input": self.text(0, 2), "output": self.text(2, 8)}
        if kind < 0.99:
            parts = [{"type": "text", "text": self.text(1, 2)}]
            return {
                "messages": [{"role": "user", "content": parts}, {"role": "assistant", "content": self.text(1, 3)}]
            }
        call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": json.dumps({"n": number})}}
        return {
            "messages": [
                {"role": "user", "content": self.text(1, 2)},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c1", "content": self.text(1, 2)},
                {"role": "assistant", "content": self.text(1, 4)},
            ],
            "tools": [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}],
        }

    def fault(self, line: bytes) -> bytes:
        """A line that no reader can make a row of."""
        return self.random.choice(FAULTS)(line)

    def oddity(self, line: bytes) -> bytes:
        """A line that must be read all the same."""
        return self.random.choice(ODDITIES)(line)


FAULTS: list[Callable[[bytes], bytes]] = [
    lambda line: line[: len(line) // 2],
    lambda line: line[:-1],
    lambda line: line + b" }",
    lambda line: line.replace(b'": "', b'": "\xff', 1),
    lambda _: b'["a list", "of texts"]',
    lambda _: b'{"titel": "no known field", "wert": 3}',
    lambda _: b'{"messages": []}',
    lambda _: b'{"messages": [{"role": "user"}, {"role": "assistant"}]}',
    lambda _: b"id,question,answer",
]
ODDITIES: list[Callable[[bytes], bytes]] = [
    lambda line: line + b"\r",
    lambda line: b"  " + line,
    lambda line: line.replace(b". ", b".\\ud83d ", 1),
    lambda line: line.replace(b". ", b".\t", 1),
    lambda line: line.replace(b". ", b".\x00", 1),
    lambda line: line + b"\n",
]


def generate(path: Path, size: int) -> None:
    """Write about `size` bytes, and the numbers of the lines with a fault into `path.faults`."""
    made = Generator(SEED)
    faults, line, written = [], 1, 0
    with path.open("wb") as handle:
        number = 0
        while written < size:
            data = json.dumps(made.row(number), ensure_ascii=False).encode()
            number += 1
            dice = made.random.random()
            if dice < 0.001:
                data = made.fault(data)
                faults.append(line)
            elif dice < 0.01:
                data = made.oddity(data)
            written += handle.write(data + b"\n")
            line += data.count(b"\n") + 1
    path.with_suffix(".faults").write_text("\n".join(map(str, faults)), encoding="utf-8")


def tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from tree(int(child))


def resident(pid: int) -> int:
    """Bytes of memory of a process, without what it shares with the others; 0 if it is gone."""
    try:
        text = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return (int(text[1]) - int(text[2])) * os.sysconf("SC_PAGE_SIZE")


def measured(command: list[str]) -> tuple[float, int, str]:
    """Seconds, peak bytes over the process tree, and what it printed."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(resident(pid) for pid in tree(process.pid)))
        time.sleep(0.05)
    output = process.stdout.read() if process.stdout else ""
    return time.perf_counter() - started, peak, output


def main() -> None:
    """Generate, run, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.keep or Path(folder) / "messy.jsonl"
        if not path.exists():
            generate(path, given.bytes)
        out = Path(folder) / "frame.parquet"
        convert = ["-m", "dataprep.cli", "convert", str(path), "--to", "frame", "-o", str(out)]
        runs = {
            "json.loads + pydantic, to a frame": ["-c", PEER, str(path), "frame"],
            "json.loads + pydantic, thrown away": ["-c", PEER, str(path), "none"],
            "to the canonical frame": ["-c", FRAMES, str(path)],
            "to the canonical frame, in Parquet": convert,
        }
        size = path.stat().st_size
        print(f"{size / 1e6:,.0f} MB, {os.cpu_count()} cores\n")
        print("| | seconds | MB/s | against the first | peak memory, MB |\n|---|---:|---:|---:|---:|")
        first = 0.0
        for title, command in runs.items():
            seconds, peak, _ = measured([sys.executable, *command])
            first = first or seconds
            row = (
                title,
                f"{seconds:.1f}",
                f"{size / seconds / 1e6:.0f}",
                f"{first / seconds:.1f}",
                f"{peak / 1e6:.0f}",
            )
            print(f"| {' | '.join(row)} |")
        planted = [int(number) for number in path.with_suffix(".faults").read_text(encoding="utf-8").split()]
        dropped = out.with_name("frame.dropped.jsonl").read_text(encoding="utf-8").splitlines()
        named = [json.loads(line)["line"] for line in dropped]
        print(f"\nplanted faults {len(planted):,}, named with their line {len(set(planted) & set(named)):,}, ", end="")
        print(f"other lines named {len(set(named) - set(planted)):,}")
        sys.exit(named != planted)


if __name__ == "__main__":
    main()
