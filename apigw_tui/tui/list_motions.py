"""The keys of the list: each a move of its cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from apigw_tui.tui.list_view import Predicate

LIST_ACTIONS: Final = (
    "cursor_down",
    "cursor_up",
    "half_page_down",
    "half_page_up",
    "page_down",
    "page_up",
    "first",
    "last",
    "next_failure",
    "previous_failure",
    "next_match",
    "previous_match",
    "next_of_request",
    "previous_of_request",
    "next_mark",
    "open",
    "wrap",
    "previous_cell",
    "next_cell",
    "scroll_left",
    "scroll_right",
)
"""IDs of the actions that the list carries out itself; all else of its pane is the screen's."""


class ListMotions:
    """Actions in terms of few moves, which the list implements."""

    @property
    def page_rows(self) -> int:
        """How many rows a page is."""
        raise NotImplementedError

    def move(self, delta: int) -> None:
        """Move the cursor by rows."""
        raise NotImplementedError

    def move_to(self, index: int) -> None:
        """Put the cursor on a row."""
        raise NotImplementedError

    def move_screen(self, rows: int) -> None:
        """Move cursor and screen by rows."""
        raise NotImplementedError

    def follow(self) -> None:
        """Go to the last row and stay there as rows arrive."""
        raise NotImplementedError

    def go_where(self, predicate: Predicate, *, backwards: bool = False, around: bool = False) -> bool:
        """Go to the nearest row that a predicate is true of."""
        raise NotImplementedError

    def action_cursor_down(self) -> None:
        """Move one row down."""
        self.move(1)

    def action_cursor_up(self) -> None:
        """Move one row up."""
        self.move(-1)

    def action_page_down(self) -> None:
        """Move one screen down, all but a row."""
        self.move_screen(self.page_rows)

    def action_page_up(self) -> None:
        """Move one screen up, all but a row."""
        self.move_screen(-self.page_rows)

    def action_half_page_down(self) -> None:
        """Move half a screen down."""
        self.move_screen(max(1, self.page_rows // 2))

    def action_half_page_up(self) -> None:
        """Move half a screen up."""
        self.move_screen(-max(1, self.page_rows // 2))

    def action_first(self) -> None:
        """Go to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the last row and follow."""
        self.follow()

    def action_next_failure(self) -> None:
        """Go to the next row with a 5xx."""
        self.go_where("5xx")

    def action_previous_failure(self) -> None:
        """Go to the previous row with a 5xx."""
        self.go_where("5xx", backwards=True)

    def action_next_match(self) -> None:
        """Go to the next row that matches the query."""
        self.go_where("match")

    def action_previous_match(self) -> None:
        """Go to the previous row that matches the query."""
        self.go_where("match", backwards=True)

    def action_next_of_request(self) -> None:
        """Go to the next row of the same request."""
        self.go_where("same_request")

    def action_previous_of_request(self) -> None:
        """Go to the previous row of the same request."""
        self.go_where("same_request", backwards=True)

    def action_next_mark(self) -> None:
        """Go to the next marked row, after the last one to the first."""
        self.go_where("marked", around=True)
