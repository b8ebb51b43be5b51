"""One request stitched: why it failed, its phases, every line in true order, its payloads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from apigw_tui.core.diagnosis import CAUSES
from apigw_tui.core.diagnosis_rules import LINE_LEAD, VARIABLES
from apigw_tui.core.function_endings import FunctionEndings
from apigw_tui.core.invocations import FunctionRole, Invocation, invocation_json, invocations
from apigw_tui.core.kin import Kin
from apigw_tui.core.lambda_lines import LAMBDA_GROUP
from apigw_tui.core.parse import parse_events
from apigw_tui.core.phases import Phase, phases_of
from apigw_tui.core.records import access_entry, instant, request_json
from apigw_tui.core.requests import LONGEST_REQUEST, in_true_order, summarise
from apigw_tui.core.schema import EVENTS, RAW_EVENTS
from apigw_tui.core.story_payloads import Payload, payloads_of
from apigw_tui.core.trace import segments_json
from apigw_tui.core.transcript import lines_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.trace import Trace

__all__ = ["Cause", "Payload", "Story", "StoryLine", "build_story", "story_json"]

_LEAD: Final = re.compile(LINE_LEAD, re.ASCII)
_SECOND: Final = 1000
_FEW: Final = 2
_KIND_ORDER: Final = {"access": 0, "execution": 1, "lambda": 2, "other": 3}


@dataclass(frozen=True)
class Cause:
    """Why the request failed; `evidence` is the line or access field that proves it."""

    code: str
    title: str
    detail: str
    evidence: str | None
    meaning: str
    next_step: str


@dataclass(frozen=True)
class StoryLine:
    """One event of the story; `offset_ms` counts from the start of the request."""

    timestamp: int | None
    offset_ms: int | None
    kind: str
    line_kind: str | None
    log_group: str
    message: str
    evidence: bool = False
    truncated: bool = False
    function: FunctionRole | None = None
    """Whose line of a function's log it is: that of the integration or of the authorizer."""
    request_id: str | None = None
    """Of API Gateway; of Lambda for a line of a function's log."""

    @property
    def name(self) -> tuple[int | None, str, str]:
        """What the line is known by while others come: offsets move with the start of the request."""
        return self.timestamp, self.log_group, self.message

    @property
    def text(self) -> str:
        """The message without the request ID that every execution line begins with."""
        return _text(self.message) if self.kind == "execution" else self.message


@dataclass(frozen=True)
class Story:
    """A request with all that was read of it. `row` is its row of REQUESTS, `request` its JSON."""

    row: Mapping[str, Any]
    request: dict[str, Any]
    cause: Cause | None
    phases: tuple[Phase, ...]
    lines: tuple[StoryLine, ...]
    access: dict[str, Any]
    payloads: tuple[Payload, ...]
    counts: dict[str, int] = field(default_factory=dict)
    invocations: tuple[Invocation, ...] = ()
    kin: Kin = field(default_factory=Kin)
    trace: Trace | None = None
    """What X-Ray told of it; None when it was not asked."""


def build_story(
    events: pl.DataFrame, formats: Mapping[str, AccessFormat], *, function: str | None = None, kin: Kin | None = None
) -> Story:
    """The story of one request from its EVENTS rows and those of its functions (Lambda lines).

    `function` is the one behind the request's route by the API's settings: the cause names it, and lines of its
    log group are those of the integration. Raises ValueError when none of the events belongs to a request.
    """
    parsed = _parsed(events, formats)
    endings = FunctionEndings()
    endings.note(parsed)
    rows = endings.applied(summarise(parsed))
    if rows.is_empty():
        raise ValueError("No access entry or execution line among these events belongs to a request.")
    if rows.height > 1:
        rows = rows.sort(pl.col("access_events") + pl.col("execution_events"), "key", descending=True).head(1)
        parsed = parsed.filter((pl.col("key") == rows.item(0, "key")) | (pl.col("kind") == "lambda"))
    ordered = _in_story_order(parsed)
    row = _with_function(rows.row(0, named=True), ordered, function)
    return replace(_story(row, ordered, formats, function=function), kin=kin or Kin())


def story_json(story: Story) -> dict[str, Any]:
    """The JSON of `show`: the request with its phases and lines, and the invocations of its functions."""
    return {
        **story.request,
        "phases": [
            {
                "name": phase.name,
                "start_ms": phase.start_ms,
                "duration_ms": phase.duration_ms,
                "outcome": phase.outcome,
            }
            for phase in story.phases
        ],
        "lines": [
            {
                "timestamp": instant(line.timestamp),
                "offset_ms": line.offset_ms,
                "kind": line.kind,
                "line_kind": line.line_kind,
                "log_group": line.log_group,
                "message": line.message,
            }
            for line in story.lines
        ],
        "segments": segments_json(story.trace),
        "functions": [invocation_json(invocation) for invocation in story.invocations],
    }


def _parsed(events: pl.DataFrame, formats: Mapping[str, AccessFormat]) -> pl.DataFrame:
    """Fields read again from the messages; what the store decided about each event stays as it is."""
    decided = [name for name in ("kind", "line_kind", "request_id", "key") if name in events.columns]
    return parse_events(events.select(RAW_EVENTS.names()), formats).with_columns(
        events.get_column(name).cast(EVENTS[name]) for name in decided
    )


def _in_story_order(parsed: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows by time; within a millisecond first the access entry, then execution lines, then Lambda lines."""
    rank = pl.col("kind").cast(pl.String).replace_strict(_KIND_ORDER, return_dtype=pl.UInt8)
    ordered = in_true_order(parsed).sort("timestamp", rank, nulls_last=True, maintain_order=True)
    return ordered.to_dicts()


def _with_function(row: dict[str, Any], events: Sequence[Mapping[str, Any]], function: str | None) -> dict[str, Any]:
    """Adds what only the functions' lines tell: without data trace the log group names the function.

    After a timeout API Gateway does not log the Lambda request ID; what the function behind the route logged
    then has it.
    """
    call = row["integration_request_id"] or _call_of(row["integration_function"] or function, row, events)
    if call is None:
        return row
    groups = (event["log_group"] or "" for event in events if event["request_id"] == call)
    name = next((group.removeprefix(LAMBDA_GROUP) for group in groups if group.startswith(LAMBDA_GROUP)), None)
    return {**row, "integration_request_id": call, "integration_function": row["integration_function"] or name}


def _call_of(function: str | None, row: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> str | None:
    """The Lambda request ID in the lines of this function's log group."""
    if function is None:
        return None
    others = (None, row["request_id"], row["authorizer_request_id"])
    calls = (event["request_id"] for event in events if event["log_group"] == LAMBDA_GROUP + function)
    return next((call for call in calls if call not in others), None)


def _story(
    row: dict[str, Any], events: list[dict[str, Any]], formats: Mapping[str, AccessFormat], *, function: str | None
) -> Story:
    entry = next((event for event in events if event["kind"] == "access"), None)
    access = access_entry(entry["message"], formats.get(entry["log_group"])) if entry else {}
    lambda_events = sum(event["kind"] == "lambda" for event in events)
    request = request_json(row, access=access, lambda_events=lambda_events, function=function)
    lines = _lines(row, events)
    return Story(
        row=row,
        request=request,
        cause=_cause(request["cause"]),
        phases=phases_of(row, _steps(row, events), entry or {}),
        lines=lines,
        access=access,
        payloads=payloads_of(lines, row),
        counts=request["counts"],
        invocations=invocations(lines),
    )


def _cause(claimed: Mapping[str, Any] | None) -> Cause | None:
    if claimed is None:
        return None
    text = CAUSES[claimed["code"]]
    return Cause(
        code=text.code,
        title=text.title,
        detail=claimed["detail"],
        evidence=claimed["evidence"],
        meaning=text.meaning,
        next_step=text.next_step,
    )


def _steps(row: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> list[tuple[str | None, int | None]]:
    """Line kinds of the execution lines with their offsets, all None where their times are not good enough.

    Lines of files may have no time of their own or whole seconds only; CloudWatch's own, which have event IDs,
    always know the millisecond.
    """
    steps = [event for event in events if event["kind"] == "execution"]
    offsets = [_offset(row, event["timestamp"]) for event in steps]
    times = {event["timestamp"] for event in steps}
    vague = all(event["event_id"] is None for event in steps) and (
        len(times) < min(len(steps), _FEW) or all(time is None or time % _SECOND == 0 for time in times)
    )
    if vague or None in offsets:
        offsets = [None] * len(offsets)
    return [step for event, at in zip(steps, offsets, strict=True) for step in _kinds(event, at)]


def _kinds(event: Mapping[str, Any], at: int | None) -> list[tuple[str | None, int | None]]:
    if event["line_kind"] != "test_invoke" or "\n" not in event["message"]:
        return [(event["line_kind"], at)]
    return [(kind, None) for kind, _ in lines_within(event["message"])]


def _offset(row: Mapping[str, Any], timestamp: int | None) -> int | None:
    """Milliseconds from the start of the request; None for a time that cannot be that of the event."""
    started = row["started_at"]
    if timestamp is None or started is None or abs(timestamp - started) > LONGEST_REQUEST:
        return None
    return int(timestamp - started)


def _lines(row: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> tuple[StoryLine, ...]:
    pending = row["evidence"]
    by_entry = pending is not None and pending.partition(": ")[0] in VARIABLES.values()
    lines = []
    for event in events:
        proves = pending is not None and _proves(event, pending, by_entry=by_entry)
        if proves:
            pending = None
        lines.append(
            StoryLine(
                timestamp=event["timestamp"],
                offset_ms=_offset(row, event["timestamp"]),
                kind=event["kind"],
                line_kind=event["line_kind"],
                log_group=event["log_group"] or "",
                message=event["message"],
                evidence=proves,
                truncated=bool(event["truncated"]),
                function=_role(row, event),
                request_id=event["request_id"],
            )
        )
    return tuple(lines)


def _role(row: Mapping[str, Any], event: Mapping[str, Any]) -> FunctionRole | None:
    if event["kind"] != "lambda":
        return None
    of_authorizer = event["request_id"] is not None and event["request_id"] == row["authorizer_request_id"]
    return "authorizer" if of_authorizer else "integration"


def _proves(event: Mapping[str, Any], evidence: str, *, by_entry: bool) -> bool:
    if by_entry:
        return bool(event["kind"] == "access")
    if event["kind"] == "lambda":
        return bool(event["message"] == evidence)
    if event["kind"] != "execution":
        return False
    if event["line_kind"] == "test_invoke":
        return evidence in event["message"]
    return _text(event["message"]).rstrip() == evidence


def _text(message: str) -> str:
    return _LEAD.sub("", message, count=1)
