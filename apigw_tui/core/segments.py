"""A ruler: the rows of a view cut into segments, and how much in each of them is loud."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True)
class Ruler:
    """A view's rows cut into segments: `ends` are the row numbers behind each; how many rows of each are loud.

    `failing` are 5xx, `refused` 4xx; of events the lines that say so, and access entries of such requests.
    """

    ends: tuple[int, ...] = ()
    failing: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    marked: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def rows(self) -> int:
        """How many rows the view has."""
        return self.ends[-1] if self.ends else 0

    def segment_of(self, row: int) -> int:
        """The segment that a row lies in."""
        return bisect_right(self.ends, row)
