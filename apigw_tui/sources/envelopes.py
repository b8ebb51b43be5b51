"""JSON documents that hold log events: answers of the CloudWatch Logs API, subscription payloads, search hits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import polars as pl

from apigw_tui.sources.byte_blocks import CutShortError
from apigw_tui.sources.event_records import BATCH_ROWS, Origin, frame_of, record_of

_LISTS: Final = ("events", "logEvents", "sessionResults")
_FIRST_KEYS: Final = (
    *_LISTS,
    *("nextToken", "searchedLogStreams", "nextForwardToken", "nextBackwardToken"),
    *("messageType", "owner", "logGroup", "logStream", "subscriptionFilters"),
    *("results", "statistics", "queryLanguage", "sessionStart", "sessionUpdate", "sessionMetadata"),
    *("took", "timed_out", "_shards", "hits"),
)
_BEGINS: Final = re.compile(rf'\{{\s*"(?:{"|".join(_FIRST_KEYS)})"\s*:|\[\s*\{{[^{{}}]*"@?message"\s*:')
_NEXT_DOCUMENT: Final = re.compile(r'(?<=\})\s*(?=\{\s*")|\n(?=[\[{])')
_BETWEEN: Final = re.compile(r"[\s,]*")
_LINE: Final = re.compile(r".*")
_POINTER: Final = "@ptr"  # of Insights: it names the record, but is not its event ID
_TRANSCRIPT: Final = "Execution log for request "


class CutJsonError(Exception):
    """JSON that ends in the middle or is none; what came before it was delivered."""


def begins_envelope(text: str) -> bool:
    """Whether JSON that is not all there begins as a document of log events does."""
    return _BEGINS.match(text) is not None


def events_of(document: object) -> Sequence[Any] | None:
    """The log events of a JSON document; None when it holds none that are known."""
    if isinstance(document, list):
        return _items(document)
    if not isinstance(document, dict):
        return None
    event = record_of(document)
    if event is not None:
        return [event]
    update = document.get("sessionUpdate")
    if isinstance(update, dict):
        return events_of(update)
    for read in (_query_results, _hits, _test_invocation, _listed):
        found = read(document)
        if found is not None:
            return found
    return None


def _items(items: Sequence[Any]) -> Sequence[Any] | None:
    """Events or documents one by one; any other objects and texts are messages themselves."""
    if not items or not all(isinstance(item, dict | str) for item in items):
        return None
    found = [(item, events_of(item)) for item in items]
    return [event for item, events in found for event in ([item] if events is None else events)]


def _listed(document: Mapping[str, Any]) -> Sequence[Any] | None:
    """What the API answers and subscriptions send. A control message without events is kept itself."""
    events = next((document[name] for name in _LISTS if isinstance(document.get(name), list)), None)
    if events is None or (not events and document.get("messageType") == "CONTROL_MESSAGE"):
        return None
    origin = {name: document[name] for name in ("logGroup", "logStream") if document.get(name)}
    return [{**origin, **event} if isinstance(event, dict) else event for event in events] if origin else events


def _query_results(document: Mapping[str, Any]) -> Sequence[Any] | None:
    """What `get-query-results` answers. A row that asked for no message is kept by its fields."""
    rows = document.get("results")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return None
    return [_row(cells) for cells in rows]


def _row(cells: Sequence[Any]) -> Mapping[str, Any]:
    named = (cell for cell in cells if isinstance(cell, dict) and "field" in cell)
    return {str(cell["field"]): cell.get("value") for cell in named if cell["field"] != _POINTER}


def _hits(document: Mapping[str, Any]) -> Sequence[Any] | None:
    """What an OpenSearch index answers to a search."""
    hits = document.get("hits")
    found = hits.get("hits") if isinstance(hits, dict) else None
    return [record_of(hit) or hit for hit in found] if isinstance(found, list) else None


def _test_invocation(document: Mapping[str, Any]) -> Sequence[Any] | None:
    """What `aws apigateway test-invoke-method` answers: all lines of the request in one text."""
    log = document.get("log")
    return [{"message": log}] if isinstance(log, str) and log.startswith(_TRANSCRIPT) else None


def read_documents(blocks: Iterable[bytes], origin: Origin) -> Iterator[pl.DataFrame]:
    """Yield the events of JSON documents back to back; text that is none of them stays, as events.

    Raises CutJsonError at the end when the last document is broken, and CutShortError when the blocks do, each
    after what came before.
    """
    documents = _Documents()
    try:
        for block in blocks:
            yield from _frames(documents.read(block.decode("utf-8", errors="replace")), origin)
    except CutShortError:
        yield from _frames(documents.finish(), origin)
        raise
    yield from _frames(documents.finish(), origin)
    if documents.rest:
        raise CutJsonError


def _frames(events: Iterator[Any], origin: Origin) -> Iterator[pl.DataFrame]:
    while batch := list(islice(events, BATCH_ROWS)):
        yield frame_of(batch, origin)


class _Documents:
    """Text as it comes, and the events of the documents in it that are complete."""

    def __init__(self) -> None:
        self.rest = ""
        self._enough = 0

    def read(self, text: str) -> Iterator[Any]:
        """Yield the events of what is complete by now."""
        self.rest += text
        # A document of many blocks is not tried again with each of them.
        if len(self.rest) >= self._enough:
            yield from self._events(at_end=False)
            self._enough = 2 * len(self.rest)

    def finish(self) -> Iterator[Any]:
        """Yield the other events; `rest` is then a document that is broken, or nothing."""
        yield from self._events(at_end=True)

    def _events(self, *, at_end: bool) -> Iterator[Any]:
        text, position = self.rest, 0
        decoder = json.JSONDecoder()
        while (position := _end(_BETWEEN, text, position)) < len(text):
            if text[position] not in "{[":
                end = _end(_LINE, text, position)
                if end == len(text) and not at_end:
                    break
                yield {"message": text[position:end]}
                position = end
                continue
            try:
                document, end = decoder.raw_decode(text, position)
            except (ValueError, RecursionError):
                following = _NEXT_DOCUMENT.search(text, position) if at_end else None
                if following is None:
                    break
                yield from ({"message": line} for line in text[position : following.start()].split("\n"))
                position = following.end()
                continue
            events = events_of(document)
            yield from [{"message": text[position:end]}] if events is None else events
            position = end
        self.rest = text[position:]


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return position if found is None else found.end()
