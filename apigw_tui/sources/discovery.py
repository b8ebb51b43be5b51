"""Discovery: what there is to open, read bit by bit within the control plane's small quota.

API Gateway allows few calls a second for a whole account, deployments included, and each API costs one. So APIs
are listed first, the stages of those that somebody looks at are read before the others, and what an earlier run
read is shown until then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from threading import Event as StopFlag
from threading import Lock
from typing import TYPE_CHECKING, Final

from apigw_tui.errors import AppError
from apigw_tui.sources.clock import wall_clock
from apigw_tui.sources.custom_domains import CustomDomains, read_domains
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.stage_groups import StageGroups
from apigw_tui.sources.stages import Api, ApiList, StageDirectory, list_apis, stages_of_api, troubles_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.session import Aws

FRESH_MS: Final = 10 * 60_000
"""What was read so lately is read again only when somebody looks at it."""
_APIS_PER_LOOK_UP: Final = 8

_ENDS_ALL: Final = frozenset({FailureKind.EXPIRED, FailureKind.CREDENTIALS, FailureKind.NETWORK, FailureKind.CONFIG})
"""No other call would get through either."""


class Discovery:
    """One round through the APIs of an account; `known` is what an earlier one found.

    `refusal` is why no API could be listed. `want` may be called from another thread than `run`.
    """

    def __init__(
        self,
        aws: Aws,
        *,
        known: StageDirectory | None = None,
        chosen: Callable[[Api], bool] = lambda _api: True,
        stop: StopFlag | None = None,
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        self.refusal: AppError | None = None
        self._aws = aws
        self._stop = stop or StopFlag()
        self._clock = clock
        self._chosen = chosen
        self._lock = Lock()
        self._wanted: list[str] = []
        self._fresh: set[str] = set()
        self._errors: list[AppError] = []
        self._apis: tuple[Api, ...] = ()
        self._groups = StageGroups(aws, self._stop)
        self._domains: CustomDomains | None = None
        self._known = known or StageDirectory((), ())
        self._stages: dict[str, tuple[Stage, ...]] = {}
        self._read_at = dict(self._known.read_at)

    def want(self, api_ids: Iterable[str]) -> None:
        """Read the stages of these APIs next, in this order; earlier wishes come after them."""
        with self._lock:
            self._wanted = list(dict.fromkeys((*api_ids, *self._wanted)))

    def run(self) -> Iterator[StageDirectory]:
        """Yield what is known after each step; the last one has no `progress`.

        Raises AppError when credentials or the network fail. Where no API may be listed there are still groups.
        """
        self._take_known()
        self._apis = tuple(api for api in self._list().apis if self._chosen(api))
        if self._stop.is_set():
            return
        yield self._directory()
        pending: list[Api] = []
        while (api := self._next()) is not None and not self._stop.is_set():
            self._read(*api)
            pending.append(api[0])
            if len(pending) >= _APIS_PER_LOOK_UP:
                self._look_up(pending)
                pending = []
            yield self._directory()
        self._look_up(pending)
        yield self._directory()
        if self._apis and not self._stop.is_set():
            self._domains = read_domains(self._aws, stop=self._stop)
        if not self._stop.is_set():
            yield replace(self._directory(), progress=None)

    def _take_known(self) -> None:
        for stage in self._known.stages:
            self._stages[stage.api_id] = (*self._stages.get(stage.api_id, ()), stage)

    def _list(self) -> ApiList:
        try:
            listed = list_apis(self._aws, stop=self._stop)
        except AppError as error:
            if kind_of(error) in _ENDS_ALL:
                raise
            self.refusal = error
            listed = ApiList((), (error,))
        hopeless = next((each for each in listed.errors if kind_of(each) in _ENDS_ALL), None)
        if hopeless is not None:
            raise hopeless
        self._errors += listed.errors
        return listed

    def _next(self) -> tuple[Api, Priority] | None:
        """Who is looked at, then who was never read, then the oldest."""
        by_id = {api.api_id: api for api in self._apis}
        with self._lock:
            self._wanted = [api_id for api_id in self._wanted if api_id in by_id and api_id not in self._fresh]
            if self._wanted:
                return by_id[self._wanted.pop(0)], Priority.VISIBLE
        left = self._left()
        return (min(left, key=lambda api: self._read_at.get(api.api_id, 0)), Priority.PREFETCH) if left else None

    def _left(self) -> list[Api]:
        """Those that are still to be read even when nobody looks at them."""
        stale = self._clock() - FRESH_MS
        unread = (api for api in self._apis if api.api_id not in self._fresh)
        return [api for api in unread if self._read_at.get(api.api_id, 0) < stale]

    def _read(self, api: Api, priority: Priority) -> None:
        self._fresh.add(api.api_id)
        try:
            stages = stages_of_api(self._aws, api, stop=self._stop, priority=priority)
        except AppError as error:
            if kind_of(error) in _ENDS_ALL:
                raise
            self._errors.append(error)
            return
        if stages is not None:
            before = {stage.name: stage for stage in self._stages.get(api.api_id, ())}
            self._stages[api.api_id] = tuple(_carried_over(stage, before.get(stage.name)) for stage in stages)
            self._read_at[api.api_id] = self._clock()

    def _look_up(self, apis: Sequence[Api]) -> None:
        self._groups.look_up(stage for api in apis for stage in self._stages.get(api.api_id, ()))
        self._groups.look_around()
        for api in apis:
            if api.api_id in self._stages:
                self._stages[api.api_id] = tuple(map(self._groups.attached, self._stages[api.api_id]))

    def _directory(self) -> StageDirectory:
        listed = {api.api_id for api in self._apis}
        return StageDirectory(
            stages=tuple(self._named(stage) for api in self._apis for stage in self._stages.get(api.api_id, ())),
            groups=self._groups.after(self._known.groups),
            troubles=troubles_of([*self._errors, *([self._groups.error] if self._groups.error else [])]),
            apis=self._apis,
            read_at={api_id: at for api_id, at in self._read_at.items() if api_id in listed},
            progress=(len(self._fresh), len(self._fresh) + len(self._left())),
            groups_are_complete=self._groups.is_complete,
            account=self._groups.account or self._known.account,
            domains_error=self._domains.error if self._domains else None,
        )

    def _named(self, stage: Stage) -> Stage:
        """The stage with its domain names, as far as they have been read in this round."""
        if self._domains is None:
            return stage
        names = self._domains.of(stage.scope)
        return replace(stage, domains=names or stage.domains if self._domains.error else names)


def find_stages(
    aws: Aws,
    pattern: str | None = None,
    *,
    stop: StopFlag | None = None,
    clock: Callable[[], int] = wall_clock,
    told: Callable[[StageDirectory], None] = lambda _directory: None,
) -> StageDirectory:
    """The stages whose `api/stage` holds the pattern, by API name or id in any case, with their groups.

    A pattern with a dot may also be part of a custom domain name with its base path. `told` hears of every step.
    Raises AppError when nothing at all can be listed; what one permission lacks is told in `troubles`.
    """
    stop = stop or StopFlag()
    wanted = (pattern or "").casefold()
    api_part, _, stage_part = wanted.partition("/")
    named = _named_by_domain(read_domains(aws, stop=stop).by_scope, wanted) if "." in wanted else frozenset()
    of_domains = {scope.partition("/")[0] for scope in named}

    def is_named(api: Api) -> bool:
        return api_part in api.name.casefold() or api_part in api.api_id.casefold()

    discovery = Discovery(aws, chosen=lambda api: is_named(api) or api.api_id in of_domains, stop=stop, clock=clock)
    directory = StageDirectory((), ())
    for directory in discovery.run():
        told(directory)
    if discovery.refusal is not None:
        raise discovery.refusal
    by_name = {api.api_id for api in directory.apis if is_named(api)}
    stages = tuple(
        stage
        for stage in directory.stages
        if stage.scope in named or (stage.api_id in by_name and stage_part in stage.name.casefold())
    )
    return replace(directory, stages=stages)


def stages_of(aws: Aws, apis: Sequence[Api], *, stop: StopFlag) -> StageDirectory:
    """The stages of these APIs with their groups. Never raises for what AWS refuses."""
    stages: list[Stage] = []
    errors: list[AppError] = []
    for api in apis:
        try:
            stages += stages_of_api(aws, api, stop=stop) or ()
        except AppError as error:
            errors.append(error)
    groups = StageGroups(aws, stop)
    groups.look_up(stages)
    errors += [groups.error] if groups.error else []
    return StageDirectory(tuple(map(groups.attached, stages)), groups.found, troubles_of(errors), tuple(apis))


def _carried_over(stage: Stage, before: Stage | None) -> Stage:
    """The stage with what the control plane does not tell, until that is asked again."""
    if before is None:
        return stage
    access, execution = stage.access, stage.execution
    if access and before.access and access.log_group == before.access.log_group:
        access = replace(access, log_group_class=before.access.log_group_class)
    if execution.log_group and before.execution.log_group:
        known = before.execution
        execution = replace(execution, log_group=known.log_group, log_group_class=known.log_group_class)
    return replace(
        stage, access=access, execution=execution, domains=before.domains, retention_days=before.retention_days
    )


def _named_by_domain(by_scope: Mapping[str, tuple[str, ...]], wanted: str) -> frozenset[str]:
    return frozenset(scope for scope, names in by_scope.items() if any(wanted in name.casefold() for name in names))
