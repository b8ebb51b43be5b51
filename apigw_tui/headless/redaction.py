"""Secrets masked in records until --reveal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from apigw_tui.core.text import mask_secrets

_NEVER_SECRET: Final = frozenset(
    {
        "request_id",
        "extended_request_id",
        "trace_id",
        "connection_id",
        "event_id",
        "log_group",
        "log_stream",
        "timestamp",
        "ingestion_time",
        "started_at",
        "kind",
        "line_kind",
        "state",
        "code",
    }
)

_PLAIN: Final = frozenset({type(None), bool, int, float})


def redactor(*, reveal: bool) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """A function that masks the secrets in a record; with `reveal` it changes nothing."""
    return _as_it_is if reveal else _masked


def _as_it_is(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return record


def _masked(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if name in _NEVER_SECRET or type(value) in _PLAIN else _mask(value)
        for name, value in record.items()
    }


def _mask(value: object) -> Any:
    if isinstance(value, str):
        return mask_secrets(value)
    if isinstance(value, dict):
        return _masked(value)
    if isinstance(value, list):
        return [_mask(item) for item in value]
    return value
