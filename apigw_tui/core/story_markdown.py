"""A story as Markdown, for a ticket or a chat: what failed, the proof, the phases, the lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from apigw_tui.core.records import instant
from apigw_tui.core.text import mask_secrets
from apigw_tui.core.units import duration, offset

if TYPE_CHECKING:
    from apigw_tui.core.story import Story

_LONGEST_LINE: Final = 400
_LETTERS: Final = {"access": "A", "execution": "E", "lambda": "L"}
_BREAKS: Final = re.compile(r"\s*\n\s*|\t")
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#])")


def story_markdown(story: Story, *, reveal: bool) -> str:
    """Write a story; log text stands in code, so that it cannot style or link anything."""
    parts = [_heading(story), _ids(story), *_cause(story, reveal=reveal), *_phases(story)]
    parts += [_lines(story, reveal=reveal)] if story.lines else []
    return "\n\n".join(parts) + "\n"


def _heading(story: Story) -> str:
    request = story.request
    value, unit = duration(request["latency_ms"])
    words = [str(word) for word in (request["status"], request["method"]) if word is not None]
    path = _code(request["path"] or request["route"] or "")
    took = "" if request["latency_ms"] is None else f" in {value} {unit}"
    return f"## {' '.join(words)} {path}{took}"


def _ids(story: Story) -> str:
    request = story.request
    named = (
        ("request ID", request["request_id"]),
        ("extended request ID", request["extended_request_id"]),
        ("Lambda request ID", request["integration"]["request_id"]),
        ("trace ID", request["trace_id"]),
        ("started", instant(story.row["started_at"])),
        ("stage", "/".join(part for part in (request["api_id"], request["stage"]) if part)),
        ("route", request["route"]),
        ("client", request["source_ip"]),
        ("function", request["integration"]["function"]),
    )
    return "\n".join(f"- {label}: {_code(str(value))}" for label, value in named if value)


def _cause(story: Story, *, reveal: bool) -> list[str]:
    cause = story.cause
    if cause is None:
        return []
    evidence = cause.evidence if reveal or not cause.evidence else mask_secrets(cause.evidence)
    parts = [f"**{_escaped(cause.title)}** ({_code(cause.code)}). {_escaped(mask_secrets(cause.detail))}"]
    parts += [_fenced([__one_line(evidence)])] if evidence else []
    return [*parts, f"Next: {_escaped(cause.next_step)}"]


def _phases(story: Story) -> list[str]:
    timed = [phase for phase in story.phases if phase.duration_ms is not None]
    if not timed:
        return []
    rows = "\n".join(
        f"| {phase.name.replace('_', ' ')} | {offset(phase.start_ms)} | {' '.join(duration(phase.duration_ms))} "
        f"| {phase.outcome.replace('_', ' ')} |"
        for phase in timed
    )
    return [f"| phase | start | took | outcome |\n| --- | ---: | ---: | --- |\n{rows}"]


def _lines(story: Story, *, reveal: bool) -> str:
    texts = []
    for line in story.lines:
        text = __one_line(line.text if reveal else mask_secrets(line.text))
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
    return f"{ticks}{pad}{__one_line(text)}{pad}{ticks}" if text else ""


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def __one_line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())
