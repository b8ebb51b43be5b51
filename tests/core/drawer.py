"""A shelf for tests: frames in a drawer, which can be full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl


@dataclass
class Drawer:
    """Keeps what is put there; `room` frames fit. `read` are the columns that were read, in their order."""

    room: int = 1_000_000
    size: int = 0
    read: list[str] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)

    def put(self, frame: pl.DataFrame) -> Drawn | None:
        """Keep a frame while there is room."""
        if self.size >= self.room:
            return None
        self.size += 1
        self.drawn.append(Drawn(frame, self))
        return self.drawn[-1]


@dataclass
class Drawn:
    """A frame in the drawer."""

    frame: pl.DataFrame
    drawer: Drawer
    is_gone: bool = False

    def read(self, names: Sequence[str], *, start: int = 0, count: int | None = None) -> pl.DataFrame | None:
        """Return columns of it."""
        if self.is_gone:
            return None
        self.drawer.read += names
        return self.frame.select(names).slice(start, count)
