"""How a range of several groups is cut into slices that are read side by side, the newest first.

Calls are what is scarce: a page of 1 MB costs as much as an empty one. So slices end a little before a page would
be full, and are cut only as idle readers need work. All slices are disjoint: one that is cut while it is read
keeps its older part, and its reader leaves out what its pages hold beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

FIRST_SLICE_MS: Final = 5_000
MOST_GROWTH: Final = 8
SLICE_PAGES: Final = 16
_NOT_QUITE: Final = 0.15
"""A slice ends so many pages early: one event too many would cost a call."""

_PAGES_WORTH_CUTTING: Final = 1.5
_MEMORY: Final = 0.85
_LEAST_FILL: Final = 0.001
_BLIND_PAGES: Final = 3
"""After more empty pages than that, to begin again would lose too much."""

_ALMOST_ALL: Final = 0.75


@dataclass(eq=False)
class Slice:
    """A span of a group (its number), inclusive in ms: all up to `read_to` has been read.

    `end` moves back when the slice is cut. `is_blind`: its last pages were empty, so that nobody knows how far it
    is; cut then, it has to `begin_again`.
    """

    group: int
    start: int
    end: int
    read_to: int = field(init=False)
    pages: int = 0
    ms_per_page: float | None = None
    blind_pages: int = 0
    begin_again: bool = False

    def __post_init__(self) -> None:
        """Nothing has been read."""
        self.read_to = self.start - 1

    @property
    def unread_ms(self) -> int:
        """How much is left."""
        return self.end - self.read_to

    @property
    def is_blind(self) -> bool:
        """Whether its last page was empty and not the last."""
        return self.blind_pages > 0


@dataclass(frozen=True)
class PageRead:
    """What a page says of its slice: the time of its last event if any, how full it was, whether more follows."""

    last: int | None
    fill: float
    more: bool


@dataclass(eq=False)
class _Density:
    """How much time a page of a group covers, lately."""

    ms: float = 0.0
    pages: float = 0.0
    longest_slice: int = 0

    @property
    def ms_per_page(self) -> float | None:
        return self.ms / self.pages if self.pages else None

    def note(self, ms: int, pages: float) -> None:
        self.ms = self.ms * _MEMORY + ms
        self.pages = self.pages * _MEMORY + max(pages, _LEAST_FILL)


class SlicePlan:
    """What is still to be read of each group, and who reads it. Not thread-safe: its owner has the lock."""

    def __init__(self, groups: int, start: int, end: int) -> None:
        self.start = start
        self._open: list[Slice] = [Slice(group, start, end) for group in range(groups)] if start <= end else []
        self._running: list[Slice] = []
        self._held: list[Slice] = []
        self._stored: list[Slice] = []
        self._density = [_Density() for _ in range(groups)]
        self._alive = set(range(groups))

    @property
    def done(self) -> bool:
        """Whether all was read."""
        return not (self._open or self._running or self._held or self._stored)

    @property
    def needs_readers(self) -> bool:
        """Whether anything is still to be asked for."""
        return bool(self._open or self._running or self._held)

    @property
    def read_from(self) -> int:
        """Everything from here to the end has been read."""
        unread = (*self._open, *self._running, *self._held, *self._stored)
        return max((piece.end + 1 for piece in unread), default=self.start)

    @property
    def alive(self) -> int:
        """How many groups can be read."""
        return len(self._alive)

    def is_alive(self, group: int) -> bool:
        """Whether this group can be read."""
        return group in self._alive

    @property
    def pages_left(self) -> float | None:
        """An estimate by the density seen so far; None where nothing was seen of what is left."""
        left = 0.0
        for piece in (*self._open, *self._running, *self._held):
            pace = piece.ms_per_page or self._density[piece.group].ms_per_page
            if pace is None:
                return None
            left += max(piece.unread_ms / pace, 1.0)
        return left

    # What is known beforehand

    def hold_before(self, time: int) -> None:
        """Let nobody read what is older, until `release`."""
        for piece in self._open:
            if piece.start < time:
                self._held.append(Slice(piece.group, piece.start, min(piece.end, time - 1)))
        self._open = [Slice(each.group, max(each.start, time), each.end) for each in self._open if each.end >= time]

    def release(self, group: int, stored: Sequence[tuple[int, int]]) -> list[Slice]:
        """Let the rest be read, but for these disjoint spans, which are at hand: the slices to `take_stored`."""
        held = [piece for piece in self._held if piece.group == group]
        self._held = [piece for piece in self._held if piece.group != group]
        at_hand: list[Slice] = []
        for piece in held:
            start = piece.start
            for first, last in sorted(stored):
                if last < start or first > piece.end:
                    continue
                if first > start:
                    self._open.append(Slice(group, start, first - 1))
                at_hand.append(Slice(group, max(first, start), min(last, piece.end)))
                start = last + 1
            if start <= piece.end:
                self._open.append(Slice(group, start, piece.end))
        self._stored += at_hand
        return at_hand

    def take_stored(self, piece: Slice, *, found: bool) -> None:
        """What was at hand is read, or is not there any more."""
        self._stored.remove(piece)
        if not found and piece.group in self._alive:
            self._open.append(piece)

    def drop(self, group: int) -> None:
        """This group cannot be read."""
        self._alive.discard(group)
        for pieces in (self._open, self._running, self._held):
            pieces[:] = [piece for piece in pieces if piece.group != group]

    # Readers

    def take(self) -> Slice | None:
        """A slice for an idle reader: the newest there is; None while all is being read."""
        newest = max(self._open, key=lambda piece: piece.end, default=None)
        busiest = self._worth_cutting(newest)
        if busiest is not None:
            return self._cut(busiest)
        if newest is None:
            return None
        taken = self._newest_part(newest)
        self._running.append(taken)
        return taken

    def finished(self, piece: Slice, page: PageRead) -> bool:
        """Note a page of a slice; True when that was the last."""
        density = self._density[piece.group]
        before = piece.read_to
        piece.pages += 1
        if not page.more or (page.last is not None and page.last > piece.end):
            density.note(piece.end - before, page.fill)
            self._remove(piece)
            return True
        if page.last is None:
            piece.blind_pages += 1
            return False
        piece.blind_pages, piece.begin_again = 0, False
        # More events of the same ms may follow.
        piece.read_to = max(before, page.last - 1)
        covered = piece.read_to - before
        piece.ms_per_page = max(1.0, float(covered))
        density.note(covered, 1.0)
        return False

    def began_again(self, piece: Slice) -> None:
        """A reader that did not know how far it was reads the slice from where it last knew."""
        piece.blind_pages, piece.begin_again = 0, False

    def gave_back(self, piece: Slice) -> None:
        """A reader ended without having read all of it."""
        if piece in self._running:
            self._remove(piece)
            if piece.unread_ms > 0:
                self._open.append(Slice(piece.group, piece.read_to + 1, piece.end))

    def _remove(self, piece: Slice) -> None:
        self._running = [one for one in self._running if one is not piece]

    def _newest_part(self, piece: Slice) -> Slice:
        density = self._density[piece.group]
        wanted = density.longest_slice * MOST_GROWTH or FIRST_SLICE_MS
        pace = density.ms_per_page
        if pace is not None:
            wanted = max(1, min(wanted, int(pace * (SLICE_PAGES - _NOT_QUITE))))
        density.longest_slice = max(density.longest_slice, wanted)
        self._open.remove(piece)
        length = piece.end - piece.start + 1
        if wanted >= length * _ALMOST_ALL:
            return piece
        cut = piece.end - wanted
        self._open.append(Slice(piece.group, piece.start, cut))
        return Slice(piece.group, cut + 1, piece.end)

    def _worth_cutting(self, newest: Slice | None) -> Slice | None:
        """The slice with the most left to read; while others wait, only one that is newer and long."""
        least = _PAGES_WORTH_CUTTING if newest is None else 2 * SLICE_PAGES
        found, most = None, 0.0
        for piece in self._running:
            if newest is not None and piece.end < newest.end:
                continue
            left = self._pages_left_of(piece)
            if left >= least and left > most:
                found, most = piece, left
        return found

    def _pages_left_of(self, piece: Slice) -> float:
        if piece.is_blind:
            may_begin_again = piece.blind_pages <= _BLIND_PAGES and not piece.begin_again
            return float(piece.unread_ms) if may_begin_again and piece.unread_ms > 1 else 0.0
        if piece.ms_per_page is None:
            return 0.0
        return min(piece.unread_ms / piece.ms_per_page, float(piece.unread_ms))

    def _cut(self, piece: Slice) -> Slice:
        """The newest part of a slice that another reader is reading: half of it, but no more than a slice."""
        length = piece.unread_ms // 2
        if piece.is_blind:
            piece.begin_again = True
        elif piece.ms_per_page is not None:
            left = piece.unread_ms / piece.ms_per_page
            taken_pages = max(1.0, min((left - 1) / 2, float(SLICE_PAGES)))
            kept_pages = max(1, round(left - taken_pages)) - _NOT_QUITE
            length = int(piece.unread_ms - kept_pages * piece.ms_per_page)
        length = min(max(length, 1), piece.unread_ms - 1)
        taken = Slice(piece.group, piece.end - length + 1, piece.end)
        piece.end -= length
        self._running.append(taken)
        return taken
