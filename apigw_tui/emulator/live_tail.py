"""StartLiveTail: sessions that say every second what CloudWatch has taken in, until three hours have passed.

Source of the limits: AWS, "StartLiveTail" and "CloudWatch Logs quotas".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Any, Final, Literal

from apigw_tui.emulator.arguments import FILTER_PATTERN, GROUP_IDENTIFIER, STREAM_NAME, Arguments, invalid, violation
from apigw_tui.emulator.event_stream import CONTENT_TYPE, damaged, event_frame, exception_frame
from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.groups import Group
from apigw_tui.emulator.patterns import PatternError, compile_pattern
from apigw_tui.emulator.state import LogsState, name_of
from apigw_tui.emulator.wire import Response, ServiceError, request_id

MOST_GROUPS: Final = 10
MOST_SESSIONS: Final = 15
MOST_RESULTS: Final = 500
BUFFERED_UPDATES: Final = 10
"""What a client does not read in time is kept so long; then the oldest update is dropped without a word."""

SESSION_MS: Final = 3 * 3_600_000
UPDATE_EVERY_MS: Final = 1_000
_MOST_STREAMS: Final = 100


@dataclass(frozen=True)
class SessionFault:
    """What goes wrong with one session, after so many updates.

    `exception` ends it with `code`, `cut` drops the connection, `stall` sends nothing any more, `bad_crc` damages
    the next update.
    """

    kind: Literal["cut", "stall", "bad_crc", "exception"]
    after_updates: int = 2
    code: str = "SessionStreamingException"


class LiveTailSessions:
    """The sessions of the endpoint. Each one that starts takes a fault from `faults`; None is a healthy one."""

    def __init__(self, state: LogsState) -> None:
        self.faults: deque[SessionFault | None] = deque()
        self.started = 0
        self._state = state
        self._open: list[LiveSession] = []
        self._looked = Condition()

    @property
    def open_count(self) -> int:
        """How many sessions are open now."""
        return len(self._open)

    def start(self, arguments: Arguments) -> Response:
        """Open a session. Raises ServiceError as AWS does before the stream begins."""
        request = _SessionRequest.of(self._state, arguments)
        if len(self._open) >= MOST_SESSIONS:
            raise ServiceError("LimitExceededException", "The maximum number of Live Tail sessions is open.")
        fault = self.faults.popleft() if self.faults else None
        session = LiveSession(self._state, request, fault, ended=self._ended, looked=self._notify)
        self._open.append(session)
        self.started += 1
        self._notify()
        return Response(200, b"", CONTENT_TYPE, stream=session)

    def wait_until_sent(self, now: int, *, seconds: float) -> bool:
        """Wait until every open session has sent what was due at that time; False when it took too long."""
        return self._wait_for(lambda: all(session.looked_at >= now for session in tuple(self._open)), seconds)

    def wait_until_started(self, sessions: int, *, seconds: float) -> bool:
        """Wait until so many sessions were started since the endpoint was; False when it took too long."""
        return self._wait_for(lambda: self.started >= sessions, seconds)

    def _wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        with self._looked:
            return self._looked.wait_for(condition, seconds)

    def _ended(self, session: LiveSession) -> None:
        if session in self._open:
            self._open.remove(session)
        self._notify()

    def _notify(self) -> None:
        with self._looked:
            self._looked.notify_all()


@dataclass(frozen=True)
class _SessionRequest:
    """What a session shows, checked."""

    identifiers: tuple[str, ...]
    groups: tuple[Group, ...]
    streams: tuple[str, ...] | None
    stream_prefixes: tuple[str, ...] | None
    pattern: str
    matches: Callable[[str], bool]

    @classmethod
    def of(cls, state: LogsState, arguments: Arguments) -> _SessionRequest:
        identifiers = arguments.texts("logGroupIdentifiers", GROUP_IDENTIFIER, most=MOST_GROUPS)
        if identifiers is None:
            raise violation("logGroupIdentifiers", None, "not be null")
        arguments.exclusive("logStreamNames", "logStreamNamePrefixes")
        streams = arguments.texts("logStreamNames", STREAM_NAME, most=_MOST_STREAMS)
        prefixes = arguments.texts("logStreamNamePrefixes", STREAM_NAME, most=_MOST_STREAMS)
        if len(identifiers) > 1 and (streams or prefixes):
            raise invalid("Log streams can be named only with exactly one log group.")
        pattern = arguments.text("logEventFilterPattern", FILTER_PATTERN) or ""
        try:
            matches = compile_pattern(pattern)
        except PatternError as error:
            raise invalid(str(error)) from error
        groups = tuple(_live_group(state, identifier) for identifier in identifiers)
        return cls(identifiers, groups, streams, prefixes, pattern, matches)

    def wants(self, event: LoggedEvent) -> bool:
        if self.streams is not None and event.log_stream not in self.streams:
            return False
        if self.stream_prefixes is not None and not event.log_stream.startswith(self.stream_prefixes):
            return False
        return self.matches(event.message)


def _live_group(state: LogsState, identifier: str) -> Group:
    if not identifier.startswith("arn:"):
        raise invalid(f"'{identifier}' is not the ARN of a log group")
    group = state.groups.find(name_of(identifier))
    if group.group_class != "STANDARD":
        message = f"Live Tail is not supported for log groups of class {group.group_class}."
        raise ServiceError("InvalidOperationException", message)
    return group


class LiveSession:
    """One session; `due` says what to send when the clock has moved on."""

    def __init__(
        self,
        state: LogsState,
        request: _SessionRequest,
        fault: SessionFault | None,
        *,
        ended: Callable[[LiveSession], None],
        looked: Callable[[], None],
    ) -> None:
        self.over = False
        self.cut = False
        self.looked_at = state.clock()
        self._state = state
        self._request = request
        self._fault = fault
        self._ended = ended
        self._looked = looked
        self._started_at = self.looked_at
        self._seconds = 0
        self._updates = 0
        self._greeted = False

    def due(self) -> list[bytes]:
        """The frames that are to be sent now."""
        now = self._state.clock()
        frames = [] if self._greeted else self._greeting()
        self._greeted = True
        frames += self._updates_until(min(now, self._started_at + SESSION_MS))
        if not self.over and not self._stalls and now >= self._started_at + SESSION_MS:
            frames.append(self._exception("SessionTimeoutException", "The session was open for three hours."))
        self.looked_at = now
        self._looked()
        return frames

    def close(self) -> None:
        """The client is gone, or the session is over."""
        self.over = True
        self._ended(self)

    @property
    def _stalls(self) -> bool:
        return self._strikes("stall")

    def _strikes(self, kind: str) -> bool:
        return self._fault is not None and self._fault.kind == kind and self._updates >= self._fault.after_updates

    def _greeting(self) -> list[bytes]:
        start = {
            "requestId": request_id(),
            "sessionId": request_id(),
            "logGroupIdentifiers": list(self._request.identifiers),
            "logStreamNames": list(self._request.streams or ()),
            "logStreamNamePrefixes": list(self._request.stream_prefixes or ()),
            "logEventFilterPattern": self._request.pattern,
        }
        return [event_frame("initial-response", {}), event_frame("sessionStart", start)]

    def _updates_until(self, now: int) -> list[bytes]:
        """An update for each second that is over, also when nothing came."""
        over = (now - self._started_at) // UPDATE_EVERY_MS
        first = max(self._seconds, over - BUFFERED_UPDATES)
        came = self._came(first, over) if over > first else {}
        self._seconds = max(self._seconds, over)
        frames: list[bytes] = []
        for second in range(first, over):
            if self.over or self._stalls:
                break
            frames += self._update(came.get(second, []))
        return frames

    def _came(self, first: int, end: int) -> dict[int, list[dict[str, Any]]]:
        """The results of the seconds `first` … `end`, by second of the session."""
        after = self._started_at + first * UPDATE_EVERY_MS
        until = self._started_at + end * UPDATE_EVERY_MS - 1
        arrived = [
            (event, group)
            for group in self._request.groups
            for event in self._state.groups.arrived(group, after, until)
            if self._request.wants(event)
        ]
        results: dict[int, list[dict[str, Any]]] = {}
        for event, group in sorted(arrived, key=lambda item: (item[0].ingestion_time, item[0])):
            second = (event.ingestion_time - self._started_at) // UPDATE_EVERY_MS
            results.setdefault(second, []).append(_result(event, group))
        return results

    def _update(self, results: Sequence[dict[str, Any]]) -> list[bytes]:
        if self._strikes("cut"):
            self.over = self.cut = True
            return []
        if self._fault is not None and self._strikes("exception"):
            return [self._exception(self._fault.code, "The session ended by a fault.")]
        sampled = len(results) > MOST_RESULTS
        shown = [results[index * len(results) // MOST_RESULTS] for index in range(MOST_RESULTS)] if sampled else results
        update = {"sessionMetadata": {"sampled": sampled}, "sessionResults": list(shown)}
        frame = event_frame("sessionUpdate", update)
        if self._strikes("bad_crc"):
            self._fault = None
            frame = damaged(frame)
        self._updates += 1
        return [frame]

    def _exception(self, code: str, message: str) -> bytes:
        self.over = True
        return exception_frame(code, message)


def _result(event: LoggedEvent, group: Group) -> dict[str, Any]:
    """A result has no event ID, as AWS's have none."""
    return {
        "logStreamName": event.log_stream,
        "logGroupIdentifier": group.arn,
        "message": event.message,
        "timestamp": event.timestamp,
        "ingestionTime": event.ingestion_time,
    }
