"""The fault matrix: however late events come and whatever fails, none is lost, doubled or promised too early.

In virtual time over real HTTP, under the quota of most regions (10 calls per second). The usual run takes a
selection in which every lag model and every fault occurs; `make soak` takes all of it, and 24 hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Final

import pytest

from apigw_tui.emulator.conditions import Latency
from apigw_tui.emulator.faults import (
    EXPIRED_TOKEN,
    SERVER_ERROR,
    THROTTLED,
    UNAVAILABLE,
    Breakage,
    Fault,
    PageFault,
)
from apigw_tui.emulator.lag import LAG_MODELS, Silence
from tests.sources.steady_tail import SECOND, Traffic, follow_steady
from tests.sources.virtual_time import START, VirtualTime

READ = ("FilterLogEvents",)
MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND


def _during(effect: object, first_s: int, last_s: int) -> tuple[Fault, ...]:
    return (Fault(effect, READ, since=START + first_s * SECOND, until=START + last_s * SECOND),)  # type: ignore[arg-type]


FAULTS: Final[Mapping[str, tuple[Fault, ...]]] = {
    "none": (),
    "server errors": (Fault(SERVER_ERROR, READ, share=0.1),),
    "outage": _during(UNAVAILABLE, 40, 75),
    "throttles": (Fault(THROTTLED, READ, share=0.04),),
    "only throttles": _during(THROTTLED, 40, 60),
    "expired token": _during(EXPIRED_TOKEN, 40, 80),
    "resets": (Fault(Breakage.RESET_BEFORE, READ, share=0.1), Fault(Breakage.RESET_DURING, READ, share=0.1)),
    "damaged answers": (Fault(Breakage.MALFORMED, READ, share=0.1),),
    "odd pages": tuple(Fault(effect, READ, share=0.15) for effect in PageFault),
    "stall": _during(Breakage.STALL, 40, 55),
}
MODELS: Final = tuple(LAG_MODELS)
SPREAD: Final = [(fault, MODELS[number % len(MODELS)]) for number, fault in enumerate(FAULTS)]
SPREAD_AGAIN: Final = (("expired token", "uniform"), ("resets", "lognormal"), ("odd pages", "silence"))


@pytest.mark.parametrize(("fault", "model"), SPREAD)
def test_at_20_events_per_second_nothing_is_lost_doubled_or_claimed_early(fault: str, model: str) -> None:
    proof = follow_steady(Traffic(20, model, after_s=320), faults=FAULTS[fault])
    assert proof.verdict == (0, 0, 0)
    assert proof.last.gaps == ()
    assert proof.last.complete_to > START + 80 * SECOND


@pytest.mark.parametrize(("fault", "model"), SPREAD_AGAIN)
def test_at_200_events_per_second_nothing_is_lost_doubled_or_claimed_early(fault: str, model: str) -> None:
    proof = follow_steady(Traffic(200, model, lasting_s=60, after_s=100), faults=FAULTS[fault])
    assert proof.verdict == (0, 0, 0)


@pytest.mark.parametrize(("fault", "model"), [("none", "uniform"), ("throttles", "silence")])
def test_at_2000_events_per_second_nothing_is_lost_doubled_or_claimed_early(fault: str, model: str) -> None:
    proof = follow_steady(Traffic(2_000, model, lasting_s=25, after_s=100), faults=FAULTS[fault])
    assert proof.verdict == (0, 0, 0)
    # 0.85 pages per second of log: two of three calls of the budget, at most, are the tail's.
    assert proof.calls <= 0.7 * 8 * 125


@pytest.mark.soak
@pytest.mark.parametrize(("rate", "fault", "model"), list(product((20, 200, 2_000), FAULTS, MODELS)))
def test_soak_every_cell_of_the_matrix(rate: int, fault: str, model: str) -> None:
    proof = follow_steady(Traffic(rate, model, after_s=400), faults=FAULTS[fault])
    assert proof.verdict == (0, 0, 0)


def test_a_long_silence_of_a_busy_log_is_not_called_complete() -> None:
    silence = Silence(every_ms=5 * MINUTE, lasting_ms=130 * SECOND)
    proof = follow_steady(Traffic(20, silence, lasting_s=330, after_s=30))
    assert proof.early == 0
    assert max(claim.lag_ms or 0 for _, claim in proof.claims) > 60 * SECOND


def test_slow_calls_slow_the_claim_and_lose_nothing() -> None:
    proof = follow_steady(Traffic(100, "streams", lasting_s=60, after_s=320), latency=Latency(400, 100, 0.2))
    assert proof.verdict == (0, 0, 0)
    assert proof.last.complete_to > START + 30 * SECOND


def test_a_region_of_five_calls_per_second_falls_behind_rather_than_lies() -> None:
    proof = follow_steady(Traffic(1_000, "slow-streams", lasting_s=30, after_s=100), calls_per_second=5)
    assert proof.verdict == (0, 0, 0)
    assert proof.calls <= 4 * 130


def _a_bad_day(rate: int, *, lasting_minutes: int, bad_after: int) -> None:
    """A machine that sleeps two hours, a token that expires, throttles and errors now and then."""
    traffic = Traffic(rate, "lognormal", lasting_s=lasting_minutes * 60, after_s=320)
    time = VirtualTime(START + SECOND)
    begin = START + bad_after * MINUTE
    time.at(begin, lambda: time.advance(2 * HOUR))
    faults = (
        Fault(EXPIRED_TOKEN, READ, since=begin + 125 * MINUTE, until=begin + 135 * MINUTE),
        Fault(THROTTLED, READ, share=0.02),
        Fault(SERVER_ERROR, READ, share=0.02),
    )
    proof = follow_steady(traffic, faults=faults, time=time)
    assert proof.verdict == (0, 0, 0)
    assert proof.last.gaps == ()
    assert proof.last.complete_to > traffic.end
    reasons = {gap.reason for _, gaps in proof.gaps() for gap in gaps}
    assert any(reason.startswith("not polled for 2 h 00 m") for reason in reasons)
    assert any("expired" in reason for reason in reasons)


def test_hours_with_a_sleep_and_an_expired_token_end_complete() -> None:
    _a_bad_day(1, lasting_minutes=150, bad_after=10)


@pytest.mark.soak
def test_soak_24_hours_with_a_sleep_and_an_expired_token_end_complete() -> None:
    _a_bad_day(20, lasting_minutes=24 * 60, bad_after=9 * 60)
