"""What differs: the values that set the failing requests apart from the rest, in place of the list."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, ClassVar, Final

from textual.message import Message
from textual.strip import Strip

from apigw_tui.core import units
from apigw_tui.tui import difference_rows as rows
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.board_cells import Look
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import Line, cut, plain, strip_of
from apigw_tui.tui.table_pane import TABLE_ACTIONS, TablePane, Wish

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from apigw_tui.core.difference_sides import Differences
    from apigw_tui.tui.difference_rows import DifferenceRow

_HEAD_ROWS: Final = 2
_GUTTER: Final = 2


class DifferencePane(TablePane):
    """Values with their shares on both sides. The cursor stays on its value while numbers change."""

    DEFAULT_CSS = """
    DifferencePane { height: 1fr; width: 1fr; background: $background; color: $ink; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("difference", chosen(*TABLE_ACTIONS))]

    class RowChosen(Message):
        """The requests behind a row are wanted, or the query with or without its value."""

        def __init__(self, row: DifferenceRow, wish: Wish) -> None:
            super().__init__()
            self.row = row
            self.wish = wish

    class OtherSidesWanted(Message):
        """The comparison that comes so many places after this one is wanted."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, glyphs: Glyphs = UNICODE, zone: tzinfo = UTC, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, zone=zone, widget_id=widget_id)
        self._differences: Differences | None = None
        self._cursor = self._top = 0

    # -- what it shows

    def show(self, differences: Differences | None, *, now: int) -> None:
        """Show what was found, None while it is not known."""
        row = self.cursor_row
        self._differences, self._now = differences, now
        if row is not None:
            names = [rows.name_of(other) for other in self._rows]
            self._cursor = names.index(rows.name_of(row)) if rows.name_of(row) in names else self._cursor
        elif differences is None:
            self._cursor = self._top = 0
        self._cursor = self._within(self._cursor)
        self.repaint()

    @property
    def differences(self) -> Differences | None:
        """What is shown."""
        return self._differences

    @property
    def cursor_row(self) -> DifferenceRow | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    # -- moving

    @property
    def moved_view(self) -> DifferencePane:
        """What the keys move."""
        return self

    @property
    def page(self) -> int:
        """How many rows are in view."""
        return max(1, self.size.height - _HEAD_ROWS - len(self._notes()))

    def move(self, by: int) -> None:
        """Move the cursor."""
        self._cursor = self._within(self._cursor + by)
        self.repaint()

    def first(self) -> None:
        """Go to the first row."""
        self.move(-len(self._rows))

    def last(self) -> None:
        """Go to the last row."""
        self.move(len(self._rows))

    def action_next_pane(self) -> None:
        """Compare other requests."""
        self.post_message(self.OtherSidesWanted(1))

    def action_previous_pane(self) -> None:
        """Compare the requests before."""
        self.post_message(self.OtherSidesWanted(-1))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a row; open the row on which it stood."""
        place = self._top + event.y - _HEAD_ROWS
        if event.y < _HEAD_ROWS or place >= len(self._rows) or event.y - _HEAD_ROWS >= self.page:
            return
        if place == self._cursor:
            self.action_open()
        self.move(place - self._cursor)

    # -- drawing

    def paint(self, width: int, height: int, /) -> list[Line]:
        """Return title, heads, rows and what was left out."""
        found, blank = self._differences, (" " * _GUTTER, "")
        if found is None:
            return [(blank, ("What differs", "bold accent"), ("  comparing …", "ink-muted"))]
        room = width - _GUTTER
        lines: list[Line] = [(blank, *rows.title(found, room - 1))]
        if not self._rows:
            told, step = rows.nothing_told(found)
            return [*lines, (), (blank, (cut(told, room - 1), "ink")), (blank, (cut(step, room - 1), "ink-muted"))]
        lines.append((blank, *rows.head(found, room, self._look)))
        self._top = min(max(self._top, self._cursor - self.page + 1, 0), self._cursor)
        for place in range(self._top, min(self._top + self.page, len(self._rows))):
            bar = (self.glyphs.bar, "accent" if self.has_focus else "ink-muted") if place == self._cursor else (" ", "")
            lines.append((bar, (" ", ""), *rows.line(self._rows[place], found, room, self._look)))
        lines += [(blank, (cut(note, room - 1), "ink-faint")) for note in self._notes()]
        return lines[:height]

    def plain_lines(self) -> list[str]:
        """Return what is shown, without colours."""
        return [plain(line).rstrip() for line in self._painted()]

    def render_line(self, y: int) -> Strip:
        """Return one line; the row under the cursor has its ground."""
        if not self._rows or y != _HEAD_ROWS + self._cursor - self._top:
            return super().render_line(y)
        lines = self._painted()
        ground = "cursor" if self.has_focus else "cursor-blurred"
        strip = strip_of(lines[y] if y < len(lines) else (), self.content_size.width, self.inks, ground)
        return strip.apply_style(self.rich_style)

    # -- inside

    @property
    def _rows(self) -> tuple[DifferenceRow, ...]:
        return rows.rows_of(self._differences) if self._differences is not None else ()

    @property
    def _look(self) -> Look:
        return Look(self.glyphs, self.inks.mono, self._zone, units.day(self._now, self._zone))

    def _notes(self) -> list[str]:
        found = self._differences
        note = "" if found is None else rows.untold(found, self._look)
        return [note] if note else []

    def _within(self, place: int) -> int:
        return min(max(place, 0), max(len(self._rows) - 1, 0))

    def _choose(self, wish: Wish) -> None:
        row = self.cursor_row
        if row is not None:
            self.post_message(self.RowChosen(row, wish))
