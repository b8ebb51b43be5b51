"""Where this run reads from: an AWS session or the demo's endpoint. Its methods block: call them in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from apigw_tui.errors import AppError
from apigw_tui.headless import opening

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.base import Source
    from apigw_tui.sources.discovery import Discovery
    from apigw_tui.sources.log_groups import GroupSearch
    from apigw_tui.sources.mfa import MfaCodes
    from apigw_tui.sources.session import Aws
    from apigw_tui.sources.stage_cache import StageCache
    from apigw_tui.sources.stages import StageDirectory

_KNOWN_FOR_MS: Final = 24 * 3_600_000
"""So long a stage is opened as it was read, and checked behind."""
_KEEP_EVERY: Final = 40
"""APIs read between two writings of what is known."""


class Workspace:
    """Opens the session once, when something first needs it."""

    def __init__(
        self, config: Config, *, clock: Callable[[], int] = opening.now_ms, mfa: MfaCodes | None = None
    ) -> None:
        self.config = config
        self._mfa = mfa
        self._clock = clock
        self._closed = False
        self._lock = threading.Lock()
        self._resources = ExitStack()
        self._aws: Aws | None = None
        self._stop = threading.Event()
        self._directory: StageDirectory | None = None
        self._discovery: Discovery | None = None
        self._assumed: dict[str, tuple[Stage, int]] = {}

    def aws(self) -> Aws:
        """The session; with --demo the embedded endpoint is started first."""
        with self._lock:
            if self._closed:
                raise AppError("The explorer is closing.")
            if self._aws is None:
                opened = opening.open_aws(self.config, clock=self._clock, mfa=self._mfa)
                self._aws = self._resources.enter_context(opened)
            return self._aws

    def elsewhere(
        self, *, profile: str | None = None, region: str | None = None, demo: bool | None = None
    ) -> Workspace:
        """A workspace with another profile or region, as if it had been typed, or the demo; this one stays open."""
        config = self.config
        chosen = {name: value for name, value in (("profile", profile), ("region", region)) if value}
        moved = replace(
            config,
            profile=profile or config.profile,
            region=region or config.region,
            demo=config.demo if demo is None else demo,
            origins={**config.origins, **dict.fromkeys(chosen, "flag")},
        )
        return Workspace(moved, clock=self._clock, mfa=self._mfa)

    def like(self, config: Config) -> Workspace:
        """A workspace with other options; this one stays open."""
        return Workspace(config, clock=self._clock, mfa=self._mfa)

    def known_stages(self) -> StageDirectory | None:
        """The stages as they were read last, by this run or an earlier one; asks nobody."""
        if self._directory is None:
            kept = self._cache().load()
            with self._lock:
                self._directory = self._directory or kept
        return self._directory

    def discover(self) -> Iterator[StageDirectory]:
        """What there is in the account and region, step by step, until it is all known or the workspace is left."""
        from apigw_tui.sources.discovery import Discovery  # noqa: PLC0415 - loads polars

        aws, known = self.aws(), self.known_stages()
        self._discovery = Discovery(aws, known=known, stop=self._stop, clock=self._clock)
        self._discovery.want(stage.api_id for stage, _ in list(self._assumed.values()))
        cache, kept = self._cache(), 0
        for directory in self._discovery.run():
            self._directory = directory
            done = directory.progress[0] if directory.progress else 0
            if directory.progress is None or done >= kept + _KEEP_EVERY:
                kept = done
                cache.save(directory)
            yield directory

    def want(self, api_ids: Iterable[str]) -> None:
        """Read the stages of these APIs before those of others."""
        if self._discovery is not None:
            self._discovery.want(api_ids)

    def leave(self) -> None:
        """Stop reading what there is; what is open goes on."""
        self._stop.set()

    def changed_stages(self, directory: StageDirectory) -> tuple[str, ...]:
        """Which stages that were opened as they were known log elsewhere by now; each is told once."""
        now = {stage.scope: stage for stage in directory.stages}
        changed = []
        for scope, (stage, read_at) in list(self._assumed.items()):
            if directory.read_at.get(stage.api_id, 0) > read_at:
                del self._assumed[scope]
                if scope not in now or _logs(now[scope]) != _logs(stage):
                    changed.append(stage.title)
        return tuple(changed)

    def last_event_at(self, stage: Stage, stop: threading.Event) -> int | None:
        """A time at or before a stage's last event; None where there is none. Raises AppError."""
        from apigw_tui.sources.limiter import Priority  # noqa: PLC0415 - as below
        from apigw_tui.sources.log_groups import last_event_at  # noqa: PLC0415 - loads botocore
        from apigw_tui.sources.stage_reading import followed_group, is_silent  # noqa: PLC0415 - as above

        group = None if is_silent(stage) else followed_group(stage)
        if group is None:
            return None
        return last_event_at(self.aws(), group.name, stop=stop, priority=Priority.PREFETCH)

    def functions(self, stage: Stage) -> tuple[str, ...]:
        """The functions behind a stage, the one with the most routes first; none where they may not be seen."""
        from apigw_tui.sources.functions import functions_of  # noqa: PLC0415 - loads botocore

        return functions_of(self.aws(), stage).names

    def groups_with(self, text: str, stop: threading.Event) -> GroupSearch:
        """Log groups whose name contains a text."""
        from apigw_tui.sources.log_groups import search_groups  # noqa: PLC0415 - loads botocore

        return search_groups(self.aws(), text, stop=stop)

    def account(self) -> str | None:
        """The account number; None where it may not be asked."""
        try:
            return self.aws().identity()
        except Exception:  # noqa: BLE001 - any refusal of botocore's: nothing but the number is missing
            return None

    def profiles(self) -> tuple[str, ...]:
        """The profiles that the AWS configuration names."""
        return self.aws().profiles()

    @property
    def region(self) -> str | None:
        """The region, once the session is open; asks nothing."""
        known = self._aws.known_region if self._aws is not None else None
        return known or self.config.region

    def source(self, targets: Sequence[str]) -> Source:
        """The targets as one source: stages as they are known, where that is not long ago."""
        from apigw_tui.sources.targets import find_targets, source_of  # noqa: PLC0415 - loads polars

        aws = None if self.reads_files_only(targets) else self.aws()
        known = None if aws is None else self._recent()
        found = find_targets(targets, aws, known=known)
        if known is not None:
            listed = {id(stage) for stage in known.stages}
            for stage in found.stages:
                if id(stage) in listed:
                    self._assumed[stage.scope] = (stage, known.read_at[stage.api_id])
            self.want(stage.api_id for stage in found.stages)
        return source_of(
            found,
            aws,
            access_format=self.config.access_format,
            filter_pattern=self.config.filter_pattern,
            clock=self._clock,
        )

    def reads_files_only(self, targets: Sequence[str]) -> bool:
        """Whether no target needs AWS."""
        from apigw_tui.sources.targets import FileTarget, parse_target  # noqa: PLC0415 - as above

        return all(isinstance(parse_target(word), FileTarget) for word in targets)

    def close(self) -> None:
        """Stop what was started."""
        self._stop.set()
        with self._lock:
            self._closed = True
            self._resources.close()

    def _cache(self) -> StageCache:
        from apigw_tui.sources.stage_cache import StageCache  # noqa: PLC0415 - not needed for files

        # The demo's endpoint is another one each time.
        is_off = self.config.demo or not self.config.cache
        return StageCache(None) if is_off else StageCache.of(opening.settings_of(self.config))

    def _recent(self) -> StageDirectory | None:
        """What is known and was read within a day."""
        known = self.known_stages()
        if known is None:
            return None
        oldest = self._clock() - _KNOWN_FOR_MS
        stages = tuple(stage for stage in known.stages if known.read_at.get(stage.api_id, 0) >= oldest)
        return replace(known, stages=stages)


def _logs(stage: Stage) -> tuple[object, ...]:
    """Where a stage logs, and in which form."""
    access, execution = stage.access, stage.execution
    return (access and (access.destination, access.format), execution.log_group, execution.level)
