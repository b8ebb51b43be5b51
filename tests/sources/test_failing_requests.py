"""Lines of many failing requests with few calls; over HTTP, in virtual time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.stage import AccessLog, ExecutionLog, Stage
from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.wire import ServiceError
from apigw_tui.sources.base import Batch, RequestRef, Trouble, Update
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.failing_requests import LONGEST_PATTERN, WIDEST_SPAN_MS, Lookup, any_of, windows
from apigw_tui.sources.files import FileSource
from apigw_tui.sources.merged import MergedSource
from tests.sources.recorded_account import RecordedAccount, served
from tests.sources.virtual_time import START, VirtualStop, VirtualTime

MINUTE = 60_000
HOUR = 60 * MINUTE
GROUP = "/orders/access"
EXECUTION = "API-Gateway-Execution-Logs_a1b2c3/prod"
FUNCTION = "/aws/lambda/orders-write"
ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:{}"
INVOKE = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:orders-write/invocations"
)
PROD = Stage(
    api_id="a1b2c3",
    api_name="orders",
    api_type="REST",
    name="prod",
    access=AccessLog(GROUP, ARN.format(GROUP), '{"id":"$context.requestId"}'),
    execution=ExecutionLog(EXECUTION, "INFO"),
)
STAGING = replace(PROD, name="staging", execution=ExecutionLog("API-Gateway-Execution-Logs_a1b2c3/staging", "ERROR"))
READ = RAW_EVENTS.to_frame()
"""Stands for execution lines that were read already."""


class WatchedAccount(RecordedAccount):
    """Remembers which spans of which groups were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[tuple[str, int, int]] = []

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        last = self.read[-1] if self.read else (None, 0, 0)
        if (log_group, start) == (last[0], last[2] + 1):  # the endpoint goes through a window piece by piece
            self.read[-1] = (log_group, last[1], end)
        else:
            self.read.append((log_group, start, end))
        return super().events(log_group, start, end)


@dataclass
class Watch:
    """Counts the calls, and may refuse one of them or stop everything after some."""

    refused: str | None = None
    stop: VirtualStop | None = None
    stop_after: int = 0
    calls: Counter[str] = field(default_factory=Counter)

    def __call__(self, operation: str) -> None:
        self.calls[operation] += 1
        if self.stop is not None and self.calls[operation] == self.stop_after:
            self.stop.set()
        if self.refused is not None:
            raise ServiceError(self.refused, f"{operation} was refused", status=400)

    @property
    def reads(self) -> int:
        return self.calls["FilterLogEvents"]


def request_id(number: int) -> str:
    return f"{number:08x}-1111-4222-8333-444455556666"


def call_id(number: int) -> str:
    return f"{number:08x}-aaaa-4bbb-8ccc-ddddeeeeffff"


def failing(numbers: Iterable[int], *, every_ms: int = 1_000, stage: Stage = PROD) -> list[RequestRef]:
    """Requests of 100 ms, one after the other."""
    starts = ((number, START - 12 * HOUR + number * every_ms) for number in numbers)
    return [RequestRef(stage.scope, request_id(number), at, at + 100) for number, at in starts]


def account_of(requests: Iterable[RequestRef], *, group: str = EXECUTION) -> WatchedAccount:
    """An execution log with two lines of each request and one of another between them."""
    account = WatchedAccount()
    account.add_group(GROUP)
    for request in requests:
        account.log(group, request.started_at, f"({request.request_id}) Starting execution")
        account.log(group, request.started_at + 40, "(99999999-1111-4222-8333-444455556666) of another request")
        account.log(group, request.ended_at, f"({request.request_id}) Execution failed due to a timeout error")
    return account


def updates_of(
    account: RecordedAccount,
    requests: Sequence[RequestRef],
    *,
    stages: Sequence[Stage] = (PROD,),
    watch: Watch | None = None,
    time: VirtualTime | None = None,
) -> list[Update]:
    time = time or VirtualTime()
    with served(account, time, refusals=watch) as aws:
        source = CloudWatchSource(aws, stages=stages, clock=time.now)
        return list(source.failing_events(requests, time.stop))


def messages(updates: Iterable[Update]) -> list[str]:
    return [row for update in updates if isinstance(update, Batch) for row in update.events["message"]]


def troubles(updates: Iterable[Update]) -> list[Trouble]:
    return [update for update in updates if isinstance(update, Trouble)]


@pytest.mark.parametrize(("number", "calls"), [(1, 1), (25, 1), (26, 2), (60, 3)])
def test_twenty_five_requests_take_one_call(number: int, calls: int) -> None:
    requests, watch = failing(range(number)), Watch()
    lines = messages(updates_of(account_of(requests), requests, watch=watch))
    assert watch.reads == calls
    assert len(lines) == 2 * number
    assert {line[1:37] for line in lines} == {request.request_id for request in requests}


def test_the_lines_belong_to_the_stage() -> None:
    requests = failing(range(3))
    batches = [update for update in updates_of(account_of(requests), requests) if isinstance(update, Batch)]
    assert {scope for batch in batches for scope in batch.events["scope"]} == {"a1b2c3/prod"}


def test_the_window_reaches_from_a_second_before_the_first_to_a_minute_after_the_last() -> None:
    requests = failing(range(3))
    account = account_of(requests)
    updates_of(account, requests)
    assert account.read == [(EXECUTION, requests[0].started_at - 1_000, requests[2].ended_at + MINUTE)]


def test_requests_hours_apart_never_share_a_window() -> None:
    requests = failing(range(4), every_ms=2 * HOUR)
    account, watch = account_of(requests), Watch()
    found = updates_of(account, requests, watch=watch)
    assert len(messages(found)) == 8
    assert watch.reads == 4
    assert all(end - start < 2 * MINUTE for _, start, end in account.read)


def test_the_newest_requests_are_read_first() -> None:
    requests = failing(range(30))
    account = account_of(requests)
    updates_of(account, requests)
    assert account.read[0][1] > account.read[1][1]


@pytest.mark.parametrize("hostile", ['" ?"Method', "%.*%", "a b c d e f", "short", "x" * 200, '12345678"', "id -id id"])
def test_an_id_that_could_break_out_of_its_quotes_is_never_sent(hostile: str) -> None:
    requests, watch = failing(range(2)), Watch()
    account = account_of(requests)
    assert updates_of(account, [replace(requests[0], request_id=hostile)], watch=watch) == []
    assert watch.reads == 0
    assert len(messages(updates_of(account, [replace(requests[0], request_id=hostile), requests[1]]))) == 2


def test_a_missing_group_is_told_once_and_the_other_stage_is_read() -> None:
    requests = [*failing(range(30)), *failing(range(40, 42), stage=STAGING)]
    account = account_of(requests[30:], group="API-Gateway-Execution-Logs_a1b2c3/staging")
    watch = Watch()
    found = updates_of(account, requests, stages=(PROD, STAGING), watch=watch)
    assert len(messages(found)) == 4
    assert [EXECUTION in trouble.error.message for trouble in troubles(found)] == [True]
    assert watch.reads == 2


def test_a_refused_group_costs_one_call() -> None:
    requests, watch = failing(range(60)), Watch(refused="AccessDeniedException")
    found = updates_of(account_of(requests), requests, watch=watch)
    assert len(troubles(found)) == 1
    assert watch.reads == 1


def test_nothing_is_called_once_it_is_stopped() -> None:
    requests, time = failing(range(60)), VirtualTime()
    watch = Watch(stop=time.stop, stop_after=1)
    found = updates_of(account_of(requests), requests, watch=watch, time=time)
    assert watch.reads == 1
    assert len(messages(found)) == 50


@pytest.mark.parametrize(
    "log", [ExecutionLog(EXECUTION, "OFF"), ExecutionLog(EXECUTION, "INFO", log_group_class="INFREQUENT_ACCESS")]
)
def test_an_execution_log_that_is_off_or_cannot_be_read_is_not_asked(log: ExecutionLog) -> None:
    requests, watch = failing(range(3)), Watch()
    assert updates_of(account_of(requests), requests, stages=(replace(PROD, execution=log),), watch=watch) == []
    assert watch.reads == 0


def test_a_stage_that_is_read_by_its_execution_log_is_not_asked() -> None:
    requests, watch = failing(range(3)), Watch()
    without = replace(PROD, access=None)
    assert updates_of(account_of(requests), requests, stages=(without,), watch=watch) == []
    assert watch.reads == 0


def test_requests_of_other_stages_are_left_alone() -> None:
    requests, watch = failing(range(3)), Watch()
    assert updates_of(account_of(requests), requests, stages=(STAGING,), watch=watch) == []
    assert watch.reads == 0


def called(requests: Iterable[RequestRef], *, function: str | None = "orders-write") -> list[RequestRef]:
    """The requests after their execution lines were read, with the Lambda request IDs that these told."""
    return [
        replace(request, lines=READ, integration_request_id=call_id(number), integration_function=function)
        for number, request in enumerate(requests)
    ]


def account_of_calls(requests: Iterable[RequestRef]) -> WatchedAccount:
    account = account_of(())
    account.add_group(EXECUTION)
    for request in requests:
        account.log(FUNCTION, request.started_at, f"START RequestId: {request.integration_request_id} Version: 3")
        line = f"2026-01-01T00:00:00.000Z {request.integration_request_id} Task timed out after 10.00 seconds"
        account.log(FUNCTION, request.ended_at, line)
        account.log(FUNCTION, request.ended_at, f"REPORT RequestId: {call_id(999)}\tDuration: 1.00 ms")
    return account


def test_where_execution_lines_were_read_the_function_is_asked() -> None:
    requests, watch = called(failing(range(30))), Watch()
    account = account_of_calls(requests)
    found = updates_of(account, requests, watch=watch)
    assert watch.reads == 2
    assert {group for group, _, _ in account.read} == {FUNCTION}
    assert len(messages(found)) == 60
    links = {line: owner for update in found if isinstance(update, Batch) for line, owner in update.links.items()}
    assert links == {request.integration_request_id: request.request_id for request in requests}


def test_the_settings_of_the_api_name_the_function() -> None:
    requests = called(failing(range(2)), function=None)
    account = account_of_calls(requests)
    account.rest["a1b2c3"] = ("orders", [])
    account.resources = [
        {"id": "r1", "path": "/orders", "resourceMethods": {"POST": {"methodIntegration": {"uri": INVOKE}}}}
    ]
    told = [replace(request, method="POST", route="/orders") for request in requests]
    assert len(messages(updates_of(account, told))) == 4


def test_a_request_whose_function_nobody_names_is_left_alone() -> None:
    requests = called(failing(range(2)), function=None)
    watch = Watch()
    assert updates_of(account_of_calls(requests), requests, watch=watch) == []
    assert watch.reads == 0


def test_the_function_of_an_http_api_is_asked_at_once() -> None:
    http = replace(PROD, api_type="HTTP", execution=ExecutionLog(None))
    requests = [replace(request, lines=None) for request in called(failing(range(3)))]
    assert len(messages(updates_of(account_of_calls(requests), requests, stages=(http,)))) == 6


def test_an_opened_request_whose_execution_lines_are_here_is_not_read_again() -> None:
    request = replace(called(failing(range(1)))[0], integration_function=None)
    text = f"({request.request_id}) Sending request to https://lambda/functions/arn:aws:x:function:orders-write/invocations"
    row = {"timestamp": request.started_at, "event_id": "1", "log_group": EXECUTION, "message": text}
    lines = pl.DataFrame([row], schema=RAW_EVENTS)
    account, time = account_of_calls([request]), VirtualTime()
    with served(account, time) as aws:
        source = CloudWatchSource(aws, stages=[PROD], clock=time.now)
        found = messages(source.request_events(replace(request, lines=lines), time.stop))
    assert len(found) == 2
    assert EXECUTION not in {group for group, _, _ in account.read}


def test_files_have_told_all_they_hold() -> None:
    source = MergedSource([FileSource(["-"])])
    assert list(source.failing_events(failing(range(3)), VirtualTime().stop)) == []


IDS = st.text("0123456789abcdef-", min_size=6, max_size=40) | st.text(max_size=12)
LOOKUPS = st.lists(
    st.builds(
        lambda identifier, start, length: Lookup(identifier, start, start + length),
        IDS,
        st.integers(0, 20 * MINUTE),
        st.integers(0, 40_000),
    ),
    max_size=120,
)


@given(LOOKUPS)
def test_property_every_id_is_asked_for_in_a_narrow_window_by_a_pattern_of_legal_length(lookups: list[Lookup]) -> None:
    together = list(windows(lookups))
    asked = [lookup for window in together for lookup in window]
    assert len(asked) == len(set(asked))
    assert {lookup for lookup in lookups if any_of([lookup])} == set(asked)
    for window in together:
        pattern = any_of(window)
        assert 0 < len(pattern) <= LONGEST_PATTERN
        assert max(each.end for each in window) - min(each.start for each in window) <= WIDEST_SPAN_MS
        terms = pattern.split(" ")
        assert len(terms) == 1 or all(term.startswith('?"') and term.endswith('"') for term in terms)
