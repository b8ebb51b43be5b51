"""What a board needs of some requests, counted: digests of parts add up to the digest of the whole.

Latencies are whole milliseconds, of which each is counted, so that percentiles of the whole are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import polars as pl

from apigw_tui.core.stats import CLASSES, status_class

ROUTE: Final = ("method", "route", "path")
TOPS: Final = ("source_ip", "api_key_id", "user_agent")
READ: Final = (
    *ROUTE,
    *TOPS,
    *("started_at", "status", "latency_ms", "overhead_ms", "response_bytes", "cause", "truncated_lines"),
)
"""What is read of REQUESTS."""

_COUNTED: Final = ("requests", "errors_4xx", "errors_5xx")
_QUANTILES: Final = (("latency_ms", "p50_ms", 0.5), ("latency_ms", "p95_ms", 0.95), ("latency_ms", "p99_ms", 0.99))


@dataclass(frozen=True, eq=False)
class Digest:
    """Counts of requests. `routes` and `steps` by route, the latter by the start of a step too."""

    routes: pl.DataFrame
    steps: pl.DataFrame
    latency_ms: pl.DataFrame
    overhead_ms: pl.DataFrame
    causes: pl.DataFrame
    statuses: pl.DataFrame
    source_ip: pl.DataFrame
    api_key_id: pl.DataFrame
    user_agent: pl.DataFrame


def digest(requests: pl.DataFrame, *, grain_ms: int) -> Digest:
    """Count the requests of a part; steps are as long as `grain_ms` and begin at its multiples."""
    index = status_class(pl.col("status"))
    read = requests.with_columns(
        path=pl.when(pl.col("route").is_null()).then("path"),
        requests=pl.lit(1, pl.UInt32),
        errors_4xx=(index == CLASSES.index("4xx")).cast(pl.UInt32),
        errors_5xx=(index == CLASSES.index("5xx")).cast(pl.UInt32),
        step=pl.col("started_at") // grain_ms * grain_ms,
    )
    counts = tuple(pl.col(name).sum() for name in _COUNTED)
    size = pl.col("response_bytes")
    values = {
        name: read.drop_nulls(name).group_by(*ROUTE, name).agg(counts[0]) for name in ("latency_ms", "overhead_ms")
    }
    tops = {name: read.drop_nulls(name).group_by(value=name).agg(*counts) for name in TOPS}
    return Digest(
        routes=read.group_by(ROUTE).agg(
            *counts,
            bytes=size.sum(),
            sized=size.count().cast(pl.UInt32),
            truncated_lines=pl.col("truncated_lines").sum(),
        ),
        steps=read.group_by(*ROUTE, "step").agg(*counts),
        causes=read.drop_nulls("cause")
        .group_by(pl.col("cause").cast(pl.String))
        .agg(counts[0], since=pl.col("started_at").min()),
        statuses=read.drop_nulls("status").group_by("status").agg(counts[0]),
        **values,
        **tops,
    )


def added(digests: Sequence[Digest]) -> Digest:
    """The digest of all requests that these are of."""
    if len(digests) == 1:
        return digests[0]
    names = [field.name for field in fields(Digest)]
    return Digest(**{name: _added([getattr(each, name) for each in digests]) for name in names})


def _added(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    counted = {*_COUNTED, "bytes", "sized", "truncated_lines"}
    whole = pl.concat(tables)
    by = [name for name in whole.columns if name not in counted and name != "since"]
    sums = [pl.col(name).sum() for name in whole.columns if name in counted]
    since = [pl.col("since").min()] if "since" in whole.columns else []
    return whole.group_by(by).agg(*sums, *since)


def measured(counted: Digest, by: Sequence[str]) -> pl.DataFrame:
    """Errors, percentiles, overhead and size by route, or with no `by` of all together, in one row."""
    groups: list[str | pl.Expr] = list(by) or [pl.lit(0).alias("all")]
    keys = list(by) or ["all"]
    rows = counted.routes.group_by(groups).agg(
        *(pl.col(name).sum() for name in _COUNTED),
        response_bytes_avg=pl.when(pl.col("sized").sum() > 0).then(pl.col("bytes").sum() / pl.col("sized").sum()),
    )
    latencies = (
        counted.latency_ms.sort("latency_ms")
        .group_by(groups)
        .agg(
            *(_quantile(pl.col(value), share).alias(name) for value, name, share in _QUANTILES),
            max_ms=pl.col("latency_ms").max(),
        )
    )
    overhead = (
        counted.overhead_ms.sort("overhead_ms")
        .group_by(groups)
        .agg(overhead_p95_ms=_quantile(pl.col("overhead_ms"), 0.95))
    )
    for table in (latencies, overhead):
        rows = rows.join(table, on=keys, how="left", nulls_equal=True)
    names = ("p50_ms", "p95_ms", "p99_ms", "max_ms", "overhead_p95_ms", "response_bytes_avg")
    return rows.select(*by, *_COUNTED, *names)


def _quantile(values: pl.Expr, share: float) -> pl.Expr:
    """Interpolated linearly, of values that rise, each as often as `requests` says."""
    upto = pl.col("requests").cum_sum()
    place = (pl.col("requests").sum().cast(pl.Float64) - 1) * share
    low, high = (values.filter(upto > edge).first().cast(pl.Float64) for edge in (place.floor(), place.ceil()))
    return low + (high - low) * (place - place.floor())
