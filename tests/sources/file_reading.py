"""Writes a file and reads it back as a source does."""

from __future__ import annotations

from pathlib import Path
from threading import Event as StopFlag
from typing import Any

import polars as pl

from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.sources.base import Batch
from apigw_tui.sources.files import FileSource

NOON = 1_786_276_800_000
REQUEST = "0b2f6c1e-1111-4222-8333-444455556666"
GROUP = "API-Gateway-Execution-Logs_a1b2c3d4e5/prod"
STREAM = "0123456789abcdef0123456789abcdef"
EVENT_ID = "40003636848427230498091827364554637281910293847561029376"
LINES = (
    f"({REQUEST}) Starting execution for request: {REQUEST}",
    f"({REQUEST}) HTTP Method: GET, Resource Path: /orders/42",
    f'({REQUEST}) Method request body before transformations: {{\n  "at": "2026-01-01T00:00:00.000Z",\n\n  "n": 1\n}}',
    f"({REQUEST}) Method completed with status: 504",
)
"""The lines of a request, one of them with a payload of several lines."""


def read_rows(path: Path, content: str | bytes, *, access_format: str | None = None) -> list[dict[str, Any]]:
    """The events of a file with this content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    updates = FileSource([str(path)], access_format=access_format).backfill(TimeRange(0), StopFlag())
    return [row for update in updates if isinstance(update, Batch) for row in update.events.to_dicts()]


def stored(path: Path, *, access_format: str | None = None) -> EventStore:
    """A store that a file was read into."""
    source = FileSource([str(path)], access_format=access_format)
    store = EventStore(source.formats)
    for update in source.backfill(TimeRange(0), StopFlag()):
        if isinstance(update, Batch):
            store.append(update.events)
    return store


def statuses(store: EventStore) -> dict[str, int | None]:
    """The status of each request, by its ID."""
    rows = store.requests.where(pl.lit(value=True)).select("request_id", "status").iter_rows()
    return {str(request_id): status for request_id, status in rows}
