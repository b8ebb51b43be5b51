"""The head of a story: title and tabs, IDs and times, the cause card, phases and facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.text import mask_secrets
from apigw_tui.core.units import clock, count, duration
from apigw_tui.tui.glyphs import UNICODE, Glyphs, class_of, colour_of
from apigw_tui.tui.line import cut, width_of
from apigw_tui.tui.rows import Row, folded, rule, spread, spread_keeping_right

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from apigw_tui.core.story import Cause, Story
    from apigw_tui.tui.line import Line, Span

_ID_HEAD: Final = 8
_SLOW_MS: Final = 1_000
_LEAST_TITLE: Final = 30


@dataclass(frozen=True)
class CauseContext:
    """How common a cause is in what is shown: `since` is the start of its first request, epoch ms."""

    count: int
    since: int | None


@dataclass(frozen=True)
class Tab:
    """One tab of the story; `count` is what it holds where that tells."""

    name: str
    count: int | None = None


def status_spans(status: int | None, glyphs: Glyphs) -> tuple[Span, ...]:
    """The status with its glyph: colour is never alone."""
    status_class = class_of(status)
    ink = colour_of(status_class)
    bold = " bold" if status_class == "5xx" else ""
    sign = glyphs.of_class(status_class)
    return ((f"{sign} {status}" if status is not None else sign, f"{ink}{bold}"),)


def title(request: Mapping[str, Any], glyphs: Glyphs = UNICODE) -> Line:
    """What was asked and how it ended: glyph, status, method, actual path and latency."""
    latency = request.get("latency_ms")
    value, unit = duration(latency)
    method = request.get("method") or request.get("event_type") or ""
    path = request.get("path") or request.get("route") or ""
    in_flight = request.get("state") == "in_flight"
    status: Line = (
        ((f"{glyphs.in_flight} in flight", "ink-muted"),)
        if in_flight and request.get("status") is None
        else status_spans(request.get("status"), glyphs)
    )
    slow = latency is not None and latency >= _SLOW_MS
    timing: Line = (
        () if latency is None else ((f"   {value}", f"ink-strong{' bold' if slow else ''}"), (f" {unit}", "ink-muted"))
    )
    return (*status, (f"  {method} " if method else "  ", "ink"), (path, "ink-strong bold"), *timing)


def tab_spans(tabs: Sequence[Tab], active: int) -> Line:
    """The names of the tabs; the active one is underlined in the accent."""
    spans: list[Span] = []
    for place, tab in enumerate(tabs):
        if place:
            spans.append(("  ", ""))
        spans.append((tab.name, "accent bold underline" if place == active else "ink-muted"))
        if tab.count is not None:
            spans.append((f" {tab.count}", "ink-faint"))
    return tuple(spans)


def tab_at(tabs: Sequence[Tab], column: int) -> int | None:
    """Which tab lies at a column of `tab_spans`."""
    start = 0
    for place, tab in enumerate(tabs):
        width = len(tab.name) + (0 if tab.count is None else 1 + len(str(tab.count)))
        if start <= column < start + width:
            return place
        start += width + 2
    return None


def title_rule(request: Mapping[str, Any], tabs: Line, width: int, glyphs: Glyphs = UNICODE) -> Line:
    """Title and tabs set into a hairline; a long path is cut so that the tabs stay."""
    room = max(width - width_of(tabs) - 8, _LEAST_TITLE)
    named = title(request, glyphs)
    too_wide = width_of(named) - room
    if too_wide > 0:
        path = str(request.get("path") or request.get("route") or "")
        shorter = {**request, "path": cut(path, max(len(path) - too_wide, 8))}
        named = title(shorter, glyphs)
    return rule(width, named, tabs)


def id_spans(request_id: str | None) -> Line:
    """A request ID whole, its head strong: never shortened in a story."""
    if not request_id:
        return (("no request ID", "ink-muted"),)
    return ((request_id[:_ID_HEAD], "ink-strong bold"), (request_id[_ID_HEAD:], "ink-muted"))


def id_row(story: Story, width: int, tz: tzinfo, glyphs: Glyphs = UNICODE) -> Row:
    """ID, start and end, state; at the right what was read of the request."""
    request = story.request
    started, ended = _times(story)
    times: Line = (("   ", ""), (clock(started, tz), "ink"))
    if ended is not None and ended != started:
        times = (*times, (f" {glyphs.redirect} ", "ink-faint"), (clock(ended, tz), "ink"))
    left = (("  ", ""), *id_spans(_shown_id(request)), *times, (f"   {_state(request)}", "ink-muted"))
    for gap in ("   ", " "):
        counts: Line = ((gap.join(_counts(request)), "ink-muted"), (" ", ""))
        if width_of(left) + 2 + width_of(counts) <= width:
            return Row(spread(left, counts, width), stop=False)
    return Row(spread(left, (), width), stop=False)


def card(
    cause: Cause, context: CauseContext | None, width: int, *, alarm: str, tz: tzinfo, glyphs: Glyphs
) -> list[Row]:
    """What happened and what to do next, on the alarm's tint; the numbers at the right go first."""
    ground = f"tint-{alarm}"
    strong = f"status-{alarm}{' bold' if alarm == '5xx' else ''}"
    bar: Line = ((glyphs.bar, strong), (" ", ""))
    sign = glyphs.of_class("5xx" if alarm == "5xx" else "4xx")
    head: Line = (*bar, (f"{sign} ", strong), (cause.title, "ink-strong bold"))
    code: Line = ((f"   {cause.code}", "ink-muted"), (" ", ""))
    common = _common(context, tz)
    top = spread(head, (*common, *code), width) if common else spread(head, code, width)
    if common and width_of(top) < width:
        top = spread(head, (*common, (" ", "")), width)
    rows = [Row(top, ground)]
    for words, label in ((cause.detail, ""), (cause.next_step, "Next")):
        if not words:
            continue
        lead: Line = ((f"  {label}", "ink-strong bold"), ("  ", "")) if label else (("  ", ""),)
        for place, piece in enumerate(folded(mask_secrets(words), max(width - 3 - width_of(lead), 10))):
            indent: Line = lead if not place else ((" " * width_of(lead), ""),)
            rows.append(Row((*bar, *indent, (piece, "ink")), ground))
    return rows


def title_row(story: Story, width: int, tz: tzinfo, glyphs: Glyphs) -> Row:
    """The title without tabs, for narrow screens: start and state at the right."""
    started, _ = _times(story)
    right: Line = ((clock(started, tz), "ink"), (f"   {_state(story.request)}", "ink-muted"), (" ", ""))
    return Row(spread_keeping_right((("  ", ""), *title(story.request, glyphs)), right, width))


def alarm_of(status: int | None) -> str:
    """Whose colours a failing request has: those of 4xx only for a status that is one."""
    return "4xx" if class_of(status) == "4xx" else "5xx"


def _cut_line(line: Line, width: int) -> Line:
    return spread(line, (), width)


def _times(story: Story) -> tuple[int | None, int | None]:
    row = story.row
    started, ended = row["started_at"], row["ended_at"]
    if started is not None and row["latency_ms"] is not None:
        ended = started + row["latency_ms"]
    return started, None if row["state"] == "in_flight" else ended


def _state(request: Mapping[str, Any]) -> str:
    return str(request.get("state") or "").replace("_", " ")


def _shown_id(request: Mapping[str, Any]) -> str | None:
    return request.get("request_id") or request.get("extended_request_id")


def _counts(request: Mapping[str, Any]) -> list[str]:
    counts = request.get("counts") or {}
    letters = (("A", "access"), ("E", "execution"), ("L", "lambda"))
    told = [f"{letter} {counts.get(kind, 0)}" for letter, kind in letters]
    for field, word in (("truncated_lines", "truncated"), ("unknown_lines", "unknown")):
        if request.get(field):
            told.append(f"{request[field]} {word}")
    return told


def _common(context: CauseContext | None, tz: tzinfo) -> Line:
    if context is None or context.count < 1:
        return ()
    noun = " request" if context.count == 1 else " requests"
    since: Line = ((" since ", "ink-muted"), (clock(context.since, tz, millis=False), "ink"))
    return ((count(context.count), "ink-strong bold"), (noun, "ink-muted"), *(since if context.since else ()))
