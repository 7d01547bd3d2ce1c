"""A folder that remembers the texts of earlier data, so that new data can be checked against them.

    FOLDER/index.json     the parameters and the segments that count; replaced last, so that a crash changes nothing
    FOLDER/HASH.parquet   one segment for each file: the texts, their band keys and lowest signature bytes

It holds the texts themselves: a candidate is verified by its shingles and judged by its words, as within one file.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dataprep.errors import ConfigError, InputError
from dataprep.files import write_file, write_with
from dataprep.similarity.column import Column
from dataprep.similarity.index_store import (
    NAME,
    SEGMENT,
    Parameters,
    Segment,
    State,
    key_of,
    locked,
    read_state,
    read_whole,
)
from dataprep.similarity.minhash_engine import candidates, sketches, verify
from dataprep.similarity.pairs import first_occurrence
from dataprep.similarity.repeats import Example, examples_differ

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from dataprep.similarity.plan import Plan, SimilarityParams

COMPARED: Final = 16
"""Earlier rows, the most alike first, that a row is aligned with."""

KEPT: Final = ("row_id", "line", "prompt", "answer", "rejected_text", "label", "pair_norm")
"""Columns of a segment beside its sketches."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that is like a row of earlier data, without a meaningful difference.

    Attributes:
        position: of the row in the frame that was compared.
        source: the earlier file, as it was given then.
        line: of the row in it.
        row_id: of that row.
        score: Jaccard similarity.
        same: whether the normal forms are equal.
        prompt: of the earlier row.
        answer: of the earlier row.
    """

    position: int
    source: str
    line: int
    row_id: str
    score: float
    same: bool
    prompt: str
    answer: str


class Index:
    """An index folder, as it was when it was opened."""

    def __init__(self, folder: Path, state: State) -> None:
        self._folder, self._state = folder, state

    @classmethod
    def open(cls, folder: Path, params: SimilarityParams) -> Index:
        """Open a folder, or begin a new index; nothing is written yet.

        Raises:
            ConfigError: it was made with other parameters.
            InputError: it is no index, of a newer version, or damaged.
        """
        wanted = Parameters.of(params)
        state = read_state(folder)
        if state is None:
            return cls(folder, State(parameters=wanted, segments=[]))
        mine, asked = state.parameters.model_dump(), wanted.model_dump()
        other = [f"{name} {mine[name]} and not {asked[name]}" for name in mine if mine[name] != asked[name]]
        if other:
            raise ConfigError(
                f"{folder}: this index was made with {', '.join(other)}", "Use those settings, or another folder"
            )
        missing = [segment.file for segment in state.segments if not (folder / segment.file).is_file()]
        if missing:
            raise InputError(
                f"{folder}: {missing[0]} is missing, which {NAME} names",
                "Put it back, or delete the folder and audit the earlier files again",
            )
        return cls(folder, state)

    @property
    def rows(self) -> int:
        """Texts of earlier data."""
        return sum(segment.rows for segment in self._state.segments)

    @property
    def method(self) -> str:
        """How repeats are found, for people."""
        return self._state.parameters.plan().in_words()

    def repeats(self, rows: pl.DataFrame) -> list[Repeat]:
        """The rows that are like one of earlier data, each with the most alike, in their order.

        A file is not compared with itself, nor with an older version of itself under the same path, nor with files
        that came after it: of two that have a row in common, one keeps it, however often they are audited.

        Args:
            rows: a row frame with its texts.
        """
        segments = self._state.segments
        came = {segment.key: number for number, segment in enumerate(segments)}
        own = {source: key_of(source) for source in rows["source"].unique()}
        turn = {source: came.get(key, len(segments)) for source, key in own.items()}
        last = max(turn.values(), default=0)
        texts, turns = rows["pair_norm"], rows["source"].replace_strict(turn, return_dtype=pl.Int64)
        first_of = first_occurrence(texts)
        distinct = np.flatnonzero((first_of == np.arange(texts.len())) & (texts != "").to_numpy())
        if not last or not distinct.size:
            return []
        news = texts.gather(distinct)
        plan = self._state.parameters.plan()
        keys, low, _ = sketches(Column.of(news), plan)
        number_of = np.full(texts.len(), -1)
        number_of[distinct] = np.arange(distinct.size)
        text_of = number_of[first_of]
        best: dict[int, Repeat] = {}
        for number, segment in enumerate(segments[:last]):
            if segment.key in own.values():
                continue
            likely, old = self._alike(segment, news, keys, low, plan)
            later = np.where((turns > number).to_numpy(), text_of, -1)
            for repeat in _judged(rows, later.tolist(), likely, old, segment.source):
                known = best.get(repeat.position)
                if known is None or repeat.score > known.score:
                    best[repeat.position] = repeat
        return [best[position] for position in sorted(best)]

    def _alike(
        self, segment: Segment, news: pl.Series, keys: NDArray[np.uint32], low: NDArray[np.uint8], plan: Plan
    ) -> tuple[dict[int, list[tuple[float, int]]], pl.DataFrame]:
        """By number of a new text the scores and places of earlier rows that are alike, and those rows."""
        path = self._folder / segment.file
        with read_whole(path):
            stored = pl.read_parquet(path, columns=["keys", "low"], glob=False)
        count = stored.height
        # Those of earlier data come first: the first text of a crowd is compared with all others.
        all_keys = np.concatenate([stored["keys"].to_numpy().T, keys], axis=1)
        all_low = np.concatenate([stored["low"].to_numpy(), low])
        sides = np.concatenate([np.full(count, 2, np.int8), np.full(len(low), 1, np.int8)])
        pairs, _ = candidates(np.ascontiguousarray(all_keys), np.ascontiguousarray(all_low), sides, plan)
        wanted, place_of = np.unique(pairs[:, 0], return_inverse=True)
        with read_whole(path):
            scan = pl.scan_parquet(path, row_index_name="place", glob=False)
            old = scan.filter(pl.col("place").is_in(wanted.tolist())).select(*KEPT).collect()
        local = np.stack([place_of, pairs[:, 1] - count + old.height], axis=1).astype(np.int64)
        scores = verify(Column.of(pl.concat([old["pair_norm"], news])), local, plan)
        likely: dict[int, list[tuple[float, int]]] = {}
        for number in np.flatnonzero(scores >= plan.threshold).tolist():
            place, text = int(local[number, 0]), int(local[number, 1]) - old.height
            likely.setdefault(text, []).append((-float(scores[number]), place))
        return likely, old

    def add(self, rows: pl.DataFrame, files: Mapping[str, str]) -> list[str]:
        """Remember the rows of files; an older version of a file gives way, an unchanged one stays as it is.

        Args:
            rows: a row frame with its texts.
            files: sha256 of each file by its path.

        Returns:
            what was already in the index.

        Raises:
            InputError: the folder cannot be written, or another process holds it.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise InputError(
                f"{self._folder}: cannot be made ({err.strerror})", "Choose another folder for --index"
            ) from err
        with locked(self._folder):
            state = read_state(self._folder) or self._state
            if state.parameters != self._state.parameters:
                raise ConfigError(f"{self._folder}: was made anew with other settings", "Use another folder")
            known = {segment.key: segment for segment in state.segments}
            there = {(segment.key, segment.sha256) for segment in state.segments}
            unchanged = [path for path, digest in files.items() if (key_of(path), digest) in there]
            for path, digest in files.items():
                if path not in unchanged:
                    own = rows.filter(pl.col("source") == path)
                    known[key_of(path)] = self._write(path, digest, own)
            self._state = state.model_copy(update={"segments": list(known.values())})
            write_file(self._folder / NAME, self._state.model_dump_json(indent=2) + "\n")
            counted = {segment.file for segment in self._state.segments}
            for stray in self._folder.iterdir():
                if SEGMENT.fullmatch(stray.name) and stray.name not in counted:
                    stray.unlink()
        return unchanged

    def _write(self, source: str, digest: str, rows: pl.DataFrame) -> Segment:
        # A text that stands many times in a file is one entry, with the line of the first.
        own = rows.select(*KEPT).filter(pl.col("pair_norm") != "")
        own = own.unique(["pair_norm", "label", "rejected_text"], keep="first", maintain_order=True)
        plan = self._state.parameters.plan()
        keys, low, _ = sketches(Column.of(own["pair_norm"]), plan)
        own = own.with_columns(
            pl.Series("keys", np.ascontiguousarray(keys.T), dtype=pl.Array(pl.UInt32, keys.shape[0])),
            pl.Series("low", low, dtype=pl.Array(pl.UInt8, low.shape[1])),
        )
        name = sha256(f"{key_of(source)}\n{digest}".encode()).hexdigest()[:16] + ".parquet"
        write_with(self._folder / name, lambda path: own.write_parquet(path, compression="zstd"))
        return Segment(file=name, source=source, key=key_of(source), sha256=digest, rows=own.height)


def _judged(
    rows: pl.DataFrame,
    text_of: Sequence[int],
    likely: Mapping[int, Sequence[tuple[float, int]]],
    old: pl.DataFrame,
    source: str,
) -> Iterator[Repeat]:
    """The rows that teach the same as an earlier one that is alike."""
    columns = ("prompt", "answer", "rejected_text", "label")
    positions = [position for position, text in enumerate(text_of) if text in likely]
    examples = rows.select(*columns)[positions].iter_rows()
    earlier = [Example(*values) for values in old.select(*columns).iter_rows()]
    forms, old_forms = rows["pair_norm"], old["pair_norm"]
    for position, values in zip(positions, examples, strict=True):
        for score, place in sorted(likely[text_of[position]])[:COMPARED]:
            new, found = Example(*values), earlier[place]
            if examples_differ(new, found) is None:
                same = forms[position] == old_forms[place]
                line, row_id = old["line"][place], old["row_id"][place]
                yield Repeat(position, source, line, row_id, -score, same, found.prompt, found.answer)
                break
