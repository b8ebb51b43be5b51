"""Lines that resist are counted with the reason."""

from __future__ import annotations

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.store import EventStore
from apigw_tui.core.unread_lines import told


def test_each_line_that_resists_is_counted_with_its_reason() -> None:
    ours = {
        "json": AccessFormat.compile('{"id":"$context.requestId","s":"$context.status"}'),
        "text": AccessFormat.compile("[$context.requestId] $context.status"),
    }
    lines = [
        ("json", '{"id'),
        ("json", "hello"),
        ("json", " "),
        ("text", "hello"),
        ("text", "hello again"),
        ("json", '{"id":"1","s":"200"}'),
        ("API-Gateway-Execution-Logs_a1/prod", "(5d0c7a1e-2222-4333-8444-0123456789ab) Something new"),
    ]
    columns = {"log_group": [group for group, _ in lines], "message": [text for _, text in lines]}
    known = pl.DataFrame({**columns, "timestamp": range(len(lines)), "log_stream": "s", "scope": ""})
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in RAW_EVENTS.items() if name not in known.columns]
    store = EventStore(ours)
    store.append(known.with_columns(missing).select(pl.col(n).cast(dtype) for n, dtype in RAW_EVENTS.items()))
    assert store.unparsed == sum(store.unread.values()) == 6
    assert told(store.unread) == (
        "2 not as the access format has it, 1 cut off before the end, 1 empty, "
        "1 execution lines of a kind that is not known, 1 no JSON though the access format is"
    )
