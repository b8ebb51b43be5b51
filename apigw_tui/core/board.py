"""The board: what fails, where, since when and for whom, as one frozen value.

Shares are between 0 and 1; None is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from math import gcd
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from apigw_tui.core.board_digest import READ, ROUTE, Digest, added, digest, measured
from apigw_tui.core.query_ast import Not, Query, Term, Value, conjunction
from apigw_tui.core.schema import REQUESTS
from apigw_tui.core.stats import by_failures, smallest_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from apigw_tui.core.query_ast import Node

MOST_STEPS: Final = 15
"""A trend has at most so many steps."""

_ROUTES: Final = 500
_VALUES: Final = 100

Field = Literal["ip", "key", "agent"]
_NOTHING: Final = {
    **dict.fromkeys(("requests", "errors_4xx", "errors_5xx"), 0),
    **dict.fromkeys(("p50_ms", "p95_ms", "p99_ms", "max_ms", "overhead_p95_ms", "response_bytes_avg")),
}
Pairs = tuple[tuple[str, str | None], ...]
"""Query fields and what a row's requests, and no others, have there; None for no value."""


@dataclass(frozen=True)
class Trend:
    """Requests, 4xx and 5xx per step."""

    requests: tuple[int, ...]
    errors_4xx: tuple[int, ...]
    errors_5xx: tuple[int, ...]

    @property
    def change_5xx(self) -> float | None:
        """By how much the share of 5xx is higher in the later half than in the earlier one."""
        half = len(self.requests) // 2
        before, after = sum(self.requests[:half]), sum(self.requests[half:])
        if not before or not after:
            return None
        return sum(self.errors_5xx[half:]) / after - sum(self.errors_5xx[:half]) / before


@dataclass(frozen=True)
class RouteRow:
    """A method and route, or a path where no route was logged; the row of all routes has none of them."""

    method: str | None
    route: str | None
    path: str | None
    requests: int
    errors_4xx: int
    errors_5xx: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    overhead_p95_ms: float | None
    response_bytes_avg: float | None
    trend: Trend
    pairs: Pairs = ()


@dataclass(frozen=True)
class CauseRow:
    """A cause, how many requests have it, and when the first of them started (epoch ms)."""

    code: str
    requests: int
    since: int

    @property
    def pairs(self) -> Pairs:
        """What its requests have in common."""
        return (("cause", self.code),)


@dataclass(frozen=True)
class ValueRow:
    """A client, key or agent with its requests and errors."""

    field: Field
    value: str
    requests: int
    errors_4xx: int
    errors_5xx: int

    @property
    def pairs(self) -> Pairs:
        """What its requests have in common."""
        return ((self.field, self.value),)


BoardRow = RouteRow | CauseRow | ValueRow


@dataclass(frozen=True)
class Top:
    """The most frequent values; `total` counts all of them."""

    rows: tuple[ValueRow, ...]
    total: int


@dataclass(frozen=True)
class Board:
    """What a query matches, by route, cause, client, key and agent.

    Trends have a number per `step_ms` from `start` on, to `end` (exclusive).
    """

    start: int
    end: int
    step_ms: int
    everything: RouteRow
    routes: tuple[RouteRow, ...]
    route_count: int
    causes: tuple[CauseRow, ...]
    clients: Top
    keys: Top
    agents: Top
    statuses: Mapping[int, int] = field(default_factory=dict)
    """Requests by status."""
    truncated_lines: int = 0

    @property
    def middle(self) -> int:
        """Where the later half of the trends begins."""
        return self.start + (self.end - self.start) // self.step_ms // 2 * self.step_ms


def board(requests: pl.DataFrame, *, start: int, end: int) -> Board:
    """Sum up requests; the trends are those of `start` to `end`, in at most MOST_STEPS round steps."""
    return board_of([digest(requests.select(READ), grain_ms=grain_of(start, end))], start=start, end=end)


def grain_of(start: int, end: int) -> int:
    """How long the steps of digests may be at most, for a board of this span."""
    return gcd(_step(start, end), end)


def board_of(digests: Sequence[Digest], *, start: int, end: int) -> Board:
    """Sum up what was counted of requests in steps of `grain_of` this span."""
    counted = added(digests or [digest(REQUESTS.to_frame().select(READ), grain_ms=1)])
    step_ms = _step(start, end)
    steps = -(-max(1, end - start) // step_ms)
    start = end - steps * step_ms
    recent = counted.steps.filter(pl.col("step").is_between(start, end, closed="left")).with_columns(
        step=(pl.col("step") - start) // step_ms
    )
    by_route = by_failures(measured(counted, ROUTE))
    everything = next(measured(counted, ()).iter_rows(named=True), None) or _NOTHING
    clients, keys, agents = (_top(table, field) for field, table in _tops(counted))
    return Board(
        start=start,
        end=end,
        step_ms=step_ms,
        everything=RouteRow(None, None, None, **everything, trend=_trends(recent, (), steps).get((), _no_trend(steps))),
        routes=tuple(_route_rows(by_route, recent, steps)),
        route_count=by_route.height,
        causes=tuple(CauseRow(*row) for row in _causes(counted.causes)),
        clients=clients,
        keys=keys,
        agents=agents,
        statuses=dict(counted.statuses.iter_rows()),
        truncated_lines=int(counted.routes["truncated_lines"].sum()),
    )


def _step(start: int, end: int) -> int:
    return smallest_step(-(-max(1, end - start) // MOST_STEPS))


def _tops(counted: Digest) -> tuple[tuple[Field, pl.DataFrame], ...]:
    return ("ip", counted.source_ip), ("key", counted.api_key_id), ("agent", counted.user_agent)


def narrowed(query: Query, row: BoardRow, *, excluded: bool = False) -> Query:
    """The query with terms that this row's requests fit and no others, or the other way round."""
    terms = tuple(exact_term(name, value) for name, value in row.pairs)
    return with_terms(query, terms, excluded=excluded)


def with_terms(query: Query, terms: tuple[Node, ...], *, excluded: bool = False) -> Query:
    """The query with these terms too, none of them twice, or without what they fit together."""
    if excluded and terms:
        terms = (_negated(terms),)
    return Query((*query.terms, *(term for term in terms if term not in query.terms)))


def _route_rows(by_route: pl.DataFrame, recent: pl.DataFrame, steps: int) -> Iterator[RouteRow]:
    shown = by_route.head(_ROUTES)
    if by_route.height > shown.height:
        recent = recent.join(shown, on=ROUTE, how="semi", nulls_equal=True)
    trends = _trends(recent, ROUTE, steps)
    # That there is no route or method need only be said where others have one.
    has = {name: by_route[name].null_count() < by_route.height for name in ROUTE}
    for row in shown.iter_rows(named=True):
        place = tuple(row[name] for name in ROUTE)
        known = tuple((name, row[name]) for name in ROUTE if row[name] is not None)
        missing = tuple((name, None) for name in ("route", "method") if row[name] is None and has[name])
        nowhere = (("path", None),) if row["route"] is None and row["path"] is None and has["path"] else ()
        pairs = (*known, *missing, *nowhere) or (("route", None),)
        yield RouteRow(**row, trend=trends.get(place, _no_trend(steps)), pairs=pairs)


def _trends(recent: pl.DataFrame, by: tuple[str, ...], steps: int) -> dict[tuple[str | None, ...], Trend]:
    counts: dict[tuple[str | None, ...], list[list[int]]] = {}
    for *place, step, requests, errors_4xx, errors_5xx in _by_step(recent, by).iter_rows():
        rows = counts.setdefault(tuple(place), [[0] * steps for _ in range(3)])
        for row, number in zip(rows, (requests, errors_4xx, errors_5xx), strict=True):
            row[step] = number
    return {place: Trend(*(tuple(row) for row in rows)) for place, rows in counts.items()}


def _by_step(recent: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    return recent.group_by(*by, "step").agg(pl.col("requests", "errors_4xx", "errors_5xx").sum())


def _no_trend(steps: int) -> Trend:
    nothing = (0,) * steps
    return Trend(nothing, nothing, nothing)


def _causes(causes: pl.DataFrame) -> Iterator[tuple[str, int, int]]:
    return causes.sort(["requests", "cause"], descending=[True, False]).iter_rows()


def _top(values: pl.DataFrame, field: Field) -> Top:
    most = values.sort(["requests", "value"], descending=[True, False]).head(_VALUES)
    rows = most.select("value", "requests", "errors_4xx", "errors_5xx").iter_rows()
    return Top(tuple(ValueRow(field, *row) for row in rows), values.height)


def exact_term(field: str, value: str | None) -> Node:
    """The term for what has exactly this value; None: for what has none."""
    if value is not None and not _is_plain(field, value):
        return Term(field, "~", (Value(f"^(?-i:{pl.escape_regex(value)})$"),))
    return Query().narrowed(field, value).terms[0]


def _is_plain(field: str, value: str) -> bool:
    """Whether the field's colon takes the value as it is: a client can be logged as something else."""
    if field == "method":
        return value == value.upper()
    if field != "ip":
        return True
    try:
        return str(ip_address(value)) == value
    except ValueError:
        return False


def _negated(terms: tuple[Node, ...]) -> Node:
    whole = conjunction(terms)
    return whole.node if isinstance(whole, Not) else Not(whole)
