"""Live Tail beside the polls: events come earlier, and whatever happens to the sessions none is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from apigw_tui.emulator.live_tail import SessionFault
from apigw_tui.emulator.wire import ServiceError
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.live_groups import live_groups
from apigw_tui.sources.live_stream import Next, session_end
from apigw_tui.sources.live_tail import ToldResults
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.merged import MergedSource
from apigw_tui.sources.session import Aws, AwsSettings
from tests.sources.live_account import GROUP, LiveAccount, live_account
from tests.sources.recorded_account import Refusals
from tests.sources.virtual_time import START

SECONDS_MS = 1_000
MINUTE_MS = 60_000


@pytest.fixture
def live() -> Iterator[LiveAccount]:
    with live_account() as opened:
        opened.switch.turn(on=True)
        yield opened


def busy(live: LiveAccount, *, seconds: int = 30) -> None:
    """A line every 250 ms, some late, each fifth one written twice in the same millisecond."""
    for number in range(seconds * 4):
        at = number * 250
        lag = 40_000 if number % 17 == 0 else 600 + number % 7 * 300
        live.log((at, f"line {number}", lag))
        if number % 5 == 0:
            live.log((at, f"line {number}", lag))


def test_events_come_by_live_tail_and_are_confirmed_by_polls(live: LiveAccount) -> None:
    busy(live)
    live.open_sessions(1, at=0)

    live.follow(100 * SECONDS_MS)

    assert live.streamed > 100
    live.assert_each_event_once()
    assert [state and (state.streaming, state.reason) for state in live.states][-1] == (True, "")
    assert live.sessions.started == 1


def test_an_event_is_there_before_any_poll_reads_it(live: LiveAccount) -> None:
    live.open_sessions(1, at=0)
    live.time.at(START + 2_100, lambda: live.log((2_200, "soon", 100)))

    live.follow(30 * SECONDS_MS)

    assert live.streamed == 1
    live.assert_each_event_once()


@pytest.mark.parametrize("kind", ["cut", "bad_crc", "exception", "stall"])
def test_a_session_that_fails_loses_nothing_and_another_follows(
    live: LiveAccount, kind: Literal["cut", "bad_crc", "exception", "stall"]
) -> None:
    busy(live)
    live.sessions.faults.append(SessionFault(kind, after_updates=5))
    live.open_sessions(1, at=0)
    live.open_sessions(2, at=20 * SECONDS_MS)

    live.follow(100 * SECONDS_MS, silence_s=1.0 if kind == "stall" else 10.0)

    assert live.sessions.started >= 2
    live.assert_each_event_once()
    said = {
        "cut": "the connection was cut",
        "bad_crc": "what came was damaged",
        "exception": "CloudWatch ended the session by an error",
        "stall": "nothing came for 1 s",
    }
    assert f"{said[kind]}; a new session follows" in live.reasons


def test_after_three_hours_another_session_follows(live: LiveAccount) -> None:
    busy(live, seconds=20)
    live.open_sessions(1, at=0)
    live.time.at(START + 30 * SECONDS_MS, lambda: live.time.advance(3 * 60 * MINUTE_MS))
    after = 3 * 60 * MINUTE_MS + 40 * SECONDS_MS
    live.open_sessions(2, at=after)
    live.log((after + 5_000, "later", 700), (after + 6_000, "later still", 30_000))

    live.follow(after + MINUTE_MS)

    assert live.sessions.started == 2
    live.assert_each_event_once()


def test_sampled_seconds_count_until_the_polls_have_passed_them(live: LiveAccount) -> None:
    live.log(*((10_000 + number, f"burst {number}", 400) for number in range(600)))
    live.open_sessions(1, at=0)

    live.follow(4 * MINUTE_MS)

    sampled = [proof.sampled_seconds for proof in live.proofs]
    assert max(sampled) == 1
    assert sampled[-1] == 0
    assert all(proof.complete_to < START + 12_000 for proof in live.proofs if proof.sampled_seconds)
    assert live.streamed >= 500
    live.assert_each_event_once()


def refused(code: str, message: str = "") -> Any:
    def refuse(operation: str) -> None:
        if operation == "StartLiveTail":
            raise ServiceError(code, message or f"{operation} was refused")

    return refuse


DENIED = (
    "User: arn:aws:iam::123456789012:user/shop is not authorized to perform: logs:StartLiveTail on resource: "
    "arn:aws:logs:eu-west-1:123456789012:log-group:orders-prod-access"
)


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        ("AccessDeniedException", DENIED, "it needs logs:StartLiveTail and logs:StopLiveTail"),
        ("UnknownOperationException", "", "does not offer StartLiveTail"),
        ("InvalidOperationException", "", "does not offer StartLiveTail"),
        ("InvalidParameterException", "too odd", "too odd"),
    ],
)
def test_what_is_refused_for_good_is_asked_once_and_said_and_the_polls_go_on(
    code: str, message: str, said: str
) -> None:
    with live_account(refused(code, message)) as live:
        live.switch.turn(on=True)
        busy(live, seconds=20)

        live.follow(100 * SECONDS_MS)

        assert live.server.calls["StartLiveTail"] == 1
        assert said in live.reasons[-1]
        assert "follows" not in live.reasons[-1]
        live.assert_each_event_once()


def test_what_was_refused_is_asked_again_when_it_is_turned_on_again() -> None:
    refusals = Refusals()
    refusals.codes["StartLiveTail"] = "AccessDeniedException"
    with live_account(refusals) as live:
        live.switch.turn(on=True)
        busy(live, seconds=20)

        def turn_again() -> None:
            refusals.codes.clear()
            live.switch.turn(on=False)
            live.switch.turn(on=True)

        live.time.at(START + 20 * SECONDS_MS, turn_again)
        live.open_sessions(1, at=30 * SECONDS_MS)

        live.follow(100 * SECONDS_MS)

        assert live.sessions.started == 1
        live.assert_each_event_once()


@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException", "ServiceUnavailableException"])
def test_what_passes_is_tried_again(code: str) -> None:
    refusals = Refusals()
    refusals.codes["StartLiveTail"] = code
    refusals.left = 2
    with live_account(refusals) as live:
        live.switch.turn(on=True)
        busy(live, seconds=20)
        live.open_sessions(1, at=30 * SECONDS_MS)

        live.follow(100 * SECONDS_MS)

        assert live.server.calls["StartLiveTail"] == 3
        assert any("a new session follows" in reason for reason in live.reasons)
        live.assert_each_event_once()


class NoStreamingHost(Aws):
    """Reads the logs where it should, and looks for streams where nobody listens."""

    def stream_client(self, *, read_timeout_s: float) -> Any:
        nowhere = Aws(AwsSettings.for_emulator("http://127.0.0.1:9"))
        return Aws.stream_client(nowhere, read_timeout_s=read_timeout_s)


def test_a_region_without_a_streaming_host_is_given_up_after_a_few_tries(live: LiveAccount) -> None:
    busy(live, seconds=20)
    aws = NoStreamingHost(live.aws.settings, clock=live.time.now)

    live.follow(30 * MINUTE_MS, aws=aws)

    assert "eu-west-1 has no Live Tail, or something blocks its host" in live.reasons[-1]
    assert live.sessions.started == 0
    live.assert_each_event_once()


def test_turning_it_off_closes_the_session_at_once_and_on_opens_another() -> None:
    with live_account() as live:
        busy(live)
        source = CloudWatchSource(live.aws, groups=[FollowedGroup(GROUP)], clock=live.time.now)

        def resume() -> None:
            assert live.sessions.open_count == 0
            source.turn_live_tail(on=True)

        def pause() -> None:
            source.turn_live_tail(on=False, reason="closed while paused")
            assert live.sessions.wait_until_sent(START + 10**12, seconds=10)

        live.time.at(START + 10 * SECONDS_MS, lambda: source.turn_live_tail(on=True))
        live.open_sessions(1, at=20 * SECONDS_MS)
        live.time.at(START + 30 * SECONDS_MS, pause)
        live.time.at(START + 50 * SECONDS_MS, resume)
        live.open_sessions(2, at=60 * SECONDS_MS)

        live.take(source.follow(START, live.time.stop), 3 * MINUTE_MS)

        assert live.states[0] is None
        assert "closed while paused" in live.reasons
        assert live.sessions.started == 2
        last = live.proofs[-1].live_tail
        assert last is not None
        assert last.streaming
        assert 100 * SECONDS_MS < last.session_ms < 165 * SECONDS_MS
        live.assert_each_event_once()


def test_the_session_is_closed_when_the_tail_stops(live: LiveAccount) -> None:
    live.open_sessions(1, at=0)

    live.follow(10 * SECONDS_MS)

    assert live.sessions.wait_until_sent(START + 10**12, seconds=10)
    assert live.sessions.open_count == 0


def test_a_source_that_was_never_asked_opens_no_session() -> None:
    with live_account() as live:
        busy(live, seconds=10)
        source = CloudWatchSource(live.aws, groups=[FollowedGroup(GROUP)], clock=live.time.now)

        live.take(source.follow(START, live.time.stop), MINUTE_MS)

        assert live.server.calls["StartLiveTail"] == 0
        assert live.states == [None]


def test_merged_sources_turn_it_on_at_those_that_have_it() -> None:
    with live_account() as live:
        source = CloudWatchSource(live.aws, groups=[FollowedGroup(GROUP)], clock=live.time.now)

        assert MergedSource([source]).turn_live_tail(on=True)
        live.open_sessions(1, at=0)
        live.take(source.follow(START, live.time.stop), 10 * SECONDS_MS)

        assert live.sessions.started == 1
        assert not MergedSource([]).turn_live_tail(on=True)


@pytest.mark.parametrize(
    "identifier", [f"arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}", f"1234:{GROUP}", GROUP]
)
def test_a_result_may_name_its_group_in_three_ways(live: LiveAccount, identifier: str) -> None:
    groups = live_groups(live.aws, [FollowedGroup(GROUP, "a1/prod")], stop=live.time.stop)

    found = groups.group_of(identifier)
    assert found is not None
    assert found.scope == "a1/prod"


def test_groups_that_cannot_be_streamed_are_named(live: LiveAccount) -> None:
    names = [f"group-{number:02}" for number in range(12)]
    for name in names:
        live.account.add_group(name)
    live.aws.client("logs").create_log_group(logGroupName="cold", logGroupClass="INFREQUENT_ACCESS")

    groups = live_groups(live.aws, [FollowedGroup(name) for name in ("cold", "nowhere", *names)], stop=live.time.stop)

    assert [group.name for group in groups.by_arn.values()] == names[:10]
    assert groups.left_out == (
        "nowhere did not exist when the session was opened; cold is not of class Standard; "
        "a session takes 10 log groups, and 2 more are only polled"
    )


def test_who_may_not_describe_groups_still_gets_their_arns() -> None:
    refusals = Refusals()
    refusals.codes["DescribeLogGroups"] = "AccessDeniedException"
    with live_account(refusals) as live:
        groups = live_groups(live.aws, [FollowedGroup(GROUP)], stop=live.time.stop)

        assert list(groups.by_arn) == [f"arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}"]


def test_an_unreachable_host_and_a_slow_one_are_network_trouble() -> None:
    aws = Aws(AwsSettings.for_emulator("http://127.0.0.1:9"))
    url = "https://stream-logs.eu-west-1.amazonaws.com/"
    for error in (EndpointConnectionError(endpoint_url=url), ConnectTimeoutError(endpoint_url=url)):
        end = session_end(error, aws)
        assert end.then is Next.UNREACHABLE
        assert url in end.reason


def test_a_stream_that_was_taken_away_from_its_reader_is_no_defect() -> None:
    aws = Aws(AwsSettings.for_emulator("http://127.0.0.1:9"))

    assert session_end(AttributeError("'NoneType' object has no attribute 'read'"), aws).then is Next.LATER


def result(message: str) -> dict[str, Any]:
    return {"logGroupIdentifier": GROUP, "timestamp": START, "ingestionTime": START + 5, "message": message}


def test_what_an_earlier_session_told_is_not_told_again() -> None:
    told = ToldResults()
    told.session_begins()
    # Within one session equal lines are different events.
    assert told.unseen([result("a"), result("a")], START) == [result("a"), result("a")]

    told.session_begins()

    assert told.unseen([result("a"), result("b")], START + SECONDS_MS) == [result("b")]
    assert told.unseen([result("b")], START + 2 * SECONDS_MS) == [result("b")]


def test_an_earlier_session_is_forgotten_after_a_while() -> None:
    told = ToldResults()
    told.session_begins()
    told.unseen([result("a")], START)
    told.unseen([], START + MINUTE_MS)

    told.session_begins()

    assert told.unseen([result("a")], START + MINUTE_MS) == [result("a")]
