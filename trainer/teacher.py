"""What a teacher says about each supervised position: asked anew for every batch, or once and kept on disk."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from pydantic import ValidationError

from dataprep.contract import Model
from dataprep.errors import ConfigError
from trainer.batches import collate, evaluation_batches
from trainer.reading import Read, read_batch
from trainer.record import ModelRecord, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from trainer.batches import Batch, Layout
    from trainer.tokens import Tokens

CACHE_NAME: Final = "teacher.json"
FEW: Final = 1e-6
"""Mass of the tail bucket that is taken for none."""


class CacheCard(Model):
    """teacher.json: what a cache holds and for whom."""

    teacher: ModelRecord
    top_k: int
    temperature: float
    rows_sha256: str


class Teacher(ABC):
    """Gives the log-probabilities that a student is to match."""

    @abstractmethod
    def prepare(self, batch: Batch) -> None:
        """Get ready to be asked about this batch."""

    @abstractmethod
    def log_probabilities(
        self, student: torch.Tensor, where: slice, temperature: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Both sides' log-probabilities over the same outcomes.

        Args:
            student: (positions, vocabulary) logits of the student.
            where: which of the batch's supervised positions they are.
            temperature: both sides' logits are divided by it.

        Returns:
            Teacher's and student's, both (positions, outcomes).
        """


class OnlineTeacher(Teacher):
    """A model that reads every batch along with the student.

    Args:
        model: the teacher, frozen.
        autocast: gives the context to compute in.
        vocabulary: ids both sides know.
    """

    def __init__(
        self, model: PreTrainedModel, autocast: Callable[[], AbstractContextManager[object]], vocabulary: int
    ) -> None:
        self._model = model
        self._autocast = autocast
        self._vocabulary = vocabulary
        self._read: Read | None = None

    @torch.no_grad()
    def prepare(self, batch: Batch) -> None:
        """Run the teacher on the batch."""
        self._model.eval()
        with self._autocast():
            self._read = read_batch(self._model, batch)

    def log_probabilities(
        self, student: torch.Tensor, where: slice, temperature: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Over the whole vocabulary."""
        if self._read is None:
            raise RuntimeError("the teacher was not shown the batch")
        with torch.no_grad():
            logits = self._read.head(self._read.states[where])[:, : self._vocabulary] / temperature
            teacher = logits - logits.logsumexp(-1, keepdim=True)
        own = student[:, : self._vocabulary] / temperature
        return teacher, own - own.logsumexp(-1, keepdim=True)


class CachedTeacher(Teacher):
    """What a teacher once said: its likeliest tokens at each position, and one bucket for all others.

    The divergence over these outcomes is never more than that over the whole vocabulary, and the more tokens are
    kept, the closer to it.
    """

    def __init__(self, folder: Path, card: CacheCard) -> None:
        self.card = card
        self._ids = np.load(folder / "ids.npy", mmap_mode="r", allow_pickle=False)
        self._values = np.load(folder / "log_probabilities.npy", mmap_mode="r", allow_pickle=False)
        self._offsets = np.load(folder / "offsets.npy", allow_pickle=False)
        self._batch: tuple[torch.Tensor, torch.Tensor] | None = None

    def prepare(self, batch: Batch) -> None:
        """Look up the rows of the batch."""
        places = [slice(self._offsets[row], self._offsets[row + 1]) for row in batch.rows]
        device = batch.labels.device
        ids = np.concatenate([self._ids[place] for place in places]).astype(np.int64)
        values = np.concatenate([self._values[place] for place in places]).astype(np.float32)
        self._batch = torch.from_numpy(ids).to(device), torch.from_numpy(values).to(device)

    def log_probabilities(
        self, student: torch.Tensor, where: slice, temperature: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Over the kept tokens and the rest as one outcome; the cache is of this temperature."""
        if self._batch is None:
            raise RuntimeError("the teacher was not shown the batch")
        ids, values = (part[where] for part in self._batch)
        teacher = values - values.logsumexp(-1, keepdim=True)  # what rounding to 16 bits left
        own = student / temperature
        kept = own.gather(-1, ids) - own.logsumexp(-1, keepdim=True)
        mass = kept.exp().sum(-1, keepdim=True).clamp(max=1 - FEW)
        return teacher, torch.cat([kept, torch.log1p(-mass)], dim=-1)


def card_of(teacher: ModelRecord, rows: Sequence[Tokens], top_k: int, temperature: float) -> CacheCard:
    """What a cache of these rows would say of itself."""
    return CacheCard(teacher=teacher, top_k=top_k, temperature=temperature, rows_sha256=rows_sha256(rows))


def open_cache(folder: Path, rows: Sequence[Tokens], top_k: int, temperature: float) -> CachedTeacher | None:
    """The cache in `folder`; None if there is none yet.

    Raises:
        ConfigError: it was made for other rows or settings, or is damaged.
    """
    if not folder.exists():
        return None
    again = "Remove that folder, or name another with distill_cache"
    try:
        card = CacheCard.model_validate_json((folder / CACHE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError) as err:
        raise ConfigError(f"{folder}: is no cache of a teacher", again) from err
    if card.rows_sha256 != rows_sha256(rows):
        raise ConfigError(f"{folder}: this cache was made for other training rows, or another tokenizer", again)
    if (card.top_k, card.temperature) != (top_k, temperature):
        raise ConfigError(
            f"{folder}: this cache holds the top {card.top_k} at temperature {card.temperature:g}, not the top "
            f"{top_k} at {temperature:g}",
            again,
        )
    return CachedTeacher(folder, card)


@torch.no_grad()
def write_cache(
    folder: Path,
    card: CacheCard,
    model: PreTrainedModel,
    rows: Sequence[Tokens],
    *,
    vocabulary: int,
    layout: Layout,
    autocast: Callable[[], AbstractContextManager[object]],
    progress: Callable[[int], None],
) -> CachedTeacher:
    """Ask the teacher about every row once; about six bytes a kept token.

    Args:
        folder: to write; appears when it is complete.
        card: what it will hold.
        model: the teacher.
        rows: training rows, in the order their numbers mean.
        vocabulary: ids both sides know.
        layout: how batches are laid out.
        autocast: gives the context to compute in.
        progress: called with the number of rows each batch finished.
    """
    model.eval()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: another run may be making the same cache.
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        _fill(work, card, model, rows, vocabulary=vocabulary, layout=layout, autocast=autocast, progress=progress)
        work.chmod(0o755)
        work.rename(folder)
    except OSError:
        made = open_cache(folder, rows, card.top_k, card.temperature)
        if made is None or made.card.teacher.sha256 != card.teacher.sha256:
            raise
        return made  # the other one was first
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return CachedTeacher(folder, card)


def _fill(
    work: Path,
    card: CacheCard,
    model: PreTrainedModel,
    rows: Sequence[Tokens],
    *,
    vocabulary: int,
    layout: Layout,
    autocast: Callable[[], AbstractContextManager[object]],
    progress: Callable[[int], None],
) -> None:
    offsets = np.cumsum([0, *(row.supervised for row in rows)])
    size = (int(offsets[-1]), min(card.top_k, vocabulary))
    ids = np.lib.format.open_memmap(work / "ids.npy", "w+", np.int32, size)
    values = np.lib.format.open_memmap(work / "log_probabilities.npy", "w+", np.float16, (size[0], size[1] + 1))
    device = next(model.parameters()).device
    for lines in evaluation_batches(rows, 2048, layout):
        batch = collate(lines, 0, layout).to(device)
        with autocast():
            best, said = _likeliest(read_batch(model, batch), size[1], card.temperature, vocabulary)
        start = 0
        for row in batch.rows:
            count = int(offsets[row + 1] - offsets[row])
            ids[offsets[row] : offsets[row + 1]] = best[start : start + count]
            values[offsets[row] : offsets[row + 1]] = said[start : start + count]
            start += count
        progress(len(batch.rows))
    ids.flush()
    values.flush()
    np.save(work / "offsets.npy", offsets)
    write_json(work / CACHE_NAME, card)


def _likeliest(
    read: Read, top_k: int, temperature: float, vocabulary: int
) -> tuple[NDArray[np.int32], NDArray[np.float16]]:
    """(positions, k) ids, and (positions, k + 1) log-probabilities, the last that of all other tokens."""
    ids, values = [], []
    for piece in read.pieces():
        logits = read.head(read.states[piece])[:, :vocabulary] / temperature
        best = (logits - logits.logsumexp(-1, keepdim=True)).topk(top_k, dim=-1)
        rest = torch.log((1 - best.values.exp().sum(-1, keepdim=True)).clamp(min=FEW))
        ids.append(best.indices.int().cpu().numpy())
        values.append(torch.cat([best.values, rest], dim=-1).half().cpu().numpy())
    return np.concatenate(ids), np.concatenate(values)


def rows_sha256(rows: Sequence[Tokens]) -> str:
    """Hash of what the rows say and where they carry loss, in their order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(len(row).to_bytes(8, "little"))
        digest.update(row.input_ids.astype("<i4").tobytes())
        digest.update((row.weights > 0).tobytes())
    return digest.hexdigest()


def shared_vocabulary(
    student: tuple[PreTrainedModel, PreTrainedTokenizerBase], teacher: tuple[PreTrainedModel, PreTrainedTokenizerBase]
) -> int:
    """How many ids student and teacher have in common: all that either tokenizer gives.

    Output layers may be filled up to different widths; only ids that stand for a token matter.

    Raises:
        ConfigError: the same token has different ids, or one side lacks some.
    """
    own, other = student[1].get_vocab(), teacher[1].get_vocab()
    differing = sorted(token for token in own.keys() | other.keys() if own.get(token) != other.get(token))
    if differing:
        shown = ", ".join(repr(token) for token in differing[:3])
        raise ConfigError(
            f"distill_teacher: {len(differing):,} tokens have other ids than in the student's tokenizer, e.g. {shown}",
            "Use a teacher of the same family, or let it write answers with `trainer generate`",
        )
    widths = [int(model.get_output_embeddings().weight.shape[0]) for model, _ in (student, teacher)]
    return min(widths)
