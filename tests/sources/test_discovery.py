"""Discovery bit by bit: what is looked at first, what an earlier run knew, what is refused; within the quota."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from apigw_tui.errors import AppError
from apigw_tui.sources.discovery import FRESH_MS, Discovery, find_stages
from apigw_tui.sources.limiter import CONTROL_BURST, CONTROL_CALLS_PER_SECOND
from apigw_tui.sources.session import Aws
from apigw_tui.sources.stages import StageDirectory
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import START, VirtualTime

LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:"


def many_apis(count: int) -> RecordedAccount:
    account = RecordedAccount()
    for number in range(count):
        add_api(account, number)
    return account


def add_api(account: RecordedAccount, number: int, *, group: str = "/shop/access") -> None:
    destination = {"destinationArn": f"{LOGS}{group}", "format": "$context.requestId"}
    account.add_group(group)
    account.rest[f"id{number:03}"] = (f"api-{number:03}", [{"stageName": "prod", "accessLogSettings": destination}])


def discover(
    aws: Aws, time: VirtualTime, known: StageDirectory | None = None, want: tuple[str, ...] = ()
) -> list[StageDirectory]:
    discovery = Discovery(aws, known=known, stop=time.stop, clock=time.now)
    discovery.want(want)
    return list(discovery.run())


class Counted:
    """Counts the calls, in order."""

    def __init__(self) -> None:
        self.operations: list[str] = []

    def __call__(self, operation: str) -> None:
        self.operations.append(operation)

    @property
    def control(self) -> int:
        return sum(not operation.startswith(("Describe", "List")) for operation in self.operations)


def test_the_apis_are_there_before_any_stage_is_read() -> None:
    time = VirtualTime()
    with served(many_apis(3), time) as aws:
        steps = discover(aws, time)
    assert [api.name for api in steps[0].apis] == ["api-000", "api-001", "api-002"]
    assert (steps[0].stages, steps[0].progress) == ((), (0, 3))
    assert [len(step.stages) for step in steps[:4]] == [0, 1, 2, 3]
    assert steps[-1].progress is None
    assert steps[-1].stages[0].retention_days == 14


def test_what_somebody_looks_at_is_read_first() -> None:
    time = VirtualTime()
    with served(many_apis(6), time) as aws:
        steps = discover(aws, time, want=("id004", "id002"))
    assert [stage.api_name for stage in steps[2].stages] == ["api-002", "api-004"]


def test_a_wish_that_comes_while_it_reads_is_next() -> None:
    time = VirtualTime()
    with served(many_apis(6), time) as aws:
        discovery = Discovery(aws, stop=time.stop, clock=time.now)
        steps = discovery.run()
        next(steps)
        next(steps)
        discovery.want(["id005"])
        assert {stage.api_name for stage in next(steps).stages} == {"api-000", "api-005"}


def test_many_apis_are_read_no_faster_than_the_control_plane_allows() -> None:
    time, calls = VirtualTime(), Counted()
    with served(many_apis(60), time, refusals=calls) as aws:
        directory = discover(aws, time)[-1]
    assert len(directory.stages) == 60
    seconds = (time.now() - START) / 1000
    assert calls.control <= CONTROL_BURST + CONTROL_CALLS_PER_SECOND * seconds + 1


def test_groups_are_looked_up_by_name_and_never_listed_as_a_whole() -> None:
    time, calls = VirtualTime(), Counted()
    account = many_apis(12)
    for number in range(700):
        account.add_group(f"/other/{number:04}")
        account.add_group(f"API-Gateway-Execution-Logs_other{number:04}/prod")
    with served(account, time, refusals=calls) as aws:
        directory = discover(aws, time)[-1]
    assert Counter(calls.operations)["DescribeLogGroups"] <= 4
    assert not any(group.name.startswith("/other/") for group in directory.groups)
    assert not directory.groups_are_complete


def test_what_was_known_is_shown_until_it_is_read_again() -> None:
    time, account = VirtualTime(), many_apis(3)
    with served(account, time) as aws:
        known = discover(aws, time)[-1]
        time.advance(2 * FRESH_MS)
        add_api(account, 1, group="/shop/elsewhere")
        steps = discover(aws, time, known=known)
    assert [stage.access.log_group for stage in steps[0].stages if stage.access] == ["/shop/access"] * 3
    assert steps[0].as_of == known.as_of
    last = [stage.access.log_group for stage in steps[-1].stages if stage.access]
    assert last == ["/shop/access", "/shop/elsewhere", "/shop/access"]
    assert (steps[-1].as_of or 0) > START + FRESH_MS


def test_what_was_read_lately_is_read_again_only_when_looked_at() -> None:
    time, calls = VirtualTime(), Counted()
    with served(many_apis(5), time, refusals=calls) as aws:
        known = discover(aws, time)[-1]
        calls.operations.clear()
        directory = discover(aws, time, known=known, want=("id003",))[-1]
    assert Counter(calls.operations)["GetStages"] == 1
    assert len(directory.stages) == 5


def test_an_api_that_is_gone_goes_from_the_list_with_its_stages() -> None:
    time, account = VirtualTime(), many_apis(2)
    add_api(account, 1, group="/shop/late")
    with served(account, time) as aws:
        known = discover(aws, time)[-1]
        del account.rest["id001"]
        last = discover(aws, time, known=known)[-1]
    assert [api.name for api in last.apis] == ["api-000"]
    assert [stage.api_name for stage in last.stages] == ["api-000"]
    assert list(last.read_at) == ["id000"]


def test_one_api_that_may_not_be_seen_keeps_what_was_known_of_it() -> None:
    time, account, refusals = VirtualTime(), many_apis(2), Refusals()
    with served(account, time, refusals=refusals) as aws:
        known = discover(aws, time)[-1]
        refusals.codes["GetStages"] = "AccessDeniedException"
        time.advance(2 * FRESH_MS)
        last = discover(aws, time, known=known)[-1]
    assert len(last.stages) == 2
    assert "list the stages of api-000" in last.troubles[0].error.message
    assert last.as_of == known.as_of


def test_hundreds_of_the_same_refusal_are_told_in_three_sentences() -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes["GetStages"] = "AccessDeniedException"
    with served(many_apis(20), time, refusals=refusals) as aws:
        troubles = find_stages(aws, stop=time.stop, clock=time.now).troubles
    assert len(troubles) == 3
    assert "17 more" in troubles[-1].error.message


def test_without_permission_to_list_apis_there_are_still_groups() -> None:
    time, account, refusals = VirtualTime(), many_apis(1), Refusals()
    account.add_group("API-Gateway-Execution-Logs_id000/prod")
    refusals.codes.update(GetRestApis="AccessDeniedException", GetApis="AccessDeniedException")
    with served(account, time, refusals=refusals) as aws:
        last = discover(aws, time)[-1]
    assert [group.name for group in last.groups] == ["API-Gateway-Execution-Logs_id000/prod"]
    assert "list the REST APIs" in last.troubles[0].error.message


def test_expired_credentials_end_it_at_once() -> None:
    time, account, refusals = VirtualTime(), many_apis(3), Refusals()
    with served(account, time, refusals=refusals) as aws:
        discovery = Discovery(aws, stop=time.stop, clock=time.now)
        steps = discovery.run()
        next(steps)
        refusals.codes["GetStages"] = "ExpiredTokenException"
        with pytest.raises(AppError, match="expired"):
            next(steps)


def test_when_stopped_it_ends_without_claiming_to_be_done() -> None:
    time = VirtualTime()
    with served(many_apis(3), time) as aws:
        steps = Discovery(aws, stop=time.stop, clock=time.now).run()
        assert next(steps).progress == (0, 3)
        time.stop.set()
        assert all(step.progress is not None for step in steps)


def test_domains_are_named_and_a_pattern_with_a_dot_finds_their_stages() -> None:
    time, account = VirtualTime(), many_apis(3)
    account.v2_domains["api.example.com"] = [
        {"ApiId": "id001", "ApiMappingId": "m1", "ApiMappingKey": "orders", "Stage": "prod"}
    ]
    with served(account, time) as aws:
        stages = {stage.api_id: stage.domains for stage in find_stages(aws, stop=time.stop, clock=time.now).stages}
        named = find_stages(aws, "api.example.com/ord", stop=time.stop, clock=time.now)
    assert stages == {"id000": (), "id001": ("api.example.com/orders",), "id002": ()}
    assert [stage.title for stage in named.stages] == ["api-001/prod"]


def test_domains_that_may_not_be_seen_are_said_and_those_known_before_stay() -> None:
    time, account, refusals = VirtualTime(), many_apis(1), Refusals()
    account.v2_domains["api.example.com"] = [{"ApiId": "id000", "ApiMappingId": "m1", "Stage": "prod"}]
    with served(account, time, refusals=refusals) as aws:
        known = discover(aws, time)[-1]
        refusals.codes.update(GetDomainNames="AccessDeniedException", GetV2DomainNames="AccessDeniedException")
        last = discover(aws, time, known=replace(known))[-1]
    assert last.stages[0].domains == ("api.example.com",)
    assert last.domains_error is not None
    assert "custom domain names" in last.domains_error.message
    assert last.troubles == ()
