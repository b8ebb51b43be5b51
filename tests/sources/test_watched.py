"""Calls that are given up when nothing is heard of them."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from apigw_tui.sources.events_page import EventsPage
from apigw_tui.sources.watched import MOST_STUCK, WatchedCalls
from tests.sources.virtual_time import VirtualTime

PAGE = EventsPage((), None)
PATIENCE = 10_000


@pytest.fixture
def release() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


def test_pages_and_errors_come_back_in_order() -> None:
    time = VirtualTime()

    def fails() -> EventsPage:
        raise ValueError("no")

    first, second = WatchedCalls(time.now).run([lambda: PAGE, fails], patience_ms=PATIENCE, stop=time.stop)
    assert first.page is PAGE
    assert isinstance(second.error, ValueError)


def test_a_call_that_does_not_return_is_given_up_and_the_others_are_not(release: Event) -> None:
    time = VirtualTime()

    def hangs() -> EventsPage:
        release.wait()
        return PAGE

    stuck, good = WatchedCalls(time.now).run([hangs, lambda: PAGE], patience_ms=PATIENCE, stop=time.stop)
    assert stuck.silent_ms is not None
    assert stuck.silent_ms >= PATIENCE
    assert not stuck.slept
    assert good.page is PAGE


def test_a_clock_that_jumps_during_a_call_means_that_the_machine_slept(release: Event) -> None:
    time = VirtualTime()

    def sleeps() -> EventsPage:
        time.advance(7_200_000)
        release.wait()
        return PAGE

    (outcome,) = WatchedCalls(time.now).run([sleeps], patience_ms=PATIENCE, stop=time.stop)
    assert outcome.slept


def test_stopping_does_not_wait_for_a_stuck_call(release: Event) -> None:
    time = VirtualTime()

    def hangs() -> EventsPage:
        time.stop.set()
        release.wait()
        return PAGE

    assert WatchedCalls(time.now).run([hangs], patience_ms=PATIENCE, stop=time.stop) == []


def test_no_more_threads_are_begun_while_too_many_hang(release: Event) -> None:
    time = VirtualTime()
    calls = WatchedCalls(time.now)
    begun = []

    def hangs() -> EventsPage:
        begun.append(1)
        release.wait()
        return PAGE

    calls.run([hangs] * MOST_STUCK, patience_ms=PATIENCE, stop=time.stop)
    (outcome,) = calls.run([hangs], patience_ms=PATIENCE, stop=time.stop)
    assert outcome.silent_ms is not None
    assert len(begun) == MOST_STUCK


def test_a_call_that_waits_for_the_user_is_not_given_up(release: Event) -> None:
    time = VirtualTime()
    questions = iter([True] * 30)

    def is_excused() -> bool:
        if next(questions, False):
            return True
        release.set()
        return False

    def asks() -> EventsPage:
        release.wait()
        return PAGE

    (outcome,) = WatchedCalls(time.now, is_excused).run([asks], patience_ms=1_000, stop=time.stop)
    assert outcome.page is PAGE
