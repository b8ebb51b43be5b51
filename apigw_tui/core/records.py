"""Requests, events and stories as JSON objects: the same fields for every command and file."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.access_format import sniff
from apigw_tui.core.cause_detail import detail
from apigw_tui.core.cause_texts import CAUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.stage import Stage

_NESTED: Final = frozenset({dict, list})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_AS_IS: Final = (
    "method",
    "path",
    "route",
    "status",
    "latency_ms",
    "latency_source",
    "integration_latency_ms",
    "overhead_ms",
    "response_bytes",
    "source_ip",
    "user_agent",
    "api_key_id",
    "caller",
    "principal",
)


def instant(ms: int | None) -> str | None:
    """RFC 3339 in UTC with milliseconds; None for a time that is unknown or beyond year 9999."""
    if ms is None:
        return None
    try:
        return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except OverflowError:
        return None


def event_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """An event, from a row of EVENTS."""
    return {
        "timestamp": instant(row["timestamp"]),
        "ingestion_time": instant(row["ingestion_time"]),
        **{
            name: row[name]
            for name in ("event_id", "log_group", "log_stream", "kind", "line_kind", "request_id", "message")
        },
    }


def cause_json(row: Mapping[str, Any], *, function: str | None = None) -> dict[str, Any] | None:
    """Why a request failed, from a row of REQUESTS; None when nothing says that it did.

    `function` is the one behind its route, for a row that does not name one.
    """
    if row["cause"] is None:
        return None
    return {
        "code": row["cause"],
        "title": CAUSES[row["cause"]].title,
        "detail": detail({**row, "integration_function": row["integration_function"] or function}),
        "evidence": row["evidence"],
    }


def request_json(
    row: Mapping[str, Any],
    *,
    access: Mapping[str, Any] | None = None,
    lambda_events: int = 0,
    function: str | None = None,
) -> dict[str, Any]:
    """A request, from a row of REQUESTS, the fields of its access entry and the count of its Lambda lines.

    `function` is known by the API's settings alone: it is named in the cause, but not as logged.
    """
    return {
        "request_id": row["request_id"],
        "extended_request_id": row["extended_request_id"],
        "trace_id": row["trace_id"],
        "connection_id": row["connection_id"],
        "api_id": row["api_id"],
        "stage": row["stage"],
        "started_at": instant(row["started_at"]),
        **{name: row[name] for name in _AS_IS},
        "integration": {
            "uri": row["integration_uri"],
            "status": row["integration_status"],
            "function": row["integration_function"],
            "request_id": row["integration_request_id"],
        },
        "state": row["state"],
        "cause": cause_json(row, function=function),
        "counts": {
            "access": row["access_events"],
            "execution": row["execution_events"],
            "lambda": lambda_events,
        },
        "truncated_lines": row["truncated_lines"],
        "unknown_lines": row["unknown_lines"],
        "access": dict(access or {}),
    }


def stage_json(stage: Stage) -> dict[str, Any]:
    """A stage and where its logs go."""
    access, execution = stage.access, stage.execution
    return {
        "api_id": stage.api_id,
        "api_name": stage.api_name,
        "type": stage.api_type,
        "stage": stage.name,
        "access": None
        if access is None
        else {
            "log_group": access.log_group,
            "destination": access.destination,
            "format": access.format,
            "joinable": access.joinable,
            "missing": list(access.missing),
            "log_group_class": access.log_group_class,
        },
        "execution": {
            "log_group": execution.log_group,
            "level": execution.level,
            "data_trace": execution.data_trace,
            "log_group_class": execution.log_group_class,
        },
        "tracing": stage.tracing,
        "metrics": stage.metrics,
        "retention_days": stage.retention_days,
        "last_event_at": instant(stage.last_event_at),
        "domains": list(stage.domains),
    }


def access_entry(message: str, access_format: AccessFormat | None) -> dict[str, Any]:
    """The fields of an access entry as logged, by the names of the format; unquoted values keep their type.

    Without a format it is guessed from the entry; empty when that fails.
    """
    access_format = access_format or sniff([message])
    if access_format is None:
        return {}
    if access_format.style != "json":
        return dict(access_format.values(message))
    flat = _flat(message)
    if flat:
        return flat
    values: dict[str, Any] = dict(access_format.values(message))
    for name, value in _unquoted(message).items():
        if name in values:
            values[name] = value
    return values


def _flat(message: str) -> dict[str, Any] | None:
    """A valid JSON object of texts, numbers and the like, as most entries are; None for any other."""
    try:
        entry = _DECODER.decode(message)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and _NESTED.isdisjoint(map(type, entry.values())) else None


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    entry = dict(members)
    if len(entry) < len(members):
        raise ValueError("a name comes twice")
    return entry


_DECODER: Final = json.JSONDecoder(parse_constant=str, object_pairs_hook=_each_once)


def _unquoted(message: str) -> dict[str, Any]:
    """Numbers and booleans of a JSON entry by dotted path; none when it is not valid JSON."""
    try:
        entry = json.loads(message, parse_constant=str)
    except (ValueError, RecursionError):
        return {}
    found: dict[str, Any] = {}
    pending = [("", entry)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending.extend((f"{path}.{name}" if path else str(name), each) for name, each in value.items())
        elif path and isinstance(value, int | float):
            found[path] = value
    return found
