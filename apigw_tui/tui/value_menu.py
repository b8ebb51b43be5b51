"""The value menu: what the row under the cursor says, to narrow the query by it, the likeliest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.binding import Binding

from apigw_tui.core.query_ast import Query
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.overlay import Overlay
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import Row

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.tui.line import Line

_NAME_CELLS: Final = 12
_FRAME_ROWS: Final = 6

_OF_REQUESTS: Final[Mapping[str, str]] = {
    "cause": "cause",
    "status": "status",
    "route": "route",
    "method": "method",
    "path": "path",
    "ip": "source_ip",
    "key": "api_key_id",
    "agent": "user_agent",
    "function": "integration_function",
    "caller": "caller",
    "principal": "principal",
    "connection": "connection_id",
}
_OF_EVENTS: Final[Mapping[str, str]] = {
    "line": "line_kind",
    "status": "status",
    "kind": "kind",
    "id": "request_id",
    "group": "log_group",
    "stream": "log_stream",
}


@dataclass(frozen=True)
class FieldValue:
    """A field of the query language and what a row has there."""

    field: str
    value: str

    def term(self, *, excluded: bool) -> str:
        """The term as it stands in a query."""
        return str(Query().narrowed(self.field, self.value, excluded=excluded))


@dataclass(frozen=True)
class ChosenValue:
    """What the reader narrows the query by."""

    found: FieldValue
    excluded: bool


def request_values(row: Mapping[str, Any]) -> tuple[FieldValue, ...]:
    """What a request's row says: why it failed, else its status, then where and who."""
    return _values(row, _OF_REQUESTS)


def story_values(request: Mapping[str, Any]) -> tuple[FieldValue, ...]:
    """The same of a request as JSON tells it."""
    cause, integration = request.get("cause") or {}, request.get("integration") or {}
    flat = {**request, "cause": cause.get("code"), "integration_function": integration.get("function")}
    return _values(flat, _OF_REQUESTS)


def event_values(row: Mapping[str, Any]) -> tuple[FieldValue, ...]:
    """What an event's row says: what kind of line it is, then of which request and from where."""
    return _values(row, _OF_EVENTS)


def _values(row: Mapping[str, Any], columns: Mapping[str, str]) -> tuple[FieldValue, ...]:
    known = ((field, row.get(column)) for field, column in columns.items())
    return tuple(FieldValue(field, str(value)) for field, value in known if value is not None and str(value))


@dataclass(frozen=True)
class ValueRows:
    """Fields and values, one below the other."""

    values: tuple[FieldValue, ...]
    glyphs: Glyphs

    def __len__(self) -> int:
        return len(self.values)

    def stops(self, index: int) -> bool:  # noqa: ARG002 - the same for each
        """The cursor stands on every value."""
        return True

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one field and its value."""
        found = self.values[index]
        bar: Line = ((self.glyphs.bar if cursor else " ", "accent"), (" ", ""))
        value = cut(found.value, width - _NAME_CELLS - 4, self.glyphs.ellipsis)
        spans: Line = (
            *bar,
            (found.field.ljust(_NAME_CELLS), "ink-muted"),
            (value, "bold ink-strong" if cursor else "ink"),
        )
        return Row(spans, "cursor" if cursor else "raised")


class ValueMenu(RowMotions, Overlay[ChosenValue | None]):
    """Gives back the chosen value, or None; the main screen adds it to the query."""

    WIDEST = 72
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list", chosen(*MOTIONS)),
        Binding("enter", "choose", show=False),
        Binding("plus", "exclude(False)", show=False),
        Binding("minus", "exclude(True)", show=False),
        Binding("escape,q", "leave", show=False),
    ]

    def __init__(self, values: Sequence[FieldValue], *, excluded: bool, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._values = tuple(values)
        self._excluded = excluded
        self._list = LineView(widget_id="value-list", glyphs=glyphs)

    def body(self) -> ComposeResult:
        """The values."""
        yield self._list

    @property
    def moved_view(self) -> LineView:
        """What the keys move."""
        return self._list

    def on_mount(self) -> None:
        """Stand on the likeliest value."""
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Tell of the value under the cursor."""
        event.stop()
        self._draw_foot()

    def on_line_view_clicked(self, event: LineView.Clicked) -> None:
        """Choose the clicked value."""
        event.stop()
        if event.view is self._list:
            self.dismiss(ChosenValue(self._values[event.index], self._excluded))

    def action_choose(self) -> None:
        """Add the value under the cursor."""
        self.dismiss(ChosenValue(self._values[self._list.cursor or 0], self._excluded))

    def action_exclude(self, excluded: bool) -> None:  # noqa: FBT001 - Textual calls it by place
        """Include or exclude what will be chosen."""
        self._excluded = excluded
        self._draw()

    def action_leave(self) -> None:
        """Leave the query as it is."""
        self.dismiss(None)

    def _draw(self) -> None:
        self._list.styles.height = min(len(self._values), max(self.size.height - _FRAME_ROWS, 1))
        other = "+" if self._excluded else "-"
        left: Line = (
            ("  ", ""),
            ("Exclude" if self._excluded else "Include", "bold accent"),
            ("  what this row says", "ink"),
        )
        right: Line = (
            (other, "bold accent"),
            (" include   " if self._excluded else " exclude   ", "ink-muted"),
            ("esc", "bold accent"),
            (" closes  ", "ink-muted"),
        )
        self._head.show(self.head_rows(left, right))
        self._list.show(ValueRows(self._values, self._glyphs), cursor=self._list.cursor or 0)
        self._draw_foot()

    def _draw_foot(self) -> None:
        found = self._values[self._list.cursor or 0]
        term = cut(found.term(excluded=self._excluded), self.box_width - 14, self._glyphs.ellipsis)
        line: Line = (("  ", ""), ("enter", "bold accent"), (" adds  ", "ink-muted"), (term, "ink-strong"))
        self._foot.show(self.foot_rows(line))
