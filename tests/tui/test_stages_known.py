"""Stages in the explorer: known from an earlier run, read behind, refused, and of another account; over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest
from textual.pilot import Pilot

from apigw_tui.config import Config
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.traffic import Shop
from apigw_tui.emulator.wire import Response, ServiceError
from apigw_tui.headless.opening import settings_of
from apigw_tui.sources.discovery import find_stages
from apigw_tui.sources.session import Aws
from apigw_tui.sources.stage_cache import StageCache
from apigw_tui.tui.app import Explorer
from apigw_tui.tui.stage_tree import StageNode
from apigw_tui.tui.stages_screen import StagesScreen
from tests.aws_user import with_keys
from tests.tui.screens import screen_text, until

NOW: Final = 1_773_146_771_000
HOUR_MS: Final = 3_600_000
CONTROL: Final = ("GetRestApis", "GetApis", "GetStages", "GetV2Stages")


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_keys(monkeypatch, tmp_path)
    (tmp_path / "config").write_text(
        "[profile lost]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
        "[sso-session corp]\nsso_start_url = https://corp.example.com/start\nsso_region = eu-west-1\n",
        encoding="utf-8",
    )


class Gate:
    """Lets operations wait until it is opened, or refuses them."""

    def __init__(self) -> None:
        self.opened = Event()
        self.opened.set()
        self.denied: frozenset[str] = frozenset()

    def __call__(self, operation: str) -> Response | None:
        if operation in CONTROL:
            self.opened.wait()
        if operation in self.denied:
            raise ServiceError("AccessDeniedException", f"{operation} is not for you", status=403)
        return None


class Served:
    """The shop on loopback with a gate before it."""

    def __init__(self, server: EmulatorServer, gate: Gate) -> None:
        self.server = server
        self.gate = gate
        self.config = Config(endpoint_url=server.url, region="eu-west-1", tz="utc", since="1m")

    @property
    def cache(self) -> StageCache:
        return StageCache.of(settings_of(self.config))

    def keep_stages(self, *, hours_ago: int) -> None:
        """As an earlier run read them."""
        at = NOW - hours_ago * HOUR_MS
        self.cache.save(find_stages(Aws(settings_of(self.config)), clock=lambda: at))


@pytest.fixture
def served() -> Iterator[Served]:
    gate, shop = Gate(), Shop(epoch=NOW)
    with EmulatorServer(shop, shop, clock=lambda: NOW, before=gate) as server:
        yield Served(server, gate)
        gate.opened.set()


class Watched:
    """An explorer that runs."""

    def __init__(self, app: Explorer, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def picker(self) -> StagesScreen:
        assert isinstance(self.app.screen, StagesScreen)
        return self.app.screen

    @property
    def groups(self) -> tuple[str, ...]:
        """What is being read."""
        source = self.app.main.source
        return source.groups if source else ()

    @property
    def has_rows(self) -> bool:
        picture = self.app.main.picture
        return picture is not None and len(picture.view) > 0

    @property
    def rows(self) -> list[str]:
        return screen_text(self.app).splitlines()

    async def sees(self, *texts: str) -> None:
        await self.until(lambda: all(text in screen_text(self.app) for text in texts))

    async def until(self, condition: Callable[[], object]) -> None:
        await until(self.pilot, condition)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)


@asynccontextmanager
async def explorer(config: Config, *targets: str) -> AsyncIterator[Watched]:
    app = Explorer(config, targets, environ={"TERM": "xterm-256color"}, clock=lambda: NOW)
    async with app.run_test(size=(120, 36)) as pilot:
        yield Watched(app, pilot)


async def test_known_stages_are_shown_with_their_age_before_aws_answers_and_replaced_in_place(served: Served) -> None:
    served.keep_stages(hours_ago=3)
    served.gate.opened.clear()
    async with explorer(served.config) as shown:
        await shown.sees("4 APIs, 7 stages and 10 log groups as of 3 h ago, refreshing", "storefront")
        await shown.press("j", "j", "j")
        before = shown.picker.node
        served.gate.opened.set()
        await shown.sees("7 stages and 10 log groups, read in")
        after = shown.picker.node
    assert isinstance(before, StageNode)
    assert isinstance(after, StageNode)
    assert before.stage.title == after.stage.title == "partner-gateway/v1"


async def test_what_was_read_is_there_for_the_next_run(served: Served) -> None:
    async with explorer(served.config) as shown:
        await shown.sees("read in", "partner-gateway")
        await shown.until(lambda: served.cache.load() is not None)
    kept = served.cache.load()
    assert kept is not None
    assert len(kept.stages) == 7


async def test_the_demo_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    async with explorer(Config(demo=True, tz="utc")) as shown:
        await shown.sees("read in", "partner-gateway")
    assert not (tmp_path / "cache" / "apigw-tui" / "stages").exists()


async def test_a_known_stage_opens_before_api_gateway_answers(served: Served) -> None:
    served.keep_stages(hours_ago=3)
    served.gate.opened.clear()
    async with explorer(served.config, "orders/prod") as shown:
        await shown.until(lambda: shown.groups == ("/aws/apigateway/orders-prod-access",))


async def test_a_stage_that_logs_elsewhere_by_now_is_opened_anew_and_that_is_said(served: Served) -> None:
    served.keep_stages(hours_ago=3)
    kept = served.cache.load()
    assert kept is not None
    orders = kept.stages[0]
    assert orders.access is not None
    old = replace(orders, access=replace(orders.access, log_group="/old/access", destination="arn:aws:logs:::/old"))
    served.cache.save(replace(kept, stages=(old, *kept.stages[1:])))
    served.gate.opened.clear()
    async with explorer(served.config, "orders/prod") as shown:
        await shown.until(lambda: shown.groups == ("/old/access",))
        served.gate.opened.set()
        await shown.sees("orders/prod: the log settings have changed, opened anew.")
        await shown.until(lambda: shown.groups == ("/aws/apigateway/orders-prod-access",))


async def test_without_permission_for_api_gateway_a_group_is_found_by_name_and_opened(served: Served) -> None:
    served.gate.denied = frozenset(CONTROL)
    async with explorer(served.config) as shown:
        await shown.sees("! Could not list the REST APIs", "0 APIs, 0 stages", "Log groups")
        await shown.press("/", *"orders-prod-access")
        await shown.sees("▌     /aws/apigateway/orders-prod-access")
        await shown.press("enter")
        await shown.until(lambda: shown.has_rows)


async def test_a_group_of_a_linked_account_is_found_with_its_number_and_opened_by_its_arn(served: Served) -> None:
    async with explorer(served.config) as shown:
        await shown.sees("read in")
        await shown.press("/", *"loyalty")
        await shown.sees("/aws/apigateway/loyalty-prod-access  account 210987654321")
        await shown.press("enter")
        await shown.until(lambda: shown.has_rows)
        assert shown.app.main.session is not None
        assert shown.app.main.session.targets[0].startswith("arn:aws:logs:eu-west-1:210987654321:")


async def test_a_group_that_cannot_be_read_says_so_in_the_list_and_when_opened(served: Served) -> None:
    async with explorer(served.config) as shown:
        await shown.sees("read in")
        await shown.press("/", *"audit")
        await shown.sees("/audit/orders  ! Infrequent Access", "which only Logs Insights reads", "of class Standard")
        await shown.press("enter")
        await shown.sees("! The log group /audit/orders is of class Infrequent Access")
        assert shown.app.main.source is None


async def test_a_stage_whose_access_log_cannot_be_read_opens_by_its_execution_log_and_says_so(served: Served) -> None:
    async with explorer(served.config, "partner-gateway/v1") as shown:
        await shown.sees("The access log of partner-gateway/v1 goes to Firehose: its execution log is read instead.")
        assert shown.groups == ("API-Gateway-Execution-Logs_p9q8r7s6t5/v1",)


async def test_a_profile_that_cannot_be_read_says_why_and_what_is_open_stays(served: Served) -> None:
    async with explorer(served.config, "orders/prod") as shown:
        await shown.until(lambda: shown.has_rows)
        await shown.press("P")
        await shown.sees("lost")
        await shown.press(*"lost", "enter")
        await shown.sees("Profile lost is not logged in", "orders/prod", "aws sso login")
        assert shown.app.screen is shown.app.main
        assert shown.app.config.profile is None
        assert shown.has_rows


async def test_the_last_event_of_what_is_in_view_is_told_as_not_later_than(served: Served) -> None:
    async with explorer(served.config) as shown:
        await shown.until(lambda: any("INFO + data trace" in row and "≤" in row for row in shown.rows))
        await shown.until(lambda: any("ERROR" in row and "≤" in row for row in shown.rows))
        assert not any("off" in row and "≤" in row for row in shown.rows)
