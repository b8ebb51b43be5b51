"""Help for the focused pane: its keys in four blocks, the signs, an example of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding

from apigw_tui.tui.action_table import ACTIONS, Action
from apigw_tui.tui.actions import HelpLine, bindings, chosen, help_lines
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import width_of
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.overlay import Overlay
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import FixedRows, Row, spread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.tui.line import Line, Span

PANE_NAMES: Final = {
    "list": "request list",
    "story": "story",
    "stages": "stage pane",
    "query": "query bar",
    "histogram": "histogram",
    "board": "board",
    "difference": "what differs",
    "picker": "stage picker",
}
EXAMPLE_QUERY: Final = "status>=500 route:/orders/{id} latency>1s -ip:203.0.113.0/24 cause:integration_timeout"

_KEY_CELLS: Final = 15
_TWO_COLUMNS: Final = 100


class HelpScreen(RowMotions, Overlay[None]):
    """Shows what the keys of a pane do."""

    DEFAULT_CSS = """
    HelpScreen #overlay-box { max-height: 100%; }
    HelpScreen #overlay-foot { display: none; }
    """
    WIDEST = 108
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list", chosen(*MOTIONS)),
        Binding("escape,question_mark,q", "leave", show=False),
    ]

    def __init__(self, pane: str, *, actions: Iterable[Action] = ACTIONS, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._pane = pane
        self._blocks = {name: lines for name, lines in help_lines(pane, actions).items() if lines}
        self._body = LineView(widget_id="help-body", glyphs=glyphs)

    def body(self) -> ComposeResult:
        """Everything but the title in one scrolling view."""
        yield self._body

    @property
    def moved_view(self) -> LineView:
        """What the keys move."""
        return self._body

    def plain_text(self) -> str:
        """What the help says, without colours."""
        return "\n".join(row.rstrip() for view in (self._head, self._body) for row in view.plain_rows())

    def on_mount(self) -> None:
        """Draw."""
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def action_leave(self) -> None:
        """Go back to the pane."""
        self.dismiss()

    def _draw(self) -> None:
        width = self.box_width
        left: Line = (("  ", ""), ("Help", "bold accent"), (f"  {PANE_NAMES.get(self._pane, self._pane)}", "ink"))
        right: Line = (("?", "bold accent"), (" or ", "ink-muted"), ("esc", "bold accent"), (" closes  ", "ink-muted"))
        self._head.show(self.head_rows(left, right))
        rows = [*self._keys(width), Row(), *sign_rows(width, self._glyphs), Row(), *_query_rows(width), Row()]
        self._body.styles.height = min(len(rows), max(self.size.height - 3, 1))
        self._body.show(FixedRows(tuple(rows)), top=self._body.top)

    def _keys(self, width: int) -> list[Row]:
        names = list(self._blocks)
        if width < _TWO_COLUMNS:
            rows: list[Row] = []
            for name in names:
                rows += [*([Row()] if rows else []), *(Row(line) for line in _block(name, self._blocks[name]))]
            return rows
        rows = []
        for first, second in zip(names[::2], [*names[1::2], ""], strict=False):
            left = _block(first, self._blocks[first])
            right = _block(second, self._blocks[second]) if second else []
            rows += [Row()] if rows else []
            rows += _beside(left, right, width // 2 + 1)
        return rows


def sign_rows(width: int, glyphs: Glyphs) -> list[Row]:
    """What the signs mean."""
    signs: tuple[tuple[Span, str], ...] = (
        ((glyphs.server_error, "bold status-5xx"), "5xx"),
        ((glyphs.client_error, "status-4xx"), "4xx"),
        ((glyphs.redirect, "status-3xx"), "3xx"),
        ((glyphs.success, "status-2xx"), "2xx"),
        ((glyphs.in_flight, "ink-muted"), "in flight"),
        ((glyphs.no_status, "ink-muted"), "no status"),
        ((glyphs.mark, "accent"), "marked"),
        ((glyphs.late, "accent"), "came late"),
        ((glyphs.gap * 2, "status-4xx"), "gap"),
        (("~", "ink-muted"), "computed"),
    )
    badges: tuple[tuple[Span, str], ...] = (
        (("A", "bold ink-strong"), "access log"),
        (("E", "bold ink-strong"), "execution log"),
        (("L", "bold ink-strong"), "Lambda log"),
        (("X", "bold ink-strong"), "X-Ray"),
        (("·", "ink-muted"), "off"),
        (("–", "ink-muted"), "not possible"),
    )
    heading: Line = (("─ ", "rule"), ("Signs", "bold ink-strong"), (" ", ""), ("─" * (width - 8), "rule"))
    return [Row(heading), *_flowing(signs, width), *_flowing(badges, width)]


def _flowing(signs: Iterable[tuple[Span, str]], width: int) -> list[Row]:
    rows: list[Row] = []
    line: Line = (("  ", ""),)
    for sign, meaning in signs:
        item: Line = (sign, (f" {meaning}", "ink"), ("   ", ""))
        if width_of(line) + width_of(item) > width:
            rows.append(Row(line))
            line = (("  ", ""),)
        line = (*line, *item)
    return [*rows, Row(line)]


def _query_rows(width: int) -> list[Row]:
    lead: Line = (("  ", ""), ("Query", "bold ink-strong"), ("   ", ""))
    return [Row(spread((*lead, (EXAMPLE_QUERY, "ink-muted")), (), width - 1))]


def _block(name: str, lines: list[HelpLine]) -> list[Line]:
    heading: Line = (("  ", ""), (name, "bold ink-strong"))
    drawn: list[Line] = [heading]
    for line in lines:
        keys = line.keys.ljust(_KEY_CELLS) if len(line.keys) < _KEY_CELLS else f"{line.keys} "
        drawn.append((("  ", ""), (keys, "bold accent"), (line.description, "ink")))
    return drawn


def _beside(left: list[Line], right: list[Line], column: int) -> list[Row]:
    rows = []
    for place in range(max(len(left), len(right))):
        start = left[place] if place < len(left) else ()
        end = right[place] if place < len(right) else ()
        rows.append(Row((*start, (" " * max(column - 2 - width_of(start), 1), ""), *end)))
    return rows
