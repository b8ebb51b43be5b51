"""The rows of a view that were read of late, in blocks, so that a paint costs the same at any length."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.tui.list_view import ListView, Row

BLOCK_ROWS: Final = 128
_BLOCKS: Final = 8


class RowCache:
    """Reads a view by blocks of 128 rows and keeps the last few."""

    def __init__(self, view: ListView) -> None:
        self.view = view
        self._blocks: OrderedDict[int, Sequence[Row]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.view)

    def is_gap(self, index: int) -> bool:
        """Whether a row is a gap: no cursor stands there."""
        gaps = self.view.gap_rows
        place = bisect_left(gaps, index)
        return place < len(gaps) and gaps[place] == index

    def stop(self, index: int, *, backwards: bool = False) -> int:
        """Return the row nearest to a number that a cursor can stand on: past a gap, or else before it."""
        for step in (-1, 1) if backwards else (1, -1):
            at = index
            while self.is_gap(at):
                at += step
            if 0 <= at < len(self):
                return at
        return index

    def below(self, index: int) -> int:
        """Return how many rows, without gaps, stand below a number."""
        gaps = self.view.gap_rows
        return len(self) - 1 - index - (len(gaps) - bisect_right(gaps, index))

    def row(self, index: int) -> Row | None:
        """Return a row; None outside the view."""
        if not 0 <= index < len(self.view):
            return None
        number, at = divmod(index, BLOCK_ROWS)
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self.view.slice(number * BLOCK_ROWS, BLOCK_ROWS)
            if len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(number)
        return block[at] if at < len(block) else None
