"""A stitched request as plain text: its cause, its phases, what is known of it, its functions, every line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core import units
from apigw_tui.core.diagnosis import CAUSES
from apigw_tui.core.records import instant
from apigw_tui.core.secrets import mask_secrets
from apigw_tui.core.story_texts import StoryTexts
from apigw_tui.headless.text import COLORS, GLYPHS, KIND_LETTERS, aligned, duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from apigw_tui.core.invocations import Invocation
    from apigw_tui.core.story import Story
    from apigw_tui.headless.text import Record, TextStyle

_TEXT_COLUMN: Final = 16
_EVENTS: Final = {"CONNECT": "$connect", "MESSAGE": "message", "DISCONNECT": "$disconnect"}


def story_lines(
    story: Story, record: Record, style: TextStyle, *, reveal: bool, trace: Sequence[str] = ()
) -> Iterator[str]:
    """A stitched request: cause first, then phases, its X-Ray trace as `trace` tells it, facts and lines.

    `record` is its JSON, secrets in it masked or not.
    """
    yield from _head(story, record, style)
    yield ""
    yield from aligned([_phase_row(phase) for phase in story.phases], right=(1,), indent="  ")
    yield ""
    yield from trace
    if trace:
        yield ""
    yield from _facts(story, record, trace=None if trace else record["trace_id"])
    for run in story.invocations:
        yield ""
        yield from (row if reveal else mask_secrets(row) for row in _function(run))
    yield ""
    yield from _lines(story, reveal=reveal)


def _head(story: Story, record: Record, style: TextStyle) -> Iterator[str]:
    status = str(record["status"] or "–")
    sgr = COLORS.get(status[0])
    words = (record["method"] or _event(story), record["path"] or record["route"], duration_text(record["latency_ms"]))
    asked = "  ".join(" ".join(word for word in words[:2] if word).split("\n"))
    yield style.paint(f"{GLYPHS.get(status[0], '?')} {status}  {asked}  {words[2]}", sgr)
    started = f"{style.day(record['started_at'])} {style.clock(record['started_at'])}"
    yield f"{record['request_id'] or record['extended_request_id']}  {started}  {record['state']}"
    yield from _namesakes(story, style)
    cause = record["cause"]
    if cause:
        yield ""
        yield style.paint(f"{cause['title']} ({cause['code']})", sgr)
        for name in ("detail", "evidence"):
            if cause[name]:
                yield f"  {name}: {cause[name]}"
        if cause["code"] in CAUSES:
            yield f"  next: {CAUSES[cause['code']].next_step}"


def _namesakes(story: Story, style: TextStyle) -> Iterator[str]:
    for other in story.kin.namesakes:
        words = [style.clock(instant(other.started_at))] if other.started_at is not None else []
        words += [str(word) for word in (other.status, other.method, other.path) if word is not None]
        extended = f", extended ID {other.extended_request_id}" if other.extended_request_id else ""
        yield f"  another request used the same ID: {mask_secrets(' '.join(words))}{extended}"
    if story.kin.more_namesakes:
        yield f"  and {units.count(story.kin.more_namesakes)} more"


def _event(story: Story) -> str:
    return _EVENTS.get(str(story.row["event_type"]), "")


def _phase_row(phase: Any) -> tuple[str, ...]:
    source = "computed from the times of the lines" if phase.duration_source == "computed" else ""
    return (
        phase.name.replace("_", " "),
        duration_text(phase.duration_ms),
        phase.outcome.replace("_", " "),
        source,
    )


def _facts(story: Story, record: Record, *, trace: str | None) -> Iterator[str]:
    integration = record["integration"]
    facts = (
        ("event", _event(story)),
        ("route", record["route"]),
        ("latency", _latency(record)),
        ("function", integration["function"]),
        ("function request", integration["request_id"]),
        ("integration", integration["uri"]),
        ("client", record["source_ip"]),
        ("user agent", record["user_agent"]),
        ("api key", record["api_key_id"]),
        ("extended id", record["extended_request_id"]),
        ("trace", trace),
        ("connection", _connection(story, record)),
        *((payload.name.lower(), payload.known) for payload in story.payloads),
    )
    yield from aligned([(name, str(value)) for name, value in facts if value], indent="  ")
    counts: Mapping[str, int] = record["counts"]
    cut = f", {record['truncated_lines']} truncated" if record["truncated_lines"] else ""
    unknown = f", {record['unknown_lines']} of unknown kind" if record["unknown_lines"] else ""
    kinds = ", ".join(f"{counts[kind]} {kind}" for kind in ("access", "execution", "lambda"))
    yield f"  lines: {kinds}{cut}{unknown}"


def _latency(record: Record) -> str | None:
    """What the integration took of it and what API Gateway did; where nothing logged it, that it was computed."""
    if record["latency_ms"] is None:
        return None
    told = duration_text(record["latency_ms"])
    if record["latency_source"] == "computed":
        told += ", computed from the times of the lines"
    if record["integration_latency_ms"] is not None:
        told += f": integration {duration_text(record['integration_latency_ms'])}"
    if record["overhead_ms"] is not None:
        told += f", overhead {duration_text(record['overhead_ms'])}"
    return told


def _connection(story: Story, record: Record) -> str | None:
    connection = story.kin.connection
    if connection is None:
        return record["connection_id"] and str(record["connection_id"])
    told = f"{connection.connection_id}, request {connection.place} of the {connection.requests} read"
    for label, at in (("connected", connection.connected_at), ("disconnected", connection.disconnected_at)):
        told += f", {label} {instant(at)}" if at is not None else ""
    return told


def _function(run: Invocation) -> Iterator[str]:
    """An invocation: whose, its ID, its numbers, and how it failed."""
    yield "  ".join(word for word in (run.role, run.function or run.log_group, run.request_id) if word)
    if run.facts:
        yield f"  {', '.join(run.facts)}"
    if run.error is not None:
        yield from (f"  {row}" for row in run.error.title.split("\n"))
        yield from (f"    {row.strip()}" for row in run.error.frames)


def _lines(story: Story, *, reveal: bool) -> Iterator[str]:
    texts = StoryTexts(story.lines, None, reveal=reveal, as_logged=True)
    for index, line in enumerate(story.lines):
        mark = "←" if line.evidence else " "
        first, *rest = texts.rows(index)
        yield f"{units.offset(line.offset_ms):>11} {KIND_LETTERS.get(line.kind, '?')} {mark} {first}"
        yield from (f"{' ' * _TEXT_COLUMN}{row}" for row in rest)
