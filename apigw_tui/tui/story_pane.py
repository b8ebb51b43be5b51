"""The story of one request: why it failed, how its time went, its lines; the other tabs show the rest."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import Horizontal, Vertical
from textual.message import Message

from apigw_tui.core.secrets import mask_value
from apigw_tui.tui import later
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.query_matches import wanted_text
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import FixedRows
from apigw_tui.tui.story_head import CauseContext, tab_at
from apigw_tui.tui.story_reading import SIDE, TABS, Layout, Reading, Shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo
    from typing import Any

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from apigw_tui.core.story import Story
    from apigw_tui.errors import AppError
    from apigw_tui.tui.story_lines import Anchor

__all__ = ["TABS", "CauseContext", "StoryPane"]

_KEYS: Final = (
    "next_of_request",
    "previous_of_request",
    "previous_tab",
    "next_tab",
    "next_match",
    "previous_match",
    "wrap",
    "open",
    "back",
)
_TICK_SECONDS: Final = 0.2


class StoryPane(RowMotions, Vertical, can_focus=True):
    """Shows a story; asks for nothing and fetches nothing."""

    DEFAULT_CSS = """
    StoryPane { background: $background; color: $ink; height: 1fr; width: 1fr; }
    StoryPane #story-body { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("story", chosen(*MOTIONS, *_KEYS))]

    class StoryClosed(Message):
        """The reader stepped back to the list."""

    class LineChosen(Message):
        """Another line is current, or on the Access tab another field: `name` and its value."""

        def __init__(self, text: str, name: str | None = None) -> None:
            super().__init__()
            self.text = text
            self.name = name

    class NoMatch(Message):
        """The query looks for nothing that stands further on in this tab, or before."""

        def __init__(self, *, backwards: bool) -> None:
            super().__init__()
            self.backwards = backwards

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._reading = Reading(glyphs=glyphs)
        self._shown: Shown | None = None
        self._untold: tuple[str, ...] = ()
        self._layout_shown: Layout | None = None
        self._drawn_for: tuple[Story, Reading, int] | None = None
        self._fetching_since = 0.0
        self._moves_before = 0
        self._timer: Timer | None = None
        self._head = LineView(widget_id="story-head", glyphs=glyphs, thumb=False)
        self._side = LineView(widget_id="story-side", glyphs=glyphs, thumb=False)
        self._lines = LineView(widget_id="story-lines", glyphs=glyphs)

    def compose(self) -> ComposeResult:
        """Head above; phases and lines beside each other below."""
        self._side.styles.width = SIDE
        yield self._head
        with Horizontal(id="story-body"):
            yield self._side
            yield self._lines

    @property
    def story(self) -> Story | None:
        """The story that is shown."""
        return self._shown.story if self._shown else None

    @property
    def tab(self) -> str:
        """The name of the open tab."""
        return TABS[self._reading.tab]

    def show(
        self,
        story: Story,
        *,
        context: CauseContext | None,
        fetching: bool = False,
        error: AppError | None = None,
        trace_region: str | None = None,
    ) -> None:
        """Show a story; `fetching` while lines are still being read, `error` when they could not be.

        A fresher version of the same request leaves tab, cursor and folds as they are.
        """
        same = self.story is not None and self.story.request["request_id"] == story.request["request_id"]
        if not same:
            self._reading = replace(self._reading, opened=frozenset())
        waited = self._shown is not None and self._shown.fetching_ms is not None
        if fetching and not (same and waited):
            self._fetching_since = time.monotonic()
        waited_ms = self._waited_ms() if fetching else None
        self._shown = Shown(story, context, waited_ms, error, trace_region, () if fetching else self._untold)
        self._tick(on=fetching)
        self._draw(keep=same)

    def show_row(self, row: Mapping[str, Any]) -> None:
        """Show what the request's row knows while its story is being stitched."""
        self._untold = ()
        self.show(later.story_of_row(row), context=None, fetching=True)

    def clear(self) -> None:
        """Show nothing."""
        self._shown = self._layout_shown = self._drawn_for = None
        self._tick(on=False)
        for view in (self._head, self._side, self._lines):
            view.show(FixedRows())

    def set_zone(self, zone: tzinfo) -> None:
        """Show times in another zone."""
        self._reading = replace(self._reading, zone=zone)
        self._draw(keep=True)

    def set_reveal(self, *, reveal: bool) -> None:
        """Show secrets, or mask them again."""
        self._reading = replace(self._reading, reveal=reveal)
        self._draw(keep=True)

    def set_untold(self, untold: tuple[str, ...]) -> None:
        """Say with the next story what was not logged of it."""
        self._untold = untold

    def set_query(self, query: str) -> None:
        """Mark what this query looks for."""
        wanted = wanted_text(query) if query else None
        if wanted != self._reading.wanted:
            self._reading = replace(self._reading, wanted=wanted)
            self._draw(keep=True)

    def open_tab(self, name: str) -> None:
        """Open a tab by its name."""
        self._reading = replace(self._reading, tab=TABS.index(name))
        self._draw(keep=False)

    def next_line_of_interest(self, step: int = 1) -> None:
        """Go to the next (with -1 the previous) line that tells something."""
        rows, cursor = self._lines.rows, self._lines.cursor
        if not isinstance(rows, later.StoryLineRows) or cursor is None:
            return
        place = rows.telling(cursor + step, step)
        if place is not None:
            self._lines.move_to(place)

    def line_under_cursor(self) -> str | None:
        """The whole line on which the cursor stands, secrets masked as shown."""
        rows, cursor = self._lines.rows, self._lines.cursor
        if cursor is None or not isinstance(rows, later.StoryLineRows):
            return None
        return rows.text_at(cursor)

    def text_under_cursor(self) -> str | None:
        """The line under the cursor, or name and value of the access field, secrets masked as shown."""
        found = self.field_under_cursor()
        if found is None:
            return self.line_under_cursor()
        return f"{found[0]}: {found[1] if self._reading.reveal else mask_value(*found)}"

    def field_under_cursor(self) -> tuple[str, str] | None:
        """Name and value, as logged, of the access field on which the cursor stands."""
        rows, cursor = self._lines.rows, self._lines.cursor
        if cursor is None or not isinstance(rows, later.FieldRows) or self.story is None:
            return None
        name = rows.fields[cursor][0]
        value = self.story.access.get(name)
        return None if value is None else (name, str(value))

    def plain_text(self) -> str:
        """What is on screen, part below part, without colours."""
        views = [view for view in (self._head, self._side, self._lines) if view.display]
        return "\n".join(row.rstrip() for view in views for row in view.plain_rows())

    @property
    def moved_view(self) -> LineView:
        """What the keys move."""
        return self._lines

    def action_next_of_request(self) -> None:
        """Go to the next line that tells something."""
        self.next_line_of_interest()

    def action_previous_of_request(self) -> None:
        """Go to the previous line that tells something."""
        self.next_line_of_interest(-1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `n` to the list where nothing in the story is looked for."""
        if action in ("next_match", "previous_match") and self._reading.wanted is None:
            return False
        return super().check_action(action, parameters)

    def action_next_match(self) -> None:
        """Go to the next text that the query looks for, also in lines that are folded."""
        self._go_to_match(1)

    def action_previous_match(self) -> None:
        """Go to the previous text that the query looks for."""
        self._go_to_match(-1)

    def action_next_tab(self) -> None:
        """Open the tab to the right."""
        self.open_tab(TABS[min(self._reading.tab + 1, len(TABS) - 1)])

    def action_previous_tab(self) -> None:
        """Open the tab to the left."""
        self.open_tab(TABS[max(self._reading.tab - 1, 0)])

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them again."""
        self._reading = replace(self._reading, wrap=not self._reading.wrap)
        self._draw(keep=True)

    def action_open(self) -> None:
        """Unfold or fold the lines under the cursor."""
        if self._lines.cursor is not None:
            self._toggle(self._lines.cursor)

    def action_back(self) -> None:
        """Step back to the list."""
        self.post_message(self.StoryClosed())

    def on_resize(self) -> None:
        """Lay out for the new size."""
        self._draw(keep=True)

    def on_line_view_clicked(self, event: LineView.Clicked) -> None:
        """Open the clicked tab, or unfold the clicked fold."""
        event.stop()
        if event.view is self._lines:
            self._toggle(event.index)
        layout, story = self._layout_shown, self.story
        if event.view is self._head and layout and story and event.index == layout.tab_row:
            tab = tab_at(later.tabs(story), event.column - layout.tab_column)
            if tab is not None:
                self.open_tab(TABS[tab])

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Tell what is current now."""
        event.stop()
        found = self.field_under_cursor()
        if found is not None:
            self.post_message(self.LineChosen(found[1], found[0]))
        elif (text := self.line_under_cursor()) is not None:
            self.post_message(self.LineChosen(text))

    def _go_to_match(self, step: int) -> None:
        wanted = self._reading.wanted
        if wanted is None:
            return
        found = later.next_match(self._lines, wanted, step)
        if found is None:
            self.post_message(self.NoMatch(backwards=step < 0))
            return
        if found.opens:
            self._reading = replace(self._reading, opened=self._reading.opened | {found.opens})
            self._lines.moves += 1
            self._draw(keep=True)
        rows = self._lines.rows
        place = rows.place_of(found.anchor) if found.anchor and isinstance(rows, later.StoryLineRows) else found.place
        self._lines.move_to(found.place if place is None else place)

    def _toggle(self, index: int) -> None:
        rows = self._lines.rows
        names = rows.opens(index, self._lines.size.width) if isinstance(rows, later.StoryLineRows) else ()
        opened = self._reading.opened
        if names:
            are_open = not opened.isdisjoint(names)
            self._reading = replace(self._reading, opened=opened.difference(names) if are_open else opened | {names[0]})
            self._lines.moves += 1
            self._draw(keep=True)

    def _draw(self, *, keep: bool) -> None:
        """Lay out again; `keep` the cursor on its line, else start at the evidence."""
        width, height = self.size
        if self._shown is None or not width or not height:
            return
        if keep and self._is_drawn(width):
            return
        self._drawn_for = (self._shown.story, self._reading, width)
        layout = later.lay_out(self._shown, self._reading, width, height)
        # Until the reader moves, the place depends on what there is, not on the order in which it came.
        keep = keep and self._lines.moves != self._moves_before
        anchor = _anchor(self._lines) if keep else None
        shift = self._lines.cursor - self._lines.top if keep and self._lines.cursor is not None else None
        top = self._lines.top if keep else 0
        self._layout_shown = layout
        self._head.styles.height = min(len(layout.head), height)
        self._head.show(layout.head)
        self._side.display = layout.side is not None
        self._side.show(layout.side or FixedRows())
        cursor = _cursor_for(layout, anchor) if layout.has_cursor else None
        if anchor is not None and cursor is not None and shift is not None:
            top = cursor - shift  # The reader's row stays where it is on screen, whatever came above it.
        self._lines.show(layout.main, cursor=cursor, top=top)
        if not keep:
            self._moves_before = self._lines.moves
            self.call_after_refresh(self._place_again)

    def _place_again(self) -> None:
        """The lines may have got another height with their new neighbours."""
        if self._lines.moves == self._moves_before:
            self._lines.show(self._lines.rows, cursor=self._lines.cursor)

    def _is_drawn(self, width: int) -> bool:
        """Whether the tab shows this already: only the story itself depends on time and height."""
        if self._shown is None or self._drawn_for is None or self.tab == "Story":
            return False
        story, reading, drawn_width = self._drawn_for
        return story is self._shown.story and reading == self._reading and drawn_width == width

    def _tick(self, *, on: bool) -> None:
        if on and self._timer is None and self.is_mounted:
            self._timer = self.set_interval(_TICK_SECONDS, self._count_up)
        if not on and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _count_up(self) -> None:
        if self._shown is not None:
            self._shown = replace(self._shown, fetching_ms=self._waited_ms())
            self._draw(keep=True)

    def _waited_ms(self) -> int:
        return int((time.monotonic() - self._fetching_since) * 1000)


def _anchor(view: LineView) -> Anchor | int | None:
    """What the cursor stands on, so that it can be found again among other rows."""
    if isinstance(view.rows, later.StoryLineRows) and view.cursor is not None:
        return view.rows.anchor(view.cursor)
    return view.cursor


def _cursor_for(layout: Layout, anchor: Anchor | int | None) -> int:
    """Where the cursor goes: to what it stood on, else to the evidence, else to the top."""
    rows = layout.main
    if not isinstance(rows, later.StoryLineRows):
        return anchor if isinstance(anchor, int) else 0
    found = rows.place_of(anchor) if isinstance(anchor, tuple) else None
    return rows.evidence_place() if found is None else found
