"""What was not logged stands below the board and above the lines of a story; nowhere else, and only when known."""

from __future__ import annotations

from dataclasses import replace

from apigw_tui.core.board import board
from apigw_tui.core.requests import summarise
from apigw_tui.core.stage import AccessLog, ExecutionLog
from apigw_tui.tui.board import BoardPane
from apigw_tui.tui.story_layout import lay_out
from apigw_tui.tui.story_reading import Reading, Shown
from apigw_tui.tui.story_row import story_of_row
from apigw_tui.tui.story_untold import untold_of
from tests.core.log_lines import SCOPE, START, access, parsed
from tests.doctor.shop_stages import FIREHOSE, at_level, stage
from tests.tui.pane_app import PaneApp
from tests.tui.screens import screen_text

FULL = stage(execution=ExecutionLog("group", "INFO", data_trace=True))
ROW = summarise(parsed(access(status=200))).row(0, named=True)
STORY = story_of_row(ROW)


def test_a_story_says_why_it_has_no_execution_lines() -> None:
    assert at_level("ERROR").scope == SCOPE
    (told,) = untold_of(STORY, (at_level("ERROR"),))
    assert told.startswith("No execution lines: the stage logs level ERROR")
    assert untold_of(STORY, (FULL,)) == ()
    assert untold_of(STORY, ()) == ()


def test_the_sentence_stands_above_the_lines_at_any_width() -> None:
    shown = Shown(STORY, untold=("No execution lines: HTTP APIs write none.",))
    for width in (80, 100, 160):
        head = lay_out(shown, Reading(), width, 30).head
        assert any("HTTP APIs write none" in "".join(text for text, _ in row.line) for row in head.rows)
        plain = lay_out(Shown(STORY), Reading(), width, 30).head
        assert len(plain.rows) < len(head.rows)


async def test_the_board_says_below_its_tables_what_its_numbers_leave_out() -> None:
    pane = BoardPane()
    app = PaneApp(pane)
    shown = board(summarise(parsed(access(status=429))), start=START, end=START + 60_000)
    hidden = replace(at_level("ERROR"), access=AccessLog(None, FIREHOSE, ""))
    assert shown.statuses == {429: 1}
    async with app.run_test(size=(80, 24)) as pilot:
        pane.show(shown, now=START, untold=())
        await pilot.pause()
        assert "429 may" not in screen_text(app)
        pane.show(shown, now=START, untold=("429 may be more than are counted.", f"And of {hidden.title}."))
        await pilot.pause()
        assert screen_text(app).splitlines()[-1] == "  429 may be more than are counted.  And of shop/prod."
