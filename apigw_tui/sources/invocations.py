"""The lines of one invocation of a function: those that carry its Lambda request ID, and what lies between them.

A container runs one invocation at a time: what its stream holds from START to REPORT belongs to it, also lines
without an ID, such as what Python prints of an uncaught exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from apigw_tui.core.parse import parse_events
from apigw_tui.core.requests import in_true_order
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch
from apigw_tui.sources.events_page import page_frame
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.log_windows import FollowedGroup, Window, WindowReader, quoted

if TYPE_CHECKING:
    from apigw_tui.sources.base import RequestRef
    from apigw_tui.sources.session import Aws

BEFORE_MS: Final = 1_000
AFTER_MS: Final = 60_000
"""A function may go on long after API Gateway has given it up."""

_LIFE: Final = ("lambda_start", "lambda_end", "lambda_report")


@dataclass(frozen=True)
class LinesAround:
    """Reads log groups around the time of one request. All methods raise AppError."""

    aws: Aws
    request: RequestRef
    stop: StopFlag

    @property
    def start(self) -> int:
        """A little before the request."""
        return self.request.started_at - BEFORE_MS

    @property
    def end(self) -> int:
        """As long after the request as its function may go on."""
        return self.request.ended_at + AFTER_MS

    def pages(self, window: Window) -> Iterator[pl.DataFrame]:
        """What a window holds."""
        reader = WindowReader(self.aws, window, Priority.OPENED)
        while not reader.done:
            page = reader.next_page(self.stop)
            if page is None:
                return
            if page.events:
                yield page_frame(page.events, log_group=window.group.name, scope=window.group.scope)

    def carrying(self, group: FollowedGroup, identifier: str) -> pl.DataFrame:
        """The lines that hold an ID, PARSED_EVENTS in true order; none for what cannot be one."""
        pattern = quoted(identifier)
        return _parsed(self.pages(Window(group, self.start, self.end, pattern)) if pattern else iter(()))

    def of_stream(self, group: FollowedGroup, stream: str, start: int, end: int) -> pl.DataFrame:
        """All that one stream holds, PARSED_EVENTS in true order."""
        return _parsed(self.pages(Window(group, start, end, stream=stream)))


def invocation(around: LinesAround, group: FollowedGroup, request_id: str) -> Batch | None:
    """All lines of the invocation with this Lambda request ID, linked to the request; None when there are none.

    Raises AppError when the group cannot be read.
    """
    found = around.carrying(group, request_id)
    if found.is_empty():
        return None
    own = found.filter(pl.col("request_id") == request_id)
    streams = own.get_column("log_stream").drop_nulls().unique(maintain_order=True).to_list()
    # Without a line that is known to be its own, those that name it in passing are all there is.
    lines = [_whole(around, own.filter(pl.col("log_stream") == stream), request_id) for stream in streams] or [found]
    return _linked(pl.concat(lines), request_id, around.request.request_id)


def invocations_carrying(around: LinesAround, group: FollowedGroup, identifier: str) -> tuple[str, ...]:
    """The Lambda request IDs of the invocations that logged another ID. Raises AppError."""
    found = around.carrying(group, identifier)
    # JSON lines may well call the request ID of API Gateway "requestId".
    own = (around.request.request_id, around.request.extended_request_id)
    told = dict.fromkeys(name for name in found.get_column("request_id") if name is not None and name not in own)
    if told or found.is_empty():
        return tuple(told)
    carriers = found.drop_nulls("log_stream").unique("log_stream", maintain_order=True).iter_rows(named=True)
    running = (_running_at(around, group, carrier) for carrier in carriers)
    return tuple(dict.fromkeys(name for name in running if name is not None))


def _running_at(around: LinesAround, group: FollowedGroup, line: Mapping[str, Any]) -> str | None:
    """The invocation that ran in the stream of this line when it was written."""
    lines = around.of_stream(group, line["log_stream"], around.start, line["timestamp"])
    for number, runs in zip(lines.get_column("event_id"), _running(lines.to_dicts()), strict=True):
        if number == line["event_id"]:
            return runs
    return None


def _whole(around: LinesAround, own: pl.DataFrame, request_id: str) -> pl.DataFrame:
    """The invocation's lines with those between that do not say whose they are; `own` if that cannot be read."""
    stream, group = own.item(0, "log_stream"), FollowedGroup(own.item(0, "log_group"))
    is_over = (own.get_column("line_kind") == "lambda_report").any()
    start = own.item(0, "timestamp")
    end = own.item(-1, "timestamp") if is_over else around.end
    try:
        lines = around.of_stream(group, stream, start, end)
    except AppError:
        return own
    rows = lines.to_dicts()
    lived = [place for place, row in enumerate(rows) if row["request_id"] == request_id and row["line_kind"] in _LIFE]
    if not lived or _others_between(rows[lived[0] : lived[-1]], request_id):
        return own
    is_own = [
        row["request_id"] == request_id or (runs == request_id and row["line_kind"] not in _LIFE)
        for row, runs in zip(rows, _running(rows), strict=True)
    ]
    return lines.filter(pl.Series(is_own, dtype=pl.Boolean))


def _others_between(rows: Sequence[Mapping[str, Any]], request_id: str) -> bool:
    """Whether another invocation ran in the stream at the same time: then only IDs tell."""
    return any(row["line_kind"] in _LIFE and row["request_id"] != request_id for row in rows)


def _running(rows: Sequence[Mapping[str, Any]]) -> Iterator[str | None]:
    """For each line of a stream the invocation that was running, from its START to its REPORT."""
    running: str | None = None
    for row in rows:
        if row["line_kind"] == "lambda_start":
            running = row["request_id"]
        yield running
        if row["line_kind"] == "lambda_report":
            running = None


def _linked(lines: pl.DataFrame, lambda_id: str, request_id: str) -> Batch:
    # Also those that were read as the invocation's own for what lies around them: that may not be read with them again.
    names_it = pl.col("message").str.contains(lambda_id, literal=True)
    nameless = lines.filter(~names_it).get_column("event_id").drop_nulls()
    links = dict.fromkeys((lambda_id, *nameless), request_id)
    return Batch(lines.select(RAW_EVENTS.names()), links)


def _parsed(pages: Iterator[pl.DataFrame]) -> pl.DataFrame:
    raw = pl.concat([RAW_EVENTS.to_frame(), *pages])
    return in_true_order(parse_events(raw, {}))
