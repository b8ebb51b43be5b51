"""What the engine gives away for an incident bundle: one version of everything, which another thread may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_tui.core.difference_sides import Comparison
    from apigw_tui.core.function_lines import FunctionLines
    from apigw_tui.sources.base import Completeness, Source


@dataclass(frozen=True, eq=False)
class Gathered:
    """The query over one version of the store, whose functions' lines are known, and how complete that is."""

    comparison: Comparison
    source: Source
    now: int
    functions: FunctionLines
    completeness: Completeness | None
    reading: bool
    read_back_to: int | None
