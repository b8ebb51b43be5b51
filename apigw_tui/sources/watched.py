"""Calls in threads of their own, so that one that never returns holds up nothing.

A name server that does not answer, a connection that a router forgot: boto3 waits for its own timeouts, several
times over. Whoever tails wants to know after seconds, and go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from apigw_tui.sources.events_page import EventsPage

MOST_STUCK: Final = 4
_LOOK_S: Final = 0.05
_PATIENT_LOOKS: Final = 20
_RARE_LOOK_S: Final = 0.5

Ask = Callable[[], "EventsPage | None"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a call that began at `began_at`: a page, an error, or nothing by now.

    `silent_ms`: it was given up after so long. `slept`: the clock jumped meanwhile, so nobody is to blame.
    """

    began_at: int
    page: EventsPage | None = None
    error: BaseException | None = None
    silent_ms: int | None = None
    slept: bool = False


class WatchedCalls:
    """Makes calls side by side and waits for all, but not for ever; as long as `is_excused` says so, longer."""

    def __init__(self, clock: Callable[[], int], is_excused: Callable[[], bool] = lambda: False) -> None:
        self._clock = clock
        self._is_excused = is_excused
        self._stuck: list[_Call] = []

    def run(self, asks: Sequence[Ask], *, patience_ms: int, stop: StopFlag) -> list[Outcome]:
        """The outcomes in order; none when stopped. Calls that are given up end by themselves, unheard."""
        self._stuck = [call for call in self._stuck if not call.done.is_set()]
        now = self._clock()
        if len(self._stuck) >= MOST_STUCK:
            return [Outcome(now, silent_ms=now - self._stuck[0].began_at) for _ in asks]
        calls = [_Call(ask, self._clock) for ask in asks]
        for call in calls:
            call.start()
        slept = self._wait_for(calls, now, patience_ms, stop)
        if stop.is_set():
            return []
        self._stuck += [call for call in calls if not call.done.is_set()]
        return [call.outcome(self._clock(), slept=slept) for call in calls]

    def _wait_for(self, calls: Sequence[_Call], began: int, patience_ms: int, stop: StopFlag) -> bool:
        """Wait until all have ended or patience has; returns whether the clock jumped."""
        looked = began
        looks = 0
        while not stop.is_set():
            open_call = next((call for call in calls if not call.done.is_set()), None)
            if open_call is None or open_call.done.wait(_LOOK_S):
                if open_call is None:
                    return False
                continue
            looks += 1
            if looks > _PATIENT_LOOKS:
                stop.wait(_RARE_LOOK_S)
            now = self._clock()
            if self._is_excused():
                began = now
            elif now - began >= patience_ms:
                return now - looked >= patience_ms
            looked = now
        return False


class _Call:
    """One call in its thread."""

    def __init__(self, ask: Ask, clock: Callable[[], int]) -> None:
        self.done = Event()
        self.began_at = clock()
        self._ask = ask
        self._page: EventsPage | None = None
        self._error: BaseException | None = None

    def start(self) -> None:
        """Begin; the thread ends with the call."""
        Thread(target=self._run, name="tail-call", daemon=True).start()

    def outcome(self, now: int, *, slept: bool) -> Outcome:
        """What is known now."""
        if not self.done.is_set():
            return Outcome(self.began_at, silent_ms=now - self.began_at, slept=slept)
        return Outcome(self.began_at, self._page, self._error)

    def _run(self) -> None:
        try:
            self._page = self._ask()
        except BaseException as error:  # noqa: BLE001 - told to the thread that asked
            self._error = error
        self.done.set()
