"""Where the parts of a story go: three forms by width, and what gives way when rows are few."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import width_of
from apigw_tui.tui.rows import FixedRows, Row, Rows, rule, spread
from apigw_tui.tui.story_head import (
    CauseContext,
    Tab,
    alarm_of,
    card,
    id_row,
    id_spans,
    tab_spans,
    title_row,
    title_rule,
)
from apigw_tui.tui.story_lines import StoryLineRows, StoryRow, lines_in, story_rows, wrapped
from apigw_tui.tui.story_phases import fact_row, fact_rows, phase_rows, phase_title, total_ms
from apigw_tui.tui.story_tabs import access_rows, json_rows, payload_rows, told
from apigw_tui.tui.story_texts import StoryTexts

if TYPE_CHECKING:
    from apigw_tui.core.story import Story, StoryLine
    from apigw_tui.errors import AppError
    from apigw_tui.tui.line import Line

TABS: Final = ("Story", "Lines", "Access", "Payload", "Lambda", "JSON")
WIDE: Final = 120
"""From this width on phases and lines stand beside each other."""
MEDIUM: Final = 94
"""From this width on title and tabs share the rule."""
SIDE: Final = 51
"""Width of phases and facts beside the lines, with the hairline between."""

_LEAST_LINES: Final = 6
_LEAST_SHARE: Final = 3


@dataclass(frozen=True)
class Shown:
    """What is known of one request: `fetching_ms` while more lines are being read, and for how long."""

    story: Story
    context: CauseContext | None = None
    fetching_ms: int | None = None
    error: AppError | None = None


@dataclass(frozen=True)
class Reading:
    """Where the reader is: the tab, what is unfolded, whether lines wrap and secrets are shown."""

    tab: int = 0
    opened: frozenset[int] = frozenset()
    wrap: bool = False
    reveal: bool = False
    zone: tzinfo = field(default=UTC)
    glyphs: Glyphs = UNICODE


@dataclass(frozen=True)
class Layout:
    """Rows for each part; `side` is None where phases stand above the lines.

    `tab_row` and `tab_column` say where the tabs begin within the head.
    """

    head: FixedRows
    side: FixedRows | None
    main: Rows
    has_cursor: bool
    tab_row: int
    tab_column: int


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
    main = _story_lines(shown, reading, width - SIDE)
    head += [_beside(phase_title(story, SIDE - 2), _lines_heading(shown, main, width - SIDE), glyphs)]
    side = [
        *phase_rows(story.phases, SIDE - 2, total_ms=total_ms(story) or 0, all_phases=True, glyphs=glyphs),
        blank,
        *fact_rows(story, SIDE - 2),
    ]
    side += [blank] * max(height - len(head) - len(side), 0)
    fenced = tuple(_fenced(row, glyphs) for row in side)
    has_cursor = bool(story.lines)
    return Layout(FixedRows(tuple(head)), FixedRows(fenced), main, has_cursor, 0, _tab_column(story, width))


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
        blocks += [(6, blank), (0, [named]), (0, [ids]), (4, [fact_row(story, width)])]
    else:
        blocks += [(0, _title(shown, reading, width)), (0, [id_row(story, width, zone, glyphs)])]
    blocks += [(5, blank), (1, cause)] if cause else []
    blocks += [(5, blank), (3, phases)] if phases else []
    blocks += [] if narrow else [(5, blank)]
    blocks += [(0, [Row((("  ", ""), *note), stop=False)])] if note else []
    tab_rule = _tab_rule(shown, reading, width)
    blocks += [(0, [tab_rule])] if narrow else []
    least = max(_LEAST_LINES, height // _LEAST_SHARE)
    head = _fitting(blocks, max(height - min(least, len(main)), 0))
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
            rows = access_rows(story, reading.glyphs, reveal=reading.reveal, width=fold_width)
            return rows, bool(story.access)
        case "Payload":
            return payload_rows(story, reveal=reading.reveal, width=fold_width), False
        case "JSON":
            return json_rows(story, reveal=reading.reveal, width=fold_width), False
        case "Lambda":
            lines, nothing = (
                tuple(line for line in story.lines if line.kind == "lambda"),
                _no_lambda_lines(shown),
            )
        case _:
            lines, nothing = story.lines, "No line was read for this request."
    if not lines:
        return told(nothing), False
    return _line_rows(shown, reading, lines, width, as_logged=True), True


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
    return _line_rows(shown, reading, shown.story.lines, width, as_logged=False)


def _line_rows(
    shown: Shown, reading: Reading, lines: tuple[StoryLine, ...], width: int, *, as_logged: bool
) -> StoryLineRows:
    story = shown.story
    evidence = story.cause.evidence if story.cause else None
    texts = StoryTexts(lines, evidence, reveal=reading.reveal, as_logged=as_logged)
    rows: tuple[StoryRow, ...] = story_rows(texts.lines, fold=not as_logged, opened=reading.opened)
    if reading.wrap:
        rows = wrapped(rows, texts, width)
    return StoryLineRows(rows, texts, alarm_of(story.request.get("status")), reading.glyphs)


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
    for order in range(6, 0, -1):
        if sum(len(rows) for _, rows in kept) <= height:
            break
        kept = [(number, rows) for number, rows in kept if number != order]
    return [row for _, rows in kept for row in rows]


def _id_of(story: Story) -> str | None:
    return story.request.get("request_id") or story.request.get("extended_request_id")
