"""The copy menu: what can be copied of the request, the likeliest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding

from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.copy_items import CopyMenuContent
from apigw_tui.tui.copy_view import CopyItem
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.overlay import Overlay
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import Row
from apigw_tui.tui.story_head import id_spans, status_spans

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.tui.line import Line

_PREVIEW_COLUMN: Final = 26
_TEXT_EDGE: Final = 2
_FRAME_ROWS: Final = 6


@dataclass(frozen=True)
class MenuRows:
    """The items with a blank row between their blocks."""

    items: tuple[CopyItem | None, ...]
    glyphs: Glyphs

    def __len__(self) -> int:
        return len(self.items)

    def stops(self, index: int) -> bool:
        """The cursor stands on items."""
        return self.items[index] is not None

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one item: key, name, what would be copied."""
        item = self.items[index]
        if item is None:
            return Row(stop=False)
        bar: Line = ((self.glyphs.bar if cursor else " ", "accent"), (" ", ""), (item.key, "bold accent"), ("  ", ""))
        label = cut(item.label, _PREVIEW_COLUMN - 6, self.glyphs.ellipsis)
        name = (label.ljust(_PREVIEW_COLUMN - 5), "bold ink-strong" if cursor else "ink")
        shown = cut(item.preview, width - _PREVIEW_COLUMN - _TEXT_EDGE, self.glyphs.ellipsis)
        preview: Line = ((shown, "ink-muted"),)
        if cursor and item.label == "request ID":
            preview = id_spans(shown)
        return Row((*bar, name, *preview), "cursor" if cursor else "raised")


class CopyMenu(RowMotions, Overlay[CopyItem | None]):
    """Gives back the chosen item, or None; the app copies it."""

    WIDEST = 92
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list", chosen(*MOTIONS)),
        Binding("enter", "choose", show=False),
        Binding("escape,y,q", "leave", show=False),
    ]

    def __init__(self, content: CopyMenuContent, *, route: str, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._content = content
        self._route = route
        items: list[CopyItem | None] = []
        for item in content.items:
            if items and items[-1] is not None and items[-1].block != item.block:
                items.append(None)
            items.append(item)
        self._items = tuple(items)
        self._list = LineView(widget_id="copy-list", glyphs=glyphs)

    def body(self) -> ComposeResult:
        """The items."""
        yield self._list

    @property
    def moved_view(self) -> LineView:
        """What the keys move."""
        return self._list

    def plain_text(self) -> str:
        """What the menu says, without colours."""
        return "\n".join(row.rstrip() for view in (self._head, self._list, self._foot) for row in view.plain_rows())

    def on_mount(self) -> None:
        """Select the first item."""
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """Choose an item by its own key."""
        for item in self._content.items:
            if event.character == item.key:
                event.stop()
                event.prevent_default()
                self.dismiss(item)
                return

    def on_line_view_clicked(self, event: LineView.Clicked) -> None:
        """Choose the clicked item."""
        event.stop()
        if event.view is self._list and self._items[event.index] is not None:
            self.dismiss(self._items[event.index])

    def action_choose(self) -> None:
        """Copy what the cursor stands on."""
        cursor = self._list.cursor
        self.dismiss(None if cursor is None else self._items[cursor])

    def action_leave(self) -> None:
        """Copy nothing."""
        self.dismiss(None)

    def _draw(self) -> None:
        room = max(self.size.height - _FRAME_ROWS, 1)
        self._list.styles.height = min(len(self._items), room)
        # A narrow screen has no scroll thumb.
        known = f"{len(self._content.items)} items   " if len(self._items) > room else ""
        status: Line = (*status_spans(self._content.status, self._glyphs), ("  ", "")) if self._content.status else ()
        left: Line = (("  ", ""), ("Copy", "bold accent"), ("  ", ""), *status, (self._content.title, "ink"))
        right: Line = ((known, "ink-muted"), ("esc", "bold accent"), (" closes", "ink-muted"), ("  ", ""))
        self._head.show(self.head_rows(left, right))
        foot: Line = (("  ", ""), (self._secrets(), "ink-muted"))
        route: Line = ((self._route, "ink-muted"), ("  ", ""))
        self._foot.show(self.foot_rows(foot, route))
        self._list.show(MenuRows(self._items, self._glyphs), cursor=self._list.cursor or 0)

    def _secrets(self) -> str:
        found, state = self._content.secrets, "shown" if self._content.revealed else "masked"
        return f"Secrets are {state} · {found} found" if found else "No secrets found"
