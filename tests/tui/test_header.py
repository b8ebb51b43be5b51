"""The header: segments are dropped whole and in order; the proof stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Final

import pytest
from textual.app import App

from apigw_tui.sources.base import LiveTailState
from apigw_tui.tui.header import Header, HeaderState, header_line
from apigw_tui.tui.line import Line, plain, width_of
from apigw_tui.tui.theme import DARK, THEMES, VARIABLE_DEFAULTS
from tests.tui.invented_rows import START
from tests.tui.screens import assert_screen, screen_text, until

if TYPE_CHECKING:
    from textual.app import ComposeResult

ZONE = timezone(timedelta(hours=1), "CET")
STATE = HeaderState(
    "parcels",
    "prod",
    type="REST",
    region="eu-west-1",
    profile="depot",
    rate=53.1,
    share_5xx=0.172,
    p95_ms=29_013,
    complete_to=START,
    lag_ms=4_000,
    late=3,
    gaps=0,
    clock_ms=START + 33_000,
    zone=ZONE,
)
WIDE_SEGMENTS = {
    "clock": "03:11:54 CET",
    "no gaps": "gaps 0",
    "late": "late 3",
    "type": "REST",
    "profile": "depot",
    "region": "eu-west-1",
    "lag": "lag 4 s",
    "p95": "p95 29.0 s",
    "rate": "53.1",
}


def text(state: HeaderState, width: int) -> str:
    return plain(header_line(state, width))


def ink_of(line: Line, piece: str) -> str:
    return next(spec for text, spec in line if piece in text)


def test_a_wide_header_says_everything() -> None:
    assert text(STATE, 160) == (
        " parcels/prod  REST  eu-west-1  depot     ● LIVE   53.1 req/s   5xx 17.2 %   p95 29.0 s"
        "      complete to 03:11:21   lag 4 s   gaps 0   late 3      03:11:54 CET"
    )


def test_a_narrow_header_has_short_words() -> None:
    assert text(STATE, 80) == (" parcels/prod   ● LIVE  53.1/s  5xx 17.2 %  p95 29.0 s     to 03:11:21  lag 4 s")


@pytest.mark.parametrize("width", range(60, 190))
def test_the_header_never_overflows_and_keeps_identity_state_failures_and_proof(width: int) -> None:
    line = header_line(STATE, width)
    assert width_of(line) <= width - 1
    for piece in ("parcels/prod", "● LIVE", "5xx 17.2 %", "to 03:11:21"):
        assert piece in plain(line)


@pytest.mark.parametrize("width", range(60, 190))
def test_no_segment_is_cut(width: int) -> None:
    seen = text(STATE, width)
    kept = [piece for piece in WIDE_SEGMENTS.values() if piece in seen]
    for piece in ("03:11:54", "gaps", "late", "RES", "dep", "eu-", "lag", "p95", "53"):
        whole = next(each for each in WIDE_SEGMENTS.values() if piece in each)
        assert (piece in seen) == (whole in kept)


def test_segments_are_dropped_in_one_order() -> None:
    dropped: list[str] = []
    for width in range(190, 50, -1):
        seen = text(STATE, width)
        for name, piece in WIDE_SEGMENTS.items():
            if piece not in seen and name not in dropped:
                dropped.append(name)
    # Below 94 cells the words get short, so that what was dropped last may be back there.
    assert dropped == ["clock", "no gaps", "late", "type", "profile", "region", "lag", "p95", "rate"]


def test_gaps_that_there_are_outlive_the_region() -> None:
    state = replace(STATE, gaps=1)
    assert "gaps 1" in text(state, 120)
    assert "late" not in text(state, 120)
    for width in range(94, 190):
        seen = text(state, width)
        assert "gaps 1" in seen or "eu-west-1" not in seen
    assert ink_of(header_line(state, 160), "1") is not None


def test_the_demo_chip_and_sampling_are_never_dropped() -> None:
    state = replace(STATE, demo=True, sampled=True)
    for width in range(75, 190):
        assert " DEMO " in text(state, width)
        assert "SAMPLED" in text(state, width)


LIVE_TAIL = LiveTailState(streaming=True, session_ms=4 * 60_000 + 1)


def test_live_tail_tells_the_minutes_that_were_begun() -> None:
    assert "live tail 5 min" in text(replace(STATE, live_tail=LIVE_TAIL), 190)
    assert "live tail 1 min" in text(replace(STATE, live_tail=LiveTailState(streaming=True, session_ms=0)), 190)


def test_live_tail_that_does_not_stream_says_why() -> None:
    state = replace(STATE, live_tail=LiveTailState(streaming=False, session_ms=0, reason="the stream was cut"))
    assert "live tail off: the stream was cut" in text(state, 200)
    line = header_line(state, 200)
    assert ink_of(line, "live tail off") == "status-4xx"


def test_what_costs_money_outlives_the_lag() -> None:
    for width in range(94, 200):
        seen = text(replace(STATE, live_tail=LIVE_TAIL), width)
        assert "live tail 5 min" in seen or "lag" not in seen


def test_execution_logs_that_are_read_on_demand_are_named_where_there_is_room() -> None:
    assert "late 3   execution on demand" in text(replace(STATE, on_demand=2), 190)
    assert "execution" not in text(replace(STATE, on_demand=2), 120)
    assert "execution" not in text(STATE, 190)


def test_a_proof_of_another_day_has_its_date() -> None:
    state = replace(STATE, complete_to=START - 86_400_000)
    assert "complete to 03-01 03:11:21" in text(state, 160)


def test_the_demo_chip_stands_before_the_state() -> None:
    seen = text(replace(STATE, demo=True, state="paused"), 100)
    assert seen.index(" DEMO ") < seen.index("‖ PAUSED")


def test_what_is_unknown_is_a_faint_dash() -> None:
    state = replace(STATE, state="waiting", rate=None, share_5xx=None, p95_ms=None, complete_to=None)
    line = header_line(state, 160)
    assert "○ WAITING   – req/s   5xx –   p95 –      complete to –" in plain(line)
    assert {spec for piece, spec in line if piece == "–"} == {"ink-faint"}


def test_a_lag_while_waiting_is_amber() -> None:
    line = header_line(replace(STATE, state="waiting", lag_ms=193_000), 160)
    assert ink_of(line, "3 m 13 s") == "bold status-4xx"
    assert ink_of(header_line(STATE, 160), "4 s") == "ink"


@pytest.mark.parametrize(
    ("share", "expected", "ink"),
    [
        (0.0, "0 %", "ink-muted"),
        (0.004, "0.4 %", "ink-strong"),
        (0.01, "1.0 %", "bold status-5xx"),
        (0.172, "17.2 %", "bold status-5xx"),
    ],
)
def test_failures_are_loud_from_one_percent_on(share: float, expected: str, ink: str) -> None:
    assert ink_of(header_line(replace(STATE, share_5xx=share), 160), expected) == ink


def test_a_file_has_no_proof_of_a_tail() -> None:
    seen = text(HeaderState("prod.log.gz", state="file", clock_ms=START), 120)
    assert "FILE" in seen
    assert "complete" not in seen
    assert "gaps" not in seen


def test_only_a_name_that_leaves_no_room_is_cut() -> None:
    state = replace(STATE, api="a-very-long-name-of-an-api-that-somebody-gave-in-anger")
    line = header_line(state, 80)
    assert width_of(line) <= 79
    assert "…" in plain(line)
    for piece in ("/prod", "LIVE", "5xx 17.2 %", "to 03:11:21"):
        assert piece in plain(line)


STATES: Final = (
    STATE,
    replace(STATE, complete_to=START - 86_400_000, gaps=2, late=0),
    replace(STATE, state="waiting", rate=None, share_5xx=None, p95_ms=None, lag_ms=193_000, gaps=1),
    replace(STATE, sampled=True, live_tail=LIVE_TAIL),
    replace(STATE, live_tail=LiveTailState(streaming=False, session_ms=0, reason="the stream was cut")),
    replace(STATE, on_demand=1, demo=True),
    replace(STATE, state="loading", complete_to=None, lag_ms=None, late=0),
    HeaderState("prod.log.gz", state="file", clock_ms=START, zone=ZONE),
)


class Headers(App[None]):
    """One header below the other."""

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        yield from (Header() for _ in STATES)

    def on_mount(self) -> None:
        for header, state in zip(self.query(Header), STATES, strict=True):
            header.show(state)


@pytest.mark.parametrize("width", [190, 160, 120, 80])
async def test_the_screen_of_every_state(width: int) -> None:
    app = Headers()
    async with app.run_test(size=(width, len(STATES))) as pilot:
        await until(pilot, lambda: "prod.log.gz" in screen_text(app))
        assert_screen(app, f"headers-{width}")
