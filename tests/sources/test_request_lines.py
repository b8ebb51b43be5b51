"""The lines of functions for one request, found by every way there is; over HTTP, in virtual time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from apigw_tui.core.stage import AccessLog, ExecutionLog, Stage
from apigw_tui.sources.base import Batch, RequestRef, Trouble, Update
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.log_windows import FollowedGroup
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import START, VirtualTime

MINUTE = 60_000
AT = START - 10 * MINUTE
GROUP = "/orders/access"
EXECUTION = "API-Gateway-Execution-Logs_a1b2c3/prod"
WRITE, READ, BADGES = "/aws/lambda/basket-write", "/aws/lambda/basket-read", "/aws/lambda/badge-check"
REQUEST = "0b2f6c1e-1111-4222-8333-444455556666"
CALL = "7d0c9a55-aaaa-4bbb-8ccc-ddddeeeeffff"
BADGE_CALL = "2e51d0c4-aaaa-4bbb-8ccc-ddddeeeeffff"
OTHER_CALL = "99999999-aaaa-4bbb-8ccc-ddddeeeeffff"
TRACE = "1-6b02ce1d-4ceeccea51af65a822870f83"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:{}"
URI = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{ARN}/invocations"
PROD = Stage(
    api_id="a1b2c3",
    api_name="orders",
    api_type="REST",
    name="prod",
    access=AccessLog(GROUP, f"arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}", '{"id":"$context.requestId"}'),
    execution=ExecutionLog(EXECUTION, "INFO"),
)
TIMED_OUT = RequestRef(
    "a1b2c3/prod", REQUEST, AT, AT + 29_010, method="POST", route="/basket/{id}", failed_phase="integration"
)
"""Its access entry has no Lambda request ID."""


def account_of_baskets() -> RecordedAccount:
    """Its functions are not named as the API is."""
    account = RecordedAccount()
    account.rest["a1b2c3"] = ("orders", [])
    methods = {
        "POST": {"methodIntegration": {"uri": URI.format("basket-write")}, "authorizerId": "a1"},
        "GET": {"methodIntegration": {"uri": URI.format("basket-read")}},
        "HEAD": {"methodIntegration": {"type": "MOCK"}},
    }
    account.resources = [{"id": "r1", "path": "/basket/{id}", "resourceMethods": methods}]
    account.authorizers = [{"id": "a1", "authorizerUri": URI.format("badge-check")}]
    for group in (EXECUTION, WRITE, READ, BADGES):
        account.add_group(group)
    return account


def updates_of(
    account: RecordedAccount, request: RequestRef, *, stage: Stage | None = PROD, refusals: Refusals | None = None
) -> list[Update]:
    time = VirtualTime()
    with served(account, time, refusals=refusals) as aws:
        if stage is None:
            source = CloudWatchSource(aws, groups=[FollowedGroup.bare(EXECUTION)], clock=time.now)
        else:
            source = CloudWatchSource(aws, stages=[stage], clock=time.now)
        return list(source.request_events(request, time.stop))


def rows(updates: Iterable[Update]) -> list[dict[str, Any]]:
    return [row for update in updates if isinstance(update, Batch) for row in update.events.to_dicts()]


def messages(updates: Iterable[Update]) -> list[str]:
    return [row["message"] for row in rows(updates)]


def links(updates: Iterable[Update]) -> dict[str, str]:
    return {line: request for update in updates if isinstance(update, Batch) for line, request in update.links.items()}


def functions(updates: Iterable[Update]) -> dict[str, str]:
    return {name: value for one in updates if isinstance(one, Batch) for name, value in one.functions.items()}


def run_lines(call: str = CALL, *, says: str = "", trace: str = "") -> list[tuple[int, str]]:
    """A run of a Python function that crashes: the line that says why carries no ID."""
    traced = f"\nXRAY TraceId: {trace}\tSegmentId: 5c29fa69498d40fb\tSampled: true" if trace else ""
    return [
        (10, f"START RequestId: {call} Version: 3"),
        (11, f"[INFO]\t2026-01-01T00:00:00.000Z\t{call}\t{says or 'begins'}"),
        (12, "printed by hand"),
        (30_000, "[ERROR] KeyError: 'sku'\nTraceback (most recent call last):"),
        (30_000, f"END RequestId: {call}"),
        (30_000, f"REPORT RequestId: {call}\tDuration: 29990.00 ms{traced}"),
    ]


def log_run(account: RecordedAccount, lines: Iterable[tuple[int, str]], *, group: str = WRITE) -> list[str]:
    written = list(lines)
    for offset, message in written:
        account.log(group, AT + offset, message, stream="one")
    return [message for _, message in written]


def test_after_a_timeout_the_function_that_logs_the_request_id_is_found() -> None:
    account = account_of_baskets()
    run = log_run(account, run_lines(says=f"called by {REQUEST}"))
    found = updates_of(account, TIMED_OUT)
    assert messages(found) == run
    assert links(found)[CALL] == REQUEST
    assert functions(found) == {REQUEST: "basket-write"}


def test_after_a_timeout_the_function_is_found_by_the_trace_in_its_report() -> None:
    account = account_of_baskets()
    run = log_run(account, run_lines(trace=TRACE))
    log_run(account, [(5, f"START RequestId: {OTHER_CALL} Version: 3")], group=READ)
    found = updates_of(account, replace(TIMED_OUT, trace_id=TRACE))
    assert messages(found) == run


def test_the_trace_may_be_told_by_the_execution_log_alone() -> None:
    account = account_of_baskets()
    account.log(EXECUTION, AT + 29_010, f"({REQUEST}) X-ray Tracing ID : Root={TRACE}")
    run = log_run(account, run_lines(trace=TRACE))
    assert messages(updates_of(account, TIMED_OUT))[1:] == run


def test_a_function_that_still_runs_has_no_report_and_is_found_all_the_same() -> None:
    account = account_of_baskets()
    run = log_run(account, [*run_lines(says=REQUEST)[:3], (40_000, "printed after API Gateway gave up")])
    log_run(account, run_lines(OTHER_CALL), group=READ)
    assert messages(updates_of(account, TIMED_OUT)) == run


def test_lines_without_an_id_are_linked_by_their_event_ids() -> None:
    account = account_of_baskets()
    log_run(account, run_lines())
    found = updates_of(account, replace(TIMED_OUT, integration_request_id=CALL))
    nameless = [row["event_id"] for row in rows(found) if CALL not in row["message"]]
    assert len(nameless) == 2
    assert links(found) == dict.fromkeys((CALL, *nameless), REQUEST)


def test_what_other_invocations_wrote_into_the_same_stream_is_left_out() -> None:
    account = account_of_baskets()
    log_run(account, [(0, f"START RequestId: {OTHER_CALL} Version: 3"), (1, "printed by another")])
    log_run(account, [(2, f"END RequestId: {OTHER_CALL}"), (2, f"REPORT RequestId: {OTHER_CALL}\tDuration: 2 ms")])
    run = log_run(account, run_lines())
    log_run(account, [(30_000, "printed between two"), (30_001, f"START RequestId: {BADGE_CALL} Version: 3")])
    found = updates_of(account, replace(TIMED_OUT, integration_request_id=CALL))
    assert messages(found) == run


def test_where_invocations_run_side_by_side_only_ids_tell_them_apart() -> None:
    account = account_of_baskets()
    log_run(account, [*run_lines()[:3], (20, f"START RequestId: {OTHER_CALL} Version: 3"), *run_lines()[3:]])
    found = updates_of(account, replace(TIMED_OUT, integration_request_id=CALL))
    assert all(CALL in message for message in messages(found))
    assert len(messages(found)) == 4


def test_a_carrier_without_lambda_id_belongs_to_the_run_that_it_was_printed_in() -> None:
    account = account_of_baskets()
    log_run(account, [(0, f"START RequestId: {OTHER_CALL} Version: 3"), (1, f"REPORT RequestId: {OTHER_CALL}\tD")])
    run = log_run(account, [run_lines()[0], (11, f"request {REQUEST}"), *run_lines()[3:]])
    assert messages(updates_of(account, TIMED_OUT)) == run


def test_a_json_line_that_calls_our_id_request_id_does_not_pass_for_an_invocation() -> None:
    account = account_of_baskets()
    line = f'{{"level":"INFO","requestId":"{REQUEST}","message":"begins"}}'
    run = log_run(account, [run_lines()[0], (11, line), *run_lines()[3:]])
    found = updates_of(account, TIMED_OUT)
    assert messages(found) == run
    assert REQUEST not in links(found)


def test_a_function_without_platform_lines_is_found_by_the_lines_that_name_the_call() -> None:
    account = account_of_baskets()
    line = f'{{"level":"INFO","requestId":"{CALL}","message":"begins"}}'
    log_run(account, [(11, line), (12, "printed by whom?"), (13, f"the call {CALL} ends")])
    found = updates_of(account, replace(TIMED_OUT, integration_request_id=CALL))
    assert messages(found) == [line]


def test_the_authorizer_has_its_own_function_and_call() -> None:
    account = account_of_baskets()
    badge = log_run(account, run_lines(BADGE_CALL), group=BADGES)
    run = log_run(account, run_lines())
    request = replace(TIMED_OUT, authorizer_request_id=BADGE_CALL, integration_request_id=CALL)
    found = updates_of(account, request)
    assert messages(found) == [*badge, *run]
    assert {row["log_group"] for row in rows(found)} == {BADGES, WRITE}


def test_an_authorizer_without_known_call_is_found_by_the_trace() -> None:
    account = account_of_baskets()
    account.log(EXECUTION, AT + 1, f"({REQUEST}) Starting authorizer: q1 for request: {REQUEST}")
    account.log(EXECUTION, AT + 1, f"({REQUEST}) Incoming identity: ****abcdef")
    badge = log_run(account, run_lines(BADGE_CALL, trace=TRACE), group=BADGES)
    found = updates_of(account, replace(TIMED_OUT, trace_id=TRACE, failed_phase="authorizer"))
    assert messages(found)[2:] == badge


@pytest.mark.parametrize("phase", ["before", "authorizer", "usage_plan", "validation"])
def test_a_request_that_never_reached_its_function_is_not_looked_for_in_its_log(phase: str) -> None:
    account = account_of_baskets()
    log_run(account, run_lines(says=REQUEST))
    assert updates_of(account, replace(TIMED_OUT, failed_phase=phase)) == []


def test_a_route_without_function_is_not_looked_for_anywhere() -> None:
    account = account_of_baskets()
    log_run(account, run_lines(says=REQUEST))
    request = replace(TIMED_OUT, method="HEAD", integration_request_id=CALL)
    assert updates_of(account, request) == []


def test_a_call_of_an_unknown_route_is_looked_for_in_all_functions_of_the_stage() -> None:
    account = account_of_baskets()
    run = log_run(account, run_lines(), group=READ)
    request = replace(TIMED_OUT, method=None, route=None, integration_request_id=CALL)
    found = updates_of(account, request)
    assert messages(found) == run
    assert functions(found) == {REQUEST: "basket-read"}


def test_a_timeout_of_an_unknown_route_is_looked_for_in_all_functions_but_authorizers() -> None:
    account = account_of_baskets()
    log_run(account, run_lines(BADGE_CALL, trace=TRACE), group=BADGES)
    run = log_run(account, run_lines(trace=TRACE), group=READ)
    request = replace(TIMED_OUT, method=None, route=None, trace_id=TRACE)
    found = updates_of(account, request)
    assert messages(found) == run
    assert functions(found) == {REQUEST: "basket-read"}


def test_where_several_functions_took_part_in_a_trace_none_is_named() -> None:
    account = account_of_baskets()
    runs = [
        log_run(account, run_lines(call, trace=TRACE), group=group)
        for call, group in ((OTHER_CALL, READ), (CALL, WRITE))
    ]
    found = updates_of(account, replace(TIMED_OUT, method=None, route=None, trace_id=TRACE))
    assert messages(found) == [*runs[0], *runs[1]]
    assert functions(found) == {}


def test_functions_named_like_the_api_are_searched_where_the_settings_may_not_be_seen() -> None:
    account = account_of_baskets()
    run = log_run(account, run_lines(), group="/aws/lambda/orders-write")
    refusals = Refusals()
    refusals.codes["GetResources"] = "AccessDeniedException"
    found = updates_of(account, replace(TIMED_OUT, integration_request_id=CALL), refusals=refusals)
    assert messages(found) == run
    assert not any(isinstance(update, Trouble) for update in found)


def test_an_execution_group_named_by_itself_leads_to_the_functions_too() -> None:
    account = account_of_baskets()
    run = log_run(account, run_lines(says=REQUEST))
    assert messages(updates_of(account, TIMED_OUT, stage=None)) == run


def test_a_function_without_log_is_told_and_named() -> None:
    account = account_of_baskets()
    account.resources[0]["resourceMethods"]["POST"]["methodIntegration"]["uri"] = URI.format("basket-gone")
    found = updates_of(account, TIMED_OUT)
    (trouble,) = (update for update in found if isinstance(update, Trouble))
    assert "/aws/lambda/basket-gone" in trouble.error.message
    assert functions(found) == {REQUEST: "basket-gone"}


def test_an_http_api_is_asked_for_its_routes() -> None:
    account = account_of_baskets()
    account.v2["h1"] = ({"ApiId": "h1", "Name": "front", "ProtocolType": "HTTP"}, [])
    account.routes = [{"RouteId": "1", "RouteKey": "POST /basket/{id}", "Target": "integrations/i1"}]
    account.integrations = [{"IntegrationId": "i1", "IntegrationUri": URI.format("basket-write")}]
    run = log_run(account, run_lines(says=REQUEST))
    front = replace(PROD, api_id="h1", api_name="front", api_type="HTTP", execution=ExecutionLog(None))
    found = updates_of(account, replace(TIMED_OUT, scope="h1/prod", failed_phase=None), stage=front)
    assert messages(found) == run


def test_a_stopped_search_ends() -> None:
    account = account_of_baskets()
    log_run(account, run_lines(says=REQUEST))
    time = VirtualTime()
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        time.stop.set()
        assert rows(source.request_events(TIMED_OUT, time.stop)) == []
