"""Live Tail of the endpoint: what sessions send, when, what is refused, and each thing that can go wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import ClientError, EventStreamError
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from apigw_tui.emulator.live_tail import MOST_SESSIONS, SessionFault
from apigw_tui.emulator.server import EmulatorServer
from tests.emulator.live_client import ARN, HOUR_MS, LiveClient, results
from tests.emulator.tiny_feed import ACCESS, T0, TinyFeed, TinyPlane, event

OTHER = "/shop/other"
CREDENTIALS = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "AKIDEXAMPLE",
    "aws_secret_access_key": "secret",
}


def client(*events: Any) -> LiveClient:
    return LiveClient(TinyFeed({ACCESS: events, OTHER: ()}, created_at=T0 - HOUR_MS))


def test_a_session_begins_with_what_was_asked_for() -> None:
    live = client()
    session = live.open(ACCESS, logEventFilterPattern="ERROR")

    (first, empty), (second, start) = live.after(0, session)

    assert (first, empty) == ("initial-response", {})
    assert second == "sessionStart"
    assert start["logGroupIdentifiers"] == [f"{ARN}{ACCESS}"]
    assert start["logEventFilterPattern"] == "ERROR"
    assert start["sessionId"] != start["requestId"]


def test_every_second_brings_an_update_also_when_nothing_came() -> None:
    live = client()
    session = live.open(ACCESS)
    live.after(0, session)

    assert live.after(999, session) == []
    assert live.after(1, session) == [("sessionUpdate", {"sessionMetadata": {"sampled": False}, "sessionResults": []})]
    assert [kind for kind, _ in live.after(3_000, session)] == ["sessionUpdate"] * 3


def test_what_becomes_visible_is_sent_with_its_second_and_nothing_older() -> None:
    live = client(
        event(-5_000, "old"),
        event(-5_000, "old, visible late", number=1, delay_ms=6_500),
        event(100, "first", number=2, delay_ms=300),
        event(200, "never yet", number=3, delay_ms=60_000),
    )
    session = live.open(ACCESS)

    updates = live.after(2_000, session)[2:]

    assert [[result["message"] for result in update["sessionResults"]] for _, update in updates] == [
        ["first"],
        ["old, visible late"],
    ]


def test_a_result_names_group_and_stream_and_has_no_event_id() -> None:
    live = client(event(100, "hello", delay_ms=50))
    session = live.open(ACCESS)

    update = live.after(1_000, session)[-1][1]

    assert update["sessionResults"] == [
        {
            "logStreamName": "one",
            "logGroupIdentifier": f"{ARN}{ACCESS}",
            "message": "hello",
            "timestamp": T0 + 100,
            "ingestionTime": T0 + 150,
        }
    ]


def test_no_event_is_sent_twice_or_left_out_however_the_clock_moves() -> None:
    live = client(*(event(offset, str(offset), number=offset) for offset in range(0, 9_000, 250)))
    session = live.open(ACCESS)

    seen = [
        message for step in (1, 998, 2, 999, 3_500, 1_000, 700, 1_800) for message in results(live.after(step, session))
    ]

    assert seen == [str(offset) for offset in range(0, 9_000, 250)]


def test_what_clients_put_is_sent_too() -> None:
    live = client()
    session = live.open(ACCESS)
    live.after(0, session)
    live.call("CreateLogStream", logGroupName=ACCESS, logStreamName="mine")
    live.now += 400
    live.call("PutLogEvents", logGroupName=ACCESS, logStreamName="mine",
              logEvents=[{"timestamp": T0 - HOUR_MS, "message": "put"}])  # fmt: skip

    assert results(live.after(600, session)) == ["put"]


def test_above_five_hundred_a_second_the_update_is_a_sample() -> None:
    live = client(*(event(number, str(number), number=number) for number in range(900)))
    session = live.open(ACCESS)

    update = live.after(1_000, session)[-1][1]

    assert update["sessionMetadata"] == {"sampled": True}
    assert len({result["message"] for result in update["sessionResults"]}) == 500


def test_exactly_five_hundred_are_no_sample() -> None:
    live = client(*(event(number, str(number), number=number) for number in range(500)))
    session = live.open(ACCESS)

    update = live.after(1_000, session)[-1][1]

    assert update["sessionMetadata"] == {"sampled": False}
    assert len(update["sessionResults"]) == 500


def test_pattern_and_streams_choose_what_is_sent() -> None:
    events = [event(100, "ERROR one"), event(200, "fine", number=1), event(300, "ERROR two", number=2, stream="two")]
    live = client(*events)
    sessions = [
        live.open(ACCESS, OTHER, logEventFilterPattern="ERROR"),
        live.open(ACCESS, logStreamNames=["two"]),
        live.open(ACCESS, logStreamNamePrefixes=["on"]),
    ]
    live.now += 1_000

    assert [results(live.after(0, session)) for session in sessions] == [
        ["ERROR one", "ERROR two"],
        ["ERROR two"],
        ["ERROR one", "fine"],
    ]


def test_a_client_that_reads_too_slowly_gets_only_the_newest_ten_seconds() -> None:
    live = client(*(event(second * 1_000, str(second), number=second) for second in range(60)))
    session = live.open(ACCESS)

    assert results(live.after(60_000, session)) == [str(second) for second in range(50, 60)]


def test_a_session_times_out_after_three_hours() -> None:
    live = client()
    session = live.open(ACCESS)
    live.after(0, session)

    assert live.after(3 * HOUR_MS - 1, session)[-1][0] == "sessionUpdate"
    assert not session.over
    assert live.after(1, session)[-1][0] == "SessionTimeoutException"
    assert session.over


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({}, "InvalidParameterException", "logGroupIdentifiers"),
        ({"logGroupIdentifiers": []}, "InvalidParameterException", "logGroupIdentifiers"),
        ({"logGroupIdentifiers": [ACCESS]}, "InvalidParameterException", "not the ARN"),
        ({"logGroupIdentifiers": [f"{ARN}{ACCESS}:*"]}, "InvalidParameterException", "pattern"),
        ({"logGroupIdentifiers": [f"{ARN}{ACCESS}"] * 11}, "InvalidParameterException", "11 items"),
        ({"logGroupIdentifiers": [f"{ARN}/no/such"]}, "ResourceNotFoundException", "does not exist"),
        (
            {"logGroupIdentifiers": [f"{ARN}{ACCESS}"], "logEventFilterPattern": "{ $.a"},
            "InvalidParameterException",
            "",
        ),
        (
            {"logGroupIdentifiers": [f"{ARN}{ACCESS}"], "logStreamNames": ["a"], "logStreamNamePrefixes": ["a"]},
            "InvalidParameterException",
            "mutually exclusive",
        ),
        (
            {"logGroupIdentifiers": [f"{ARN}{ACCESS}", f"{ARN}{OTHER}"], "logStreamNames": ["a"]},
            "InvalidParameterException",
            "exactly one",
        ),
    ],
)
def test_wrong_arguments_are_refused_before_the_stream_begins(
    arguments: dict[str, object], code: str, said: str
) -> None:
    live = client()

    error = live.refused(**arguments)

    assert error.code == code
    assert said in error.message
    assert live.sessions.open_count == 0


def test_groups_of_other_classes_are_refused() -> None:
    live = client()
    live.call("CreateLogGroup", logGroupName="cold", logGroupClass="INFREQUENT_ACCESS")

    assert live.refused(logGroupIdentifiers=[f"{ARN}cold"]).code == "InvalidOperationException"


def test_the_sixteenth_session_is_refused_until_one_is_closed() -> None:
    live = client()
    sessions = [live.open(ACCESS) for _ in range(MOST_SESSIONS)]

    assert live.refused(logGroupIdentifiers=[f"{ARN}{ACCESS}"]).code == "LimitExceededException"
    sessions[3].close()
    live.open(ACCESS)
    assert live.sessions.open_count == MOST_SESSIONS


def test_each_session_takes_its_own_fault() -> None:
    live = client()
    live.sessions.faults += [None, SessionFault("exception", after_updates=1, code="SessionStreamingException")]
    healthy, faulty = live.open(ACCESS), live.open(ACCESS)
    live.now += 3_000

    assert [kind for kind, _ in live.after(0, healthy)[2:]] == ["sessionUpdate"] * 3
    assert [kind for kind, _ in live.after(0, faulty)[2:]] == ["sessionUpdate", "SessionStreamingException"]


# --- over HTTP, read by boto3


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[EmulatorServer]:
    feed = TinyFeed({ACCESS: [event(second * 1_000, str(second), number=second) for second in range(100)]})
    with EmulatorServer(feed, TinyPlane(), clock=clock) as running:
        yield running


@pytest.fixture
def logs(server: EmulatorServer) -> Iterator[Any]:
    made = boto3.client(
        "logs",
        endpoint_url=server.url,
        **CREDENTIALS,
        config=Config(inject_host_prefix=False, read_timeout=0.5, retries={"total_max_attempts": 1}),
    )
    with closing(made):
        yield made


def opened(logs: Any) -> Any:
    return logs.start_live_tail(logGroupIdentifiers=[f"{ARN}{ACCESS}"])["responseStream"]


def test_boto3_reads_a_session(server: EmulatorServer, clock: Clock, logs: Any) -> None:
    stream = opened(logs)
    events = iter(stream)
    assert "sessionStart" in next(events)

    clock.now += 2_000

    assert [next(events)["sessionUpdate"]["sessionResults"][0]["message"] for _ in range(2)] == ["0", "1"]
    stream.close()
    assert server.live_tail.started == 1


def test_a_client_that_leaves_closes_its_session(server: EmulatorServer, clock: Clock, logs: Any) -> None:
    stream = opened(logs)
    assert server.live_tail.open_count == 1
    stream._raw_stream.shutdown()
    stream.close()

    clock.now += 1_000

    # Nothing is left to wait for once the only session is gone.
    assert server.live_tail.wait_until_sent(T0 + 10**9, seconds=5)
    assert server.live_tail.open_count == 0


@pytest.mark.parametrize(
    "case",
    [
        ("cut", ProtocolError),
        ("stall", ReadTimeoutError),
        ("bad_crc", ChecksumMismatch),
        ("exception", EventStreamError),
    ],
)
def test_boto3_meets_each_fault(
    server: EmulatorServer, clock: Clock, logs: Any, case: tuple[Any, type[Exception]]
) -> None:
    kind, raised = case
    server.live_tail.faults.append(SessionFault(kind, after_updates=1))
    stream = opened(logs)
    events = iter(stream)
    assert "sessionStart" in next(events)
    clock.now += 2_000
    assert "sessionUpdate" in next(events)

    with pytest.raises(raised):
        next(events)

    stream.close()


def test_boto3_meets_the_timeout_of_three_hours(clock: Clock, logs: Any) -> None:
    stream = opened(logs)
    clock.now += 3 * HOUR_MS

    with pytest.raises(EventStreamError) as caught:
        list(stream)

    assert caught.value.response["Error"]["Code"] == "SessionTimeoutException"
    stream.close()


def test_boto3_is_told_what_is_wrong_with_its_arguments(logs: Any) -> None:
    with pytest.raises(ClientError) as caught:
        logs.start_live_tail(logGroupIdentifiers=[ACCESS])

    assert caught.value.response["Error"]["Code"] == "InvalidParameterException"
