"""Pages of events and of names, and the opaque tokens between them."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeVar

from apigw_tui.emulator.arguments import invalid
from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.timeline import Position, position_of

EVENT_OVERHEAD_BYTES: Final = 26
TOKEN_LIFE_MS: Final = 24 * 3_600_000

Item = TypeVar("Item")


@dataclass(frozen=True)
class Paging:
    """What bounds a page of events.

    The first two are AWS's. The third stands for how far CloudWatch searches before it answers with what it
    has, which may be nothing: AWS does not publish it.
    """

    page_bytes: int = 1_048_576
    page_events: int = 10_000
    scanned_events: int = 20_000


@dataclass(frozen=True)
class Page:
    """Events found; `reached` is the last place looked at, None when all was looked at."""

    events: list[LoggedEvent]
    reached: Position | None


def event_bytes(message: str) -> int:
    """What an event counts against the limits: its UTF-8 bytes and 26 more."""
    size = len(message) if message.isascii() else len(message.encode("utf-8", "surrogatepass"))
    return size + EVENT_OVERHEAD_BYTES


def fill_page(events: Iterator[LoggedEvent], keep: Callable[[LoggedEvent], bool], limit: int, paging: Paging) -> Page:
    """Take what fits into one page; an event that is too large for any page gets one of its own."""
    found: list[LoggedEvent] = []
    total = 0
    last: LoggedEvent | None = None
    for scanned, event in enumerate(events):
        if scanned >= paging.scanned_events or len(found) >= limit:
            break
        if keep(event):
            size = event_bytes(event.message)
            if found and total + size > paging.page_bytes:
                break
            found.append(event)
            total += size
        last = event
    else:
        return Page(found, None)
    return Page(found, position_of(last) if last else None)


def slice_after(
    items: Sequence[Item], name: Callable[[Item], str], last_name: str | None, limit: int
) -> tuple[list[Item], str | None]:
    """The next `limit` items after the one called `last_name`; and its new value, None at the end."""
    start = 0
    if last_name is not None:
        start = next((index + 1 for index, item in enumerate(items) if name(item) == last_name), len(items))
    page = list(items[start : start + limit])
    return page, name(page[-1]) if start + limit < len(items) else None


class Tokens:
    """Makes and reads tokens, no two the same: where to go on, for which request, since when they are out."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._numbers = count()

    def issue(self, request: Sequence[object], place: object) -> str:
        """A token for the next page of this request."""
        parts = [_fingerprint(request), self._clock(), place, next(self._numbers)]
        content = json.dumps(parts, separators=(",", ":")).encode()
        signed = zlib.crc32(content).to_bytes(4, "big") + content
        return base64.urlsafe_b64encode(signed).decode().rstrip("=")

    def read(self, request: Sequence[object], token: str) -> Any:
        """The place in a token; refuses foreign, damaged and outdated ones."""
        try:
            signed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise invalid("The specified nextToken is invalid.") from error
        checksum, content = signed[:4], signed[4:]
        if zlib.crc32(content).to_bytes(4, "big") != checksum:
            raise invalid("The specified nextToken is invalid.")
        fingerprint, issued, place, _ = json.loads(content)
        if fingerprint != _fingerprint(request):
            raise invalid("The specified nextToken is invalid.")
        if self._clock() - issued > TOKEN_LIFE_MS:
            raise invalid("The specified nextToken has expired.")
        return place


def _fingerprint(request: Sequence[object]) -> int:
    return zlib.crc32(repr(request).encode())
