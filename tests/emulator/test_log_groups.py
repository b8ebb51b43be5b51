"""Groups and streams, and what clients put into them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.logs_client import DAY_MS, HOUR_MS, Client, fed
from tests.emulator.tiny_feed import ACCESS, T0, TinyFeed, event


@pytest.fixture
def own() -> Client:
    """A client that has created a group with a stream."""
    client = Client()
    client.call("CreateLogGroup", logGroupName="own")
    client.call("CreateLogStream", logGroupName="own", logStreamName="s")
    return client


# --- groups and streams ---


def many_groups(*names: str) -> Client:
    return Client(TinyFeed({name: [] for name in names}, retention_days=7))


def group_names(answer: dict[str, Any]) -> list[str]:
    return [group["logGroupName"] for group in answer["logGroups"]]


def test_groups_come_in_ascii_order_page_by_page() -> None:
    client = many_groups("b", "/a", "B", "a_")
    client.call("CreateLogGroup", logGroupName="C")
    first = client.call("DescribeLogGroups", limit=3)
    assert group_names(first) == ["/a", "B", "C"]
    second = client.call("DescribeLogGroups", limit=3, nextToken=first["nextToken"])
    assert group_names(second) == ["a_", "b"]
    assert "nextToken" not in second


def test_a_described_group_has_both_forms_of_its_arn() -> None:
    (group,) = many_groups("/x/y").call("DescribeLogGroups")["logGroups"]
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/x/y"
    assert (group["arn"], group["logGroupArn"]) == (f"{arn}:*", arn)
    assert (group["creationTime"], group["retentionInDays"], group["logGroupClass"]) == (T0, 7, "STANDARD")
    assert "storedBytes" not in group


def test_groups_are_found_by_prefix_or_by_case_sensitive_substring() -> None:
    client = many_groups("/aws/lambda/pay", "/aws/lambda/ship", "Payroll", "payments")
    assert group_names(client.call("DescribeLogGroups", logGroupNamePrefix="/aws/")) == [
        "/aws/lambda/pay",
        "/aws/lambda/ship",
    ]
    assert group_names(client.call("DescribeLogGroups", logGroupNamePattern="pay")) == [
        "/aws/lambda/pay",
        "payments",
    ]
    assert group_names(client.call("DescribeLogGroups", logGroupIdentifiers=["payments", "none"])) == ["payments"]
    for arguments in (
        {"logGroupNamePrefix": "a", "logGroupNamePattern": "b"},
        {"logGroupNamePrefix": "a", "logGroupIdentifiers": ["b"]},
        {"logGroupNamePrefix": "a*"},
        {"limit": 51},
        {"limit": 0},
        {"nextToken": "nonsense"},
        {"logGroupClass": "PREMIUM"},
    ):
        assert client.refused("DescribeLogGroups", **arguments).code == "InvalidParameterException"


def test_groups_can_be_chosen_by_class() -> None:
    client = many_groups("a")
    client.call("CreateLogGroup", logGroupName="cold", logGroupClass="INFREQUENT_ACCESS")
    assert group_names(client.call("DescribeLogGroups", logGroupClass="INFREQUENT_ACCESS")) == ["cold"]
    assert group_names(client.call("ListLogGroups", logGroupClass="STANDARD")) == ["a"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (None, ["/aws/lambda/pay", "API-Gateway-Execution-Logs_x/live", "web"]),
        ("^/aws", ["/aws/lambda/pay"]),
        ("lambda", ["/aws/lambda/pay"]),
        ("^lambda", []),
        ("^API-Gateway-Execution-|^web", ["API-Gateway-Execution-Logs_x/live", "web"]),
        ("LAMBDA", []),
    ],
)
def test_list_log_groups_takes_a_small_regular_expression(pattern: str | None, names: list[str]) -> None:
    client = many_groups("/aws/lambda/pay", "web", "API-Gateway-Execution-Logs_x/live")
    arguments = {"logGroupNamePattern": pattern} if pattern else {}
    answer = client.call("ListLogGroups", **arguments)
    assert group_names(answer) == names
    assert all(set(group) == {"logGroupName", "logGroupArn", "logGroupClass"} for group in answer["logGroups"])


@pytest.mark.parametrize(
    "pattern",
    ["ab", "^ab", "API-Gateway-Execution-Logs_", "abc|de", "abc|", "a.*b", "aaa|bbb|ccc|ddd|eee|fff"],
)
def test_list_log_groups_refuses_other_patterns(pattern: str) -> None:
    assert Client().refused("ListLogGroups", logGroupNamePattern=pattern).code == "InvalidParameterException"


def test_list_log_groups_gives_up_to_a_thousand() -> None:
    client = many_groups(*(f"g{number:04}" for number in range(1200)))
    assert len(client.call("ListLogGroups")["logGroups"]) == 50
    first = client.call("ListLogGroups", limit=1000)
    rest = client.call("ListLogGroups", limit=1000, nextToken=first["nextToken"])
    assert (len(first["logGroups"]), len(rest["logGroups"])) == (1000, 200)
    assert client.refused("ListLogGroups", limit=1001).code == "InvalidParameterException"


def stream_names(answer: dict[str, Any]) -> list[str]:
    return [stream["logStreamName"] for stream in answer["logStreams"]]


def test_streams_are_listed_by_name_or_by_last_event() -> None:
    client = fed(event(5, "x", stream="b"), event(9, "x", stream="a"), event(1, "x", stream="ab", delay_ms=3))
    assert stream_names(client.call("DescribeLogStreams", logGroupName=ACCESS)) == ["a", "ab", "b"]
    assert stream_names(client.call("DescribeLogStreams", logGroupName=ACCESS, descending=True)) == [
        "b",
        "ab",
        "a",
    ]
    newest = client.call("DescribeLogStreams", logGroupName=ACCESS, orderBy="LastEventTime", descending=True, limit=2)
    assert stream_names(newest) == ["a", "b"]
    rest = client.call(
        "DescribeLogStreams",
        logGroupName=ACCESS,
        orderBy="LastEventTime",
        descending=True,
        nextToken=newest["nextToken"],
    )
    assert rest["logStreams"] == [
        {
            "logStreamName": "ab",
            "creationTime": T0 + 1,
            "firstEventTimestamp": T0 + 1,
            "lastEventTimestamp": T0 + 1,
            "lastIngestionTime": T0 + 4,
            "arn": f"arn:aws:logs:eu-west-1:123456789012:log-group:{ACCESS}:log-stream:ab",
            "storedBytes": 0,
        }
    ]


def test_streams_by_last_event_cannot_have_a_prefix() -> None:
    client = fed()
    assert stream_names(client.call("DescribeLogStreams", logGroupName=ACCESS, logStreamNamePrefix="a")) == []
    error = client.refused("DescribeLogStreams", logGroupName=ACCESS, logStreamNamePrefix="a", orderBy="LastEventTime")
    assert error.code == "InvalidParameterException"


def test_streams_that_appear_later_are_found_without_reading_everything_again() -> None:
    feed = TinyFeed({ACCESS: [event(0, "x", stream="old")]})
    client = Client(feed)
    assert stream_names(client.call("DescribeLogStreams", logGroupName=ACCESS)) == ["old"]
    feed.asked.clear()
    feed.events_by_group[ACCESS].append(event(HOUR_MS - 5, "x", stream="new"))
    assert stream_names(client.call("DescribeLogStreams", logGroupName=ACCESS)) == ["new", "old"]
    assert min(start for _, start, _ in feed.asked) == client.now - 15 * 60_000


# --- writing ---


def test_what_is_put_can_be_read(own: Client) -> None:
    assert "rejectedLogEventsInfo" not in own.put((T0, "one"), (T0, "two"), (T0 + 1, "thrée"))
    (page,) = own.pages(logGroupName="own")
    assert [found["message"] for found in page] == ["one", "two", "thrée"]
    assert {found["ingestionTime"] for found in page} == {own.now}
    ids = [found["eventId"] for found in page]
    assert ids == sorted(ids)
    assert all(len(event_id) == 56 for event_id in ids)
    assert [int(event_id) >> 144 for event_id in ids] == [T0, T0, T0 + 1]
    (group,) = own.call("DescribeLogGroups")["logGroups"]
    assert group["storedBytes"] == 3 + 3 + 6 + 3 * 26
    (stream,) = own.call("DescribeLogStreams", logGroupName="own")["logStreams"]
    assert (stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (T0, T0 + 1)


def test_half_a_surrogate_is_kept_as_it_came(own: Client) -> None:
    own.put((T0, "broken \ud83d emoji"))
    assert own.messages(logGroupName="own") == ["broken \ud83d emoji"]


def test_batches_interleave_by_time(own: Client) -> None:
    own.call("CreateLogStream", logGroupName="own", logStreamName="t")
    own.put((T0, "a"), (T0 + 20, "c"))
    own.put((T0 + 10, "b"), (T0 + 20, "d"), stream="t")
    assert own.messages(logGroupName="own") == ["a", "b", "c", "d"]


def test_clients_can_put_into_a_group_of_the_feed() -> None:
    client = fed(event(0, "fed 1"), event(20, "fed 2"))
    client.call("CreateLogStream", logGroupName=ACCESS, logStreamName="mine")
    client.call(
        "PutLogEvents",
        logGroupName=ACCESS,
        logStreamName="mine",
        logEvents=[{"timestamp": T0 + 10, "message": "put"}],
    )
    assert client.messages(logGroupName=ACCESS) == ["fed 1", "put", "fed 2"]
    newest_first = client.messages(logGroupName=ACCESS, startTime=T0, startFromHead=False)
    assert newest_first == ["fed 2", "put", "fed 1"]
    assert stream_names(client.call("DescribeLogStreams", logGroupName=ACCESS)) == ["mine", "one"]


@pytest.mark.parametrize(
    "events",
    [
        [(T0 + 1, "b"), (T0, "a")],
        [(T0 - DAY_MS - 1, "a"), (T0, "b")],
        [(T0, "x" * 1_048_576)],
        [(T0, "x")] * 10_001,
        [(T0, "")],
        [],
    ],
    ids=["unordered", "longer than a day", "too large", "too many", "empty message", "nothing"],
)
def test_a_batch_outside_the_limits_is_refused_as_a_whole(own: Client, events: list[tuple[int, str]]) -> None:
    items = [{"timestamp": timestamp, "message": message} for timestamp, message in events]
    error = own.refused("PutLogEvents", logGroupName="own", logStreamName="s", logEvents=items)
    assert error.code == "InvalidParameterException"
    assert own.messages(logGroupName="own") == []


def test_the_largest_batch_is_taken(own: Client) -> None:
    own.put((T0, "x" * (1_048_576 - 26)))
    own.put(*[(T0, "x")] * 10_000)
    assert len(own.messages(logGroupName="own")) == 10_001


def test_events_out_of_time_are_dropped_and_reported(own: Client) -> None:
    oldest = own.now - 14 * DAY_MS
    answer = own.put((oldest - 2, "too old"), (oldest - 1, "too old"), (oldest, "kept"))
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 2}
    newest = own.now + 2 * HOUR_MS
    answer = own.put((newest, "kept too"), (newest + 1, "too new"))
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    assert own.messages(logGroupName="own") == ["kept", "kept too"]


def test_events_older_than_the_retention_are_reported_as_expired() -> None:
    client = Client(TinyFeed({ACCESS: []}, retention_days=7))
    client.call("CreateLogStream", logGroupName=ACCESS, logStreamName="s")
    answer = client.call(
        "PutLogEvents",
        logGroupName=ACCESS,
        logStreamName="s",
        logEvents=[{"timestamp": client.now - 7 * DAY_MS - 1, "message": "x"}],
    )
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}


def test_groups_and_streams_are_created_once(own: Client) -> None:
    assert own.refused("CreateLogGroup", logGroupName="own").code == "ResourceAlreadyExistsException"
    again = own.refused("CreateLogStream", logGroupName="own", logStreamName="s")
    assert again.code == "ResourceAlreadyExistsException"
    of_the_feed = fed().refused("CreateLogGroup", logGroupName=ACCESS)
    assert of_the_feed.code == "ResourceAlreadyExistsException"


@pytest.mark.parametrize("name", ["", "a b", "a*", "aws/x", "x" * 513])
def test_a_group_name_that_aws_does_not_allow_is_refused(name: str) -> None:
    assert Client().refused("CreateLogGroup", logGroupName=name).code == "InvalidParameterException"
