"""The footer: the keys of the focused pane, or for a moment what has just been done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import Line, Span, cut, cut_line, width_of
from apigw_tui.tui.painted import Painted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.timer import Timer

MOST_KEYS: Final = 8
_TIGHT_BELOW: Final = 94
_ID_HEAD: Final = 8
_LONGEST_COPY: Final = 40
"""Cells for what was copied, so that the route behind it is seen: IDs fit."""

Keys = tuple[tuple[str, str], ...]
"""Key and what it does, the most useful first."""


class Footer(Painted):
    """One row of keys; `? help` always stands at the right end."""

    DEFAULT_CSS = """
    Footer { height: 1; background: $surface; color: $ink; }
    """

    def __init__(self, *, help_key: str = "?", glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, widget_id=widget_id)
        self._help_key = help_key
        self._keys: Keys = ()
        self._flash: Line | None = None
        self._timer: Timer | None = None

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show the keys of a pane."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.repaint()

    def flash(self, line: Line, seconds: float = 3.0) -> None:
        """Say something in the keys' place for a while."""
        self._flash = line
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self._end_flash)
        self.repaint()

    def withdraw(self, line: Line) -> None:
        """Say it no longer, where that is what is being said: it is no longer so."""
        if self._flash == line:
            self._end_flash()

    def _end_flash(self) -> None:
        self._flash = None
        self.repaint()

    def paint(self, width: int, _height: int, /) -> list[Line]:
        """Return the row."""
        if self._flash is not None:
            return [((" ", ""), *cut_line(self._flash, width - 2, self.glyphs.ellipsis))]
        return [footer_line(self._keys, width, self._help_key)]


def footer_line(keys: Sequence[tuple[str, str]], width: int, help_key: str = "?") -> Line:
    """Return as many keys as fit, eight with `? help` at most; none is cut. Without a key there is no help."""
    gap = " " * (2 if width < _TIGHT_BELOW else 3)
    last = _key(help_key, "help") if help_key else ()
    room = width - 2 - width_of(last)
    spans: list[Span] = [(" ", "")]
    for key, label in keys[: MOST_KEYS - 1]:
        item = (*_key(key, label), (gap, ""))
        if width_of(item) > room:
            break
        spans.extend(item)
        room -= width_of(item)
    return (*spans, (" " * room, ""), *last)


def copied(what: str, route: str, glyphs: Glyphs = UNICODE) -> Line:
    """Return what is flashed after a copy: `✓ copied 8f0c2a1e-…  asked the terminal, OSC 52`."""
    what = cut(what, _LONGEST_COPY, glyphs.ellipsis)
    strong = _ID_HEAD if what[_ID_HEAD : _ID_HEAD + 1] == "-" else len(what)
    return (
        (glyphs.done, "live"),
        (" copied ", "ink"),
        (what[:strong], "bold ink-strong"),
        (what[strong:], "ink-muted"),
        (f"  {route}", "ink-muted"),
    )


def _key(key: str, label: str) -> Line:
    return ((key, "bold accent"), (f" {label}", "ink-muted"))
