"""Which lines of functions' logs belong to which requests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

_CALLS = ("integration_request_id", "authorizer_request_id")


class FunctionLines:
    """What requests say themselves, by the Lambda request IDs that they log, and what else a source found out.

    A line is known by its Lambda request ID or, when it carries none, by its event ID.
    """

    def __init__(self) -> None:
        self._lines: defaultdict[str, set[str]] = defaultdict(set)
        self._functions: dict[str, str] = {}

    def note(self, links: Mapping[str, str], functions: Mapping[str, str]) -> None:
        """Remember lines (by Lambda request ID or event ID) and functions of API Gateway requests."""
        for line, request_id in links.items():
            self._lines[request_id].add(line)
        self._functions.update(functions)

    def of(self, row: Mapping[str, Any]) -> frozenset[str]:
        """What the lines of a request's functions are known by, for a row of REQUESTS."""
        said = {row[name] for name in _CALLS if row[name]}
        return frozenset(said.union(*(self._lines[name] for name in _names(row) if name in self._lines)))

    def function(self, row: Mapping[str, Any]) -> str | None:
        """The function behind the request's route by the API's settings; None where nobody asked."""
        return next((self._functions[name] for name in _names(row) if name in self._functions), None)

    def counts(self, rows: Sequence[Mapping[str, Any]], lines: pl.DataFrame) -> dict[int, int]:
        """How many of these lines of functions (EVENTS rows) belong to each request, by its key."""
        if lines.is_empty():
            return dict.fromkeys((row["key"] for row in rows), 0)
        wanted = {row["key"]: self.of(row) for row in rows}
        everything = frozenset[str]().union(*wanted.values())
        found: Counter[str] = Counter()
        known = lines.filter(belongs(everything).fill_null(value=False))
        for request_id, event_id in known.select("request_id", "event_id").iter_rows():
            found[request_id if request_id in everything else event_id] += 1
        return {key: sum(found[name] for name in names) for key, names in wanted.items()}


def belongs(names: Iterable[str]) -> pl.Expr:
    """Whether an event is a function's line that is known by one of these names."""
    known = list(names)
    return (pl.col("kind") == "lambda") & (pl.col("request_id").is_in(known) | pl.col("event_id").is_in(known))


def _names(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in (row["request_id"], row["extended_request_id"]) if name)
