"""What the user looks at, as a value: it can be kept in a history and written as a command."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import Literal

Mode = Literal["requests", "events"]


@dataclass(frozen=True)
class Session:
    """Targets, range as typed, query, view and whether non-matches are hidden or dimmed."""

    targets: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    query: str = ""
    mode: Mode = "requests"
    highlight: bool = False
    demo: bool = False
    options: tuple[str, ...] = ()
    """Options that a colleague needs too: region, profile and endpoint as they were typed."""

    def command(self) -> str:
        """The command that opens this very view."""
        words = ["apigw-tui", *self.targets]
        if self.demo:
            words.append("--demo")
        words += self.options
        for option, value in (("--since", self.since), ("--until", self.until), ("-q", self.query)):
            if value:
                words += [option, value]
        return shlex.join(words)


@dataclass(frozen=True)
class QueryHistory:
    """Queries in the order they were applied, and where the user stands among them."""

    queries: tuple[str, ...] = ("",)
    position: int = 0

    @property
    def current(self) -> str:
        """The query in force."""
        return self.queries[self.position]

    def apply(self, query: str) -> QueryHistory:
        """The history after another query; what lay ahead is forgotten."""
        if query == self.current:
            return self
        queries = (*self.queries[: self.position + 1], query)
        return QueryHistory(queries, len(queries) - 1)

    def step(self, by: int) -> QueryHistory:
        """The history one step back or forward; stays at its ends."""
        return replace(self, position=min(max(self.position + by, 0), len(self.queries) - 1))
