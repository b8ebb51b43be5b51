"""What a tail says and does when it could not read for a while."""

from __future__ import annotations

from itertools import pairwise
from threading import Event

import pytest

from apigw_tui.emulator.faults import EXPIRED_TOKEN, UNAVAILABLE, Breakage, Fault
from apigw_tui.emulator.lag import Fixed
from apigw_tui.sources.base import Batch, Completeness
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.log_windows import FollowedGroup
from tests.sources.recorded_account import RecordedAccount, served
from tests.sources.steady_tail import SECOND, Traffic, follow_steady
from tests.sources.virtual_time import START, VirtualTime

GROUP = "/orders/access"
MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND
READ = ("FilterLogEvents",)


def test_after_two_hours_of_sleep_the_newest_comes_first_and_the_gap_shrinks_to_nothing() -> None:
    time = VirtualTime(START + SECOND)
    woken = START + 2 * HOUR + MINUTE
    time.at(START + MINUTE, lambda: time.advance(2 * HOUR))
    proof = follow_steady(Traffic(20, "streams", lasting_s=7_300, after_s=20), time=time)
    assert proof.verdict[1:] == (0, 0)
    after = [(now, gaps) for now, gaps in proof.gaps() if now >= woken]
    (first,) = after[0][1]
    assert first.reason == "not polled for 2 h 00 m: this machine was asleep or the network was gone"
    assert START + 50 * SECOND <= first.start <= START + MINUTE
    ends = [gaps[0].end for _, gaps in after if gaps]
    assert len(ends) > 5
    assert all(later <= earlier for earlier, later in pairwise(ends))
    healed_at = next(now for now, gaps in after if not gaps)
    assert healed_at < woken + 15 * SECOND  # 144 000 events are 62 pages; 8 calls per second
    newest = next(newest for now, _, newest in proof.batches if now >= woken)
    assert newest > woken - 5 * SECOND
    claims = [claim.complete_to for now, claim in proof.claims if woken <= now < healed_at]
    assert max(claims) < first.start
    assert proof.last.complete_to > woken - 2 * MINUTE


def test_sleep_is_not_taken_for_a_late_delivery() -> None:
    time = VirtualTime(START + SECOND)
    time.at(START + MINUTE, lambda: time.advance(HOUR))
    proof = follow_steady(Traffic(5, Fixed(3_000), lasting_s=3_700, after_s=30), time=time)
    lags = [claim.lag_ms for _, claim in proof.claims if claim.lag_ms is not None]
    assert max(lags) < 5 * SECOND
    assert proof.last.late < 20


def test_a_machine_that_slept_during_a_call_is_back_by_itself() -> None:
    time = VirtualTime(START + SECOND)
    release = Event()
    slept: list[int] = []

    def sleep_once(_: str) -> None:
        if not slept and time.now() > START + MINUTE:
            slept.append(time.now())
            time.advance(HOUR)
            release.wait(0.3)

    proof = follow_steady(Traffic(5, lasting_s=3_700, after_s=60), time=time, before=sleep_once)
    assert proof.verdict == (0, 0, 0)
    assert proof.last.gaps == ()


def test_a_call_that_never_returns_is_told_with_a_gap_and_another_one_heals_it() -> None:
    stall = Fault(Breakage.STALL, READ, since=START + 40 * SECOND, times=1)
    proof = follow_steady(Traffic(20, lasting_s=90, after_s=300), faults=[stall])
    assert proof.verdict == (0, 0, 0)
    (told,) = proof.troubles
    assert "CloudWatch has not answered for 10" in told[1].error.message
    assert told[0] < START + 55 * SECOND
    assert told[1].retry_at is not None
    during = next(gaps for now, gaps in proof.gaps() if now >= told[0])
    assert during[0].reason == told[1].error.message
    healed_at = next(now for now, gaps in proof.gaps() if now > told[0] and not gaps)
    assert healed_at < told[0] + 5 * SECOND


def test_a_gap_is_known_at_once_and_over_with_the_first_good_poll() -> None:
    outage = Fault(UNAVAILABLE, READ, since=START + 40 * SECOND, until=START + 70 * SECOND)
    proof = follow_steady(Traffic(20, lasting_s=90, after_s=60), faults=[outage])
    first = next((now, gaps) for now, gaps in proof.gaps() if gaps)
    assert first[0] < START + 44 * SECOND
    assert proof.last.gaps == ()
    assert proof.verdict == (0, 0, 0)


def test_the_claim_waits_for_the_gap() -> None:
    outage = Fault(EXPIRED_TOKEN, READ, since=START + 2 * MINUTE, until=START + 6 * MINUTE)
    proof = follow_steady(Traffic(5, lasting_s=480, after_s=60), faults=[outage])
    assert proof.verdict == (0, 0, 0)
    for _, claim in proof.claims:
        assert all(claim.complete_to < gap.start for gap in claim.gaps)


def test_an_unprecedented_lag_is_counted_as_late_and_widens_the_margin() -> None:
    time, account = VirtualTime(), RecordedAccount()
    for second in range(0, 600, 2):
        account.log(GROUP, START + second * SECOND, "x", lag=3 * SECOND)
    account.log(GROUP, START + 200 * SECOND, "two minutes late", lag=2 * MINUTE)
    with served(account, time) as aws:
        time.stop_at(START + 600 * SECOND)
        source = CloudWatchSource(aws, groups=[FollowedGroup.bare(GROUP)], clock=time.now)
        updates = [(time.now(), update) for update in source.follow(START, time.stop)]
    assert sum("two minutes late" in u.events["message"] for _, u in updates if isinstance(u, Batch)) == 1
    claims = [(now, update) for now, update in updates if isinstance(update, Completeness)]
    assert claims[-1][1].late == 1
    behind = min(now - claim.complete_to for now, claim in claims if now > START + 400 * SECOND)
    assert behind >= 180 * SECOND


def test_a_clock_that_is_set_back_does_not_stop_the_tail() -> None:
    time, account = VirtualTime(), RecordedAccount()
    for second in range(0, 300, 2):
        account.log(GROUP, START + second * SECOND, f"event {second}")
    time.at(START + MINUTE, lambda: time.advance(-30 * SECOND))
    with served(account, time) as aws:
        time.stop_at(START + 300 * SECOND)
        source = CloudWatchSource(aws, groups=[FollowedGroup.bare(GROUP)], clock=time.now)
        seen = [update.events.height for update in source.follow(START, time.stop) if isinstance(update, Batch)]
    assert sum(seen) >= 148


@pytest.mark.parametrize("away_s", [12, 45, 170])
def test_short_absences_leave_nothing_out(away_s: int) -> None:
    time = VirtualTime(START + SECOND)
    time.at(START + MINUTE, lambda: time.advance(away_s * SECOND))
    proof = follow_steady(Traffic(10, "slow-streams", lasting_s=240, after_s=60), time=time)
    assert proof.verdict == (0, 0, 0)
    gaps = [(now, gap) for now, gaps in proof.gaps() for gap in gaps]
    assert gaps
    assert all(gap.reason.startswith("not polled for ") for _, gap in gaps)
    assert gaps[-1][0] < START + MINUTE + (away_s + 5) * SECOND
