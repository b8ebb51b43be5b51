"""The whole explorer, driven by keys against the embedded endpoint over real HTTP, on a clock that the test sets."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from textual.pilot import Pilot

from apigw_tui.config import Config
from apigw_tui.emulator.faults import Breakage, Fault
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.traffic import Shop
from apigw_tui.emulator.wire import Response, ServiceError
from apigw_tui.tui.app import Explorer
from tests.aws_user import with_keys
from tests.tui.screens import screen_becomes, screen_text, until

NOW: Final = 1_773_146_771_000  # 2026-03-10 12:46:11 UTC: a backend hangs while a customer is throttled
TERMINAL: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "SSH_TTY": "/dev/pts/0"}
WITHOUT_CLIPBOARD: Final = {"TERM": "unknown", "SSH_TTY": "/dev/pts/0"}
WIDE, USUAL, SMALL = (160, 45), (120, 36), (80, 24)
OUR_THREADS: Final = ("engine", "tail", "reader-", "story", "seek")


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@dataclass(frozen=True)
class Endpoint:
    """The shop on loopback, its clock, and an explorer's config for it."""

    server: EmulatorServer
    clock: SetClock
    config: Config


@pytest.fixture(scope="module")
def shop() -> Shop:
    """What the tests have in common: traffic is drawn once."""
    return Shop(epoch=NOW)


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user without AWS files, with keys in the environment."""
    with_keys(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def endpoint(shop: Shop) -> Iterator[Endpoint]:
    clock = SetClock()
    with EmulatorServer(shop, shop, clock=clock) as server:
        config = Config(endpoint_url=server.url, region="eu-west-1", tz="utc", since="5m")
        yield Endpoint(server, clock, config)


class Driven:
    """An explorer that runs, and its keyboard."""

    def __init__(self, app: Explorer, pilot: Pilot[Any], clock: SetClock) -> None:
        self.app = app
        self.clock = clock
        self.pilot = pilot

    @property
    def text(self) -> str:
        return screen_text(self.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        await self.pilot.press(*("space" if char == " " else char for char in text))

    async def until(self, condition: Callable[[], object]) -> None:
        await until(self.pilot, condition)

    async def sees(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text for text in texts))

    async def has_read(self) -> None:
        """All that there is at this time."""
        await self.until(self._is_read)

    async def passes(self, seconds: int) -> None:
        """Let time pass, and the tail read what came meanwhile."""
        self.clock.now += seconds * 1000
        await self.until(lambda: self.app.main.picture is not None and self.app.main.picture.now == self.clock.now)

    def _is_read(self) -> bool:
        picture = self.app.main.picture
        return (
            picture is not None and not picture.reading and picture.completeness is not None and len(picture.view) > 0
        )


@asynccontextmanager
async def explorer(
    config: Config,
    *targets: str,
    clock: SetClock | None = None,
    size: tuple[int, int] = WIDE,
    environ: dict[str, str] = TERMINAL,
) -> AsyncIterator[Driven]:
    clock = clock or SetClock()
    app = Explorer(config, targets, environ=environ, clock=clock)
    async with app.run_test(size=size) as pilot:
        yield Driven(app, pilot, clock)


@asynccontextmanager
async def watching(endpoint: Endpoint, size: tuple[int, int] = WIDE) -> AsyncIterator[Driven]:
    """An explorer that has read `orders/prod`."""
    async with explorer(endpoint.config, "orders/prod", clock=endpoint.clock, size=size) as shown:
        await shown.has_read()
        yield shown


async def test_from_the_picker_to_why_a_request_failed_and_its_id_in_the_clipboard(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, clock=endpoint.clock) as shown:
        await shown.sees("Pick a stage to watch", "partner-gateway", "storefront", "read in")
        await shown.press("enter")
        await shown.has_read()
        await shown.sees("orders/prod", "LIVE", "integration timeout")
        await shown.press("E", "enter")
        await shown.sees("Integration timed out", "Next", "← evidence", "complete")
        row = shown.app.main.selected_row()
        assert row is not None
        await shown.press("c")
        await shown.sees(f"copied {row['request_id']}", "OSC 52")


async def test_a_terminal_without_clipboard_gets_the_id_in_a_file(endpoint: Endpoint, tmp_path: Path) -> None:
    async with explorer(endpoint.config, "orders/prod", clock=endpoint.clock, environ=WITHOUT_CLIPBOARD) as shown:
        await shown.has_read()
        await shown.press("E", "c")
        await shown.sees("to the file")
        row = shown.app.main.selected_row()
        assert row is not None
        files = tmp_path.rglob("copied.txt")
        assert [path.read_text(encoding="utf-8") for path in files] == [row["request_id"]]


async def test_a_wrong_query_is_told_in_place_and_the_old_view_stays(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        every = shown.app.main.picture
        assert every is not None
        await shown.press("/")
        await shown.type("status>=many")
        await shown.sees("col 9: a number or a class such as 5xx was expected", "status>=many")
        await shown.press("enter")
        await shown.sees("col 9: a number or a class such as 5xx was expected", "status>=many")
        assert shown.app.main.session is not None
        assert shown.app.main.session.query == ""
        await shown.press(*["backspace"] * 4)
        await shown.type("500 method:POST")
        await shown.press("enter")
        await shown.until(
            lambda: shown.app.main.picture is not None and 0 < len(shown.app.main.picture.view) < len(every.view)
        )
        await shown.sees(" of ", "status>=500", "method:POST")
        await shown.press("[")
        await shown.sees("all requests")


async def test_a_query_without_a_match_says_so_and_the_list_has_the_keys_again_after_it(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("/")
        await shown.type("route:/nowhere")
        await shown.press("enter")
        await shown.sees("route:/nowhere")
        await shown.until(lambda: shown.app.main.has_class("-empty"))
        await shown.press("[")
        await shown.until(lambda: not shown.app.main.has_class("-empty"))
        await shown.press("E", "enter")
        await shown.sees("← evidence")


async def test_new_rows_are_followed_until_the_cursor_is_moved_and_counted_after_that(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = shown.app.main._list
        read = rows.row_count
        await shown.passes(4)
        await shown.until(lambda: rows.row_count > read and rows.cursor == rows.row_count - 1)
        assert "new ↓" not in shown.text
        await shown.press("k", "k")
        held = rows.cursor_row
        await shown.passes(4)
        await shown.sees("new ↓")
        assert held is not None
        assert rows.cursor_row is not None
        assert rows.cursor_row["key"] == held["key"]
        await shown.press("G")
        await shown.until(lambda: rows.following and "new ↓" not in shown.text)


async def test_a_pause_holds_the_picture_and_resuming_catches_up(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = shown.app.main._list
        await shown.press("space")
        await shown.sees("‖ PAUSED")
        read = rows.row_count
        endpoint.clock.now += 4_000
        calls = endpoint.server.calls["FilterLogEvents"]
        await shown.until(lambda: endpoint.server.calls["FilterLogEvents"] > calls)
        assert rows.row_count == read
        await shown.press("space")
        await shown.until(lambda: rows.row_count > read)
        await shown.sees("● LIVE")


async def test_v_shows_events_and_requests_again(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.sees("LATENCY", "REQUEST ID")
        await shown.press("v")
        await shown.until(lambda: "LATENCY" not in shown.text)
        await shown.press("v")
        await shown.sees("LATENCY", "REQUEST ID")


async def test_the_number_keys_choose_how_far_to_look_back(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        before = shown.app.main.picture
        assert before is not None
        await shown.press("1")
        await shown.until(lambda: shown.app.main.session is not None and shown.app.main.session.since == "1m")
        await shown.has_read()
        await shown.sees("last 1 min")
        now = shown.app.main.picture
        assert now is not None
        assert 0 < len(now.view) < len(before.view)


async def test_without_credentials_the_first_screen_says_so_and_d_opens_the_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    async with explorer(Config(region="eu-west-1", tz="utc")) as shown:
        await shown.sees("open the demo", "No profile is configured", "redentials")
        await shown.press("d")
        await shown.sees("Pick a stage to watch", "DEMO", "partner-gateway", "read in")
        await shown.press("enter")
        await shown.has_read()
        await shown.sees("DEMO", "orders/prod")


async def test_a_broken_aws_file_is_one_sentence_on_the_first_screen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (tmp_path / "config").write_text("[profile shop\nregion", encoding="utf-8")
    async with explorer(Config(region="eu-west-1", tz="utc")) as shown:
        await shown.sees(str(tmp_path)[:20], "open the demo", "No profile is configured")


async def test_a_target_that_does_not_exist_is_one_sentence_with_the_nearest_names(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, "orders/prd", clock=endpoint.clock) as shown:
        await shown.sees("The API orders has no stage prd. Did you mean orders/prod?", "partner-gateway")


async def test_an_expired_sign_in_keeps_the_rows_and_heals(endpoint: Endpoint) -> None:
    def expire(_: str) -> Response | None:
        raise ServiceError("ExpiredTokenException", "The security token included in the request is expired")

    async with watching(endpoint) as shown:
        rows = shown.app.main._list
        read = rows.row_count
        endpoint.server.before = expire
        await shown.passes(3)
        await shown.sees("expired", "WAITING")
        assert rows.row_count >= read
        await shown.press("E", "enter")
        await shown.sees("504")
        endpoint.server.before = None
        await shown.passes(40)
        await shown.sees("● LIVE", "gaps 0")
        await shown.until(lambda: rows.row_count > read)
        assert "WAITING" not in shown.text


@pytest.mark.parametrize("size", [USUAL, SMALL], ids=["120x36", "80x24"])
async def test_the_list_of_the_demo_looks_as_agreed(size: tuple[int, int]) -> None:
    name = f"app-{size[0]}x{size[1]}"
    async with explorer(Config(demo=True, tz="utc"), "orders/prod", size=size) as shown:
        await shown.has_read()
        await shown.press("E", "E")
        await shown.sees("12:45:3")
        await shown.until(lambda: size == SMALL or "more functions" in shown.text)
        await settle(shown)
        await screen_becomes(shown.pilot, name)
        await shown.press("enter")
        await shown.sees("← evidence", "complete")
        await settle(shown)
        await screen_becomes(shown.pilot, f"{name}-story")


async def test_nothing_goes_on_after_the_explorer_has_ended(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("E", "enter")
    running = [thread for thread in threading.enumerate() if thread.name.startswith(OUR_THREADS)]
    for thread in running:
        thread.join(30)
    assert not [thread.name for thread in running if thread.is_alive()]


async def settle(shown: Driven) -> None:
    """Until the screen stands still: the clock does."""
    seen: list[str] = []

    def stands_still() -> bool:
        seen.append(shown.text)
        return len(seen) > _STILL and len(set(seen[-_STILL:])) == 1

    await shown.until(stands_still)


_STILL: Final = 25


async def test_l_opens_and_closes_live_tail_and_says_what_it_costs(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("L")
        await shown.sees("$0.01 a minute", "L closes it")
        endpoint.clock.now += 3_000
        await shown.until(lambda: endpoint.server.live_tail.open_count == 1)
        await shown.sees("live tail 1 min")
        await shown.press("space")
        await shown.until(lambda: endpoint.server.live_tail.open_count == 0)
        await shown.press("space")
        await shown.until(lambda: endpoint.server.live_tail.open_count == 1)
        await shown.press("L")
        await shown.until(lambda: endpoint.server.live_tail.open_count == 0)
        await shown.until(lambda: "live tail" not in shown.text)


async def test_live_tail_can_be_asked_for_at_the_start(endpoint: Endpoint) -> None:
    config = replace(endpoint.config, live_tail=True)
    async with explorer(config, "orders/prod", clock=endpoint.clock) as shown:
        await shown.sees("$0.01 a minute", "live tail 1 min")


async def test_above_the_oldest_row_more_is_read_and_the_cursor_stays_on_its_row(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = shown.app.main._list
        await shown.press("g")
        oldest, before = rows.cursor_row, rows.row_count
        await shown.press("k")
        await shown.sees("Reading back to")
        await shown.until(lambda: rows.row_count > before + 10)
        await shown.has_read()
        assert oldest is not None
        assert rows.cursor_row is not None
        assert rows.cursor_row["key"] == oldest["key"]
        assert rows.cursor > 10
        assert shown.app.main.session is not None
        assert shown.app.main.session.since == "10m"


async def test_esc_stops_reading_and_says_how_far_it_came(endpoint: Endpoint) -> None:
    stalled = Fault(Breakage.STALL, ("FilterLogEvents",), after_calls=3)
    async with watching(endpoint) as shown:
        conditions = endpoint.server.conditions
        conditions.add(stalled)
        await shown.press("6")
        await shown.until(lambda: shown.app.main.picture is not None and shown.app.main.picture.session.since == "3h")
        await shown.press("escape")
        await shown.sees("Stopped: read")
        await shown.until(lambda: shown.app.main.picture is not None and not shown.app.main.picture.reading)
        await shown.sees("read back to")
        assert shown.app.main.picture is not None
        assert shown.app.main.picture.following
        conditions.remove(stalled)
        while "read back to" in shown.text:  # the tail may bring rows above the first one between two keys
            await shown.press("g", "g")
        await shown.has_read()
