"""The log groups that stages name, looked up as the stages become known: never a whole account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from apigw_tui.core.stage import EXECUTION_GROUP_PREFIX, Stage, execution_group
from apigw_tui.errors import AppError
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.log_groups import LogGroup, groups_named, groups_with_prefix

if TYPE_CHECKING:
    from threading import Event as StopFlag

    from apigw_tui.sources.session import Aws

WEBSOCKET_GROUP_PREFIX: Final = "/aws/apigateway/"
_USUAL_PREFIXES: Final = (EXECUTION_GROUP_PREFIX, WEBSOCKET_GROUP_PREFIX)


class StageGroups:
    """What CloudWatch says of the groups of stages; `error` is why it does not say more."""

    def __init__(self, aws: Aws, stop: StopFlag) -> None:
        self.error: AppError | None = None
        self.is_complete = True
        self._aws = aws
        self._stop = stop
        self._found: dict[str, LogGroup] = {}
        self._asked: set[str] = set()
        self._has_looked_around = False

    @property
    def found(self) -> tuple[LogGroup, ...]:
        """All groups seen so far, in order of name."""
        return tuple(sorted(self._found.values(), key=lambda group: group.name))

    def after(self, known: Iterable[LogGroup]) -> tuple[LogGroup, ...]:
        """Those and what was known before, but for what has been asked for and is gone."""
        older = {group.name: group for group in known if group.name not in self._asked}
        merged = older | self._found
        return tuple(merged[name] for name in sorted(merged))

    @property
    def account(self) -> str | None:
        """The number of this account: it owns what is listed without linked accounts."""
        return next((group.account for group in self._found.values() if group.account), None)

    def look_up(self, stages: Iterable[Stage], *, priority: Priority = Priority.VISIBLE) -> None:
        """Ask for the groups that these stages name, and that nobody asked for yet. Never raises."""
        names = [name for stage in stages for name in _names(stage)]
        missing = [name for name in dict.fromkeys(names) if name not in self._asked]
        if not missing or self.error is not None:
            return
        self._asked.update(missing)
        try:
            self._keep(groups_named(self._aws, missing, stop=self._stop, priority=priority))
        except AppError as error:
            self.error = error

    def look_around(self) -> None:
        """Ask once for the first groups with the names that API Gateway gives them. Never raises."""
        if self._has_looked_around:
            return
        self._has_looked_around = True
        for prefix in _USUAL_PREFIXES:
            if self.error is not None:
                return
            try:
                search = groups_with_prefix(self._aws, prefix, stop=self._stop, max_pages=1)
            except AppError as error:
                self.error = error
            else:
                self._keep(search.groups)
                self.is_complete = self.is_complete and search.complete

    def attached(self, stage: Stage) -> Stage:
        """The stage with the spelling of its execution group that exists, its retention and its groups' classes."""
        access, execution = stage.access, stage.execution
        if stage.api_type == "WEBSOCKET":
            spellings = list(_spellings(stage))
            existing = next((name for name in spellings if name in self._found), spellings[0])
            execution = replace(execution, log_group=existing)
        logged = self._found.get((access.log_group if access else None) or "")
        executed = self._found.get(execution.log_group or "")
        if access is not None and logged is not None:
            access = replace(access, log_group_class=logged.log_group_class)
        if executed is not None:
            execution = replace(execution, log_group_class=executed.log_group_class)
        kept = logged if access is not None and access.log_group else executed
        if kept is None and self.error is not None:
            return replace(stage, access=access, execution=execution)
        days = kept.retention_days if kept else None
        return replace(stage, access=access, execution=execution, retention_days=days)

    def _keep(self, groups: Iterable[LogGroup]) -> None:
        self._found.update((group.name, group) for group in groups)


def _names(stage: Stage) -> Iterator[str]:
    if stage.access and stage.access.log_group:
        yield stage.access.log_group
    if stage.execution.log_group:
        yield from _spellings(stage)


def _spellings(stage: Stage) -> Iterator[str]:
    """The names that an execution group can have: both are documented for WebSocket APIs."""
    yield execution_group(stage.api_id, stage.name)
    if stage.api_type == "WEBSOCKET":
        yield f"{WEBSOCKET_GROUP_PREFIX}{stage.scope}"
