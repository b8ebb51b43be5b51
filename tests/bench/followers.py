"""`python -m tests.bench.followers [SECONDS]`: what each follower loses when events come late and out of order.

Each one follows the same log group in real time, at an endpoint of its own with the quota of a region. The group
gets access entries at a steady rate; every 97th is of a slow request, which is stamped with its start and written
1 … 28 s later. CloudWatch shows them as late as a lag model says. Judged are the entries that became visible while
all of them followed: from 10 s after the start until 60 s before the end, so that each has time to look again.
SECONDS is how long that span is. Programs are looked for on the PATH and in the folder that APIGW_TUI_BENCH_BIN
names.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from apigw_tui.core.quotas import Quota, filter_log_events
from apigw_tui.emulator.conditions import Conditions, Latency
from apigw_tui.emulator.lag import LAG_MODELS, LaggedFeed
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.steady import STEADY_GROUP, SteadyAccess
from apigw_tui.sources.clock import wall_clock
from tests.bench.programs import REGION, environ, find, version
from tests.sources.recorded_account import RecordedAccount

_RATE: Final = 50
_LATENCY: Final = Latency(200, jitter=0.2)
_MODELS: Final = {
    "lognormal": "median 2 s, at most 60 s",
    "slow-streams": "each stream 5 … 20 s, another lag every 10 s",
    "uniform": "up to 45 s",
}
_JUDGED_S: Final = 90
_LEAD_S: Final = 10
_REST_S: Final = 60
_HISTORY_MS: Final = 300_000
_LATEST_MS: Final = 100_000
_SLOW_MS: Final = 1_000
_GIVE_UP_S: Final = 10
_REQUEST_ID: Final = re.compile(rb'\\?"requestId\\?"\s*:\s*\\?"([0-9a-f-]{36})')
"""In whatever a follower prints around an entry: once per entry, also where the message is a string of JSON."""
_ARN: Final = f"arn:aws:logs:{REGION}:123456789012:log-group:{STEADY_GROUP}"


@dataclass(frozen=True)
class Job:
    """One follower under one lag model."""

    model: str
    follower: str


@dataclass(frozen=True)
class Truth:
    """The request IDs of the judged entries, and which of them were slow requests."""

    ids: frozenset[str]
    slow: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What a follower printed (times by request ID), how often it asked, and how it died if it did."""

    printed: Counter[str]
    calls: Counter[str]
    died: str | None


# The endpoints, in a process of their own


def serve(pipe: Connection, jobs: Sequence[Job], since: int) -> None:
    """Serve an endpoint for each job until the pipe is closed; its message asks for the calls."""
    feeds = {name: lagged(name, since) for name in _MODELS}
    with ExitStack() as running:
        servers = []
        for job in jobs:
            quotas = {"FilterLogEvents": Quota(filter_log_events(REGION), filter_log_events(REGION))}
            conditions = Conditions(quotas=quotas, latency=_LATENCY)
            feed = feeds[job.model]
            servers.append(EmulatorServer(feed, RecordedAccount(), clock=wall_clock, conditions=conditions))
            running.enter_context(servers[-1])
        pipe.send([server.url for server in servers])
        while True:
            try:
                pipe.recv()
            except EOFError:
                return
            pipe.send([server.calls for server in servers])


def lagged(model: str, since: int) -> LaggedFeed:
    """The feed of a lag model: the same entries for all, each at its own time."""
    return LaggedFeed(SteadyAccess(_RATE, since=since), LAG_MODELS[model])


@contextmanager
def endpoints(jobs: Sequence[Job], since: int) -> Iterator[tuple[dict[Job, str], Connection]]:
    """The URL for each job, and the pipe to the process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, jobs, since), daemon=True)
    process.start()
    theirs.close()
    try:
        yield dict(zip(jobs, ours.recv(), strict=True)), ours
    finally:
        ours.close()
        process.join(_GIVE_UP_S)


# The followers


def followers() -> dict[str, Sequence[str]]:
    """The commands by name; those that are not installed are left out."""
    ours = (sys.executable, "-m", "apigw_tui", "tail", f"log-group:{STEADY_GROUP}")
    found: dict[str, Sequence[str]] = {"apigw-tui tail": [*ours, "--events", "-o", "ndjson", "--since", "2m"]}
    if (aws := find("aws")) and version(aws).startswith("2"):
        tail = ("--follow", "--since", "2m", "--format", "short")
        found["aws logs tail"] = [aws, "logs", "tail", STEADY_GROUP, *tail]
        live = ("--log-group-identifiers", _ARN, "--mode", "print-only")
        found["aws logs start-live-tail"] = [aws, "logs", "start-live-tail", *live]
    if awslogs := find("awslogs"):
        found["awslogs get --watch"] = [awslogs, "get", STEADY_GROUP, "ALL", "--watch", "--start", "2m"]
    if sam := find("sam"):
        found["sam logs --tail"] = [sam, "logs", "--tail", "--cw-log-group", STEADY_GROUP, "-s", "2mins ago"]
    return found


class Following:
    """A follower at work; what it prints goes into a file."""

    def __init__(self, command: Sequence[str], url: str, folder: Path) -> None:
        folder.mkdir()
        self._said = folder / "stdout"
        self._complained = folder / "stderr"
        with self._said.open("wb") as out, self._complained.open("wb") as err:
            self._process = subprocess.Popen(  # noqa: S603 - commands that this module names
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environ(url, folder),
                start_new_session=True,
            )

    def stop(self) -> str | None:
        """End it as ctrl+c does; the last thing it complained of when it had ended by itself."""
        if self._process.poll() is not None:
            complaints = self._complained.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            return complaints[-1] if complaints else f"exit code {self._process.returncode}"
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(_GIVE_UP_S)
        except subprocess.TimeoutExpired:
            self.kill()
        return None

    def kill(self) -> None:
        """End it for certain."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def printed(self) -> Counter[str]:
        """How often it printed each request ID."""
        return Counter(found.decode() for found in _REQUEST_ID.findall(self._said.read_bytes()))


def follow(commands: Mapping[str, Sequence[str]], judged_s: int) -> tuple[dict[Job, Outcome], dict[str, Truth]]:
    """Let all of them follow side by side."""
    jobs = [Job(model, follower) for model, follower in product(_MODELS, commands)]
    since = wall_clock() - _HISTORY_MS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls, pipe = stack.enter_context(endpoints(jobs, since))
        started = wall_clock()
        running: dict[Job, Following] = {}
        for number, job in enumerate(jobs):
            running[job] = Following(commands[job.follower], urls[job], folder / str(number))
            stack.callback(running[job].kill)
        time.sleep(_LEAD_S + judged_s + _REST_S - (wall_clock() - started) / 1000)
        pipe.send("calls")
        calls = dict(zip(jobs, pipe.recv(), strict=True))
        died = {job: following.stop() for job, following in running.items()}
        outcomes = {job: Outcome(running[job].printed(), calls[job], died[job]) for job in jobs}
    first = started + _LEAD_S * 1000
    return outcomes, {model: truth(model, since, first, first + judged_s * 1000) for model in _MODELS}


def truth(model: str, since: int, first: int, last: int) -> Truth:
    """The entries that became visible from `first` to before `last`."""
    written = SteadyAccess(_RATE, since=since)
    span = (STEADY_GROUP, first - _LATEST_MS, last)
    seen = [event.ingestion_time for event in lagged(model, since).events(*span)]
    ids = written.request_ids(*span)
    late = [event.ingestion_time - event.timestamp >= _SLOW_MS for event in written.events(*span)]
    judged = [first <= when < last for when in seen]
    return Truth(
        frozenset(request_id for request_id, counts in zip(ids, judged, strict=True) if counts),
        frozenset(request_id for request_id, counts, slow in zip(ids, judged, late, strict=True) if counts and slow),
    )


# The report


def row(name: str, outcome: Outcome, real: Truth, minutes: float) -> str:
    """A line of the table."""
    lost = [request_id for request_id in real.ids if request_id not in outcome.printed]
    slow = [request_id for request_id in lost if request_id in real.slow]
    twice = sum(outcome.printed[request_id] > 1 for request_id in real.ids)
    asked = outcome.calls["FilterLogEvents"] / minutes
    died = f"   it ended by itself: {outcome.died}" if outcome.died else ""
    return (
        f"{name:<26} {len(lost):7,} {share(lost, real.ids):>7} {share(slow, real.slow):>10} "
        f"{twice:7,} {asked:10.0f}{died}\n"
    )


def share(lost: Collection[str], real: Collection[str]) -> str:
    """Per cent; a dash of nothing."""
    return f"{len(lost) / len(real):.2%}" if real else "–"


def main(judged_s: int) -> None:
    """Measure and print."""
    out, commands = sys.stdout, followers()
    minutes = (_LEAD_S + judged_s + _REST_S) / 60
    out.write(
        f"{_RATE} access entries/s, followed for {minutes * 60:.0f} s; judged are those that became visible from\n"
    )
    out.write(
        f"{_LEAD_S} s after the start until {_REST_S} s before the end. One in 97 is of a slow request (1 … 28 s).\n"
    )
    out.flush()
    outcomes, truths = follow(commands, judged_s)
    for model, description in _MODELS.items():
        real = truths[model]
        out.write(f"\nlag {model} ({description}): {len(real.ids):,} entries, {len(real.slow)} of slow requests\n")
        out.write(f"{'':<26} {'lost':>7} {'':>7} {'slow lost':>10} {'twice':>7} {'calls/min':>10}\n")
        for name in commands:
            out.write(row(name, outcomes[Job(model, name)], real, minutes))
    out.write(f"\n{programs()}\n")


def programs() -> str:
    """Which programs were there, with their versions."""
    places = {name: find(name) for name in ("aws", "awslogs", "sam")}
    found = [f"{name} {version(place)}" for name, place in places.items() if place]
    missing = [name for name, place in places.items() if not place]
    sentences = [f"With {', '.join(found)}."] if found else []
    sentences += [f"Not installed: {', '.join(missing)}."] if missing else []
    if (aws := places["aws"]) and not version(aws).startswith("2"):
        sentences.append("`aws logs tail` needs version 2.")
    return " ".join(sentences)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _JUDGED_S)
