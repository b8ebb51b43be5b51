"""Numbers over many requests: the board, the histogram, the header, the legend.

Percentiles are interpolated linearly over the requests whose latency is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from apigw_tui.core.records import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CLASSES: Final = ("5xx", "4xx", "3xx", "2xx", "1xx", "none")
"""Status classes, most urgent first; `none` is a request without a status."""

STATS_COLUMNS: Final = (
    *("started_at", "method", "route", "path", "status", "latency_ms", "overhead_ms", "response_bytes", "cause"),
    *("source_ip", "user_agent", "api_key_id"),
)
"""What `stats` reads of REQUESTS."""

_TOP: Final = 20
_BARS: Final = 60
_SECOND: Final = 1000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_STEPS: Final = (
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14, 28)),
)
_DECIMALS: Final = 3


@dataclass(frozen=True)
class Bars:
    """A histogram: `counts` has a number per class and step, the first step beginning at `start`."""

    start: int
    step_ms: int
    counts: dict[str, tuple[int, ...]]

    def __len__(self) -> int:
        return len(self.counts["none"])


@dataclass(frozen=True)
class Pulse:
    """One minute of a stage. `share_5xx` lies between 0 and 1; None is unknown."""

    requests_per_second: float | None
    share_5xx: float | None
    p95_ms: float | None


@dataclass(frozen=True)
class Legend:
    """Requests by class and by cause, the most frequent cause first."""

    classes: dict[str, int]
    causes: tuple[tuple[str, int], ...]
    total: int


def status_class(status: pl.Expr) -> pl.Expr:
    """The class of each status as the index of CLASSES."""
    hundreds = status.cast(pl.Int32) // 100
    return pl.when(hundreds.is_between(1, 5)).then(5 - hundreds).otherwise(len(CLASSES) - 1).cast(pl.UInt8)


def round_step(span_ms: int, *, bars: int = _BARS) -> int:
    """The round step that cuts a span into about so many bars."""
    wanted = max(1.0, span_ms / max(1, bars))
    return min(_STEPS, key=lambda step: abs(math.log(step / wanted)))


def smallest_step(least_ms: int) -> int:
    """The smallest round step that is at least so long."""
    longest = _STEPS[-1]
    return next((step for step in _STEPS if step >= least_ms), -(-least_ms // longest) * longest)


def bars(requests: pl.DataFrame, *, start: int, end: int, step_ms: int) -> Bars:
    """Count requests by class and step, from `start` to `end` (exclusive), by their start."""
    steps = max(1, -(-(end - start) // step_ms))
    inside = requests.filter(pl.col("started_at").is_between(start, end, closed="left")).select(
        step=(pl.col("started_at") - start) // step_ms, status_class=status_class(pl.col("status"))
    )
    counted = inside.group_by("step", "status_class").len()
    counts = {name: [0] * steps for name in CLASSES}
    for step, index, number in counted.iter_rows():
        counts[CLASSES[index]][step] = number
    return Bars(start, step_ms, {name: tuple(numbers) for name, numbers in counts.items()})


def steps(requests: pl.DataFrame, *, step_ms: int) -> tuple[tuple[int, int, int], ...]:
    """Requests by step and class: the start of each step, the index of the class, how many."""
    start = pl.col("started_at") // step_ms * step_ms
    counted = requests.group_by(start.alias("start"), index=status_class(pl.col("status"))).len()
    return tuple(counted.iter_rows())


def bars_of(counted: Iterable[tuple[tuple[int, int, int], ...]], *, start: int, end: int, step_ms: int) -> Bars:
    """The bars of `steps` of several frames; `start` and `end` are starts of steps."""
    counts = {name: [0] * max(1, (end - start) // step_ms) for name in CLASSES}
    for at, index, number in chain.from_iterable(counted):
        if start <= at < end:
            counts[CLASSES[index]][(at - start) // step_ms] += number
    return Bars(start, step_ms, {name: tuple(numbers) for name, numbers in counts.items()})


def pulse(requests: pl.DataFrame, *, minute_start: int, minute_end: int) -> Pulse:
    """Rate, share of 5xx and p95 of the requests that started in a span, its end excluded."""
    seconds = (minute_end - minute_start) / _SECOND
    if seconds <= 0:
        return Pulse(None, None, None)
    inside = requests.filter(pl.col("started_at").is_between(minute_start, minute_end, closed="left"))
    if inside.is_empty():
        return Pulse(0.0, None, None)
    failed = (status_class(pl.col("status")) == 0).sum()
    p95 = pl.col("latency_ms").quantile(0.95, interpolation="linear")
    errors, p95_ms = inside.select(failed.alias("errors"), p95.alias("p95")).row(0)
    return Pulse(inside.height / seconds, errors / inside.height, p95_ms)


def legend(requests: pl.DataFrame) -> Legend:
    """Count requests by class and by cause."""
    return Legend(_classes(requests), tuple(_counts(requests, "cause")), requests.height)


def stats(requests: pl.DataFrame, *, start: int | None, end: int | None, events: int, unparsed: int) -> dict[str, Any]:
    """The JSON of `stats`; `start` and `end` (inclusive) bound the window and the histogram, None where unknown."""
    classes = _classes(requests)
    return {
        "window": {"start": instant(start), "end": instant(end)},
        "requests": requests.height,
        "events": events,
        "unparsed": unparsed,
        "statuses": [{"status": status, "requests": number} for status, number in sorted(_counts(requests, "status"))],
        "classes": {name: classes[name] for name in _rising()},
        "routes": routes(requests),
        "causes": [{"code": code, "requests": number} for code, number in _counts(requests, "cause")],
        "source_ips": top(requests, "source_ip"),
        "user_agents": top(requests, "user_agent"),
        "api_keys": top(requests, "api_key_id"),
        "histogram": [] if start is None or end is None else _histogram(requests, start, end),
    }


def routes(requests: pl.DataFrame) -> list[dict[str, Any]]:
    """One row per method and route (the path where no template is known), most 5xx first, then busiest."""
    rows = by_failures(
        requests.group_by("method", route=pl.coalesce("route", "path"))
        .agg(*measures())
        .with_columns(pl.col(pl.Float64).round(_DECIMALS))
    )
    names = ("method", "route", "requests", "errors_4xx", "errors_5xx")
    return rows.select(*names, pl.exclude(*names)).to_dicts()


def top(requests: pl.DataFrame, column: str, *, limit: int = _TOP) -> list[dict[str, Any]]:
    """The most frequent values of a column with their errors."""
    return ranked(requests, column).head(limit).to_dicts()


def ranked(requests: pl.DataFrame, column: str) -> pl.DataFrame:
    """All known values of a column with their errors, the most frequent first, equal ones by value."""
    return (
        requests.drop_nulls(column)
        .group_by(value=column)
        .agg(*tallies())
        .sort(["requests", "value"], descending=[True, False])
    )


def by_failures(routes: pl.DataFrame) -> pl.DataFrame:
    """Rows of routes with most 5xx first, then busiest."""
    order = ["errors_5xx", "requests", *(name for name in ("route", "method", "path") if name in routes.columns)]
    return routes.sort(order, descending=[True, True, *[False] * (len(order) - 2)], nulls_last=True)


def measures() -> tuple[pl.Expr, ...]:
    """What is told of a route: its errors, percentiles of its latency, overhead and size."""
    latency = pl.col("latency_ms")
    return (
        *tallies(),
        *(latency.quantile(share / 100, interpolation="linear").alias(f"p{share}_ms") for share in (50, 95, 99)),
        latency.max().alias("max_ms"),
        pl.col("overhead_ms").quantile(0.95, interpolation="linear").alias("overhead_p95_ms"),
        pl.col("response_bytes").mean().alias("response_bytes_avg"),
    )


def tallies() -> tuple[pl.Expr, ...]:
    """Requests and errors."""
    index = status_class(pl.col("status"))
    return (
        pl.len().alias("requests"),
        (index == CLASSES.index("4xx")).sum().alias("errors_4xx"),
        (index == CLASSES.index("5xx")).sum().alias("errors_5xx"),
    )


def _classes(requests: pl.DataFrame) -> dict[str, int]:
    counted = dict(requests.select(index=status_class(pl.col("status"))).group_by("index").len().iter_rows())
    return {name: counted.get(index, 0) for index, name in enumerate(CLASSES)}


def _counts(requests: pl.DataFrame, column: str) -> list[tuple[Any, int]]:
    """Known values of a column with their counts, most frequent first, equal ones by value."""
    counted = requests.drop_nulls(column).group_by(column).len().iter_rows()
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))


def _histogram(requests: pl.DataFrame, start: int, end: int) -> list[dict[str, Any]]:
    step_ms = round_step(end - start)
    aligned = start // step_ms * step_ms
    counted = bars(requests, start=aligned, end=end + 1, step_ms=step_ms)
    return [
        {"start": instant(aligned + number * step_ms), **_at(counted.counts, number)} for number in range(len(counted))
    ]


def _at(counts: Mapping[str, tuple[int, ...]], number: int) -> dict[str, int]:
    return {name: counts[name][number] for name in _rising()}


def _rising() -> Iterable[str]:
    """Class names as the JSON has them: 1xx to 5xx, then none."""
    return (*reversed(CLASSES[:-1]), CLASSES[-1])
