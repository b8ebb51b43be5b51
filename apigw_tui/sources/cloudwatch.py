"""CloudWatch Logs as a source: the groups of stages, and groups named by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from threading import Event as StopFlag
from typing import TYPE_CHECKING

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.stage import ExecutionLog, Stage, execution_group
from apigw_tui.core.timerange import TimeRange
from apigw_tui.errors import AppError
from apigw_tui.sources.backfill import Backfill
from apigw_tui.sources.base import Batch, Trouble
from apigw_tui.sources.clock import wall_clock
from apigw_tui.sources.execution_budget import execution_groups
from apigw_tui.sources.failing_requests import FailingRequests
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.format_memory import SaidFormats
from apigw_tui.sources.functions import StageFunctions, functions_of
from apigw_tui.sources.invocations import AFTER_MS, LinesAround
from apigw_tui.sources.kept_history import is_on_loopback
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.live_beside import beside
from apigw_tui.sources.live_switch import LiveSwitch
from apigw_tui.sources.live_tail import LiveTail
from apigw_tui.sources.log_windows import FollowedGroup, quoted
from apigw_tui.sources.request_lines import Hints, find_carriers, read_request_lines
from apigw_tui.sources.shared_groups import AccessGroups
from apigw_tui.sources.stage_reading import followed_group, nothing_to_read, reading_notes
from apigw_tui.sources.tail import Tail
from apigw_tui.sources.traces import read_trace

if TYPE_CHECKING:
    from apigw_tui.core.trace import Trace
    from apigw_tui.sources.base import RequestRef, Update
    from apigw_tui.sources.session import Aws


class CloudWatchSource:
    """Stages and log groups of one account and region.

    Of a stage the access log is read, which is a twentieth of the execution log's volume; the execution lines
    of a request come with `request_events`. A stage without readable access log is read by its execution log.
    """

    live = True

    def __init__(
        self,
        aws: Aws,
        *,
        stages: Sequence[Stage] = (),
        groups: Sequence[FollowedGroup] = (),
        access_format: str | SaidFormats | None = None,
        filter_pattern: str | None = None,
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        followed = [group for stage in stages if (group := followed_group(stage))] + list(groups)
        if not followed:
            raise nothing_to_read(stages)
        self.stages = tuple(stages)
        self._aws = aws
        self._clock = clock
        self._pattern = filter_pattern or None
        self._live_switch = LiveSwitch()
        # The same group may be named twice; what a stage says of it wins.
        self._followed = tuple({group.name: group for group in reversed(followed)}.values())[::-1]
        self._titles = tuple([stage.title for stage in stages] + [group.name for group in groups])
        self._said = SaidFormats.of(access_format)
        self._formats = _formats(stages, groups, self._said)
        self._access = AccessGroups.of_stages(stages, self._formats)

    @property
    def title(self) -> str:
        """Stages and groups, as a user would type them."""
        return ", ".join(self._titles)

    @property
    def groups(self) -> tuple[str, ...]:
        """Log groups that are read and followed."""
        return tuple(group.name for group in self._followed)

    @property
    def formats(self) -> Mapping[str, AccessFormat]:
        """The formats that the stages say, by their access log groups."""
        return self._formats

    @property
    def notes(self) -> tuple[str, ...]:
        """Which stages are not read by their access logs, and why."""
        return (*reading_notes(self.stages), *self._said.notes)

    def backfill(self, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        """Yield what lies in the range, newest first. Raises AppError when nothing can be read."""
        end = self._clock() if time_range.end is None else time_range.end
        backfill = Backfill(self._aws, self._followed, clock=self._clock, pattern=self._pattern)
        yield from self._assigned(backfill.read(max(0, time_range.start), end, stop))

    def follow(self, since: int, stop: StopFlag) -> Iterator[Update]:
        """Yield what arrives from `since` on. Raises AppError when no group can be read at all."""
        tail = Tail(
            self._aws,
            self._followed,
            since=since,
            clock=self._clock,
            pattern=self._pattern,
            # What a pattern leaves out is not wanted in full from another group.
            executions=() if self._pattern else execution_groups(self.stages, self.groups),
        )
        live = LiveTail(self._aws, self._followed, self._live_switch, clock=self._clock, pattern=self._pattern)
        yield from self._assigned(beside(tail.follow(stop), live, stop))

    def turn_live_tail(self, *, on: bool, reason: str = "") -> bool:
        """Let `follow` stream too, or end that at once; `reason` says why. Always True: it can."""
        self._live_switch.turn(on=on, reason=reason)
        return True

    def request_events(self, request: RequestRef, stop: StopFlag) -> Iterator[Update]:
        """Yield the execution and Lambda lines of one request. What cannot be read is yielded as trouble."""
        execution = self._execution_of(request)
        stage = self._stage_of(request)
        off = stage is not None and stage.execution.level == "OFF"
        hints = Hints(partial(self._functions_of, request, stop), stage.api_name if stage else "")
        for update in read_request_lines(LinesAround(self._aws, request, stop), execution, hints):
            if off and execution and isinstance(update, Trouble) and _is_missing(update, execution):
                continue  # Nothing was ever written, as the stage's settings say.
            yield update

    def failing_events(self, requests: Sequence[RequestRef], stop: StopFlag) -> Iterator[Update]:
        """Yield what tells why these requests failed, in as few calls as can be."""
        stages = {stage.scope: stage for stage in self.stages}
        settings = partial(functions_of, self._aws, stop=stop)
        yield from FailingRequests(self._aws, stages, self.groups, settings).read(requests, stop)

    @property
    def trace_region(self) -> str | None:
        """The region, unless it is a machine's own endpoint: what that invents is in no console."""
        return None if is_on_loopback(self._aws.settings.endpoint_url) else self._aws.known_region

    def trace(self, request: RequestRef, stop: StopFlag) -> Trace | None:
        """What X-Ray has of the request's trace; None without trace ID or when stopped. Raises AppError."""
        return read_trace(self._aws, request, stop, now=self._clock())

    def find(self, identifier: str, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        """Yield the newest events that carry the ID; in the execution logs when no followed group has any.

        The access entry of a request whose last lines are in the range may be stamped before it.
        """
        end = self._clock() if time_range.end is None else time_range.end
        within = TimeRange(max(0, time_range.start), end)
        earlier = replace(within, start=max(0, time_range.start - AFTER_MS))
        found = False
        for update in self._find_in(self._followed, identifier, earlier, stop):
            found = found or isinstance(update, Batch)
            yield update
        if found or stop.is_set():
            return
        executions = {stage.execution.log_group or "": stage.scope for stage in self.stages}
        for name, scope in executions.items():
            if name and name not in self.groups:
                try:
                    yield from self._find_in([FollowedGroup(name, scope)], identifier, within, stop)
                except AppError as error:
                    if kind_of(error) is not FailureKind.NOT_FOUND:
                        raise

    def _find_in(
        self, groups: Sequence[FollowedGroup], identifier: str, within: TimeRange, stop: StopFlag
    ) -> Iterator[Update]:
        pattern = quoted(identifier)
        if pattern is None:
            return
        backfill = Backfill(self._aws, groups, clock=self._clock, pattern=pattern, priority=Priority.OPENED)
        yield from self._assigned(find_carriers(backfill, within, stop))

    def _assigned(self, updates: Iterable[Update]) -> Iterator[Update]:
        for update in updates:
            assigned = self._access.assigned(update) if isinstance(update, Batch) else update
            if assigned is not None:
                yield assigned

    def _stage_of(self, request: RequestRef) -> Stage | None:
        return next((stage for stage in self.stages if stage.scope == request.scope), None)

    def _functions_of(self, request: RequestRef, stop: StopFlag) -> StageFunctions:
        """What the request's stage calls; an execution group named by itself is taken for a REST API's."""
        stage = self._stage_of(request)
        if stage is None:
            api_id, _, name = request.scope.partition("/")
            if not name:
                return StageFunctions()
            stage = Stage(api_id, api_id, "REST", name, None, ExecutionLog(None))
        return functions_of(self._aws, stage, stop=stop)

    def _execution_of(self, request: RequestRef) -> FollowedGroup | None:
        """Where the request's execution lines are; they are read again even when the group is followed.

        The tail may have begun in the middle of the request, and the store drops what it knows.
        """
        stage = self._stage_of(request)
        if stage is not None:
            name = stage.execution.log_group
            return FollowedGroup(name, stage.scope) if name else None
        api_id, _, stage_name = request.scope.partition("/")
        if not stage_name:
            return None
        return FollowedGroup(execution_group(api_id, stage_name), request.scope)


def _is_missing(trouble: Trouble, group: FollowedGroup) -> bool:
    return kind_of(trouble.error) is FailureKind.NOT_FOUND and group.name in trouble.error.message


def _formats(stages: Sequence[Stage], groups: Sequence[FollowedGroup], said: SaidFormats) -> dict[str, AccessFormat]:
    formats: dict[str, set[str]] = {}
    for stage in stages:
        if stage.access and stage.access.log_group and stage.access.format:
            formats.setdefault(stage.access.log_group, set()).add(stage.access.format)
    bare = ((group.name, said.format(group.name)) for group in groups if not group.scope)
    formats.update((name, {source}) for name, source in bare if source)
    # Stages that share a group with different formats: each line is sniffed.
    return {name: AccessFormat.compile(*said) for name, said in formats.items() if len(said) == 1}
