"""The keys that move through rows, the same in every pane that has some."""

from __future__ import annotations

from typing import Final, Protocol

MOTIONS: Final = (
    "cursor_down",
    "cursor_up",
    "half_page_down",
    "half_page_up",
    "page_down",
    "page_up",
    "first",
    "last",
)
"""IDs of the actions that `RowMotions` carries out."""


class MovedView(Protocol):
    """Rows whose cursor moves, or that scroll."""

    @property
    def page(self) -> int:
        """How many rows are in view."""

    def move(self, rows: int) -> None:
        """Move by so many rows."""

    def first(self) -> None:
        """Go to the first row."""

    def last(self) -> None:
        """Go to the last row."""


class RowMotions:
    """Moves the rows that `moved_view` gives. For widgets and screens around some rows."""

    @property
    def moved_view(self) -> MovedView:
        """The view whose cursor, or rows, move."""
        raise NotImplementedError

    def action_cursor_down(self) -> None:
        """Go one row down."""
        self.moved_view.move(1)

    def action_cursor_up(self) -> None:
        """Go one row up."""
        self.moved_view.move(-1)

    def action_half_page_down(self) -> None:
        """Go half a page down."""
        self.moved_view.move(max(self.moved_view.page // 2, 1))

    def action_half_page_up(self) -> None:
        """Go half a page up."""
        self.moved_view.move(-max(self.moved_view.page // 2, 1))

    def action_page_down(self) -> None:
        """Go one page down."""
        self.moved_view.move(self.moved_view.page)

    def action_page_up(self) -> None:
        """Go one page up."""
        self.moved_view.move(-self.moved_view.page)

    def action_first(self) -> None:
        """Go to the first row."""
        self.moved_view.first()

    def action_last(self) -> None:
        """Go to the last row."""
        self.moved_view.last()
