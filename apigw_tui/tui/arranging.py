"""Keys that arrange the rows: which columns there are, which of them the rows are sorted by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on

from apigw_tui.core.query_ast import ACCESS
from apigw_tui.core.secrets import mask_value
from apigw_tui.core.sorting import Sort
from apigw_tui.errors import AppError
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.cell_value import cell_value
from apigw_tui.tui.choice_menu import ChoiceMenu, Choices
from apigw_tui.tui.column_heads import ColumnHeads
from apigw_tui.tui.column_memory import ColumnMemory
from apigw_tui.tui.column_picker import ColumnPicker, offered
from apigw_tui.tui.column_table import COLUMNS, Chosen, ChosenColumn
from apigw_tui.tui.columns import layout
from apigw_tui.tui.event_list import RowList
from apigw_tui.tui.narrowing import Narrowing

if TYPE_CHECKING:
    from textual.binding import BindingType

    from apigw_tui.sources.base import Source
    from apigw_tui.tui.picture import Picture
    from apigw_tui.tui.remembering import Memory
    from apigw_tui.tui.session import Session

_LIKELIEST: Final = "latency"
_WARNING_S: Final = 6.0


class Arranging(Narrowing):
    """Panes whose rows can have other columns and another order."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", chosen("choose_columns", "sort_rows"))]

    _follows_again: bool = False
    """Whether the newest row is to be followed once the rows are in the order of time."""

    def watch_source(
        self,
        source: Source,
        session: Session,
        *,
        place: tuple[str | None, str | None],
        memory: Memory | None = None,
    ) -> None:
        """Another source was opened: show the columns that were chosen for it."""
        super().watch_source(source, session, place=place, memory=memory)
        try:
            self._list.choose_columns(ColumnMemory().load(session))
        except AppError as error:
            self._list.choose_columns(())
            self._flash(f"{error} The columns are the usual ones.", _WARNING_S)

    def show_picture(self, picture: Picture) -> None:
        """Show a picture; follow its newest row where that was waited for."""
        super().show_picture(picture)
        if self._follows_again and self._list.in_time_order:
            self._follows_again = False
            self._list.follow()

    @on(RowList.TableChanged)
    def _table_changed(self, event: RowList.TableChanged) -> None:
        self.query_one(ColumnHeads).show(event.table)

    @on(RowList.NothingBeside)
    def _nothing_beside(self) -> None:
        if self._list.wrap:
            self._flash("Lines are wrapped: w cuts them, then < and > scroll.")
        else:
            self._flash("There is nothing more at this side: T chooses columns.")

    @on(RowList.NotInTimeOrder)
    def _not_in_time_order(self) -> None:
        self._flash(f"{self._told_order()}: new rows are followed in the order of time only, 0 goes back to it.", 5)

    # -- columns

    def action_choose_columns(self) -> None:
        """Choose which columns the requests have."""
        session, picture = self._session, self._picture
        if session is None or picture is None:
            return
        if session.mode != "requests":
            self._flash("Events are shown as they were logged: v shows requests, whose columns can be chosen.")
            return
        examples = self._examples(picture)
        usual = tuple(ChosenColumn(column.name) for column in layout(self._list.size.width))
        current = self._list.chosen
        picker = ColumnPicker(
            offered([*examples], current or usual, examples),
            offered([*examples], usual, examples),
            are_usual=not current,
            glyphs=self._glyphs,
        )
        self.app.push_screen(picker, self._columns_chosen)

    def _columns_chosen(self, columns: Chosen | None) -> None:
        session = self._session
        if columns is None or session is None or columns == self._list.chosen:
            return
        self._list.choose_columns(columns)
        self._version += 1
        self._show_rows(keep=True)
        try:
            ColumnMemory().save(session, columns)
        except AppError as error:
            self._flash(f"{error} The columns are not remembered.", _WARNING_S)

    def _examples(self, picture: Picture) -> dict[str, str]:
        """All columns by name, each with what the row under the cursor says there, or else some other."""
        row = self._list.cursor_row or {}
        found = {name: cell_value(row, name) for name in COLUMNS}
        examples = {name: value.value if value else "" for name, value in found.items()}
        examples["stage"] = str(row.get("stage") or "")
        fields = picture.entries.names()
        if row.get("access_events"):
            own = picture.entries.of([row]).get(row["key"], {})
            fields |= {name: str(value) for name, value in own.items() if value not in (None, "", "-")}
        if not self._reveal:
            fields = {name: mask_value(name, value) for name, value in fields.items()}
        return examples | {f"{ACCESS}{name}": value for name, value in sorted(fields.items())}

    # -- order

    def action_sort_rows(self) -> None:
        """Sort by the column of the cell cursor, or ask which; again the other way round, then by time."""
        session = self._session
        if session is None:
            return
        if session.mode != "requests":
            self._flash("Events are in the order of time: v shows requests, which can be sorted.")
            return
        sort, cell = Sort.parse(session.sort), self._list.cell
        if cell is not None and (sort is None or sort.name != cell):
            self.sort_by(str(Sort.first(cell)))
        elif sort is None:
            self._ask_for_order()
        elif sort == Sort.first(sort.name):
            self.sort_by(str(replace(sort, descending=not sort.descending)))
        else:
            self.sort_by("")

    def sort_by(self, sort: str) -> None:
        """Show the requests in this order, such as `-latency`; empty for that of time."""
        if self._session is None or sort == self._session.sort:
            return
        self._change(replace(self._session, sort=sort))
        self._flash(f"{self._told_order()}.")

    def follow_newest(self) -> None:
        """Follow the newest row, for which the rows have to be in the order of time."""
        if self._session is not None and self._session.sort:
            self._follows_again = True
            self.sort_by("")
        else:
            self._list.follow()

    def _ask_for_order(self) -> None:
        shown = (column.name for column in self._list.columns)
        fields = self._picture.entries.names() if self._picture is not None else {}
        names = dict.fromkeys((_LIKELIEST, *shown, *COLUMNS, *(f"{ACCESS}{name}" for name in sorted(fields))))
        choices = Choices("column", tuple(names), does="sorts by")

        def chosen_column(name: str | None) -> None:
            if name is not None:
                self.sort_by(str(Sort.first(name)))

        self.app.push_screen(ChoiceMenu(choices, glyphs=self._glyphs), chosen_column)

    def _told_order(self) -> str:
        sort = Sort.parse(self._session.sort) if self._session is not None else None
        if sort is None:
            return "The rows are in the order of time"
        if sort.name == "time":
            return f"The rows are sorted by time, the {'newest' if sort.descending else 'oldest'} first"
        return f"The rows are sorted by {sort.name}, the {'largest' if sort.descending else 'smallest'} first"
