"""Which requests X-Ray records: the first of every second, and a share of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_DIGITS: Final = 6


@dataclass(frozen=True)
class SamplingRule:
    """How many requests of a second are recorded in any case, and the share of the rest."""

    name: str
    reservoir: int
    rate: float

    def records(self, trace_id: str, before: int) -> bool:
        """Whether a trace is recorded when so many requests came before it in its second."""
        if before < self.reservoir:
            return True
        return int(trace_id[-_DIGITS:], 16) / 16**_DIGITS < self.rate


DEFAULT_RULE: Final = SamplingRule("Default", 1, 0.05)
"""What X-Ray does in an account without rules of its own."""

SHOP_RULE: Final = SamplingRule("orders", 1, 0.5)
"""The shop wants to see more of its orders."""
