"""Live Tail in the explorer: the engine turns it at the source that is open, and never streams to a held picture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apigw_tui.core.timerange import TimeRange
from apigw_tui.sources.base import Batch
from apigw_tui.tui.session import Session
from tests.core.test_store import START, access, batch
from tests.tui.test_engine import PATIENCE_S, RANGE, Shelf, Watcher


class Streamed(Shelf):
    """Notes each turn of Live Tail."""

    def __init__(self) -> None:
        super().__init__([Batch(batch([access(1, 0)]))], news=[])
        self.turns: list[tuple[bool, str]] = []

    def turn_live_tail(self, *, on: bool, reason: str = "") -> bool:
        self.turns.append((on, reason))
        return True


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    watching = Watcher()
    yield watching
    watching.engine.close()
    watching.engine.join(PATIENCE_S)


def opened(watcher: Watcher, time_range: TimeRange = RANGE) -> Streamed:
    source = Streamed()
    watcher.engine.open(source, time_range, Session())
    watcher.wait_for(lambda: bool(watcher.pictures) and watcher.pictures[-1].generation == watcher.engine._generation)
    return source


def test_a_source_is_opened_without_live_tail(watcher: Watcher) -> None:
    assert opened(watcher).turns == [(False, "")]


def test_what_is_opened_later_is_streamed_too(watcher: Watcher) -> None:
    first = opened(watcher)
    watcher.engine.turn_live_tail(on=True)

    second = opened(watcher)

    assert first.turns == [(False, ""), (True, "")]
    assert second.turns == [(True, "")]


def test_nobody_pays_for_a_held_picture(watcher: Watcher) -> None:
    source = opened(watcher)
    watcher.engine.turn_live_tail(on=True)
    watcher.engine.pause(paused=True)
    watcher.wait_for(lambda: watcher.pictures[-1].paused)
    assert source.turns[-1] == (False, "closed while paused")

    watcher.engine.pause(paused=False)
    watcher.wait_for(lambda: not watcher.pictures[-1].paused)

    assert source.turns[-1] == (True, "")


def test_turned_on_while_paused_it_waits_for_the_end_of_the_pause(watcher: Watcher) -> None:
    source = opened(watcher)
    watcher.engine.pause(paused=True)
    watcher.engine.turn_live_tail(on=True)
    watcher.engine.pause(paused=False)
    watcher.engine.turn_live_tail(on=False)
    watcher.wait_for(lambda: len(source.turns) == 5)

    assert source.turns[1:] == [(False, ""), (False, "closed while paused"), (True, ""), (False, "")]


def test_a_range_that_has_passed_is_not_streamed(watcher: Watcher) -> None:
    watcher.engine.turn_live_tail(on=True)

    assert opened(watcher, TimeRange(START - 60_000, START)).turns == []


def test_a_source_without_live_tail_is_left_alone(watcher: Watcher) -> None:
    watcher.engine.turn_live_tail(on=True)
    watcher.engine.open(Shelf([Batch(batch([access(1, 0)]))]), RANGE, Session())

    watcher.wait_for(watcher.shows(1))
