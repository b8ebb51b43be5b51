"""From a picture to header, banner, gap rows and progress."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest

from apigw_tui.core import units
from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Completeness, Gap, LiveTailState, Progress, Trouble, Update
from apigw_tui.tui import status
from apigw_tui.tui.board_feed import BoardFeed
from apigw_tui.tui.opened_source import OpenedSource
from apigw_tui.tui.orders import Opened
from apigw_tui.tui.picture import Picture
from apigw_tui.tui.session import Session
from tests.core.test_store import START, access, batch
from tests.tui.test_engine import Shelf

NOW = START + 240_000
SECOND = 1_000
EXPIRED = AppError(
    "Could not read /orders/access: the credentials of profile shop have expired.",
    "Run `aws sso login --profile shop` (or renew the keys); the session is picked up by itself.",
)
PROOF = Completeness(START + 10_000, 4_000, 2, 310)
GAP = Gap(START + 47_000, NOW, EXPIRED.message)


def picture(*updates: Update, done: bool = True) -> Picture:
    """What a tail's updates look like four minutes after the first request."""
    opened = Opened(1, Shelf([], []), TimeRange(START - 60_000), Session(), NOW)
    state = OpenedSource(opened, EventStore({}))
    for update in (Batch(batch([access(1, 0), access(2, 5)])), *updates):
        state.take(update, NOW)
    if done:
        state.finish(None, lambda problem: AppError(str(problem)), reading=state.readings)
    return state.picture(NOW, 120, BoardFeed())


def test_the_banner_says_why_what_is_kept_and_what_to_type() -> None:
    banner = status.banner_trouble(picture(Trouble(EXPIRED, NOW + 4_000)))
    assert banner is not None
    assert banner.title == "The credentials of profile shop have expired"
    assert banner.kept == "2 requests are kept."
    assert banner.command == "aws sso login --profile shop"
    assert banner.then == "(or renew the keys); the session is picked up by itself."
    assert banner.retry_ms == 4_000


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("https://logs.eu-west-1 cannot be reached.", "https://logs.eu-west-1 cannot be reached"),
        ("Could not list log-group:/a: there is no region.", "There is no region"),
        ("Nothing was polled for 12 s.", "Nothing was polled for 12 s"),
    ],
)
def test_a_banner_begins_with_what_matters(message: str, title: str) -> None:
    banner = status.banner_trouble(picture(Trouble(AppError(message), None)))
    assert banner is not None
    assert banner.title == title
    assert banner.command == ""


def test_while_nothing_can_be_read_the_lag_is_the_age_of_the_proof() -> None:
    shown = status.header_state(
        picture(Trouble(EXPIRED, NOW + 4_000), replace(PROOF, gaps=(GAP,))),
        title="orders",
        stage=None,
        place=(None, None),
        zone=UTC,
    )
    assert shown.state == "waiting"
    assert shown.lag_ms == 230_000
    assert shown.gaps == 1
    assert shown.rate is None


def test_when_the_gap_is_read_the_trouble_is_over() -> None:
    shown = picture(Trouble(EXPIRED, NOW + 4_000), replace(PROOF, gaps=(GAP,)), PROOF)
    assert shown.trouble is None
    assert status.banner_trouble(shown) is None
    assert status.gaps_of(shown) == ()


def test_gaps_that_overlap_for_one_reason_are_one_row() -> None:
    others = (replace(GAP, start=START + 50_000, end=NOW - 1), replace(GAP, start=START, end=START + 1_000))
    throttled = Gap(START + 48_000, NOW, "Could not read /b: AWS throttles the account.")
    gaps = status.gaps_of(picture(replace(PROOF, gaps=(GAP, *others, throttled))))
    assert [(gap.start, gap.end, gap.reason) for gap in gaps] == [
        (START, START + 1_000, "the credentials of profile shop have expired"),
        (GAP.start, NOW, "the credentials of profile shop have expired"),
        (START + 48_000, NOW, "AWS throttles the account"),
    ]


def test_gaps_are_unread_in_the_bars() -> None:
    shown = picture(replace(PROOF, gaps=(GAP,)))
    assert (GAP.start, GAP.end) in status.histogram_state(shown, cursor_ms=None, zone=UTC).unread


PROGRESS = Progress(12_400, 31, NOW - 120_000, pages_per_second=8.2, eta_ms=40_900)


def test_progress_tells_what_is_left_how_fast_and_how_long() -> None:
    shown = picture(PROGRESS, done=False)
    told = status.counts_of(shown, new_rows=0, zone=UTC).progress
    start, left = (units.clock(ms, UTC)[:5] for ms in (shown.span[0], NOW - 120_000))
    assert told == f"reading {start} – {left} · 12 400 events · 8 pages/s · 40 s left"


@pytest.mark.parametrize(
    ("change", "piece"),
    [
        ({"cached_events": 12_400}, "12 400 events · from cache"),
        ({"cached_events": 900}, "12 400 events · 900 from cache"),
        ({"pages_per_second": 0.4}, "0.4 pages/s"),
        ({"eta_ms": 193_000}, "3 m 13 s left"),
    ],
)
def test_progress_tells_what_is_particular(change: dict[str, float], piece: str) -> None:
    assert piece in status.reading_told(replace(PROGRESS, **change), (START, NOW), UTC)  # type: ignore[arg-type]


def test_progress_says_nothing_of_what_is_unknown() -> None:
    told = status.reading_told(replace(PROGRESS, pages_per_second=None, eta_ms=None), (START, NOW), UTC)
    assert told.endswith("12 400 events")


def test_a_range_of_days_is_read_with_its_dates() -> None:
    told = status.reading_told(PROGRESS, (NOW - 5 * 86_400_000, NOW), timezone(timedelta(hours=1)))
    assert told.count("-") == 2


def test_what_a_stopped_reading_left_out_is_unread_in_the_bars() -> None:
    shown = picture(replace(PROGRESS, done=False))
    unread = status.histogram_state(shown, cursor_ms=None, zone=UTC).unread
    assert [end for _, end in unread] == [PROGRESS.read_from]
    shown = picture(replace(PROGRESS, done=True, read_from=shown.span[0]))
    assert status.histogram_state(shown, cursor_ms=None, zone=UTC).unread == ()


def test_the_stage_pane_says_how_it_is_read() -> None:
    busy = replace(PROOF, on_demand=("API-Gateway-Execution-Logs_a1/prod",))
    assert status.reading_notes(picture(PROOF)) == ()
    assert "on demand" in status.reading_notes(picture(busy))[0]
    off = LiveTailState(streaming=False, session_ms=0, reason="the stream was cut")
    assert status.reading_notes(picture(replace(PROOF, live_tail=off))) == ("Live Tail is off: the stream was cut.",)
    on = LiveTailState(streaming=True, session_ms=0)
    assert "price" in status.reading_notes(picture(replace(PROOF, live_tail=on)))[0]


def test_what_lies_on_disk_and_what_was_dropped_stands_beside_the_count() -> None:
    shown = replace(picture(), shelved=9_218_840, evicted=1_200)
    assert status.counts_of(shown, new_rows=0, zone=UTC).kept == "9.2 M on disk, 1.2 k oldest dropped"
    assert status.counts_of(picture(), new_rows=0, zone=UTC).kept == ""


def test_a_search_that_goes_on_says_how_far_it_is() -> None:
    shown = replace(picture(), reading=False, progress=None, read_back_to=None, total=400, unsearched=300)
    assert status.counts_of(shown, new_rows=0, zone=UTC).progress == "2 in 25 % searched"
