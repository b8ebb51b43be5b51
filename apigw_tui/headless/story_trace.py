"""The X-Ray trace of the request that `show` prints: asked for, and as lines of text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core import units
from apigw_tui.core.console_links import trace_link
from apigw_tui.core.trace import Trace, normal_trace_id, unsampled
from apigw_tui.errors import AppError
from apigw_tui.headless.narration import say
from apigw_tui.headless.reading import request_ref
from apigw_tui.sources.base import Source, Traced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_tui.core.story import Story
    from apigw_tui.headless.reading import Reading

_NAME_CELLS: Final = 56


def with_trace(story: Story, reading: Reading) -> Story:
    """The story with what X-Ray has of it. A story goes on without: what is in the way is said on stderr."""
    trace = _trace(story, reading)
    if trace is None:
        return story
    if trace.note:
        say(f"apigw-tui: {trace.note}")
    return replace(story, trace=trace)


def trace_region(source: Source) -> str | None:
    """The region of the console that shows the source's traces; None where none does."""
    return source.trace_region if isinstance(source, Traced) else None


def trace_lines(record: Mapping[str, Any], trace: Trace | None, *, region: str | None) -> list[str]:
    """Trace ID, console link and segments, the text of which is the record's: masked where secrets are."""
    trace_id = normal_trace_id(record["trace_id"])
    if trace_id is None:
        return []
    link = trace_link(trace_id, region)
    lines = [f"  X-Ray trace {trace_id}", *([f"  {link}"] if link else [])]
    segments = record["segments"] or ()
    width = min(max((2 * segment["depth"] + len(segment["name"]) for segment in segments), default=0), _NAME_CELLS)
    lines += [_segment_line(segment, width) for segment in segments]
    return lines + ([f"  {trace.note}"] if trace is not None and trace.note else [])


def _trace(story: Story, reading: Reading) -> Trace | None:
    source = reading.source
    if not isinstance(source, Traced) or story.row["trace_id"] is None:
        return None
    known = unsampled((line.message for line in story.lines), story.row["trace_id"])
    if known is not None:
        return known
    try:
        return source.trace(request_ref(story.row), reading.stop)
    except AppError as error:
        say(f"apigw-tui: {error}")
        return None


def _segment_line(segment: Mapping[str, Any], width: int) -> str:
    name = f"{'  ' * segment['depth']}{segment['name']}"
    took = " ".join(units.duration(segment["duration_ms"]))
    words = (segment["outcome"].replace("_", " "), segment["origin"] or "", segment["detail"] or "")
    told = "  ".join(word for word in words if word)
    return f"    {name:<{width}} {units.offset(segment['start_ms']):>10} {took:>9}  {told}"
