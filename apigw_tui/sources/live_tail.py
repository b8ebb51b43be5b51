"""Live Tail beside the polls: events come about a second after CloudWatch takes them in, and cost money.

It never replaces a poll. Sessions sample above 500 events a second, drop what is read too slowly without a word,
and end; so the polls go on as if there were none, and the store recognises an event that comes twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Event as StopFlag
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.sources.base import Batch, Completeness, LiveTailState
from apigw_tui.sources.calls import back_off
from apigw_tui.sources.events_page import EventRecord, page_frame
from apigw_tui.sources.live_groups import LiveGroups, live_groups
from apigw_tui.sources.live_stream import SILENCE_S, LiveStream, Next, SessionEnd, session_end

if TYPE_CHECKING:
    from apigw_tui.sources.live_switch import LiveSwitch
    from apigw_tui.sources.log_windows import FollowedGroup
    from apigw_tui.sources.session import Aws

Deliver = Callable[[Batch | LiveTailState | None], None]

UNREACHABLE_TRIES: Final = 3
"""So often is a streaming host tried while the polls get through: some regions have none."""

HEALTHY_MS: Final = 30_000
"""A session that lasted so long shows that the trouble before it is over."""

_LOOK_EVERY_S: Final = 0.05
_REPEATED_WITHIN_MS: Final = 30_000
_RESULT: Final = ("logGroupIdentifier", "logStreamName", "timestamp", "ingestionTime", "message")


class LiveTail:
    """Streams the followed groups for as long as the switch is on; times by `clock` (ms)."""

    def __init__(
        self,
        aws: Aws,
        groups: Sequence[FollowedGroup],
        switch: LiveSwitch,
        *,
        clock: Callable[[], int],
        pattern: str | None = None,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.switch = switch
        self._aws = aws
        self._groups = tuple(groups)
        self._clock = clock
        self._pattern = pattern
        self._silence_s = silence_s
        self._lock = Lock()
        self._stream: LiveStream | None = None
        self._opened_at: int | None = None
        self._reason = "a session is being opened"
        self._live_groups: LiveGroups | None = None
        self._pauses = back_off()
        self._unreachable = 0
        self._polled_at: int | None = None
        self._told = ToldResults()
        self._sampled: list[int] = []

    def state(self) -> LiveTailState | None:
        """What a completeness says of it; None while it is off by the user's wish."""
        if not self.switch.is_on and not self.switch.reason:
            return None
        with self._lock:
            spent = self.switch.spent_ms + self._running_ms()
            streaming = self._opened_at is not None
        return LiveTailState(streaming, spent, self._reason if self.switch.is_on else self.switch.reason)

    def proven(self, proof: Completeness) -> Completeness:
        """What the polls prove, and how Live Tail stands beside it."""
        if not proof.gaps:
            self._polled_at = self._aws.clock()
        with self._lock:
            self._sampled = [second for second in self._sampled if second > proof.complete_to]
            sampled = len(self._sampled)
        return replace(proof, live_tail=self.state(), sampled_seconds=proof.sampled_seconds + sampled)

    def run(self, halt: StopFlag, deliver: Deliver) -> None:
        """Hand over batches, and the state whenever it has changed, until halted. Never raises."""
        self.switch.on_off(self.interrupt)
        try:
            while not halt.is_set():
                if self.switch.is_on:
                    self._run_session(halt, deliver)
                else:
                    halt.wait(_LOOK_EVERY_S)
        finally:
            self.switch.forget(self.interrupt)

    def interrupt(self) -> None:
        """End the session at once, from any thread."""
        with self._lock:
            stream = self._stream
        if stream is not None:
            stream.interrupt()

    def _run_session(self, halt: StopFlag, deliver: Deliver) -> None:
        turn = self.switch.turns

        def is_wanted() -> bool:
            return self.switch.is_on and not halt.is_set() and self.switch.turns == turn

        end = self._stream_events(halt, is_wanted, deliver)
        if not is_wanted():
            self._reason = "a session is being opened"
            deliver(self.state())
            return
        self._reason = self._clause(end)
        deliver(self.state())
        self._wait_after(end, is_wanted, halt)

    def _stream_events(self, halt: StopFlag, is_wanted: Callable[[], bool], deliver: Deliver) -> SessionEnd:
        """Open a session and read it to its end."""
        opened_at = None
        error: Exception | None = None
        try:
            groups = self._live_groups = self._live_groups or live_groups(self._aws, self._groups, stop=halt)
            if not groups.by_arn:
                self._live_groups = None
                return SessionEnd(groups.left_out or "there is no log group to stream", Next.LATER)
            stream = LiveStream.open(self._aws, list(groups.by_arn), self._pattern, silence_s=self._silence_s)
            opened_at = self._opened(stream, groups)
            deliver(self.state())
            if is_wanted():
                for batch in self._batches(stream, groups):
                    deliver(batch)
                    if not is_wanted():
                        break
        except Exception as problem:  # noqa: BLE001 - whatever ends it, the polls go on
            error = problem
        finally:
            self._closed()
        if opened_at is not None and self._aws.clock() - opened_at >= HEALTHY_MS:
            self._pauses = back_off()
        return session_end(error, self._aws, silence_s=self._silence_s)

    def _opened(self, stream: LiveStream, groups: LiveGroups) -> int:
        with self._lock:
            self._stream = stream
            self._opened_at = opened_at = self._aws.clock()
        self._reason = groups.left_out
        self._unreachable = 0
        self._told.session_begins()
        return opened_at

    def _closed(self) -> None:
        with self._lock:
            stream, self._stream = self._stream, None
            self.switch.spent_ms += self._running_ms()
            self._opened_at = None
        if stream is not None:
            stream.close()

    def _running_ms(self) -> int:
        return 0 if self._opened_at is None else max(0, self._aws.clock() - self._opened_at)

    def _clause(self, end: SessionEnd) -> str:
        """The reason that is shown; decides whether an unreachable host is tried again."""
        if end.then is Next.UNREACHABLE and self._gives_up():
            region = self._aws.context.region or "this region"
            return f"{end.reason}, while the logs can be read: {region} has no Live Tail, or something blocks its host"
        return end.reason if end.then is Next.NEVER else f"{end.reason}; a new session follows"

    def _gives_up(self) -> bool:
        return self._unreachable >= UNREACHABLE_TRIES

    def _wait_after(self, end: SessionEnd, is_wanted: Callable[[], bool], halt: StopFlag) -> None:
        if end.then is Next.REOPEN:
            return
        failed_at = self._aws.clock()
        retry_at = failed_at + int(next(self._pauses) * 1000)
        # A new look at the groups costs one call: one may have been created or replaced.
        self._live_groups = None
        while is_wanted() and not halt.wait(_LOOK_EVERY_S):
            if end.then is not Next.NEVER and not self._gives_up() and self._aws.clock() >= retry_at:
                break
        if not is_wanted():
            self._unreachable, self._pauses = 0, back_off()
        elif end.then is Next.UNREACHABLE and self._polled_at is not None and self._polled_at >= failed_at:
            self._unreachable += 1

    def _batches(self, stream: LiveStream, groups: LiveGroups) -> Iterator[Batch]:
        """The new events of each update, a batch per group."""
        for update in stream.updates():
            now = self._clock()
            if update.get("sessionMetadata", {}).get("sampled"):
                with self._lock:
                    self._sampled.append(now)
            yield from self._of_groups(self._told.unseen(update.get("sessionResults") or (), now), groups)

    def _of_groups(self, results: Sequence[EventRecord], groups: LiveGroups) -> Iterator[Batch]:
        by_group: dict[FollowedGroup, list[EventRecord]] = {}
        for result in results:
            group = groups.group_of(result.get("logGroupIdentifier", ""))
            if group is not None:
                by_group.setdefault(group, []).append(result)
        for group, events in by_group.items():
            yield Batch(page_frame(events, log_group=group.name, scope=group.scope))


class ToldResults:
    """What the sessions told lately. A session that follows another at once may tell an event again.

    Within one session equal results are different events. An event that is wrongly taken for a repetition comes
    by the polls.
    """

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, list[tuple[object, ...]]]] = deque()
        self._by_earlier_sessions: frozenset[tuple[object, ...]] = frozenset()

    def session_begins(self) -> None:
        """From now on another session tells."""
        self._by_earlier_sessions = frozenset(result for _, results in self._seconds for result in results)

    def unseen(self, results: Sequence[Mapping[str, Any]], now: int) -> list[Mapping[str, Any]]:
        """Those of an update's results that no earlier session told."""
        while self._seconds and self._seconds[0][0] < now - _REPEATED_WITHIN_MS:
            self._seconds.popleft()
        keys = [tuple(result.get(name) for name in _RESULT) for result in results]
        self._seconds.append((now, keys))
        return [
            result
            for key, result in zip(keys, results, strict=True)
            if key not in self._by_earlier_sessions and "timestamp" in result and "message" in result
        ]
