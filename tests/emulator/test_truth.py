"""What the core reads from the shop's logs is what really happened in the shop."""

from __future__ import annotations

import polars as pl
import pytest

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.parse import parse_events
from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.emulator.calls import Call
from apigw_tui.emulator.catalogue import ShopStage
from apigw_tui.emulator.rest_calls import MINUTE_MS
from apigw_tui.emulator.scenarios import SCENARIOS
from apigw_tui.emulator.stages import CHAT_PROD, ORDERS_PROD, ORDERS_STAGING, PARTNER_V1
from tests.emulator.shop_views import NOON, recent_calls, shop


def read(stage: ShopStage, scenario: str, minutes: int) -> list[tuple[Call, dict[str, object]]]:
    """Every logged request of the last minutes beside the row that the core makes of its events."""
    feed = shop(scenario)
    start, end = (NOON - minutes) * MINUTE_MS, (NOON + 1) * MINUTE_MS
    rows = [
        (
            event.timestamp,
            event.ingestion_time,
            event.event_id,
            group,
            event.log_stream,
            stage.scope,
            event.message,
        )
        for group in (stage.access_group, stage.execution_group)
        if group is not None
        for event in feed.events(group, start, end)
    ]
    raw = pl.DataFrame(rows, schema=RAW_EVENTS, orient="row")
    formats = {}
    if stage.access_group is not None and stage.access_format is not None:
        formats[stage.access_group] = AccessFormat.compile(stage.access_format)
    requests = {row["request_id"]: row for row in summarise(parse_events(raw, formats)).to_dicts()}
    calls = recent_calls(feed, stage.api_id, stage.name, minutes)
    return [(call, requests[call.request_id]) for call in calls if call.is_logged]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_orders_prod_is_read_as_it_happened(scenario: str) -> None:
    for call, row in read(ORDERS_PROD, scenario, 2):
        assert row["started_at"] == call.started_at
        assert row["status"] == call.status
        assert row["latency_ms"] == call.latency_ms
        assert row["integration_latency_ms"] == call.integration_ms
        assert row["integration_request_id"] == call.integration_request_id
        assert row["route"] == (call.route.template if call.route else None)
        assert row["cause"] == call.cause, call.outcome


@pytest.mark.parametrize("stage", [ORDERS_STAGING, PARTNER_V1, CHAT_PROD], ids=lambda stage: stage.scope)
def test_causes_and_statuses_of_the_other_stages_are_read_as_they_happened(stage: ShopStage) -> None:
    for call, row in read(stage, "steady", 12):
        assert (row["status"], row["cause"]) == (call.status, call.cause), call.outcome
