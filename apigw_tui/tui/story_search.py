"""The search within a story: the next row, of a line also when it is folded, that holds what a query looks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from apigw_tui.tui.story_lines import StoryLineRows
from apigw_tui.tui.story_rows import DetailRow, FoldRow, LineRow, PieceRow

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from apigw_tui.tui.line_view import LineView
    from apigw_tui.tui.rows import Rows
    from apigw_tui.tui.story_lines import Anchor
    from apigw_tui.tui.story_rows import Opened

_WIDEST: Final = 100_000


@dataclass(frozen=True)
class Match:
    """A row that holds what is looked for: its place, or what it will be known by once `opens` is unfolded."""

    place: int
    anchor: Anchor | None = None
    opens: Opened | None = None


def next_match(view: LineView, wanted: re.Pattern[str], step: int) -> Match | None:
    """The next match after the cursor, or the top of the view where there is none; with -1 the one before."""
    start = view.top if view.cursor is None else view.cursor
    rows = view.rows
    places = range(start + 1, len(rows)) if step > 0 else range(start - 1, -1, -1)
    for place in places:
        for match in _matches_at(rows, place, wanted, step):
            return match
    return None


def _matches_at(rows: Rows, place: int, wanted: re.Pattern[str], step: int) -> Iterator[Match]:
    if not isinstance(rows, StoryLineRows):
        if wanted.search(rows.row(place, _WIDEST, cursor=False).plain):
            yield Match(place)
        return
    row = rows.rows[place]
    if isinstance(row, FoldRow) and not row.is_open:
        for index in row.places[::step]:
            if wanted.search(rows.texts.full(index)):
                name = rows.texts.lines[index].name
                yield Match(place, ("line", name, 0, 0), ("fold", name))
    elif isinstance(row, DetailRow):
        if wanted.search(row.text):
            yield Match(place)
    elif isinstance(row, LineRow | PieceRow) and rows.stops(place) and wanted.search(rows.texts.full(row.index)):
        yield Match(place)
