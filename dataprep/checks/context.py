"""What every check may look at, with the expensive parts computed once and shared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from dataprep.checks.found import Found
from dataprep.checks.labels import labelled
from dataprep.checks.leakage import Leakage
from dataprep.checks.trained import OPTION, scored_rows, surprise
from dataprep.checks.unread import Unread
from dataprep.similarity import (
    LABEL_WORDS,
    Duplicate,
    Pairs,
    SimilarityParams,
    Texts,
    Variant,
    blanked,
    changes,
    examples_ahead,
    first_occurrence,
    reordered,
    resolve,
    self_pairs,
    texts_ahead,
)
from dataprep.text.preambles import Preambles
from dataprep.text.views import contexts, media, with_texts
from dataprep.text.wording import short_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dataprep.contract import InputFile
    from dataprep.similarity.index import Index, Repeat
    from dataprep.text.evidence.conflict import Compare

MEANINGS: Final = 8
"""Earlier rows of like meaning that are looked at for each row."""

WORD_START: Final = r"(?:^| )|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
"""Where a word of a normal form starts; in scripts without spaces every letter counts."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Files whose rows must not occur in those of others.

    Attributes:
        files: of the data under audit.
        held_out: of the evaluation data; None for all of it.
    """

    files: frozenset[str]
    held_out: frozenset[str] | None


@dataclass
class AuditContext:
    """The rows under audit and what is known about them.

    Attributes:
        raw_rows: the row frame as read.
        rejects: records that could not be read.
        raw_eval: the row frame of the evaluation data; empty when none was given.
        params: how alike is near.
        files: the account of each file under audit, with its declared licence.
        eval_files: the same of the evaluation data.
        boundaries: which rows must not occur in which evaluation rows; none means no row in any.
        index: what is remembered of earlier data, where there is an index.
        semantic: the embedding model, where one is given.
        semantic_threshold: least cosine similarity of rows that mean the same.
        run_scores: what a training run showed about rows, where one is given (`contract.RowScore`).
        nli: the model that judges whether two answers contradict each other, where one is given.
    """

    raw_rows: pl.DataFrame
    rejects: pl.DataFrame
    raw_eval: pl.DataFrame
    params: SimilarityParams
    files: Sequence[InputFile] = ()
    eval_files: Sequence[InputFile] = ()
    boundaries: Sequence[Boundary] = ()
    index: Index | None = None
    semantic: str | None = None
    semantic_threshold: float = 0.9
    run_scores: pl.DataFrame | None = None
    nli: str | None = None

    @property
    def options(self) -> set[str]:
        """The flags given that checks wait for, as in `Check.option`; "" stands for none."""
        given = {"--index FOLDER": self.index, "--semantic MODEL": self.semantic, OPTION: self.run_scores}
        return {"", *(flag for flag, value in given.items() if value is not None)}

    @cached_property
    def same_meaning(self) -> list[tuple[int, int, float]]:
        """Rows and the earlier ones that an embedding model takes to mean the same, with their similarity."""
        from dataprep.similarity.semantic import nearest_earlier  # noqa: PLC0415 - few audits embed
        from dataprep.text.embeddings import embed  # noqa: PLC0415

        if self.semantic is None:
            return []
        filled = (self.texts.pair_norm != "").arg_true().to_list()
        vectors = embed(self.semantic, ["\n".join(self.texts.example(position)) for position in filled])
        pairs = nearest_earlier(vectors, threshold=self.semantic_threshold, most=MEANINGS)
        return [(filled[row], filled[other], score) for row, other, score in pairs]

    @cached_property
    def scored(self) -> pl.DataFrame:
        """The rows that a training run has scored (`trained.scored_rows`)."""
        return scored_rows(self.raw_rows, self.run_scores)

    @cached_property
    def surprise(self) -> pl.DataFrame:
        """How much worse than usual its training rows were predicted (`trained.surprise`)."""
        return surprise(self.scored.filter(pl.col("split") == "train"))

    @cached_property
    def compare_answers(self) -> Compare:
        """The evidence that two answers to a prompt exclude each other, if any."""
        from dataprep.text.evidence.conflict import conflict  # noqa: PLC0415 - few audits compare answers

        if self.nli is None:
            return conflict
        from dataprep.text.evidence.nli import judged_by, read_nli  # noqa: PLC0415

        return judged_by(read_nli(self.nli))

    @cached_property
    def unread(self) -> defaultdict[str, Unread]:
        """By the code of a check, the answers that it could not read."""
        return defaultdict(Unread)

    @cached_property
    def repeats(self) -> list[Repeat]:
        """Rows that are like a row of earlier data."""
        return self.index.repeats(self.rows) if self.index is not None else []

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The rows with their texts (`text.views`)."""
        return with_texts(self.raw_rows)

    @cached_property
    def context_keys(self) -> pl.Series:
        """A hash of what each row was asked: the conversation before its answer; null where there is none."""
        forms = contexts(self.raw_rows)
        return (
            forms.to_frame().select(pl.when(pl.col("context") != "").then(pl.col("context").hash(seed=2))).to_series()
        )

    @cached_property
    def eval_rows(self) -> pl.DataFrame:
        """The evaluation rows with their texts."""
        return with_texts(self.raw_eval, Preambles.of(self.rows["prompt"]) if self.raw_rows.height else None)

    @cached_property
    def exact(self) -> list[Duplicate]:
        """Rows whose messages, tools and media equal an earlier row's."""
        content = self.raw_rows["row_id"].str.replace(r"-\d+$", "")
        first = first_occurrence(content + self.raw_rows.select(media(self.raw_rows)).to_series())
        copies = np.flatnonzero(first != np.arange(first.size))
        kept = first[copies].tolist()
        return [Duplicate(copy, of, 1.0) for copy, of in zip(copies.tolist(), kept, strict=True)]

    @cached_property
    def pair_links(self) -> Pairs:
        """Verified pairs on prompt and answer together."""
        return self_pairs(self.texts.pair_core, self.params)

    @cached_property
    def near(self) -> tuple[list[Duplicate], list[Variant]]:
        """Near-duplicates among the rows that are no exact copies, and the variants that look like them."""
        forms = blanked(self.texts.pair_core, {duplicate.position for duplicate in self.exact})
        texts, links = self.texts, self.pair_links
        return resolve(forms, links, examples_ahead(texts, links), texts.pair_norm)

    @cached_property
    def repeated_prompts(self) -> tuple[list[Duplicate], Pairs]:
        """Rows that ask what an earlier row asks, copies and near-duplicates left out, and the pairs looked at."""
        return self._repeated("prompt", self.texts.prompt_core, self.texts.prompt_norm, words_matter=True)

    @cached_property
    def repeated_answers(self) -> tuple[list[Duplicate], Pairs]:
        """Rows that answer what an earlier row answers, in more words than a label has; the rest as above."""
        long = (pl.col("answer_norm").str.count_matches(WORD_START) > LABEL_WORDS).alias("long")
        forms = self.rows.select(pl.when(long).then("answer_norm").otherwise(pl.lit(""))).to_series()
        return self._repeated("answer", forms, forms, words_matter=False)

    def _repeated(
        self, field: Literal["prompt", "answer"], forms: pl.Series, whole: pl.Series, *, words_matter: bool
    ) -> tuple[list[Duplicate], Pairs]:
        forms = blanked(forms, {duplicate.position for duplicate in (*self.exact, *self.near[0])})
        pairs = self_pairs(forms, self.params)
        differ = texts_ahead(getattr(self.texts, field), pairs, words_matter=words_matter)
        return resolve(forms, pairs, differ, whole)[0], pairs

    @cached_property
    def labels(self) -> pl.DataFrame:
        """The rows whose answers are labels, by position."""
        return labelled(self.rows)

    @cached_property
    def texts(self) -> Texts:
        """The texts of the rows, by position."""
        return Texts.of(self.rows)

    @cached_property
    def eval_texts(self) -> Texts:
        """The texts of the evaluation rows, by position."""
        return Texts.of(self.eval_rows)

    @cached_property
    def leakage(self) -> Leakage:
        """What of the evaluation data stands in the rows."""
        return Leakage(self.texts, self.eval_texts, self.sides, self.params, self.semantic)

    @cached_property
    def sides(self) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """For each boundary the positions of the rows, and of the evaluation rows they must not occur in."""
        if not self.boundaries:
            return [(np.arange(self.raw_rows.height), np.arange(self.raw_eval.height))]
        own, held_out = self.raw_rows["source"], self.raw_eval["source"]
        every = frozenset(held_out.unique())

        def within(sources: pl.Series, files: frozenset[str]) -> NDArray[np.int64]:
            return np.flatnonzero(sources.is_in(list(files)).to_numpy())

        return [(within(own, one.files), within(held_out, one.held_out or every)) for one in self.boundaries]

    def places(self, position: int, *, in_eval: bool = False) -> str:
        """Where a row stands, for a message: `line 27`, with the file or the benchmark where there are several."""
        frame = self.raw_eval if in_eval else self.raw_rows
        source, line = frame["source"][position], frame["line"][position]
        if in_eval or not self._one_source:
            return f"{self._names[source]} line {line}"
        return f"line {line}"

    @cached_property
    def _names(self) -> dict[str, str]:
        """What each file is called in a message; a benchmark has a name of its own."""
        sources = pl.concat([self.raw_rows["source"], self.raw_eval["source"]]).unique()
        return short_names(sources) | {file.path: file.benchmark for file in self.eval_files if file.benchmark}

    @cached_property
    def _one_source(self) -> bool:
        return self.raw_rows["source"].n_unique() <= 1


def rejected(context: AuditContext, code: str) -> Iterator[Found]:
    """The unreadable records that the reader filed under a code."""
    codes, messages, fields = (context.rejects[name].to_list() for name in ("code", "message", "field"))
    for position, own in enumerate(codes):
        if own == code:
            yield Found(position, messages[position], field=fields[position])


_IN_MARKS: Final = "differs only in case, punctuation or spacing"


def alike(left: tuple[str, str], right: tuple[str, str], score: float) -> tuple[str, dict[str, Any]]:
    """How alike two examples are in words, and the differing words as evidence.

    Args:
        left: prompt and answer of the row that is reported.
        right: prompt and answer of the row it resembles.
        score: their Jaccard similarity.
    """
    found = [change for a, b in zip(left, right, strict=True) for change in changes(a, b)]
    spans: list[dict[str, str]] = []
    for change in found[:20]:
        spans += [{"side": "left", "text": " ".join(change.left)}] if change.left else []
        spans += [{"side": "right", "text": " ".join(change.right)}] if change.right else []
    percent = f"{min(int(score * 100), 99 if found else 100)}% alike"
    if not found:
        is_moved = any(reordered(a, b) for a, b in zip(left, right, strict=True))
        words = "has the same sentences in another order" if is_moved else _IN_MARKS
        return words, {"spans": spans}
    first = found[0]
    here, there = (_short(" ".join(words)) or "nothing" for words in (first.right, first.left))
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{percent}; differs in: {here} → {there}{more}", {"spans": spans}


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39].rstrip() + "…"
