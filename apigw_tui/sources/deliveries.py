"""What threads that run side by side bring to the one that reads: each by way of one bounded queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Full, Queue
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from apigw_tui.sources.base import Update

QUEUED: Final = 8
LOOK_FOR_STOP_S: Final = 0.1

_Delivery = TypeVar("_Delivery")


def deliver(
    read: Callable[[], Iterator[Update]], put: Callable[[Update | BaseException | None], None], halt: StopFlag
) -> None:
    """Put what is read, then the error that ended it, if any, and None; less once `halt` is set."""
    try:
        for update in read():
            put(update)
            if halt.is_set():
                return
    except BaseException as error:  # noqa: BLE001 - raised again by the thread that reads
        put(error)
    put(None)


def put_until(halt: StopFlag, arrivals: Queue[_Delivery], delivery: _Delivery) -> None:
    """Wait for a place in the queue, but not beyond the halt."""
    while not halt.is_set():
        try:
            arrivals.put(delivery, timeout=LOOK_FOR_STOP_S)
        except Full:
            continue
        return
