"""What of a group's history is at hand in the cache, and what a reading adds to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from threading import Event as StopFlag
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import polars as pl

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.sources.event_cache import KEPT_COLUMNS, SMALL_FILE_EVENTS, GroupIdentity, GroupShelf
from apigw_tui.sources.log_groups import find_group

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from apigw_tui.sources.log_groups import LogGroup
    from apigw_tui.sources.log_windows import FollowedGroup
    from apigw_tui.sources.session import Aws

SETTLED_MS: Final = 5 * 60_000
"""What is younger may still change: late events come with their old timestamps."""

LAGS_TO_SETTLE: Final = 3
"""So many times the longest lag seen has to pass before a time counts as settled."""

SETTLED_UNSEEN_MS: Final = 60 * 60_000
"""As long as no event was seen, nobody knows how late they come."""

_DAY_MS: Final = 86_400_000
_ACCOUNT: Final = re.compile(r"\d{12}")
_AWS_HOST: Final = re.compile(r"logs(?:-fips)?\.(?P<region>[\w-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Piece:
    """All events of a span of a group, read just now."""

    start: int
    end: int
    events: tuple[pl.DataFrame, ...]

    @property
    def size(self) -> int:
        """How many events."""
        return sum(frame.height for frame in self.events)


@dataclass(eq=False)
class KeptHistory:
    """The shelf of one group during one reading. Thread-safe.

    `settled` tells up to when nothing can come any more, by what was read so far. `oldest` is where the retention
    of the group ends (ms): what is older is gone from CloudWatch, and must not come back from here.
    """

    group: FollowedGroup
    shelf: GroupShelf
    oldest: int
    settled: Callable[[], int]
    _pieces: list[Piece] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(
        cls, aws: Aws, group: FollowedGroup, *, now: int, settled: Callable[[], int], stop: StopFlag
    ) -> KeptHistory | None:
        """The history of a group; None where nothing may be kept, or nothing tells whose the group is."""
        if aws.event_cache is None:
            return None
        try:
            account, place = aws.identity(), _place(aws)
            found = find_group(aws, group.arn or group.name, stop=stop)
        except Exception:  # noqa: BLE001 - without a cache all is read from CloudWatch, and that tells what is wrong
            return None
        identity = _identity(found, account, place)
        if identity is None or found is None:
            return None
        oldest = 0 if found.retention_days is None else now - found.retention_days * _DAY_MS
        try:
            return cls(group, aws.event_cache.shelf(identity), oldest, settled)
        except OSError:
            return None

    def spans(self) -> Sequence[tuple[int, int]]:
        """What is at hand: disjoint spans, inclusive."""
        return [(max(start, self.oldest), end) for start, end in self.shelf.spans() if end >= self.oldest]

    def read(self, start: int, end: int) -> pl.DataFrame | None:
        """The events of such a span, schema RAW_EVENTS; None when they are gone after all."""
        events = self.shelf.read(start, end)
        if events is None:
            return None
        named = events.with_columns(log_group=pl.lit(self.group.name), scope=pl.lit(self.group.scope))
        return named.select(RAW_EVENTS.names())

    def add(self, piece: Piece) -> None:
        """Keep what was read of a span, as far as it is settled, as soon as enough lies side by side."""
        with self._lock:
            ready = self._united_with(piece)
            if ready.size < SMALL_FILE_EVENTS:
                self._pieces.append(ready)
                return
        self._write(ready)

    def close(self) -> None:
        """Keep the small pieces, too: now that all was read it is known how late events come."""
        with self._lock:
            pieces, self._pieces = self._pieces, []
        for piece in pieces:
            self._write(piece)

    def _united_with(self, piece: Piece) -> Piece:
        for other in sorted(self._pieces, key=lambda one: one.start):
            if other.end + 1 == piece.start or piece.end + 1 == other.start:
                self._pieces.remove(other)
                first, second = sorted((other, piece), key=lambda one: one.start)
                piece = Piece(first.start, second.end, first.events + second.events)
        return piece

    def _write(self, piece: Piece) -> None:
        piece = _until(piece, self.settled())
        if piece.start > piece.end:
            return
        try:
            events = pl.concat([RAW_EVENTS.to_frame(), *piece.events]).select(KEPT_COLUMNS.names())
            self.shelf.write(piece.start, piece.end, events)
        except OSError:
            return  # A full disk is no reason not to show what was read.


def settled_before(now: int, longest_lag: int | None) -> int:
    """The time up to which nothing can come any more; `longest_lag` is None where no event was seen."""
    if longest_lag is None:
        return now - SETTLED_UNSEEN_MS
    return now - max(SETTLED_MS, LAGS_TO_SETTLE * longest_lag)


def is_on_loopback(url: str | None) -> bool:
    """Whether an endpoint runs on this machine: what it tells is invented and changes with every start."""
    return url is not None and urlsplit(url).hostname in _LOOPBACK


def _identity(found: LogGroup | None, account: str, place: str) -> GroupIdentity | None:
    if found is None or found.created_at is None:
        return None
    owner = found.account or account
    if not _ACCOUNT.fullmatch(owner):
        return None
    return GroupIdentity(owner, place, found.name, found.created_at)


def _place(aws: Aws) -> str:
    """The region, and the endpoint where it is not the region's own."""
    url: Any = aws.client("logs").meta.endpoint_url
    host = urlsplit(url).netloc
    region = aws.region or ""
    found = _AWS_HOST.fullmatch(host)
    return region if found and found["region"] == region else f"{region}@{host}"


def _until(piece: Piece, settled: int) -> Piece:
    if piece.end <= settled:
        return piece
    kept = tuple(frame.filter(pl.col("timestamp") <= settled) for frame in piece.events)
    return Piece(piece.start, settled, kept)
