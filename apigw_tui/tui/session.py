"""What the user looks at, as a value: it can be kept in a history and written as a command."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from apigw_tui.arguments import COMMANDS
from apigw_tui.config import nearest
from apigw_tui.errors import UsageError
from apigw_tui.sources.saved_queries import literal_query
from apigw_tui.tui.column_table import COLUMNS, column_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from apigw_tui.config import Config

Mode = Literal["requests", "events"]

_MOST_QUERIES: Final = 200
_OPTIONS: Final = (
    "profile",
    "region",
    "endpoint_url",
    "ca_bundle",
    "filter_pattern",
    "access_format",
)
"""What else decides which rows are seen, in the order in which it is written."""


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
    tz: str | None = None
    """The zone that was asked for; None for that of the machine."""
    sort: str = ""
    """The column that requests are sorted by, such as `-latency`; empty for the order of time."""

    @classmethod
    def of(cls, config: Config, targets: Sequence[str], typed: Mapping[str, Any] | None = None) -> Session:
        """What these targets look like with the options of a config, and the flags of the view as they were typed.

        Raises UsageError for an order that there is not.
        """
        typed = typed or {}
        return cls(
            targets=tuple(targets),
            since=config.since,
            until=config.until,
            query=config.query,
            mode="events" if typed.get("view") == "events" else "requests",
            highlight=bool(typed.get("highlight")),
            sort=_checked_order(typed.get("sort", "")),
            demo=config.demo,
            options=options_of(config),
            tz=config.tz if config.origins.get("tz") else None,
        )

    def command(self) -> str:
        """The command that opens this very view."""
        words = ["apigw-tui", *self._plain_targets()]
        if self.demo:
            words.append("--demo")
        words += self.options
        view = self.mode if self.mode != "requests" else None
        for option, value in (
            ("--since", self.since),
            ("--until", self.until),
            ("-q", literal_query(self.query)),
            ("--view", view),
            ("--sort", self.sort),
            ("--tz", self.tz),
        ):
            if value:
                words += [option, value]
        if self.highlight:
            words.append("--highlight")
        return shlex.join([*words, *self._odd_targets()])

    def _plain_targets(self) -> tuple[str, ...]:
        return () if any(map(_is_odd, self.targets)) else self.targets

    def _odd_targets(self) -> tuple[str, ...]:
        """Behind `--`: where one of the targets would be taken for an option or a command."""
        return ("--", *self.targets) if any(map(_is_odd, self.targets)) else ()


def options_of(config: Config) -> tuple[str, ...]:
    """What a colleague needs too to see the same: whatever was said of where and how to read, but for the demo."""
    words: list[str] = []
    for name in _OPTIONS:
        value = getattr(config, name)
        if value and _is_told(name, config):
            flag = f"--{name.replace('_', '-')}"
            words += [f"{flag}={value}"] if value.startswith("-") else [flag, value]
    if not config.verify_ssl and _is_told("verify_ssl", config):
        words.append("--no-verify-ssl")
    return tuple(words)


def _is_told(name: str, config: Config) -> bool:
    """Whether an option was said, and matters elsewhere: not where the demo reads from, nor this machine's own."""
    origin = config.origins.get(name)
    if config.demo and name not in ("filter_pattern", "access_format"):
        return False
    return origin == "flag" if name in ("ca_bundle", "verify_ssl") else origin is not None


def _checked_order(text: str) -> str:
    name = text.removeprefix("-")
    if text and column_named(name) is None:
        raise UsageError(f"--sort {text}: there is no column {name!r}.{nearest(name, COLUMNS)}")
    return text


def _is_odd(target: str) -> bool:
    return target in COMMANDS or (target.startswith("-") and target != "-")


@dataclass(frozen=True)
class QueryHistory:
    """Queries in the order they were applied, and where the user stands among them."""

    queries: tuple[str, ...] = ("",)
    position: int = 0

    @classmethod
    def after(cls, past: Iterable[str], query: str) -> QueryHistory:
        """The history of earlier runs, with the query of the start as its newest."""
        queries = tuple(past) or (query,)
        return cls(queries, len(queries) - 1).apply(query)

    @property
    def current(self) -> str:
        """The query in force."""
        return self.queries[self.position]

    def apply(self, query: str) -> QueryHistory:
        """The history after another query; what lay ahead is forgotten, and what is very old."""
        if query == self.current:
            return self
        queries = (*self.queries[: self.position + 1], query)[-_MOST_QUERIES:]
        return QueryHistory(queries, len(queries) - 1)

    def step(self, by: int) -> QueryHistory:
        """The history one step back or forward; stays at its ends."""
        return replace(self, position=min(max(self.position + by, 0), len(self.queries) - 1))
