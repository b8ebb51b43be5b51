"""The histogram: requests over time, the failing ones on one straight base line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from apigw_tui.core import units
from apigw_tui.tui.bar_cells import Column, cell, heights
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import Line, Span, between, cut_line, whole_seconds, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apigw_tui.core.stats import Bars

_WIDE_FROM: Final = 134
_WIDE_BARS: Final = 90
_BARS: Final = 60
_LEFT: Final = 2
_LEAST_SCALE: Final = 3
_TITLE_GAP: Final = 3
_TICK_ROOM: Final = 15
_SMALL_ROWS: Final = 3
_LABELLED_HALF: Final = 3
_SECOND: Final = 1_000
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400
_DAY_MS: Final = _DAY_S * _SECOND
_YEAR_MS: Final = 366 * _DAY_MS
_DATE_ROOM: Final = 12
_CLOCK: Final = len("03:10")
_STEPS_S: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800)
_TICKS_MIN: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440)
_SCALE: Final = (10, 12, 14, 16, 20, 24, 30, 40, 50, 60, 75, 80)


@dataclass(frozen=True)
class HistogramState:
    """What the histogram shows; all times are epoch ms, spans start and end."""

    bars: Bars
    complete_to: int | None = None
    """Bars that end later are pending; None: all are."""
    unread: tuple[tuple[int, int], ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()
    """What could not be read: told below the bars that are not `unread` for the greater part."""
    late: tuple[int, ...] = ()
    """When requests started that came late, into bars that were complete."""
    cursor_ms: int | None = None
    selection: tuple[int, int] | None = None
    ghost: bool = False
    """Nothing matches: these are the stage's own bars, shown as a shadow."""
    live: bool = True
    """False for files and closed ranges: nothing is pending there."""
    label: str = ""
    """The range in words: `last 15 min`; while it is focused, what the bars under the cursor count."""
    zone: tzinfo = UTC
    focused: bool = False
    pointed: tuple[int, int] | None = None
    """The bar under the histogram's own cursor, whose times are told beside the pointer."""


def bar_step(width: int, span_ms: int) -> int:
    """Return how long a bar is, in ms: a round number of seconds, so that the bars fit a main area."""
    bars = _WIDE_BARS if width >= _WIDE_FROM else _BARS
    least = span_ms / bars
    for seconds in _STEPS_S:
        if seconds * 1_000 >= least:
            return seconds * 1_000
    day = 86_400_000
    return day * max(1, -int(-least // day))


def histogram_lines(
    state: HistogramState, width: int, height: int, *, glyphs: Glyphs = UNICODE, mono: bool = False
) -> list[Line]:
    """Return the histogram for a size."""
    columns = _columns(state)
    frame = _frame(columns, width, height)
    small, rows, top, labels, edge, hidden = frame
    columns = columns[hidden:]
    shades = mono or glyphs.ascii
    measured = [(column, heights(column, top, rows)) for column in columns]
    lines: list[Line] = []
    for row in reversed(range(rows)):
        label = labels[rows - 1 - row].rjust(edge - 1) + " " if edge else ""
        bars = _merged([cell(column, levels, row, glyphs=glyphs, shades=shades) for column, levels in measured])
        lines.append(((" " * _LEFT + label, "ink-faint"), *bars))
    lines.append(((" " * (_LEFT + edge), ""), *_ticks(state, hidden, len(columns), glyphs)))
    if small:
        return lines
    return [_title(state, _LEFT + edge + len(columns), width), *lines]


def bar_under(state: HistogramState, x: int, *, width: int, height: int) -> int:
    """Return the start of the bar at a column of the widget, the nearest one beside the bars."""
    columns = _columns(state)
    frame = _frame(columns, width, height)
    number = min(max(x - _LEFT - frame.edge + frame.hidden, frame.hidden), max(len(columns) - 1, 0))
    return state.bars.start + number * state.bars.step_ms


class _Frame(NamedTuple):
    """How the bars lie in the widget: `edge` columns of scale, `hidden` oldest bars without room."""

    small: bool
    rows: int
    top: int
    labels: list[str]
    edge: int
    hidden: int


def _frame(columns: Sequence[Column], width: int, height: int) -> _Frame:
    small = height <= _SMALL_ROWS
    rows = max(1, height - (1 if small else 2))
    top = scale_top(max((column.total for column in columns), default=0))
    labels = [""] * rows if small else _scale_labels(top, rows)
    edge = 0 if small else max(_LEAST_SCALE, *(len(label) for label in labels)) + 1
    return _Frame(small, rows, top, labels, edge, max(0, len(columns) - max(0, width - _LEFT - edge)))


def scale_top(most: int) -> int:
    """Return the top of the scale: a round number with a whole half, no less than the highest bar."""
    power = 1
    while True:
        for step in _SCALE:
            top, rest = divmod(step * power, 10)
            if rest == 0 and top >= max(2, most) and top % 2 == 0:
                return top
        power *= 10


def _scale_labels(top: int, rows: int) -> list[str]:
    labels = [""] * rows
    labels[0], labels[-1] = units.count(top), "0"
    if rows >= _LABELLED_HALF:
        labels[rows // 2] = units.count(top // 2)
    return labels


def _columns(state: HistogramState) -> list[Column]:
    bars = state.bars
    counts = {name: tuple(values) for name, values in bars.counts.items()}
    size = max((len(values) for values in counts.values()), default=0)
    columns = []
    for at in range(size):
        start = bars.start + at * bars.step_ms
        end = start + bars.step_ms
        per_class = {name: values[at] for name, values in counts.items()}
        failing, refused = per_class.get("5xx", 0), per_class.get("4xx", 0)
        columns.append(
            Column(
                failing=failing,
                refused=refused,
                rest=sum(per_class.values()) - failing - refused,
                pending=state.live and (state.complete_to is None or end > state.complete_to),
                unread=_is_unread(state, start),
                faded=state.ghost or _outside(state.selection, start, end),
            )
        )
    return columns


def _outside(selection: tuple[int, int] | None, start: int, end: int) -> bool:
    return selection is not None and (end <= selection[0] or start >= selection[1])


def _is_unread(state: HistogramState, start: int) -> bool:
    """Whether most of the time of the bar that starts here was not read."""
    step_ms = state.bars.step_ms
    return _unread_ms(state.unread, start, start + step_ms) * 2 > step_ms


def _unread_ms(spans: Sequence[tuple[int, int]], start: int, end: int) -> int:
    return sum(max(0, min(end, last) - max(start, first)) for first, last in spans)


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Return neighbours of one style as one span."""
    merged: list[Span] = []
    for text, spec in spans:
        if merged and merged[-1][1] == spec:
            merged[-1] = (merged[-1][0] + text, spec)
        else:
            merged.append((text, spec))
    return merged


def _title(state: HistogramState, width: int, widest: int) -> Line:
    """Return the title, its right part over the last bar where there are enough of them."""
    left: Line = (
        (" " * _LEFT, ""),
        ("Requests", "bold accent" if state.focused else "bold ink"),
        (f"  per {_step_label(state.bars.step_ms)}", "ink-muted"),
    )
    label: Line = ((state.label, "ink" if state.focused else "ink-muted"),)
    waiting = _waiting(state)
    right = label if waiting is None else (waiting, ("   ", ""), *label)
    if width_of((*left, *right)) + _TITLE_GAP > widest:
        right = label
    needed = width_of((*left, *right)) + _TITLE_GAP
    return between(left, cut_line(right, widest - width_of(left) - 1), min(widest, max(width, needed)))


def _step_label(step_ms: int) -> str:
    seconds = step_ms // _SECOND
    if seconds < _MINUTE_S:
        return f"{seconds} s"
    if seconds >= _DAY_S and seconds % _DAY_S == 0:
        return f"{seconds // _DAY_S} d"
    return f"{seconds // _MINUTE_S} min" if seconds < _HOUR_S else f"{seconds // _HOUR_S} h"


def _waiting(state: HistogramState) -> Span | None:
    """Return how much is not read or not yet complete."""
    size = max((len(values) for values in state.bars.counts.values()), default=0)
    end = state.bars.start + size * state.bars.step_ms
    unread_ms = _unread_ms(state.unread, state.bars.start, end)
    if unread_ms >= _SECOND:
        return f"{' '.join(whole_seconds(unread_ms))} not read", "status-4xx"
    if not state.live or state.complete_to is None or end - state.complete_to < _SECOND:
        return None
    return f"{' '.join(whole_seconds(end - state.complete_to))} pending", "ink-faint"


def _ticks(state: HistogramState, hidden: int, count: int, glyphs: Glyphs) -> Line:
    """Return the time axis: round minutes, the pointer, and under a selection its span."""
    step_ms = state.bars.step_ms
    start = state.bars.start + hidden * step_ms
    cells: list[Span] = [(" ", "")] * count
    if state.pointed is not None:
        _put_label(cells, state, state.pointed, _places(state.pointed, state.bars, start, count))
    if state.selection is not None:
        _put_selection(cells, state, start, glyphs)
    pointer = None
    if state.cursor_ms is not None and 0 <= (state.cursor_ms - start) // step_ms < count:
        pointer = (state.cursor_ms - start) // step_ms
        cells[pointer] = (glyphs.pointer, "accent")
    signs = _signs(state, start, count, glyphs)
    clocks = [
        (at, clock)
        for at, clock in _clocks(state, start, count)
        if at + len(clock) <= count and all(text == " " for text, _ in cells[at : at + len(clock)])
    ]
    # Clocks give way to signs, but where none would be left they lend them a letter.
    for at, clock in [
        each for each in clocks if signs.keys().isdisjoint(range(each[0], each[0] + len(each[1])))
    ] or clocks:
        cells[at : at + len(clock)] = [(letter, "ink-faint") for letter in clock]
    for at, sign in signs.items():
        if cells[at][1] in ("", "ink-faint"):
            cells[at] = sign
    return tuple(_merged(cells))


def _clocks(state: HistogramState, start: int, count: int) -> Iterator[tuple[int, str]]:
    """Return the columns that begin at a round minute, and its time; dates where all would be midnight."""
    step_ms = state.bars.step_ms
    minutes = next((m for m in _TICKS_MIN if m * 60_000 >= _TICK_ROOM * step_ms), _TICKS_MIN[-1])
    if minutes == _TICKS_MIN[-1]:
        yield from _dates(state, start, count)
        return
    for at in range(count):
        # Round in the zone of the clock: a day's ticks must not stand at odd hours.
        clock = units.clock(start + at * step_ms, state.zone, millis=False)
        if clock[6:] == "00" and (int(clock[:2]) * 60 + int(clock[3:5])) % minutes == 0:
            yield at, clock[:_CLOCK]


def _dates(state: HistogramState, start: int, count: int) -> Iterator[tuple[int, str]]:
    """Return columns in which another day begins, as far apart as dates need, and the day: of years, the month."""
    step_ms = state.bars.step_ms
    days = [units.day(start + at * step_ms, state.zone) for at in range(count)]
    part = slice(5, None) if count * step_ms < _YEAR_MS else slice(0, 7)
    free = 0
    for at in range(1, count):
        if at >= free and days[at] != days[at - 1]:
            free = at + _DATE_ROOM
            yield at, days[at][part]


def _signs(state: HistogramState, start: int, count: int, glyphs: Glyphs) -> dict[int, Span]:
    """Return the columns below which something is told: late rows, and gaps that the bar itself does not show."""
    signs: dict[int, Span] = {}
    for gap in state.gaps:
        first, last = _places(gap, state.bars, start, count)
        for at in range(first, last + 1):
            if not _is_unread(state, start + at * state.bars.step_ms):
                signs[at] = (glyphs.gap, "status-4xx")
    for at in {(ms - start) // state.bars.step_ms for ms in state.late}:
        if 0 <= at < count:
            signs[at] = (glyphs.late, "accent")
    return signs


def _put_selection(cells: list[Span], state: HistogramState, start: int, glyphs: Glyphs) -> None:
    if state.selection is None:
        return
    first, last = _places(state.selection, state.bars, start, len(cells))
    if last < first:
        return
    left, middle, right = glyphs.span_ends
    bracket = middle if last == first else left + middle * (last - first - 1) + right
    if state.pointed is None or state.pointed == state.selection:
        _put_label(cells, state, state.selection, (first, last))
    for place, letter in enumerate(bracket, first):
        if cells[place][1] != "ink-strong":
            cells[place] = (letter, "accent")


def _places(span: tuple[int, int], bars: Bars, start: int, count: int) -> tuple[int, int]:
    """Return the first and last column that a span covers; the last before the first where it covers none."""
    first = max(0, (span[0] - start) // bars.step_ms)
    return first, min(count, -(-(span[1] - start) // bars.step_ms)) - 1


def _put_label(cells: list[Span], state: HistogramState, span: tuple[int, int], at: tuple[int, int]) -> None:
    """Put the times of a span behind its last column, or before its first one where there is no room."""
    first, last = at
    label = f" {units.UNKNOWN} ".join(_moment(state, ms, span[1] - span[0]) for ms in span)
    place = last + 2 if last + 2 + len(label) <= len(cells) else first - 1 - len(label)
    if place >= 0 and all(text == " " for text, _ in cells[place : place + len(label)]):
        cells[place : place + len(label)] = [(letter, "ink-strong") for letter in label]


def _moment(state: HistogramState, ms: int, span_ms: int) -> str:
    """Return an end of a span: its time, and its day where the span is that long."""
    clock, day = units.clock(ms, state.zone, millis=False), units.day(ms, state.zone)
    if span_ms < _DAY_MS:
        return clock
    return day if state.bars.step_ms >= _DAY_MS else f"{day[5:]} {clock[:_CLOCK]}"
