"""Log groups of other accounts and of other classes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from apigw_tui.emulator.feed import GroupInfo
from apigw_tui.emulator.other_logs import AUDIT_GROUP, LINKED_ACCOUNT, LOYALTY_GROUP
from apigw_tui.emulator.traffic import Shop
from tests.emulator.logs_client import Client
from tests.emulator.tiny_feed import T0, TinyFeed, event

OTHER = "210987654321"
ARN = f"arn:aws:logs:eu-west-1:{OTHER}:log-group:/same"
OWN_ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:/same"


class TwoAccounts(TinyFeed):
    """Two groups of the same name, one of a linked account; and a rare one."""

    def groups(self) -> Sequence[GroupInfo]:
        return [
            GroupInfo("/same", T0),
            GroupInfo("/same", T0, account_id=OTHER),
            GroupInfo("/rare", T0, group_class="INFREQUENT_ACCESS"),
        ]


def two_accounts() -> Client:
    return Client(TwoAccounts({"/same": [event(0, "own")], ARN: [event(0, "theirs")], "/rare": [event(0, "rare")]}))


def names(answer: dict[str, list[dict[str, str]]]) -> list[tuple[str, str]]:
    return [(group["logGroupName"], group["logGroupArn"].split(":")[4]) for group in answer["logGroups"]]


def test_linked_groups_are_listed_only_when_they_are_asked_for() -> None:
    client = two_accounts()
    own = [("/rare", "123456789012"), ("/same", "123456789012")]
    for operation in ("DescribeLogGroups", "ListLogGroups"):
        assert names(client.call(operation)) == own
        assert names(client.call(operation, includeLinkedAccounts=True)) == [*own, ("/same", OTHER)]
        only = client.call(operation, includeLinkedAccounts=True, accountIdentifiers=[OTHER])
        assert names(only) == [("/same", OTHER)]


def test_pages_of_a_listing_do_not_mix_up_groups_of_the_same_name() -> None:
    client = two_accounts()
    first = client.call("DescribeLogGroups", includeLinkedAccounts=True, limit=2)
    second = client.call("DescribeLogGroups", includeLinkedAccounts=True, limit=2, nextToken=first["nextToken"])
    assert names(second) == [("/same", OTHER)]


def test_a_linked_group_is_found_and_read_by_its_arn_only() -> None:
    client = two_accounts()
    assert client.messages(logGroupIdentifier=ARN) == ["theirs"]
    assert client.messages(logGroupIdentifier=OWN_ARN) == client.messages(logGroupName="/same") == ["own"]
    found = client.call("DescribeLogGroups", logGroupIdentifiers=[ARN], includeLinkedAccounts=True)
    assert names(found) == [("/same", OTHER)]
    unknown = ARN.replace(OTHER, "999999999999")
    assert client.refused("FilterLogEvents", logGroupIdentifier=unknown).code == "ResourceNotFoundException"


def test_a_group_of_infrequent_access_says_so_and_cannot_be_read_event_by_event() -> None:
    client = two_accounts()
    listed = client.call("ListLogGroups", logGroupClass="INFREQUENT_ACCESS")["logGroups"]
    assert [group["logGroupName"] for group in listed] == ["/rare"]
    for operation, more in (("FilterLogEvents", {}), ("GetLogEvents", {"logStreamName": "one"})):
        refused = client.refused(operation, logGroupName="/rare", **more)
        assert refused.code == "InvalidParameterException"
        assert "INFREQUENT_ACCESS" in refused.message


def test_the_shop_shares_a_group_of_another_account_and_has_a_rare_one() -> None:
    client = Client(Shop(epoch=T0 + 3_600_000))
    linked = client.call("DescribeLogGroups", includeLinkedAccounts=True, accountIdentifiers=[LINKED_ACCOUNT])
    (group,) = linked["logGroups"]
    assert group["logGroupName"] == LOYALTY_GROUP
    assert group["retentionInDays"] == 90
    entries = [json.loads(message) for message in client.messages(logGroupIdentifier=group["logGroupArn"])]
    assert {"requestId", "status", "responseLatency"} <= entries[0].keys()
    (rare,) = client.call("DescribeLogGroups", logGroupClass="INFREQUENT_ACCESS")["logGroups"]
    assert rare["logGroupName"] == AUDIT_GROUP
