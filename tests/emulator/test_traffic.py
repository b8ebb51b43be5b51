"""The shop: the same for everyone, unique IDs in true order, and what really happened."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.schema import CAUSE_CODES
from apigw_tui.emulator.feed import ACCOUNT_ID
from apigw_tui.emulator.rest_calls import MINUTE_MS
from apigw_tui.emulator.stages import (
    CHAT_PROD,
    ORDERS_ID,
    ORDERS_PROD,
    PARTNER_V2,
    STAGES,
)
from apigw_tui.emulator.traffic import Shop
from tests.emulator.shop_views import GROUPS, NOON, recent, recent_calls, shop

DAY_MS = 24 * 60 * MINUTE_MS
ACCESS = [stage.access_group for stage in STAGES if stage.access_group]


@pytest.mark.parametrize("group", GROUPS)
def test_two_shops_write_the_same_events(group: str) -> None:
    assert recent(shop(), group) == recent(shop(), group)


def test_the_order_of_questions_changes_nothing() -> None:
    forward, backward = shop(), shop()
    wanted = [(group, minute) for group in GROUPS for minute in range(NOON - 3, NOON)]
    spans = {pair: forward.events(pair[0], pair[1] * MINUTE_MS, (pair[1] + 1) * MINUTE_MS) for pair in wanted}
    for group, minute in reversed(wanted):
        assert backward.events(group, minute * MINUTE_MS, (minute + 1) * MINUTE_MS) == spans[group, minute]


def test_a_shop_that_opened_later_saw_the_same_requests() -> None:
    early = Shop(7, epoch=NOON * MINUTE_MS)
    late = Shop(7, epoch=NOON * MINUTE_MS + 7 * MINUTE_MS + 1234)
    group = ORDERS_PROD.execution_group or ""
    assert recent(early, group) == recent(late, group)


def test_another_seed_is_another_day() -> None:
    first, second = (recent_calls(shop(seed=seed), ORDERS_ID, "prod") for seed in (1, 2))
    assert not {call.request_id for call in first} & {call.request_id for call in second}


def test_nothing_is_older_than_the_history() -> None:
    feed = shop(history_minutes=3)
    start = feed.history_start
    assert {group.created_at for group in feed.groups()} == {start}
    for group in GROUPS:
        assert all(event.timestamp >= start for event in feed.events(group, start - DAY_MS, NOON * MINUTE_MS))
    assert feed.requests(ORDERS_ID, "prod", start - DAY_MS, start - 1) == ()


def test_an_unknown_group_or_stage_is_empty() -> None:
    assert shop().events("/aws/lambda/nobody", 0, NOON * MINUTE_MS) == []
    assert shop().requests(ORDERS_ID, "nowhere", 0, NOON * MINUTE_MS) == ()


@settings(max_examples=20, deadline=None)
@given(
    group=st.sampled_from(GROUPS),
    start=st.integers(-6 * MINUTE_MS, -MINUTE_MS),
    first=st.integers(0, 3 * MINUTE_MS),
    second=st.integers(0, 3 * MINUTE_MS),
)
def test_property_a_span_is_the_sum_of_its_parts(group: str, start: int, first: int, second: int) -> None:
    feed = shop("slow-backend", history_minutes=12)
    a = NOON * MINUTE_MS + start
    b, c = a + first, a + first + second
    assert list(feed.events(group, a, c)) == [*feed.events(group, a, b), *feed.events(group, b + 1, c)]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), minute=st.integers(20_000_000, 35_000_000), group=st.sampled_from(GROUPS))
def test_property_ids_are_unique_ordered_and_carry_the_time(seed: int, minute: int, group: str) -> None:
    feed = Shop(seed, epoch=minute * MINUTE_MS)
    events = feed.events(group, (minute - 1) * MINUTE_MS, minute * MINUTE_MS)
    assert all(len(event.event_id) == 56 and int(event.event_id) >> 144 == event.timestamp for event in events)
    assert all(int(one.event_id) < int(other.event_id) for one, other in pairwise(events))
    assert all(event.ingestion_time > event.timestamp for event in events)


def test_event_ids_are_unique_over_all_groups() -> None:
    feed = shop()
    ids = [event.event_id for group in GROUPS for event in recent(feed, group)]
    assert len(set(ids)) == len(ids)


def test_the_truth_names_causes_of_the_schema() -> None:
    for stage in STAGES:
        for call in recent_calls(shop("bad-deploy"), stage.api_id, stage.name):
            assert (call.cause is None) == (call.status < 400)
            assert call.cause is None or call.cause in CAUSE_CODES


def test_requests_end_before_the_minute_after_the_next() -> None:
    for stage in STAGES:
        for call in recent_calls(shop("slow-backend"), stage.api_id, stage.name, minutes=5):
            last = call.run.ended_at if call.run else call.ended_at
            assert max(last, call.ended_at) - call.started_at < MINUTE_MS


def test_addresses_come_from_the_documentation_ranges() -> None:
    allowed = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
    for stage in STAGES:
        assert all(call.source_ip.startswith(allowed) for call in recent_calls(shop(), stage.api_id, stage.name))


def test_a_websocket_connection_has_many_requests_but_one_start_and_one_end() -> None:
    feed = shop(history_minutes=60)
    calls = recent_calls(feed, CHAT_PROD.api_id, "prod", minutes=50)
    connections = defaultdict(list)
    for call in calls:
        if call.connection_id is not None:
            connections[call.connection_id].append(call.event_type)
    whole = [types for types in connections.values() if {"CONNECT", "DISCONNECT"} <= set(types)]
    assert any(len(types) > 4 for types in whole)
    assert all((types[0], types[-1]) == ("CONNECT", "DISCONNECT") for types in whole)
    refused = [call for call in calls if call.connection_id is None]
    assert {len(call.request_id) for call in refused} == {36}


def test_the_control_plane_describes_every_stage() -> None:
    feed = shop()
    rest = {(api["name"], stage["stageName"]) for api in feed.rest_apis() for stage in feed.rest_stages(api["id"])}
    v2 = {(api["Name"], stage["StageName"]) for api in feed.v2_apis() for stage in feed.v2_stages(api["ApiId"])}
    assert rest | v2 == {(stage.api_name, stage.name) for stage in STAGES}
    assert feed.account()["cloudwatchRoleArn"].endswith("role/apigateway-writes-logs")


def test_access_log_destinations_are_groups_of_the_feed_or_firehose() -> None:
    feed = shop()
    destinations = [
        stage.get("accessLogSettings", {}).get("destinationArn")
        for api in feed.rest_apis()
        for stage in feed.rest_stages(api["id"])
    ]
    groups = {f"arn:aws:logs:eu-west-1:{ACCOUNT_ID}:log-group:{name}" for name in ACCESS}
    firehose = [arn for arn in destinations if arn and arn not in groups]
    assert [arn.split("/")[-1] for arn in firehose] == ["amazon-apigateway-partner-access"]
    assert destinations.count(None) == 1
    assert PARTNER_V2.access_group is None
    levels = {s["methodSettings"]["*/*"]["loggingLevel"] for s in feed.rest_stages(PARTNER_V2.api_id)}
    assert levels == {"ERROR", "OFF"}
