"""One row of the list as text and inks: what recedes, what is loud."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len, chop_cells

from apigw_tui.core import units
from apigw_tui.core.cause_texts import CAUSES
from apigw_tui.core.query_ast import ACCESS
from apigw_tui.core.secrets import mask_secrets, mask_value
from apigw_tui.tui.column_table import Column, access_value
from apigw_tui.tui.columns import GUTTER
from apigw_tui.tui.glyphs import UNICODE, Glyphs, class_of, colour_of
from apigw_tui.tui.line import Line, Span, cut_middle, fitted, whole_seconds, width_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from apigw_tui.tui.list_view import Row

_SLOW_MS: Final = 1_000
_LATE_MS: Final = 10_000
"""A lag that is told; below, a row is marked only because it stands above rows that came before it."""
_VALUE_WIDTH: Final = 5
_ID_HEAD: Final = 8
_ID_WIDTH: Final = 10
_KIND_LETTERS: Final[Mapping[str, str]] = {"access": "A", "execution": "E", "lambda": "L"}
_UNKNOWN: Final[Span] = (units.UNKNOWN, "ink-faint")


@cache
def _failing_lines() -> frozenset[str]:
    # Polars comes with the schema: with the first row, not with the first frame.
    from apigw_tui.core.schema import FAILURE_LINE_KINDS  # noqa: PLC0415 - see above

    return frozenset({*FAILURE_LINE_KINDS, "lambda_error", "lambda_timed_out"})


@dataclass(frozen=True)
class RowContext:
    """What a row's looks depend on beside the row."""

    zone: tzinfo = UTC
    now_ms: int | None = None
    relative: bool = False
    glyphs: Glyphs = UNICODE
    focused: bool = True
    reveal: bool = False
    """Whether secrets are shown as they were logged."""


@dataclass(frozen=True)
class RowPlace:
    """Where a row stands: under the cursor, below which other row (None at the top of the screen).

    `cell` names the column that the cell cursor is in.
    """

    cursor: bool = False
    above_ms: int | None = None
    cell: str | None = None


@dataclass(frozen=True)
class _Cell:
    """A row, its column and all else that a cell needs."""

    row: Row
    column: Column
    context: RowContext
    place: RowPlace
    status_class: str = field(default="none")

    @property
    def quiet(self) -> bool:
        """True for what went well: it recedes into muted greys."""
        return self.status_class in ("1xx", "2xx", "3xx")

    @property
    def ink(self) -> str:
        return "ink-muted" if self.quiet else "ink"

    @property
    def alarm(self) -> str:
        """The style of a status or a cause."""
        return "bold status-5xx" if self.status_class == "5xx" else colour_of(class_of(self.row.get("status")))


def time_of(row: Mapping[str, Any]) -> int | None:
    """Return the time a row is listed under, epoch ms."""
    for name in ("timestamp", "started_at", "ended_at"):
        found = row.get(name)
        if isinstance(found, int):
            return found
    return None


def one_line(text: str, glyphs: Glyphs = UNICODE) -> str:
    """Return text without its line breaks and tabs: the first as a glyph, the second as blanks."""
    if "\n" in text or "\r" in text:
        text = text.rstrip("\r\n").replace("\r\n", "\n").replace("\r", "\n").replace("\n", glyphs.newline)
    return text.replace("\t", " ")


def row_line(row: Row, columns: Sequence[Column], context: RowContext, place: RowPlace) -> Line:
    """Return a row as one line, gutter first."""
    if "gap" in row:
        return _gap_line(row, columns, context)
    status_class = class_of(row.get("status"))
    spans: list[Span] = [*_gutter(row, context, place)]
    for column in columns:
        cell = _Cell(row, column, context, place, status_class)
        if column.gap:
            spans.append((" " * column.gap, ""))
        shown = _sized(_CELLS.get(column.name, _value)(cell), column)
        spans.extend(shown if place.cell != column.name else ((text, f"reverse {spec}") for text, spec in shown))
    if row.get("match") is False:
        return tuple((text, "ink-faint" if spec else "") for text, spec in spans)
    return tuple(spans)


def wrapped_lines(
    row: Row, columns: Sequence[Column], context: RowContext, place: RowPlace, *, most: int
) -> tuple[Line, ...]:
    """Return an event as up to `most` lines, its message wrapped; the last says how many are hidden."""
    first = row_line(row, columns, context, place)
    where = next((at for at, column in enumerate(columns) if column.name == "line"), None)
    if where is None or "gap" in row:
        return (first,)
    message = str(row.get("message") or "")
    pieces = _pieces(message if context.reveal else mask_secrets(message), columns[where].width)
    if len(pieces) == 1:
        return (first,)
    spec = _line_ink(_Cell(row, columns[where], context, place, class_of(row.get("status"))))
    before = GUTTER + sum(column.gap + column.width for column in columns[:where]) + columns[where].gap
    opening = row_line({**row, "message": pieces[0]}, columns, context, place)
    shown = pieces[1:most]
    if len(pieces) > most > 1:
        hidden = len(pieces) - most + 1
        shown = [*shown[:-1], f"{context.glyphs.ellipsis} {units.count(hidden)} more lines"]
    return (opening, *(((" " * before, ""), (piece, spec)) for piece in shown))


def _pieces(message: str, width: int) -> list[str]:
    pieces: list[str] = []
    for line in message.rstrip("\r\n").replace("\r\n", "\n").replace("\t", "    ").split("\n"):
        pieces.extend(chop_cells(line, width) or [""])
    return pieces


def _gutter(row: Row, context: RowContext, place: RowPlace) -> Line:
    glyphs = context.glyphs
    spec = "accent" if context.focused else "ink-faint"
    sign = glyphs.mark if row.get("marked") else glyphs.late if row.get("late_ms") is not None else " "
    if place.cursor:
        return ((glyphs.bar, spec), (sign, spec))
    return ((sign, spec), (" ", ""))


def _sized(spans: Line, column: Column) -> Line:
    """Return spans padded to the column's width; a cell that is too wide is cut at its end."""
    width = sum(cell_len(text) for text, _ in spans)
    blanks = column.width - width
    if blanks > 0:
        pad: Span = (" " * blanks, "")
        return (pad, *spans) if column.right else (*spans, pad)
    if blanks == 0:
        return spans
    room, kept = column.width, list[Span]()
    for text, spec in spans:
        size = cell_len(text)
        kept.append((text, spec) if size <= room else (fitted(text, room), spec))
        room -= min(size, room)
    return tuple(kept)


def _time(cell: _Cell) -> Line:
    ms = time_of(cell.row)
    if ms is None:
        return (_UNKNOWN,)
    context = cell.context
    if context.relative and context.now_ms is not None:
        return ((f"{units.age(context.now_ms - ms)} ago", cell.ink),)
    above = cell.place.above_ms
    today = context.now_ms if above is None else above
    if today is not None and units.day(ms, context.zone) != units.day(today, context.zone):
        return ((_date(ms, cell), cell.ink),)
    clock = units.clock(ms, context.zone)
    repeated = above is not None and units.clock(above, context.zone)[:6] == clock[:6]
    head = "ink-faint" if repeated and not cell.place.cursor else cell.ink
    tail = "ink-faint" if cell.quiet and not cell.place.cursor else "ink-muted"
    spans = ((clock[:6], head), (clock[6:8], cell.ink), (clock[8:], tail))
    return spans if cell.column.width >= len(clock) else spans[:2]


def _date(ms: int, cell: _Cell) -> str:
    year_month_day = units.day(ms, cell.context.zone)
    if cell.column.width < len("03-09 14:03"):
        return year_month_day[2:]
    return f"{year_month_day[5:]} {units.clock(ms, cell.context.zone)[:5]}"


def _status(cell: _Cell) -> Line:
    status = cell.row.get("status")
    glyphs = cell.context.glyphs
    if isinstance(status, int):
        return ((f"{glyphs.of_class(class_of(status))} {status}", cell.alarm),)
    if cell.row.get("state") == "in_flight":
        return ((glyphs.in_flight, "ink-muted"),)
    if "message" in cell.row:
        failing = cell.row.get("line_kind") in _failing_lines()
        return ((glyphs.server_error, "bold status-5xx"),) if failing else ()
    return ((glyphs.no_status, "ink-muted"),)


def _method(cell: _Cell) -> Line:
    method = cell.row.get("method") or cell.row.get("event_type")
    return (_text(method, cell.column.width, cell.ink, cell.context),)


def _route(cell: _Cell) -> Line:
    spec = "ink-strong" if cell.status_class == "5xx" else cell.ink
    route = cell.row.get("route") or cell.row.get("path")
    return (_text(route, cell.column.width, spec, cell.context),)


def _latency(cell: _Cell) -> Line:
    ms = cell.row.get("latency_ms")
    if isinstance(ms, int) and ms >= _SLOW_MS:
        return _duration(ms, ("bold ink-strong", "ink"))
    return _duration(ms, (cell.ink, "ink-faint"))


def _integration(cell: _Cell) -> Line:
    return _duration(cell.row.get("integration_latency_ms"), (cell.ink, "ink-faint"))


def _overhead(cell: _Cell) -> Line:
    return _duration(cell.row.get("overhead_ms"), (cell.ink, "ink-faint"))


def _size(cell: _Cell) -> Line:
    size = cell.row.get("response_bytes")
    if size is None:
        return ((units.UNKNOWN.rjust(_VALUE_WIDTH), "ink-faint"), ("   ", ""))
    value, unit = units.size(size)
    return ((value.rjust(_VALUE_WIDTH), cell.ink), (f" {unit}".ljust(3), "ink-faint"))


def _value(cell: _Cell) -> Line:
    """What a column says as it was logged: of the row, or of its access entry."""
    column = cell.column
    found = cell.row.get(column.field) if column.field else access_value(cell.row, column.name)
    shown = "" if found is None or found == "-" else str(found)
    if not cell.context.reveal:
        shown = mask_value(column.name.removeprefix(ACCESS), shown)
    spans = (_text(shown, column.width, cell.ink, cell.context),)
    return tuple((text.strip().rjust(column.width), spec) for text, spec in spans) if column.right else spans


def _duration(ms: int | None, specs: tuple[str, str]) -> Line:
    """Return value and unit, the units of a column one below the other."""
    if not ms:
        text, unit = (units.UNKNOWN, "") if ms is None else ("0", "ms")
        return ((text.rjust(_VALUE_WIDTH), "ink-faint"), (f" {unit}".ljust(3), "ink-faint"))
    value, unit = units.duration(ms)
    if len(value) > _VALUE_WIDTH:
        return ((value, specs[0]), (f" {unit}", specs[1]))
    return ((value.rjust(_VALUE_WIDTH), specs[0]), (f" {unit}".ljust(3), specs[1]))


def _cause(cell: _Cell) -> Line:
    code = cell.row.get("cause")
    if isinstance(code, str):
        return (_text(CAUSES[code].label, cell.column.width, cell.alarm, cell.context),)
    text, spec = _note(cell)
    return (_text(text, cell.column.width, spec, cell.context),) if text else ()


def _note(cell: _Cell) -> Span:
    row = cell.row
    if row.get("note"):
        return str(row["note"]), "ink-muted"
    late_ms = row.get("late_ms")
    if isinstance(late_ms, int) and late_ms >= _LATE_MS:
        return f"late {units.age(late_ms)}", "accent"
    if row.get("state") == "in_flight":
        started, now = time_of(row), cell.context.now_ms
        age = "" if started is None or now is None else f" {units.age(now - started)}"
        return f"in flight{age}", "ink-muted"
    if row.get("truncated_lines"):
        return "truncated", "ink-muted"
    return "", ""


def _client(cell: _Cell) -> Line:
    address = cell.row.get("source_ip")
    if not address:
        return (_UNKNOWN,)
    text = cut_middle(one_line(str(address)), cell.column.width, cell.context.glyphs.ellipsis)
    return ((text, cell.ink),)


def _id(cell: _Cell) -> Line:
    request_id = cell.row.get("request_id")
    if not request_id:
        return (_UNKNOWN,)
    strong = cell.place.cursor or cell.status_class == "5xx"
    # More of it only where more was asked for than what tells requests apart.
    room = cell.column.width - 1 if cell.column.width > _ID_WIDTH else _ID_HEAD
    whole = len(request_id) <= room or len(request_id) == cell.column.width
    head = one_line(str(request_id)) if whole else fitted(one_line(str(request_id)), room, "")
    spans: Line = ((head, "ink-strong" if strong else cell.ink),)
    if whole or cell.column.width <= _ID_HEAD:
        return spans
    return (*spans, (cell.context.glyphs.ellipsis, "ink-faint"))


def _kind(cell: _Cell) -> Line:
    letter = _KIND_LETTERS.get(str(cell.row.get("kind")), cell.context.glyphs.success)
    return ((letter, "accent" if letter == "L" else "ink-muted"),)


def _line(cell: _Cell) -> Line:
    return (_text(cell.row.get("message"), cell.column.width, _line_ink(cell), cell.context),)


def _line_ink(cell: _Cell) -> str:
    if cell.row.get("line_kind") in _failing_lines() or cell.status_class == "5xx":
        return "ink-strong"
    return cell.ink


def _text(value: object, width: int, spec: str, context: RowContext) -> Span:
    if not value:
        return _UNKNOWN
    text = str(value) if context.reveal else mask_secrets(str(value))
    return fitted(one_line(text, context.glyphs), width, context.glyphs.ellipsis), spec


_LEAST_REASON: Final = 12
"""Columns; in fewer the reason of a gap says nothing."""


def _gap_line(row: Row, columns: Sequence[Column], context: RowContext) -> Line:
    """Return span, length, reason and next try over the whole width; a long reason is cut in its middle."""
    glyphs = context.glyphs
    spans: list[Span] = [(glyphs.gap, "status-4xx"), (" ", ""), ("gap ", "bold status-4xx")]
    start, end, again_ms = row.get("gap_start"), row.get("gap_end"), row.get("again_ms")
    length = ""
    if isinstance(start, int) and isinstance(end, int):
        first, last = _gap_times(start, end, context)
        spans.append((f"{first} {units.UNKNOWN} {last}   ", "ink-strong"))
        length = f"{' '.join(units.short_duration(end - start))} "
    again: Line = ()
    if isinstance(again_ms, int):
        value, unit = whole_seconds(again_ms)
        again = (("  Again in ", "ink-muted"), (value, "ink"), (f" {unit}", "ink-muted"))
    whole = GUTTER + sum(column.gap + column.width for column in columns)
    reason = one_line(str(row["gap"]), glyphs)
    if not reason.startswith("not read"):
        length += "not read: "
    room = whole - 2 - len(length) - width_of((*spans, *again))
    if room < _LEAST_REASON:
        spans.append((f"{length.removesuffix(': ')}", "ink-muted"))  # the banner says why, and when again
    else:
        spans += [(f"{length}{cut_middle(reason, room, glyphs.ellipsis)}.", "ink-muted"), *again]
    dashes = whole - 1 - width_of(spans)
    if dashes > 0:
        spans.append((" " + glyphs.gap * dashes, "status-4xx"))
    return tuple(spans)


def _gap_times(start: int, end: int, context: RowContext) -> tuple[str, str]:
    """Return both ends to a tenth of a second; with their dates where those differ."""
    first, last = (units.clock(ms, context.zone)[:-2] for ms in (start, end))
    dates = [units.day(ms, context.zone) for ms in (start, end)]
    if dates[0] == dates[1]:
        return first, last
    return f"{dates[0][5:]} {first[:8]}", f"{dates[1][5:]} {last[:8]}"


_CELLS: Final[Mapping[str, Callable[[_Cell], Line]]] = {
    "time": _time,
    "status": _status,
    "method": _method,
    "route": _route,
    "latency": _latency,
    "integration": _integration,
    "overhead": _overhead,
    "bytes": _size,
    "cause": _cause,
    "ip": _client,
    "id": _id,
    "kind": _kind,
    "line": _line,
}
