"""What the terms of the query hide, counted beside the engine while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_tui.core.term_effects import TermEffect, term_effects
from apigw_tui.core.view import Mode, Viewer

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.query_ast import Query
    from apigw_tui.core.store import Snapshot
    from apigw_tui.core.timerange import TimeRange


@dataclass(frozen=True)
class TermWeights:
    """What each term of a query hides, of so many rows."""

    query: Query
    total: int
    effects: tuple[TermEffect, ...]


@dataclass(frozen=True, eq=False)
class Weighing:
    """What is to be weighed: a query over one version of the store."""

    snapshot: Snapshot
    query: Query
    mode: Mode
    time_range: TimeRange
    formats: Mapping[str, AccessFormat]

    def weigh(self) -> TermWeights:
        """Count: the frames of a snapshot never change, so that any thread may."""
        # A viewer of its own: what the list's one keeps of each chunk must not give way to this.
        viewer = Viewer(self.formats)

        def count(query: Query) -> int:
            return len(viewer.view(self.snapshot, query, mode=self.mode, time_range=self.time_range))

        return TermWeights(self.query, count(type(self.query)()), term_effects(self.query, count))
