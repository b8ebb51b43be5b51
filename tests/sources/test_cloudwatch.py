"""CloudWatch as a source: backfill, the lines of one request, IDs, shared groups; over HTTP, in virtual time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.stage import AccessLog, ExecutionLog, Stage
from apigw_tui.core.timerange import TimeRange
from apigw_tui.emulator.paging import Paging
from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources.base import Batch, Progress, RequestRef, Trouble, Update
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.session import Aws
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import START, VirtualTime

GROUP = "/orders/access"
EXECUTION = "API-Gateway-Execution-Logs_a1b2c3/prod"
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
REQUEST = "0b2f6c1e-1111-4222-8333-444455556666"
CALL = "7d0c9a55-aaaa-4bbb-8ccc-ddddeeeeffff"
FORMAT = '{"id":"$context.requestId","api":"$context.apiId","stage":"$context.stage","status":"$context.status"}'

PROD = Stage(
    api_id="a1b2c3",
    api_name="orders",
    api_type="REST",
    name="prod",
    access=AccessLog(GROUP, f"arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}", FORMAT),
    execution=ExecutionLog(EXECUTION, "INFO"),
)


def entry(request_id: str, *, api: str = "a1b2c3", stage: str = "prod") -> str:
    return json.dumps({"id": request_id, "api": api, "stage": stage, "status": "200"})


def bare(aws: Aws, time: VirtualTime, *names: str) -> CloudWatchSource:
    groups = [FollowedGroup.bare(name) for name in names or (GROUP,)]
    return CloudWatchSource(aws, groups=groups, clock=time.now)


def rows(updates: Iterable[Update]) -> list[dict[str, object]]:
    return [row for update in updates if isinstance(update, Batch) for row in update.events.to_dicts()]


def messages(updates: Iterable[Update]) -> list[object]:
    return [row["message"] for row in rows(updates)]


def test_a_backfill_yields_every_event_of_the_range_once() -> None:
    time, account = VirtualTime(), RecordedAccount()
    for second in range(-3600, 1):
        account.log(GROUP, START + second * SECOND, f"event {second}", lag=0)
    with served(account, time, paging=Paging(page_events=150)) as aws:
        time_range = TimeRange(START - 30 * MINUTE, START - MINUTE)
        updates = list(bare(aws, time).backfill(time_range, time.stop))
    assert sorted(messages(updates), key=str) == sorted((f"event {second}" for second in range(-1800, -59)), key=str)


def test_a_backfill_comes_newest_first_and_says_how_far_it_is() -> None:
    time, account = VirtualTime(), RecordedAccount()
    for second in range(-3600, 0):
        account.log(GROUP, START + second * SECOND, "x", lag=0)
    with served(account, time) as aws:
        updates = list(bare(aws, time).backfill(TimeRange(START - HOUR), time.stop))
    progress = [update for update in updates if isinstance(update, Progress)]
    assert [update.read_from for update in progress] == sorted((u.read_from for u in progress), reverse=True)
    assert progress[-1].done
    assert progress[-1].read_from == START - HOUR
    assert progress[-1].events == 3600
    first = [update.events for update in updates if isinstance(update, Batch)][:4]
    assert START - SECOND in [int(events["timestamp"][-1]) for events in first]
    assert first[0].schema == RAW_EVENTS


def test_a_range_without_events_is_read_with_few_calls() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log(GROUP, START - 20 * HOUR, "long ago", lag=0)
    with served(account, time) as aws:
        updates = list(bare(aws, time).backfill(TimeRange(0), time.stop))
    assert messages(updates) == ["long ago"]
    progress = [update for update in updates if isinstance(update, Progress)]
    assert progress[-1].pages < 40


def test_empty_pages_with_a_token_are_not_the_end() -> None:
    time, account = VirtualTime(), RecordedAccount()
    for number in range(300):
        account.log(GROUP, START - 10 * MINUTE + number * SECOND, f"noise {number}", lag=0)
    account.log(GROUP, START - MINUTE, "needle", lag=0)
    with served(account, time, paging=Paging(scanned_events=20)) as aws:
        source = CloudWatchSource(aws, groups=[FollowedGroup.bare(GROUP)], filter_pattern="needle", clock=time.now)
        updates = list(source.backfill(TimeRange(START - 20 * MINUTE), time.stop))
    assert messages(updates) == ["needle"]


def test_a_backfill_stops_between_two_pages() -> None:
    time, account = VirtualTime(), RecordedAccount()
    for number in range(500):
        account.log(GROUP, START - number * SECOND, "x", lag=0)
    with served(account, time, paging=Paging(page_events=5)) as aws:
        read = bare(aws, time).backfill(TimeRange(START - HOUR), time.stop)
        next(read)
        time.stop.set()
        rest = list(read)
    assert not any(isinstance(update, Progress) and update.done for update in rest)
    assert len(messages(rest)) < 100


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("ExpiredTokenException", ExitCode.CREDENTIALS),
        ("AccessDeniedException", ExitCode.CREDENTIALS),
        ("InvalidParameterException", ExitCode.FAILED),
    ],
)
def test_a_backfill_that_cannot_begin_raises(code: str, exit_code: ExitCode) -> None:
    time, account, refusals = VirtualTime(), RecordedAccount(), Refusals()
    account.add_group(GROUP)
    refusals.codes["FilterLogEvents"] = code
    with served(account, time, refusals=refusals) as aws, pytest.raises(AppError) as raised:
        list(bare(aws, time).backfill(TimeRange(START - HOUR), time.stop))
    assert raised.value.exit_code is exit_code


def test_a_missing_group_among_others_is_trouble() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log(GROUP, START - SECOND, "there", lag=0)
    with served(account, time) as aws:
        updates = list(bare(aws, time, "/not/there", GROUP).backfill(TimeRange(START - HOUR), time.stop))
    assert messages(updates) == ["there"]
    told = [update for update in updates if isinstance(update, Trouble)]
    assert [update.retry_at for update in told] == [None]
    assert "/not/there" in told[0].error.message


def test_a_stage_is_read_by_its_access_log_and_its_format_is_known() -> None:
    time, account = VirtualTime(), RecordedAccount()
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
    assert source.title == "orders/prod"
    assert source.groups == (GROUP,)
    assert source.formats[GROUP].source == FORMAT
    assert source.live


def test_a_stage_without_access_log_is_read_by_its_execution_log() -> None:
    time, account = VirtualTime(), RecordedAccount()
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[replace(PROD, access=None)], clock=time.now)
    assert source.groups == (EXECUTION,)


def test_a_stage_that_logs_to_firehose_only_says_so() -> None:
    time, account = VirtualTime(), RecordedAccount()
    destination = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-orders"
    stage = replace(PROD, access=AccessLog(None, destination, FORMAT), execution=ExecutionLog(None))
    with served(account, time) as aws, pytest.raises(AppError, match="amazon-apigateway-orders"):
        CloudWatchSource(aws, stages=[stage], clock=time.now)


def test_of_a_shared_access_group_only_the_entries_of_the_stage_are_taken() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log(GROUP, START - 3 * SECOND, entry("one"), lag=0)
    account.log(GROUP, START - 2 * SECOND, entry("two", stage="staging"), lag=0)
    account.log(GROUP, START - SECOND, "no entry at all", lag=0)
    staging = replace(PROD, name="staging")
    with served(account, time) as aws:
        one = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        both = CloudWatchSource(aws, stages=[PROD, staging], clock=time.now)
        of_one = rows(one.backfill(TimeRange(START - MINUTE), time.stop))
        of_both = rows(both.backfill(TimeRange(START - MINUTE), time.stop))
    assert [(row["message"], row["scope"]) for row in of_one] == [
        (entry("one"), "a1b2c3/prod"),
        ("no entry at all", "a1b2c3/prod"),
    ]
    assert [row["scope"] for row in of_both] == ["a1b2c3/prod", "a1b2c3/staging", ""]


def recorded_request(account: RecordedAccount, at: int) -> RequestRef:
    uri = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function"
    for offset, line in (
        (0, f"Starting execution for request: {REQUEST}"),
        (5, f"Sending request to {uri}:orders-write:live/invocations"),
        (905, "Received response. Status: 200, Integration latency: 900 ms"),
        (906, "Method completed with status: 200"),
        (906, f"AWS Integration Endpoint RequestId : {CALL}"),
    ):
        account.log(EXECUTION, at + offset, f"({REQUEST}) {line}")
    account.log(EXECUTION, at + 7, "(99999999-1111-4222-8333-444455556666) Starting execution for another")
    for offset, line in ((10, f"START RequestId: {CALL} Version: 1"), (800, f"END RequestId: {CALL}")):
        account.log("/aws/lambda/orders-write", at + offset, line)
    account.log("/aws/lambda/orders-write", at + 20, "START RequestId: other")
    account.log(GROUP, at, entry(REQUEST))
    return RequestRef("a1b2c3/prod", REQUEST, at, at + 906)


def test_the_lines_of_a_request_are_its_execution_lines_and_those_of_its_function() -> None:
    time, account = VirtualTime(), RecordedAccount()
    request = recorded_request(account, START - 10 * MINUTE)
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        found = rows(source.request_events(request, time.stop))
    assert [row["log_group"] for row in found] == [EXECUTION] * 5 + ["/aws/lambda/orders-write"] * 2
    assert {row["scope"] for row in found[:5]} == {"a1b2c3/prod"}
    assert all(REQUEST in str(row["message"]) for row in found[:5])
    assert all(CALL in str(row["message"]) for row in found[5:])


def test_the_function_that_the_access_entry_names_is_searched_without_execution_log() -> None:
    time, account = VirtualTime(), RecordedAccount()
    request = recorded_request(account, START - 10 * MINUTE)
    request = replace(request, integration_function="orders-write", integration_request_id=CALL)
    http = replace(PROD, api_type="HTTP", execution=ExecutionLog(None))
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[http], clock=time.now)
        found = rows(source.request_events(request, time.stop))
    assert {row["log_group"] for row in found} == {"/aws/lambda/orders-write"}


def test_without_data_trace_the_function_is_searched_among_those_named_like_the_api() -> None:
    time, account = VirtualTime(), RecordedAccount()
    at = START - 10 * MINUTE
    account.log(EXECUTION, at + 906, f"({REQUEST}) AWS Integration Endpoint RequestId : {CALL}")
    account.log("/aws/lambda/orders-read", at, "START RequestId: another")
    account.log("/aws/lambda/orders-write", at, f"START RequestId: {CALL} Version: 1")
    account.log("/aws/lambda/payments", at, f"called by {CALL}")
    request = RequestRef("a1b2c3/prod", REQUEST, at, at + 906)
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        found = rows(source.request_events(request, time.stop))
    assert [row["log_group"] for row in found] == [EXECUTION, "/aws/lambda/orders-write"]


def test_a_function_without_log_group_is_named_once_and_the_rest_comes() -> None:
    time, account = VirtualTime(), RecordedAccount()
    request = recorded_request(account, START - 10 * MINUTE)
    request = replace(request, integration_function="gone", integration_request_id=CALL)
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        updates = list(source.request_events(request, time.stop))
    told = [update.error.message for update in updates if isinstance(update, Trouble)]
    assert len(told) == 1
    assert "/aws/lambda/gone" in told[0]
    assert len(rows(updates)) == 7


def test_an_id_that_could_break_out_of_the_pattern_is_not_sent() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log(EXECUTION, START - MINUTE, "secret of another request")
    request = RequestRef("a1b2c3/prod", '" ?"secret', START - MINUTE, START)
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        assert list(source.request_events(request, time.stop)) == []
        assert list(source.find('" ?"secret', TimeRange(START - HOUR), time.stop)) == []


def test_an_id_is_found_in_the_access_log() -> None:
    time, account = VirtualTime(), RecordedAccount()
    recorded_request(account, START - 5 * HOUR)
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        found = rows(source.find(REQUEST, TimeRange(START - 24 * HOUR), time.stop))
    assert [row["message"] for row in found] == [entry(REQUEST)]


def test_an_id_that_only_the_execution_log_holds_is_found_there() -> None:
    time, account = VirtualTime(), RecordedAccount()
    recorded_request(account, START - 5 * HOUR)
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        found = rows(source.find(CALL, TimeRange(START - 24 * HOUR), time.stop))
    assert [row["message"] for row in found] == [f"({REQUEST}) AWS Integration Endpoint RequestId : {CALL}"]


def test_a_request_that_began_before_the_range_is_found_by_its_access_entry() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log(GROUP, START - 15 * MINUTE - 20 * SECOND, entry(REQUEST))
    account.log(EXECUTION, START - 15 * MINUTE + 9 * SECOND, f"({REQUEST}) Execution failed due to a timeout error")
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        assert messages(source.find(REQUEST, TimeRange(START - 15 * MINUTE), time.stop)) == [entry(REQUEST)]


def test_a_group_named_by_arn_is_read_by_its_arn() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log(GROUP, START - SECOND, "there", lag=0)
    arn = f"arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}"
    with served(account, time) as aws:
        source = CloudWatchSource(aws, groups=[FollowedGroup.bare(GROUP, arn)], clock=time.now)
        assert messages(source.backfill(TimeRange(START - MINUTE), time.stop)) == ["there"]


def test_an_id_that_nobody_holds_yields_nothing_even_without_execution_group() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.add_group(GROUP)
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        assert list(source.find(REQUEST, TimeRange(START - 24 * HOUR), time.stop)) == []


def test_a_missing_execution_group_is_told_only_where_one_is_expected() -> None:
    time, account = VirtualTime(), RecordedAccount()
    request = RequestRef("a1b2c3/prod", REQUEST, START - MINUTE, START)
    off = replace(PROD, execution=ExecutionLog(EXECUTION, "OFF"))
    with served(account, time) as aws:
        expected = list(CloudWatchSource(aws, stages=[PROD], clock=time.now).request_events(request, time.stop))
        unexpected = list(CloudWatchSource(aws, stages=[off], clock=time.now).request_events(request, time.stop))
    assert [type(update) for update in expected] == [Trouble]
    assert unexpected == []
