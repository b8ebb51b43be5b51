"""The log groups of the endpoint: those of the feed, and what clients create and put."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from apigw_tui.emulator.feed import GroupInfo, LogFeed, LoggedEvent
from apigw_tui.emulator.paging import event_bytes
from apigw_tui.emulator.timeline import FeedTimeline, MergedTimeline, Span, StoredTimeline, Stride, Timeline
from apigw_tui.emulator.wire import ServiceError

_LATE_MS: Final = 15 * 60_000
_LIVE_LATE_MS: Final = 2 * 60_000
_SEQUENCE_BITS: Final = 144


@dataclass(frozen=True)
class Stream:
    """A log stream; times are those of its events (ms), None while it has none."""

    name: str
    created_at: int
    first_event: int | None = None
    last_event: int | None = None
    last_ingestion: int | None = None

    def seen(self, event: LoggedEvent) -> Stream:
        """The stream after one more event."""
        return Stream(
            self.name,
            self.created_at,
            event.timestamp if self.first_event is None else min(self.first_event, event.timestamp),
            event.timestamp if self.last_event is None else max(self.last_event, event.timestamp),
            max(self.last_ingestion or 0, event.ingestion_time),
        )

    def joined(self, other: Stream) -> Stream:
        """The one stream that both describe."""
        return Stream(
            self.name,
            min(self.created_at, other.created_at),
            _known(min, self.first_event, other.first_event),
            _known(max, self.last_event, other.last_event),
            _known(max, self.last_ingestion, other.last_ingestion),
        )


def _known(choose: Callable[[Iterable[int]], int], *times: int | None) -> int | None:
    known = [time for time in times if time is not None]
    return choose(known) if known else None


@dataclass
class _Stored:
    """What clients have put into one group."""

    streams: dict[str, Stream] = field(default_factory=dict)
    timeline: StoredTimeline = field(default_factory=StoredTimeline)
    stored_bytes: int = 0


@dataclass
class _Scan:
    """The streams found in a feed's group up to a time."""

    reached: int
    streams: dict[str, Stream] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """One log group at one moment."""

    info: GroupInfo
    stored_bytes: int | None
    """None for a group of the feed: nobody has counted."""

    @property
    def name(self) -> str:
        """Its name, unique in its account and region."""
        return self.info.name

    @property
    def key(self) -> str:
        """Its name, of a linked group the ARN: unique among all that this account sees."""
        return self.info.key

    @property
    def group_class(self) -> str:
        """Its log class."""
        return self.info.group_class

    @property
    def arn(self) -> str:
        """The ARN without the trailing `:*`."""
        return self.info.arn


class LogGroups:
    """Finds, creates and reads log groups. Only what `clock` has reached is visible."""

    def __init__(self, feed: LogFeed, clock: Callable[[], int]) -> None:
        self._feed = feed
        self._clock = clock
        self._created: dict[str, GroupInfo] = {}
        self._stored: dict[str, _Stored] = {}
        self._scans: dict[str, _Scan] = {}
        self._strides: dict[str, Stride] = {}
        self._sequence = count(1)

    def all(self) -> list[Group]:
        """All groups, those of linked accounts too, ordered by the ASCII codes of their names."""
        infos = {info.key: info for info in self._feed.groups()} | self._created
        return [self._group(info) for info in sorted(infos.values(), key=lambda info: (info.name, info.account_id))]

    def find(self, key: str) -> Group:
        """The group of a name, or of the ARN of a linked one; ResourceNotFoundException if there is none."""
        info = self._created.get(key) or self._of_feed(key)
        if info is None:
            raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
        return self._group(info)

    def create_group(self, name: str, group_class: str) -> None:
        """Add a group; ResourceAlreadyExistsException if it is there."""
        if name in self._created or self._of_feed(name):
            raise ServiceError("ResourceAlreadyExistsException", "The specified log group already exists")
        self._created[name] = GroupInfo(name, self._clock(), group_class=group_class)
        self._stored[name] = _Stored()

    def create_stream(self, group: Group, name: str) -> None:
        """Add a stream; ResourceAlreadyExistsException if it is there."""
        if name in self.streams(group):
            raise ServiceError("ResourceAlreadyExistsException", "The specified log stream already exists")
        self._stored.setdefault(group.key, _Stored()).streams[name] = Stream(name, self._clock())

    def streams(self, group: Group) -> dict[str, Stream]:
        """All streams of a group by name."""
        stored = self._stored.get(group.key)
        streams = {} if group.key in self._created else dict(self._streams_of_feed(group))
        for name, stream in stored.streams.items() if stored else ():
            streams[name] = stream.joined(streams.get(name, stream))
        return streams

    def stream(self, group: Group, name: str) -> Stream:
        """One stream; ResourceNotFoundException if there is none."""
        stored = self._stored.get(group.key)
        found = (stored and stored.streams.get(name)) or self.streams(group).get(name)
        if found is None:
            raise ServiceError("ResourceNotFoundException", "The specified log stream does not exist.")
        return found

    def put(self, group: Group, stream_name: str, events: Iterable[tuple[int, str]]) -> None:
        """Keep events (timestamp, message) that are ordered by time."""
        stored = self._stored.setdefault(group.key, _Stored())
        now = self._clock()
        batch = [
            LoggedEvent(timestamp, now, self._event_id(timestamp, stream_name), stream_name, message)
            for timestamp, message in events
        ]
        stored.timeline.add(batch)
        stored.stored_bytes += sum(event_bytes(event.message) for event in batch)
        stream = stored.streams.get(stream_name) or Stream(stream_name, now)
        for event in (*batch[:1], *batch[-1:]):
            stream = stream.seen(event)
        stored.streams[stream_name] = stream

    def timeline(self, group: Group) -> Timeline:
        """The visible events of a group."""
        stored = self._stored.get(group.key)
        if group.key in self._created and stored:
            return stored.timeline
        stride = self._strides.setdefault(group.key, Stride())
        fed = FeedTimeline(self._feed, group.key, oldest=group.info.created_at, now=self._clock(), stride=stride)
        return MergedTimeline(fed, stored.timeline) if stored else fed

    def arrived(self, group: Group, after: int, until: int) -> list[LoggedEvent]:
        """The events ingested from `after` to `until`, both inclusive, in any order.

        What a feed ingests more than two minutes late goes unnoticed here; what clients put does not.
        """
        stored = self._stored.get(group.key)
        found = stored.timeline.arrived(after, until) if stored else []
        if group.key not in self._created:
            fed = FeedTimeline(self._feed, group.key, oldest=group.info.created_at, now=until)
            span = Span(after - _LIVE_LATE_MS, until)
            found += [event for event in fed.forward(span) if event.ingestion_time >= after]
        return found

    def _group(self, info: GroupInfo) -> Group:
        stored = self._stored.get(info.key)
        return Group(info, stored.stored_bytes if stored and info.key in self._created else None)

    def _of_feed(self, key: str) -> GroupInfo | None:
        return next((info for info in self._feed.groups() if info.key == key), None)

    def _event_id(self, timestamp: int, stream: str) -> str:
        """56 digits that sort by timestamp, then in the order of putting."""
        low = next(self._sequence) << 64 | zlib.crc32(stream.encode()) << 32
        return f"{timestamp << _SEQUENCE_BITS | low:056d}"

    def _streams_of_feed(self, group: Group) -> dict[str, Stream]:
        """The streams of a feed's group, found by reading on from where the last call stopped.

        An event that is ingested more than 15 minutes late can go unnoticed here. AWS's own stream times lag
        by up to an hour.
        """
        now = self._clock()
        scan = self._scans.setdefault(group.key, _Scan(group.info.created_at))
        for event in self.timeline(group).forward(Span(scan.reached, now)):
            known = scan.streams.get(event.log_stream) or Stream(event.log_stream, event.timestamp)
            scan.streams[event.log_stream] = known.seen(event)
        scan.reached = max(scan.reached, now - _LATE_MS)
        return scan.streams
