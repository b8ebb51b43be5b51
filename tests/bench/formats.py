"""How long an access format takes to read, against bare Polars reading the same bytes as JSON.

Processor time, the least of several runs that take turns: other processes on the machine do not count. Bare
Polars reads every field as it is; ours reads the fields, takes out what was not there, types them, and knows the
request of each line.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import polars as pl

from apigw_tui.core.access import read_access
from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_names import variable_of
from apigw_tui.core.parse import parse_events
from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import RAW_EVENTS
from tests.bench.access_lines import write_lines

_ROWS: Final = 300_000
_RUNS: Final = 7
_BARE: Final = "bare Polars"


def compiled(line: str) -> AccessFormat:
    """The format that wrote a line of `access_lines`."""
    members = {name: f"$context.{variable_of(name)}" for name in json.loads(line)}
    source = json.dumps(members, separators=(",", ":"))
    return AccessFormat.compile(source.replace('"$context.requestTimeEpoch"', "$context.requestTimeEpoch"))


def contenders(data: bytes) -> dict[str, Callable[[], Any]]:
    """What is measured, by name."""
    messages = pl.Series("message", data.decode().splitlines())
    known = compiled(str(messages[0]))
    columns = {
        "timestamp": pl.int_range(messages.len(), eager=True),
        "log_group": "access",
        "log_stream": "s",
        "scope": "",
    }
    empty = [pl.lit(None, dtype).alias(name) for name, dtype in RAW_EVENTS.items()]
    raw = messages.to_frame().with_columns(empty[:-1]).with_columns(**{name: pl.lit(v) for name, v in columns.items()})
    raw = raw.select(RAW_EVENTS.names())
    parsed = parse_events(raw, {"access": known})
    return {
        _BARE: lambda: pl.read_ndjson(data),
        "fields as text": lambda: known.read(messages),
        "fields typed": lambda: read_access(messages, known),
        "events, format known": lambda: parse_events(raw, {"access": known}),
        "events, format guessed": lambda: parse_events(raw, {}),
        "one row per request": lambda: summarise(parsed),
    }


def seconds(run: Callable[[], Any]) -> float:
    """Processor time of one run."""
    start = time.process_time()
    run()
    return time.process_time() - start


def main(rows: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        write_lines(path, rows)
        runs = contenders(path.read_bytes())
    took = [{name: seconds(run) for name, run in runs.items()} for _ in range(_RUNS)]
    least = {name: min(each[name] for each in took) for name in runs}
    sys.stdout.write(f"{rows:,} JSON access lines, processor time, least of {_RUNS} in turns\n")
    for name, time_taken in least.items():
        sys.stdout.write(f"{name:<24} {time_taken:6.3f} s  ÷ {_BARE} {time_taken / least[_BARE]:5.2f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _ROWS)
