"""Reading events, as the service model and its documentation describe it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.emulator.paging import Paging
from tests.emulator.logs_client import DAY_MS, HOUR_MS, Client, fed
from tests.emulator.tiny_feed import ACCESS, T0, TinyFeed, event

# --- FilterLogEvents ---


def test_both_ends_of_a_filter_range_are_included() -> None:
    client = fed(*(event(offset, str(offset)) for offset in (0, 10, 20, 30)))
    assert client.messages(logGroupName=ACCESS, startTime=T0 + 10, endTime=T0 + 20) == ["10", "20"]


def test_a_filtered_event_carries_what_cloudwatch_says_of_it() -> None:
    client = fed(event(5, "hello", delay_ms=900, stream="abc"))
    (found,) = next(client.pages(logGroupName=ACCESS))
    assert found == {
        "logStreamName": "abc",
        "timestamp": T0 + 5,
        "message": "hello",
        "ingestionTime": T0 + 905,
        "eventId": f"{(T0 + 5) << 144:056d}",
    }


def test_events_are_ordered_by_time_then_ingestion_then_id_across_streams() -> None:
    client = fed(
        event(1, "late", number=1, delay_ms=50, stream="b"),
        event(1, "early", number=9, delay_ms=10, stream="a"),
        event(1, "early too", number=10, delay_ms=10, stream="c"),
        event(0, "first", number=99, delay_ms=5000, stream="d"),
    )
    assert client.messages(logGroupName=ACCESS) == ["first", "early", "early too", "late"]


def test_an_event_is_invisible_until_its_ingestion_time() -> None:
    client = fed(event(0, "seen"), event(10, "delayed", delay_ms=2 * HOUR_MS))
    assert client.messages(logGroupName=ACCESS) == ["seen"]
    assert len(client.call("DescribeLogStreams", logGroupName=ACCESS)["logStreams"]) == 1
    client.now = T0 + 10 + 2 * HOUR_MS
    assert client.messages(logGroupName=ACCESS) == ["seen", "delayed"]


def test_a_page_holds_at_most_one_mebibyte() -> None:
    message = "ü" * 100_000
    client = fed(*(event(number, message, number=number) for number in range(12)))
    sizes = [len(page) for page in client.pages(logGroupName=ACCESS)]
    assert sizes == [5, 5, 2]


def test_an_event_too_large_for_a_page_gets_its_own() -> None:
    client = fed(event(0, "a"), event(1, "b" * 200), event(2, "c"), paging=Paging(page_bytes=100))
    assert [[found["message"][:1] for found in page] for page in client.pages(logGroupName=ACCESS)] == [
        ["a"],
        ["b"],
        ["c"],
    ]


def test_a_page_holds_at_most_ten_thousand_events() -> None:
    client = fed(*(event(number // 7, "x", number=number) for number in range(10_001)))
    assert [len(page) for page in client.pages(logGroupName=ACCESS)] == [10_000, 1]


def test_limit_caps_a_page_and_not_the_search() -> None:
    client = fed(*(event(number, str(number)) for number in range(5)))
    pages = [[found["message"] for found in page] for page in client.pages(logGroupName=ACCESS, limit=2)]
    assert pages == [["0", "1"], ["2", "3"], ["4"]]


def test_a_sparse_pattern_gives_empty_pages_with_a_token() -> None:
    events = [event(number, "rare" if number == 25 else "common", number=number) for number in range(30)]
    client = fed(*events, paging=Paging(scanned_events=10))
    pages = [len(page) for page in client.pages(logGroupName=ACCESS, filterPattern="rare")]
    assert pages == [0, 0, 1]


def test_ten_thousand_events_in_one_millisecond_are_paged_through() -> None:
    client = fed(*(event(0, str(number), number=number) for number in range(50)), paging=Paging(page_events=7))
    assert client.messages(logGroupName=ACCESS) == [str(number) for number in range(50)]


def test_a_token_stays_valid_and_in_place_while_events_arrive() -> None:
    feed = TinyFeed({ACCESS: [event(offset, str(offset)) for offset in (0, 10, 20)]})
    client = Client(feed)
    first = client.call("FilterLogEvents", logGroupName=ACCESS, limit=2)
    feed.events_by_group[ACCESS] = sorted(
        [*feed.events_by_group[ACCESS], event(5, "late"), event(25, "new")], key=lambda item: item.timestamp
    )
    for _ in range(2):
        second = client.call("FilterLogEvents", logGroupName=ACCESS, nextToken=first["nextToken"])
        assert [found["message"] for found in second["events"]] == ["20", "new"]


@pytest.mark.parametrize(
    "token", ["x", "!!!", "a" * 40, "AAAA", "f/abc", "é", '{"a":1}', "eyJuZXh0VG9rZW4iOiBudWxsfQ=="]
)
def test_a_bad_token_is_refused(token: str) -> None:
    client = fed(event(0, "a"))
    assert client.refused("FilterLogEvents", logGroupName=ACCESS, nextToken=token).code == ("InvalidParameterException")


def test_a_token_belongs_to_its_request_and_lives_for_a_day() -> None:
    client = fed(event(0, "a"), event(1, "b"))
    token = client.call("FilterLogEvents", logGroupName=ACCESS, limit=1)["nextToken"]
    other = client.refused("FilterLogEvents", logGroupName=ACCESS, filterPattern="b", nextToken=token)
    assert other.code == "InvalidParameterException"
    client.now += DAY_MS
    client.call("FilterLogEvents", logGroupName=ACCESS, nextToken=token)
    client.now += 1
    assert "expired" in client.refused("FilterLogEvents", logGroupName=ACCESS, nextToken=token).message


def test_newest_first_walks_back_through_the_same_events() -> None:
    events = [event(number * 7, str(number), number=number) for number in range(20)]
    client = fed(*events, paging=Paging(page_events=6))
    assert client.messages(logGroupName=ACCESS, startTime=T0, startFromHead=False) == [
        str(number) for number in reversed(range(20))
    ]


def test_newest_first_needs_a_start_after_2023() -> None:
    error = fed().refused("FilterLogEvents", logGroupName=ACCESS, startFromHead=False)
    assert error.code == "InvalidParameterException"
    assert "2024" in error.message


def test_streams_can_be_chosen_by_name_or_prefix() -> None:
    client = fed(*(event(number, name, stream=name) for number, name in enumerate(("aa", "ab", "b"))))
    assert client.messages(logGroupName=ACCESS, logStreamNames=["aa", "b"]) == ["aa", "b"]
    assert client.messages(logGroupName=ACCESS, logStreamNamePrefix="a") == ["aa", "ab"]
    both = client.refused("FilterLogEvents", logGroupName=ACCESS, logStreamNames=["aa"], logStreamNamePrefix="a")
    assert both.code == "InvalidParameterException"


def test_a_group_is_named_or_identified_but_not_both() -> None:
    client = fed(event(0, "a"))
    arn = f"arn:aws:logs:eu-west-1:123456789012:log-group:{ACCESS}"
    assert client.messages(logGroupIdentifier=arn) == ["a"]
    assert client.messages(logGroupIdentifier=ACCESS) == ["a"]
    for arguments in (
        {},
        {"logGroupName": ACCESS, "logGroupIdentifier": arn},
        {"logGroupIdentifier": f"{arn}:*"},
        {"logGroupIdentifier": "arn:aws:s3:::bucket"},
    ):
        assert client.refused("FilterLogEvents", **arguments).code == "InvalidParameterException"


@pytest.mark.parametrize("pattern", ["half-quoted-id", "{ $.a }", "[a", "%(%", "x" * 1025])
def test_an_invalid_pattern_is_refused(pattern: str) -> None:
    error = fed().refused("FilterLogEvents", logGroupName=ACCESS, filterPattern=pattern)
    assert error.code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("arguments", "constraint"),
    [
        ({"limit": 0}, "greater than or equal to 1"),
        ({"limit": 10_001}, "less than or equal to 10000"),
        ({"startTime": -1}, "greater than or equal to 0"),
        ({"logStreamNames": []}, "length greater than or equal to 1"),
        ({"logStreamNames": ["s"] * 101}, "length less than or equal to 100"),
        ({"logStreamNamePrefix": "a:b"}, "regular expression pattern"),
        ({"nextToken": ""}, "length greater than or equal to 1"),
    ],
)
def test_arguments_are_held_to_the_service_model(arguments: dict[str, object], constraint: str) -> None:
    error = fed().refused("FilterLogEvents", logGroupName=ACCESS, **arguments)
    assert error.code == "InvalidParameterException"
    assert "1 validation error detected" in error.message
    assert constraint in error.message


@pytest.mark.parametrize(
    "arguments",
    [
        {"limit": "5"},
        {"limit": True},
        {"startTime": 1.5},
        {"startFromHead": "no"},
        {"filterPattern": 5},
        {"logStreamNames": "s"},
        {"logStreamNames": [1]},
    ],
)
def test_a_wrong_type_is_a_serialization_error(arguments: dict[str, object]) -> None:
    error = fed().refused("FilterLogEvents", logGroupName=ACCESS, **arguments)
    assert error.code == "SerializationException"


@pytest.mark.parametrize("operation", ["FilterLogEvents", "DescribeLogStreams", "CreateLogStream"])
def test_a_missing_group_is_not_found(operation: str) -> None:
    error = Client().refused(operation, logGroupName="gone", logStreamName="s")
    assert error.code == "ResourceNotFoundException"


def test_an_unknown_operation_says_so() -> None:
    assert Client().refused("DeleteEverything").code == "UnknownOperationException"


def test_a_page_asks_the_feed_for_little_more_than_it_returns() -> None:
    feed = TinyFeed({ACCESS: [event(number * 6, "x" * 400, number=number) for number in range(100_000)]})
    client = Client(feed)
    page = client.call("FilterLogEvents", logGroupName=ACCESS, startTime=T0 + 300_000)
    assert len(page["events"]) < feed.handed_out <= 12_000
    assert min(start for _, start, _ in feed.asked) == T0 + 300_000


def test_a_feed_is_never_asked_for_the_future_or_before_the_group_was_created() -> None:
    feed = TinyFeed({ACCESS: [event(0, "a")]})
    client = Client(feed)
    client.messages(logGroupName=ACCESS, startTime=0, endTime=T0 + DAY_MS)
    assert all(T0 <= start <= end <= client.now for _, start, end in feed.asked)


def test_a_feed_with_one_old_event_is_searched_in_few_steps() -> None:
    feed = TinyFeed({ACCESS: [event(0, "only")]}, created_at=0)
    client = Client(feed)
    assert client.messages(logGroupName=ACCESS) == ["only"]
    assert len(feed.asked) < 60


@settings(max_examples=60, deadline=None)
@given(
    offsets=st.lists(st.integers(0, 300_000), max_size=60),
    delays=st.lists(st.integers(0, 4_000_000), min_size=60, max_size=60),
    paging=st.builds(Paging, page_events=st.integers(1, 9), scanned_events=st.integers(1, 9)),
    newest_first=st.booleans(),
)
def test_property_paging_returns_every_visible_event_once_in_order(
    offsets: list[int], delays: list[int], paging: Paging, newest_first: object
) -> None:
    events = [
        event(offset, str(number), number=number, delay_ms=delays[number])
        for number, offset in enumerate(sorted(offsets))
    ]
    client = fed(*events, paging=paging)
    visible = sorted(item for item in events if item.ingestion_time <= client.now)
    expected = [item.message for item in visible]
    found = client.messages(logGroupName=ACCESS, startTime=T0, startFromHead=not newest_first)
    assert found == (expected[::-1] if newest_first else expected)


# --- GetLogEvents ---


def stream_client(paging: Paging | None = None) -> Client:
    return fed(
        *(event(offset, str(offset), stream="one") for offset in range(0, 50, 10)),
        *(event(offset + 5, "other", stream="two") for offset in range(0, 50, 10)),
        paging=paging,
    )


def get(client: Client, **arguments: object) -> tuple[list[str], str, str]:
    answer = client.call("GetLogEvents", logGroupName=ACCESS, logStreamName="one", **arguments)
    messages = [found["message"] for found in answer["events"]]
    return messages, answer["nextForwardToken"], answer["nextBackwardToken"]


def test_the_end_of_a_stream_range_is_excluded() -> None:
    messages, _, _ = get(stream_client(), startTime=T0 + 10, endTime=T0 + 30, startFromHead=True)
    assert messages == ["10", "20"]


def test_a_stream_is_read_from_its_end_unless_told_otherwise() -> None:
    client = stream_client()
    messages, _, back = get(client, limit=2)
    assert messages == ["30", "40"]
    messages, _, back = get(client, limit=2, nextToken=back)
    assert messages == ["10", "20"]
    messages, _, back = get(client, limit=2, nextToken=back)
    assert messages == ["0"]
    messages, _, again = get(client, limit=2, nextToken=back)
    assert (messages, again) == ([], back)


def test_a_stream_is_read_from_its_head_when_asked() -> None:
    client = stream_client()
    messages, forward, _ = get(client, limit=3, startFromHead=True)
    assert messages == ["0", "10", "20"]
    messages, forward, _ = get(client, limit=3, startFromHead=True, nextToken=forward)
    assert messages == ["30", "40"]
    messages, again, _ = get(client, limit=3, startFromHead=True, nextToken=forward)
    assert (messages, again) == ([], forward)


def test_the_token_at_the_end_of_a_stream_leads_to_what_comes_later() -> None:
    feed = TinyFeed({ACCESS: [event(0, "a")]})
    client = Client(feed)
    _, forward, _ = get(client, startFromHead=True)
    feed.events_by_group[ACCESS].append(event(9, "b"))
    assert get(client, startFromHead=True, nextToken=forward)[0] == ["b"]


def test_a_search_among_other_streams_goes_on_with_a_new_token() -> None:
    client = stream_client(Paging(scanned_events=3))
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        messages, forward, _ = get(client, startFromHead=True, **token)
        found += messages
        if token.get("nextToken") == forward:
            break
        token = {"nextToken": forward}
    assert found == ["0", "10", "20", "30", "40"]


def test_events_of_a_stream_have_no_id() -> None:
    answer = stream_client().call("GetLogEvents", logGroupName=ACCESS, logStreamName="one", limit=1)
    assert answer["events"] == [{"timestamp": T0 + 40, "message": "40", "ingestionTime": T0 + 40}]


def test_a_missing_stream_is_not_found() -> None:
    error = stream_client().refused("GetLogEvents", logGroupName=ACCESS, logStreamName="three")
    assert error.code == "ResourceNotFoundException"


@pytest.mark.parametrize("token", ["x", "f/x", "b/", "z/AAAA"])
def test_a_bad_stream_token_is_refused(token: str) -> None:
    error = stream_client().refused("GetLogEvents", logGroupName=ACCESS, logStreamName="one", nextToken=token)
    assert error.code == "InvalidParameterException"


def test_a_page_of_a_busy_group_costs_about_as_much_as_it_holds() -> None:
    feed = TinyFeed({ACCESS: [event(number * 2, "m", number=number) for number in range(30_000)]})
    client = Client(feed, Paging(page_events=1_000))
    assert sum(map(len, client.pages(logGroupName=ACCESS, startTime=T0))) == 30_000
    assert client.call("FilterLogEvents", logGroupName=ACCESS, startTime=T0 + 50_000)["events"]
    assert feed.handed_out < 10 * 30_000
