"""History: stopped in the middle, taken up again, and read further back than was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from threading import Event as StopFlag

import pytest

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.timerange import TimeRange
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Progress, RequestRef, Update
from apigw_tui.tui.session import Session
from tests.core.test_store import START, access, batch
from tests.tui.test_engine import PATIENCE_S, Watcher

MINUTE = 60_000
ASKED = TimeRange(START - 10 * MINUTE)
NOW = START + 30_000  # the watcher's clock


class Ladder:
    """A source with a request every minute; each call of `backfill` goes down as far as it is let."""

    title = "orders/prod"
    groups = ("orders-prod-access",)
    formats: Mapping[str, AccessFormat] = {}
    notes = ()
    live = True

    def __init__(self) -> None:
        self.asked: list[TimeRange] = []
        self.wait_at: int | None = None
        self.waits = StopFlag()
        self.fails = False

    def backfill(self, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        self.asked.append(time_range)
        end = NOW if time_range.end is None else time_range.end
        events = 0
        newest = min(0, (end - START) // MINUTE)
        for minute in range(newest, -((START - time_range.start) // MINUTE) - 1, -1):
            at = START + minute * MINUTE
            if self.wait_at is not None and at <= self.wait_at:
                self.waits.set()
                if self.fails:
                    raise AppError("The network is gone.")
                stop.wait(PATIENCE_S)
                return
            events += 1
            yield Batch(batch([access(1_000 + minute, at - START)]))
            yield Progress(events, events, at)
        yield Progress(events, events, time_range.start, done=True)

    def follow(self, since: int, stop: StopFlag) -> Iterator[Update]:
        stop.wait(PATIENCE_S)
        yield from ()

    def request_events(self, request: RequestRef, stop: StopFlag) -> Iterator[Update]:
        yield from ()

    def failing_events(self, requests: Sequence[RequestRef], stop: StopFlag) -> Iterator[Update]:
        yield from ()

    def find(self, identifier: str, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        yield from ()


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    watching = Watcher()
    yield watching
    watching.engine.close()
    watching.engine.join(PATIENCE_S)


def has_read(watcher: Watcher, rows: int) -> None:
    watcher.wait_for(lambda: watcher.shows(rows)() and not watcher.pictures[-1].reading)


def test_a_reading_that_is_stopped_keeps_what_arrived_and_says_how_far_it_came(watcher: Watcher) -> None:
    source = Ladder()
    source.wait_at = START - 4 * MINUTE
    watcher.engine.open(source, ASKED, Session())
    watcher.wait_for(watcher.shows(4))
    assert watcher.pictures[-1].read_back_to is None
    watcher.engine.cancel()
    has_read(watcher, 4)
    picture = watcher.pictures[-1]
    assert picture.read_back_to == START - 3 * MINUTE
    assert picture.following
    assert picture.trouble is None


def test_what_a_stopped_reading_left_out_is_read_first(watcher: Watcher) -> None:
    source = Ladder()
    source.wait_at = START - 4 * MINUTE
    watcher.engine.open(source, ASKED, Session())
    watcher.wait_for(watcher.shows(4))
    watcher.engine.cancel()
    has_read(watcher, 4)
    source.wait_at = None
    watcher.engine.load_older(10 * MINUTE)
    has_read(watcher, 11)
    assert source.asked[-1] == TimeRange(START - 10 * MINUTE, START - 3 * MINUTE - 1)
    assert watcher.pictures[-1].read_back_to is None


def test_as_much_time_again_is_read_before_what_was_read(watcher: Watcher) -> None:
    source = Ladder()
    watcher.engine.open(source, ASKED, Session())
    has_read(watcher, 11)
    before = watcher.pictures[-1].span
    watcher.engine.load_older(5 * MINUTE)
    has_read(watcher, 16)
    assert source.asked[-1] == TimeRange(START - 15 * MINUTE, START - 10 * MINUTE - 1)
    after = watcher.pictures[-1].span
    assert (after[0], after[1]) == (before[0] - 5 * MINUTE, before[1])
    watcher.engine.load_older(5 * MINUTE)
    has_read(watcher, 21)


def test_while_a_range_is_read_nothing_older_is_asked_for(watcher: Watcher) -> None:
    source = Ladder()
    source.wait_at = START - 4 * MINUTE
    watcher.engine.open(source, ASKED, Session())
    watcher.wait_for(watcher.shows(4))
    watcher.engine.load_older(5 * MINUTE)
    watcher.engine.cancel()
    has_read(watcher, 4)
    assert len(source.asked) == 1


def test_a_range_with_an_end_is_read_further_back_too(watcher: Watcher) -> None:
    source = Ladder()
    watcher.engine.open(source, TimeRange(START - 20 * MINUTE, START - 10 * MINUTE), Session())
    has_read(watcher, 11)
    watcher.engine.load_older(5 * MINUTE)
    has_read(watcher, 16)


def test_a_reading_that_failed_can_be_taken_up_again_and_the_failure_is_forgotten(watcher: Watcher) -> None:
    source = Ladder()
    source.wait_at, source.fails = START - 4 * MINUTE, True
    watcher.engine.open(source, ASKED, Session())
    watcher.wait_for(lambda: watcher.shows(4)() and watcher.pictures[-1].trouble is not None)
    assert watcher.pictures[-1].read_back_to == START - 3 * MINUTE
    source.wait_at = None
    watcher.engine.load_older(10 * MINUTE)
    has_read(watcher, 11)
    watcher.wait_for(lambda: watcher.pictures[-1].trouble is None)


def test_another_source_ends_a_reading_that_goes_further_back(watcher: Watcher) -> None:
    source = Ladder()
    watcher.engine.open(source, ASKED, Session())
    has_read(watcher, 11)
    source.wait_at = START - 12 * MINUTE
    watcher.engine.load_older(10 * MINUTE)
    assert source.waits.wait(PATIENCE_S)
    watcher.engine.open(Ladder(), TimeRange(START - 2 * MINUTE), Session())
    has_read(watcher, 3)
