"""Minutes that were drawn lately, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Shelf(Generic[Item]):
    """Lists by key; the least recently used ones go when together they hold more items than there is room."""

    def __init__(self, room: int) -> None:
        """Start empty."""
        self._room = room
        self._held = 0
        self._lists: OrderedDict[Hashable, list[Item]] = OrderedDict()

    def get(self, key: Hashable, draw: Callable[[], list[Item]]) -> list[Item]:
        """The list of a key, drawn when it is not here."""
        found = self._lists.get(key)
        if found is not None:
            self._lists.move_to_end(key)
            return found
        drawn = draw()
        self._lists[key] = drawn
        self._held += len(drawn)
        while self._held > self._room and len(self._lists) > 1:
            _, dropped = self._lists.popitem(last=False)
            self._held -= len(dropped)
        return drawn
