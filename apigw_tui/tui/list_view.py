"""What the list needs of a view: rows by number, places by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Mode = Literal["requests", "events"]
Predicate = Literal["5xx", "match", "marked", "same_request", "other_request"]

Row = dict[str, Any]
"""The columns of REQUESTS or EVENTS as Python values, and what only a screen needs:

`access` dict (the fields of the access entry, where a column shows one), `anchor` int (what `position` takes;
default `key`), `marked` bool, `match` bool (False: dimmed), `late_ms` int (while the row is marked as late),
`note` str (for the cause column where there is no cause), `status` of an event's request; or a gap: `gap` str
(why), `gap_start` and `gap_end` epoch ms, `again_ms` (how long until the next try) int or None.
"""


class ListView(Protocol):
    """A filtered, ordered window on one version of the store, oldest row first unless it is sorted otherwise."""

    @property
    def mode(self) -> Mode:
        """Which table the rows are of."""

    @property
    def version(self) -> int:
        """Differs whenever any row may differ."""

    @property
    def sort(self) -> str:
        """What the rows are sorted by, such as `-latency`; empty for the order of time."""

    @property
    def gap_rows(self) -> Sequence[int]:
        """The numbers of the rows that are gaps, ascending: no cursor stands on them."""

    def __len__(self) -> int: ...

    def slice(self, start: int, count: int) -> Sequence[Row]:
        """Return rows `start` to `start + count`, fewer at the end."""

    def position(self, key: int) -> int | None:
        """Return where a row is now; None when it is gone."""

    def find(self, predicate: Predicate, start: int, *, backwards: bool = False) -> int | None:
        """Return the nearest row after (before) row `start` that the predicate is true of.

        `same_request` is true of the other rows of the request that row `start` belongs to, `other_request` of
        the rows of any other request.
        """


def anchor_of(row: Mapping[str, Any]) -> int | None:
    """Return what a row is found by again after others came or went; None for gaps."""
    found = row.get("anchor", row.get("key"))
    return found if isinstance(found, int) else None
