"""How a request's time went, as bars on one linear scale, and the facts about caller and backend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from apigw_tui.core.console_links import trace_link
from apigw_tui.core.lambda_lines import LAMBDA_GROUP
from apigw_tui.core.text import mask_secrets
from apigw_tui.core.trace import normal_trace_id
from apigw_tui.core.units import duration
from apigw_tui.tui.line import cut_line, fitted, width_of
from apigw_tui.tui.rows import Row, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.phases import Phase
    from apigw_tui.core.story import Story
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.line import Line, Span

NAME_CELLS: Final = 16
VALUE_CELLS: Final = 6
BAR_COLUMN: Final = 28
_FACT_COLUMN: Final = 19
_EIGHTHS: Final = 8
_VERSION: Final = re.compile(r"^START RequestId: \S+ Version: (\S+)")


def phase_rows(phases: Sequence[Phase], width: int, *, total_ms: int, all_phases: bool, glyphs: Glyphs) -> list[Row]:
    """Phases as bars on one linear scale, from the start to the end of the request."""
    bar_width = max(width - BAR_COLUMN - 3, 1)
    rows = []
    for phase in phases:
        if phase.duration_ms is None and not all_phases:
            continue
        rows.append(Row((*_phase_name(phase), *_phase_bar(phase, bar_width, total_ms, glyphs))))
    return rows


def phase_title(story: Story, width: int) -> Row:
    """The heading of the phases, with the length of their scale."""
    value, unit = duration(total_ms(story))
    of: Line = ((f"  of {value} {unit}", "ink-muted"),) if total_ms(story) is not None else ()
    if any(phase.duration_source == "computed" for phase in story.phases):
        of = (*of, ("  ~ computed", "ink-faint"))
    return Row(cut_line((("  ", ""), ("Phases", "ink-strong bold"), *of), width))


def fact_rows(story: Story, width: int) -> list[Row]:
    """What is known of caller and backend, one fact a row; the trace has rows of its own."""
    rows = []
    for label, value, note in facts(story):
        if label == "trace" and normal_trace_id(value):
            continue
        head = ((f"  {label}".ljust(_FACT_COLUMN), "ink-muted"),)
        notes: Line = ((f"  {note}", "ink-muted"),) if note else ()
        room = width - _FACT_COLUMN - 1
        rows.append(Row((*head, (shortened(value, room), "ink"), *notes)))
    return rows


def fact_row(story: Story, width: int, region: str | None = None) -> Row:
    """The most wanted facts on one row, for narrow screens; the trace links to the console of the region."""
    wanted = [fact for fact in facts(story) if fact[0] in ("client", "key", "trace")]
    spans: list[Span] = [(" ", "")]
    for label, value, _ in wanted:
        ink = linked("ink", value, region) if label == "trace" else "ink"
        spans += [(" " if len(spans) == 1 else "   ", ""), (f"{label} ", "ink-muted"), (value, ink)]
    return Row(cut_line(tuple(spans), width - 1))


def facts(story: Story) -> list[tuple[str, str, str]]:
    """Label, value and note of everything the request says about itself; nothing that was not logged."""
    request = story.request
    integration = request.get("integration") or {}
    named = (
        ("function", integration.get("function"), _version(story, integration.get("function"))),
        ("client", request.get("source_ip"), ""),
        ("key", request.get("api_key_id"), ""),
        ("caller", request.get("caller"), ""),
        ("principal", request.get("principal"), ""),
        ("trace", request.get("trace_id"), ""),
        ("agent", request.get("user_agent"), ""),
        ("backend", None if integration.get("function") else integration.get("uri"), ""),
        ("backend said", integration.get("status"), ""),
        ("Lambda ID", integration.get("request_id"), ""),
        ("extended ID", request.get("extended_request_id"), ""),
        ("connection", request.get("connection_id"), ""),
        ("route", request.get("route"), ""),
    )
    return [(label, mask_secrets(str(value)), note) for label, value, note in named if value not in (None, "")]


def linked(ink: str, trace_id: str, region: str | None) -> str:
    """An ink that links a trace ID to the AWS console, where one shows the trace."""
    link = trace_link(normal_trace_id(trace_id), region)
    return f"{ink} underline link={link}" if link else ink


def total_ms(story: Story) -> int | None:
    """How long the request took: its latency, else the span of its phases and lines."""
    latency = story.request.get("latency_ms")
    if latency is not None:
        return int(latency)
    return max((sum(span) for phase in story.phases if (span := _span(phase))), default=None)


def _version(story: Story, function: str | None) -> str:
    for line in story.lines:
        own = line.line_kind == "lambda_start" and line.log_group == f"{LAMBDA_GROUP}{function}"
        if own and (match := _VERSION.match(line.message)):
            return f"version {match[1]}"
    return ""


def _span(phase: Phase) -> tuple[int, int] | None:
    """Start and duration of a phase of which both are known."""
    if phase.start_ms is None or phase.duration_ms is None:
        return None
    return phase.start_ms, phase.duration_ms


def _failed(phase: Phase) -> bool:
    return phase.outcome == "failed"


def _phase_name(phase: Phase) -> Line:
    value, unit = duration(phase.duration_ms)
    sign = "~" if phase.duration_source == "computed" else ""
    name_ink = "ink-strong bold" if _failed(phase) else "ink-muted" if _span(phase) else "ink-faint"
    value_ink = "ink-strong bold" if _failed(phase) else "ink" if _span(phase) else "ink-faint"
    return (
        ("  ", ""),
        (fitted(phase.name.replace("_", " "), NAME_CELLS), name_ink),
        (sign.rjust(VALUE_CELLS - len(value)), "ink-faint"),
        (value, value_ink),
        (" ", ""),
        (unit.ljust(2), "ink-faint"),
        (" ", ""),
    )


def _phase_bar(phase: Phase, width: int, scale_ms: int, glyphs: Glyphs) -> Line:
    span = _span(phase)
    if span is None:
        told = "not reached" if phase.outcome == "not_reached" else ""
        if _failed(phase):
            return ((glyphs.server_error, "status-5xx bold"), (" failed", "ink-muted"))
        return ((told, "ink-faint"),) if told else ()
    failed = _failed(phase)
    bar = time_bar(*span, width=width, scale_ms=scale_ms, ink="fill-5xx" if failed else "status-2xx", glyphs=glyphs)
    return signed(bar, width, ((glyphs.server_error, "status-5xx bold"),)) if failed else bar


def time_bar(start_ms: int, duration_ms: int, *, width: int, scale_ms: int, ink: str, glyphs: Glyphs) -> Line:
    """A bar from start to end on the scale of the request; at least an eighth of a cell, and never beyond it."""
    blanks, full, tail = _eighths(start_ms, duration_ms, width, max(scale_ms, 1))
    bar = glyphs.left_eighths[_EIGHTHS] * full + (glyphs.left_eighths[tail] if tail else "")
    return ((" " * blanks, ""), (bar, ink))


def signed(bar: Line, width: int, sign: Line) -> Line:
    """A bar with a sign behind the end of the scale."""
    return (*bar, (" " * (max(width - width_of(bar), 0) + 1), ""), *sign)


def _eighths(start_ms: int, duration_ms: int, width: int, scale_ms: int) -> tuple[int, int, int]:
    """Blank cells, whole cells and eighths of the cell after: at least one eighth for what took place."""
    start = min(max(round(start_ms * width * _EIGHTHS / scale_ms), 0), width * _EIGHTHS - 1)
    end = min(max(round((start_ms + duration_ms) * width * _EIGHTHS / scale_ms), start + 1), width * _EIGHTHS)
    blanks = start // _EIGHTHS
    within_one_cell = end <= (blanks + 1) * _EIGHTHS
    length = end - start if within_one_cell else end - blanks * _EIGHTHS
    return blanks, length // _EIGHTHS, length % _EIGHTHS
