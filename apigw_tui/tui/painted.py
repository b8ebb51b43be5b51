"""Painted: a widget that says its lines and leaves colours and cells to the inks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.strip import Strip
from textual.widget import Widget

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.ink import Inks
from apigw_tui.tui.line import Line, plain, strip_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.theme import Theme


class Painted(Widget):
    """A widget made of lines; `paint` is called again only after `repaint`, a new size or a new theme."""

    GROUND = ""
    """Palette name of what it is painted on where that changes inks (`tint-4xx`), else empty."""

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.glyphs = glyphs
        self._inks: Inks | None = None
        self._lines: tuple[tuple[int, int], Sequence[Line]] | None = None

    def paint(self, width: int, height: int, /) -> Sequence[Line]:
        """Return the lines from the top; those that are missing are blank."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Paint again: what is shown has changed."""
        self._lines = None
        self.refresh()

    @property
    def inks(self) -> Inks:
        """The inks of the theme of the moment."""
        if self._inks is None:
            self._inks = Inks.of(self.app)
        return self._inks

    def plain_lines(self) -> list[str]:
        """Return what is shown, without colours."""
        return [plain(line) for line in self._painted()]

    def render_line(self, y: int) -> Strip:
        """Return one line of the widget."""
        lines = self._painted()
        line = lines[y] if y < len(lines) else ()
        strip = strip_of(line, self.content_size.width, self.inks, self.GROUND)
        # Textual leaves the ground of such lines to the widget.
        return strip.apply_style(self.rich_style)

    def _painted(self) -> Sequence[Line]:
        size = self.content_size
        key = (size.width, size.height)
        if self._lines is None or self._lines[0] != key:
            self._lines = (key, self.paint(*key))
        return self._lines[1]

    def on_mount(self) -> None:
        """Follow the theme (Textual calls this for every class of a widget, overridden or not)."""
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    def _theme_changed(self, _theme: Theme) -> None:
        self._inks = None
        self.repaint()
