"""Each permission taken away in turn: that feature goes, with a sentence, and the rest works."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from apigw_tui.core.timerange import TimeRange
from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources.base import Batch
from apigw_tui.sources.discovery import Discovery, find_stages
from apigw_tui.sources.log_groups import last_event_at, search_groups
from apigw_tui.sources.session import Aws
from apigw_tui.sources.targets import resolve
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import START, VirtualTime

LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:"


def account() -> RecordedAccount:
    recorded = RecordedAccount()
    logged = {"destinationArn": f"{LOGS}/orders/prod", "format": "$context.requestId"}
    recorded.rest["a1"] = ("orders", [{"stageName": "prod", "accessLogSettings": logged}])
    recorded.v2["h7"] = ({"ApiId": "h7", "Name": "web", "ProtocolType": "HTTP"}, [{"StageName": "live"}])
    recorded.v2_domains["api.example.com"] = [{"ApiId": "a1", "ApiMappingId": "m", "Stage": "prod"}]
    recorded.log("/orders/prod", START - 60_000, "8f0c2a1e-5b7d-4c1e-9a3f-2d4b6c8e0f12")
    return recorded


@dataclass(frozen=True)
class Seen:
    """What still works: titles of stages, whether the group is found, is named by a stage, and its events come."""

    stages: tuple[str, ...] = ("orders/prod", "web/live")
    domains: bool = True
    retention: bool = True
    is_found: bool = True
    is_read: bool = True
    is_dated: bool = True
    said: str = ""


CASES = {
    ("GetRestApis",): Seen(stages=("web/live",), domains=False, retention=False, said="list the REST APIs"),
    ("GetApis",): Seen(stages=("orders/prod",), said="list the HTTP and WebSocket APIs"),
    ("GetRestApis", "GetApis"): Seen(stages=(), domains=False, retention=False, said="list the REST APIs"),
    ("GetStages",): Seen(stages=("web/live",), domains=False, retention=False, said="list the stages of orders"),
    ("GetV2Stages",): Seen(stages=("orders/prod",), said="list the stages of web"),
    ("GetAccount",): Seen(),
    ("DescribeLogGroups",): Seen(retention=False, said="list the log groups"),
    ("ListLogGroups",): Seen(),
    ("DescribeLogGroups", "ListLogGroups"): Seen(retention=False, is_found=False, said="list the log groups"),
    ("GetDomainNames",): Seen(said="list the custom domain names"),
    ("GetDomainNames", "GetV2DomainNames"): Seen(domains=False, said="list the custom domain names"),
    ("GetApiMappings",): Seen(domains=False, said="the mappings of api.example.com"),
    ("GetCallerIdentity",): Seen(),
    ("FilterLogEvents",): Seen(is_read=False),
    ("DescribeLogStreams",): Seen(is_dated=False),
}


@pytest.mark.parametrize(("operations", "seen"), CASES.items(), ids=["+".join(operations) for operations in CASES])
def test_without_one_permission_the_rest_works(operations: tuple[str, ...], seen: Seen) -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes.update(dict.fromkeys(operations, "AccessDeniedException"))
    with served(account(), time, refusals=refusals) as aws:
        *_, directory = Discovery(aws, stop=time.stop, clock=time.now).run()
        titles = tuple(stage.title for stage in directory.stages)
        orders = next((stage for stage in directory.stages if stage.title == "orders/prod"), None)
        told = [trouble.error.message for trouble in directory.troubles]
        told += [directory.domains_error.message] if directory.domains_error else []
        assert titles == seen.stages
        assert (orders is not None and orders.domains == ("api.example.com",)) is seen.domains
        assert (orders is not None and orders.retention_days == 14) is seen.retention
        assert any(seen.said in message for message in told) if seen.said else not told
        assert finds_group(aws, time) is seen.is_found
        assert reads_group(aws, time) is seen.is_read
        assert dates_group(aws, time) is seen.is_dated


@pytest.mark.parametrize("operations", CASES, ids="+".join)
def test_the_command_lists_what_it_can_and_fails_only_when_that_is_nothing(operations: tuple[str, ...]) -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes.update(dict.fromkeys(operations, "AccessDeniedException"))
    with served(account(), time, refusals=refusals) as aws:
        if operations == ("GetRestApis", "GetApis"):
            with pytest.raises(AppError) as raised:
                find_stages(aws, stop=time.stop, clock=time.now)
            assert raised.value.exit_code is ExitCode.CREDENTIALS
        else:
            assert find_stages(aws, stop=time.stop, clock=time.now).stages


def finds_group(aws: Aws, time: VirtualTime) -> bool:
    try:
        return bool(search_groups(aws, "orders", stop=time.stop).groups)
    except AppError:
        return False


def reads_group(aws: Aws, time: VirtualTime) -> bool:
    """Whether a group that is named opens, and its events come."""
    source = resolve(["/orders/prod"], aws, stop=time.stop, clock=time.now)
    try:
        return any(isinstance(update, Batch) for update in source.backfill(TimeRange(START - 900_000, None), time.stop))
    except AppError:
        return False


def dates_group(aws: Aws, time: VirtualTime) -> bool:
    try:
        return last_event_at(aws, "/orders/prod", stop=time.stop) == START - 60_000
    except AppError:
        return False
