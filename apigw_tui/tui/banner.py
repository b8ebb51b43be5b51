"""The banner: trouble that does not end the session, in two rows under the header."""

from __future__ import annotations

from dataclasses import dataclass

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import Line, Span, between, cut_line, whole_seconds, width_of
from apigw_tui.tui.painted import Painted


@dataclass(frozen=True)
class Trouble:
    """What failed, and in the second row: what is kept, the command that helps, what it brings."""

    title: str
    kept: str = ""
    command: str = ""
    then: str = ""
    retry_ms: int | None = None
    """How long until the next try; None where there is none."""


class Banner(Painted):
    """Two rows on amber; takes no room while there is no trouble."""

    GROUND = "tint-4xx"

    DEFAULT_CSS = """
    Banner { height: 2; background: $tint-4xx; color: $ink; display: none; }
    Banner.-shown { display: block; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, widget_id=widget_id)
        self._trouble: Trouble | None = None

    def show(self, trouble: Trouble | None) -> None:
        """Show a trouble; None hides the banner."""
        self._trouble = trouble
        self.set_class(trouble is not None, "-shown")
        self.repaint()

    def paint(self, width: int, _height: int, /) -> list[Line]:
        """Return both rows."""
        return [] if self._trouble is None else banner_lines(self._trouble, width, self.glyphs)


def banner_lines(trouble: Trouble, width: int, glyphs: Glyphs = UNICODE) -> list[Line]:
    """Return what failed and when it is tried again; what is kept and what to do."""
    bar: Span = (glyphs.bar, "status-4xx")
    right: Line = ()
    if trouble.retry_ms is not None:
        value, unit = whole_seconds(trouble.retry_ms)
        right = (("tries again in ", "ink-muted"), (value, "ink-strong"), (f" {unit}", "ink-muted"))
    room = width - 5 - width_of(right) - (2 if right else 0)
    title = cut_line(((trouble.title, "bold ink-strong"),), room, glyphs.ellipsis)
    first = between((bar, (" ", ""), (f"{glyphs.client_error} ", "bold status-4xx"), *title), right, width - 1)
    helps: Line = (("Run  ", "ink"), (trouble.command, "bold ink-strong"), ("  ", "")) if trouble.command else ()
    kept: Line = ((f"{trouble.kept}  ", "ink"),) if trouble.kept else ()
    if helps and width_of((*kept, *helps)) > width - 5:
        kept = ()  # the rows are seen; what to type is not
    second = (*kept, *helps, (trouble.then, "ink"))
    return [first, (bar, ("   ", ""), *cut_line(second, width - 5, glyphs.ellipsis))]
