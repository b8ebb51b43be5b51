"""Keys that expire in the middle of a tail: told, rows kept, new keys read by themselves, the gap healed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apigw_tui.config import Config
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.wire import ServiceError
from tests.sources.recorded_account import RecordedAccount
from tests.sources.test_login import keys
from tests.tui.test_app import NOW, Endpoint, SetClock, explorer
from tests.tui.test_late_rows import GROUP, SECOND, entry

SIZES = [(160, 45), (120, 36), (80, 24)]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Endpoint]:
    """A request every second, for a user with keys that a tool writes to a file."""
    for name in ("PROFILE", "DEFAULT_PROFILE", "REGION", "DEFAULT_REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    (tmp_path / "config").write_text("[profile shop]\nregion = eu-west-1\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    keys(tmp_path, "ASIAOLD")
    account, clock = RecordedAccount(), SetClock()
    for number in range(500):
        stamp = NOW + (number - 60) * SECOND
        status, latency = (504, 29_010) if number % 9 == 4 else (200, 31)
        account.log(GROUP, stamp, entry(number, stamp, status=status, latency=latency), lag=2 * SECOND)
    with EmulatorServer(account, account, clock=clock) as server:
        yield Endpoint(server, clock, Config(endpoint_url=server.url, profile="shop", tz="utc", since="1m"))


@pytest.mark.parametrize("size", SIZES, ids=["160x45", "120x36", "80x24"])
async def test_expired_keys_are_told_and_new_ones_are_used_without_a_restart(
    endpoint: Endpoint, tmp_path: Path, size: tuple[int, int]
) -> None:
    server = endpoint.server

    def refuse_old(_: str) -> None:
        if server.caller == "ASIAOLD":
            raise ServiceError("ExpiredTokenException", "The security token included in the request is expired")

    async with explorer(endpoint.config, GROUP, clock=endpoint.clock, size=size) as shown:
        await shown.has_read()
        rows = shown.app.main._list
        read = rows.row_count
        await shown.press("k", "k")
        held = rows.cursor_row
        server.before = refuse_old
        await shown.passes(30)
        await shown.sees("The credentials of profile shop have", "WAITING", "aws sso login --profile shop")
        await shown.passes(60)
        await shown.until(lambda: rows.row_count == read + 1)
        assert held is not None
        assert rows.cursor_row is not None
        assert rows.cursor_row["key"] == held["key"]
        await shown.press("G")
        await shown.sees("╌ gap 12:46:", "░", "not read")
        await shown.press("e", "E", "j", "k")
        assert rows.cursor_row is not None
        assert "gap" not in rows.cursor_row
        await shown.press("enter")
        await shown.until(lambda: shown.app.main.opened_story is not None)
        await shown.press("escape")
        keys(tmp_path, "ASIANEW")
        await shown.passes(40)
        await shown.until(lambda: "WAITING" not in shown.text and "╌" not in shown.text)
        await shown.sees("● LIVE")
        assert server.caller == "ASIANEW"
        await shown.until(lambda: rows.row_count >= read + 120)
