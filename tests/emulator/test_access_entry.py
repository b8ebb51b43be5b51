"""Access entries: stamped with the start, delivered after the end, in the format of the stage."""

from __future__ import annotations

import json
import re

import pytest

from apigw_tui.emulator.catalogue import ShopStage
from apigw_tui.emulator.stages import (
    ORDERS_ID,
    ORDERS_PROD,
    ORDERS_STAGING,
    STAGES,
    STOREFRONT_PROD,
    STOREFRONT_STAGING,
)
from tests.emulator.shop_views import recent, recent_calls, shop


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage.access_group], ids=lambda s: s.scope)
def test_every_request_has_one_access_entry_stamped_with_its_start(stage: ShopStage) -> None:
    feed = shop("slow-backend")
    calls = recent_calls(feed, stage.api_id, stage.name)
    entries = recent(feed, stage.access_group or "")
    assert len(entries) == len(calls) > 0
    for call in calls:
        (entry,) = [event for event in entries if call.request_id in event.message]
        assert entry.timestamp == call.started_at
        assert entry.ingestion_time > call.ended_at


def test_an_access_entry_of_orders_prod_says_what_happened() -> None:
    feed = shop("bad-deploy")
    entries = {
        entry["requestId"]: entry
        for entry in (json.loads(event.message) for event in recent(feed, ORDERS_PROD.access_group or ""))
    }
    for call in recent_calls(feed, ORDERS_ID, "prod"):
        entry = entries[call.request_id]
        assert entry["status"] == str(call.status)
        assert entry["responseLatency"] == str(call.latency_ms)
        assert entry["path"] == f"/prod{call.path}"
        assert entry["resourcePath"] == (call.route.template if call.route else "-")
        assert entry["integrationRequestId"] == (call.integration_request_id or "-")
        assert entry["userAgent"] == call.user_agent
        assert entry["errorType"] == call.outcome.response_type


def test_a_crash_is_named_in_the_access_entry_with_the_service_status_200() -> None:
    entries = [json.loads(event.message) for event in recent(shop("bad-deploy"), ORDERS_PROD.access_group or "")]
    crashed = [entry for entry in entries if "Customer Function Error" in entry["integrationError"]]
    assert crashed
    assert {(entry["integrationServiceStatus"], entry["integrationStatus"]) for entry in crashed} == {("200", "-")}


def test_staging_entries_without_an_integration_are_no_json() -> None:
    feed = shop()
    events = recent(feed, ORDERS_STAGING.access_group or "", minutes=12)
    unreadable = [event.message for event in events if '"integrationLatency":-,' in event.message]
    assert unreadable
    with pytest.raises(json.JSONDecodeError):
        json.loads(unreadable[0])


def test_storefront_entries_are_common_log_lines_with_the_route_key() -> None:
    line = re.compile(
        r'\S+ - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] "[A-Z]+ (?:[A-Z]+ /\S*|-) HTTP/1\.1"'
        r" \d{3} \d+ \S{15}="
    )
    feed = shop()
    assert all(line.fullmatch(event.message) for event in recent(feed, STOREFRONT_STAGING.access_group or ""))
    assert all(line.match(event.message) for event in recent(feed, STOREFRONT_PROD.access_group or ""))


def test_hostile_user_agents_are_always_there() -> None:
    events = recent(shop("steady"), STOREFRONT_PROD.access_group or "", minutes=15)
    text = "".join(event.message for event in events)
    assert "\x1b" in text or "\u202e" in text or "[bold red]" in text or "\x9b" in text
