"""Invocations of functions: what the lines of their own logs say of time, memory, version and end."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from apigw_tui.core.function_errors import FunctionError, error_in
from apigw_tui.core.lambda_lines import LAMBDA_GROUP
from apigw_tui.core.units import duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apigw_tui.core.story import StoryLine

FunctionRole = Literal["integration", "authorizer"]

_MEASURE: Final = re.compile(
    r"(Init Duration|Billed Duration|Duration|Memory Size|Max Memory Used|Status|Restore Duration): ([\w.]+)"
)
_VERSION: Final = re.compile(r"^START RequestId: \S+ Version: (\S+)")
_RUNTIME: Final = re.compile(r"Runtime Version: (\S+)")
_LIMIT: Final = re.compile(r"Task timed out after ([\d.]+) seconds")
_NUMBERS: Final = {
    "Duration": "duration_ms",
    "Billed Duration": "billed_ms",
    "Init Duration": "init_ms",
    "Memory Size": "memory_mb",
    "Max Memory Used": "used_mb",
}
_METRICS: Final = {
    "durationMs": "duration_ms",
    "billedDurationMs": "billed_ms",
    "initDurationMs": "init_ms",
    "memorySizeMB": "memory_mb",
    "maxMemoryUsedMB": "used_mb",
}


@dataclass(frozen=True)
class Invocation:
    """One run of a function; None is what its lines did not say.

    `status` is that of the REPORT line: `success`, `error` or `timeout`, which only newer ones have. `lines` are the
    places of its lines among those of the story.
    """

    request_id: str | None
    function: str | None
    log_group: str
    role: FunctionRole | None
    lines: tuple[int, ...]
    start_ms: int | None = None
    version: str | None = None
    runtime: str | None = None
    duration_ms: float | None = None
    billed_ms: float | None = None
    init_ms: float | None = None
    memory_mb: float | None = None
    used_mb: float | None = None
    timeout_s: float | None = None
    status: str | None = None
    error: FunctionError | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """Its numbers as people say them, the most wanted first."""
        memory = None if self.memory_mb is None else f"{self.memory_mb:g} MB"
        if self.used_mb is not None:
            memory = f"{self.used_mb:g} of {memory or '?'}"
        told = (
            (None if self.timeout_s is None else f"timed out after {self.timeout_s:g} s"),
            (None if self.duration_ms is None else f"ran {_time(self.duration_ms)}"),
            (None if self.billed_ms is None else f"billed {_time(self.billed_ms)}"),
            (None if memory is None else f"memory {memory}"),
            (None if self.init_ms is None else f"cold start {_time(self.init_ms)}"),
            (None if self.version is None else f"version {self.version}"),
            (None if self.runtime is None else self.runtime),
        )
        ended = self.status if self.status not in (None, "success") and self.timeout_s is None else None
        return tuple(fact for fact in (f"ended with {ended}" if ended else None, *told) if fact)


def invocations(lines: Iterable[StoryLine]) -> tuple[Invocation, ...]:
    """The invocations that lines of a story tell of, in the order in which they began.

    A line without an ID of its own, such as the one on the start of a container, belongs to the invocation of its
    log group that follows, else to the one before.
    """
    places: dict[tuple[str, str | None], list[int]] = {}
    waiting: dict[str, list[int]] = {}
    last: dict[str, tuple[str, str | None]] = {}
    known = list(lines)
    for place, line in enumerate(known):
        if line.kind != "lambda":
            continue
        if line.request_id is None:
            waiting.setdefault(line.log_group, []).append(place)
            continue
        key = last[line.log_group] = (line.log_group, line.request_id)
        places.setdefault(key, []).extend([*waiting.pop(line.log_group, ()), place])
    for group, left in waiting.items():
        places.setdefault(last.get(group, (group, None)), []).extend(left)
    return tuple(_invocation(key, [known[place] for place in own], own) for key, own in places.items())


def report_facts(message: str) -> dict[str, Any]:
    """The numbers and the status of a REPORT line, in text or JSON, by their names in `Invocation`."""
    if message.startswith("{"):
        record = _record(message)
        metrics = record.get("metrics")
        found = {_METRICS[name]: value for name, value in _items(metrics) if name in _METRICS and _is_number(value)}
        status = record.get("status")
        return {**found, "status": status} if isinstance(status, str) else found
    facts: dict[str, Any] = {}
    for name, value in _MEASURE.findall(message):
        if name == "Status":
            facts["status"] = value
        elif name in _NUMBERS and re.fullmatch(r"\d+(?:\.\d+)?", value):
            facts[_NUMBERS[name]] = float(value)
    return facts


def invocation_json(invocation: Invocation) -> dict[str, Any]:
    """An invocation as `show` prints it."""
    error = invocation.error
    return {
        "request_id": invocation.request_id,
        "function": invocation.function,
        "role": invocation.role,
        "version": invocation.version,
        "start_ms": invocation.start_ms,
        "duration_ms": invocation.duration_ms,
        "billed_ms": invocation.billed_ms,
        "init_ms": invocation.init_ms,
        "memory_mb": invocation.memory_mb,
        "used_mb": invocation.used_mb,
        "timeout_s": invocation.timeout_s,
        "status": invocation.status,
        "error": None if error is None else {"type": error.kind, "message": error.message, "stack": list(error.frames)},
    }


def _invocation(key: tuple[str, str | None], lines: list[StoryLine], places: list[int]) -> Invocation:
    group, request_id = key
    name = group.removeprefix(LAMBDA_GROUP) if group.startswith(LAMBDA_GROUP) else None
    found = Invocation(request_id, name, group, lines[0].function, tuple(places))
    for line in lines:
        found = _with_line(found, line)
    return found


def _with_line(found: Invocation, line: StoryLine) -> Invocation:
    match line.line_kind:
        case "lambda_report":
            return replace(found, **report_facts(line.message))
        case "lambda_start":
            version = _VERSION.match(line.message)
            started = version[1] if version else _record(line.message).get("version")
            return replace(found, version=started, start_ms=line.offset_ms)
        case "lambda_init" if found.runtime is None:
            runtime = _RUNTIME.search(line.message)
            told = runtime[1] if runtime else _record(line.message).get("runtimeVersion")
            return replace(found, runtime=told if isinstance(told, str) else None)
        case "lambda_timed_out":
            limit = _LIMIT.search(line.message)
            return replace(found, timeout_s=float(limit[1])) if limit else found
        case "lambda_error" if found.error is None or not found.error.frames:
            return replace(found, error=error_in(line.message) or found.error)
    return found


def _record(message: str) -> dict[str, Any]:
    try:
        entry = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    record = entry.get("record") if isinstance(entry, dict) else None
    return record if isinstance(record, dict) else {}


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(ms: float) -> str:
    return " ".join(duration(ms))
