"""The stage picker: what there is in the account, what it logs, and where to start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from apigw_tui.core.units import clock, count
from apigw_tui.tui.actions import bindings, chosen, footer_keys
from apigw_tui.tui.footer import footer_line
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import FixedRows, Row, spread
from apigw_tui.tui.stage_table import TableRows, detail_rows, table_head
from apigw_tui.tui.stage_tree import ApiNode, GroupNode, GroupsNode, Node, Offer, StageNode, tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from apigw_tui.core.stage import Stage
    from apigw_tui.errors import AppError
    from apigw_tui.tui.line import Line

_KEYS: Final = (
    "edit_query",
    "open",
    "back",
)
_LEAST_HEIGHT_WITH_DETAIL: Final = 28
_TYPED_MOVES: Final = {"down": 1, "up": -1}


@dataclass(frozen=True)
class PickerHeading:
    """What the picker says about the account; None for what is not known (yet)."""

    version: str
    now: int
    zone: tzinfo = UTC
    account: str | None = None
    profile: str | None = None
    region: str | None = None
    read_ms: int | None = None
    demo: bool = False


class StagesScreen(RowMotions, Screen[None]):
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
        """A stage, or a log group, is to be opened."""

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
        self._found: tuple[str, tuple[str, ...]] = ("", ())
        self._folded: frozenset[str] = frozenset()
        self._groups_open = False
        self._has_started = False
        self._said = ""
        self._said_timer: Timer | None = None
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
        """Show what can be opened."""
        self._offer, self._trouble = offer, None
        self._heading = heading or self._heading
        self._draw()

    def await_stages(self, heading: PickerHeading) -> None:
        """Another account is being read."""
        self._offer, self._trouble, self._heading = None, None, heading
        self._has_started = False
        self._draw()

    def say(self, sentence: str, seconds: float = 3.0) -> None:
        """Say something in the footer for a while."""
        self._said = sentence
        if self._said_timer is not None:
            self._said_timer.stop()
        self._said_timer = self.set_timer(seconds, self._end_saying)
        self._draw_foot()

    def show_trouble(self, error: AppError) -> None:
        """Say why nothing, or not everything, could be listed; what is shown stays."""
        self._trouble = error
        self._draw()

    def show_groups(self, names: Sequence[str], *, text: str) -> None:
        """Show the log groups found for a text; an answer to an older text is dropped."""
        if text == self._filter.value.strip():
            self._found = (text, tuple(names))
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
        self._filter.focus()

    def action_open(self) -> None:
        """Open the stage or group under the cursor; unfold an API."""
        node = self.node
        if isinstance(node, StageNode):
            self.post_message(self.StageChosen(node.stage))
        elif isinstance(node, GroupNode):
            self.post_message(self.StageChosen(None, node.name))
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
        text = event.value.strip()
        if text:
            self.post_message(self.GroupSearch(text))
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

    def _draw(self) -> None:
        if not self.is_mounted or not self.size.width:
            return
        width, offer = self.size.width, self._offer or Offer()
        text = self._filter.value.strip()
        if text and self._found[0] == text:
            names = dict.fromkeys((*offer.groups, *self._found[1]))
            offer = Offer(offer.stages, tuple(names), offer.functions)
        nodes = tree(offer, closed=self._folded, groups_open=self._groups_open, text=text)
        rows = TableRows(nodes if self._offer else (), offer, self._heading.now, self._glyphs)
        self._table.show(rows, cursor=self._table.cursor or 0, top=self._table.top)
        if len(rows) and not self._has_started:
            self._has_started = True
            self._skip_headings()
        self._top.show(FixedRows((Row(self._top_line(width)),)))
        self._title.show(FixedRows((Row(), *(Row(line) for line in self._title_lines(width)), Row())))
        self._sign.show(FixedRows((Row((("  ", ""), ("/", "bold accent"))),)))
        self._columns.show(FixedRows((Row(), table_head(width))))
        self._draw_foot()
        self._draw_detail()

    def _top_line(self, width: int) -> Line:
        heading = self._heading
        left: Line = ((" ", ""), ("apigw-tui", "bold ink-strong"), (f"  {heading.version}", "ink-muted"))
        if heading.demo:
            left = (*left, ("    ", ""), (" DEMO ", "badge-ink on tint-accent"))
        account: Line = ()
        if heading.account:
            digits = heading.account
            grouped = " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
            account = (("account ", "ink-muted"), (grouped, "ink"), ("   │   ", "rule"))
        zone = clock(heading.now, heading.zone, millis=False)
        name = _zone_name(heading)
        return spread(left, (*account, (zone, "ink-strong"), (f" {name}", "ink-muted"), (" ", "")), width)

    def _title_lines(self, width: int) -> tuple[Line, Line]:
        heading = self._heading
        right: Line = ()
        for label, value, key in (("profile", heading.profile, "P"), ("region", heading.region, "R")):
            if value:
                gap = "    " if right else ""
                right = (
                    *right,
                    (f"{gap}{label} ", "ink-muted"),
                    (value, "ink-strong"),
                    (f"  {key} ", "ink-faint"),
                )
        title = (("  ", ""), ("Pick a stage to watch", "bold ink-strong"))
        told = (("  ", ""), *self._told())
        return spread(title, (*right, (" ", "")), width), spread(told, (), width)

    def _told(self) -> Line:
        trouble = self._trouble or self._mistake
        if trouble is not None:
            sign = f"{self._glyphs.client_error} "
            return ((sign, "status-4xx"), (trouble.message, "ink"), (f" {trouble.hint}", "ink-muted"))
        if self._offer is None:
            return (("Reading the APIs, stages and log groups of this account.", "ink-muted"),)
        apis = len({stage.api_id for stage in self._offer.stages})
        parts = (_counted(apis, "API"), _counted(len(self._offer.stages), "stage"))
        groups = _counted(len(self._offer.groups), "log group")
        took = "" if self._heading.read_ms is None else f", read in {self._heading.read_ms / 1000:.1f} s"
        sentence = f"{', '.join(parts)} and {groups}{took}. Nothing is fetched from a stage before it is opened."
        return ((sentence, "ink-muted"),)

    def _draw_foot(self) -> None:
        self._foot.show(FixedRows((Row(self._foot_line(self.size.width)),)))

    def _end_saying(self) -> None:
        self._said = ""
        self._draw_foot()

    def _foot_line(self, width: int) -> Line:
        if self._said:
            return ((" ", ""), (cut(self._said, width - 2), "ink"))
        return footer_line([(key.keys, key.label) for key in footer_keys("picker")], width)

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


def _counted(number: int, noun: str) -> str:
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def _zone_name(heading: PickerHeading) -> str:
    moment = datetime.fromtimestamp(heading.now / 1000, heading.zone)
    return moment.tzname() or ""
