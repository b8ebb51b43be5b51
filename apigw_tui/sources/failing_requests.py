"""The lines that tell why many requests failed: as many IDs per call as a filter pattern takes.

Requests near in time share a window; it stays narrow, since CloudWatch searches all that lies in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.core.lambda_lines import LAMBDA_GROUP
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Trouble
from apigw_tui.sources.events_page import page_frame
from apigw_tui.sources.invocations import AFTER_MS, BEFORE_MS
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.log_windows import FollowedGroup, Window, WindowReader, quoted

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.base import RequestRef
    from apigw_tui.sources.functions import StageFunctions
    from apigw_tui.sources.session import Aws

LONGEST_PATTERN: Final = 1024
"""Characters that CloudWatch takes as a filter pattern: 25 request IDs."""

WIDEST_SPAN_MS: Final = 5 * 60_000
"""From the start of the first to the end of the last request of one window."""


@dataclass(frozen=True)
class Lookup:
    """An ID, the span in which its request ran, and the request that a function's lines are linked to."""

    identifier: str
    start: int
    end: int
    linked_to: str | None = None


@dataclass(frozen=True)
class FailingRequests:
    """Reads the execution logs of stages and the logs of their functions for many failing requests at once.

    `followed` are groups whose lines come anyway. `functions_of` asks the settings of a stage's API.
    """

    aws: Aws
    stages: Mapping[str, Stage]
    followed: Collection[str]
    functions_of: Callable[[Stage], StageFunctions]

    def read(self, requests: Sequence[RequestRef], stop: StopFlag) -> Iterator[Batch | Trouble]:
        """Yield what the logs hold; of a group that cannot be read a trouble, once."""
        wanted: defaultdict[FollowedGroup, list[Lookup]] = defaultdict(list)
        for request in requests:
            stage = self.stages.get(request.scope)
            found = None if stage is None else self._lookup(request, stage)
            if found is not None:
                wanted[found[0]].append(found[1])
        for group, lookups in wanted.items():
            try:
                yield from self._read_group(group, lookups, stop)
            except AppError as error:
                yield Trouble(error, retry_at=None)

    def _lookup(self, request: RequestRef, stage: Stage) -> tuple[FollowedGroup, Lookup] | None:
        """Its execution lines, or those of its function where there are no more execution lines to read."""
        group = self._execution_log(stage)
        if group is not None and request.lines is None:
            return group, Lookup(request.request_id, request.started_at, request.ended_at)
        call = request.integration_request_id
        function = call and (request.integration_function or self._function_of(request, stage))
        if not call or not function:
            return None
        lookup = Lookup(call, request.started_at, request.ended_at, request.request_id)
        return FollowedGroup(LAMBDA_GROUP + function), lookup

    def _execution_log(self, stage: Stage) -> FollowedGroup | None:
        """The stage's execution group, if it is written, can be read and is not read as a whole."""
        log = stage.execution
        if log.log_group is None or log.level == "OFF" or log.obstacle is not None or log.log_group in self.followed:
            return None
        return FollowedGroup(log.log_group, stage.scope)

    def _function_of(self, request: RequestRef, stage: Stage) -> str | None:
        return self.functions_of(stage).of(request.method, request.route)

    def _read_group(self, group: FollowedGroup, lookups: Sequence[Lookup], stop: StopFlag) -> Iterator[Batch]:
        for together in windows(lookups):
            pattern = any_of(together)
            start = min(lookup.start for lookup in together) - BEFORE_MS
            end = max(lookup.end for lookup in together) + AFTER_MS
            reader = WindowReader(self.aws, Window(group, start, end, pattern), Priority.PREFETCH)
            links = {lookup.identifier: lookup.linked_to for lookup in together if lookup.linked_to}
            while not reader.done:
                page = reader.next_page(stop)
                if page is None:
                    return
                if page.events:
                    yield Batch(page_frame(page.events, log_group=group.name, scope=group.scope), links)


def windows(lookups: Sequence[Lookup]) -> Iterator[list[Lookup]]:
    """Those that fit into one pattern and lie near in time, newest first; what is no ID is left out."""
    together: list[Lookup] = []
    for lookup in sorted(dict.fromkeys(lookups), key=lambda each: each.start, reverse=True):
        if quoted(lookup.identifier) is None:
            continue
        last_end = max((each.end for each in together), default=lookup.end)
        is_far = max(last_end, lookup.end) - lookup.start > WIDEST_SPAN_MS
        if together and (is_far or len(any_of([*together, lookup])) > LONGEST_PATTERN):
            yield together
            together = []
        together.append(lookup)
    if together:
        yield together


def any_of(lookups: Sequence[Lookup]) -> str:
    """The filter pattern for lines that hold any of these IDs; it has no other terms, which would silence `?`."""
    terms = list(dict.fromkeys(filter(None, (quoted(lookup.identifier) for lookup in lookups))))
    return terms[0] if len(terms) == 1 else " ".join(f"?{term}" for term in terms)
