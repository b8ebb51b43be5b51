"""The stage picker: what there is in the account, what it logs, and where to start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from apigw_tui.core.query import looks_like_id
from apigw_tui.tui.actions import actions_of, bindings, chosen, footer_keys, help_key
from apigw_tui.tui.footer import footer_line
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.picker_heading import title_line, told, top_line, trouble_lines
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import FixedRows, Row, spread
from apigw_tui.tui.stage_table import TableRows, detail_rows, table_head
from apigw_tui.tui.stage_tree import ApiNode, GroupNode, GroupsNode, Node, Offer, StageNode, same_place, tree
from apigw_tui.tui.typed_text import TypedTextFirst

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from apigw_tui.core.stage import Stage
    from apigw_tui.errors import AppError
    from apigw_tui.sources.log_groups import GroupSearch as FoundGroups
    from apigw_tui.sources.log_groups import LogGroup
    from apigw_tui.tui.line import Line
    from apigw_tui.tui.picker_heading import PickerHeading

_KEYS: Final = (
    "edit_query",
    "open",
    "back",
)
_LEAST_HEIGHT_WITH_DETAIL: Final = 28
_TYPED_MOVES: Final = {"down": 1, "up": -1}
_TYPING_PAUSE_S: Final = 0.2
"""So long nothing is typed before log groups are asked for."""
_LOOK_EVERY_S: Final = 0.3


class StagesScreen(TypedTextFirst, RowMotions, Screen[None]):
    """Lists APIs, stages and log groups; says what was chosen and leaves opening to the app."""

    DEFAULT_CSS = """
    StagesScreen { background: $background; color: $ink; layout: vertical; }
    StagesScreen #picker-top, StagesScreen #picker-foot { height: 1; background: $surface; }
    StagesScreen #picker-heading { height: 4; }
    StagesScreen #picker-filter-row { height: 1; }
    StagesScreen #picker-sign { width: 4; height: 1; }
    StagesScreen #picker-filter {
        width: 1fr; height: 1; padding: 0; border: none; background: $background; color: $ink-strong;
    }
    StagesScreen #picker-filter:focus { background: $raised; }
    StagesScreen #picker-head { height: 2; }
    """
    # No widget takes the keys at first: they move the cursor of the table.
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("picker", chosen(*MOTIONS, *_KEYS))]

    class StageChosen(Message):
        """A stage, or a log group by the word that opens it, is to be opened."""

        def __init__(self, stage: Stage | None, group: str | None = None) -> None:
            super().__init__()
            self.stage = stage
            self.group = group

    class Left(Message):
        """The reader stepped back from an empty filter."""

    class GroupSearch(Message):
        """Log groups are wanted whose name contains what was typed; answered by `show_groups`."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Looked(Message):
        """Other rows came into view: these APIs, and the stages among them."""

        def __init__(self, api_ids: tuple[str, ...], stages: tuple[Stage, ...]) -> None:
            super().__init__()
            self.api_ids = api_ids
            self.stages = stages

    class IdEntered(Message):
        """Something was entered that names no API, stage or group: a request ID, perhaps."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self,
        heading: PickerHeading,
        *,
        offer: Offer | None = None,
        mistake: AppError | None = None,
        glyphs: Glyphs = UNICODE,
    ) -> None:
        """`mistake` is why what was asked for could not be opened: it stays, whatever is listed meanwhile."""
        super().__init__()
        self._mistake = mistake
        self._glyphs = glyphs
        self._heading = heading
        self._offer = offer
        self._trouble: AppError | None = None
        self._found: tuple[str, tuple[LogGroup, ...], bool] = ("", (), True)
        self._looked_at: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._folded: frozenset[str] = frozenset()
        self._groups_open = False
        self._has_started = False
        self._moves_before = 0
        self._said = ""
        self._said_timer: Timer | None = None
        self._typing_timer: Timer | None = None
        self._top = LineView(widget_id="picker-top", glyphs=glyphs, thumb=False)
        self._title = LineView(widget_id="picker-heading", glyphs=glyphs, thumb=False)
        self._sign = LineView(widget_id="picker-sign", glyphs=glyphs, thumb=False)
        self._filter = Input(
            id="picker-filter", placeholder="type an API, a stage, a log group or a request ID", compact=True
        )
        self._columns = LineView(widget_id="picker-head", glyphs=glyphs, thumb=False)
        self._table = LineView(widget_id="picker-table", glyphs=glyphs)
        self._detail = LineView(widget_id="picker-detail", glyphs=glyphs, thumb=False)
        self._foot = LineView(widget_id="picker-foot", glyphs=glyphs, thumb=False)

    def compose(self) -> ComposeResult:
        """Heading, filter, table, detail, footer."""
        yield self._top
        yield self._title
        with Horizontal(id="picker-filter-row"):
            yield self._sign
            yield self._filter
        yield self._columns
        yield self._table
        yield self._detail
        yield self._foot

    def show(self, offer: Offer, heading: PickerHeading | None = None) -> None:
        """Show what can be opened; the cursor stays where it is."""
        self._offer = offer
        self._heading = heading or self._heading
        self._draw()

    def await_stages(self, heading: PickerHeading) -> None:
        """Another account is being read."""
        self._offer, self._trouble, self._heading = None, None, heading
        self._looked_at = ((), ())
        self._has_started = False
        self._moves_before = self._table.moves
        self._draw()

    def tick(self, now: int) -> None:
        """Time has passed: move the clock and the ages."""
        self._heading = replace(self._heading, now=now)
        self._draw()

    def say(self, sentence: str, seconds: float = 3.0) -> None:
        """Say something in the footer for a while."""
        self._said = sentence
        if self._said_timer is not None:
            self._said_timer.stop()
        self._said_timer = self.set_timer(seconds, self._end_saying)
        self._draw_foot()

    def show_trouble(self, error: AppError) -> None:
        """Say what failed, until something else is typed; what is shown stays."""
        self._trouble = error
        self._draw()

    def show_groups(self, search: FoundGroups, *, text: str) -> None:
        """Show the log groups found for a text; an answer to an older text is dropped."""
        if text == self._filter.value.strip():
            self._found = (text, search.groups, search.complete)
            self._draw()
            if not isinstance(self.node, StageNode | GroupNode):
                self._skip_headings()

    @property
    def node(self) -> Node | None:
        """What the cursor stands on."""
        rows, cursor = self._table.rows, self._table.cursor
        if cursor is None or not isinstance(rows, TableRows) or cursor >= len(rows):
            return None
        return rows.nodes[cursor]

    def plain_text(self) -> str:
        """What is on screen, without colours."""
        rows: list[str] = []
        for view in (self._top, self._title):
            rows += view.plain_rows()
        rows.append(f"  / {self._filter.value or self._filter.placeholder}")
        for view in (self._columns, self._table, self._detail, self._foot):
            rows += view.plain_rows()
        return "\n".join(row.rstrip() for row in rows)

    @property
    def moved_view(self) -> LineView:
        """What the keys move."""
        return self._table

    def action_edit_query(self) -> None:
        """Type to filter."""
        self.set_focus(self._filter)

    def action_open(self) -> None:
        """Open the stage or group under the cursor; unfold an API."""
        node = self.node
        if isinstance(node, StageNode):
            self.post_message(self.StageChosen(node.stage))
        elif isinstance(node, GroupNode):
            self.post_message(self.StageChosen(None, node.target))
        elif isinstance(node, ApiNode) and node.note:
            self._look()
        elif isinstance(node, ApiNode):
            self._folded = self._folded ^ {node.api_id}
            self._draw()
        elif isinstance(node, GroupsNode):
            self._groups_open = not self._groups_open
            self._draw()

    def action_back(self) -> None:
        """Leave the filter; then drop it; then the picker, where there is something behind it."""
        if self._filter.has_focus:
            self.set_focus(None)
        elif self._filter.value:
            self._filter.value = ""
        else:
            self.post_message(self.Left())

    def on_mount(self) -> None:
        """Draw at once: an account can take a while to be read."""
        self._draw()
        self._skip_headings()
        self.set_interval(_LOOK_EVERY_S, self._look)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._draw)

    def on_key(self, event: object) -> None:
        """Move the cursor while a filter is typed."""
        key = getattr(event, "key", "")
        if self._filter.has_focus and key in _TYPED_MOVES:
            self._table.move(_TYPED_MOVES[key])

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as the text is typed, and ask for log groups of that name."""
        event.stop()
        self._trouble = None
        if self._typing_timer is not None:
            self._typing_timer.stop()
        self._typing_timer = self.set_timer(_TYPING_PAUSE_S, self._ask_groups)
        self._draw()
        self._skip_headings()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open what the cursor stands on; a text that matches nothing may be a request ID."""
        event.stop()
        if self.node is None:
            self.post_message(self.IdEntered(event.value.strip()))
        else:
            self.set_focus(None)
            self.action_open()

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Tell of the stage under the cursor."""
        event.stop()
        self._draw_detail()

    def on_line_view_clicked(self, event: LineView.Clicked) -> None:
        """Open what was clicked: an API at once, a stage when the cursor was on it."""
        event.stop()
        if event.view is self._table and (event.again or isinstance(self.node, ApiNode | GroupsNode)):
            self.action_open()

    def _ask_groups(self) -> None:
        text = self._filter.value.strip()
        if text:
            self.post_message(self.GroupSearch(text))

    def _look(self) -> None:
        """Tell which APIs and stages are in view, when they are others than before."""
        rows, table = self._table.rows, self._table
        if not isinstance(rows, TableRows):
            return
        nodes = rows.nodes[table.top : table.top + table.page]
        stages = tuple(node.stage for node in nodes if isinstance(node, StageNode))
        apis = [
            node.api_id if isinstance(node, ApiNode) else node.stage.api_id
            for node in nodes
            if isinstance(node, ApiNode | StageNode)
        ]
        seen = (tuple(dict.fromkeys(apis)), tuple(stage.scope for stage in stages))
        if seen != self._looked_at:
            self._looked_at = seen
            self.post_message(self.Looked(seen[0], stages))

    def _draw(self) -> None:
        if not self.is_mounted or not self.size.width:
            return
        width, offer = self.size.width, self._offered()
        text = self._filter.value.strip()
        nodes = tree(offer, closed=self._folded, groups_open=self._groups_open, text=text) if self._offer else ()
        rows = TableRows(nodes, offer, self._heading.now, self._glyphs)
        cursor, place = self._table.cursor or 0, same_place(nodes, self.node)
        moved = 0 if place is None else place - cursor
        if text and not nodes:
            self._table.show(FixedRows((Row((("  ", ""), (_unknown(text), "ink-muted"))),)))
        else:
            self._table.show(rows, cursor=cursor + moved, top=self._table.top + moved)
        if not self._has_started and any(isinstance(node, StageNode | GroupNode) for node in nodes):
            # Who has moved already keeps the cursor.
            if self._table.moves == self._moves_before:
                self._skip_headings()
            self._has_started = True
        self._top.show(FixedRows((Row(top_line(self._heading, width)),)))
        title = self._title_rows(width)
        self._title.styles.height = len(title)
        self._title.show(FixedRows(title))
        self._sign.show(FixedRows((Row((("  ", ""), ("/", "bold accent"))),)))
        self._columns.show(FixedRows((Row(), table_head(width))))
        self._draw_foot()
        self._draw_detail()

    def _offered(self) -> Offer:
        """What can be opened, with the log groups that were found for what is typed."""
        offer = self._offer or Offer()
        text, groups, complete = self._found
        if not text or text != self._filter.value.strip():
            return offer
        merged = {(group.account, group.name): group for group in (*offer.groups, *groups)}
        return replace(offer, groups=tuple(merged.values()), has_more_groups=not complete)

    def _title_rows(self, width: int) -> tuple[Row, ...]:
        counted = spread((("  ", ""), (told(self._heading, self._offer), "ink-muted")), (), width)
        errors = [error for error in (self._trouble, self._mistake, *self._heading.troubles) if error is not None]
        lines = [title_line(self._heading, width)]
        lines += [counted] if self._offer is not None or not errors else []
        for error in errors[:1]:
            lines += [(("  ", ""), *line) for line in trouble_lines(error, width - 4, self._glyphs)]
        return (Row(), *(Row(line) for line in lines), Row())

    def _draw_foot(self) -> None:
        self._foot.show(FixedRows((Row(self._foot_line(self.size.width)),)))

    def _end_saying(self) -> None:
        self._said = ""
        self._draw_foot()

    def _foot_line(self, width: int) -> Line:
        if self._said:
            return ((" ", ""), (cut(self._said, width - 2), "ink"))
        hints = footer_keys("picker", actions_of(self.app))
        return footer_line([(key.keys, key.label) for key in hints], width, help_key(self.app))

    def _draw_detail(self) -> None:
        width = self.size.width
        rows = detail_rows(self.node, self._offer or Offer(), width)
        if self.size.height < _LEAST_HEIGHT_WITH_DETAIL:
            rows = []
        if not self._heading.demo:
            hint: Line = (
                ("  No account at hand?  ", "ink-muted"),
                ("apigw-tui --demo", "ink-strong"),
                ("  opens an invented shop with a running incident.", "ink-muted"),
            )
            rows = [*rows, Row(), Row(spread(hint, (), width))]
        self._detail.styles.height = len(rows)
        self._detail.display = bool(rows)
        self._detail.show(FixedRows(tuple(rows)))

    def _skip_headings(self) -> None:
        """The cursor starts on the first stage or group: what can be opened."""
        rows = self._table.rows
        for place, node in enumerate(rows.nodes if isinstance(rows, TableRows) else ()):
            if isinstance(node, StageNode | GroupNode):
                self._table.move_to(place)
                return


def _unknown(text: str) -> str:
    """What enter does with a text that names nothing of what is known."""
    if looks_like_id(text):
        return "enter looks for the request with this ID in all stages"
    return "Nothing known has this in its name; enter takes it for a log group's."
