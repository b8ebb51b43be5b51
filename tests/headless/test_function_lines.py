"""`show` tells what the functions of a request logged: the shop's, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apigw_tui.cli import main
from apigw_tui.core.text import sanitise
from apigw_tui.emulator.calls import Call, Run
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.stages import CHAT_ID, ORDERS_ID, STOREFRONT_ID
from apigw_tui.emulator.traffic import Shop
from apigw_tui.headless.opening import now_ms

MINUTE = 60_000
Json = dict[str, Any]
Show = Callable[[EmulatorServer, str, str], Json]


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Show:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    def call(server: EmulatorServer, request_id: str, target: str) -> Json:
        options = ("--endpoint-url", server.url, "--region", "eu-west-1", "-o", "json", "--reveal")
        assert main(["show", request_id, target, *options]) == 0
        story: Json = json.loads(capsys.readouterr().out)
        return story

    return call


@contextmanager
def served(scenario: str) -> Iterator[tuple[Shop, EmulatorServer]]:
    shop = Shop(scenario=scenario)
    with EmulatorServer(shop, shop, clock=now_ms) as server:
        yield shop, server


def settled(shop: Shop, api_id: str, stage: str, wanted: Callable[[Call], bool]) -> Call:
    """A request that ended long enough ago for all of its lines to be delivered."""
    now = now_ms()
    return next(call for call in shop.requests(api_id, stage, now - 10 * MINUTE, now - 3 * MINUTE) if wanted(call))


def written(shop: Shop, run: Run) -> list[str]:
    """What the run wrote: its container did nothing else meanwhile."""
    events = shop.events(run.function.log_group, run.started_at, run.ended_at)
    return [sanitise(event.message) for event in events if event.log_stream == run.log_stream]


def shown(story: Json, run: Run) -> list[str]:
    return [line["message"] for line in story["lines"] if line["log_group"] == run.function.log_group]


def assert_in_order(story: Json) -> None:
    offsets = [line["offset_ms"] for line in story["lines"]]
    assert offsets == sorted(offsets)
    assert story["counts"]["lambda"] == sum(line["kind"] == "lambda" for line in story["lines"])


def test_a_timeout_shows_how_its_function_went_on_after_the_answer(show: Show) -> None:
    with served("slow-backend") as (shop, server):
        call = settled(shop, ORDERS_ID, "prod", lambda call: call.outcome.name == "hung" and call.run is not None)
        story = show(server, call.request_id, "orders/prod")
        assert call.run is not None
        expected = written(shop, call.run)
    assert story["access"]["integrationRequestId"] == "-"
    assert shown(story, call.run) == expected
    assert_in_order(story)
    given_up = next(line["offset_ms"] for line in story["lines"] if line["line_kind"] == "timeout")
    reported = next(
        line["offset_ms"]
        for line in story["lines"]
        if line["line_kind"] == "lambda_report" and call.run.request_id in line["message"]
    )
    assert reported > given_up
    assert story["integration"]["function"] == call.run.function.name
    assert story["integration"]["request_id"] == call.run.request_id
    assert story["cause"]["code"] == "integration_timeout"
    assert story["cause"]["detail"].startswith("orders-write did not answer within 29 s")


def test_a_crash_shows_the_error_that_the_function_threw(show: Show) -> None:
    with served("bad-deploy") as (shop, server):
        call = settled(shop, ORDERS_ID, "prod", lambda call: call.outcome.name == "crashed")
        story = show(server, call.request_id, "orders/prod")
        assert call.run is not None
        expected = written(shop, call.run)
    assert shown(story, call.run) == expected
    assert any(call.detail in line["message"] for line in story["lines"] if line["line_kind"] == "lambda_error")
    assert_in_order(story)
    assert story["integration"]["function"] == call.run.function.name
    assert call.run.function.name in story["cause"]["detail"]


def test_a_traceback_without_any_id_is_shown_where_it_was_printed(show: Show) -> None:
    with served("steady") as (shop, server):
        now = now_ms()
        calls = shop.requests(CHAT_ID, "prod", now - 28 * MINUTE, now - 3 * MINUTE)
        call = next(call for call in calls if call.outcome.name == "crashed")
        story = show(server, call.request_id, "chat/prod")
        assert call.run is not None
        expected = written(shop, call.run)
    assert shown(story, call.run) == expected
    (traceback,) = (line for line in story["lines"] if line["message"].startswith("[ERROR] "))
    assert call.run.request_id not in traceback["message"]
    assert traceback["line_kind"] == "lambda_error"


def test_the_authorizer_of_a_request_is_shown_beside_its_function(show: Show) -> None:
    with served("steady") as (shop, server):
        call = settled(shop, ORDERS_ID, "prod", lambda call: bool(call.run and call.authorizer_run))
        story = show(server, call.request_id, "orders/prod")
        assert call.run is not None
        assert call.authorizer_run is not None
        expected = [written(shop, run) for run in (call.authorizer_run, call.run)]
    assert [shown(story, run) for run in (call.authorizer_run, call.run)] == expected
    assert_in_order(story)


def test_an_http_api_without_execution_log_shows_its_function(show: Show) -> None:
    """Its access entries name neither the function nor the call."""
    with served("steady") as (shop, server):
        call = settled(shop, STOREFRONT_ID, "staging", lambda call: call.run is not None)
        story = show(server, call.request_id, "storefront/staging")
        assert call.run is not None
        expected = written(shop, call.run)
    assert shown(story, call.run) == expected
    assert story["integration"]["function"] == "storefront-web"
