"""One Live Tail session: the stream of StartLiveTail, and why it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.errors import AppError, reason_of
from apigw_tui.sources.failures import FailureKind, error_code, explain, kind_of

if TYPE_CHECKING:
    from apigw_tui.sources.session import Aws

SILENCE_S: Final = 10.0
"""An update comes every second, also an empty one: after so long without one the stream is dead."""


class LiveStream:
    """An open session. It costs money until it is closed."""

    def __init__(self, events: Any) -> None:
        self._events = events

    @classmethod
    def open(cls, aws: Aws, arns: Sequence[str], pattern: str | None, *, silence_s: float = SILENCE_S) -> LiveStream:
        """Start a session. Raises what botocore and urllib3 raise."""
        filtered = {"logEventFilterPattern": pattern} if pattern else {}
        client = aws.stream_client(read_timeout_s=silence_s)
        answer = client.start_live_tail(logGroupIdentifiers=list(arns), **filtered)
        return cls(answer["responseStream"])

    def updates(self) -> Iterator[Mapping[str, Any]]:
        """Each `sessionUpdate`, about one a second. Raises what botocore and urllib3 raise."""
        for event in self._events:
            update = event.get("sessionUpdate")
            if update is not None:
                yield update

    def interrupt(self) -> None:
        """End it at once, from any thread; the thread that reads `updates` gets some exception.

        Closing the stream from another thread would wait for the next frame instead.
        """
        raw = self._events._raw_stream
        with suppress(Exception):  # it may have ended by itself meanwhile
            raw.shutdown() if hasattr(raw, "shutdown") else raw.close()

    def close(self) -> None:
        """Give up the connection; for the thread that reads."""
        self.interrupt()
        with suppress(Exception):  # as above
            self._events.close()


class Next(Enum):
    """What to do after a session."""

    REOPEN = "at once"
    LATER = "after a pause"
    UNREACHABLE = "after a pause, a few times"
    NEVER = "only when asked again"


@dataclass(frozen=True)
class SessionEnd:
    """Why a session ended or could not be opened, as a clause, and what follows."""

    reason: str
    then: Next


def session_end(error: BaseException | None, aws: Aws, *, silence_s: float = SILENCE_S) -> SessionEnd:
    """What the exception that ended a session means; None is an end without a word."""
    if error is None:
        return SessionEnd("the connection was cut", Next.LATER)
    known = _BY_CODE.get(error_code(error))
    if known is not None:
        return known
    name = type(error).__name__
    if name == "ReadTimeoutError":
        return SessionEnd(f"nothing came for {silence_s:g} s", Next.LATER)
    clause = _BY_NAME.get(name)
    return _told(error, aws) if clause is None else SessionEnd(clause, Next.LATER)


_BY_CODE: Final = {
    "SessionTimeoutException": SessionEnd("the session ended after three hours", Next.REOPEN),
    "SessionStreamingException": SessionEnd("CloudWatch ended the session by an error", Next.LATER),
    "LimitExceededException": SessionEnd("the account has no room for another session (15 by default)", Next.LATER),
}
_BY_NAME: Final = {
    **dict.fromkeys(
        ("ProtocolError", "ConnectionClosedError", "IncompleteRead", "IncompleteReadError", "ResponseStreamingError"),
        "the connection was cut",
    ),
    **dict.fromkeys(
        ("ChecksumMismatch", "ResponseParserError", "NoInitialResponseError", "ParserError"), "what came was damaged"
    ),
}
_HOPELESS: Final = frozenset({FailureKind.DENIED, FailureKind.INVALID, FailureKind.UNSUPPORTED, FailureKind.CONFIG})


def _told(error: BaseException, aws: Aws) -> SessionEnd:
    told = error if isinstance(error, AppError) else explain(error, action="open Live Tail", context=aws.context)
    kind, reason = kind_of(told), reason_of(told.message)
    if kind is FailureKind.DENIED:
        return SessionEnd(f"{reason}; it needs logs:StartLiveTail and logs:StopLiveTail", Next.NEVER)
    if kind in _HOPELESS:
        return SessionEnd(reason, Next.NEVER)
    return SessionEnd(reason, Next.UNREACHABLE if kind is FailureKind.NETWORK else Next.LATER)
