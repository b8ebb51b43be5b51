"""The rate limiter: quotas, priorities, slowing down and recovering, stopping."""

from __future__ import annotations

from threading import Event as StopFlag
from threading import Thread

import pytest

from apigw_tui.sources.limiter import Limits, Priority, RateLimiter, SharedLimits
from tests.sources.virtual_time import VirtualTime


def test_the_rate_is_four_fifths_of_the_quota_of_the_region() -> None:
    time = VirtualTime()
    assert Limits.of_region("us-east-1", clock=time.now).events.rate == 20
    assert Limits.of_region("eu-central-1", clock=time.now).events.rate == 4
    assert Limits.of_region("eu-west-1", clock=time.now).events.rate == 8
    assert Limits.of_region(None, clock=time.now).events.rate == 8
    assert Limits.of_region("eu-west-1", clock=time.now).control.rate <= 4


def test_a_second_of_calls_is_what_the_rate_and_the_burst_allow() -> None:
    time = VirtualTime()
    limiter = RateLimiter(8, clock=time.now)
    started = time.now()
    calls = 0
    while time.now() - started < 10_000:
        assert limiter.acquire(Priority.TAIL, time.stop)
        calls += 1
    assert 78 <= calls <= 84


def test_throttling_slows_down_and_success_recovers_slowly() -> None:
    time = VirtualTime()
    limiter = RateLimiter(10, clock=time.now)
    limiter.throttled()
    assert limiter.rate == pytest.approx(7)
    limiter.succeeded()
    assert limiter.rate == pytest.approx(7.05)
    for _ in range(1000):
        limiter.succeeded()
    assert limiter.rate == 10


def test_calls_throttled_together_slow_down_once() -> None:
    time = VirtualTime()
    limiter = RateLimiter(10, clock=time.now)
    limiter.throttled()
    limiter.throttled()
    assert limiter.rate == pytest.approx(7)
    time.advance(600)
    limiter.throttled()
    assert limiter.rate == pytest.approx(4.9)


def test_the_rate_never_falls_to_nothing() -> None:
    time = VirtualTime()
    limiter = RateLimiter(10, clock=time.now)
    for _ in range(100):
        limiter.throttled()
        time.advance(1000)
    assert limiter.rate > 0
    assert limiter.acquire(Priority.TAIL, time.stop)


def test_who_waits_for_a_turn_is_told_to_stop() -> None:
    time = VirtualTime()
    limiter = RateLimiter(0.2, clock=lambda: 0)
    assert limiter.acquire(Priority.TAIL, time.stop)
    assert limiter.acquire(Priority.TAIL, time.stop)
    time.stop_after(waits=3)
    assert not limiter.acquire(Priority.TAIL, time.stop)


def test_the_opened_request_goes_before_the_prefetch_that_waited_longer() -> None:
    now = [0]
    limiter = RateLimiter(1, clock=lambda: now[0], burst=1)
    stop = StopFlag()
    assert limiter.acquire(Priority.PREFETCH, stop)
    order: list[Priority] = []
    taken = {priority: StopFlag() for priority in Priority}

    def wait(priority: Priority) -> None:
        if limiter.acquire(priority, stop):
            order.append(priority)
            taken[priority].set()

    threads = {priority: Thread(target=wait, args=(priority,)) for priority in reversed(Priority)}
    for thread in threads.values():
        thread.start()
    while len(limiter.waiting) < len(threads):
        stop.wait(0.001)
    for priority in Priority:
        now[0] += 1000
        assert taken[priority].wait(10)
    for thread in threads.values():
        thread.join(10)
    assert order == list(Priority)


def spend(limiter: RateLimiter, time: VirtualTime, seconds: int) -> int:
    """Calls of somebody who always wants the next one, each of which goes through."""
    until, calls = time.now() + seconds * 1000, 0
    while time.now() < until and limiter.acquire(Priority.VISIBLE, time.stop):
        limiter.succeeded(took_ms=100)
        calls += 1
    return calls


def test_while_calls_queue_up_and_nobody_else_needs_it_nearly_all_of_the_quota_is_used() -> None:
    time = VirtualTime()
    limiter = Limits.of_region("eu-west-1", clock=time.now).events
    spend(limiter, time, 5)
    assert limiter.rate == pytest.approx(9.9)
    calls = spend(limiter, time, 60)
    assert 60 * 9.8 < calls <= 60 * 9.9 + 3


def test_calls_that_do_not_queue_up_leave_the_rate_where_it_is() -> None:
    time = VirtualTime()
    limiter = Limits.of_region("eu-west-1", clock=time.now).events
    for _ in range(100):
        assert limiter.acquire(Priority.TAIL, time.stop)
        limiter.succeeded()
        time.advance(500)
    assert limiter.rate == 8


def test_after_a_throttle_four_fifths_are_enough_for_some_minutes() -> None:
    time = VirtualTime()
    limiter = Limits.of_region("eu-west-1", clock=time.now).events
    spend(limiter, time, 5)
    limiter.throttled()
    spend(limiter, time, 200)
    assert limiter.rate == pytest.approx(8)
    spend(limiter, time, 120)
    assert limiter.rate == pytest.approx(9.9)


def test_a_pause_ends_the_use_of_more_than_four_fifths() -> None:
    time = VirtualTime()
    limiter = Limits.of_region("eu-west-1", clock=time.now).events
    spend(limiter, time, 5)
    time.advance(10_000)
    assert limiter.acquire(Priority.TAIL, time.stop)
    assert limiter.rate == 8


def test_no_second_of_the_usual_rate_exceeds_the_quota() -> None:
    for region, quota in (("us-east-1", 25), ("eu-west-1", 10)):
        time = VirtualTime()
        limiter = Limits.of_region(region, clock=time.now).events
        time.advance(60_000)
        started, calls = time.now(), 0
        while limiter.acquire(Priority.TAIL, time.stop) and time.now() < started + 1_000:
            calls += 1
        assert calls <= quota


def test_the_tail_gets_its_turn_among_many_calls_for_an_opened_request() -> None:
    now = [0]
    limiter = RateLimiter(1, clock=lambda: now[0], burst=1)
    stop = StopFlag()
    assert limiter.acquire(Priority.TAIL, stop)
    order: list[Priority] = []

    def wait(priority: Priority) -> None:
        if limiter.acquire(priority, stop):
            order.append(priority)

    threads = [Thread(target=wait, args=(priority,)) for priority in [Priority.OPENED] * 10 + [Priority.TAIL]]
    for thread in threads:
        thread.start()
    while len(limiter.waiting) < len(threads):
        stop.wait(0.001)
    for turn in range(len(threads)):
        now[0] += 1000
        while len(order) <= turn:
            stop.wait(0.001)
    assert order.index(Priority.TAIL) <= 4


def test_who_waits_behind_others_looks_at_the_clock_seldom() -> None:
    looks = [0]

    def clock() -> int:
        looks[0] += 1
        return 0

    time = VirtualTime()
    limiter = RateLimiter(0.2, clock=clock, burst=1)
    assert limiter.acquire(Priority.TAIL, time.stop)
    before = looks[0]
    time.stop_after(waits=12)
    assert not limiter.acquire(Priority.TAIL, time.stop)
    # Twelve looks were three seconds.
    assert looks[0] - before <= 13
    assert time.now() >= 3_000


def test_latency_is_known_without_the_wait_for_a_turn() -> None:
    time = VirtualTime()
    limiter = RateLimiter(8, clock=time.now)
    assert limiter.latency_ms is None
    for _ in range(40):
        limiter.succeeded(took_ms=400)
    assert limiter.latency_ms == pytest.approx(400)


def test_all_who_read_one_account_and_region_share_its_limits() -> None:
    shared = SharedLimits()
    time = VirtualTime()
    one = shared.of(("a", "eu-west-1"), lambda: Limits.of_region("eu-west-1", clock=time.now))
    assert shared.of(("a", "eu-west-1"), lambda: Limits.of_region("eu-west-1", clock=time.now)) is one
    assert shared.of(("a", "us-east-1"), lambda: Limits.of_region("us-east-1", clock=time.now)) is not one
