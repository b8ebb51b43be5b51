"""`show` with the X-Ray trace of its request, against the shop over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apigw_tui.cli import main
from apigw_tui.core.trace import NOT_SAMPLED
from apigw_tui.emulator.calls import Call
from apigw_tui.emulator.faults import Fault, access_denied
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.stages import ORDERS_PROD
from apigw_tui.emulator.traffic import Shop
from apigw_tui.headless.opening import now_ms

MINUTE = 60_000


class Desk:
    """The shop's endpoint, and `show` on it."""

    def __init__(self, shop: Shop, server: EmulatorServer, capsys: pytest.CaptureFixture[str]) -> None:
        self.shop = shop
        self.server = server
        self._capsys = capsys

    def settled(self, wanted: Callable[[Call], bool]) -> Call:
        """A request that ended so long ago that all of it is known."""
        now = now_ms()
        calls = self.shop.requests(ORDERS_PROD.api_id, ORDERS_PROD.name, now - 8 * MINUTE, now - 3 * MINUTE)
        return next(call for call in calls if wanted(call))

    def show(self, call: Call, form: str) -> tuple[str, str]:
        """What `show` prints on stdout and on stderr."""
        options = ("--endpoint-url", self.server.url, "--region", "eu-west-1", "-o", form)
        assert main(["show", call.request_id, "orders/prod", *options]) == 0
        printed = self._capsys.readouterr()
        return printed.out, printed.err


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    shop = Shop()
    with EmulatorServer(shop, shop, clock=now_ms, traces=shop) as server:
        yield Desk(shop, server, capsys)


def is_traced(call: Call) -> bool:
    return call.is_sampled and call.run is not None


def test_json_text_and_markdown_tell_the_segments(desk: Desk) -> None:
    call = desk.settled(is_traced)
    story: dict[str, Any] = json.loads(desk.show(call, "json")[0])
    segments = story["segments"]
    assert {each["origin"] for each in segments} >= {"AWS::ApiGateway::Stage", "AWS::Lambda", "AWS::Lambda::Function"}
    assert (segments[0]["name"], segments[0]["start_ms"], segments[0]["duration_ms"]) == (
        "orders/prod",
        0,
        call.latency_ms,
    )
    text, _ = desk.show(call, "text")
    assert f"  X-Ray trace {call.trace_id}\n    orders/prod" in text
    assert text.count(f"trace {call.trace_id}") == 1
    assert "console.aws" not in text  # this endpoint's traces are in no console
    markdown, _ = desk.show(call, "markdown")
    assert "| orders/prod | AWS::ApiGateway::Stage | +0 ms |" in markdown


def test_without_permission_the_story_is_printed_and_the_action_named(desk: Desk) -> None:
    call = desk.settled(is_traced)
    denied = Fault(access_denied("BatchGetTraces", service="xray", status=403), ("BatchGetTraces",))
    with desk.server.conditions.during(denied):
        out, err = desk.show(call, "json")
    story = json.loads(out)
    assert story["segments"] is None
    assert story["lines"]
    assert "the default profile in eu-west-1 is not allowed xray:BatchGetTraces" in err
    assert desk.server.calls["BatchGetTraces"] == 1


def test_a_request_that_was_not_sampled_is_said_to_be_so_and_not_asked_for(desk: Desk) -> None:
    call = desk.settled(lambda call: not call.is_sampled and call.run is not None and call.run.end == "success")
    out, err = desk.show(call, "text")
    assert NOT_SAMPLED in out
    assert NOT_SAMPLED in err
    assert desk.server.calls["BatchGetTraces"] == 0
