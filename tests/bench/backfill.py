"""`python -m tests.bench.backfill [EVENTS]`: how long it takes to fetch history at the quota of a region.

An embedded endpoint in a process of its own answers with a latency and throttles beyond its quota, as AWS does. The
ceiling is what no client can beat: full pages of 1 MB, each call at the quota. `awslogs` and `aws` are measured
where they are on the PATH or in the folder that APIGW_TUI_BENCH_BIN names.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from threading import Event as StopFlag
from typing import Final

from apigw_tui.core.quotas import Quota, filter_log_events
from apigw_tui.emulator.conditions import Conditions, Latency
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.steady import STEADY_GROUP, SteadyAccess
from apigw_tui.sources.backfill import Backfill
from apigw_tui.sources.base import Batch, Progress
from apigw_tui.sources.clock import wall_clock
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.session import Aws, AwsSettings
from apigw_tui.sources.slice_readers import EVENT_BYTES, PAGE_BYTES
from tests.sources.recorded_account import RecordedAccount

_EVENTS: Final = 200_000
_RATE: Final = 100
_SINCE: Final = 1_767_225_600_000
_BIN: Final = "APIGW_TUI_BENCH_BIN"


@dataclass(frozen=True)
class Region:
    """A region with its quota, and how long its answers take."""

    name: str
    latency_ms: int

    @property
    def calls_per_second(self) -> int:
        """Of FilterLogEvents."""
        return filter_log_events(self.name)


REGIONS: Final = (Region("eu-west-1", 400), Region("us-east-1", 250))


@dataclass(frozen=True)
class Fetched:
    """What a client did: seconds, events, and calls as the endpoint counted them, with those it throttled."""

    seconds: float
    events: int
    calls: int
    throttled: int
    first_s: float | None = None


class Endpoint:
    """The endpoint's process, from here."""

    def __init__(self, url: str, pipe: Connection) -> None:
        self.url = url
        self._pipe = pipe

    def calls(self) -> tuple[int, int]:
        """FilterLogEvents since the last question, and how many of them were throttled."""
        self._pipe.send("calls")
        answer: tuple[int, int] = self._pipe.recv()
        return answer


def serve(pipe: Connection, region: Region, events: int) -> None:
    """Serve until the pipe is closed."""
    feed = SteadyAccess(_RATE, since=_SINCE, until=_end(events), slow=False)
    feed.events(STEADY_GROUP, _SINCE, _end(events))
    quota = Quota(region.calls_per_second, region.calls_per_second)
    conditions = Conditions(quotas={"FilterLogEvents": quota}, latency=Latency(region.latency_ms, jitter=0.2))
    with EmulatorServer(feed, RecordedAccount(), clock=wall_clock, conditions=conditions) as server:
        pipe.send(server.url)
        while True:
            try:
                pipe.recv()
            except EOFError:
                return
            pipe.send((server.calls.pop("FilterLogEvents", 0), conditions.throttled.pop("FilterLogEvents", 0)))


@contextmanager
def endpoint(region: Region, events: int) -> Iterator[Endpoint]:
    """An endpoint in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, region, events), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Endpoint(ours.recv(), ours)
    finally:
        ours.close()
        process.join(10)


def by_backfill(served: Endpoint, region: Region, events: int) -> Fetched:
    """The explorer's own reader, its client ready."""
    aws = Aws(AwsSettings(region=region.name, endpoint_url=served.url))
    aws.client("logs")
    served.calls()
    backfill = Backfill(aws, [FollowedGroup(STEADY_GROUP)], clock=wall_clock, pattern=None)
    started, first, found = time.perf_counter(), None, 0
    for update in backfill.read(_SINCE, _end(events), StopFlag()):
        if isinstance(update, Batch):
            first = first or time.perf_counter() - started
            found += update.events.height
        elif isinstance(update, Progress) and update.done:
            break
    return Fetched(time.perf_counter() - started, found, *served.calls(), first)


def by_command(served: Endpoint, command: Sequence[str], environ: Mapping[str, str]) -> Fetched:
    """Another program, from its start to its end; what it prints is counted in lines."""
    served.calls()
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - commands that this module names
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=environ
    )
    assert process.stdout is not None
    lines = sum(b"responseLatency" in line for line in process.stdout)
    process.wait()
    return Fetched(time.perf_counter() - started, lines, *served.calls())


def commands(url: str, region: Region, events: int) -> dict[str, Sequence[str]]:
    """Other ways to fetch the same, by name; those that are not installed are left out."""
    start, end = _iso(_SINCE), _iso(_end(events) + 1)  # some know no milliseconds
    found: dict[str, Sequence[str]] = {
        "apigw-tui events": [
            *(sys.executable, "-m", "apigw_tui", "events", f"log-group:{STEADY_GROUP}", "-o", "ndjson"),
            *("--since", start, "--until", end, "--endpoint-url", url, "--region", region.name),
        ]
    }
    if awslogs := _program("awslogs"):
        found["awslogs get"] = [
            *(awslogs, "get", STEADY_GROUP, "ALL", "--start", start, "--end", end),
            *("--aws-endpoint-url", url, "--aws-region", region.name),
        ]
    if aws := _program("aws"):
        found["aws logs filter-log-events"] = [
            *(aws, "logs", "filter-log-events", "--log-group-name", STEADY_GROUP, "--output", "json"),
            *("--start-time", str(_SINCE), "--end-time", str(_end(events))),
            *("--endpoint-url", url, "--region", region.name),
        ]
    return found


def main(events: int) -> None:
    """Measure and print."""
    sys.stdout.write(f"{events:,} access events of one log group\n")
    size = _bytes(events)
    for region in REGIONS:
        ceiling = size / PAGE_BYTES / region.calls_per_second
        sys.stdout.write(
            f"\n{region.calls_per_second} calls/s, {region.latency_ms} ms each, {size / 1e6:.0f} MB: "
            f"the ceiling is {ceiling:.2f} s\n{'':<28} {'wall':>8} {'of ceiling':>10} {'calls':>6} {'throttled':>9}\n"
        )
        with endpoint(region, events) as served:
            _print("apigw-tui's backfill", by_backfill(served, region, events), events=events, ceiling=ceiling)
            for name, command in commands(served.url, region, events).items():
                _print(name, by_command(served, command, _environ()), events=events, ceiling=ceiling)
    for name in ("awslogs", "aws"):
        if not _program(name):
            sys.stdout.write(f"{name} is not installed: put it on the PATH or into {_BIN}.\n")


def _print(name: str, fetched: Fetched, *, events: int, ceiling: float) -> None:
    missing = "" if fetched.events == events else f"   {events - fetched.events:,} EVENTS MISSING"
    first = f"   first rows after {fetched.first_s:.2f} s" if fetched.first_s else ""
    sys.stdout.write(
        f"{name:<28} {fetched.seconds:6.2f} s {ceiling / fetched.seconds:10.0%} {fetched.calls:6} "
        f"{fetched.throttled:9}{first}{missing}\n"
    )
    sys.stdout.flush()


def _end(events: int) -> int:
    """The time of the last event, and some ms more."""
    return _SINCE + events * 1000 // _RATE - 1


def _bytes(events: int) -> int:
    feed = SteadyAccess(_RATE, since=_SINCE, until=_end(events), slow=False)
    return sum(len(event.message) + EVENT_BYTES for event in feed.events(STEADY_GROUP, _SINCE, _end(events)))


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join(filter(None, (os.environ.get(_BIN), os.environ.get("PATH")))))


def _environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_EC2_METADATA_DISABLED": "true"}
    return {**kept, **keys}


if __name__ == "__main__":
    os.environ.update(_environ())
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _EVENTS)
