"""Execution logs: API Gateway's lines, in its order, cut where it cuts."""

from __future__ import annotations

import re

import pytest

from apigw_tui.emulator.catalogue import ShopStage
from apigw_tui.emulator.rest_calls import MINUTE_MS
from apigw_tui.emulator.rest_execution import CUT_MARK, LIMIT
from apigw_tui.emulator.stages import (
    CHAT_PROD,
    ORDERS_ID,
    ORDERS_PROD,
    ORDERS_STAGING,
    PARTNER_V1,
)
from tests.emulator.shop_views import NOON, bodies, by_request, recent, recent_calls, shop

REST_EXECUTION = [stage.execution_group or "" for stage in (ORDERS_PROD, ORDERS_STAGING, PARTNER_V1)]

# The grammar of execution lines, as the public transcripts show it.
EXECUTION_LINES = re.compile(
    r"""(?:
    Extended\ Request\ Id:\ \S{15}=
    | Starting\ authorizer:\ \w+\ for\ request:\ \S+
    | Incoming\ identity:\ \*+\S+
    | Authorizer\ result\ body\ before\ parsing:\ \{.*
    | Using\ valid\ authorizer\ policy\ for\ principal:\ \*+\S+
    | Successfully\ completed\ authorizer\ execution
    | Unauthorized\ request:\ \S+
    | AuthorizerConfigurationException
    | The\ client\ is\ not\ authorized\ to\ perform\ this\ operation\.
    | Verifying\ Usage\ Plan\ for\ request:\ \S+\.\ API\ Key:\ (?:\*{34}\w{6})?\ API\ Stage:\ \w+/\w+
    | API\ Key\ \ authorized\ because\ method\ '[A-Z]+\ /[^']*'\ does\ not\ require\ API\ Key\..*
    | API\ Key\ \S*\ not\ authorized\ because\ method\ '[A-Z]+\ /[^']*'\ requires\ API\ Key(?:\ and\ .*)?
    | Usage\ Plan\ check\ succeeded\ for\ API\ Key\ \S*\ and\ API\ Stage\ \w+/\w+
    | Key\ throttle\ limit\ exceeded\ for\ RestApi\ \w+,\ Stage\ \w+,\ Resource\ \w+,\ HttpMethod\ [A-Z]+\.
      \ Limit:\ [\d.]+\ Burst:\ \d+
    | Starting\ execution\ for\ request:\ \S+
    | HTTP\ Method:\ [A-Z]+,\ Resource\ Path:\ /.*
    | API\ Key:\ \*+\w{6} | API\ Key\ ID:\ [\w-]+
    | Method\ request\ (?:path|query\ string|headers):\ \{.*
    | Method\ request\ body\ before\ transformations:\ .*
    | Request\ validation\ succeeded\ for\ content\ type\ application/json
    | Request\ body\ does\ not\ match\ model\ schema\ for\ content\ type\ [^:]+:\ \[.*\]
    | Endpoint\ request\ (?:URI|headers|body\ after\ transformations):\ .*
    | Sending\ request\ to\ \S+
    | Received\ response\.\ Status:\ \d{3},\ Integration\ latency:\ \d+\ ms
    | Endpoint\ response\ (?:headers|body\ before\ transformations):\ .*
    | Method\ response\ (?:headers|body\ after\ transformations):\ .*
    | Lambda\ execution\ failed\ with\ status\ 200\ due\ to\ customer\ function\ error:\ .*
      \.\ Lambda\ request\ id:\ \S{36}
    | Lambda\ invocation\ failed\ with\ status:\ 429\.\ Lambda\ request\ id:\ \S{36}
    | Execution\ failed\ due\ to\ (?:a\ timeout\ error|configuration\ error:\ .+)
    | Successfully\ completed\ execution
    | Method\ completed\ with\ status:\ \d{3}
    | AWS\ Integration\ Endpoint\ RequestId\ :\ \S{36}
    | X-ray\ Tracing\ ID\ :\ Root=1-[0-9a-f]{8}-[0-9a-f]{24}
    | WebSocket\ Request\ Route:\ \[\S+\]
    | Client\ \[UserAgent:\ .*,\ SourceIp:\ \S+\]\ is\ connecting\ to\ WebSocket\ API\ \[\w+\]\.
    | WebSocket\ API\ \[\w+\]\ received\ message\ from\ client\ \[Connection\ Id:\ \S+=\]\.
    | Client\ \[Connection\ Id:\ \S+=\]\ connected\ to\ API\ \[\w+\]\ successfully\.
    | Client\ \[Connection\ Id:\ \S+=\]\ disconnected\ from\ API\ \[\w+\]\.\ Close\ reason:\ \[\d+:\ .*\]
    | Message\ from\ client\ \[Connection\ Id:\ \S+=\]\ sent\ to\ API\ \[\w+\]
      \ with\ response\ status\ code\ \[200\]\.
    | Connection\ API\ request\ completed\ with\ status:\ \d{3}
    )""",
    re.VERBOSE | re.DOTALL,
)
RANK = (
    "Extended Request Id",
    "Starting authorizer",
    "Incoming identity",
    "Using valid authorizer",
    "Successfully completed authorizer",
    "Verifying Usage Plan",
    "API Key  authorized",
    "Usage Plan check",
    "Starting execution",
    "HTTP Method",
    "API Key: ",
    "API Key ID: ",
    "Method request path",
    "Method request query",
    "Method request headers",
    "Method request body",
    "Request validation",
    "Endpoint request URI",
    "Endpoint request headers",
    "Endpoint request body",
    "Sending request",
    "Received response",
    "Endpoint response headers",
    "Endpoint response body",
    "Method response body",
    "Method response headers",
    "Successfully completed execution",
    "Method completed",
    "AWS Integration Endpoint",
    "X-ray",
)
"""The order in which the lines of a served request come out (the authorizer's endpoint lines aside)."""


@pytest.mark.parametrize("group", [*REST_EXECUTION, CHAT_PROD.execution_group or ""])
@pytest.mark.parametrize("scenario", ["steady", "slow-backend", "bad-deploy", "authorizer-outage", "throttled"])
def test_every_execution_line_is_in_the_grammar(group: str, scenario: str) -> None:
    for event in recent(shop(scenario), group):
        prefix, body = event.message.split(") ", 1)
        assert re.fullmatch(r"\((?:[0-9a-f-]{36}|[\w-]{15}=)", prefix)
        assert EXECUTION_LINES.fullmatch(body.removesuffix(CUT_MARK)), body


@pytest.mark.parametrize("stage", [ORDERS_PROD, ORDERS_STAGING], ids=lambda stage: stage.name)
def test_lines_of_a_served_request_stand_in_the_canonical_order(stage: ShopStage) -> None:
    feed = shop("steady")
    calls = {call.request_id: call for call in recent_calls(feed, ORDERS_ID, stage.name)}
    for request_id, events in by_request(recent(feed, stage.execution_group or "")).items():
        call = calls.get(request_id)
        if call is None or call.outcome.name != "served":
            continue
        lines = bodies(events)
        if call.authorizer_run is not None:
            over = lines.index("Successfully completed authorizer execution")
            lines = [lines[0], *lines[over:]]
        ranks = [max(rank for rank, head in enumerate(RANK) if line.startswith(head)) for line in lines]
        assert ranks == sorted(ranks), lines


def test_a_request_writes_into_one_stream_at_few_distinct_times() -> None:
    for events in by_request(recent(shop("slow-backend"), ORDERS_STAGING.execution_group or "")).values():
        assert len({event.log_stream for event in events}) == 1
        assert re.fullmatch(r"[0-9a-f]{32}", events[0].log_stream)
        assert len({event.timestamp for event in events}) <= 7


def test_the_first_line_carries_the_start_and_the_last_the_end() -> None:
    feed = shop()
    lines = by_request(recent(feed, ORDERS_PROD.execution_group or "", minutes=3))
    for call in recent_calls(feed, ORDERS_ID, "prod"):
        if call.outcome.gate != "route" and call.ended_at < NOON * MINUTE_MS:
            events = lines[call.request_id]
            assert (events[0].timestamp, events[-1].timestamp) == (call.started_at, call.ended_at)


def test_a_timeout_leaves_no_answer_and_no_integration_id() -> None:
    feed = shop("slow-backend")
    lines = by_request(recent(feed, ORDERS_PROD.execution_group or "", minutes=4))
    hung = [c for c in recent_calls(feed, ORDERS_ID, "prod", 3) if c.outcome.name == "hung"]
    ended = [call for call in hung if call.ended_at < NOON * MINUTE_MS]
    assert ended
    for call in ended:
        texts = bodies(lines[call.request_id])
        assert texts[-3:-1] == [
            "Execution failed due to a timeout error",
            "Method completed with status: 504",
        ]
        assert not any("RequestId :" in text or text.startswith("Received") for text in texts)


def test_a_refused_token_never_writes_a_status() -> None:
    feed = shop("authorizer-outage")
    lines = by_request(recent(feed, ORDERS_PROD.execution_group or ""))
    refused = [c for c in recent_calls(feed, ORDERS_ID, "prod") if c.outcome.name == "token_refused"]
    assert refused
    for call in refused:
        texts = bodies(lines[call.request_id])
        assert f"Unauthorized request: {call.request_id}" in texts
        assert not any(text.startswith("Method completed") for text in texts)


def test_an_unknown_route_is_in_the_access_log_only() -> None:
    feed = shop("key-leak")
    lost = {c.request_id for c in recent_calls(feed, ORDERS_ID, "prod") if c.outcome.name == "no_route"}
    assert lost
    assert not lost & by_request(recent(feed, ORDERS_PROD.execution_group or "")).keys()


def test_prod_keeps_no_payloads_and_no_latency() -> None:
    texts = bodies(recent(shop("steady"), ORDERS_PROD.execution_group or ""))
    heads = ("Method request", "Endpoint request", "Sending request", "Received response", "Method response")
    assert not any(text.startswith(heads) for text in texts)


def test_data_trace_is_cut_at_exactly_1024_characters() -> None:
    texts = bodies(recent(shop(), ORDERS_STAGING.execution_group or "", minutes=6))
    cut = [text for text in texts if text.endswith(CUT_MARK)]
    assert {len(text) for text in cut} == {LIMIT + len(CUT_MARK)}
    assert all(len(text) <= LIMIT for text in texts if not text.endswith(CUT_MARK))
    assert any("X-Amz-Security-Token=" in text for text in cut)
    assert any("\n" in text for text in texts)


def test_at_level_error_only_failing_requests_write() -> None:
    feed = shop()
    lines = by_request(recent(feed, PARTNER_V1.execution_group or "", minutes=20))
    calls = {call.request_id: call for call in recent_calls(feed, PARTNER_V1.api_id, "v1", 21)}
    assert lines
    for request_id, events in lines.items():
        assert calls[request_id].is_logged
        assert bodies(events)[-1] == f"Method completed with status: {calls[request_id].status}"
        assert bodies(events)[0].startswith("Execution failed")
