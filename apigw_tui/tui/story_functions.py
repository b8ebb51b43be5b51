"""The functions of a request: a section per invocation, with its ID, its numbers and its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apigw_tui.tui.line import cut_line
from apigw_tui.tui.story_head import id_spans
from apigw_tui.tui.story_rows import DrawnRow, rows_of

if TYPE_CHECKING:
    from apigw_tui.core.invocations import Invocation
    from apigw_tui.core.story import Story
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.line import Line
    from apigw_tui.tui.story_rows import StoryRow

_BAR_CELLS: Final = 20
_EIGHTHS: Final = 8


def function_rows(story: Story, width: int, glyphs: Glyphs) -> tuple[StoryRow, ...]:
    """Each invocation under a heading of its own; its lines are those of the story with their places."""
    longest = max((run.duration_ms or 0 for run in story.invocations), default=0)
    rows: list[StoryRow] = []
    for run in story.invocations:
        rows += [DrawnRow(())] if rows else []
        rows.append(DrawnRow(cut_line(_heading(run), width - 2)))
        facts = _facts(run, longest, glyphs)
        rows += [DrawnRow(cut_line(facts, width - 2))] if facts else []
        if run.error is not None:
            said = run.error.title.replace("\n", " ")
            sign: Line = (("  ", ""), (f"{glyphs.server_error} ", "status-5xx bold"))
            rows.append(DrawnRow(cut_line((*sign, (said, "ink-strong bold")), width - 2)))
        rows += rows_of(story.lines, run.lines, fold=False)
    return tuple(rows)


def _heading(run: Invocation) -> Line:
    role = run.role or "function"
    name = run.function or run.log_group
    return (("  ", ""), (f"{role}  ", "ink-muted"), (name, "ink-strong bold"), ("  ", ""), *id_spans(run.request_id))


def _facts(run: Invocation, longest_ms: float, glyphs: Glyphs) -> Line:
    """Its duration as a bar, on the scale of the longest one, and its numbers."""
    if not run.facts:
        return ()
    bar: Line = ()
    if run.duration_ms is not None and longest_ms > 0:
        failed = run.error is not None or run.timeout_s is not None or run.status in ("error", "timeout")
        eighths = max(round(run.duration_ms * _BAR_CELLS * _EIGHTHS / longest_ms), 1)
        whole, tail = divmod(eighths, _EIGHTHS)
        cells = glyphs.left_eighths[_EIGHTHS] * whole + (glyphs.left_eighths[tail] if tail else "")
        bar = ((cells.ljust(_BAR_CELLS), "fill-5xx" if failed else "status-2xx"), ("  ", ""))
    return (("  ", ""), *bar, (", ".join(run.facts), "ink-muted"))
