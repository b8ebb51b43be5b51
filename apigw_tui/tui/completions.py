"""Completions: ways to go on with a query, under the term that is typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from apigw_tui.core import units
from apigw_tui.tui.glyphs import UNICODE, Glyphs, StatusClass, colour_of
from apigw_tui.tui.line import Line, Span, cut, fitted, width_of
from apigw_tui.tui.painted import Painted

QUERY_LEFT: Final = 4
"""Cells before the first term of a query: padding, `/`, a blank."""
_MOST_COMPLETIONS: Final = 8
_DROPDOWN_BAR: Final = 7


@dataclass(frozen=True)
class Completion:
    """One way to go on: what to insert, how often it occurs, and the class it would colour."""

    text: str
    count: int | None = None
    status_class: StatusClass | None = None


@dataclass(frozen=True)
class Completions:
    """Ways to go on from `start`, the column (0-based) that an accepted one replaces up to the cursor."""

    start: int = 0
    items: tuple[Completion, ...] = ()
    note: str = ""


Completer = Callable[[str, int], Completions]
"""From the text and the cursor's column to completions."""


def no_completions(_text: str, cursor: int) -> Completions:
    """Offer nothing."""
    return Completions(cursor)


class Dropdown(Painted):
    """Completions under the term, over the rows."""

    DEFAULT_CSS = """
    Dropdown {
        overlay: screen; constrain: inside; height: auto; width: 46;
        background: $raised; color: $ink; display: none;
    }
    Dropdown.-shown { display: block; }
    Dropdown:ansi { border: round $rule; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._completions = Completions()
        self._chosen = 0

    @property
    def is_open(self) -> bool:
        """True while it offers anything."""
        return self.has_class("-shown")

    @property
    def start(self) -> int:
        """The column that an accepted completion replaces from."""
        return self._completions.start

    @property
    def chosen(self) -> Completion | None:
        """The completion that tab accepts."""
        return self._completions.items[self._chosen] if self.is_open else None

    def show(self, completions: Completions, cursor: int) -> None:
        """Offer completions under the cursor's column; none close it."""
        self._completions, self._chosen = completions, 0
        self.set_class(bool(completions.items), "-shown")
        rows = min(len(completions.items), _MOST_COMPLETIONS) + bool(self._note)
        self.styles.height = rows + (2 if self.inks.ansi else 0)
        self.styles.offset = (max(0, QUERY_LEFT + cursor - 2), 0)
        self.repaint()

    def close(self) -> None:
        """Offer nothing."""
        self._completions = Completions()
        self.remove_class("-shown")

    def choose(self, step: int) -> None:
        """Go to the next or the previous completion."""
        size = len(self._completions.items)
        if size:
            self._chosen = (self._chosen + step) % size
            self.repaint()

    @property
    def _note(self) -> str:
        hidden = len(self._completions.items) - _MOST_COMPLETIONS
        words = ["tab completes"] if self._completions.items else []
        if hidden > 0:
            words.append(f"{units.count(hidden)} more")
        if self._completions.note:
            words.append(self._completions.note)
        return " · ".join(words)

    def paint(self, width: int, _height: int, /) -> list[Line]:
        """Return the rows, the chosen one among them."""
        items = self._completions.items
        first = max(0, self._chosen - _MOST_COMPLETIONS + 1)
        most = max((item.count or 0 for item in items), default=0)
        rows = range(first, min(first + _MOST_COMPLETIONS, len(items)))
        lines = [
            completion_line(items[at], width, most=most, chosen=at == self._chosen, glyphs=self.glyphs) for at in rows
        ]
        note = cut(self._note, width - 3, self.glyphs.ellipsis)
        return [*lines, (("  ", ""), (note, "ink-muted"))]


def completion_line(item: Completion, width: int, *, most: int, chosen: bool, glyphs: Glyphs = UNICODE) -> Line:
    """Return one completion with its count as number and bar."""
    ground = " on cursor" if chosen else ""
    bar: Span = (f"{glyphs.bar} ", f"accent{ground}") if chosen else ("  ", "")
    number = "" if item.count is None else units.count(item.count)
    room = width - 4 - _DROPDOWN_BAR - 3 - 8
    sign: Span = ("  ", ground.strip())
    if item.status_class is not None:
        weight = "bold " if item.status_class == "5xx" else ""
        sign = (f"{glyphs.of_class(item.status_class)} ", f"{weight}{colour_of(item.status_class)}{ground}")
    text_spec = f"bold ink-strong{ground}" if chosen else "ink"
    line: Line = (
        bar,
        sign,
        (fitted(item.text, room, glyphs.ellipsis), text_spec),
        (number.rjust(8), f"{'ink-strong' if chosen else 'ink-muted'}{ground}"),
        ("  ", ground.strip()),
    )
    size = 0 if not item.count or not most else max(1, round(item.count / most * _DROPDOWN_BAR * 8))
    whole, part = divmod(size, 8)
    drawn = glyphs.left_eighths[8] * whole + (glyphs.left_eighths[part] if part else "")
    fill = f"fill-{item.status_class}" if item.status_class in ("5xx", "4xx") else "ink-faint"
    return (*line, (drawn, f"{fill}{ground}"), (" " * (width - width_of(line) - len(drawn)), ground.strip()))
