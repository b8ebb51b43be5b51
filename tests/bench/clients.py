"""`make peers`: other people's clients read from the embedded endpoint, and get what is known to be there.

The AWS CLI (1 or 2), awslogs and the AWS SAM CLI are looked for on the PATH and in the folder that
APIGW_TUI_BENCH_BIN names. Each answer is compared item by item, order and doubles included, with what the feed says
of itself. The exit code is 1 when one differs.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from apigw_tui.emulator.feed import ACCOUNT_ID, LoggedEvent
from apigw_tui.emulator.lag import Fixed, LaggedFeed
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.steady import STEADY_GROUP, SteadyAccess
from apigw_tui.sources.clock import wall_clock
from tests.bench.programs import BIN, REGION, environ, find, version
from tests.sources.recorded_account import RecordedAccount

_RATE: Final = 20
_STREAMS: Final = 8
_GROUPS: Final = (*(f"/aws/lambda/function-{number:03}" for number in range(119)), STEADY_GROUP)
_APIS: Final = 60
_STAGES: Final = ("beta", "prod")
_AGO_MS: Final = 900_000
_WINDOW_MS: Final = 599_999
_LIVE_S: Final = 10
_EDGE_MS: Final = 3_000
_PATIENCE_MS: Final = 60_000
_SHORT_S: Final = 0.05
_LAG_MS: Final = 1_000
_LATEST_MS: Final = 60_000
_QUERY_TURNS: Final = 60
_REQUEST_ID: Final = re.compile(r'"requestId"\s*:\s*"([0-9a-f-]{36})')
_ARN: Final = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{STEADY_GROUP}"

Answer = Sequence[str]


@dataclass(frozen=True)
class Check:
    """What a client was asked, what it found, and what there is."""

    client: str
    what: str
    found: Answer
    real: Answer

    @property
    def is_same(self) -> bool:
        """Whether all is there, once, in order, and nothing else."""
        return list(self.found) == list(self.real)

    def __str__(self) -> str:
        """A line of the table."""
        return f"{self.client:<14} {self.what:<46} {len(self.found):>7,} {len(self.real):>7,}   {self.verdict}"

    @property
    def verdict(self) -> str:
        """`same`, or what differs."""
        if self.is_same:
            return "same"
        found, real = Counter(self.found), Counter(self.real)
        if found == real:
            return "SAME ITEMS IN ANOTHER ORDER"
        missing, extra = (real - found).total(), (found - real).total()
        return f"{missing:,} MISSING, {extra:,} TOO MANY"


class Known:
    """The account: groups, entries of a fixed span, and REST APIs."""

    def __init__(self, now: int) -> None:
        self.start = (now - _AGO_MS) // 1000 * 1000
        self.end = self.start + _WINDOW_MS
        written = SteadyAccess(_RATE, since=self.start - 60_000, groups=_GROUPS, streams=_STREAMS)
        self.feed = LaggedFeed(written, Fixed(_LAG_MS))
        self.plane = RecordedAccount()
        stages: list[dict[str, Any]] = [{"stageName": name, "deploymentId": "d1"} for name in _STAGES]
        self.plane.rest = {f"api{number:07}": (f"api-{number}", stages) for number in range(_APIS)}
        self._events = self._until(self.end)

    def event_ids(self, *, containing: str = "") -> list[str]:
        """Of the span, in order."""
        return [event.event_id for event in self._events if containing in event.message]

    def request_ids(self, *, stream: str | None = None, after_end: int = 0) -> list[str]:
        """Of the span, in order; also of so many ms after it."""
        events = [event for event in self._until(self.end + after_end) if stream in {None, event.log_stream}]
        return [json.loads(event.message)["requestId"] for event in events]

    def streams(self) -> list[str]:
        """By name."""
        return sorted({event.log_stream for event in self._events})

    def statuses(self, end: int) -> list[str]:
        """`status count` of the entries until then, as sorted text."""
        counts = Counter(json.loads(event.message)["status"] for event in self._until(end))
        return sorted(f"{status} {count}" for status, count in counts.items())

    def _until(self, end: int) -> Sequence[LoggedEvent]:
        return self.feed.events(STEADY_GROUP, self.start, end)

    def seen_between(self, first: int, last: int) -> list[str]:
        """The request IDs of the entries that became visible then."""
        events = self.feed.events(STEADY_GROUP, first - _LATEST_MS, last)
        return [json.loads(event.message)["requestId"] for event in events if first <= event.ingestion_time < last]


class Client:
    """A program and the environment in which it finds the endpoint."""

    def __init__(self, program: str, url: str, home: Path) -> None:
        self._program = program
        self._environ: Mapping[str, str] = environ(url, home)

    def text(self, *words: str) -> str:
        """What it prints; what it complains of when it fails."""
        done = subprocess.run(  # noqa: S603 - commands that this module names
            [self._program, *words], env=self._environ, capture_output=True, text=True, check=False
        )
        return done.stdout if done.returncode == 0 else f"{done.stdout}{done.stderr}"

    def json(self, *words: str) -> Any:
        """What it prints, read as JSON; an error is an empty list."""
        text = self.text(*words, "--output", "json")
        try:
            return json.loads(text)
        except ValueError:
            sys.stderr.write(f"{' '.join(words)}: {text.strip()}\n")
            return []

    def for_seconds(self, seconds: float, *words: str) -> tuple[str, int, int]:
        """What it prints until it is interrupted, so long after it began to; both times in ms."""
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(  # noqa: S603 - commands that this module names
                [self._program, *words], env=self._environ, stdout=said, stderr=said, stdin=subprocess.DEVNULL
            )
            until = wall_clock() + _PATIENCE_MS
            while not os.fstat(said.fileno()).st_size and wall_clock() < until:
                time.sleep(_SHORT_S)
            began = wall_clock()
            time.sleep(seconds)
            ended = wall_clock()
            process.send_signal(signal.SIGINT)
            process.wait()
            said.seek(0)
            return said.read().decode(), began, ended


Asked = Callable[[Client, Known], Iterator[tuple[str, Answer, Answer]]]
"""What a client is asked: `what, found, real`."""


def by_aws(aws: Client, known: Known) -> Iterator[tuple[str, Answer, Answer]]:
    """What the AWS CLI of either version can be asked."""
    group = ("--log-group-name", STEADY_GROUP)
    span = (*group, "--start-time", str(known.start), "--end-time", str(known.end))
    ids, names = ("--query", "events[].eventId"), ("--query", "logGroups[].logGroupName")
    yield "sts get-caller-identity", [aws.json("sts", "get-caller-identity", "--query", "Account")], [ACCOUNT_ID]
    yield (
        "logs describe-log-groups, 50 a page",
        aws.json("logs", "describe-log-groups", *names),
        sorted(_GROUPS),
    )
    yield (
        "logs describe-log-groups by pattern",
        aws.json("logs", "describe-log-groups", "--log-group-name-pattern", "-01", *names),
        sorted(name for name in _GROUPS if "-01" in name),
    )
    yield (
        "logs describe-log-streams",
        aws.json("logs", "describe-log-streams", *group, "--query", "logStreams[].logStreamName"),
        known.streams(),
    )
    yield "logs filter-log-events, 1 MB a page", aws.json("logs", "filter-log-events", *span, *ids), known.event_ids()
    paged = ("logs", "filter-log-events", *span, "--page-size", "997")
    yield "logs filter-log-events, 997 a page", aws.json(*paged, *ids), known.event_ids()
    pattern = ("--filter-pattern", '{ $.status = "504" }')
    yield (
        "logs filter-log-events by JSON pattern",
        aws.json("logs", "filter-log-events", *span, *pattern, *ids),
        known.event_ids(containing='"status":"504"'),
    )
    stream = known.streams()[0]
    yield "logs get-log-events, by token to the end", read_stream(aws, span, stream), known.request_ids(stream=stream)
    yield (
        "logs start-query: stats count(*) by status",
        ask_insights(aws, known),
        known.statuses(known.end // 1000 * 1000),
    )
    yield (
        "apigateway get-rest-apis, 25 a page",
        aws.json("apigateway", "get-rest-apis", "--query", "items[].id"),
        list(known.plane.rest),
    )
    stages = ("apigateway", "get-stages", "--rest-api-id", next(iter(known.plane.rest)))
    yield "apigateway get-stages", aws.json(*stages, "--query", "item[].stageName"), _STAGES


def by_aws_2(aws: Client, known: Known) -> Iterator[tuple[str, Answer, Answer]]:
    """What only version 2 has."""
    yield from by_aws(aws, known)
    live = ("--log-group-identifiers", _ARN, "--mode", "print-only")
    said, began, ended = aws.for_seconds(_LIVE_S, "logs", "start-live-tail", *live)
    printed = _REQUEST_ID.findall(said)
    sure = known.seen_between(began + _EDGE_MS, ended - _EDGE_MS)
    possible = set(known.seen_between(began - 2 * _EDGE_MS, ended + _EDGE_MS))
    there = set(sure)
    # The edges of a session are not known to the ms: what is printed there may, but need not be.
    judged = [request_id for request_id in printed if request_id in there or request_id not in possible]
    yield "logs start-live-tail", sorted(judged), sorted(sure)


def read_stream(aws: Client, span: Sequence[str], stream: str) -> list[str]:
    """Call GetLogEvents from the head until it gives the same token again."""
    words = ["logs", "get-log-events", *span, "--log-stream-name", stream, "--start-from-head", "--limit", "600"]
    found: list[str] = []
    token: str | None = None
    while answer := aws.json(*words, *(("--next-token", token) if token else ())):
        found += [json.loads(event["message"])["requestId"] for event in answer["events"]]
        if answer["nextForwardToken"] == token:
            break
        token = answer["nextForwardToken"]
    return found


def ask_insights(aws: Client, known: Known) -> list[str]:
    """Start a query and fetch its results when it is complete."""
    span = ("--start-time", str(known.start // 1000), "--end-time", str(known.end // 1000))
    asked = ("--log-group-name", STEADY_GROUP, "--query-string", "stats count(*) as n by status")
    started = aws.json("logs", "start-query", *span, *asked)
    if not started:
        return []
    for _ in range(_QUERY_TURNS):
        answer = aws.json("logs", "get-query-results", "--query-id", started["queryId"])
        if not answer or answer["status"] not in {"Scheduled", "Running"}:
            break
    rows = [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]] if answer else []
    return sorted(f"{row['status']} {row['n']}" for row in rows)


def by_awslogs(awslogs: Client, known: Known) -> Iterator[tuple[str, Answer, Answer]]:
    """What awslogs can be asked."""
    yield "groups", awslogs.text("groups").splitlines(), sorted(_GROUPS)
    yield "streams", sorted(awslogs.text("streams", STEADY_GROUP).splitlines()), known.streams()
    said = awslogs.text("get", STEADY_GROUP, "ALL", "--start", _iso(known.start), "--end", _iso(known.end + 1))
    yield "get ALL", _REQUEST_ID.findall(said), known.request_ids(after_end=1)


def by_sam(sam: Client, known: Known) -> Iterator[tuple[str, Answer, Answer]]:
    """What the AWS SAM CLI can be asked."""
    span = ("-s", _iso(known.start), "-e", _iso(known.end + 1))
    said = sam.text("logs", "--cw-log-group", STEADY_GROUP, *span)
    yield "logs", _REQUEST_ID.findall(said), known.request_ids(after_end=1)


def clients() -> dict[str, tuple[str, Asked]]:
    """Each program that is installed, by name and version, and what it is asked."""
    found: dict[str, tuple[str, Asked]] = {}
    for name, asked in (("aws", by_aws), ("awslogs", by_awslogs), ("sam", by_sam)):
        if program := find(name):
            number = version(program)
            found[f"{name} {number}"] = (program, by_aws_2 if name == "aws" and number.startswith("2") else asked)
    return found


def main() -> int:
    """Ask all of them; the exit code."""
    out, known, differing = sys.stdout, Known(wall_clock()), 0
    out.write(f"{'':<61} {'found':>7} {'real':>7}\n")
    with (
        EmulatorServer(known.feed, known.plane, clock=wall_clock) as server,
        tempfile.TemporaryDirectory() as home,
    ):
        for name, (program, asked) in clients().items():
            for what, found, real in asked(Client(program, server.url, Path(home)), known):
                check = Check(name, what, found, real)
                differing += not check.is_same
                out.write(f"{check}\n")
                out.flush()
    if missing := [name for name in ("aws", "awslogs", "sam") if not find(name)]:
        out.write(f"Not installed: {', '.join(missing)}. Put them on the PATH or into {BIN}.\n")
    return 1 if differing else 0


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


if __name__ == "__main__":
    sys.exit(main())
