"""An app that shows the widgets with invented rows, for tests and for looking at them."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.containers import Vertical

from apigw_tui.tui.banner import Banner, Trouble
from apigw_tui.tui.completions import Completion, Completions
from apigw_tui.tui.event_list import ColumnHeads, RowList
from apigw_tui.tui.footer import Footer
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.header import Header, HeaderState
from apigw_tui.tui.histogram import HistogramState, bar_step
from apigw_tui.tui.overview import Overview
from apigw_tui.tui.query_bar import Counts, QueryBar
from apigw_tui.tui.theme import DARK, THEMES, VARIABLE_DEFAULTS
from tests.tui import invented_rows

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.message import Message

    from apigw_tui.tui.list_view import ListView

KEYS = (
    ("enter", "open"),
    ("c", "copy id"),
    ("y", "copy…"),
    ("/", "query"),
    ("e", "next 5xx"),
    ("b", "board"),
    ("space", "pause"),
)


def completions(text: str, cursor: int) -> Completions:
    """Offer causes after `cause:`."""
    if not text[:cursor].endswith("cause:"):
        return Completions(cursor)
    items = (
        Completion("integration_timeout", 3_381, "5xx"),
        Completion("backend_client_error", 300, "4xx"),
        Completion("bad_request_body", 9, "4xx"),
    )
    return Completions(cursor, items, "30 more codes, none seen")


class Preview(App[None]):
    """The main area without stage pane and story."""

    CSS: ClassVar[str] = "Screen { background: $background; } #main { height: 1fr; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        *,
        theme: str = DARK,
        zone: tzinfo = UTC,
        glyphs: Glyphs = UNICODE,
        ansi_color: bool | None = None,
    ) -> None:
        super().__init__(ansi_color=ansi_color)
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme
        self.zone = zone
        self.header = Header(glyphs=glyphs)
        self.banner = Banner(glyphs=glyphs)
        self.overview = Overview(glyphs=glyphs)
        self.query_bar = QueryBar(complete=completions, glyphs=glyphs)
        self.heads = ColumnHeads()
        self.rows = RowList(glyphs=glyphs, zone=zone)
        self.footer = Footer(glyphs=glyphs)
        self.seen: list[Message] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our variables, so that any theme works."""
        return dict(VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        """Lay out the main area."""
        yield self.header
        yield self.banner
        with Vertical(id="main"):
            yield self.overview
            yield self.query_bar
            yield self.heads
            yield self.rows
        yield self.footer

    def on_mount(self) -> None:
        """Focus the list."""
        self.footer.show(KEYS)
        self.rows.focus()

    def on_resize(self) -> None:
        """Fit the overview."""
        self.overview.fit(self.size.width, self.size)

    def on_row_list_cursor_moved(self, event: RowList.CursorMoved) -> None:
        """Note it."""
        self.seen.append(event)

    def on_row_list_row_opened(self, event: RowList.RowOpened) -> None:
        """Note it."""
        self.seen.append(event)

    def on_row_list_follow_changed(self, event: RowList.FollowChanged) -> None:
        """Note it."""
        self.seen.append(event)

    def on_row_list_older_wanted(self, event: RowList.OlderWanted) -> None:
        """Note it."""
        self.seen.append(event)

    def on_row_list_nothing_found(self, event: RowList.NothingFound) -> None:
        """Note it."""
        self.seen.append(event)

    def on_query_bar_query_changed(self, event: QueryBar.QueryChanged) -> None:
        """Note it."""
        self.seen.append(event)

    def on_query_bar_query_submitted(self, event: QueryBar.QuerySubmitted) -> None:
        """Note it."""
        self.seen.append(event)

    def on_query_bar_query_cancelled(self, event: QueryBar.QueryCancelled) -> None:
        """Note it."""
        self.seen.append(event)

    def show_incident(self, view: ListView, *, trouble: bool = False) -> None:
        """Fill every widget with an incident."""
        now = invented_rows.START + 50_000
        step_ms = bar_step(self.size.width, 900_000)
        complete_to = now - 33_000
        self.header.show(
            HeaderState(
                "parcels",
                "prod",
                type="REST",
                region="eu-west-1",
                profile="depot",
                state="waiting" if trouble else "live",
                rate=None if trouble else 53.1,
                share_5xx=None if trouble else 0.172,
                p95_ms=None if trouble else 29_013,
                complete_to=complete_to,
                lag_ms=193_000 if trouble else 4_000,
                late=3,
                gaps=1 if trouble else 0,
                clock_ms=now,
                zone=self.zone,
            )
        )
        bars = invented_rows.bars(900_000 // step_ms, step_ms, 700 if step_ms == 15_000 else 480)
        unread = ((now - 193_000, now),) if trouble else ()
        self.overview.histogram.show(
            HistogramState(
                bars,
                complete_to=complete_to,
                unread=unread,
                label="last 15 min",
                zone=self.zone,
                cursor_ms=complete_to - 20_000,
            )
        )
        self.overview.legend.show(invented_rows.legend())
        self.query_bar.show("key:* -agent:uptime*", Counts(38_443, 47_902, new_rows=214))
        self.rows.tick(now)
        self.rows.show(view, keep=False)
        if trouble:
            self.banner.show(
                Trouble(
                    "SSO session of profile depot expired at 03:09:12",
                    "36 618 requests are kept.",
                    "aws sso login --profile depot",
                    "and the tail resumes at 03:08:58.",
                    4_000,
                )
            )
            self.overview.fit(self.size.width, self.size, below_banner=True)
