"""Searching log groups as the user types."""

from __future__ import annotations

import pytest

from apigw_tui.errors import AppError
from apigw_tui.sources.log_groups import (
    find_group,
    group_of_arn,
    groups_named,
    groups_with_prefix,
    last_event_at,
    region_of_arn,
    search_groups,
)
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


def test_small_and_capital_letters_find_the_same_groups() -> None:
    time = VirtualTime()
    with served(account_with("/a/Billing-run", "/b/billing", "/c/BILLING", "/d"), time) as aws:
        found = search_groups(aws, "billing", stop=time.stop)
    assert [group.name for group in found.groups] == ["/a/Billing-run", "/b/billing", "/c/BILLING"]


def test_a_thousand_groups_are_read_and_more_are_said_to_be_there() -> None:
    time = VirtualTime()
    calls: list[str] = []
    names = (f"/orders/{number:05}" for number in range(1_500))
    with served(account_with(*names), time, refusals=calls.append) as aws:
        found = search_groups(aws, "orders", stop=time.stop)
    assert calls == ["ListLogGroups"]
    assert (len(found.groups), found.complete) == (1_000, False)


def test_the_end_of_a_long_text_is_what_is_searched() -> None:
    time = VirtualTime()
    names = [f"API-Gateway-Execution-Logs_a{number:05}/prod" for number in range(1_200)]
    with served(account_with(*names), time) as aws:
        found = search_groups(aws, names[-1], stop=time.stop)
    assert [group.name for group in found.groups] == [names[-1]]


def test_groups_of_linked_accounts_are_found_with_their_owner_and_class() -> None:
    time, account = VirtualTime(), account_with("/shop/orders", "/audit/orders")
    account.linked_groups["/shop/orders"] = "210987654321"
    account.group_classes["/audit/orders"] = "INFREQUENT_ACCESS"
    with served(account, time) as aws:
        audit, shop = search_groups(aws, "orders", stop=time.stop).groups
        own = groups_with_prefix(aws, "/", stop=time.stop, max_pages=1).groups
        assert find_group(aws, shop.arn or "", stop=time.stop) is not None
        assert find_group(aws, "/shop/orders", stop=time.stop) is None
    assert (shop.name, shop.account, shop.obstacle) == ("/shop/orders", "210987654321", None)
    assert (audit.name, audit.account) == ("/audit/orders", "123456789012")
    assert audit.obstacle is not None
    assert [group.name for group in own] == ["/audit/orders"]


def test_where_linked_accounts_are_refused_the_own_groups_are_found() -> None:
    time, account = VirtualTime(), account_with("/a/orders")
    refusals = Refusals()
    refusals.codes["ListLogGroups"] = "InvalidParameterException"
    refusals.left = 1
    with served(account, time, refusals=refusals) as aws:
        assert [group.name for group in search_groups(aws, "orders", stop=time.stop).groups] == ["/a/orders"]


def test_named_groups_are_those_that_exist() -> None:
    time = VirtualTime()
    calls: list[str] = []
    names = [f"/g/{number:03}" for number in range(120)]
    with served(account_with(*names[:70]), time, refusals=calls.append) as aws:
        assert [group.name for group in groups_named(aws, names, stop=time.stop)] == names[:70]
    assert calls == ["DescribeLogGroups"] * 3


def test_where_names_are_not_taken_together_they_are_asked_one_by_one() -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes["DescribeLogGroups"] = "InvalidParameterException"
    refusals.left = 1
    with served(account_with("/a", "/a/b"), time, refusals=refusals) as aws:
        assert [group.name for group in groups_named(aws, ["/a", "/none"], stop=time.stop)] == ["/a"]


def test_a_group_is_found_where_only_listing_is_allowed() -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes["DescribeLogGroups"] = "AccessDeniedException"
    with served(account_with("/a/orders", "/a/orders/old"), time, refusals=refusals) as aws:
        found = find_group(aws, "/a/orders", stop=time.stop)
    assert found is not None
    assert found.name == "/a/orders"


def test_an_arn_tells_its_region() -> None:
    assert region_of_arn("arn:aws:logs:us-east-1:123456789012:log-group:/a:*") == "us-east-1"
    assert region_of_arn("/a") is None


@pytest.mark.parametrize("code", ["UnknownOperationException", "AccessDeniedException"])
def test_without_list_log_groups_the_older_call_is_used(code: str) -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes["ListLogGroups"] = code
    with served(account_with("/a/orders"), time, refusals=refusals) as aws:
        assert [group.name for group in search_groups(aws, "orders", stop=time.stop).groups] == ["/a/orders"]


def test_a_listing_is_read_page_by_page_to_its_end() -> None:
    time = VirtualTime()
    with served(account_with(*(f"/group/{number:04}" for number in range(230))), time) as aws:
        found = groups_with_prefix(aws, "/group/", stop=time.stop, max_pages=9)
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
