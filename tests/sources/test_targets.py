"""TARGET words: what they mean, and what is said when they mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_tui.errors import AppError, ExitCode, UsageError
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.discovery import find_stages
from apigw_tui.sources.files import FileSource
from apigw_tui.sources.targets import FileTarget, GroupTarget, NamedTarget, find_targets, parse_target, resolve
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import VirtualTime

LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:"


def account() -> RecordedAccount:
    recorded = RecordedAccount()
    recorded.rest["a1b2c3"] = (
        "orders",
        [
            {
                "stageName": name,
                "accessLogSettings": {"destinationArn": f"{LOGS}/orders/{name}", "format": "$context.requestId"},
            }
            for name in ("prod", "staging")
        ],
    )
    recorded.rest["e9"] = ("empty", [])
    for name in ("/orders/prod", "/orders/staging", "plain-group", "orders/archive", "/audit", "/linked"):
        recorded.add_group(name)
    recorded.group_classes["/audit"] = "INFREQUENT_ACCESS"
    recorded.linked_groups["/linked"] = "210987654321"
    recorded.v2_domains["api.example.com"] = [
        {"ApiId": "a1b2c3", "ApiMappingId": "m1", "ApiMappingKey": "orders", "Stage": "prod"},
        {"ApiId": "a1b2c3", "ApiMappingId": "m2", "ApiMappingKey": "", "Stage": "staging"},
    ]
    return recorded


def groups_of(*words: str) -> tuple[str, ...]:
    time = VirtualTime()
    with served(account(), time) as aws:
        return resolve(words, aws, stop=time.stop, clock=time.now).groups


def refused(*words: str) -> AppError:
    with pytest.raises(AppError) as raised:
        groups_of(*words)
    return raised.value


def test_words_that_need_no_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("orders").write_text("x", encoding="utf-8")
    assert parse_target("-") == FileTarget("-")
    assert parse_target("orders") == FileTarget("orders")
    assert parse_target("orders/prod") == NamedTarget("orders/prod")
    for word in ("log-group:orders", f"{LOGS}orders", f"{LOGS}orders:*"):
        target = parse_target(word)
        assert isinstance(target, GroupTarget)
        assert target.group.name == "orders"
    execution = parse_target("API-Gateway-Execution-Logs_a1b2c3/prod")
    assert isinstance(execution, GroupTarget)
    assert execution.group.scope == "a1b2c3/prod"


def test_an_arn_is_read_without_its_star() -> None:
    target = parse_target(f"{LOGS}/orders/prod:*")
    assert isinstance(target, GroupTarget)
    assert target.group.arn == f"{LOGS}/orders/prod"


@pytest.mark.parametrize(
    "word",
    [
        "",
        "  ",
        "log-group:",
        "log-group:a b",
        "arn:aws:s3:::bucket",
        "s3://bucket/x",
        "splunk+https://h:8089/i",
        "missing.log",
        "./missing",
        "what is this?",
    ],
)
def test_words_that_mean_nothing_are_usage_errors(word: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_target(word)
    assert raised.value.exit_code is ExitCode.USAGE
    assert raised.value.hint


def test_a_missing_file_names_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("access.log").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match=r"Did you mean access\.log"):
        parse_target("acess.log")


@pytest.mark.parametrize(
    ("word", "groups"),
    [
        ("orders/prod", ("/orders/prod",)),
        ("a1b2c3/prod", ("/orders/prod",)),
        ("orders", ("/orders/prod", "/orders/staging")),
        ("plain-group", ("plain-group",)),
        ("/orders/staging", ("/orders/staging",)),
        ("orders/archive", ("orders/archive",)),
        ("api.example.com/orders", ("/orders/prod",)),
        ("api.example.com", ("/orders/staging",)),
        (f"{LOGS.replace('123456789012', '210987654321')}/linked", ("/linked",)),
    ],
)
def test_a_name_is_a_stage_an_api_or_a_group(word: str, groups: tuple[str, ...]) -> None:
    assert groups_of(word) == groups


def test_several_targets_of_aws_are_one_source() -> None:
    time = VirtualTime()
    with served(account(), time) as aws:
        source = resolve(["orders/prod", "plain-group", "orders/prod"], aws, stop=time.stop, clock=time.now)
    assert isinstance(source, CloudWatchSource)
    assert source.groups == ("/orders/prod", "plain-group")
    assert source.title == "orders/prod, plain-group"


def test_files_need_no_aws_and_merge_with_groups(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text("x", encoding="utf-8")
    source = resolve([str(path)], None)
    assert isinstance(source, FileSource)
    assert groups_of(str(path), "log-group:plain-group") == ("plain-group", str(path))


def test_names_without_aws_are_usage_errors() -> None:
    for word in ("orders/prod", "log-group:x"):
        with pytest.raises(UsageError, match="AWS"):
            resolve([word], None)


def test_no_target_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        resolve([], None)


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("ordres/prod", "orders/prod"),
        ("ordres", "orders"),
        ("orders/prd", "orders/prod"),
        ("plain-grup", "plain-group"),
        ("zzz", "orders"),
        ("empty/prod", "Deploy"),
        ("api.example.com/ordrs", "api.example.com/orders"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(word: str, named: str) -> None:
    error = refused(word)
    assert error.exit_code is ExitCode.USAGE
    assert named in error.hint
    assert word.partition("/")[0] in error.message


def test_without_permission_to_list_apis_a_group_is_still_found_and_a_stage_says_why_not() -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes.update(GetRestApis="AccessDeniedException", GetApis="AccessDeniedException")
    with served(account(), time, refusals=refusals) as aws:
        assert resolve(["plain-group"], aws, stop=time.stop).groups == ("plain-group",)
        with pytest.raises(AppError) as raised:
            resolve(["orders/prod"], aws, stop=time.stop)
    assert raised.value.exit_code is ExitCode.CREDENTIALS


@pytest.mark.parametrize("word", ["/audit", "log-group:/audit", f"{LOGS}/audit"])
def test_a_group_of_a_class_that_cannot_be_read_is_named_with_what_to_do(word: str) -> None:
    error = refused(word)
    assert "/audit is of class Infrequent Access" in error.message
    assert "Logs Insights" in error.hint


def test_an_arn_of_another_region_says_which_region_to_ask_for() -> None:
    error = refused(f"{LOGS.replace('eu-west-1', 'us-east-1')}plain-group")
    assert (error.exit_code, error.hint) == (ExitCode.USAGE, "Add --region us-east-1.")


def test_without_permission_to_list_groups_a_name_like_no_api_is_taken_for_a_group() -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes.update(DescribeLogGroups="AccessDeniedException", ListLogGroups="AccessDeniedException")
    with served(account(), time, refusals=refusals) as aws:
        for word in ("plain-group", "log-group:plain-group"):
            assert resolve([word], aws, stop=time.stop).groups == ("plain-group",)
        with pytest.raises(UsageError, match="ordres/prod"):
            resolve(["ordres/prod"], aws, stop=time.stop)


def test_a_stage_that_is_known_is_opened_without_asking_api_gateway() -> None:
    time = VirtualTime()
    calls: list[str] = []
    recorded = account()
    with served(recorded, time, refusals=calls.append) as aws:
        known = find_stages(aws, stop=time.stop, clock=time.now)
        calls.clear()
        for word in ("orders/prod", "a1b2c3/prod", "api.example.com/orders"):
            found = find_targets([word], aws, known=known, stop=time.stop)
            assert [stage.title for stage in found.stages] == ["orders/prod"]
        assert calls == []
        assert [group.name for group in find_targets(["plain-group"], aws, known=known, stop=time.stop).groups]
    assert calls != []


def test_without_permission_to_list_anything_a_bare_name_is_a_groups_and_a_stage_says_what_is_missing() -> None:
    time, refusals = VirtualTime(), Refusals()
    operations = ("GetRestApis", "GetApis", "DescribeLogGroups", "ListLogGroups")
    refusals.codes.update(dict.fromkeys(operations, "AccessDeniedException"))
    with served(account(), time, refusals=refusals) as aws:
        assert resolve(["plain-group"], aws, stop=time.stop).groups == ("plain-group",)
        assert resolve(["/orders/prod"], aws, stop=time.stop).groups == ("/orders/prod",)
        with pytest.raises(AppError, match="list the REST APIs"):
            resolve(["orders/prod"], aws, stop=time.stop)
