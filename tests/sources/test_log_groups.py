"""Searching log groups as the user types."""

from __future__ import annotations

import pytest

from apigw_tui.errors import AppError
from apigw_tui.sources.log_groups import group_of_arn, groups_with_prefix, last_event_at, search_groups
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import START, VirtualTime


def account_with(*names: str) -> RecordedAccount:
    account = RecordedAccount()
    for name in names:
        account.add_group(name)
    return account


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/orders/access", "/orders/access"),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/orders/access:*", "/orders/access"),
        ("arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:x", "x"),
        ("arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x", None),
        ("/orders/access", None),
    ],
)
def test_a_group_is_read_out_of_its_arn(arn: str, name: str | None) -> None:
    assert group_of_arn(arn) == name


def test_text_anywhere_in_the_name_finds_a_group() -> None:
    time = VirtualTime()
    with served(account_with("/a/orders/x", "/b/orders", "/c"), time) as aws:
        found = search_groups(aws, "orders", stop=time.stop)
    assert [group.name for group in found.groups] == ["/a/orders/x", "/b/orders"]
    assert found.complete


def test_text_longer_than_a_pattern_may_be_is_still_searched() -> None:
    time = VirtualTime()
    names = ("API-Gateway-Execution-Logs_a1b2c3/prod", "API-Gateway-Execution-Logs_d4e5f6/prod")
    with served(account_with(*names), time) as aws:
        found = search_groups(aws, "API-Gateway-Execution-Logs_d4", stop=time.stop)
    assert [group.name for group in found.groups] == [names[1]]


def test_a_letter_or_two_are_searched_as_a_prefix_and_said_to_be_incomplete() -> None:
    time = VirtualTime()
    with served(account_with("/orders", "x/orders"), time) as aws:
        found = search_groups(aws, "/o", stop=time.stop)
    assert [group.name for group in found.groups] == ["/orders"]
    assert not found.complete


def test_no_text_lists_the_first_groups() -> None:
    time = VirtualTime()
    with served(account_with(*(f"/group/{number:04}" for number in range(230))), time) as aws:
        found = search_groups(aws, "", stop=time.stop)
    assert len(found.groups) == 200
    assert not found.complete


def test_characters_that_no_name_has_do_not_reach_the_service() -> None:
    time = VirtualTime()
    with served(account_with("/orders"), time) as aws:
        assert search_groups(aws, "orders ☃ *", stop=time.stop).groups == ()


@pytest.mark.parametrize("code", ["UnknownOperationException", "AccessDeniedException"])
def test_without_list_log_groups_the_older_call_is_used(code: str) -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes["ListLogGroups"] = code
    with served(account_with("/a/orders"), time, refusals=refusals) as aws:
        assert [group.name for group in search_groups(aws, "orders", stop=time.stop).groups] == ["/a/orders"]


def test_a_listing_is_read_page_by_page_to_its_end() -> None:
    time = VirtualTime()
    with served(account_with(*(f"/group/{number:04}" for number in range(230))), time) as aws:
        found = groups_with_prefix(aws, "/group/", stop=time.stop)
    assert len(found.groups) == 230
    assert found.complete
    assert found.groups[0].retention_days == 14


def test_the_last_event_of_a_group_and_of_an_empty_one() -> None:
    time = VirtualTime()
    account = account_with("/empty")
    account.log("/orders", START - 60_000, "x")
    with served(account, time) as aws:
        assert last_event_at(aws, "/orders", stop=time.stop) == START - 60_000
        assert last_event_at(aws, "/empty", stop=time.stop) is None
        with pytest.raises(AppError, match="/not/there"):
            last_event_at(aws, "/not/there", stop=time.stop)
