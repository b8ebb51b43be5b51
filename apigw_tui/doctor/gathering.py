"""Evidence gathered from AWS: few calls for all stages together, and one for each log group that is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.core.stage import obstacle_of_class
from apigw_tui.doctor.account_calls import HOPELESS, ask_account, ask_streams
from apigw_tui.doctor.evidence import Evidence, Refusal
from apigw_tui.doctor.stage_checks import LAMBDA_PREFIX
from apigw_tui.errors import AppError
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.clock import wall_clock
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.functions import functions_of
from apigw_tui.sources.log_groups import LogGroup, groups_named

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.session import Aws

_AT_ONCE: Final = 4
_SPAN_MS: Final = 1_000


def gather(
    aws: Aws,
    stages: Sequence[Stage],
    *,
    groups: Sequence[LogGroup] = (),
    troubles: Iterable[AppError] = (),
    stop: StopFlag | None = None,
) -> Evidence:
    """Ask AWS what the settings of these stages do not tell. Raises AppError when no call gets through."""
    return _Gathering(aws, stop or StopFlag()).evidence(stages, groups, troubles)


class _Gathering:
    def __init__(self, aws: Aws, stop: StopFlag) -> None:
        self._aws = aws
        self._stop = stop
        self._groups: dict[str, LogGroup | None] = {}
        self._denied: dict[str, AppError] = {}
        self._errors: list[AppError] = []

    def evidence(self, stages: Sequence[Stage], groups: Sequence[LogGroup], troubles: Iterable[AppError]) -> Evidence:
        account = ask_account(self._aws, stages, stop=self._stop)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            functions = dict(pool.map(self._functions, stages))
            logged = dict.fromkeys(name for stage in stages for name in _read_groups(stage, functions[stage.scope]))
            self._look_up(list(logged))
            self._groups.update((group.name, group) for group in groups)
            wanted = [name for name in (*logged, *(group.name for group in groups)) if self._may_be_read(name)]
            list(pool.map(self._try_reading, dict.fromkeys(wanted)))
        refusals = (*account.refusals, *self._streams(wanted))
        told = {refusal.error.message for refusal in refusals}
        others = (error for error in (*troubles, *self._errors) if error.message not in told)
        return Evidence(
            region=self._aws.region,
            account=next((group.account for group in self._groups.values() if group and group.account), None),
            role=account.role,
            groups=self._groups,
            denied=self._denied,
            functions=functions,
            refusals=refusals,
            troubles=tuple(others),
        )

    def _functions(self, stage: Stage) -> tuple[str, tuple[str, ...]]:
        return stage.scope, functions_of(self._aws, stage, stop=self._stop).names

    def _look_up(self, names: list[str]) -> None:
        try:
            found = {group.name: group for group in groups_named(self._aws, names, stop=self._stop)}
        except AppError as error:
            self._note(error)
            return
        self._groups.update((name, found.get(name)) for name in names)

    def _may_be_read(self, name: str) -> bool:
        """Whether the group can be there, and can be read by anybody."""
        group = self._groups.get(name)
        return name not in self._groups or (group is not None and not obstacle_of_class(group.log_group_class))

    def _try_reading(self, name: str) -> None:
        now = wall_clock()
        group = self._groups.get(name)
        is_linked = group is not None and group.arn is not None and group.account != self._own_account()
        named = {"logGroupIdentifier": group.arn} if group and is_linked else {"logGroupName": name}
        parameters = {**named, "startTime": now - _SPAN_MS, "endTime": now, "limit": 1}
        try:
            perform(
                self._aws,
                Call("logs", "filter_log_events", f"read {name}", parameters, log_group=name),
                stop=self._stop,
            )
        except AppError as error:
            if kind_of(error) is FailureKind.DENIED:
                self._denied[name] = error
            elif kind_of(error) is FailureKind.NOT_FOUND:
                self._groups[name] = None
            else:
                self._note(error)

    def _own_account(self) -> str | None:
        return next((group.account for group in self._groups.values() if group and group.account), None)

    def _streams(self, names: Sequence[str]) -> Iterable[Refusal]:
        there = next((name for name in names if self._groups.get(name)), None)
        return () if there is None else tuple(ask_streams(self._aws, there, stop=self._stop))

    def _note(self, error: AppError) -> None:
        if kind_of(error) in HOPELESS:
            raise error
        self._errors.append(error)


def _read_groups(stage: Stage, functions: Iterable[str]) -> Iterable[str]:
    """The groups that are read for a stage."""
    if stage.access is not None and stage.access.log_group:
        yield stage.access.log_group
    if stage.execution.log_group and stage.execution.level != "OFF":
        yield stage.execution.log_group
    for name in functions:
        yield f"{LAMBDA_PREFIX}{name}"
