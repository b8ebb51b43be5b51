"""The column picker: every column there is with an example; which are shown, in which order, how wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input

from apigw_tui.core import units
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.column_table import (
    LEAST_WIDTH,
    MOST_WIDTH,
    Chosen,
    ChosenColumn,
    column_named,
    meaning_of,
)
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.overlay import Overlay
from apigw_tui.tui.row_cells import one_line
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import FixedRows, Row

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.tui.line import Line

_FRAME_ROWS: Final = 8
_MOST_ROWS: Final = 24
_LEFT_CELLS: Final = 40
_NAME_CELLS: Final = 26


@dataclass(frozen=True)
class OfferedColumn:
    """One line of the picker: `width` None for the width that the column has by itself."""

    name: str
    example: str = ""
    width: int | None = None
    shown: bool = False

    @property
    def cells(self) -> int:
        """How wide it is."""
        column = column_named(self.name)
        return self.width or (column.width if column else LEAST_WIDTH)


def offered(names: Sequence[str], current: Chosen, examples: Mapping[str, str]) -> tuple[OfferedColumn, ...]:
    """All columns: those that are shown first, in their order, then the others of `names`."""
    shown = [OfferedColumn(each.name, examples.get(each.name, ""), each.width, shown=True) for each in current]
    known = {each.name for each in current}
    return (*shown, *(OfferedColumn(name, examples.get(name, "")) for name in names if name not in known))


@dataclass(frozen=True)
class ColumnRows:
    """The columns that fit what was typed."""

    columns: tuple[OfferedColumn, ...]
    glyphs: Glyphs

    def __len__(self) -> int:
        return len(self.columns)

    def stops(self, index: int) -> bool:  # noqa: ARG002 - the same for each
        """The cursor stands on every column."""
        return True

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one column: whether it is shown, how wide, what it says."""
        column, glyphs = self.columns[index], self.glyphs
        name = "bold ink-strong" if cursor else "ink" if column.shown else "ink-muted"
        sign = glyphs.done if column.shown else ""
        example = one_line(column.example or meaning_of(column.name), glyphs)
        line: Line = (
            (glyphs.bar if cursor else " ", "accent"),
            (" ", ""),
            (sign.ljust(3), "accent"),
            (cut(column.name, _NAME_CELLS, glyphs.ellipsis).ljust(_NAME_CELLS), name),
            ((str(column.cells) if column.shown else "").rjust(4), "ink" if column.width else "ink-faint"),
            ("   ", ""),
            (cut(example, max(1, width - _LEFT_CELLS), glyphs.ellipsis), "ink" if column.example else "ink-faint"),
        )
        return Row(line, "cursor" if cursor else "raised")


class ColumnPicker(RowMotions, Overlay[Chosen | None]):
    """Gives back the chosen columns, none of them for those that fit the width, or None to leave all as it is."""

    DEFAULT_CSS = """
    ColumnPicker #overlay-typed { display: none; }
    ColumnPicker.-finding #overlay-typed { display: block; }
    ColumnPicker #column-sign { width: 4; height: 1; }
    """
    AUTO_FOCUS = ""
    WIDEST = 78
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list", chosen(*MOTIONS)),
        Binding("space", "show_or_hide", show=False),
        Binding("J,shift+down", "shift(1)", show=False),
        Binding("K,shift+up", "shift(-1)", show=False),
        Binding("greater_than_sign,plus", "widen(1)", show=False),
        Binding("less_than_sign,minus", "widen(-1)", show=False),
        Binding("slash", "find", show=False),
        Binding("r", "reset", show=False),
        Binding("enter", "apply", show=False),
        Binding("escape", "leave", show=False),
        Binding("q", "close", show=False),
    ]

    def __init__(
        self,
        columns: Sequence[OfferedColumn],
        usual: Sequence[OfferedColumn],
        *,
        are_usual: bool,
        glyphs: Glyphs = UNICODE,
    ) -> None:
        """`usual` are all columns as they are where none were chosen, `are_usual` whether these are shown."""
        super().__init__(glyphs=glyphs)
        self._columns = tuple(columns)
        self._usual = tuple(usual)
        self._are_usual = are_usual
        self._sign = LineView(widget_id="column-sign", glyphs=glyphs, thumb=False)
        self._typed = Input(placeholder="type to find", compact=True)
        self._list = LineView(widget_id="column-list", glyphs=glyphs)

    def body(self) -> ComposeResult:
        """What is typed, the columns."""
        with Horizontal(id="overlay-typed"):
            yield self._sign
            yield self._typed
        yield self._list

    @property
    def moved_view(self) -> LineView:
        """What the keys move."""
        return self._list

    def on_mount(self) -> None:
        """Stand on the first column."""
        self._draw(0)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw(self._list.cursor or 0)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Leave the columns that contain what was typed."""
        event.stop()
        self._draw(0)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on among the columns that were found."""
        event.stop()
        self.set_focus(None)

    def on_line_view_clicked(self, event: LineView.Clicked) -> None:
        """Show or hide the clicked column."""
        event.stop()
        if event.view is self._list:
            self.action_show_or_hide()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a name is typed only leaving is a key."""
        if isinstance(self.focused, Input) and action in ("apply", "show_or_hide", "close"):
            return False
        return super().check_action(action, parameters)

    def action_show_or_hide(self) -> None:
        """Show the column under the cursor, or hide it."""
        column = self._column()
        if column is not None:
            self._change({column.name: replace(column, shown=not column.shown)})

    def action_shift(self, by: int) -> None:
        """Move the column under the cursor up or down in the order."""
        column, found = self._column(), self._found()
        if column is None:
            return
        place = found.index(column) + by
        if not 0 <= place < len(found):
            return
        other = found[place]
        order = [each for each in self._columns if each != column]
        order.insert(order.index(other) + (by > 0), column)
        self._columns, self._are_usual = tuple(order), False
        self._draw(place)

    def action_widen(self, by: int) -> None:
        """Make the column under the cursor wider or narrower."""
        column = self._column()
        if column is not None:
            width = min(max(column.cells + by, LEAST_WIDTH), MOST_WIDTH)
            self._change({column.name: replace(column, width=width, shown=True)})

    def action_find(self) -> None:
        """Type a part of a name."""
        self.add_class("-finding")
        self._typed.focus()

    def action_reset(self) -> None:
        """Back to the columns that fit the width."""
        self._columns, self._are_usual = self._usual, True
        self._draw(0)

    def action_apply(self) -> None:
        """Show these columns."""
        shown = tuple(ChosenColumn(each.name, each.width) for each in self._columns if each.shown)
        if self._are_usual or shown:
            self.dismiss(() if self._are_usual else shown)

    def action_leave(self) -> None:
        """Leave what was typed, or the picker."""
        if self.has_class("-finding"):
            self.remove_class("-finding")
            self.set_focus(None)
            self._typed.value = ""
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Leave the columns as they were."""
        self.dismiss(None)

    def _found(self) -> tuple[OfferedColumn, ...]:
        typed = self._typed.value.strip().casefold()
        return tuple(each for each in self._columns if typed in f"{each.name} {meaning_of(each.name)}".casefold())

    def _column(self) -> OfferedColumn | None:
        found, cursor = self._found(), self._list.cursor
        return found[cursor] if found and cursor is not None else None

    def _change(self, changed: Mapping[str, OfferedColumn]) -> None:
        self._columns = tuple(changed.get(each.name, each) for each in self._columns)
        self._are_usual = False
        self._draw(self._list.cursor or 0)

    def _draw(self, cursor: int) -> None:
        found = self._found()
        room = max(self.size.height - _FRAME_ROWS, 1)
        self._list.styles.height = max(1, min(len(self._columns), _MOST_ROWS, room))
        left: Line = (("  ", ""), ("Columns", "bold accent"), (f"   {self._told()}", "ink"))
        right: Line = (("esc", "bold accent"), (" closes", "ink-muted"), ("  ", ""))
        self._head.show(self.head_rows(left, right))
        self._sign.show(FixedRows((Row((("  ", ""), ("/", "bold accent"))),)))
        if found:
            self._list.show(ColumnRows(found, self._glyphs), cursor=cursor, top=self._list.top)
        else:
            nothing: Line = (("  ", ""), ("No column has this in its name.", "ink-muted"))
            self._list.show(FixedRows((Row(nothing, stop=False),)))
        keys = (("space", "show"), ("J K", "move"), ("< >", "width"), ("/", "find"), ("r", "reset"))
        told = tuple(span for key, word in keys for span in ((f"  {key}", "bold accent"), (f" {word} ", "ink-muted")))
        enter: Line = (("enter", "bold accent"), (" applies", "ink-muted"), ("  ", ""))
        self._foot.show(self.foot_rows(told, enter))

    def _told(self) -> str:
        if self._are_usual:
            return "those that fit the width"
        shown = [each for each in self._columns if each.shown]
        if not shown:
            return "at least one is needed"
        cells = sum(each.cells for each in shown) + 2 * len(shown)
        return f"{len(shown)} of {units.count(len(self._columns))} · {cells} cells"
