"""What a request has to do with others: those that used its request ID too, and its WebSocket connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from apigw_tui.core.request_ids import REPLACED_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_tui.core.store import EventStore

_MOST_NAMED: Final = 20


@dataclass(frozen=True)
class Namesake:
    """Another request with the same request ID."""

    started_at: int | None
    status: int | None
    method: str | None
    path: str | None
    extended_request_id: str | None


@dataclass(frozen=True)
class Connection:
    """A WebSocket connection, as far as its requests were read; times in epoch ms, None where they were not.

    `place` is that of the request among them, from 1.
    """

    connection_id: str
    requests: int
    place: int
    connected_at: int | None
    disconnected_at: int | None


@dataclass(frozen=True)
class Kin:
    """The others of one request. `replaced` when the ID is not a client's but stands for all bad ones."""

    namesakes: tuple[Namesake, ...] = ()
    more_namesakes: int = 0
    replaced: bool = False
    connection: Connection | None = None


def kin_of(store: EventStore, row: Mapping[str, Any]) -> Kin:
    """The others of a row of REQUESTS among what the store holds."""
    others = store.sharing_id(row["key"])
    connection_id = row["connection_id"]
    connection = None
    if connection_id is not None:
        same = (pl.col("connection_id") == connection_id) & (pl.col("scope") == row["scope"])
        connection = connection_in(store.requests.where(same), row)
    return Kin(
        namesakes=tuple(
            Namesake(each["started_at"], each["status"], each["method"], each["path"], each["extended_request_id"])
            for each in others.head(_MOST_NAMED).iter_rows(named=True)
        ),
        more_namesakes=max(others.height - _MOST_NAMED, 0),
        replaced=row["request_id"] == REPLACED_ID,
        connection=connection,
    )


def connection_in(requests: pl.DataFrame, row: Mapping[str, Any]) -> Connection | None:
    """The connection of a row of REQUESTS, by the rows of all its requests."""
    if requests.is_empty():
        return None
    ordered = requests.sort("started_at", nulls_last=True, maintain_order=True)
    place = ordered["key"].index_of(row["key"])
    return Connection(
        connection_id=row["connection_id"],
        requests=ordered.height,
        place=1 if place is None else place + 1,
        connected_at=_time_of(ordered, "CONNECT"),
        disconnected_at=_time_of(ordered, "DISCONNECT"),
    )


def _time_of(requests: pl.DataFrame, event_type: str) -> int | None:
    route = pl.coalesce("route", pl.lit(""))
    said = (pl.col("event_type") == event_type).fill_null(value=False) | (route == f"${event_type.lower()}")
    times = requests.filter(said)["started_at"].drop_nulls()
    return int(times[0]) if len(times) else None
