"""The X-Ray trace of a story: its ID, which links to the console, and its segments as bars under the phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from apigw_tui.core.text import mask_secrets
from apigw_tui.core.trace import normal_trace_id, shortlisted, subset
from apigw_tui.core.units import duration
from apigw_tui.tui.line import cut_line, fitted
from apigw_tui.tui.rows import Row, folded
from apigw_tui.tui.story_phases import BAR_COLUMN, NAME_CELLS, VALUE_CELLS, linked, signed, time_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.story import Story
    from apigw_tui.core.trace import Trace, TraceSegment
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.line import Line

_GATEWAY: Final = "AWS::ApiGateway::Stage"
_FUNCTION: Final = "AWS::Lambda::Function"
_LEAST_SEGMENTS: Final = 4
_LEAST_SHORT: Final = 2
_DEEPEST: Final = 5
_INKS: Final = {"fault": "fill-5xx", "error": "fill-4xx", "throttle": "fill-4xx", "in_progress": "spark"}


@dataclass(frozen=True)
class TraceForm:
    """How a trace is drawn: `scale_ms` is what the bars of the phases show too, `region` where the ID links to."""

    width: int
    scale_ms: int
    glyphs: Glyphs
    region: str | None = None
    reveal: bool = False


def trace_rows(story: Story, form: TraceForm, room: int) -> list[Row]:
    """ID and segments in about so many rows, never less than a few; none for a request without trace.

    Where room is short, segments that failed or took long stay, and what is left out is counted.
    """
    trace_id = normal_trace_id(story.request.get("trace_id"))
    if trace_id is None:
        return []
    rows = [_title(trace_id, form)]
    trace = story.trace
    if trace is None:
        return rows
    if trace.segments:
        rows += _segments(trace.segments, form, max(room - len(rows), _LEAST_SEGMENTS))
    return rows + _note(trace, form)


def short_trace_rows(story: Story, form: TraceForm, room: int, *, titled: bool) -> list[Row]:
    """The segments in no more rows than there is room for, with the ID above them where they are `titled`."""
    trace_id = normal_trace_id(story.request.get("trace_id"))
    if trace_id is None or story.trace is None or not story.trace.segments or room < _LEAST_SHORT:
        return []
    title = [_title(trace_id, form)] if titled else []
    return [*title, *_segments(story.trace.segments, form, room - len(title))]


def _title(trace_id: str, form: TraceForm) -> Row:
    ink = linked("ink", trace_id, form.region)
    return Row(cut_line((("  ", ""), ("Trace", "ink-strong bold"), ("  ", ""), (trace_id, ink)), form.width))


def _note(trace: Trace, form: TraceForm) -> list[Row]:
    if not trace.note:
        return []
    return [Row((("  ", ""), (piece, "ink-muted"))) for piece in folded(trace.note, max(form.width - 3, 10))]


def _segments(segments: Sequence[TraceSegment], form: TraceForm, room: int) -> list[Row]:
    """The segments below API Gateway's own, which is the request itself, unless there are none."""
    inner = [place for place, each in enumerate(segments) if each.depth or each.origin != _GATEWAY]
    wanted = subset(segments, inner or range(len(segments)))
    # The row that counts what is left out needs one itself.
    kept = wanted if len(wanted) <= room else shortlisted(wanted, room - 1)
    hidden = len(wanted) - len(kept)
    details = _detailed(kept, room - len(kept) - bool(hidden))
    rows: list[Row] = []
    for place, segment in enumerate(kept):
        above = kept[place - 1] if place else None
        rows.append(_row(segment, above, form))
        if place in details:
            rows.append(_detail(segment, form))
    if hidden:
        more = f"{form.glyphs.closed} {hidden} more segment{'' if hidden == 1 else 's'}"
        rows.append(Row((("  ", ""), (more, "ink-muted"))))
    return rows


def _detailed(segments: Sequence[TraceSegment], room: int) -> set[int]:
    """The places of those whose failure is told in a row of its own: the deepest of each branch."""
    failed = [place for place, each in enumerate(segments) if each.outcome in ("fault", "error") and each.detail]
    roots = [place for place in failed if not any(_is_below(segments, place, other) for other in failed)]
    return set(sorted(roots, key=lambda place: -segments[place].depth)[: max(room, 0)])


def _is_below(segments: Sequence[TraceSegment], place: int, other: int) -> bool:
    """Whether the other segment is somewhere below the one at a place."""
    depth = segments[place].depth
    return other > place and all(each.depth > depth for each in segments[place + 1 : other + 1])


def _row(segment: TraceSegment, above: TraceSegment | None, form: TraceForm) -> Row:
    width = max(form.width - BAR_COLUMN - 3, 1)
    value, unit = duration(segment.duration_ms)
    bad = segment.outcome in ("fault", "error", "throttle")
    name_ink = "ink-strong bold" if segment.outcome == "fault" else "ink-strong" if bad else "ink-muted"
    value_ink = "ink-strong bold" if segment.outcome == "fault" else "ink"
    label = " " * min(segment.depth, _DEEPEST) + _label(segment, above)
    return Row(
        (
            ("  ", ""),
            (fitted(label, NAME_CELLS), name_ink),
            (value.rjust(VALUE_CELLS), value_ink),
            (" ", ""),
            (unit.ljust(2), "ink-faint"),
            (" ", ""),
            *_bar(segment, width, form),
        )
    )


def _label(segment: TraceSegment, above: TraceSegment | None) -> str:
    """Lambda tells of an invocation twice under the same name: as the service and as the function."""
    same = above is not None and above.name == segment.name and above.depth < segment.depth
    return "function" if same and segment.origin == _FUNCTION else mask_secrets(segment.name)


def _bar(segment: TraceSegment, width: int, form: TraceForm) -> Line:
    glyphs = form.glyphs
    if segment.start_ms is None:
        return ()
    took = segment.duration_ms
    if took is None:
        took = max(form.scale_ms - segment.start_ms, 0)
    ink = _INKS.get(segment.outcome, "status-2xx")
    bar = time_bar(segment.start_ms, took, width=width, scale_ms=form.scale_ms, ink=ink, glyphs=glyphs)
    match segment.outcome:
        case "fault":
            return signed(bar, width, ((glyphs.server_error, "status-5xx bold"),))
        case "error" | "throttle":
            return signed(bar, width, ((glyphs.client_error, "status-4xx"),))
        case "in_progress":
            return signed(bar, width, ((glyphs.in_flight, "ink-muted"),))
    return bar


def _detail(segment: TraceSegment, form: TraceForm) -> Row:
    text = segment.detail or ""
    shown = text if form.reveal else mask_secrets(text)
    indent = " " * (min(segment.depth, _DEEPEST) + 3)
    return Row(cut_line(((indent, ""), (shown, "ink-muted")), form.width - 1))
