"""The inbox of the engine: what the user orders comes before what the readers bring, each in its own order."""

from __future__ import annotations

import queue
from itertools import count
from typing import Final

from apigw_tui.tui.orders import Arrived, Finished, Wanted, Woken

_BROUGHT: Final = (Arrived, Finished, Woken)


class Inbox:
    """A queue for many threads and one that reads."""

    def __init__(self) -> None:
        self._items: queue.PriorityQueue[tuple[int, int, object]] = queue.PriorityQueue()
        self._numbers = count()

    def put(self, item: object) -> None:
        """Add an item; returns at once."""
        # That an ID was sought is told behind what was found.
        is_brought = isinstance(item, _BROUGHT) or (isinstance(item, Wanted) and item.sought)
        self._items.put((int(is_brought), next(self._numbers), item))

    def get(self, timeout: float) -> object:
        """The next item. Raises queue.Empty when none comes."""
        return self._items.get(timeout=timeout)[2] if timeout > 0 else self._items.get_nowait()[2]

    @property
    def has_orders(self) -> bool:
        """Whether the user waits for something."""
        first = next(iter(self._items.queue), None)
        return first is not None and first[0] == 0
