"""The explorer goes on where it was: views, queries, marks with notes and pasted commands, driven by keys."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from apigw_tui.sources.saved_queries import saved_queries
from apigw_tui.sources.state_place import state_root
from apigw_tui.tui.app import Explorer
from apigw_tui.tui.launch import start_of
from apigw_tui.tui.marks import Mark
from apigw_tui.tui.remembering import Memory, MemoryFile
from apigw_tui.tui.text_prompt import TextPrompt
from tests.tui.test_app import SMALL, TERMINAL, WIDE, Driven, Endpoint, endpoint, explorer, shop, user, watching

__all__ = ["endpoint", "shop", "user"]


@asynccontextmanager
async def run(
    endpoint: Endpoint, *targets: str, size: tuple[int, int] = WIDE, fresh: bool = False
) -> AsyncIterator[Driven]:
    """The explorer as `launch` starts it: it remembers."""
    typed = {"fresh": True} if fresh else {}
    # As typed flags: so that the command of the view names the endpoint again.
    origins = {"endpoint_url": "flag", "region": "flag", "tz": "flag"}
    config = replace(endpoint.config, origins=origins)
    start = start_of(config, targets, typed, {})
    opened = start.session.targets if start.session else ()
    app = Explorer(start.config, opened, environ=TERMINAL, clock=endpoint.clock, start=start)
    async with app.run_test(size=size) as pilot:
        yield Driven(app, pilot, endpoint.clock)


def query(shown: Driven) -> str:
    session = shown.app.main.session
    return session.query if session else ""


async def enter(shown: Driven, text: str) -> None:
    await shown.press("slash", "ctrl+u")
    await shown.type(text)
    await shown.press("enter")


async def apply(shown: Driven, text: str) -> None:
    await enter(shown, text)
    await shown.until(lambda: query(shown) == text)


async def choose(shown: Driven, command: str) -> None:
    await shown.press("ctrl+p")
    await shown.sees("query: edit")
    await shown.type(command)
    await shown.sees(command)
    await shown.press("enter")


async def test_the_next_run_goes_on_where_this_one_ended(endpoint: Endpoint) -> None:
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        await apply(shown, "status:5xx")
        await shown.press("v")
        await shown.until(lambda: shown.app.main.session is not None and shown.app.main.session.mode == "events")
        left = shown.app.main.session
    async with run(endpoint) as shown:
        await shown.sees("Where you were: orders/prod with status:5xx. --fresh starts clean.")
        await shown.has_read()
        assert shown.app.main.session == left
        picture = shown.app.main.picture
        assert picture is not None
        assert picture.view.mode == "events"
        await shown.sees("LINE")
    async with run(endpoint, fresh=True) as shown:
        await shown.sees("Pick a stage to watch")


async def test_the_history_of_queries_outlives_a_restart(endpoint: Endpoint) -> None:
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        await apply(shown, "status:5xx")
        await apply(shown, "method:GET")
    async with run(endpoint, "orders/staging") as shown:
        await shown.has_read()
        assert query(shown) == ""
        await shown.press("left_square_bracket")
        await shown.until(lambda: query(shown) == "method:GET")
        await shown.press("left_square_bracket")
        await shown.until(lambda: query(shown) == "status:5xx")


async def test_marks_and_their_notes_outlive_a_restart_in_both_views(endpoint: Endpoint) -> None:
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        await shown.press("E", "m", "m")
        await shown.until(lambda: isinstance(shown.app.screen, TextPrompt))
        await shown.type("asked the team")
        await shown.press("enter", "v", "k", "m")
        await shown.until(lambda: len(shown.app.main.marks) == 2)
        marked = [mark.name for mark in shown.app.main.marks if mark.mode == "requests"]
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        assert [mark.note for mark in shown.app.main.marks if mark.note] == ["asked the team"]
        await shown.press("g", "u")
        await shown.sees("asked the team")
        row = shown.app.main.selected_row()
        assert row is not None
        assert [row["request_id"]] == marked
        await shown.press("v")
        await shown.until(lambda: not shown.app.main.marks.waiting)
        await shown.press("g", "u")
        await shown.until(lambda: (row := shown.app.main.selected_row()) is not None and row.get("marked"))


async def test_a_mark_goes_with_its_note_and_escape_changes_nothing(endpoint: Endpoint) -> None:
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        await shown.press("E", "m", "m")
        await shown.type("seen")
        await shown.press("escape")
        assert [mark.note for mark in shown.app.main.marks] == [""]
        await shown.press("m", "enter")
        await shown.until(lambda: not shown.app.main.marks)
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        assert not shown.app.main.marks


async def test_the_question_for_a_note_fits_a_small_screen(endpoint: Endpoint) -> None:
    async with watching(endpoint, size=SMALL) as shown:
        await shown.press("E", "m", "m")
        await shown.until(lambda: isinstance(shown.app.screen, TextPrompt))
        await shown.type("asked the team")
        await shown.sees("enter keeps the note", "esc leaves")


async def test_a_query_is_saved_by_name_opened_and_forgotten(endpoint: Endpoint) -> None:
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        await apply(shown, "status:5xx")
        await choose(shown, "query: save as")
        await shown.until(lambda: isinstance(shown.app.screen, TextPrompt))
        await shown.type("failing")
        await shown.press("enter")
        await shown.sees("Saved: -q @failing")
        assert saved_queries() == {"failing": "status:5xx"}
        await apply(shown, "method:GET")
        await enter(shown, "@failing")
        await shown.until(lambda: query(shown) == "status:5xx")
        await enter(shown, "@nothing")
        await shown.sees("No query is saved as 'nothing'. There are @failing.")
        await shown.press("escape")
        await choose(shown, "query: open failing")
        await shown.until(lambda: query(shown) == "status:5xx")
        await choose(shown, "query: forget failing")
        await shown.sees("The query failing is saved no longer.")
        assert saved_queries() == {}


async def paste(shown: Driven, command: str) -> None:
    await shown.press("ctrl+p")
    await shown.sees("query: edit")
    await shown.type(command)
    await shown.sees("view: open this command")
    await shown.press("enter")


async def test_a_pasted_command_opens_its_view_and_copies_as_itself(endpoint: Endpoint) -> None:
    url = endpoint.server.url
    async with run(endpoint, "orders/staging") as shown:
        await shown.has_read()
        command = (
            f"apigw-tui orders/prod --region eu-west-1 --endpoint-url {url} "
            "--since 10m -q status:5xx --view events --tz utc"
        )
        await paste(shown, command)
        await shown.until(lambda: query(shown) == "status:5xx")
        await shown.has_read()
        session = shown.app.main.session
        assert session is not None
        assert session.command() == command
        await shown.press("t")
        await shown.until(lambda: shown.app.main.session is not None and shown.app.main.session.tz == "utc")


async def test_a_pasted_command_can_name_another_region(endpoint: Endpoint) -> None:
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        there = f"apigw-tui orders/staging --region us-east-1 --endpoint-url {endpoint.server.url} --tz Europe/Berlin"
        await paste(shown, there)
        await shown.until(lambda: shown.app.config.region == "us-east-1")
        await shown.has_read()
        assert str(shown.app.main.zone) == "Europe/Berlin"
        session = shown.app.main.session
        assert session is not None
        assert shlex.split(session.command()) == shlex.split(there)


async def test_a_pasted_command_that_fails_leaves_the_view_as_it_was(endpoint: Endpoint) -> None:
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        await paste(shown, "apigw-tui orders/prod -q 'status>=many'")
        await shown.sees("col 9")
        await paste(shown, f"apigw-tui no/where --region us-east-1 --endpoint-url {endpoint.server.url}")
        await shown.sees("no/where")
        assert shown.app.main.session is not None
        assert shown.app.main.session.targets == ("orders/prod",)
        assert shown.app.config.region == "eu-west-1"


async def test_q_in_capitals_leaves_with_the_request_id(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("E")
        row = shown.app.main.selected_row()
        assert row is not None
        await shown.press("Q")
        assert shown.app.picked == row["request_id"]


async def test_a_key_of_the_config_file_works_and_is_shown(endpoint: Endpoint) -> None:
    config = replace(endpoint.config, keys={"copy_id": ("f5",), "help": ("f1",), "mark": ("u",), "next_mark": ("m",)})
    async with explorer(config, "orders/prod", clock=endpoint.clock) as shown:
        await shown.has_read()
        await shown.sees("f5 copy id", "f1 help")
        await shown.press("E", "c")
        assert "copied" not in shown.text
        await shown.press("f5")
        await shown.sees("copied")
        await shown.press("u")
        await shown.until(lambda: len(shown.app.main.marks) == 1)
        await shown.press("f1")
        await shown.sees("copy the request ID", "f5")


async def test_tests_and_embedded_explorers_leave_nothing_behind(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await apply(shown, "status:5xx")
    assert not (state_root() / "sessions").exists()


async def test_marks_that_are_not_read_again_are_kept_nevertheless(endpoint: Endpoint) -> None:
    old = Mark("requests", "8f0c2a1e-aaaa-bbbb-cccc-0123456789ab", 1, note="of last year")
    config = replace(endpoint.config)
    place = MemoryFile.of(config)
    place.save(Memory(marks={"orders/prod": (old,)}))
    async with run(endpoint, "orders/prod") as shown:
        await shown.has_read()
        await shown.press("E", "m")
        await shown.until(lambda: len(shown.app.main.marks) == 2)
    assert old in place.load().marks["orders/prod"]


async def test_a_restored_stage_that_is_gone_leads_to_the_picker(endpoint: Endpoint) -> None:
    MemoryFile.of(endpoint.config).save(
        Memory(command=f"apigw-tui gone/prod --region eu-west-1 --endpoint-url {endpoint.server.url}")
    )
    async with run(endpoint) as shown:
        await shown.sees("Pick a stage to watch", "gone/prod")
