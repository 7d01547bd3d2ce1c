"""From raw text to what is displayed: secrets hidden, length bounded, differences and evidence marked."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dataprep.report.diff import Comparison, compare, first_difference, marked
from dataprep.report.views import Limits, Piece, TextView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_MARGIN: Final = 2_048
"""Characters read beyond the cut, so that a secret across it is still recognised as one."""
_BEFORE: Final = 200
"""Characters shown before the first difference where a long equal beginning is left out."""
_DEEP: Final = 2_000_000
"""Texts up to this length are searched for their first difference, wherever it is."""
_SCRAP: Final = 150
"""A rest shorter than this is not worth folding away."""


class TextMaker:
    """Builds the text views of one report.

    Args:
        mask: hides secrets; applied to every text that comes from the data.
        limits: how much of a text is shown.
    """

    def __init__(self, mask: Callable[[str], str], limits: Limits) -> None:
        # A long text is looked at several times for one card.
        self._mask = lru_cache(maxsize=8)(mask)
        self._limits = limits

    def view(self, text: str, where: str, spans: tuple[str, ...] = (), shown: int | None = None) -> TextView:
        """One text on its own.

        Args:
            text: the text as it is in the data.
            where: the place that has all of it, for the sentence about what was left out.
            spans: parts to mark.
            shown: characters visible at once, if not the usual number.
        """
        body, cut = self._cut(text, 0)
        spans = tuple(self._mask(span) for span in spans)
        return self._split(marked(body, spans), cut, where, shown or self._limits.shown)

    def pair(
        self, texts: tuple[str, str], where: tuple[str, str], spans: Mapping[str, tuple[str, ...]]
    ) -> tuple[TextView, TextView, bool]:
        """Two texts that differ, with the differences marked.

        Args:
            texts: left and right, as they are in the data.
            where: the places that have all of them.
            spans: parts to mark by side, where the texts have so little in common that differences say nothing.

        Returns:
            both views, and whether the texts have little in common.
        """
        start = self._start(*texts)
        (one, cut_one), (two, cut_two) = (self._cut(text, start) for text in texts)
        found = compare(one, two)
        if found.throughout:
            left, right = (
                marked(text, tuple(self._mask(span) for span in spans[side]))
                for text, side in ((one, "left"), (two, "right"))
            )
            found = Comparison(left, right, throughout=True)
        gap = (Piece("gap", f"… {start:,} equal characters not shown …"),) if start else ()
        shown = self._limits.shown
        return (
            self._split((*gap, *found.left), cut_one, where[0], shown),
            self._split((*gap, *found.right), cut_two, where[1], shown),
            found.throughout,
        )

    def same_when_shown(self, left: str, right: str) -> bool:
        """Whether two texts look alike once secrets are hidden and line ends are unified."""
        if max(len(left), len(right)) > _DEEP:
            return False
        return self._mask(left).replace("\r\n", "\n") == self._mask(right).replace("\r\n", "\n")

    def _start(self, left: str, right: str) -> int:
        """Where to begin so that the first difference is inside the part that is shown."""
        if max(len(left), len(right)) > _DEEP:
            return 0
        first = first_difference(left, right)
        if first < self._limits.expandable - _BEFORE:
            return 0
        # Masking shortens texts, so the window is taken from masked ones.
        first = first_difference(self._mask(left), self._mask(right))
        return max(0, first - _BEFORE)

    def _cut(self, text: str, start: int) -> tuple[str, int]:
        """The masked text from `start`, no longer than may be carried, and how much is missing after it."""
        size = self._limits.expandable
        if start:
            text = self._mask(text)
            body = text[start : start + size]
            return body, len(text) - start - len(body)
        body = self._mask(text[: size + _MARGIN])
        if len(text) <= size + _MARGIN and len(body) <= size:
            return body, 0
        return body[:size], max(len(text) - size, len(body) - size)

    def _split(self, pieces: tuple[Piece, ...], cut: int, where: str, shown: int) -> TextView:
        total = sum(weight(piece) for piece in pieces)
        left_out = f"{cut:,} more characters are in {where}." if cut else ""
        if total <= shown + _SCRAP:
            return TextView(pieces, left_out=left_out)
        head, rest = _divide(pieces, shown)
        label = f"Show {sum(weight(piece) for piece in rest):,} more characters"
        return TextView(head, rest, label, left_out)


def weight(piece: Piece) -> int:
    """Characters a piece puts in front of the reader; what is folded does not count."""
    if piece.kind == "fold":
        return len(piece.text)
    return len(piece.text) + sum(weight(part) for part in piece.inside)


def kinds(views: Iterable[TextView]) -> frozenset[str]:
    """The kinds of pieces that occur in some texts."""
    return frozenset(piece.kind for view in views for piece in (*view.pieces, *view.rest))


def carried(view: TextView) -> int:
    """Characters a text view adds to the file, visible or not."""

    def size(piece: Piece) -> int:
        return len(piece.text) + sum(size(part) for part in piece.inside)

    return sum(size(piece) for piece in (*view.pieces, *view.rest))


def _divide(pieces: tuple[Piece, ...], at: int) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Cut a sequence of pieces after `at` visible characters, at a space where one is near."""
    head: list[Piece] = []
    for number, piece in enumerate(pieces):
        size = weight(piece)
        if size <= at:
            head.append(piece)
            at -= size
            continue
        if piece.kind == "text":
            space = piece.text.rfind(" ", max(0, at - 40), at)
            stop = space + 1 if space > 0 else at
            parts: tuple[Piece, ...] = (Piece("text", piece.text[:stop]),)
            others: tuple[Piece, ...] = (Piece("text", piece.text[stop:]),)
        elif piece.inside and piece.kind != "fold":
            first, second = _divide(piece.inside, at)
            parts, others = (Piece(piece.kind, inside=first),), (Piece(piece.kind, inside=second),)
        else:
            parts, others = (), (piece,)
        head += [part for part in parts if part.text or part.inside]
        return tuple(head), (*(part for part in others if part.text or part.inside), *pieces[number + 1 :])
    return tuple(head), ()
