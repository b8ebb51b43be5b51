"""Where this run reads from: an AWS session or the demo's endpoint. Its methods block: call them in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from apigw_tui.errors import AppError
from apigw_tui.headless import opening

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.base import Source
    from apigw_tui.sources.session import Aws
    from apigw_tui.sources.stages import StageDirectory


class Workspace:
    """Opens the session once, when something first needs it."""

    def __init__(self, config: Config, *, clock: Callable[[], int] = opening.now_ms) -> None:
        self.config = config
        self._clock = clock
        self._closed = False
        self._lock = threading.Lock()
        self._resources = ExitStack()
        self._aws: Aws | None = None

    def aws(self) -> Aws:
        """The session; with --demo the embedded endpoint is started first."""
        with self._lock:
            if self._closed:
                raise AppError("The explorer is closing.")
            if self._aws is None:
                self._aws = self._resources.enter_context(opening.open_aws(self.config, clock=self._clock))
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
        return Workspace(moved, clock=self._clock)

    def stages(self) -> StageDirectory:
        """The stages of the account and region."""
        from apigw_tui.sources.stages import find_stages  # noqa: PLC0415 - loads botocore

        return find_stages(self.aws())

    def functions(self, stage: Stage) -> tuple[str, ...]:
        """The functions behind a stage, the one with the most routes first; none where they may not be seen."""
        from apigw_tui.sources.functions import functions_of  # noqa: PLC0415 - loads botocore

        return functions_of(self.aws(), stage).names

    def groups_with(self, text: str) -> tuple[str, ...]:
        """Names of log groups that contain a text."""
        from apigw_tui.sources.log_groups import search_groups  # noqa: PLC0415 - loads botocore

        return tuple(group.name for group in search_groups(self.aws(), text).groups)

    def account(self) -> str | None:
        """The account number; None where it may not be asked."""
        try:
            return self.aws().identity()
        except AppError:
            return None

    def profiles(self) -> tuple[str, ...]:
        """The profiles that the AWS configuration names."""
        return self.aws().profiles()

    @property
    def region(self) -> str | None:
        """The region, once the session is open; asks nothing."""
        return self._aws.region if self._aws is not None else self.config.region

    def source(self, targets: Sequence[str]) -> Source:
        """The targets as one source."""
        from apigw_tui.sources.targets import resolve  # noqa: PLC0415 - loads polars

        return resolve(
            targets,
            None if self.reads_files_only(targets) else self.aws(),
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
        with self._lock:
            self._closed = True
            self._resources.close()
