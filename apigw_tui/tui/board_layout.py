"""Where the tables of the board stand: all of them where there is room, else one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL_FROM_WIDTH: Final = 120
_ALL_FROM_HEIGHT: Final = 20
HEAD_ROWS: Final = 2
"""Title and column heads."""

_LOWER_SHARE: Final = (9, 20)
_LEAST_LOWER: Final = 8
_LEAST_CAUSES: Final = 43
_LEAST_CLIENTS: Final = 39
"""Widths of the columns below at the least width; of what is more they get a third and a fifth."""
_ROUTES, _CAUSES, _CLIENTS, _KEYS, _AGENTS = range(5)


@dataclass(frozen=True)
class Place:
    """A table's number in the order of `tab`, and the cells it has."""

    table: int
    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Whether a cell of the board is one of its cells."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True)
class Window:
    """Which rows of a table are in view, from `top` on; `cut` where a line must say how many are not."""

    top: int
    count: int
    cut: bool


def shows_all(width: int, height: int) -> bool:
    """Whether all tables fit side by side."""
    return width >= ALL_FROM_WIDTH and height >= _ALL_FROM_HEIGHT


def places(width: int, height: int, rows: Sequence[int], active: int) -> tuple[Place, ...]:
    """Return where each table stands; `rows` are the rows of each of the five tables."""
    if not shows_all(width, height):
        return (Place(active, 0, 0, width, height),)
    lower = max(_LEAST_LOWER, height * _LOWER_SHARE[0] // _LOWER_SHARE[1])
    upper = min(HEAD_ROWS + rows[_ROUTES], height - lower - 1)
    y = upper + 1
    lower = height - y
    spare = width - ALL_FROM_WIDTH
    causes, clients = _LEAST_CAUSES + spare // 3, _LEAST_CLIENTS + spare // 5
    right = causes + clients
    keys = min(HEAD_ROWS + max(1, rows[_KEYS]), (lower - 1) // 2)
    return (
        Place(_ROUTES, 0, 0, width, upper),
        Place(_CAUSES, 0, y, causes, lower),
        Place(_CLIENTS, causes, y, clients, lower),
        Place(_KEYS, right, y, width - right, keys),
        Place(_AGENTS, right, y + keys + 1, width - right, lower - keys - 1),
    )


def window(place: Place, *, rows: int, unkept: int, top: int, cursor: int) -> Window:
    """Return the rows that a place shows so that the cursor is among them."""
    room = max(1, place.height - HEAD_ROWS)
    is_cut = rows + unkept > room
    if is_cut:
        room = max(1, room - 1)
    top = min(max(top, cursor - room + 1, 0), cursor, max(0, rows - room))
    return Window(top, min(room, rows - top), is_cut)
