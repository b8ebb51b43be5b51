"""MFA in the explorer: asked in a modal, once, and never on the terminal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from apigw_tui.config import Config
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.traffic import Shop
from apigw_tui.emulator.wire import ServiceError
from apigw_tui.sources.mfa import MfaQuestion
from apigw_tui.tui.mfa_screen import MfaScreen, PendingCode
from tests.aws_user import SERIAL, with_mfa
from tests.tui.pane_app import PaneApp
from tests.tui.screens import assert_screen, screen_text, until
from tests.tui.test_app import NOW, Endpoint, SetClock, explorer

QUESTION = MfaQuestion("shop", SERIAL)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Endpoint]:
    """The shop for a user whose profile assumes a role with MFA."""
    with_mfa(monkeypatch, tmp_path)
    shop, clock = Shop(epoch=NOW), SetClock()
    with EmulatorServer(shop, shop, clock=clock) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        config = Config(endpoint_url=server.url, profile="shop", region="eu-west-1", tz="utc", since="2m")
        yield Endpoint(server, clock, config)


async def test_the_code_is_asked_for_on_screen_once_and_the_stage_opens(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, "orders/prod", clock=endpoint.clock) as shown:
        await shown.sees("MFA code", "profile shop", SERIAL, "6 more digits")
        await shown.press("1", "2", "x", "3", "enter", "4", "5")
        await shown.sees("12345", "1 more digit")
        await shown.press("6")
        await shown.sees("enter sends it")
        await shown.press("enter")
        await shown.has_read()
        await shown.sees("orders/prod", "LIVE")
        assert [(role.serial, role.code) for role in endpoint.server.roles] == [(SERIAL, "123456")]
        assert endpoint.server.caller == endpoint.server.roles[0].access_key_id


async def test_without_a_code_it_is_a_sentence_and_asked_again_when_the_user_comes_back(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, "orders/prod", clock=endpoint.clock) as shown:
        await shown.sees("MFA code", SERIAL)
        await shown.press("escape")
        await shown.until(lambda: not isinstance(shown.app.screen, MfaScreen))
        await shown.sees("MFA")
        assert endpoint.server.roles == []
        shown.app.open_targets(["orders/prod"])
        await shown.sees("MFA code", "six digits")
        await shown.type("654321")
        await shown.press("enter")
        await shown.has_read()
        assert [role.code for role in endpoint.server.roles] == ["654321"]


async def test_an_expired_role_session_is_asked_for_anew_while_the_rows_stay_and_its_gap_heals(
    endpoint: Endpoint,
) -> None:
    async with explorer(endpoint.config, "orders/prod", clock=endpoint.clock) as shown:
        await shown.sees("MFA code")
        await shown.type("123456")
        await shown.press("enter")
        await shown.has_read()
        rows = shown.app.main._list
        read, old = rows.row_count, endpoint.server.roles[0].access_key_id

        def expire_old(_: str) -> None:
            if endpoint.server.caller == old:
                raise ServiceError("ExpiredTokenException", "The security token included in the request is expired")

        endpoint.server.before = expire_old
        await shown.passes(3)
        await shown.until(lambda: "MFA code" in shown.text or "expired" in shown.text)
        await shown.passes(5)
        await shown.sees("MFA code", SERIAL)
        assert rows.row_count >= read
        await shown.type("222222")
        await shown.press("enter")
        await shown.until(lambda: len(endpoint.server.roles) == 2)
        await shown.passes(40)
        await shown.sees("● LIVE", "gaps 0")
        assert [role.code for role in endpoint.server.roles] == ["123456", "222222"]


async def test_the_screen_of_the_question() -> None:
    pending = PendingCode(MfaQuestion("shop", SERIAL, again=True))
    app = PaneApp(screen=MfaScreen(pending))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("1", "2")
        await until(pilot, lambda: "4 more digits" in screen_text(app))
        assert_screen(app, "mfa-80x24")


async def test_a_question_that_nobody_waits_for_any_more_goes_away() -> None:
    pending = PendingCode(QUESTION)
    app = PaneApp(screen=MfaScreen(pending))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MfaScreen))
        assert pending.wait(0) is None
        await until(pilot, lambda: not isinstance(app.screen, MfaScreen))


async def test_whoever_waits_is_told_when_the_screen_is_taken_away() -> None:
    pending = PendingCode(QUESTION)
    waits = threading.Thread(target=pending.wait, args=(60,))
    app = PaneApp(screen=MfaScreen(pending))
    async with app.run_test(size=(80, 24)) as pilot:
        waits.start()
        await until(pilot, lambda: isinstance(app.screen, MfaScreen))
        app.pop_screen()
        await until(pilot, lambda: pending.is_over)
    waits.join(30)
    assert not waits.is_alive()
