"""Functions in the explorer: which ones a stage has, and their lines in a story; over real HTTP, on a set clock."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from textual.pilot import Pilot

from apigw_tui.config import Config
from apigw_tui.emulator.calls import Call
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.stages import ORDERS_ID
from apigw_tui.emulator.traffic import Shop
from apigw_tui.emulator.wire import Response, ServiceError
from apigw_tui.tui.app import Explorer
from apigw_tui.tui.stage_tree import Offer, opened_stages
from apigw_tui.tui.story_phases import facts
from tests.aws_user import with_keys
from tests.tui.screens import screen_text, until
from tests.tui.stage_samples import OFFER, ORDERS_PROD, STAGES
from tests.tui.story_samples import FUNCTION_GROUP, timeout_story

NOW: Final = 1_773_146_771_000
AUTHORIZER_CALL: Final = "c0ffee00-9d3e-4b18-8c55-7e2a90b1d6f4"
FUNCTION_CALL: Final = "41f0a7c2-9d3e-4b18-8c55-7e2a90b1d6f4"


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_keys(monkeypatch, tmp_path)


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


class Watched:
    """The shop's `orders/prod` in an explorer."""

    def __init__(self, app: Explorer, pilot: Pilot[Any], server: EmulatorServer) -> None:
        self.app = app
        self.server = server
        self.pilot = pilot

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def story_lines(self) -> list[tuple[str | None, str]]:
        """Line kind and message of the open story's function lines."""
        story = self.app.main.opened_story
        return [(line.line_kind, line.message) for line in story.lines if line.kind == "lambda"] if story else []

    async def until(self, condition: Callable[[], object]) -> None:
        await until(self.pilot, condition)


@asynccontextmanager
async def watching(
    shop: Shop, clock: SetClock, *, before: Callable[[str], Response | None] | None = None
) -> AsyncIterator[Watched]:
    with EmulatorServer(shop, shop, clock=clock, before=before) as server:
        config = Config(endpoint_url=server.url, region="eu-west-1", tz="utc", since="2m")
        app = Explorer(config, ("orders/prod",), environ={"TERM": "xterm-256color"}, clock=clock)
        async with app.run_test(size=(160, 45)) as pilot:
            yield Watched(app, pilot, server)


async def test_the_opened_stage_names_its_functions_and_no_other_api_is_asked() -> None:
    async with watching(Shop(epoch=NOW), SetClock()) as shown:
        await shown.until(lambda: "2 more functions" in shown.text)
        assert "L  orders-write" in shown.text
        rows = shown.text.splitlines()
        assert any(re.search("● prod +A E L X", row) for row in rows)
        assert sum(" A E L X" in row for row in rows) == 1
        calls = dict(shown.server.calls)
    assert (calls["GetResources"], calls["GetAuthorizers"]) == (1, 1)
    assert "GetRoutes" not in calls


async def test_without_permission_the_stage_says_that_no_function_was_seen() -> None:
    asked: list[str] = []

    def deny(operation: str) -> None:
        if operation in ("GetResources", "GetAuthorizers"):
            asked.append(operation)
            raise ServiceError("AccessDeniedException", "not for you", status=403)

    async with watching(Shop(epoch=NOW), SetClock(), before=deny) as shown:
        await shown.until(lambda: asked and "no function seen" in shown.text)
        await shown.until(lambda: shown.app.main.picture is not None)
        assert "not for you" not in shown.text


def waiting(shop: Shop) -> Call:
    """A request whose function goes on for a while after API Gateway gave it up."""
    calls = shop.requests(ORDERS_ID, "prod", NOW - 90_000, NOW - 40_000)
    return next(
        call
        for call in calls
        if call.outcome.name == "hung" and call.run is not None and call.run.ended_at > call.ended_at + 12_000
    )


async def test_a_function_that_still_runs_is_read_again_until_it_reports() -> None:
    shop, clock = Shop(scenario="slow-backend", epoch=NOW), SetClock()
    call = waiting(shop)
    assert call.run is not None
    run = call.run
    clock.now = call.ended_at + 10_000
    async with watching(shop, clock) as shown:
        await shown.until(lambda: shown.app.main.picture is not None and not shown.app.main.picture.reading)
        shown.app.engine.find(call.request_id)
        started = f"START RequestId: {run.request_id}"
        await shown.until(lambda: any(started in message for _, message in shown.story_lines))
        assert not any(kind == "lambda_report" and run.request_id in message for kind, message in shown.story_lines)
        clock.now = run.ended_at + 40_000
        await shown.until(
            lambda: any(kind == "lambda_report" and run.request_id in message for kind, message in shown.story_lines)
        )
        assert shown.app.main.opened_story.request["integration"]["function"] == "orders-write"


def test_targets_name_stages_one_by_one_or_by_their_api() -> None:
    assert opened_stages(OFFER, (ORDERS_PROD.title,)) == (ORDERS_PROD,)
    assert opened_stages(OFFER, (ORDERS_PROD.scope,)) == (ORDERS_PROD,)
    of_api = tuple(stage for stage in STAGES if stage.api_name == ORDERS_PROD.api_name)
    assert opened_stages(OFFER, (ORDERS_PROD.api_name,)) == of_api
    assert opened_stages(OFFER, ("access.log",)) == opened_stages(Offer(), ("orders",)) == ()


def test_the_version_beside_a_function_is_its_own_not_the_authorizers() -> None:
    story = timeout_story(
        data_trace=True,
        extra=(
            (3, "/aws/lambda/orders-authorizer", f"START RequestId: {AUTHORIZER_CALL} Version: 9\n"),
            (50, FUNCTION_GROUP, f"START RequestId: {FUNCTION_CALL} Version: 31\n"),
        ),
    )
    assert ("function", "orders-write", "version 31") in facts(story)
