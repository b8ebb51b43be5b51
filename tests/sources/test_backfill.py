"""Backfills over real HTTP in virtual time: whole, disjoint, newest first, at the quota, through all trouble."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.quotas import Quota
from apigw_tui.emulator.conditions import Conditions
from apigw_tui.emulator.faults import EXPIRED_TOKEN, UNAVAILABLE, Fault, PageFault, Refusal, access_denied
from apigw_tui.emulator.paging import Paging
from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources.backfill import Backfill
from apigw_tui.sources.base import Batch, Trouble, Update
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.session import Aws
from tests.sources.history import GROUP, History, assert_honest, ids, progress_of
from tests.sources.recorded_account import RecordedAccount, served
from tests.sources.virtual_time import START, VirtualTime

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
READ = "FilterLogEvents"
PATIENCE_S = 10.0


def backfill(aws: Aws, time: VirtualTime, *groups: str, pattern: str | None = None) -> Backfill:
    followed = [FollowedGroup(name) for name in groups or (GROUP,)]
    return Backfill(aws, followed, clock=time.now, pattern=pattern)


def read(  # noqa: PLR0913 - what is read, from where, under which conditions
    history: History,
    start: int,
    end: int,
    *,
    paging: Paging | None = None,
    conditions: Conditions | None = None,
    pattern: str | None = None,
    time: VirtualTime | None = None,
) -> list[Update]:
    time = time or VirtualTime()
    with served(RecordedAccount(), time, feed=history, paging=paging, conditions=conditions) as aws:
        return list(backfill(aws, time, pattern=pattern).read(start, end, time.stop))


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("backfill")]


def assert_no_reader_is_left() -> None:
    for thread in readers():
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_every_event_of_the_range_comes_once_and_progress_never_claims_more() -> None:
    history = History(*range(START - HOUR, START, 700))
    updates = read(history, START - 50 * MINUTE, START - MINUTE, paging=Paging(page_events=60))
    assert ids(updates) == history.ids(START - 50 * MINUTE, START - MINUTE)
    assert_honest(updates, history, START - 50 * MINUTE, START - MINUTE)
    last = progress_of(updates)[-1]
    assert last.done
    assert last.read_from == START - 50 * MINUTE
    assert last.events == len(history.ids(START - 50 * MINUTE, START - MINUTE))


def test_the_newest_rows_come_with_the_first_calls() -> None:
    history = History(*range(START - 3 * HOUR, START, 100))
    updates = read(history, START - 3 * HOUR, START, paging=Paging(page_events=2_000))
    reached = next(progress for progress in progress_of(updates) if progress.read_from < START - 4 * SECOND)
    # Long before the rest, however the threads of the readers take turns.
    assert reached.pages < progress_of(updates)[-1].pages / 2


def test_where_nearly_all_events_are_in_a_twentieth_of_the_range_calls_are_not_wasted() -> None:
    dice = random.Random(3)  # noqa: S311 - traffic, no secret
    quiet = [START - dice.randrange(HOUR) for _ in range(2_000)]
    busy = [START - 40 * MINUTE + dice.randrange(3 * MINUTE) for _ in range(8_000)]
    history = History(*quiet, *busy)
    updates = read(history, START - HOUR, START, paging=Paging(page_events=100))
    assert ids(updates) == history.ids(START - HOUR, START)
    assert_honest(updates, history, START - HOUR, START)
    assert progress_of(updates)[-1].pages <= 1.3 * 100


def test_more_events_in_one_millisecond_than_a_page_takes_come_all() -> None:
    moment = START - 20 * MINUTE
    history = History(*[moment] * 450, *range(START - HOUR, START, 30_000))
    updates = read(history, START - HOUR, START, paging=Paging(page_events=100))
    assert ids(updates) == history.ids(START - HOUR, START)


def test_a_page_of_ten_thousand_events_of_one_millisecond_is_not_the_end_of_it() -> None:
    history = History(*[START - MINUTE] * 10_050)
    updates = read(history, START - HOUR, START)
    assert ids(updates) == history.ids(START - HOUR, START)


@settings(max_examples=12)
@given(
    times=st.lists(st.integers(START - 600, START), max_size=120),
    page=st.integers(1, 25),
    start=st.integers(START - 620, START),
    span=st.integers(0, 620),
)
def test_property_any_events_in_pages_of_any_size_come_once(
    times: Sequence[int], page: int, start: int, span: int
) -> None:
    history = History(*times)
    updates = read(history, start, start + span, paging=Paging(page_events=page))
    assert ids(updates) == history.ids(start, start + span)
    assert_honest(updates, history, start, start + span)


@pytest.mark.parametrize("needle", ["7 ", "17 ", "117 "])
def test_a_rare_pattern_over_pages_that_are_mostly_empty_finds_all_once(needle: str) -> None:
    history = History(*range(START - HOUR, START, 1_000))
    updates = read(history, START - HOUR, START, paging=Paging(scanned_events=25), pattern=f'"{needle}"')
    found = [message for update in updates if isinstance(update, Batch) for message in update.events["message"]]
    expected = sorted(event.message for event in history.events(GROUP, START - HOUR, START) if needle in event.message)
    assert sorted(found) == expected
    assert progress_of(updates)[-1].done


def test_groups_share_the_readers_and_each_is_read_wholly() -> None:
    history = History(*range(START - HOUR, START, 900))
    history.add(*range(START - HOUR, START, 40_000), group="/quiet").add(group="/empty")
    time = VirtualTime()
    with served(RecordedAccount(), time, feed=history, paging=Paging(page_events=80)) as aws:
        updates = list(backfill(aws, time, GROUP, "/quiet", "/empty").read(START - HOUR, START, time.stop))
    expected = history.ids(START - HOUR, START) + history.ids(START - HOUR, START, "/quiet")
    assert ids(updates) == sorted(expected)
    assert progress_of(updates)[-1].done


@pytest.mark.parametrize("quota", [5, 10, 25])
def test_a_quota_slows_the_reading_down_and_loses_nothing(quota: int) -> None:
    history = History(*range(START - HOUR, START, 1_000))
    conditions = Conditions(quotas={READ: Quota(quota, 1)})
    updates = read(history, START - HOUR, START, paging=Paging(page_events=60), conditions=conditions)
    assert ids(updates) == history.ids(START - HOUR, START)
    assert_honest(updates, history, START - HOUR, START)


def test_throttled_calls_are_made_again() -> None:
    history = History(*range(START - HOUR, START, 1_000))
    conditions = Conditions(seed=1)
    conditions.add(Fault(Refusal("ThrottlingException", "Rate exceeded"), (READ,), share=0.3, times=25))
    updates = read(history, START - HOUR, START, paging=Paging(page_events=60), conditions=conditions)
    assert ids(updates) == history.ids(START - HOUR, START)


@pytest.mark.parametrize("odd", list(PageFault))
def test_odd_pages_lose_nothing(odd: PageFault) -> None:
    history = History(*range(START - HOUR, START, 1_000))
    conditions = Conditions(seed=2)
    conditions.add(Fault(odd, (READ,), share=0.4))
    updates = read(history, START - HOUR, START, paging=Paging(page_events=60), conditions=conditions)
    assert sorted(set(ids(updates))) == history.ids(START - HOUR, START)
    assert progress_of(updates)[-1].done


@pytest.mark.parametrize("refusal", [UNAVAILABLE, EXPIRED_TOKEN])
def test_trouble_in_the_middle_is_told_once_a_round_and_passes(refusal: Refusal) -> None:
    history = History(*range(START - HOUR, START, 1_000))
    time, conditions = VirtualTime(), Conditions()
    updates: list[Update] = []
    with served(RecordedAccount(), time, feed=history, paging=Paging(page_events=60), conditions=conditions) as aws:
        for update in backfill(aws, time).read(START - HOUR, START, time.stop):
            if not updates:
                conditions.add(Fault(refusal, (READ,), until=time.now() + 3 * SECOND))
            updates.append(update)
    troubles = [update for update in updates if isinstance(update, Trouble)]
    assert 1 <= len(troubles) <= 3
    assert all(trouble.retry_at for trouble in troubles)
    assert ids(updates) == history.ids(START - HOUR, START)
    assert_honest(updates, history, START - HOUR, START)


def test_trouble_that_does_not_pass_ends_it_after_some_rounds() -> None:
    history = History(*range(START - HOUR, START, 1_000))
    time, conditions = VirtualTime(), Conditions()
    with served(RecordedAccount(), time, feed=history, paging=Paging(page_events=60), conditions=conditions) as aws:
        reading = backfill(aws, time).read(START - HOUR, START, time.stop)
        next(reading)
        conditions.add(Fault(UNAVAILABLE, (READ,)))
        with pytest.raises(AppError):
            list(reading)
    assert_no_reader_is_left()


@pytest.mark.parametrize(("refusal", "code"), [(UNAVAILABLE, ExitCode.FAILED), (EXPIRED_TOKEN, ExitCode.CREDENTIALS)])
def test_what_fails_before_anything_was_read_is_told_at_once(refusal: Refusal, code: ExitCode) -> None:
    conditions = Conditions()
    conditions.add(Fault(refusal, (READ,)))
    time = VirtualTime()
    with pytest.raises(AppError) as raised:
        read(History(START), START - HOUR, START, conditions=conditions, time=time)
    assert raised.value.exit_code is code
    assert time.now() < START + 10 * SECOND


def test_a_group_that_may_not_be_read_is_named_and_the_others_are_read_to_the_end() -> None:
    history = History(*range(START - HOUR, START, 5_000)).add(START - SECOND, group="/secret")
    time, conditions = VirtualTime(), Conditions()
    conditions.add(Fault(access_denied(READ, resource="/secret"), (READ,), about="/secret"))
    with served(RecordedAccount(), time, feed=history, conditions=conditions) as aws:
        updates = list(backfill(aws, time, "/secret", GROUP).read(START - HOUR, START, time.stop))
    assert ids(updates) == history.ids(START - HOUR, START)
    assert [update.retry_at for update in updates if isinstance(update, Trouble)] == [None]
    assert progress_of(updates)[-1].done


def test_when_no_group_may_be_read_the_last_one_says_so() -> None:
    time, conditions = VirtualTime(), Conditions()
    conditions.add(Fault(access_denied(READ), (READ,)))
    history = History(START).add(START, group="/other")
    with served(RecordedAccount(), time, feed=history, conditions=conditions) as aws, pytest.raises(AppError):
        list(backfill(aws, time, GROUP, "/other").read(START - HOUR, START, time.stop))


def test_stopping_ends_all_readers_and_claims_nothing_more() -> None:
    history = History(*range(START - HOUR, START, 100))
    time = VirtualTime()
    with served(RecordedAccount(), time, feed=history, paging=Paging(page_events=50)) as aws:
        reading = backfill(aws, time).read(START - HOUR, START, time.stop)
        updates = [next(reading) for _ in range(6)]
        time.stop.set()
        updates += reading
        assert_no_reader_is_left()
    assert not any(progress.done for progress in progress_of(updates))
    assert len(ids(updates)) < len(history.ids(START - HOUR, START))
    assert_honest(updates, history, START - HOUR, START)


def test_leaving_the_reading_ends_all_readers() -> None:
    history = History(*range(START - HOUR, START, 100))
    time = VirtualTime()
    with served(RecordedAccount(), time, feed=history, paging=Paging(page_events=50)) as aws:
        for update in backfill(aws, time).read(START - HOUR, START, time.stop):
            if isinstance(update, Batch):
                break
        assert_no_reader_is_left()


def test_progress_says_how_fast_it_is_and_what_is_left() -> None:
    history = History(*range(START - HOUR, START, 100))
    conditions = Conditions(quotas={READ: Quota(10, 10)})
    updates = read(history, START - HOUR, START, paging=Paging(page_events=400), conditions=conditions)
    progress = progress_of(updates)
    middle = progress[len(progress) // 2]
    assert middle.pages_per_second is not None
    assert middle.eta_ms is not None
    left = progress[-1].pages - middle.pages
    assert middle.eta_ms * middle.pages_per_second / 1000 == pytest.approx(left, rel=0.35)
    assert progress[-1].eta_ms is None


def test_an_empty_range_is_done_at_once() -> None:
    updates = read(History(START), START, START - 1)
    assert [progress.done for progress in progress_of(updates)] == [True]


def test_a_range_since_ever_that_holds_one_event_takes_few_calls() -> None:
    history = History(START - 20 * HOUR)
    updates = read(history, 0, START)
    assert len(ids(updates)) == 1
    assert progress_of(updates)[-1].pages < 25


def test_a_backfill_lets_the_tail_go_first() -> None:
    time = VirtualTime()
    with served(RecordedAccount(), time, feed=History(START)) as aws:
        assert backfill(aws, time)._reading.priority > Priority.TAIL
