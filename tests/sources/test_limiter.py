"""The rate limiter: quotas, priorities, slowing down and recovering, stopping."""

from __future__ import annotations

from threading import Event as StopFlag
from threading import Thread

import pytest

from apigw_tui.sources.limiter import Limits, Priority, RateLimiter
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
