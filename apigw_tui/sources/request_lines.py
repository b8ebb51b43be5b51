"""The lines of one request that are not tailed: its execution lines, then those of its functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.lambda_lines import LAMBDA_GROUP
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Progress, Trouble, Update
from apigw_tui.sources.invocations import AFTER_MS, LinesAround, invocation, invocations_carrying
from apigw_tui.sources.log_groups import groups_with_prefix
from apigw_tui.sources.log_windows import FollowedGroup, Window, quoted
from apigw_tui.sources.request_calls import Calls, ToldCalls

if TYPE_CHECKING:
    from threading import Event as StopFlag

    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.sources.backfill import Backfill
    from apigw_tui.sources.base import RequestRef
    from apigw_tui.sources.functions import StageFunctions

MOST_SEARCHED: Final = 8

_FUNCTION_NAME: Final = re.compile(r"[\w-]{1,140}")


@dataclass(frozen=True)
class Hints:
    """What may name the functions that neither a request nor its lines name; asked only then.

    `settings` are those of the stage. `api_name` is what names of functions may begin with, "" for no guess.
    """

    settings: Callable[[], StageFunctions]
    api_name: str = ""


def read_request_lines(around: LinesAround, execution: FollowedGroup | None, hints: Hints) -> Iterator[Update]:
    """Yield what CloudWatch has of the request, and as trouble each group that cannot be read.

    `execution` is None where there is no execution log. Lambda lines are found by the Lambda request ID, in the
    groups of the functions that the request or its lines name, or else the stage's settings. After a timeout
    nothing tells that ID: then the invocation is looked for that logged the request's own ID or its trace.
    """
    told = ToldCalls.by(around.request)
    if around.request.lines is not None:
        told.note(around.request.lines)
    elif execution is not None:
        found: list[pl.DataFrame] = []
        for update in _execution_lines(around, execution):
            if isinstance(update, Batch):
                found.append(update.events)
            yield update
        told.note(pl.concat([RAW_EVENTS.to_frame(), *found]))
    functions = _FunctionLogs(around, hints, told.trace_id)
    yield from functions.of_authorizer(told.authorizer)
    yield from functions.of_integration(told.integration)


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


class _FunctionLogs:
    """Looks up the calls of one request in the logs of functions."""

    def __init__(self, around: LinesAround, hints: Hints, trace_id: str | None) -> None:
        self._around = around
        self._hints = hints
        request = around.request
        # What a function can log of the request that called it.
        carried = (request.request_id, trace_id, request.extended_request_id)
        self._carried = tuple(dict.fromkeys(name for name in carried if name))

    def of_authorizer(self, calls: Calls) -> Iterator[Update]:
        """Yield the lines of the request's authorizer, if one was asked."""
        if calls.functions:
            yield from self._read(calls, sorted(calls.functions))
        elif calls.request_ids or calls.took_place:
            yield from self._guess(calls, self._hints.settings().authorizers)

    def of_integration(self, calls: Calls) -> Iterator[Update]:
        """Yield the lines of the function behind the route, and which it is by the settings."""
        if calls.functions:
            yield from self._read(calls, sorted(calls.functions))
            return
        request = self._around.request
        if not (calls.request_ids or calls.took_place):
            return
        settings = self._hints.settings()
        function = settings.of(request.method, request.route)
        if function is not None:
            yield _named(request, function)
            yield from self._read(calls, (function,))
        elif not settings.knows(request.method, request.route) and (calls.request_ids or request.failed_phase):
            others = [name for name in settings.names if name not in settings.authorizers]
            found = list(self._guess(calls, others))
            yield from found
            groups = {batch.events.item(0, "log_group") for batch in found}
            if len(groups) == 1:
                yield _named(request, groups.pop().removeprefix(LAMBDA_GROUP))

    def _guess(self, calls: Calls, names: Sequence[str]) -> Iterator[Batch]:
        """Search functions that nobody named, so that nobody misses those that cannot be read."""
        if not names and calls.request_ids:
            names = self._named_like_api()
        found = self._read(calls, names[:MOST_SEARCHED])
        yield from (update for update in found if isinstance(update, Batch))

    def _named_like_api(self) -> Sequence[str]:
        if not self._hints.api_name:
            return ()
        prefix = LAMBDA_GROUP + self._hints.api_name
        try:
            search = groups_with_prefix(self._around.aws, prefix, stop=self._around.stop, max_pages=1)
        except AppError:
            return ()
        return [group.name.removeprefix(LAMBDA_GROUP) for group in search.groups]

    def _read(self, calls: Calls, names: Iterable[str]) -> Iterator[Update]:
        """Yield the invocations, each looked for in one function after the other."""
        groups = [FollowedGroup(LAMBDA_GROUP + name) for name in names if _FUNCTION_NAME.fullmatch(name)]
        missing = set(calls.request_ids)
        for group in groups:
            try:
                for request_id in sorted(missing) if calls.request_ids else self._carriers(group):
                    batch = invocation(self._around, group, request_id)
                    if batch is not None:
                        missing.discard(request_id)
                        yield batch
            except AppError as error:
                yield Trouble(error, retry_at=None)
            if self._around.stop.is_set() or (calls.request_ids and not missing):
                return

    def _carriers(self, group: FollowedGroup) -> tuple[str, ...]:
        """The invocations that logged an ID of the request or of its trace."""
        found = (invocations_carrying(self._around, group, identifier) for identifier in self._carried)
        return next((request_ids for request_ids in found if request_ids), ())


def _named(request: RequestRef, function: str) -> Batch:
    return Batch(RAW_EVENTS.to_frame(), functions={request.request_id: function})


def _execution_lines(around: LinesAround, group: FollowedGroup) -> Iterator[Batch | Trouble]:
    pattern = quoted(around.request.request_id)
    if pattern is None:
        return
    try:
        for events in around.pages(Window(group, around.start, around.end, pattern)):
            yield Batch(events)
    except AppError as error:
        yield Trouble(error, retry_at=None)
