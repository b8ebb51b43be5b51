"""Kept events: the same as read from CloudWatch, private, whole or not there, never of another group or too young."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event as StopFlag

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.emulator.conditions import Conditions
from apigw_tui.emulator.faults import Fault, access_denied
from apigw_tui.emulator.paging import Paging
from apigw_tui.sources.backfill import Backfill
from apigw_tui.sources.base import Update
from apigw_tui.sources.event_cache import KEPT_COLUMNS, EventCache, GroupIdentity, GroupShelf
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.session import Aws
from tests.sources.history import DAY, GROUP, History, assert_honest, ids, progress_of
from tests.sources.recorded_account import RecordedAccount, served
from tests.sources.virtual_time import START, VirtualTime

MINUTE, HOUR = 60_000, 3_600_000
IDENTITY = GroupIdentity("123456789012", "eu-west-1", GROUP, START - DAY)
SETTLED = START - 5 * MINUTE


@dataclass(frozen=True)
class Account:
    """A session, and the stop flag whose waits let its time pass."""

    aws: Aws
    stop: StopFlag


@contextmanager
def account(
    root: Path, history: History, *, megabytes: int = 100, conditions: Conditions | None = None
) -> Iterator[Account]:
    """An endpoint on loopback whose events are kept all the same."""
    time = VirtualTime()
    with served(RecordedAccount(), time, feed=history, paging=Paging(page_events=100), conditions=conditions) as aws:
        aws.event_cache = EventCache(root, megabytes=megabytes)
        yield Account(aws, time.stop)


def read(account: Account, start: int, end: int, *, pattern: str | None = None) -> list[Update]:
    """At START: no time passes between readings."""
    backfill = Backfill(account.aws, [FollowedGroup(GROUP)], clock=lambda: START, pattern=pattern)
    return list(backfill.read(start, end, account.stop))


def cached(updates: Sequence[Update]) -> int:
    return progress_of(updates)[-1].cached_events


def kept(root: Path) -> list[Path]:
    return sorted(root.rglob("*.parquet"))


def frame(*times: int) -> pl.DataFrame:
    rows = [
        {"timestamp": at, "ingestion_time": at + 9, "event_id": f"{at:056d}", "log_stream": "s", "message": f"at {at}"}
        for at in times
    ]
    return pl.DataFrame(rows, schema=KEPT_COLUMNS)


def shelf(root: Path, identity: GroupIdentity = IDENTITY) -> GroupShelf:
    return EventCache(root, megabytes=100).shelf(identity)


def test_the_second_reading_of_a_settled_range_asks_for_no_event(tmp_path: Path) -> None:
    history = History(*range(START - 3 * HOUR, START, 5_000))
    with account(tmp_path, history) as aws:
        first = read(aws, START - 2 * HOUR, START - HOUR)
        second = read(aws, START - 2 * HOUR, START - HOUR)
    assert ids(first) == ids(second) == history.ids(START - 2 * HOUR, START - HOUR)
    assert (cached(first), progress_of(second)[-1].pages) == (0, 0)
    assert cached(second) == progress_of(second)[-1].events == len(ids(second))
    assert_honest(second, history, START - 2 * HOUR, START - HOUR)


def test_of_a_range_that_is_kept_in_part_only_the_rest_is_asked_for(tmp_path: Path) -> None:
    history = History(*range(START - 3 * HOUR, START, 2_000))
    with account(tmp_path, history) as aws:
        read(aws, START - 2 * HOUR, START - HOUR)
        updates = read(aws, START - 3 * HOUR, START)
    assert ids(updates) == history.ids(START - 3 * HOUR, START)
    assert cached(updates) == len(history.ids(START - 2 * HOUR, START - HOUR))
    assert_honest(updates, history, START - 3 * HOUR, START)


def test_the_last_minutes_are_never_kept_and_what_comes_late_is_read(tmp_path: Path) -> None:
    history = History(*range(START - HOUR, START, 7_000))
    with account(tmp_path, history) as aws:
        read(aws, START - HOUR, START)
        history.add(SETTLED + 1, START - MINUTE)
        again = read(aws, START - HOUR, START)
    assert ids(again) == history.ids(START - HOUR, START)
    assert all(int(path.name.split("-")[1]) <= SETTLED for path in kept(tmp_path))


def test_a_log_whose_events_come_late_settles_later(tmp_path: Path) -> None:
    history = History(*range(START - 2 * HOUR, START - 30 * MINUTE, 7_000), lag=10 * MINUTE)
    with account(tmp_path, history) as aws:
        read(aws, START - 2 * HOUR, START)
    assert kept(tmp_path)
    assert all(int(path.name.split("-")[1]) <= START - 30 * MINUTE for path in kept(tmp_path))


def test_nothing_is_kept_of_a_reading_with_a_pattern_nor_read_for_one(tmp_path: Path) -> None:
    history = History(*range(START - 2 * HOUR, START, 60_000))
    with account(tmp_path, history) as aws:
        read(aws, START - 2 * HOUR, START - HOUR, pattern='"5 "')
        assert kept(tmp_path) == []
        read(aws, START - 2 * HOUR, START - HOUR)
        updates = read(aws, START - 2 * HOUR, START - HOUR, pattern='"5 "')
    assert cached(updates) == 0


def test_a_group_that_was_made_again_shows_nothing_of_the_old_one(tmp_path: Path) -> None:
    old = History(*range(START - 3 * HOUR, START, 9_000))
    new = History(*range(START - 2 * HOUR, START, 60_000), created_at=START - 2 * HOUR)
    # The endpoint is part of what is kept: the same port is needed for both.
    with account(tmp_path, old) as aws:
        read(aws, START - 3 * HOUR, START - HOUR)
        old.__dict__.update(new.__dict__)
        updates = read(aws, START - 3 * HOUR, START - HOUR)
    assert cached(updates) == 0
    assert ids(updates) == new.ids(START - 3 * HOUR, START - HOUR)


def test_where_the_group_may_not_be_described_nothing_is_kept_and_all_is_read(tmp_path: Path) -> None:
    history, conditions = History(*range(START - 2 * HOUR, START, 60_000)), Conditions()
    for operation in ("DescribeLogGroups", "ListLogGroups"):
        conditions.add(Fault(access_denied(operation), (operation,)))
    with account(tmp_path, history, conditions=conditions) as aws:
        updates = read(aws, START - 2 * HOUR, START - HOUR)
    assert ids(updates) == history.ids(START - 2 * HOUR, START - HOUR)
    assert kept(tmp_path) == []


def test_a_torn_file_is_removed_and_its_range_read_again(tmp_path: Path) -> None:
    history = History(*range(START - 3 * HOUR, START, 5_000))
    with account(tmp_path, history) as aws:
        read(aws, START - 2 * HOUR, START - HOUR)
        (path,) = kept(tmp_path)
        path.write_bytes(path.read_bytes()[:-40])
        updates = read(aws, START - 2 * HOUR, START - HOUR)
        assert ids(updates) == history.ids(START - 2 * HOUR, START - HOUR)
        assert_honest(updates, history, START - 2 * HOUR, START - HOUR)
        assert cached(read(aws, START - 2 * HOUR, START - HOUR)) == len(ids(updates))


def test_a_file_that_is_not_what_its_name_says_is_not_believed(tmp_path: Path) -> None:
    kept_events = shelf(tmp_path)
    kept_events.write(1_000, 2_000, frame(1_000, 1_500))
    (path,) = kept(tmp_path)
    path.rename(path.with_name("1000-2000-3.parquet"))
    assert kept_events.read(1_000, 2_000) is None
    assert kept_events.torn == 1
    assert kept_events.spans() == []


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    kept_events = shelf(tmp_path)
    kept_events.write(1_000, 2_000, frame(1_500))
    folder = kept(tmp_path)[0].parent
    (folder / "notes.txt").write_text("mine")
    (tmp_path / "1" / "2" / "3").mkdir(parents=True)
    (tmp_path / "1" / "2" / "3" / "5-9-1.parquet").write_text("not ours")
    cache = EventCache(tmp_path, megabytes=100)
    assert [group.identity for group in cache.groups()] == [IDENTITY]
    cache.clear()
    assert (folder / "notes.txt").is_file()
    assert (tmp_path / "1" / "2" / "3" / "5-9-1.parquet").is_file()


def test_only_the_user_may_read_what_is_kept_whatever_the_umask(tmp_path: Path) -> None:
    root, before = tmp_path / "cache" / "events", os.umask(0)
    try:
        shelf(root).write(1_000, 2_000, frame(1_500))
    finally:
        os.umask(before)
    for path in (root, *root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_small_neighbours_become_one_file_and_large_ones_stay(tmp_path: Path) -> None:
    kept_events = shelf(tmp_path)
    for start in range(0, 10_000, 1_000):
        kept_events.write(start, start + 999, frame(start, start + 500))
    assert [path.name for path in kept(tmp_path)] == ["0-9999-20.parquet"]
    kept_events.write(10_000, 39_999, frame(*range(10_000, 39_999)))
    kept_events.write(40_000, 40_999, frame(40_500))
    assert len(kept(tmp_path)) == 3
    assert kept_events.spans() == [(0, 9_999), (10_000, 39_999), (40_000, 40_999)]


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    many = range(1_000_000, 1_030_000)
    for number, name in enumerate(("/a", "/b", "/c")):
        one = GroupIdentity("123456789012", "eu-west-1", name, START)
        shelf(tmp_path, one).write(many.start, many.stop, frame(*many))
        os.utime(kept(tmp_path)[-1], (number, number))
    sizes = sum(path.stat().st_size for path in kept(tmp_path))
    first = GroupIdentity("123456789012", "eu-west-1", "/a", START)
    assert shelf(tmp_path, first).read(many.start, many.stop) is not None
    cache = EventCache(tmp_path, megabytes=1)
    cache._most_bytes = sizes - 1
    cache.prune(now=START)
    assert {group.identity.log_group for group in cache.groups()} == {"/a", "/c"}


def test_what_a_crash_left_behind_is_cleared_away_later(tmp_path: Path) -> None:
    shelf(tmp_path).write(1_000, 2_000, frame(1_500))
    leftover = kept(tmp_path)[0].with_name(".1000-3000-5.parquet.77.ab12cd34")
    leftover.write_bytes(b"half a file")
    assert shelf(tmp_path).spans() == [(1_000, 2_000)]
    cache = EventCache(tmp_path, megabytes=100)
    cache.prune(now=int(leftover.stat().st_mtime * 1000) + MINUTE)
    assert leftover.is_file()
    cache.prune(now=int(leftover.stat().st_mtime * 1000) + 2 * HOUR)
    assert not leftover.exists()


@pytest.mark.parametrize("name", ["..", ".", "/", "a/../../b", "x" * 512, "API-Gateway-Execution-Logs_a/prod", "#"])
def test_any_group_name_makes_a_folder_of_its_own_below_the_root(tmp_path: Path, name: str) -> None:
    one = GroupIdentity("123456789012", "eu-west-1@vpce-1.example.com:8443", name, START)
    shelf(tmp_path, one).write(1, 2, frame(1))
    (path,) = kept(tmp_path)
    assert len(path.relative_to(tmp_path).parts) == 4
    assert json.loads((path.parent / "group.json").read_text())["log_group"] == name
    assert EventCache(tmp_path, megabytes=1).groups()[0].identity == one


def test_accounts_regions_and_endpoints_are_kept_apart(tmp_path: Path) -> None:
    shelf(tmp_path).write(1_000, 2_000, frame(1_500))
    for other in (
        GroupIdentity("999999999999", "eu-west-1", GROUP, START - DAY),
        GroupIdentity("123456789012", "us-east-1", GROUP, START - DAY),
        GroupIdentity("123456789012", "eu-west-1@vpce.example.com", GROUP, START - DAY),
        GroupIdentity("123456789012", "eu-west-1", GROUP, START),
        GroupIdentity("123456789012", "eu-west-1", GROUP.upper(), START - DAY),
    ):
        assert shelf(tmp_path, other).spans() == []


def test_two_processes_that_unite_the_same_files_lose_nothing(tmp_path: Path) -> None:
    one, other = shelf(tmp_path), shelf(tmp_path)
    one.write(0, 999, frame(5))
    one.write(1_000, 1_999, frame(1_500))
    other.write(2_000, 2_999, frame(2_500))
    stale = list(one._files())
    other.write(500, 1_999, frame(1_500))
    assert stale
    found = [one.read(start, end) for start, end in one.spans()]
    times = [at for part in found if part is not None for at in part["timestamp"]]
    assert sorted(times) == [5, 1_500, 2_500]


@settings(max_examples=10)
@given(
    ranges=st.lists(st.tuples(st.integers(0, 7_000), st.integers(0, 4_000)), min_size=2, max_size=6),
    torn=st.integers(0, 5),
    step=st.sampled_from([7, 60, 900]),
)
def test_property_any_ranges_read_one_after_the_other_are_the_same_with_and_without_what_is_kept(
    tmp_path_factory: pytest.TempPathFactory, ranges: list[tuple[int, int]], torn: int, step: int
) -> None:
    root = tmp_path_factory.mktemp("kept")
    # The end of these seconds is settled, what is after it is not.
    first = SETTLED - 6_000
    history = History(*range(first, first + 8_000, step))
    with account(root, history) as aws:
        for number, (offset, span) in enumerate(ranges):
            start, end = first + offset, first + offset + span
            if number == torn and kept(root):
                victim = kept(root)[0]
                victim.write_bytes(victim.read_bytes()[: 50 * torn])
            updates = read(aws, start, end)
            assert ids(updates) == history.ids(start, end)
            assert_honest(updates, history, start, end)


def test_many_events_of_one_millisecond_over_many_pages_are_kept_wholly(tmp_path: Path) -> None:
    first, second = START - 70 * MINUTE, START - 65 * MINUTE
    history = History(*range(START - 2 * HOUR, START, 9_000), *[first] * 1_250, *[second] * 990)
    with account(tmp_path, history) as aws:
        read(aws, START - 2 * HOUR, START - HOUR)
        again = read(aws, START - 2 * HOUR, START - HOUR)
    assert ids(again) == history.ids(START - 2 * HOUR, START - HOUR)
    assert cached(again) == len(ids(again))
