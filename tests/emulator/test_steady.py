"""Steady traffic is known beforehand, and a lag model changes when it is seen, never what it is."""

from __future__ import annotations

import json
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.emulator.lag import LAG_MODELS, Fixed, LaggedFeed, LagModel, LogNormal, PerStream, Silence, Uniform
from apigw_tui.emulator.steady import STEADY_FORMAT, STEADY_GROUP, SteadyAccess
from tests.emulator.tiny_feed import T0, TinyFeed, event

MINUTE_MS = 60_000


@given(
    rate=st.integers(1, 3_000),
    start=st.integers(-5_000, 20_000),
    length=st.integers(0, 3_000),
)
def test_property_the_entries_of_any_span_are_known_beforehand(rate: int, start: int, length: int) -> None:
    feed = SteadyAccess(rate, since=T0)
    first, last = T0 + start, T0 + start + length
    events = feed.events(STEADY_GROUP, first, last)
    assert feed.count(first, last) == len(events)
    assert feed.event_ids(STEADY_GROUP, first, last) == [found.event_id for found in events]
    assert feed.request_ids(STEADY_GROUP, first, last) == [json.loads(found.message)["requestId"] for found in events]
    assert all(first <= found.timestamp <= last for found in events)
    assert all(int(found.event_id) >> 144 == found.timestamp for found in events)


@pytest.mark.parametrize("rate", [20, 200, 2_000])
def test_an_hour_has_as_many_entries_as_the_rate_says(rate: int) -> None:
    feed = SteadyAccess(rate, since=T0)
    assert feed.count(T0, T0 + 3_600_000 - 1) == 3_600 * rate


def test_the_ids_of_two_groups_differ_and_all_ascend() -> None:
    feed = SteadyAccess(300, since=T0, groups=("one", "two"))
    one, two = (feed.event_ids(name, T0, T0 + MINUTE_MS) for name in ("one", "two"))
    assert len({*one, *two}) == 2 * len(one)
    assert one == sorted(one)
    assert feed.events("three", T0, T0 + MINUTE_MS) == []


def test_traffic_ends_when_it_is_told_to() -> None:
    feed = SteadyAccess(10, since=T0, until=T0 + 999)
    assert feed.count(T0 - MINUTE_MS, T0 + MINUTE_MS) == len(feed.events(STEADY_GROUP, T0, T0 + MINUTE_MS)) == 10


def test_a_slow_request_is_written_long_after_its_start() -> None:
    events = SteadyAccess(100, since=T0).events(STEADY_GROUP, T0, T0 + MINUTE_MS)
    latencies = [found.ingestion_time - found.timestamp for found in events]
    assert max(latencies) > 20_000
    assert [int(json.loads(found.message)["responseLatency"]) for found in events] == latencies
    swift = SteadyAccess(100, since=T0, slow=False).events(STEADY_GROUP, T0, T0 + MINUTE_MS)
    assert max(found.ingestion_time - found.timestamp for found in swift) < 220


def test_entries_are_in_the_access_format_of_the_feed() -> None:
    names = [field.name for field in AccessFormat.compile(STEADY_FORMAT).fields]
    for entry in SteadyAccess(1, since=T0).events(STEADY_GROUP, T0, T0 + MINUTE_MS):
        assert list(json.loads(entry.message)) == names
        assert 350 < len(entry.message) < 450


@pytest.mark.parametrize("model", LAG_MODELS.values(), ids=LAG_MODELS)
def test_a_lag_model_changes_nothing_but_the_time_of_ingestion(model: LagModel) -> None:
    steady = SteadyAccess(50, since=T0)
    written = steady.events(STEADY_GROUP, T0, T0 + MINUTE_MS)
    seen = LaggedFeed(steady, model).events(STEADY_GROUP, T0, T0 + MINUTE_MS)
    assert [found._replace(ingestion_time=0) for found in seen] == [
        found._replace(ingestion_time=0) for found in written
    ]
    assert all(late.ingestion_time >= early.ingestion_time for late, early in zip(seen, written, strict=True))


@pytest.mark.parametrize("model", LAG_MODELS.values(), ids=LAG_MODELS)
def test_the_lag_of_an_event_does_not_depend_on_what_else_was_read(model: LagModel) -> None:
    whole = LaggedFeed(SteadyAccess(40, since=T0), model).events(STEADY_GROUP, T0, T0 + MINUTE_MS - 1)
    other = LaggedFeed(SteadyAccess(40, since=T0), model)
    parts = [other.events(STEADY_GROUP, at, at + 7_499) for at in range(T0 + 52_500, T0 - 1, -7_500)]
    assert [found for part in reversed(parts) for found in part] == list(whole)


def lags(model: LagModel) -> list[int]:
    """The lags of ten minutes of entries."""
    steady = SteadyAccess(40, since=T0, slow=False)
    span = (STEADY_GROUP, T0, T0 + 10 * MINUTE_MS)
    pairs = zip(LaggedFeed(steady, model).events(*span), steady.events(*span), strict=True)
    return [seen.ingestion_time - written.ingestion_time for seen, written in pairs]


def test_lags_are_spread_as_the_model_says() -> None:
    assert set(lags(Fixed(1_500))) == {1_500}
    uniform = lags(Uniform(45_000))
    assert min(uniform) < 200
    assert 44_800 < max(uniform) <= 45_000
    assert 21_500 < fmean(uniform) < 23_500
    skewed = lags(LogNormal(2_000, 0.7, longest_ms=9_000))
    assert 1_900 < median(skewed) < 2_100
    assert max(skewed) == 9_000
    assert lags(Uniform(seed=1)) != lags(Uniform(seed=2))


def test_each_stream_has_its_own_lag_and_changes_it_now_and_then() -> None:
    steady = SteadyAccess(40, since=T0, slow=False, streams=4)
    seen = LaggedFeed(steady, PerStream(5_000, 20_000)).events(STEADY_GROUP, T0, T0 + 2 * MINUTE_MS)
    written = steady.events(STEADY_GROUP, T0, T0 + 2 * MINUTE_MS)
    by_stream: dict[tuple[str, int], set[int]] = {}
    for late, early in zip(seen, written, strict=True):
        key = (early.log_stream, early.ingestion_time // 10_000)
        by_stream.setdefault(key, set()).add(late.ingestion_time - early.ingestion_time)
    assert all(len(found) == 1 for found in by_stream.values())
    found = {lag for each in by_stream.values() for lag in each}
    assert len(found) > 40
    assert 5_000 <= min(found) <= max(found) <= 20_000
    arrivals = [late.ingestion_time for late in seen]
    assert arrivals != sorted(arrivals)


def test_in_a_silence_nothing_is_seen_and_at_its_end_all_of_it() -> None:
    silence = Silence(Fixed(0), every_ms=60_000, lasting_ms=20_000)
    feed = LaggedFeed(TinyFeed({"g": [event(second * 1_000, "m", number=second) for second in range(121)]}), silence)
    seen = [found.ingestion_time - T0 for found in feed.events("g", T0, T0 + 120_000)]
    assert [at for at in seen if at % 60_000 >= 40_000] == []
    assert seen.count(60_000) == seen.count(120_000) == 21
