"""Containers of a function: who is free when a request comes, and who has to start first."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from apigw_tui.emulator.calls import Run, RunEnd
from apigw_tui.emulator.catalogue import Function
from apigw_tui.emulator.dice import hex_digest, uuid

RECYCLED_AFTER_MINUTES: Final = 45
PARITIES: Final = 2
"""Even and odd minutes have containers of their own."""
DISPATCH_MS: Final = 6
"""From a call of the Lambda service to the START line."""


@dataclass(slots=True)
class _Container:
    stream: str
    cold: bool
    busy_until: int = 0


class Fleet:
    """The containers of one function and stage in one minute.

    A minute is drawn without looking at the minute before, whose requests may still run: even and odd minutes
    have containers of their own. No run lasts into the minute after the next.
    """

    def __init__(self, function: Function, version: str, minute: int, *, scope: str, warm: int = 4) -> None:
        """Make `warm` containers ready; more start on demand."""
        self._function = function
        self._version = version
        self._minute = minute
        self._scope = scope
        self._containers = [self._kept(index) for index in range(warm)]
        self._started = 0

    def _stream(self, since_minute: int, *parts: object) -> str:
        day = datetime.fromtimestamp(since_minute * 60, UTC).strftime("%Y/%m/%d")
        digest = hex_digest(self._scope, self._function.name, self._version, *parts)
        return f"{day}/[{self._version}]{digest}"

    def _kept(self, index: int) -> _Container:
        generation, age = divmod(self._minute + 7 * index, RECYCLED_AFTER_MINUTES)
        stream = self._stream(self._minute - age, self._minute % PARITIES, index, generation)
        return _Container(stream, cold=age < PARITIES)

    def _take(self, at: int) -> _Container:
        for container in self._containers:
            if container.busy_until <= at:
                return container
        self._started += 1
        container = _Container(self._stream(self._minute, "new", self._minute, self._started), cold=True)
        self._containers.append(container)
        return container

    def run(self, rng: random.Random, called_at: int, duration_ms: float, end: RunEnd = "success") -> Run:
        """Run the function once; the run starts later when its container has to start first."""
        container = self._take(called_at)
        init_ms: float | None = None
        if container.cold:
            init_ms = self._function.init_ms * rng.uniform(0.85, 1.4)
            container.cold = False
        started_at = called_at + DISPATCH_MS + int(init_ms or 0)
        run = Run(
            function=self._function,
            version=self._version,
            request_id=uuid(rng),
            log_stream=container.stream,
            started_at=started_at,
            duration_ms=duration_ms,
            init_ms=init_ms,
            end=end,
        )
        container.busy_until = run.ended_at
        return run
