"""Faults as an unmodified boto3 meets them over HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from urllib3.exceptions import ProtocolError

from apigw_tui.core.quotas import Quota
from apigw_tui.emulator.conditions import Conditions, Latency
from apigw_tui.emulator.faults import (
    EXPIRED_TOKEN,
    SERVER_ERROR,
    UNAVAILABLE,
    UNKNOWN_KEY,
    Breakage,
    Fault,
    PageFault,
    Refusal,
    access_denied,
)
from apigw_tui.emulator.lag import LaggedFeed, PerStream
from apigw_tui.emulator.paging import Paging
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.steady import STEADY_GROUP, SteadyAccess
from tests.emulator.tiny_feed import T0, TinyPlane
from tests.sources.virtual_time import VirtualTime

STEADY = SteadyAccess(20, since=T0, until=T0 + 59_999)
NOW = T0 + 3_600_000


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime(NOW)


@pytest.fixture
def server(time: VirtualTime) -> Iterator[EmulatorServer]:
    feed = LaggedFeed(STEADY, PerStream())
    paging = Paging(page_events=70)
    with EmulatorServer(feed, TinyPlane(), clock=time.now, advance=time.advance, paging=paging) as running:
        yield running


@pytest.fixture
def logs(server: EmulatorServer) -> Iterator[Any]:
    with closing(client(server, "logs")) as made:
        yield made


def client(server: EmulatorServer, service: str, *, read_timeout: float = 10.0) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name="eu-west-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",  # noqa: S106 - nobody checks it
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=read_timeout),
    )


def read_all(logs: Any, **arguments: object) -> list[str]:
    """The IDs of all events, page by page."""
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = logs.filter_log_events(logGroupName=STEADY_GROUP, startTime=T0, **arguments, **token)
        found += [event["eventId"] for event in answer["events"]]
        if "nextToken" not in answer:
            return found
        token = {"nextToken": answer["nextToken"]}


ALL_IDS = STEADY.event_ids(STEADY_GROUP, T0, NOW)


@pytest.mark.parametrize("effect", PageFault)
@pytest.mark.parametrize("share", [1.0, 0.4])
def test_no_odd_page_loses_an_event_and_paging_comes_to_its_end(
    server: EmulatorServer, logs: Any, effect: PageFault, share: float
) -> None:
    server.conditions.add(Fault(effect, share=share))
    assert set(read_all(logs)) == set(ALL_IDS)


@pytest.mark.parametrize("effect", [PageFault.EMPTY, PageFault.SAME_TOKEN, PageFault.PARTIAL])
def test_odd_pages_without_repetition_give_each_event_once(
    server: EmulatorServer, logs: Any, effect: PageFault
) -> None:
    server.conditions.add(Fault(effect))
    assert Counter(read_all(logs)) == Counter(ALL_IDS)
    assert server.calls["FilterLogEvents"] > len(ALL_IDS) / 70 + 5


@pytest.mark.parametrize("effect", [PageFault.REPEATED, PageFault.DOUBLED, PageFault.OVERLAPPING])
def test_odd_pages_with_repetition_give_events_more_than_once(
    server: EmulatorServer, logs: Any, effect: PageFault
) -> None:
    server.conditions.add(Fault(effect))
    found = read_all(logs)
    assert len(found) > len(ALL_IDS) == len(set(found))


def test_an_empty_page_has_a_new_token_and_the_same_one_comes_twice_when_told(
    server: EmulatorServer, logs: Any
) -> None:
    first = logs.filter_log_events(logGroupName=STEADY_GROUP, startTime=T0)["nextToken"]
    for effect, is_same in ((PageFault.EMPTY, False), (PageFault.SAME_TOKEN, True)):
        token = logs.filter_log_events(logGroupName=STEADY_GROUP, startTime=T0, nextToken=first)["nextToken"]
        with server.conditions.during(Fault(effect)):
            answer = logs.filter_log_events(logGroupName=STEADY_GROUP, startTime=T0, nextToken=first)
        assert (answer["events"], answer["nextToken"] == first) == ([], is_same)
        first = token


def test_the_newest_first_can_be_odd_too(server: EmulatorServer, logs: Any) -> None:
    server.conditions.add(*(Fault(effect, share=0.3) for effect in PageFault))
    assert set(read_all(logs, startFromHead=False)) == set(ALL_IDS)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (EXPIRED_TOKEN, "ExpiredTokenException"),
        (UNKNOWN_KEY, "UnrecognizedClientException"),
        (SERVER_ERROR, "InternalFailure"),
        (UNAVAILABLE, "ServiceUnavailableException"),
        (access_denied("FilterLogEvents", resource=STEADY_GROUP), "AccessDeniedException"),
    ],
)
def test_a_refusal_is_an_error_of_the_service(server: EmulatorServer, logs: Any, refusal: Refusal, code: str) -> None:
    with server.conditions.during(Fault(refusal)), pytest.raises(ClientError) as caught:
        logs.filter_log_events(logGroupName=STEADY_GROUP)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == refusal.status
    assert logs.filter_log_events(logGroupName=STEADY_GROUP)["events"]


@pytest.mark.parametrize(
    ("effect", "errors"),
    [
        (Breakage.RESET_BEFORE, (ConnectionClosedError,)),
        (Breakage.RESET_DURING, (ProtocolError, ConnectionError, ConnectionClosedError)),
    ],
)
def test_a_broken_answer_is_an_error_of_the_connection_and_the_next_call_works(
    server: EmulatorServer, logs: Any, effect: Breakage, errors: tuple[type[Exception], ...]
) -> None:
    server.conditions.add(Fault(effect, times=1))
    with pytest.raises(errors):
        logs.filter_log_events(logGroupName=STEADY_GROUP)
    assert logs.filter_log_events(logGroupName=STEADY_GROUP)["events"]


def test_boto3_takes_a_malformed_body_for_an_answer_without_events(server: EmulatorServer, logs: Any) -> None:
    server.conditions.add(Fault(Breakage.MALFORMED, times=1))
    assert "events" not in logs.filter_log_events(logGroupName=STEADY_GROUP)
    assert logs.filter_log_events(logGroupName=STEADY_GROUP)["events"]


def test_a_stalled_answer_runs_into_the_read_timeout_while_others_are_served(server: EmulatorServer, logs: Any) -> None:
    server.conditions.add(Fault(Breakage.STALL, ("FilterLogEvents",)))
    with closing(client(server, "logs", read_timeout=0.1)) as impatient, pytest.raises(ReadTimeoutError):
        impatient.filter_log_events(logGroupName=STEADY_GROUP)
    assert logs.describe_log_groups()["logGroups"]


def test_a_stalled_answer_is_sent_when_the_fault_ends(server: EmulatorServer, logs: Any) -> None:
    server.conditions.add(Fault(Breakage.STALL, ("FilterLogEvents",)))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(logs.filter_log_events, logGroupName=STEADY_GROUP)
        assert logs.describe_log_groups()["logGroups"]
        server.conditions.clear()
        assert answer.result(timeout=10)["events"]


def test_beyond_the_quota_calls_are_throttled_until_time_has_passed(
    server: EmulatorServer, logs: Any, time: VirtualTime
) -> None:
    server.conditions.set_quotas({"FilterLogEvents": Quota(2, 1)})
    logs.filter_log_events(logGroupName=STEADY_GROUP)
    with pytest.raises(logs.exceptions.ThrottlingException, match="Rate exceeded"):
        logs.filter_log_events(logGroupName=STEADY_GROUP)
    time.advance(500)
    assert logs.filter_log_events(logGroupName=STEADY_GROUP)["events"]
    assert server.conditions.throttled == {"FilterLogEvents": 1}


def test_with_a_virtual_clock_latency_takes_no_time_but_time_passes(
    server: EmulatorServer, logs: Any, time: VirtualTime
) -> None:
    server.conditions.set_latency(Latency(600_000))
    logs.filter_log_events(logGroupName=STEADY_GROUP)
    assert time.now() == NOW + 600_000


def test_what_an_answer_holds_was_true_when_the_call_came_in(
    server: EmulatorServer, logs: Any, time: VirtualTime
) -> None:
    time.advance(T0 + 5_000 - NOW)
    server.conditions.set_latency(Latency(60_000))
    found = logs.filter_log_events(logGroupName=STEADY_GROUP)["events"]
    assert 0 < len(found) < 100
    assert max(event["ingestionTime"] for event in found) <= T0 + 5_000 < time.now()


def test_without_a_virtual_clock_calls_wait_beside_one_another() -> None:
    conditions = Conditions(latency=Latency(300))
    with (
        EmulatorServer(STEADY, TinyPlane(), clock=lambda: NOW, conditions=conditions) as server,
        closing(client(server, "logs", read_timeout=2.5)) as logs,
        ThreadPoolExecutor(10) as pool,
    ):
        # One after the other the last of the ten would come after 3 seconds, which is too late for it.
        answers = pool.map(lambda _: logs.filter_log_events(logGroupName=STEADY_GROUP), range(10))
        assert all(answer["events"] for answer in answers)
