"""An account whose Live Tail keeps step with virtual time, followed by polls and Live Tail together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from apigw_tui.core.store import EventStore
from apigw_tui.emulator.live_tail import LiveTailSessions
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.sources.base import Batch, Completeness, LiveTailState, Update
from apigw_tui.sources.live_beside import beside
from apigw_tui.sources.live_switch import LiveSwitch
from apigw_tui.sources.live_tail import LiveTail
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.session import Aws, AwsSettings
from apigw_tui.sources.tail import Tail
from tests.sources.recorded_account import RecordedAccount
from tests.sources.virtual_time import START, VirtualTime

GROUP = "orders-prod-access"
PATIENCE_S = 10.0
_LOOKS = 100


class PacedTime(VirtualTime):
    """Moves on only when every open session has sent what was due."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: LiveTailSessions | None = None

    def advance(self, milliseconds: float) -> None:
        super().advance(milliseconds)
        if self.sessions is not None:
            assert self.sessions.wait_until_sent(self.now(), seconds=PATIENCE_S)


@dataclass
class LiveAccount:
    """One log group behind real HTTP, and what a follower got of it."""

    account: RecordedAccount
    server: EmulatorServer
    aws: Aws
    time: PacedTime
    switch: LiveSwitch = field(default_factory=LiveSwitch)
    store: EventStore = field(default_factory=EventStore)
    proofs: list[Completeness] = field(default_factory=list)
    streamed: int = 0

    @property
    def sessions(self) -> LiveTailSessions:
        return self.server.live_tail

    @property
    def states(self) -> list[LiveTailState | None]:
        """How Live Tail stood, each change once."""
        states = [proof.live_tail for proof in self.proofs]
        told = [state and (state.streaming, state.reason) for state in states]
        return [state for index, state in enumerate(states) if index == 0 or told[index] != told[index - 1]]

    @property
    def reasons(self) -> list[str]:
        return [state.reason for state in self.states if state is not None and state.reason]

    def log(self, *lines: tuple[int, str, int], group: str = GROUP) -> None:
        """Events: ms after the start, message, lag."""
        for at, message, lag in lines:
            self.account.log(group, START + at, message, lag=lag)

    def open_sessions(self, count: int, *, at: int) -> None:
        """At that time the clock waits until so many sessions were started in all."""
        self.time.at(START + at, lambda: self._await_started(count))

    def follow(self, until: int, *, silence_s: float = PATIENCE_S, aws: Aws | None = None) -> None:
        """Follow the group by polls and Live Tail until so many ms after the start."""
        aws = aws or self.aws
        groups = [FollowedGroup(GROUP, "a1/prod")]
        tail = Tail(aws, groups, since=START, clock=self.time.now, pattern=None)
        live = LiveTail(aws, groups, self.switch, clock=self.time.now, silence_s=silence_s)
        self.take(beside(tail.follow(self.time.stop), live, self.time.stop), until)

    def take(self, updates: Iterator[Update], until: int) -> None:
        """Put what comes into the store."""
        self.time.stop_at(START + until)
        for update in updates:
            if isinstance(update, Batch):
                self.streamed += update.events["event_id"].null_count()
                self.store.append(update.events)
            elif isinstance(update, Completeness):
                self.proofs.append(update)

    def assert_each_event_once(self) -> None:
        """Nothing lost, nothing doubled; all have their IDs."""
        rows = [row for chunk in self.store.events.chunks for row in chunk.frame.iter_rows(named=True)]
        written = [event for name in self.account.groups() for event in self.account.events(name.name, 0, 2**62)]
        assert sorted(row["event_id"] or row["message"] for row in rows) == sorted(event.event_id for event in written)

    def _await_started(self, count: int) -> None:
        # Time goes on slowly meanwhile: what waits before it tries again looks at this clock.
        for _ in range(_LOOKS):
            if self.sessions.wait_until_started(count, seconds=PATIENCE_S / _LOOKS):
                return
            self.time.advance(100)
        raise AssertionError(f"only {self.sessions.started} of {count} sessions were started")


@contextmanager
def live_account(before: Callable[[str], None] | None = None) -> Iterator[LiveAccount]:
    """The account with its group, and a clock that stands at the start."""
    account, time = RecordedAccount(), PacedTime()
    account.add_group(GROUP)
    with EmulatorServer(account, account, clock=time.now, before=before) as server:
        time.sessions = server.live_tail
        yield LiveAccount(account, server, Aws(AwsSettings.for_emulator(server.url), clock=time.now), time)
