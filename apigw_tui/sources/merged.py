"""Several sources read as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from queue import Empty, Queue
from threading import Event as StopFlag
from threading import Thread
from typing import TYPE_CHECKING

from apigw_tui.sources.base import LiveTailed, Progress, Staged, Traced, Update
from apigw_tui.sources.deliveries import LOOK_FOR_STOP_S, QUEUED, deliver, put_until

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.stage import Stage
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.core.trace import Trace
    from apigw_tui.sources.base import RequestRef, Source

Read = Callable[["Source", StopFlag], Iterator[Update]]


class MergedSource:
    """Reads its sources side by side, each in a thread of its own: one that waits holds up none."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    @property
    def title(self) -> str:
        """All titles."""
        return ", ".join(source.title for source in self._sources)

    @property
    def groups(self) -> tuple[str, ...]:
        """All groups and files."""
        return tuple(group for source in self._sources for group in source.groups)

    @property
    def formats(self) -> Mapping[str, AccessFormat]:
        """All formats."""
        return {group: known for source in self._sources for group, known in source.formats.items()}

    @property
    def live(self) -> bool:
        """Whether any source is."""
        return any(source.live for source in self._sources)

    @property
    def notes(self) -> tuple[str, ...]:
        """All notes."""
        return tuple(note for source in self._sources for note in source.notes)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of those that know theirs."""
        return tuple(stage for source in self._sources if isinstance(source, Staged) for stage in source.stages)

    def backfill(self, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        """Yield what each source yields; progress adds up, and is done when all are. Raises AppError."""
        latest: dict[int, Progress] = {}
        read = _side_by_side(self._sources, lambda source, halt: source.backfill(time_range, halt), stop)
        for number, update in read:
            if not isinstance(update, Progress):
                yield update
                continue
            latest[number] = update
            yield Progress(
                events=sum(progress.events for progress in latest.values()),
                pages=sum(progress.pages for progress in latest.values()),
                read_from=max(progress.read_from for progress in latest.values()),
                done=len(latest) == len(self._sources) and all(progress.done for progress in latest.values()),
                cached_events=sum(progress.cached_events for progress in latest.values()),
                pages_per_second=_total(progress.pages_per_second for progress in latest.values()),
                eta_ms=max((p.eta_ms for p in latest.values() if p.eta_ms is not None), default=None),
            )

    def follow(self, since: int, stop: StopFlag) -> Iterator[Update]:
        """Yield what arrives at the live sources. Raises AppError."""
        live = [source for source in self._sources if source.live]
        for _, update in _side_by_side(live, lambda source, halt: source.follow(since, halt), stop):
            yield update

    def turn_live_tail(self, *, on: bool, reason: str = "") -> bool:
        """Turn it on or off at each source that has one; whether any has."""
        able = [source for source in self._sources if isinstance(source, LiveTailed)]
        for source in able:
            source.turn_live_tail(on=on, reason=reason)
        return bool(able)

    @property
    def trace_region(self) -> str | None:
        """The region of the console that shows the traces of all; None where they differ."""
        regions = {source.trace_region for source in self._sources if isinstance(source, Traced)}
        return regions.pop() if len(regions) == 1 else None

    def trace(self, request: RequestRef, stop: StopFlag) -> Trace | None:
        """What X-Ray has of the trace, asked wherever one of the sources is: the first that has segments."""
        found: Trace | None = None
        for source in self._sources:
            if isinstance(source, Traced):
                found = source.trace(request, stop) or found
                if found is not None and found.segments:
                    break
        return found

    def request_events(self, request: RequestRef, stop: StopFlag) -> Iterator[Update]:
        """Yield what each source has of the request."""
        for source in self._sources:
            yield from source.request_events(request, stop)

    def failing_events(self, requests: Sequence[RequestRef], stop: StopFlag) -> Iterator[Update]:
        """Yield what each source has of the requests."""
        for source in self._sources:
            yield from source.failing_events(requests, stop)

    def find(self, identifier: str, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        """Yield what each source has under the ID."""
        for source in self._sources:
            yield from source.find(identifier, time_range, stop)


def _total(rates: Iterable[float | None]) -> float | None:
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known else None


_Delivery = tuple[int, Update | BaseException | None]


def _side_by_side(sources: Sequence[Source], read: Read, stop: StopFlag) -> Iterator[tuple[int, Update]]:
    """Yield the updates of all sources as they come; the first error ends all."""
    if len(sources) == 1:
        yield from ((0, update) for update in read(sources[0], stop))
        return
    halt = StopFlag()
    arrivals: Queue[_Delivery] = Queue(QUEUED)

    def put(number: int, update: Update | BaseException | None) -> None:
        put_until(halt, arrivals, (number, update))

    threads = [
        Thread(target=deliver, args=(partial(read, source, halt), partial(put, number), halt), daemon=True)
        for number, source in enumerate(sources)
    ]
    for thread in threads:
        thread.start()
    try:
        running = len(threads)
        while running and not stop.is_set():
            try:
                number, update = arrivals.get(timeout=LOOK_FOR_STOP_S)
            except Empty:
                continue
            if update is None:
                running -= 1
            elif isinstance(update, BaseException):
                raise update
            else:
                yield number, update
    finally:
        halt.set()
