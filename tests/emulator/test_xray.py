"""The emulator's X-Ray: segments that agree with what really happened, sampled, late and kept for 30 days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from apigw_tui.core.trace import TraceSegment, segments_of
from apigw_tui.emulator.calls import Call
from apigw_tui.emulator.sampling import DEFAULT_RULE, SHOP_RULE
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.stages import ORDERS_PROD, STAGES
from apigw_tui.emulator.trace_segments import LONGEST_LAG_MS
from apigw_tui.emulator.traffic import Shop
from apigw_tui.emulator.xray import KEPT_MS, MOST_TRACES

NOW = 1_767_225_600_000
MINUTE = 60_000
CREDENTIALS = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "AKIDEXAMPLE",
    "aws_secret_access_key": "secret",
}


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(epoch=NOW)


@pytest.fixture(scope="module")
def calls(shop: Shop) -> list[Call]:
    return list(shop.requests(ORDERS_PROD.api_id, ORDERS_PROD.name, NOW - 12 * MINUTE, NOW - 2 * MINUTE))


@pytest.fixture(scope="module")
def xray(shop: Shop) -> Iterator[Any]:
    with (
        EmulatorServer(shop, shop, clock=lambda: NOW, traces=shop) as server,
        closing(boto3.client("xray", endpoint_url=server.url, **CREDENTIALS)) as client,
    ):
        yield client


def segments(shop: Shop, call: Call) -> tuple[TraceSegment, ...]:
    found = shop.trace(call.trace_id or "")
    return segments_of([each.document for each in found], started_at=call.started_at)


def one(calls: list[Call], wanted: Callable[[Call], bool]) -> Call:
    return next(call for call in calls if call.is_sampled and wanted(call))


def test_the_first_request_of_every_second_is_sampled_and_a_share_of_the_others(calls: list[Call]) -> None:
    firsts = {call.started_at // 1000: call for call in reversed(calls)}
    assert all(call.is_sampled for call in firsts.values())
    others = [call for call in calls if call is not firsts[call.started_at // 1000]]
    share = sum(call.is_sampled for call in others) / len(others)
    assert abs(share - SHOP_RULE.rate) < 0.05
    usual = sum(DEFAULT_RULE.records(call.trace_id or "", 1) for call in calls) / len(calls)
    assert abs(usual - 0.05) < 0.02


def test_only_stages_with_tracing_are_traced(shop: Shop) -> None:
    for stage in STAGES:
        drawn = shop.requests(stage.api_id, stage.name, NOW - 2 * MINUTE, NOW - MINUTE)
        assert any(call.is_sampled for call in drawn) == stage.tracing


def test_every_sampled_request_has_a_tree_that_begins_with_the_request(shop: Shop, calls: list[Call]) -> None:
    for call in calls[:400]:
        found = segments(shop, call)
        assert bool(found) == call.is_sampled
        if found:
            first, *rest = found
            assert (first.name, first.start_ms, first.duration_ms) == ("orders/prod", 0, call.latency_ms)
            assert all(each.depth for each in rest)


def test_the_gateway_marks_the_status_of_the_request(shop: Shop, calls: list[Call]) -> None:
    for call in calls[:400]:
        if call.is_sampled:
            expected = "ok" if call.status < 400 else "throttle" if call.status == 429 else "error"
            assert segments(shop, call)[0].outcome == ("fault" if call.status >= 500 else expected)


def test_a_function_tells_its_start_and_its_run(shop: Shop, calls: list[Call]) -> None:
    call = one(calls, lambda each: each.run is not None and bool(each.run.init_ms))
    run = call.run
    assert run is not None
    parts = {each.name: each for each in segments(shop, call) if each.depth >= 4}
    assert parts["Invocation"].start_ms == run.started_at - call.started_at
    assert abs((parts["Invocation"].duration_ms or 0) - run.duration_ms) <= 1
    assert parts["Initialization"].duration_ms == int(run.init_ms or 0)


def test_a_crash_is_a_fault_with_its_exception(shop: Shop, calls: list[Call]) -> None:
    call = one(calls, lambda each: each.outcome.name == "crashed")
    told = [each.detail for each in segments(shop, call) if each.outcome == "fault" and each.detail]
    assert any(call.detail in detail for detail in told)


def test_carts_are_asked_of_a_table(shop: Shop, calls: list[Call]) -> None:
    call = one(calls, lambda each: each.path.startswith("/carts") and each.run is not None and each.status == 200)
    (table,) = [each for each in segments(shop, call) if each.name == "DynamoDB"]
    assert table.origin == "AWS::DynamoDB::Table"
    assert table.detail in ("GetItem carts", "PutItem carts")


def test_a_backend_that_hung_is_a_fault_of_the_gateway_alone() -> None:
    shop = Shop(scenario="slow-backend", epoch=NOW)
    calls = list(shop.requests(ORDERS_PROD.api_id, ORDERS_PROD.name, NOW - 4 * MINUTE, NOW - 2 * MINUTE))
    call = one(calls, lambda each: each.outcome.name == "hung" and each.run is not None and each.run.end == "success")
    outcomes = {each.origin: each.outcome for each in segments(shop, call)}
    assert outcomes["AWS::ApiGateway::Stage"] == outcomes["aws"] == "fault"
    assert outcomes["AWS::Lambda::Function"] == "ok"


def test_segments_come_late_and_go_after_30_days(shop: Shop, calls: list[Call]) -> None:
    call = one(calls, lambda each: each.run is not None)
    arrivals = [each.visible_at for each in shop.trace(call.trace_id or "")]
    assert min(arrivals) > call.started_at
    assert max(arrivals) <= (call.run.ended_at if call.run else 0) + 5 + LONGEST_LAG_MS
    for now, expected in (
        (min(arrivals) - 1, 0),
        (max(arrivals), len(arrivals)),
        (max(arrivals) + KEPT_MS, 0),
    ):
        with EmulatorServer(shop, shop, clock=lambda at=now: at, traces=shop) as server:  # type: ignore[misc]
            client = boto3.client("xray", endpoint_url=server.url, **CREDENTIALS)
            with closing(client):
                traces = client.batch_get_traces(TraceIds=[call.trace_id])["Traces"]
        assert sum(len(trace["Segments"]) for trace in traces) == expected


def test_several_traces_come_with_one_call(xray: Any, calls: list[Call]) -> None:
    sampled = [call.trace_id for call in calls if call.is_sampled][:MOST_TRACES]
    answer = xray.batch_get_traces(TraceIds=[*sampled[1:], "1-00000000-000000000000000000000000"])
    assert [trace["Id"] for trace in answer["Traces"]] == sampled[1:]
    assert answer["UnprocessedTraceIds"] == []


def test_the_call_is_checked_as_aws_does(xray: Any, calls: list[Call]) -> None:
    wrong: list[dict[str, Any]] = [
        {"TraceIds": []},
        {"TraceIds": [call.trace_id for call in calls[: MOST_TRACES + 1]]},
        {"TraceIds": [calls[0].trace_id], "NextToken": "x"},
    ]
    for arguments in wrong:
        with pytest.raises(ClientError) as caught:
            xray.batch_get_traces(**arguments)
        assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    with pytest.raises(ClientError):
        xray.get_trace_summaries(StartTime=0, EndTime=1)
