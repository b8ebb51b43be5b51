"""One page of FilterLogEvents as a RAW_EVENTS frame, past botocore's parser.

botocore needs 26 ms for a page of 1 MB, json 5 ms; the hook is a public event of botocore. Were it ever gone,
pages would go through the ordinary parser and look the same here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from operator import itemgetter
from typing import Any, Final

import polars as pl

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.sources.failures import AwsError, FailureKind

HOOK: Final = "before-parse.cloudwatch-logs.FilterLogEvents"

EventRecord = Mapping[str, Any]
"""An event as CloudWatch answers it: eventId, ingestionTime, logStreamName, message, timestamp."""


@dataclass(frozen=True)
class EventsPage:
    """One answer of FilterLogEvents. It may be empty and still have a token: more may follow.

    `answered_at` is the service's own time (ms); None where it does not say.
    """

    events: Sequence[EventRecord]
    next_token: str | None
    answered_at: int | None = None

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> EventsPage:
        """Read what the client returned."""
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        return cls(
            events=answer.get("events") or (),
            next_token=answer.get("nextToken"),
            answered_at=_date(headers.get("date")),
        )


def keep_pages_raw(client: Any) -> None:
    """Let the client's FilterLogEvents answers skip botocore's parser."""
    client.meta.events.register(HOOK, _parse_page)


def _parse_page(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    if response_dict.get("status_code") != 200:  # noqa: PLR2004 - HTTP's OK
        return
    try:
        page = json.loads(response_dict["body"])
    except ValueError as error:
        # The ordinary parser would make an empty last page of it, as if nothing had been logged.
        raise AwsError(
            FailureKind.SERVICE, "An answer of CloudWatch was cut off.", "Check the network and the proxy."
        ) from error
    if isinstance(page, dict):
        customized_response_dict.update(page)
        response_dict["body"] = b"{}"


def page_frame(events: Sequence[EventRecord], *, log_group: str, scope: str) -> pl.DataFrame:
    """Events of one group as columns, schema RAW_EVENTS, in the order given."""
    messages = list(map(itemgetter("message"), events))
    try:
        texts = pl.Series("message", messages, pl.String)
    except UnicodeEncodeError:
        # JSON can spell half of a surrogate pair, which is no text.
        repaired = [message.encode("utf-8", errors="replace").decode() for message in messages]
        texts = pl.Series("message", repaired, pl.String)
    size = len(events)
    columns = {
        "timestamp": pl.Series("timestamp", list(map(itemgetter("timestamp"), events)), pl.Int64),
        "ingestion_time": pl.Series("ingestion_time", _values(events, "ingestionTime"), pl.Int64),
        "event_id": pl.Series("event_id", _values(events, "eventId"), pl.String),
        "log_group": pl.repeat(log_group, size, dtype=pl.String, eager=True).alias("log_group"),
        "log_stream": pl.Series("log_stream", _values(events, "logStreamName"), pl.String),
        "scope": pl.repeat(scope, size, dtype=pl.String, eager=True).alias("scope"),
        "message": texts,
    }
    return pl.DataFrame([columns[name] for name in RAW_EVENTS])


def _date(text: str | None) -> int | None:
    try:
        return None if text is None else int(parsedate_to_datetime(text).timestamp() * 1000)
    except ValueError:
        return None


def _values(events: Sequence[EventRecord], key: str) -> list[Any]:
    try:
        return list(map(itemgetter(key), events))
    except KeyError:
        return [event.get(key) for event in events]
