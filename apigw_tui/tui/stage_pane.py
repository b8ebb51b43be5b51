"""The stage pane: API → stage as a tree, what the stage under the cursor logs, type to filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut, cut_middle
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import FixedRows, Row, folded, rule, spread, spread_keeping_right
from apigw_tui.tui.stage_findings import finding_rows
from apigw_tui.tui.stage_tree import (
    ApiNode,
    GroupNode,
    GroupsNode,
    Node,
    Offer,
    StageNode,
    badges,
    kept,
    last_event,
    same_place,
    tree,
)
from apigw_tui.tui.typed_text import TypedTextFirst

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.core.stage import Stage
    from apigw_tui.tui.line import Line

_KEYS: Final = (
    "edit_query",
    "open",
)
_LEAST_ABOVE_DETAIL: Final = 11
_ROOMY: Final = 24
"""From this width on badges stand apart, as `A E L X`."""


@dataclass(frozen=True)
class PaneRows:
    """The nodes of the tree as rows, drawn for the pane's width."""

    nodes: tuple[Node, ...]
    offer: Offer
    now: int
    opened: frozenset[str]
    glyphs: Glyphs
    focused: bool
    waiting: bool = False

    def __len__(self) -> int:
        return len(self.nodes)

    def stops(self, index: int) -> bool:  # noqa: ARG002 - the same for each
        """The cursor stands on every node."""
        return True

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one node."""
        node = self.nodes[index]
        ground = "" if not cursor else "cursor" if self.focused else "cursor-blurred"
        bar: Line = ((self.glyphs.bar if cursor else " ", "accent" if self.focused else "ink-muted"),)
        if isinstance(node, StageNode):
            return Row((*bar, *self._stage(node.stage, width - 1, strong=cursor)), ground)
        if isinstance(node, GroupNode):
            name = cut_middle(node.name, width - 5)
            return Row((*bar, ("   ", ""), (name, "ink-strong bold" if cursor else "ink")), ground)
        sign = self.glyphs.opened if node.is_open else self.glyphs.closed
        name = node.name if isinstance(node, ApiNode) else "Log groups"
        right = node.api_type if isinstance(node, ApiNode) else node.counted
        left: Line = ((sign, "ink-muted"), (" ", ""), (name, "ink"))
        edge: Line = ((right, "ink-faint"), (" ", ""))
        return Row((*bar, *spread_keeping_right(left, edge, width - 1, gap=1)), ground)

    def _age(self, stage: Stage) -> str:
        told = last_event(stage, self.offer, now=self.now, glyphs=self.glyphs)
        return told.replace(f"{self.glyphs.at_most} ", self.glyphs.at_most)

    def _stage(self, stage: Stage, width: int, *, strong: bool) -> Line:
        is_open = stage.scope in self.opened
        quiet = (self.glyphs.waiting, "status-4xx" if is_open else "ink-muted")
        dot = (self.glyphs.live, "live") if is_open and not self.waiting else quiet
        known = badges(stage, self.offer.functions.get(stage.scope, ()))
        space = " " if width + 1 >= _ROOMY else ""
        signs: list[tuple[str, str]] = []
        for badge in known:
            ink = "ink-muted" if badge.is_on else "ink-faint"
            signs.append((f"{badge.sign}{space}", ink if not strong else "ink" if badge.is_on else "ink-muted"))
        since = self._age(stage)
        ages = [len(self._age(node.stage)) for node in self.nodes if isinstance(node, StageNode)]
        right: Line = (
            *signs,
            ("" if space else " ", ""),
            (since.rjust(max(ages)), "ink" if strong else "ink-muted"),
            (" ", ""),
        )
        name = "ink-strong bold" if is_open or strong else "ink"
        left: Line = ((" ", ""), dot, (" ", ""), (stage.name, name))
        return spread_keeping_right(left, right, width, gap=1)


class StagePane(TypedTextFirst, RowMotions, Vertical, can_focus=True):
    """Shows what can be opened beside what is open. 25 cells wide, 22 on smaller screens."""

    DEFAULT_CSS = """
    StagePane { background: $surface; color: $ink; width: 25; height: 1fr; }
    StagePane:ansi { border-right: solid $pane-rule; }
    StagePane #stage-head { height: 3; }
    StagePane #stage-filter {
        display: none; height: 1; width: 1fr; margin: 1 1 1 1; padding: 0;
        border: none; background: $raised; color: $ink-strong;
    }
    StagePane.-filtering #stage-filter { display: block; }
    StagePane.-filtering #stage-head { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("stages", chosen(*MOTIONS, *_KEYS))]

    class StageChosen(Message):
        """A stage, or a log group by the word that opens it, is to be opened."""

        def __init__(self, stage: Stage | None, group: str | None = None) -> None:
            super().__init__()
            self.stage = stage
            self.group = group

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._glyphs = glyphs
        self._offer = Offer()
        self._now = 0
        self._opened: frozenset[str] = frozenset()
        self._notes: tuple[str, ...] = ()
        self._waiting = False
        self._folded: frozenset[str] = frozenset()
        self._groups_open = False
        self._head = LineView(widget_id="stage-head", glyphs=glyphs)
        self._tree = LineView(widget_id="stage-tree", glyphs=glyphs)
        self._detail = LineView(widget_id="stage-detail", glyphs=glyphs)
        self._filter = Input(id="stage-filter", placeholder="filter", compact=True)

    def compose(self) -> ComposeResult:
        """Title or filter, the tree, and what the stage under the cursor logs."""
        yield self._head
        yield self._filter
        yield self._tree
        yield self._detail

    def show(
        self, offer: Offer, *, now: int, opened: frozenset[str] = frozenset(), notes: tuple[str, ...] = ()
    ) -> None:
        """Show what can be opened; `opened` are the scopes and groups that are, `now` dates the ages.

        `notes` say what is particular about how the opened ones are read.
        """
        first = not self._offer.stages and bool(offer.stages)
        self._offer, self._now, self._opened, self._notes = offer, now, opened, notes
        self._draw()
        if first:
            self._stand_on_opened()

    def set_waiting(self, *, waiting: bool) -> None:
        """Show that the opened ones cannot be read for now, or can again."""
        if waiting != self._waiting:
            self._waiting = waiting
            self._draw()

    @property
    def stage(self) -> Stage | None:
        """The stage under the cursor."""
        node = self._node()
        return node.stage if isinstance(node, StageNode) else None

    def plain_text(self) -> str:
        """What is on screen, without colours."""
        views = (self._head, self._tree, self._detail)
        return "\n".join(row.rstrip() for view in views for row in view.plain_rows())

    @property
    def moved_view(self) -> LineView:
        """What the keys move."""
        return self._tree

    def action_edit_query(self) -> None:
        """Type to filter."""
        self.add_class("-filtering")
        self.screen.set_focus(self._filter)

    def action_open(self) -> None:
        """Open the stage or group under the cursor; unfold an API."""
        node = self._node()
        if isinstance(node, StageNode):
            self.post_message(self.StageChosen(node.stage))
        elif isinstance(node, GroupNode):
            self.post_message(self.StageChosen(None, node.target))
        elif isinstance(node, ApiNode):
            self._folded = self._folded ^ {node.api_id}
            self._draw()
        elif isinstance(node, GroupsNode):
            self._groups_open = not self._groups_open
            self._draw()

    def leave_filter(self) -> bool:
        """Drop the filter and go back to the tree; False when there was none."""
        if not self.has_class("-filtering"):
            return False
        self._filter.value = ""
        self.remove_class("-filtering")
        self.focus()
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as the text is typed."""
        event.stop()
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open what the cursor stands on."""
        event.stop()
        self._skip_headings()
        self.focus()
        self.action_open()

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Tell of the stage under the cursor."""
        event.stop()
        self._draw_detail()

    def on_line_view_clicked(self, event: LineView.Clicked) -> None:
        """Open what was clicked: an API at once, a stage when the cursor was on it."""
        event.stop()
        if event.view is self._tree and (event.again or isinstance(self._node(), ApiNode | GroupsNode)):
            self.action_open()

    def on_focus(self) -> None:
        """Show the cursor of the focused pane."""
        self._draw()

    def on_blur(self) -> None:
        """Show the cursor of a pane without focus."""
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._draw()

    def _node(self) -> Node | None:
        rows, cursor = self._tree.rows, self._tree.cursor
        if cursor is None or not isinstance(rows, PaneRows) or cursor >= len(rows):
            return None
        return rows.nodes[cursor]

    def _draw(self) -> None:
        nodes = tree(self._offer, closed=self._folded, groups_open=self._groups_open, text=self._filter.value)
        focused = self.has_focus or self._filter.has_focus
        rows = PaneRows(nodes, self._offer, self._now, self._opened, self._glyphs, focused, self._waiting)
        place = same_place(nodes, self._node())
        cursor = self._tree.cursor or 0
        moved = 0 if place is None else place - cursor
        self._tree.show(rows, cursor=cursor + moved, top=self._tree.top + moved)
        self._head.show(FixedRows((Row(), *self._title(), Row())))
        self._draw_detail()

    def _title(self) -> tuple[Row, ...]:
        width = max(self.size.width, 1)
        left: Line = ((" ", ""), ("Stages", "ink-strong bold"))
        return (Row(spread(left, (("s", "ink-faint"), (" ", "")), width)),)

    def _draw_detail(self) -> None:
        node = self._node()
        is_open = isinstance(node, StageNode) and node.stage.scope in self._opened
        width = max(self.size.width, 1)
        rows = detail_rows(node, self._offer, width, self._notes if is_open else ())
        if isinstance(node, StageNode):
            room = self.size.height - _LEAST_ABOVE_DETAIL - len(rows)
            rows[-1:-1] = finding_rows(node.stage, width, room, self._glyphs)
        self._detail.styles.height = len(rows)
        self._detail.display = bool(rows) and self.size.height - len(rows) >= _LEAST_ABOVE_DETAIL
        self._detail.show(FixedRows(tuple(rows)))

    def _stand_on_opened(self) -> None:
        rows = self._tree.rows
        for place, node in enumerate(rows.nodes if isinstance(rows, PaneRows) else ()):
            if isinstance(node, StageNode) and (node.stage.scope in self._opened or not self._opened):
                self._tree.move_to(place)
                return

    def _skip_headings(self) -> None:
        """A filter leaves the cursor on a heading; what is meant is the first match below."""
        if isinstance(self._node(), ApiNode | GroupsNode):
            self._tree.move(1)


def detail_rows(node: Node | None, offer: Offer, width: int, notes: tuple[str, ...] = ()) -> list[Row]:
    """What a stage logs and why a badge is off, for the foot of the pane."""
    if not isinstance(node, StageNode):
        return []
    stage = node.stage
    indent = "  " if width >= _ROOMY else " "
    room = width - 3 - len(indent)
    rows = [Row(rule(width - 1, ((cut(stage.title, width - 6), "ink"),)))]
    for badge in badges(stage, offer.functions.get(stage.scope, ())):
        letter = (badge.letter, "ink-strong bold") if badge.is_on else (badge.sign, "ink-faint")
        ink = "ink" if badge.is_on else "status-4xx" if badge.is_alarming else "ink-muted"
        rows.append(Row(((" ", ""), letter, (indent, ""), (cut_middle(badge.told, room), ink))))
        if badge.detail:
            rows.append(Row(((f"  {indent}", ""), (cut_middle(badge.detail, room), "ink-muted"))))
    if stage.domains:
        rows += [Row(((" ", ""), (cut_middle(name, width - 2), "ink-muted"))) for name in stage.domains]
    told = kept(stage)
    if notes:
        rows.append(Row())
        rows += [Row(((" ", ""), (text, "ink-muted"))) for note in notes for text in folded(note, width - 2)]
    rows += [Row(), Row(((" ", ""), (told, "ink-muted")))] if told else []
    return [*rows, Row()]
