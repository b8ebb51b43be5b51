"""The polls and Live Tail as one stream of updates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from queue import Empty, Queue
from threading import Event as StopFlag
from threading import Thread
from typing import TYPE_CHECKING

from apigw_tui.sources.base import Completeness, LiveTailState
from apigw_tui.sources.deliveries import LOOK_FOR_STOP_S, QUEUED, deliver, put_until

if TYPE_CHECKING:
    from apigw_tui.sources.base import Batch, Update
    from apigw_tui.sources.live_tail import LiveTail

_Delivery = tuple[bool, "Update | LiveTailState | BaseException | None"]
"""Whether the polls deliver, and what: None is their end, of Live Tail that it is off."""


def beside(polls: Iterator[Update], live: LiveTail, stop: StopFlag) -> Iterator[Update]:
    """Yield what both bring, and with each completeness how Live Tail stands. Raises what the polls raise.

    As long as Live Tail was never turned on, the polls run in the caller's thread; then each in one of its own.
    """
    while not live.switch.was_used:
        update = next(polls, None)
        if update is None:
            return
        yield live.proven(update) if isinstance(update, Completeness) else update
    halt = StopFlag()
    arrivals: Queue[_Delivery] = Queue(QUEUED)
    put = partial(put_until, halt, arrivals)
    threads = (
        Thread(target=deliver, args=(lambda: polls, lambda it: put(_of_polls(it)), halt), name="polls", daemon=True),
        Thread(target=live.run, args=(halt, lambda it: put(_of_live_tail(it))), name="live-tail", daemon=True),
    )
    for thread in threads:
        thread.start()
    try:
        yield from _merged(arrivals, live, stop)
    finally:
        halt.set()
        live.interrupt()


def _merged(arrivals: Queue[_Delivery], live: LiveTail, stop: StopFlag) -> Iterator[Update]:
    latest: Completeness | None = None
    while True:
        is_stopped = stop.is_set()
        try:
            by_polls, update = arrivals.get(block=not is_stopped, timeout=LOOK_FOR_STOP_S)
        except Empty:
            if is_stopped:
                return
            continue
        if isinstance(update, BaseException):
            raise update
        if update is None and by_polls:
            return
        if isinstance(update, Completeness):
            latest = update
        elif update is None or isinstance(update, LiveTailState):
            if latest is not None:
                # As it stood when it changed: by now it may have changed again.
                yield replace(live.proven(latest), live_tail=update)
            continue
        yield live.proven(update) if isinstance(update, Completeness) else update


def _of_polls(update: Update | BaseException | None) -> _Delivery:
    return True, update


def _of_live_tail(update: Batch | LiveTailState | None) -> _Delivery:
    return False, update
