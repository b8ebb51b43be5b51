"""X-Ray traces of opened requests: asked for once their lines are here, and again while segments may arrive."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from apigw_tui.core.trace import Trace, normal_trace_id, unsampled
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Source, Traced
from apigw_tui.sources.failures import FailureKind, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event as StopFlag

    from apigw_tui.sources.base import RequestRef, Update

    Fetch = Callable[[int, Callable[[Source, StopFlag], Iterator[Update]]], None]

ASKING: Final = "asking X-Ray for its segments"
_SETTLED_AFTER_MS: Final = 60_000
_RETRY_MS: Final = 4_000
_DENIED_FOR_MS: Final = 300_000
_MOST_TRIES: Final = 6


@dataclass(frozen=True)
class _Asked:
    """What is known of one trace. `at` is when it was asked last; `failure` is passing trouble."""

    at: int
    tries: int
    trace: Trace | None
    fetching: bool = False
    failed: bool = False


class StoryTraces:
    """Lives in the engine's thread; asks in threads of its own. Without permission it asks no more for a while."""

    def __init__(self, *, fetch: Fetch, wake: Callable[[], None], clock: Callable[[], int]) -> None:
        self._fetch = fetch
        self._wake = wake
        self._clock = clock
        self._asked: dict[str, _Asked] = {}
        self._denied: tuple[int, AppError] | None = None

    def reset(self) -> None:
        """Another source was opened."""
        self._asked = {}
        self._denied = None

    def of(self, reference: RequestRef, lines: Sequence[str], generation: int) -> Trace | None:
        """What is known of the request's trace now; asks X-Ray when that is due. None where there is none."""
        trace_id = normal_trace_id(reference.trace_id)
        if trace_id is None:
            return None
        asked = self._asked.get(trace_id)
        has_segments = asked is not None and asked.trace is not None and asked.trace.segments
        if not has_segments and (known := unsampled(lines, trace_id)) is not None:
            return known
        denied = self._still_denied()
        if asked is None and denied is not None:
            return Trace(trace_id, None, str(denied))
        if asked is None or self._is_due(asked, reference):
            asked = self._ask(trace_id, asked, reference, generation)
        return asked.trace

    def _still_denied(self) -> AppError | None:
        if self._denied is None or self._clock() - self._denied[0] > _DENIED_FOR_MS:
            return None
        return self._denied[1]

    def _is_due(self, asked: _Asked, reference: RequestRef) -> bool:
        """Segments come seconds after the request; a call that failed for the moment is made again."""
        if asked.fetching or asked.tries >= _MOST_TRIES or self._still_denied() is not None:
            return False
        is_young = asked.at - reference.ended_at < _SETTLED_AFTER_MS
        return (is_young or asked.failed) and self._clock() - asked.at >= _RETRY_MS * 2 ** (asked.tries - 1)

    def _ask(self, trace_id: str, before: _Asked | None, reference: RequestRef, generation: int) -> _Asked:
        shown = before.trace if before else None
        asked = _Asked(self._clock(), before.tries + 1 if before else 1, shown, fetching=True)
        self._asked[trace_id] = asked
        args = (trace_id, asked, reference, generation)
        threading.Thread(target=self._read, args=args, name="trace", daemon=True).start()
        return asked

    def _read(self, trace_id: str, asked: _Asked, reference: RequestRef, generation: int) -> None:
        found: list[Trace | None] = []
        failed = False

        def ask(source: Source, stop: StopFlag) -> Iterator[Update]:
            if isinstance(source, Traced):
                if asked.trace is None:
                    self._know(trace_id, asked, replace(asked, trace=Trace(trace_id, None, ASKING)))
                found.append(source.trace(reference, stop))
            return iter(())

        try:
            self._fetch(generation, ask)
        except AppError as error:
            failed = True
            found.append(asked.trace or Trace(trace_id, None, str(error)))
            if kind_of(error) is FailureKind.DENIED:
                self._denied = (self._clock(), error)
        finally:
            trace = found[0] if found else None
            tries = asked.tries if trace is not None else _MOST_TRIES
            self._know(trace_id, asked, replace(asked, trace=trace, tries=tries, fetching=False, failed=failed))

    def _know(self, trace_id: str, asked: _Asked, known: _Asked) -> None:
        """Unless another source was opened meanwhile."""
        before = self._asked.get(trace_id)
        if before is not None and before.at == asked.at:
            self._asked[trace_id] = known
            self._wake()
