"""The tail against the embedded endpoint, over HTTP, in virtual time."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources.base import Batch, Completeness, Trouble, Update
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.session import Aws
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import START, VirtualTime

GROUP = "/orders/access"
SECOND = 1_000
MINUTE = 60 * SECOND


def followed(aws: Aws, time: VirtualTime, *groups: str) -> CloudWatchSource:
    return CloudWatchSource(aws, groups=[FollowedGroup.bare(name) for name in groups or (GROUP,)], clock=time.now)


def messages(updates: Iterable[Update]) -> list[str]:
    return [text for update in updates if isinstance(update, Batch) for text in update.events["message"]]


def completeness(updates: Iterable[Update]) -> list[Completeness]:
    return [update for update in updates if isinstance(update, Completeness)]


def troubles(updates: Iterable[Update]) -> list[Trouble]:
    return [update for update in updates if isinstance(update, Trouble)]


def test_events_come_once_although_windows_overlap() -> None:
    time, account = VirtualTime(), RecordedAccount()
    for second in range(60):
        account.log(GROUP, START + second * SECOND, f"request {second}")
    with served(account, time) as aws:
        time.stop_at(START + 2 * MINUTE)
        updates = list(followed(aws, time).follow(START, time.stop))
    assert sorted(messages(updates)) == sorted(f"request {second}" for second in range(60))
    assert completeness(updates)[-1].duplicates > 0


def test_a_slow_request_that_is_logged_after_newer_ones_is_not_lost() -> None:
    time, account = VirtualTime(), RecordedAccount()
    for second in range(0, 180, 5):
        account.log(GROUP, START + second * SECOND, f"quick {second}")
    account.log(GROUP, START + 60 * SECOND, "timed out after 29 s", lag=34 * SECOND)
    with served(account, time) as aws:
        time.stop_at(START + 3 * MINUTE)
        updates = list(followed(aws, time).follow(START, time.stop))
    assert messages(updates).count("timed out after 29 s") == 1
    assert completeness(updates)[-1].late == 1


def test_a_request_that_began_before_the_tail_and_ended_after_is_not_lost() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log(GROUP, START - 20 * SECOND, "began before", lag=33 * SECOND)
    account.log(GROUP, START - 90 * SECOND, "was over before", lag=3 * SECOND)
    with served(account, time) as aws:
        time.stop_at(START + MINUTE)
        updates = list(followed(aws, time).follow(START, time.stop))
    assert messages(updates) == ["began before"]


def test_completeness_advances_behind_the_lag_and_never_goes_back() -> None:
    time, account = VirtualTime(), RecordedAccount()
    for second in range(0, 300, 3):
        account.log(GROUP, START + second * SECOND, "x", lag=(45 if second == 150 else 4) * SECOND)
    with served(account, time) as aws:
        time.stop_at(START + 5 * MINUTE)
        updates = list(followed(aws, time).follow(START, time.stop))
    times = [update.complete_to for update in completeness(updates)]
    assert times == sorted(times)
    assert START + 3 * MINUTE < times[-1] <= START + 5 * MINUTE - 45 * SECOND
    assert completeness(updates)[-1].lag_ms == 4 * SECOND


def test_before_the_first_sweep_nothing_recent_is_called_complete() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.add_group(GROUP)
    with served(account, time) as aws:
        updates = followed(aws, time).follow(START, time.stop)
        first = next(update for update in updates if isinstance(update, Completeness))
    assert first.complete_to < START - MINUTE
    assert first.lag_ms is None


def test_an_expired_token_is_told_and_the_gap_is_healed_after_the_login() -> None:
    time, account, refusals = VirtualTime(), RecordedAccount(), Refusals()
    for second in range(600):
        account.log(GROUP, START + second * SECOND, f"request {second}")
    time.at(START + MINUTE, lambda: refusals.codes.update(FilterLogEvents="ExpiredTokenException"))
    time.at(START + 6 * MINUTE, refusals.codes.clear)
    with served(account, time, refusals=refusals) as aws:
        time.stop_at(START + 11 * MINUTE)
        updates = list(followed(aws, time).follow(START, time.stop))
    told = troubles(updates)
    assert {trouble.error.exit_code for trouble in told} == {ExitCode.CREDENTIALS}
    assert all(trouble.retry_at is not None for trouble in told)
    gaps = [gap for update in completeness(updates) for gap in update.gaps]
    assert gaps
    assert all(gap.start >= START + 50 * SECOND for gap in gaps)
    assert "expired" in gaps[0].reason
    assert completeness(updates)[-1].gaps == ()
    assert sorted(messages(updates)) == sorted(f"request {second}" for second in range(600))


def test_attempts_during_an_outage_are_ever_rarer() -> None:
    time, account, refusals = VirtualTime(), RecordedAccount(), Refusals()
    account.log(GROUP, START, "first")
    time.at(START + 10 * SECOND, lambda: refusals.codes.update(FilterLogEvents="ServiceUnavailableException"))
    with served(account, time, refusals=refusals) as aws:
        time.stop_at(START + 4 * MINUTE)
        told = troubles(followed(aws, time).follow(START, time.stop))
    moments = [trouble.retry_at for trouble in told if trouble.retry_at is not None]
    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert waits == sorted(waits)
    assert 30 * SECOND <= waits[-1] < 33 * SECOND


def test_a_throttled_tail_goes_on_and_loses_nothing() -> None:
    time, account, refusals = VirtualTime(), RecordedAccount(), Refusals()
    for second in range(120):
        account.log(GROUP, START + second * SECOND, f"request {second}")
    refusals.codes["FilterLogEvents"] = "ThrottlingException"
    refusals.left = 3
    with served(account, time, refusals=refusals) as aws:
        time.stop_at(START + 3 * MINUTE)
        updates = list(followed(aws, time).follow(START, time.stop))
    assert len(set(messages(updates))) == 120
    assert troubles(updates) == []


def test_two_groups_are_followed_side_by_side() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log(GROUP, START + SECOND, "access")
    account.log("API-Gateway-Execution-Logs_a1b2c3/prod", START + SECOND, "execution")
    with served(account, time) as aws:
        time.stop_at(START + 30 * SECOND)
        source = followed(aws, time, GROUP, "API-Gateway-Execution-Logs_a1b2c3/prod")
        updates = list(source.follow(START, time.stop))
    scopes = {
        (row["message"], row["scope"])
        for update in updates
        if isinstance(update, Batch)
        for row in update.events.iter_rows(named=True)
    }
    assert scopes == {("access", ""), ("execution", "a1b2c3/prod")}


def test_a_missing_group_is_told_once_and_the_other_goes_on() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log(GROUP, START + 50 * SECOND, "access")
    with served(account, time) as aws:
        time.stop_at(START + MINUTE)
        updates = list(followed(aws, time, "/not/there", GROUP).follow(START, time.stop))
    assert messages(updates) == ["access"]
    assert ["/not/there" in trouble.error.message for trouble in troubles(updates)] == [True]
    assert completeness(updates)[-1].gaps == ()


def test_a_missing_group_alone_is_an_error() -> None:
    time, account = VirtualTime(), RecordedAccount()
    with served(account, time) as aws, pytest.raises(AppError, match="/not/there"):
        list(followed(aws, time, "/not/there").follow(START, time.stop))


def test_a_network_that_stays_closed_from_the_start_ends_the_tail() -> None:
    time, account = VirtualTime(), RecordedAccount()
    with served(account, time) as aws:
        source = followed(aws, time)
    told: list[Update] = []
    with pytest.raises(AppError) as raised:
        told.extend(source.follow(START, time.stop))
    assert raised.value.exit_code is ExitCode.NETWORK


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 150 * SECOND), st.integers(0, 100 * SECOND)), min_size=1, max_size=60))
def test_property_every_event_comes_exactly_once_however_late(arrivals: list[tuple[int, int]]) -> None:
    time, account = VirtualTime(), RecordedAccount()
    for number, (offset, lag) in enumerate(arrivals):
        account.log(GROUP, START + offset, f"event {number}", lag=lag)
    with served(account, time) as aws:
        time.stop_at(START + 300 * SECOND)
        updates = list(followed(aws, time).follow(START, time.stop))
    assert sorted(messages(updates)) == sorted(f"event {number}" for number in range(len(arrivals)))
