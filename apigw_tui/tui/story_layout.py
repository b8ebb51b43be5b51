"""Where the parts of a story go: three forms by width, and what gives way when rows are few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apigw_tui.core.story_texts import StoryTexts
from apigw_tui.tui.glyphs import Glyphs
from apigw_tui.tui.line import width_of
from apigw_tui.tui.rows import FixedRows, Row, Rows, rule, spread
from apigw_tui.tui.story_functions import function_rows
from apigw_tui.tui.story_head import (
    Tab,
    alarm_of,
    card,
    id_row,
    id_spans,
    tab_spans,
    title_row,
    title_rule,
)
from apigw_tui.tui.story_kin import kin_rows
from apigw_tui.tui.story_lines import StoryLineRows
from apigw_tui.tui.story_phases import fact_row, fact_rows, phase_rows, phase_title, total_ms
from apigw_tui.tui.story_reading import SIDE, TABS, Layout, Reading, Shown
from apigw_tui.tui.story_rows import StoryRow, lines_in, story_rows, unfolded
from apigw_tui.tui.story_tabs import access_rows, json_rows, payload_rows, told
from apigw_tui.tui.story_trace import TraceForm, short_trace_rows, trace_rows
from apigw_tui.tui.story_untold import untold_rows

if TYPE_CHECKING:
    from apigw_tui.core.story import Story
    from apigw_tui.tui.line import Line

WIDE: Final = 120
"""From this width on phases and lines stand beside each other."""
MEDIUM: Final = 94
"""From this width on title and tabs share the rule."""

_LEAST_LINES: Final = 6
_LEAST_SHARE: Final = 3
_TRACE_SHARE: Final = 8
_FIRST_BLANKS: Final = 6
_LEAST_FACTS: Final = 2


def lay_out(shown: Shown, reading: Reading, width: int, height: int) -> Layout:
    """Lay out a story for a size in cells."""
    if TABS[reading.tab] != "Story":
        return _other_tab(shown, reading, width)
    if width >= WIDE:
        return _wide(shown, reading, width, height)
    return _stacked(shown, reading, width, height)


def tabs(story: Story) -> tuple[Tab, ...]:
    """The tabs with what they hold."""
    functions = sum(line.kind == "lambda" for line in story.lines)
    counts = {"Lines": len(story.lines), "Lambda": functions}
    return tuple(Tab(name, counts.get(name) or None) for name in TABS)


def _wide(shown: Shown, reading: Reading, width: int, height: int) -> Layout:
    story, zone, glyphs = shown.story, reading.zone, reading.glyphs
    blank = Row(stop=False)
    head = [*_title(shown, reading, width), id_row(story, width, zone, glyphs), blank]
    cause = _card(shown, reading, width)
    head += [*cause, blank] if cause else []
    missing = untold_rows(shown.untold, width)
    head += [*missing, blank] if missing else []
    main = _story_lines(shown, reading, width - SIDE)
    head += [_beside(phase_title(story, SIDE - 2), _lines_heading(shown, main, width - SIDE), glyphs)]
    phases, traced = _phases_and_trace(shown, reading, height - len(head))
    side = [*phases, blank, *traced, *([blank] if traced else []), *fact_rows(story, SIDE - 2)]
    side += [blank] * max(height - len(head) - len(side), 0)
    fenced = tuple(_fenced(row, glyphs) for row in side)
    has_cursor = bool(story.lines)
    return Layout(FixedRows(tuple(head)), FixedRows(fenced), main, has_cursor, 0, _tab_column(story, width))


def _phases_and_trace(shown: Shown, reading: Reading, height: int) -> tuple[list[Row], list[Row]]:
    """Rows for both beside the lines: where segments need the room, phases that took no time go."""
    story, glyphs = shown.story, reading.glyphs
    scale = total_ms(story) or 0
    form = TraceForm(SIDE - 2, scale, glyphs, shown.trace_region, reading.reveal)
    has_segments = bool(story.trace and story.trace.segments)
    for all_phases in (True, False):
        phases = phase_rows(story.phases, SIDE - 2, total_ms=scale, all_phases=all_phases, glyphs=glyphs)
        traced = trace_rows(story, form, height - len(phases) - 2 - _LEAST_FACTS)
        if not has_segments or len(phases) + len(traced) + 2 + _LEAST_FACTS <= height:
            break
    return phases, traced


def _stacked(shown: Shown, reading: Reading, width: int, height: int) -> Layout:
    story, zone, glyphs = shown.story, reading.zone, reading.glyphs
    blank = [Row(stop=False)]
    narrow = width < MEDIUM
    main = _story_lines(shown, reading, width)
    scale = total_ms(story) or 0
    phases = phase_rows(story.phases, width, total_ms=scale, all_phases=False, glyphs=glyphs)
    cause = _card(shown, reading, width)
    note = _waiting(shown)
    # Each block with the order in which it gives way: the highest goes first, 0 stays.
    blocks: list[tuple[int, list[Row]]] = []
    if narrow:
        named = title_row(story, width, zone, glyphs)
        ids = Row((("  ", ""), *id_spans(_id_of(story))))
        blocks += [(7, blank), (0, [named]), (0, [ids]), (4, [fact_row(story, width, shown.trace_region)])]
    else:
        blocks += [(0, _title(shown, reading, width)), (0, [id_row(story, width, zone, glyphs)])]
    blocks += [(6, blank), (1, cause)] if cause else []
    missing = untold_rows(shown.untold, width)
    blocks += [(2, missing)] if missing else []
    blocks += [(6, blank), (3, phases)] if phases else []
    below_phases = len(blocks)
    blocks += [] if narrow else [(6, blank)]
    blocks += [(0, [Row((("  ", ""), *note), stop=False)])] if note else []
    tab_rule = _tab_rule(shown, reading, width)
    blocks += [(0, [tab_rule])] if narrow else []
    least = max(_LEAST_LINES, height // _LEAST_SHARE)
    room = max(height - min(least, len(main)), 0)
    spare = room - sum(len(rows) for order, rows in blocks if order < _FIRST_BLANKS)
    form = TraceForm(width, scale, glyphs, shown.trace_region, reading.reveal)
    traced = short_trace_rows(story, form, min(spare, height // _TRACE_SHARE), titled=not narrow)
    blocks.insert(below_phases, (5, traced))
    head = _fitting(blocks, room)
    row = head.index(tab_rule) if narrow else 0
    column = 2 if narrow else _tab_column(story, width)
    return Layout(FixedRows(tuple(head)), None, main, bool(story.lines), row, column)


def _other_tab(shown: Shown, reading: Reading, width: int) -> Layout:
    story, zone, glyphs = shown.story, reading.zone, reading.glyphs
    main, has_cursor = _tab_rows(shown, reading, width)
    if width < MEDIUM:
        ids = Row((("  ", ""), *id_spans(_id_of(story))))
        head = [title_row(story, width, zone, glyphs), ids, _tab_rule(shown, reading, width)]
        return Layout(FixedRows(tuple(head)), None, main, has_cursor, 2, 2)
    head = [*_title(shown, reading, width), id_row(story, width, zone, glyphs), Row(stop=False)]
    return Layout(FixedRows(tuple(head)), None, main, has_cursor, 0, _tab_column(story, width))


def _tab_rows(shown: Shown, reading: Reading, width: int) -> tuple[Rows, bool]:
    story, fold_width = shown.story, width if reading.wrap else None
    match TABS[reading.tab]:
        case "Access":
            fields = access_rows(story, reading.glyphs, reveal=reading.reveal, width=fold_width)
            return fields, bool(story.access)
        case "Payload":
            return payload_rows(story, reveal=reading.reveal, width=fold_width), False
        case "JSON":
            return json_rows(story, reveal=reading.reveal, width=fold_width), False
        case "Lambda":
            rows, nothing = function_rows(story, width, reading.glyphs), _no_lambda_lines(shown)
        case _:
            rows, nothing = story_rows(story.lines, fold=False), "No line was read for this request."
    if not rows:
        return told(nothing), False
    return _line_rows(shown, reading, rows, width, as_logged=TABS[reading.tab] == "Lines"), True


def _no_lambda_lines(shown: Shown) -> str:
    if shown.fetching_ms is not None:
        return "The function's lines are being read."
    integration = shown.story.request.get("integration") or {}
    if not integration.get("function"):
        return "This request went to no function, or nothing logged names it."
    return f"No line of {integration['function']} was read for this request."


def _title(shown: Shown, reading: Reading, width: int) -> list[Row]:
    spans = tab_spans(tabs(shown.story), reading.tab)
    return [Row(title_rule(shown.story.request, spans, width, reading.glyphs), stop=False)]


def _tab_column(story: Story, width: int) -> int:
    return width - width_of(tab_spans(tabs(story), 0)) - 2


def _tab_rule(shown: Shown, reading: Reading, width: int) -> Row:
    return Row(rule(width, tab_spans(tabs(shown.story), reading.tab)), stop=False)


def _card(shown: Shown, reading: Reading, width: int) -> list[Row]:
    story = shown.story
    if story.cause is None:
        return []
    alarm = alarm_of(story.request.get("status"))
    return card(story.cause, shown.context, width, alarm=alarm, tz=reading.zone, glyphs=reading.glyphs)


def _story_lines(shown: Shown, reading: Reading, width: int) -> Rows:
    if not shown.story.lines:
        return told("" if shown.fetching_ms is not None else "No line was read for this request.")
    rows = story_rows(shown.story.lines, fold=True, opened=reading.opened)
    kin = kin_rows(shown.story, width, zone=reading.zone, glyphs=reading.glyphs)
    return _line_rows(shown, reading, (*kin, *rows), width, as_logged=False)


def _line_rows(
    shown: Shown, reading: Reading, rows: tuple[StoryRow, ...], width: int, *, as_logged: bool
) -> StoryLineRows:
    story = shown.story
    evidence = story.cause.evidence if story.cause else None
    texts = StoryTexts(story.lines, evidence, reveal=reading.reveal, as_logged=as_logged)
    rows = unfolded(rows, texts, width, wrap=reading.wrap, opened=reading.opened)
    alarm = alarm_of(story.request.get("status"))
    return StoryLineRows(rows, texts, alarm, reading.glyphs, reading.wanted)


def _lines_heading(shown: Shown, main: Rows, width: int) -> Line:
    note = _waiting(shown)
    if note:
        return (("Lines", "ink-strong bold"), *note[1:])
    total = len(shown.story.lines)
    visible = lines_in(main.rows) if isinstance(main, StoryLineRows) else 0
    left: Line = (("Lines", "ink-strong bold"), (f"  {visible} of {total}", "ink-muted"))
    right: Line = (("E execution  L Lambda", "ink-faint"), (" ", ""))
    return spread(left, right, width - 1)


def _waiting(shown: Shown) -> Line:
    """What is being read, or why it could not be."""
    if shown.fetching_ms is not None:
        value = f"{shown.fetching_ms / 1000:.1f} s"
        return (("Lines", "ink-strong bold"), (f"  fetching execution lines, {value}", "ink-muted"))
    if shown.error is not None:
        return (
            ("Lines", "ink-strong bold"),
            ("  ! ", "status-4xx"),
            (shown.error.message, "ink"),
            (f" {shown.error.hint}", "ink-muted"),
        )
    return ()


def _beside(left: Row, right: Line, glyphs: Glyphs) -> Row:
    fenced = _fenced(left, glyphs)
    return Row((*fenced.line, (" ", ""), *right), stop=False)


def _fenced(row: Row, glyphs: Glyphs) -> Row:
    """A row of the side with the hairline to its right."""
    blanks = max(SIDE - 2 - width_of(row.line), 0)
    return Row((*row.line, (" " * blanks, ""), ("│" if glyphs.rule == "─" else "|", "rule"), (" ", "")), stop=False)


def _fitting(blocks: list[tuple[int, list[Row]]], height: int) -> list[Row]:
    """The rows of the blocks that fit: those with the highest number give way first."""
    kept = list(blocks)
    for order in range(7, 0, -1):
        if sum(len(rows) for _, rows in kept) <= height:
            break
        kept = [(number, rows) for number, rows in kept if number != order]
    return [row for _, rows in kept for row in rows]


def _id_of(story: Story) -> str | None:
    return story.request.get("request_id") or story.request.get("extended_request_id")
