"""When X-Ray is asked for the trace of an opened request: once, again while it is young, not without permission."""

from __future__ import annotations

from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.config import Config
from apigw_tui.core.trace import NOT_SAMPLED, Trace, TraceSegment
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.stages import ORDERS_PROD
from apigw_tui.emulator.traffic import Shop
from apigw_tui.errors import AppError
from apigw_tui.sources.base import RequestRef
from apigw_tui.sources.failures import AwsError, FailureKind
from apigw_tui.sources.traces import NOT_YET
from apigw_tui.tui.app import Explorer
from apigw_tui.tui.story_traces import ASKING, StoryTraces
from tests.aws_user import with_keys
from tests.tui import story_samples as samples
from tests.tui.screens import screen_text, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

NOW: Final = 1_773_146_771_000
TRACE_ID = "1-6a0d2c2a-5f1e9b07c4d83a6e21b0f957"
FOUND = Trace(TRACE_ID, (TraceSegment("orders/prod", None, 0, 29_013, "fault", 0, None),))


class Account:
    """A source with traces: says what it is told to, or fails."""

    trace_region = None

    def __init__(self, *answers: Trace | AppError | None) -> None:
        self.answers = list(answers)
        self.asked = 0

    def trace(self, request: RequestRef, stop: StopFlag) -> Trace | None:
        assert request.trace_id
        assert not stop.is_set()
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, AppError):
            raise answer
        return answer


class Desk:
    """StoryTraces with a clock, and the source that its threads reach."""

    def __init__(self, source: object) -> None:
        self.now = samples.START + 40_000
        self.woken = StopFlag()
        self.states: list[Trace | None] = []

        def fetch(_generation: int, updates: Callable[[Any, StopFlag], Iterator[Any]]) -> None:
            assert list(updates(source, StopFlag())) == []

        self.traces = StoryTraces(fetch=fetch, wake=self.woken.set, clock=lambda: self.now)

    def look(self, *lines: str, trace_id: str | None = TRACE_ID) -> Trace | None:
        ended_at = samples.START + 29_000
        reference = RequestRef(samples.SCOPE, samples.REQUEST_ID, samples.START, ended_at, trace_id=trace_id)
        return self.traces.of(reference, lines, 1)

    def settled(self, *lines: str, **others: Any) -> Trace | None:
        """What is known once nobody is asked any more."""
        found = self.look(*lines, **others)
        for _ in range(200):
            if not any(asked.fetching for asked in self.traces._asked.values()):
                return self.look(*lines, **others)
            self.woken.wait(0.05)
            self.woken.clear()
        return found


def test_a_trace_is_asked_for_once_when_its_request_is_old() -> None:
    account = Account(FOUND)
    desk = Desk(account)
    desk.now = samples.START + 600_000
    assert desk.settled() == FOUND
    desk.now += 600_000
    assert desk.settled() == FOUND
    assert account.asked == 1


def test_a_young_trace_is_asked_for_again_as_segments_come_late() -> None:
    account = Account(Trace(TRACE_ID, (), NOT_YET), FOUND)
    desk = Desk(account)
    assert desk.settled() == Trace(TRACE_ID, (), NOT_YET)
    desk.now += 3_999
    assert desk.settled() == Trace(TRACE_ID, (), NOT_YET)
    assert account.asked == 1
    desk.now += 1
    assert desk.settled() == FOUND
    assert account.asked == 2


def test_a_trace_that_is_not_sampled_is_not_asked_for() -> None:
    account = Account(FOUND)
    desk = Desk(account)
    header = f"Endpoint request headers: {{X-Amzn-Trace-Id=Root={TRACE_ID};Sampled=0}}"
    assert desk.settled(header) == Trace(TRACE_ID, None, NOT_SAMPLED)
    assert account.asked == 0
    assert desk.settled(header, trace_id=None) is None


def test_files_have_no_traces_and_are_asked_once() -> None:
    desk = Desk(object())
    assert desk.settled() is None
    desk.now += 8_000
    assert desk.settled() is None
    assert all(asked.tries > 1 for asked in desk.traces._asked.values())


def test_without_permission_the_story_says_so_and_x_ray_is_asked_no_more() -> None:
    denied = AwsError(FailureKind.DENIED, "Could not read the trace: not allowed xray:BatchGetTraces.", "Allow it.")
    account = Account(denied)
    desk = Desk(account)
    said = desk.settled()
    assert said is not None
    assert said.segments is None
    assert said.note == "Could not read the trace: not allowed xray:BatchGetTraces. Allow it."
    desk.now += 20_000
    other = TRACE_ID[:-1] + "0"
    second = desk.settled(trace_id=other)
    assert second is not None
    assert (second.trace_id, second.note) == (other, said.note)
    assert account.asked == 1
    account.answers = [FOUND]
    desk.now += 300_000
    assert desk.settled(trace_id=other) == FOUND
    desk.traces.reset()
    assert desk.settled() == FOUND


def test_trouble_for_the_moment_keeps_what_is_known_and_is_tried_again() -> None:
    trouble = AwsError(FailureKind.NETWORK, "Could not read the trace: no network.", "")
    account = Account(FOUND, trouble, FOUND)
    desk = Desk(account)
    assert desk.settled() == FOUND
    desk.now += 4_000
    assert desk.settled() == FOUND
    desk.now += 8_000
    assert desk.settled() == FOUND
    assert account.asked == 3


def test_while_x_ray_is_asked_the_story_says_so() -> None:
    said: list[str | None] = []
    held = StopFlag()

    class Slow(Account):
        def trace(self, request: RequestRef, stop: StopFlag) -> Trace | None:
            held.wait(5)
            return super().trace(request, stop)

    desk = Desk(Slow(FOUND))
    assert desk.look() is None
    assert desk.woken.wait(5)
    shown = desk.look()
    said.append(shown.note if shown else None)
    held.set()
    assert said == [ASKING]
    assert desk.settled() == FOUND


async def test_the_explorer_shows_the_segments_of_the_opened_request(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Over real HTTP, on a clock that stands."""
    with_keys(monkeypatch, tmp_path)
    shop = Shop(epoch=NOW)
    calls = shop.requests(ORDERS_PROD.api_id, ORDERS_PROD.name, NOW - 110_000, NOW - 70_000)
    call = next(call for call in calls if call.is_sampled and call.run is not None)
    with EmulatorServer(shop, shop, clock=lambda: NOW, traces=shop) as server:
        config = Config(endpoint_url=server.url, region="eu-west-1", tz="utc", since="2m")
        app = Explorer(config, ("orders/prod",), environ={"TERM": "xterm-256color"}, clock=lambda: NOW)
        async with app.run_test(size=(160, 60)) as pilot:
            await until(pilot, lambda: app.main.picture is not None and not app.main.picture.reading)
            app.engine.find(call.request_id)
            await until(pilot, lambda: f"Trace  {call.trace_id}" in screen_text(app) and "function" in screen_text(app))
            await until(pilot, lambda: app.main.opened_story is not None and app.main.opened_story.trace is not None)
            await until(pilot, lambda: "Invocation" in screen_text(app))
        assert server.calls["BatchGetTraces"] == 1
