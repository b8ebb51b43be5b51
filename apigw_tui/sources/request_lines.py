"""The lines of one request that are not tailed: its execution lines, then those of its functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from apigw_tui.core.parse import parse_events
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Progress, RequestRef, Trouble, Update
from apigw_tui.sources.events_page import page_frame
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.log_groups import groups_with_prefix
from apigw_tui.sources.log_windows import FollowedGroup, Window, WindowReader

if TYPE_CHECKING:
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.sources.backfill import Backfill
    from apigw_tui.sources.session import Aws

BEFORE_MS: Final = 1_000
AFTER_MS: Final = 60_000
LAMBDA_GROUP_PREFIX: Final = "/aws/lambda/"
MOST_SEARCHED: Final = 8

# What can stand in a quoted term; IDs come from the log and so from strangers.
_QUOTABLE: Final = re.compile(r"[\w=+/.:-]{8,128}")
_FUNCTION_NAME: Final = re.compile(r"[\w-]{1,140}")
_IN_URI: Final = re.compile(r":function:([\w-]+)")


@dataclass
class _Calls:
    """Which functions a request called, and by which Lambda request IDs."""

    functions: set[str] = field(default_factory=set)
    request_ids: set[str] = field(default_factory=set)

    def searches(self) -> Iterator[tuple[FollowedGroup, str]]:
        """Each function's group with each ID."""
        for function in sorted(self.functions):
            if not _FUNCTION_NAME.fullmatch(function):
                continue
            for request_id in sorted(self.request_ids):
                yield FollowedGroup(LAMBDA_GROUP_PREFIX + function), request_id


def read_request_lines(
    aws: Aws, request: RequestRef, execution: FollowedGroup | None, *, api_name: str, stop: StopFlag
) -> Iterator[Update]:
    """Yield what CloudWatch has of the request, and as trouble each group that cannot be read.

    `execution` is None where there is no execution log. Lambda lines are found by the quoted Lambda request
    ID, in the groups of the functions that the request or its lines name. Without data trace nothing names
    them: then the functions whose names begin as the API's does are searched until one has the ID.
    """
    integration, authorizer = _known_calls(request), _Calls(request_ids=_known(request.authorizer_request_id))
    if execution is not None:
        found: list[pl.DataFrame] = []
        for update in _matching(aws, request, execution, request.request_id, stop=stop):
            if isinstance(update, Batch):
                found.append(update.events)
            yield update
        _note_calls(pl.concat([RAW_EVENTS.to_frame(), *found]), integration, authorizer)
    for calls in (authorizer, integration):
        if calls.functions:
            yield from _read_functions(aws, request, calls, stop)
        elif calls.request_ids and api_name:
            yield from _search_functions(aws, request, calls, api_name=api_name, stop=stop)


def find_carriers(backfill: Backfill, time_range: TimeRange, stop: StopFlag) -> Iterator[Batch | Trouble]:
    """Yield the newest events of a backfill, which is narrowed to one ID, and stop a little before them."""
    earliest: int | None = None
    for update in backfill.read(time_range.start, time_range.end or 0, stop):
        if isinstance(update, Batch):
            first = int(update.events["timestamp"][0])
            earliest = first if earliest is None else min(earliest, first)
            yield update
        elif isinstance(update, Trouble):
            yield update
        elif isinstance(update, Progress) and earliest is not None and update.read_from < earliest - AFTER_MS:
            return


def quoted(identifier: str) -> str | None:
    """The filter pattern for an ID; None for text that is no ID or could break out of the quotes."""
    return f'"{identifier}"' if _QUOTABLE.fullmatch(identifier) else None


def _known_calls(request: RequestRef) -> _Calls:
    return _Calls(_known(request.integration_function), _known(request.integration_request_id))


def _known(name: str | None) -> set[str]:
    return {name} if name else set()


def _read_functions(aws: Aws, request: RequestRef, calls: _Calls, stop: StopFlag) -> Iterator[Update]:
    unreadable: set[str] = set()
    for group, request_id in calls.searches():
        if stop.is_set():
            return
        if group.name in unreadable:
            continue
        for update in _matching(aws, request, group, request_id, stop=stop):
            if isinstance(update, Trouble):
                unreadable.add(group.name)
            yield update


def _search_functions(
    aws: Aws, request: RequestRef, calls: _Calls, *, api_name: str, stop: StopFlag
) -> Iterator[Update]:
    try:
        search = groups_with_prefix(aws, LAMBDA_GROUP_PREFIX + api_name, stop=stop, max_pages=1)
    except AppError:
        return  # Nobody named these groups, so nobody misses them.
    likely = [FollowedGroup(group.name) for group in search.groups[:MOST_SEARCHED]]
    for request_id in sorted(calls.request_ids):
        for group in likely:
            batches = [
                update for update in _matching(aws, request, group, request_id, stop=stop) if isinstance(update, Batch)
            ]
            yield from batches
            if batches or stop.is_set():
                break


def _matching(
    aws: Aws, request: RequestRef, group: FollowedGroup, request_id: str, *, stop: StopFlag
) -> Iterator[Batch | Trouble]:
    pattern = quoted(request_id)
    if pattern is None:
        return
    start, end = request.started_at - BEFORE_MS, request.ended_at + AFTER_MS
    reader = WindowReader(aws, Window(group, start, end, pattern), Priority.OPENED)
    try:
        while not reader.done:
            page = reader.next_page(stop)
            if page is None:
                return
            if page.events:
                yield Batch(page_frame(page.events, log_group=group.name, scope=group.scope))
    except AppError as error:
        yield Trouble(error, retry_at=None)


def _note_calls(events: pl.DataFrame, integration: _Calls, authorizer: _Calls) -> None:
    """Read the functions and Lambda request IDs out of execution lines."""
    calls = integration
    columns = ("line_kind", "message", "integration_function", "integration_request_id")
    for row in parse_events(events, {}).sort("timestamp", "event_id").select(columns).iter_rows(named=True):
        if row["line_kind"] == "authorizer_start":
            calls = authorizer
        _note_line(row, calls)
        if row["line_kind"] == "authorizer_done":
            calls = integration


def _note_line(row: dict[str, Any], calls: _Calls) -> None:
    if row["integration_request_id"]:
        calls.request_ids.add(row["integration_request_id"])
    named = row["integration_function"]
    if not named and row["line_kind"] in ("endpoint_uri", "integration_request"):
        in_uri = _IN_URI.search(row["message"])
        named = in_uri[1] if in_uri else None
    if named:
        calls.functions.add(named)
