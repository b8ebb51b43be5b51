"""A story as Markdown, for a ticket or a chat: what failed, the proof, the phases, the lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.console_links import trace_link
from apigw_tui.core.records import instant
from apigw_tui.core.story_texts import StoryTexts
from apigw_tui.core.text import mask_secrets
from apigw_tui.core.trace import normal_trace_id
from apigw_tui.core.units import duration, offset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_tui.core.invocations import Invocation
    from apigw_tui.core.phases import Phase
    from apigw_tui.core.story import Story

_LONGEST_LINE: Final = 400
_LETTERS: Final = {"access": "A", "execution": "E", "lambda": "L"}
_BREAKS: Final = re.compile(r"\s*\n\s*|\t")
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#])")


def story_markdown(story: Story, *, reveal: bool, region: str | None = None) -> str:
    """Write a story; log text stands in code, so that it cannot style or link anything.

    `region` is where its trace is in the AWS console; None where it is in none.
    """
    parts = [_heading(story), _ids(story, region), *_cause(story, reveal=reveal), *_phases(story)]
    parts += _segments(story, reveal=reveal)
    parts += [part for run in story.invocations for part in _function(run, reveal=reveal)]
    parts += [_lines(story, reveal=reveal)] if story.lines else []
    return "\n\n".join(parts) + "\n"


def _heading(story: Story) -> str:
    request = story.request
    value, unit = duration(request["latency_ms"])
    words = [str(word) for word in (request["status"], request["method"]) if word is not None]
    path = _code(request["path"] or request["route"] or "")
    took = "" if request["latency_ms"] is None else f" in {value} {unit}"
    return f"## {' '.join(words)} {path}{took}"


def _ids(story: Story, region: str | None) -> str:
    request = story.request
    link = trace_link(normal_trace_id(request["trace_id"]), region)
    named = (
        ("request ID", request["request_id"]),
        ("extended request ID", request["extended_request_id"]),
        ("Lambda request ID", request["integration"]["request_id"]),
        ("trace ID", request["trace_id"]),
        ("started", instant(story.row["started_at"])),
        ("stage", "/".join(part for part in (request["api_id"], request["stage"]) if part)),
        ("route", request["route"]),
        ("latency", _latency(request)),
        ("client", request["source_ip"]),
        ("function", request["integration"]["function"]),
        ("connection", request["connection_id"]),
        *((payload.name.lower(), payload.known) for payload in story.payloads),
    )
    listed = [f"- {label}: {_code(str(value))}" for label, value in named if value]
    listed += [f"- trace in the console: <{link}>"] if link else []
    return "\n".join([*listed, *_namesakes(story)])


def _latency(request: Mapping[str, Any]) -> str | None:
    """What the integration took of it, and what API Gateway did."""
    if request["latency_ms"] is None:
        return None
    told = " ".join(duration(request["latency_ms"]))
    told += " (computed from the times of the lines)" if request["latency_source"] == "computed" else ""
    for label, name in (("integration", "integration_latency_ms"), ("overhead", "overhead_ms")):
        told += f", {label} {' '.join(duration(request[name]))}" if request[name] is not None else ""
    return told


def _namesakes(story: Story) -> list[str]:
    """Requests that clients gave the same ID."""
    told = []
    for other in story.kin.namesakes:
        words = (instant(other.started_at), other.status, other.method, other.path, other.extended_request_id)
        said = mask_secrets(" ".join(str(word) for word in words if word is not None))
        told.append(f"- another request used the same ID: {_code(said)}")
    more = story.kin.more_namesakes
    return [*told, *([f"- and {more} more"] if more else [])]


def _cause(story: Story, *, reveal: bool) -> list[str]:
    cause = story.cause
    if cause is None:
        return []
    evidence = cause.evidence if reveal or not cause.evidence else mask_secrets(cause.evidence)
    parts = [f"**{_escaped(cause.title)}** ({_code(cause.code)}). {_escaped(mask_secrets(cause.detail))}"]
    parts += [_fenced([_one_line(evidence)])] if evidence else []
    return [*parts, f"Next: {_escaped(cause.next_step)}"]


def _phases(story: Story) -> list[str]:
    timed = [phase for phase in story.phases if phase.duration_ms is not None]
    if not timed:
        return []
    rows = "\n".join(
        f"| {phase.name.replace('_', ' ')} | {offset(phase.start_ms)} | {_took(phase)} "
        f"| {phase.outcome.replace('_', ' ')} |"
        for phase in timed
    )
    return [f"| phase | start | took | outcome |\n| --- | ---: | ---: | --- |\n{rows}"]


def _took(phase: Phase) -> str:
    told = " ".join(duration(phase.duration_ms))
    return f"{told} (computed)" if phase.duration_source == "computed" else told


def _function(run: Invocation, *, reveal: bool) -> list[str]:
    """An invocation: whose, its ID, its numbers, and how it failed."""
    title = f"### {run.role or 'function'} {_code(run.function or run.log_group)}"
    parts = [f"{title} {_code(run.request_id)}" if run.request_id else title]
    parts += [_escaped(", ".join(run.facts))] if run.facts else []
    if run.error is not None:
        rows = [*run.error.title.split("\n"), *(f"  {row.strip()}" for row in run.error.frames)]
        parts.append(_fenced([row if reveal else mask_secrets(row) for row in rows]))
    return parts


def _segments(story: Story, *, reveal: bool) -> list[str]:
    trace = story.trace
    if trace is None:
        return []
    parts = [_escaped(trace.note)] if trace.note else []
    if not trace.segments:
        return parts
    rows = "\n".join(
        f"| {'· ' * segment.depth}{_cell(segment.name, reveal=reveal)} | {_cell(segment.origin, reveal=reveal)} "
        f"| {offset(segment.start_ms)} | {' '.join(duration(segment.duration_ms))} "
        f"| {segment.outcome.replace('_', ' ')} | {_cell(segment.detail, reveal=reveal)} |"
        for segment in trace.segments
    )
    head = "| X-Ray segment | origin | start | took | outcome | detail |\n| --- | --- | ---: | ---: | --- | --- |"
    return [f"{head}\n{rows}", *parts]


def _cell(text: str | None, *, reveal: bool) -> str:
    """Foreign text in a table, where a bar ends the cell even within code."""
    if not text:
        return ""
    return _escaped(text if reveal else mask_secrets(text))


def _lines(story: Story, *, reveal: bool) -> str:
    texts = []
    read = StoryTexts(story.lines, None, reveal=reveal, as_logged=False)
    for index, line in enumerate(story.lines):
        text = _one_line(read.headline(index))
        shown = text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"
        sign = " <- evidence" if line.evidence else ""
        texts.append(f"{offset(line.offset_ms).rjust(9)}  {_LETTERS.get(line.kind, '?')}  {shown}{sign}")
    return _fenced(texts)


def _fenced(texts: list[str]) -> str:
    longest = max((len(run) for text in texts for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return "\n".join((fence, *texts, fence))


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{_one_line(text)}{pad}{ticks}" if text else ""


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()
