"""The last column of the list: the scroll thumb, and for each cell what is loud in the rows it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from apigw_tui.core.segments import Ruler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.line import Span

Sign = Literal["", "mark", "gap"]

_LOUD_4XX: Final = 0.05
_SHARES_5XX: Final = (0.01, 0.05, 0.2)
"""Any 5xx is an eighth of a cell, from each of these shares on one more; the thumb keeps the other half."""


@dataclass(frozen=True)
class RulerCell:
    """One cell: `failing` says in eighths of it how many are 5xx, `refused` that many are 4xx."""

    failing: int = 0
    refused: bool = False
    sign: Sign = ""
    thumb: bool = False

    def __bool__(self) -> bool:
        return bool(self.status_class or self.sign or self.thumb)

    @property
    def status_class(self) -> Literal["", "4xx", "5xx"]:
        """What is told of: any 5xx, else many 4xx."""
        return "5xx" if self.failing else "4xx" if self.refused else ""

    def span(self, glyphs: Glyphs, *, shades: bool) -> Span:
        """Return what is painted; `shades` tells by glyph instead of colour."""
        if not (self.status_class or self.sign):
            return (glyphs.thumb, "ink-faint") if self.thumb else (" ", "")
        quiet = "status-4xx" if self.sign == "gap" else "accent"
        if shades:
            ink = f"status-{self.status_class}" if self.status_class else quiet
            return self._glyph(glyphs, filled=False), f"{'bold ' * bool(self.failing)}{'reverse ' * self.thumb}{ink}"
        ink = f"fill-{self.status_class}" if self.status_class else quiet
        return self._glyph(glyphs, filled=True), f"{ink}{' on ink-faint' * self.thumb}"

    def _glyph(self, glyphs: Glyphs, *, filled: bool) -> str:
        if self.sign:
            return glyphs.mark if self.sign == "mark" else glyphs.gap
        if self.failing:
            return glyphs.left_eighths[self.failing] if filled else glyphs.server_error
        return glyphs.quadrant if filled else glyphs.client_error


def ruler_cells(ruler: Ruler, height: int, *, gap_rows: Sequence[int] = (), count: int = 0) -> tuple[RulerCell, ...]:
    """Return the cells of a column without its thumb; `gap_rows` are numbers among all rows of the list, `count`."""
    counts = [[0, 0, 0, 0] for _ in range(height)]
    start = 0
    for number, end in enumerate(ruler.ends):
        cell = counts[start * height // ruler.rows]
        loud = (end - start, ruler.failing[number], ruler.refused[number], ruler.marked[number])
        for place, number_of in enumerate(loud):
            cell[place] += number_of
        start = end
    cells = [
        RulerCell(_eighths(rows, failing), bool(refused) and refused >= _LOUD_4XX * rows, "mark" if marked else "")
        for rows, failing, refused, marked in counts
    ]
    for row in gap_rows:
        at = row * height // max(1, count)
        if 0 <= at < height and not cells[at].sign:
            cells[at] = replace(cells[at], sign="gap")
    return tuple(cells)


def _eighths(rows: int, failing: int) -> int:
    return 1 + sum(failing >= share * rows for share in _SHARES_5XX) if failing else 0
