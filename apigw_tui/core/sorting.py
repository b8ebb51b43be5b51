"""By what rows are sorted: a column and which end of it comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from apigw_tui.core.query_fields import field_named

_DESCENDING: Final = "-"
_FROM_LARGEST: Final = frozenset({"status", "duration", "size", "number"})


@dataclass(frozen=True)
class Sort:
    """By which column, named as in queries, and which end of it comes first."""

    name: str
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Sort | None:
        """The order that a text such as `-latency` names; None for no text, which is the order of time."""
        return cls(text.removeprefix(_DESCENDING), text.startswith(_DESCENDING)) if text else None

    @classmethod
    def first(cls, name: str) -> Sort:
        """The order that is meant first: numbers from the largest, texts from A, times from the newest."""
        known = field_named(name)
        return cls(name, descending=name == "time" or (known is not None and known.type in _FROM_LARGEST))

    def __str__(self) -> str:
        return f"{_DESCENDING if self.descending else ''}{self.name}"
