"""How the panes share the screen, and which of them has the keys."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, Final

from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from apigw_tui.tui.actions import actions_of, footer_keys, help_key
from apigw_tui.tui.banner import Banner
from apigw_tui.tui.board import BoardPane
from apigw_tui.tui.completion import completer
from apigw_tui.tui.difference_pane import DifferencePane
from apigw_tui.tui.empty_state import EmptyState
from apigw_tui.tui.event_list import ColumnHeads, RowList
from apigw_tui.tui.footer import Footer
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.header import Header
from apigw_tui.tui.histogram_pane import Histogram
from apigw_tui.tui.overview import Overview
from apigw_tui.tui.query_bar import QueryBar
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.story_pane import StoryPane

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from apigw_tui.sources.base import Source
    from apigw_tui.tui.banner import Trouble
    from apigw_tui.tui.engine import Engine
    from apigw_tui.tui.picture import Picture

_PANE_FROM_WIDTH: Final = 120
_WIDE_PANE_FROM: Final = 140
_SPLIT_FROM: Final = (100, 40)
"""Columns and rows from which list and story share the screen; below, the story covers the list."""
_AIRY_FROM: Final = 30
_PANE_NAMES: Final = (
    (StagePane, "stages"),
    (StoryPane, "story"),
    (BoardPane, "board"),
    (DifferencePane, "difference"),
    (QueryBar, "query"),
    (Histogram, "histogram"),
)
_INSTEAD: Final = ("-board", "-difference")
"""What can stand in the place of the list."""


class PaneLayout(Screen[None]):
    """The widgets in their places, as large as the terminal allows."""

    DEFAULT_CSS = """
    PaneLayout { background: $background; color: $ink; }
    PaneLayout #body { height: 1fr; }
    PaneLayout #main { width: 1fr; height: 1fr; }
    PaneLayout #rows { height: 1fr; }
    PaneLayout StoryPane { display: none; height: 1fr; }
    PaneLayout.-story StoryPane { display: block; }
    PaneLayout.-story.-split #rows { height: 2fr; min-height: 6; }
    PaneLayout.-story.-split StoryPane { height: 3fr; }
    PaneLayout.-story.-cover #rows, PaneLayout.-story.-cover Overview,
    PaneLayout.-story.-cover QueryBar { display: none; }
    PaneLayout.-story.-cover StoryPane { padding-top: 1; }
    PaneLayout BoardPane { display: none; }
    PaneLayout.-board BoardPane { display: block; }
    PaneLayout DifferencePane { display: none; }
    PaneLayout.-difference DifferencePane { display: block; }
    PaneLayout.-board #rows, PaneLayout.-difference #rows { display: none; }
    PaneLayout EmptyState { display: none; }
    PaneLayout.-empty EmptyState { display: block; }
    PaneLayout.-empty RowList, PaneLayout.-empty ColumnHeads { display: none; }
    PaneLayout StagePane { display: none; }
    PaneLayout.-stages StagePane { display: block; }
    PaneLayout.-narrow StagePane { dock: left; layer: drawer; width: 25; }
    PaneLayout { layers: default drawer; }
    """

    def __init__(self, engine: Engine, *, glyphs: Glyphs = UNICODE, zone: tzinfo = UTC, reveal: bool = False) -> None:
        super().__init__()
        self._engine = engine
        self._glyphs = glyphs
        self._zone = zone
        self._reveal = reveal
        self._source: Source | None = None
        self._picture: Picture | None = None
        self._opened: int | None = None
        self._stages_wanted: bool | None = None
        self._announced = ""

    def compose(self) -> ComposeResult:
        """Header, body, footer; the body has the stage pane and the main column."""
        yield Header(glyphs=self._glyphs, opening=self._announced)
        yield Banner(glyphs=self._glyphs)
        with Horizontal(id="body"):
            yield StagePane(glyphs=self._glyphs)
            with Vertical(id="main"):
                yield Overview(glyphs=self._glyphs)
                yield QueryBar(complete=completer(self._all_requests, self._formats), glyphs=self._glyphs)
                with Vertical(id="rows"):
                    yield ColumnHeads(glyphs=self._glyphs)
                    yield RowList(glyphs=self._glyphs, zone=self._zone)
                    yield EmptyState(glyphs=self._glyphs)
                yield BoardPane(glyphs=self._glyphs, zone=self._zone)
                yield DifferencePane(glyphs=self._glyphs, zone=self._zone)
                yield StoryPane(glyphs=self._glyphs)
        yield Footer(help_key=help_key(self.app), glyphs=self._glyphs)

    def on_mount(self) -> None:
        """The list has the keys first."""
        story = self.query_one(StoryPane)
        story.set_zone(self._zone)
        story.set_reveal(reveal=self._reveal)
        self._list.set_reveal(reveal=self._reveal)
        self._list.focus()

    def announce(self, opening: str) -> None:
        """Say what is being opened; before the widgets are there it is the first that they say."""
        self._announced = opening
        for header in self.query(Header):
            header.announce(opening)

    # -- layout and focus

    def on_resize(self) -> None:
        """Lay out for the new size."""
        self._lay_out()

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane that has them."""
        self._show_keys()

    def _show_keys(self) -> None:
        labels = {"select_span": "other end"} if self.query_one(Overview).histogram.is_selecting else {}
        hints = footer_keys(self.focused_pane, actions_of(self.app))
        self.query_one(Footer).show([(hint.keys, labels.get(hint.action, hint.label)) for hint in hints])

    @property
    def focused_pane(self) -> str:
        """The name of the pane that has the keys."""
        focused = self.focused
        for node in focused.ancestors_with_self if focused else ():
            name = next((name for kind, name in _PANE_NAMES if isinstance(node, kind)), None)
            if name is not None:
                return name
        return "list"

    def flash(self, line: Any, seconds: float = 3.0) -> None:
        """Say something in the footer for a while."""
        self.query_one(Footer).flash(line, seconds)

    def _flash(self, sentence: str, seconds: float = 3.0) -> None:
        self.flash(((sentence, "ink"),), seconds)

    def _lay_out(self) -> None:
        width, height = self.size.width, self.size.height
        narrow = width < _PANE_FROM_WIDTH
        wanted = self._stages_wanted if self._stages_wanted is not None else not narrow
        pane_width = 25 if width >= _WIDE_PANE_FROM or narrow else 22
        self.query_one(StagePane).styles.width = pane_width
        main_width = width - (pane_width if wanted and not narrow else 0)
        split = main_width >= _SPLIT_FROM[0] and height >= _SPLIT_FROM[1]
        self.update_classes({"-narrow": narrow, "-stages": wanted, "-split": split, "-cover": not split})
        overview = self.query_one(Overview)
        overview.fit(main_width, self.size, below_banner=self.query_one(Banner).has_class("-shown"))
        overview.display = overview.display and (split or self._opened is None)
        margin = (1 if height >= _AIRY_FROM else 0, 0, 0, 0)
        self._board.styles.margin = self._difference.styles.margin = margin
        self._engine.resize(main_width)

    def _show_banner(self, trouble: Trouble | None) -> None:
        banner = self.query_one(Banner)
        came_or_went = banner.has_class("-shown") != (trouble is not None)
        banner.show(trouble)
        if came_or_went:
            self._lay_out()

    def _step_pane(self, step: int) -> None:
        panes: list[Any] = [self._middle]
        if self._opened is not None:
            panes.append(self.query_one(StoryPane))
        if self.has_class("-stages"):
            panes.insert(0, self.query_one(StagePane))
        current = next((place for place, pane in enumerate(panes) if pane.has_focus), 0)
        panes[(current + step) % len(panes)].focus()

    def _show_board(self, *, shown: bool) -> None:
        self._put_in_place_of_list("-board" if shown else None)

    def _show_difference(self, *, shown: bool) -> None:
        self._put_in_place_of_list("-difference" if shown else None)

    def _put_in_place_of_list(self, wanted: str | None) -> None:
        before = self.has_class("-board")
        changed = [name for name in _INSTEAD if self.has_class(name) != (name == wanted)]
        for name in changed:
            self.set_class(name == wanted, name)
        if before != self.has_class("-board"):
            self._engine.show_board(shown=not before)
        if changed:
            self._middle.focus()

    # -- the widgets

    @property
    def _list(self) -> RowList:
        return self.query_one(RowList)

    @property
    def _board(self) -> BoardPane:
        return self.query_one(BoardPane)

    @property
    def _difference(self) -> DifferencePane:
        return self.query_one(DifferencePane)

    @property
    def _middle(self) -> RowList | BoardPane | DifferencePane:
        """What shows the query's matches: the list, or the board or what differs in its place."""
        if self.has_class("-difference"):
            return self._difference
        return self._board if self.has_class("-board") else self._list

    def _all_requests(self) -> Any:
        return self._picture.everything if self._picture else None

    def _formats(self) -> Any:
        return self._source.formats if self._source else {}
