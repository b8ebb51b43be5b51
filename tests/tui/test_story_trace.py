"""The X-Ray trace in a story: bars under the phases, notes, the link to the console."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apigw_tui.core.story import story_json
from apigw_tui.core.story_markdown import story_markdown
from apigw_tui.core.trace import Trace, TraceSegment
from apigw_tui.sources.traces import NOT_YET
from apigw_tui.tui.copy_items import CopyContext, story_items
from apigw_tui.tui.glyphs import ASCII, UNICODE
from apigw_tui.tui.ink import Inks
from apigw_tui.tui.rows import Row
from apigw_tui.tui.story_layout import lay_out
from apigw_tui.tui.story_reading import Reading, Shown
from apigw_tui.tui.story_trace import TraceForm, short_trace_rows, trace_rows
from apigw_tui.tui.theme import VARIABLE_DEFAULTS
from tests.tui import story_samples as samples

if TYPE_CHECKING:
    from apigw_tui.core.story import Story

TRACE_ID = "1-6a0d2c2a-5f1e9b07c4d83a6e21b0f957"
LINK = f"https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/{TRACE_ID}"


def part(name: str, depth: int, start: int, took: int | None, **others: Any) -> TraceSegment:
    told: dict[str, Any] = {"origin": None, "outcome": "ok", "detail": None, **others}
    return TraceSegment(name=name, start_ms=start, duration_ms=took, depth=depth, **told)


THROWN = "KeyError: password=hunter2x"
SEGMENTS = (
    part("orders/prod", 0, 0, 29_013, origin="AWS::ApiGateway::Stage", outcome="fault", detail="status 504"),
    part("Lambda", 1, 12, 29_000, origin="aws", outcome="fault", detail="Invoke orders-write"),
    part("orders-write", 2, 14, 33_500, origin="AWS::Lambda"),
    part("orders-write", 3, 15, 33_499, origin="AWS::Lambda::Function", outcome="fault", detail=THROWN),
    part("Initialization", 4, 15, 600),
    part("Invocation", 4, 615, 32_900),
    part("orders@orders-db", 5, 616, None, outcome="in_progress"),
    part("carts", 5, 620, 4, outcome="throttle"),
)


def story(trace: Trace | None = None) -> Story:
    return replace(samples.timeout_story(), trace=trace)


TRACED = story(Trace(TRACE_ID, SEGMENTS))
FORM = TraceForm(49, 29_013, UNICODE, "eu-west-1")


def texts(rows: list[Row]) -> list[str]:
    return [row.plain.rstrip() for row in rows]


def test_segments_stand_below_the_id_as_bars_on_the_scale_of_the_phases() -> None:
    assert texts(trace_rows(TRACED, FORM, 20)) == [
        f"  Trace  {TRACE_ID}",
        "  Lambda           29.00 s  ██████████████████ ✗",
        "   orders-write    33.50 s  ██████████████████",
        "    function       33.50 s  ██████████████████ ✗",
        "     KeyError: password=****",
        "     Initializati…   600 ms ▍",
        "     Invocation    32.90 s  ██████████████████",
        "      orders@orde…     –    ██████████████████ …",
        "      carts            4 ms ▏                  !",
    ]


def test_where_rows_are_few_failures_stay_and_the_rest_is_counted() -> None:
    rows = texts(short_trace_rows(TRACED, FORM, 4, titled=True))
    assert rows == [
        f"  Trace  {TRACE_ID}",
        "  Lambda           29.00 s  ██████████████████ ✗",
        "   orders-write    33.50 s  ██████████████████ ✗",
        "  ▸ 5 more segments",
    ]
    assert short_trace_rows(TRACED, FORM, 1, titled=False) == []
    for room in range(2, 12):
        assert len(short_trace_rows(TRACED, FORM, room, titled=False)) <= room


def test_what_keeps_segments_away_is_said_below_the_id() -> None:
    rows = texts(trace_rows(story(Trace(TRACE_ID, (), NOT_YET)), FORM, 9))
    assert rows[0] == f"  Trace  {TRACE_ID}"
    assert " ".join(row.strip() for row in rows[1:]) == NOT_YET
    assert texts(trace_rows(story(), FORM, 9)) == [f"  Trace  {TRACE_ID}"]


def test_secrets_in_exceptions_are_masked_until_they_are_wanted() -> None:
    assert "hunter2x" not in "\n".join(texts(trace_rows(TRACED, FORM, 20)))
    assert "hunter2x" in "\n".join(texts(trace_rows(TRACED, replace(FORM, reveal=True), 20)))


def test_the_id_links_to_the_console_and_to_none_without_a_region() -> None:
    (_, _, _, (text, ink)) = trace_rows(TRACED, FORM, 9)[0].line
    style = Inks(VARIABLE_DEFAULTS).style(ink)
    assert (text, style.link) == (TRACE_ID, LINK)
    unlinked = trace_rows(TRACED, replace(FORM, region=None), 9)[0].line[-1][1]
    assert Inks(VARIABLE_DEFAULTS).style(unlinked).link is None


def test_every_size_and_sign_set_can_show_a_trace() -> None:
    for width in (40, 80, 100, 120, 160):
        for height in (8, 14, 22, 40, 60):
            for glyphs in (UNICODE, ASCII):
                shown = Shown(TRACED, trace_region="eu-west-1")
                layout = lay_out(shown, Reading(glyphs=glyphs), width, height)
                assert len(layout.head) <= height
    beside = lay_out(Shown(TRACED), Reading(), 130, 60).side
    assert beside is not None
    assert any("orders-write" in row.plain for row in beside.rows)
    stacked = lay_out(Shown(TRACED), Reading(), 100, 60).head
    assert any("function" in row.plain for row in stacked.rows)


def test_the_copy_menu_has_the_link_of_the_real_account_only() -> None:
    context = CopyContext("orders/prod", region="cn-north-1")
    links = {item.label: item.text for item in story_items(TRACED, context).items}
    assert links["trace link"] == (
        f"https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#xray:traces/{TRACE_ID}"
    )
    assert links["X-Ray trace ID"] == TRACE_ID
    keys = [item.key for item in story_items(TRACED, context).items]
    assert len(keys) == len(set(keys))
    assert "trace link" not in {item.label for item in story_items(TRACED, CopyContext("orders/prod")).items}


def test_json_and_markdown_tell_the_segments() -> None:
    record = story_json(TRACED)
    assert [each["name"] for each in record["segments"]] == [each.name for each in SEGMENTS]
    assert record["segments"][6]["duration_ms"] is None
    assert story_json(story())["segments"] is None
    markdown = story_markdown(TRACED, reveal=False, region="eu-west-1")
    assert f"- trace in the console: <{LINK}>" in markdown
    assert "| · · orders-write | AWS::Lambda | +14 ms | 33.50 s | ok |  |" in markdown
    assert "hunter2x" not in markdown
    assert "in the console" not in story_markdown(TRACED, reveal=False)


def test_a_name_cannot_leave_its_cell_of_the_table() -> None:
    hostile = story(Trace(TRACE_ID, (part("a|b`c", 0, 0, 1, detail="<img> [x](y)"),)))
    assert r"| a\|b\`c |" in story_markdown(hostile, reveal=False)
    assert r"\<img\> \[x\](y)" in story_markdown(hostile, reveal=False)


PROGRAM = """
    from dataclasses import replace
    from apigw_tui.core.trace import Trace
    from apigw_tui.tui.story_pane import StoryPane
    from tests.tui.pane_app import PaneApp
    from tests.tui import story_samples as samples

    class Once(PaneApp):
        def on_mount(self):
            story = replace(samples.timeout_story(), trace=Trace({trace_id!r}, ()))
            self.widget.show(story, context=None, trace_region="eu-west-1")
            self.set_timer(0.5, self.exit)

    Once(StoryPane()).run()
"""


def test_the_terminal_gets_the_link_as_osc_8(tmp_path: Path) -> None:
    program = tmp_path / "show.py"
    program.write_text(textwrap.dedent(PROGRAM).replace("{trace_id!r}", repr(TRACE_ID)))
    leader, follower = pty.openpty()
    own = {"TERM": "xterm-256color", "COLUMNS": "130", "LINES": "40", "PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, str(program)], stdin=follower, stdout=follower, stderr=follower, env={**os.environ, **own}
    )
    os.close(follower)
    written = b""
    while True:
        try:
            piece = os.read(leader, 65_536)
        except OSError:
            break
        if not piece:
            break
        written += piece
    process.wait(10)
    os.close(leader)
    assert f";{LINK}\x1b\\".encode() in written
