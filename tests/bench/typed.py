"""`python -m tests.bench.typed [SECONDS]`: how late the event loop answers while a log group loads and is tailed.

An endpoint in a process of its own has 15 minutes of access entries at 2 000 a second and goes on writing them; it
answers at the quota of a region. Meanwhile letters that occur nowhere else are typed into the query bar, one at a
time: each is timed until that very letter comes back on the pseudo-terminal, whatever else is repainted. The same
letters go to an application of Textual that has nothing but an input: its latency is the floor.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from multiprocessing.connection import Connection
from typing import Final

from apigw_tui.core.quotas import Quota, filter_log_events
from apigw_tui.emulator.conditions import Conditions, Latency
from apigw_tui.emulator.lag import LAG_MODELS, LaggedFeed
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.steady import STEADY_GROUP, SteadyAccess
from apigw_tui.sources.clock import wall_clock
from tests.bench.keys import Terminal, quantile, terminal
from tests.bench.programs import REGION
from tests.sources.recorded_account import RecordedAccount

_RATE: Final = 2_000
_HISTORY_MS: Final = 900_000
_SECONDS: Final = 60
_FLOOR_SECONDS: Final = 10
_BETWEEN_S: Final = 0.05
_TIMEOUT_S: Final = 5.0
_OPENING_S: Final = 1.0
_LATENCY: Final = Latency(200, jitter=0.2)
_LETTERS: Final = "ႠႡႢႣႤႥႦႧႨႩႪႫႬႭႮႯႰႱႲႳႴႵႶႷႸႹ"
_BACKSPACE: Final = "\x7f"
_EMPTY: Final = """\
from textual.app import App
from textual.widgets import Input

class Empty(App):
    def compose(self):
        yield Input("ready")

Empty().run()
"""


def serve(pipe: Connection) -> None:
    """Serve until the pipe is closed; its message asks for the calls."""
    quota = Quota(filter_log_events(REGION), filter_log_events(REGION))
    conditions = Conditions(quotas={"FilterLogEvents": quota}, latency=_LATENCY)
    feed = LaggedFeed(SteadyAccess(_RATE, since=wall_clock() - _HISTORY_MS), LAG_MODELS["lognormal"])
    with EmulatorServer(feed, RecordedAccount(), clock=wall_clock, conditions=conditions) as server:
        pipe.send(server.url)
        while True:
            try:
                pipe.recv()
            except EOFError:
                return
            pipe.send(server.calls["FilterLogEvents"])


@contextmanager
def endpoint() -> Iterator[tuple[str, Connection]]:
    """The URL of an endpoint in a process of its own, and the pipe to it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours.recv(), ours
    finally:
        ours.close()
        process.join(_FLOOR_SECONDS)


def type_letters(program: Terminal, seconds: float) -> list[float | None]:
    """Type and delete letters for so long: how late each came back, None for one that did not."""
    found: list[float | None] = []
    until = time.perf_counter() + seconds
    for letter in cycle(_LETTERS):
        found.append(program.echo(letter, timeout=_TIMEOUT_S))
        program.press(_BACKSPACE)
        program.drop(_BETWEEN_S)
        if time.perf_counter() >= until:
            return found
    return found


def measure_floor() -> list[float | None]:
    """The application that is nothing but an input."""
    with terminal(["-c", _EMPTY]) as program:
        program.wait_for("ready")
        program.settle(0.5)
        return type_letters(program, _FLOOR_SECONDS)


def measure_explorer(seconds: float, since: str) -> tuple[list[float | None], int, float]:
    """The explorer: its letters, its calls and its memory."""
    keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    with endpoint() as (url, pipe):
        words = ["-m", "apigw_tui", f"log-group:{STEADY_GROUP}", "--endpoint-url", url, "--region", REGION]
        with terminal([*words, "--since", since], keys) as program:
            program.wait_for("/carts/{id}/items")
            # An open quote: the bar shows the text, and the list stays as it is.
            for key in '/"':
                program.press(key)
                program.drop(_OPENING_S)
            letters = type_letters(program, seconds)
            pipe.send("calls")
            return letters, pipe.recv(), program.memory_mb


def report(name: str, letters: Sequence[float | None]) -> str:
    """A line of the table."""
    values = [seconds for seconds in letters if seconds is not None]
    p50, p99 = quantile(values, 0.5), quantile(values, 0.99)
    return (
        f"{name:<36} p50 {p50 * 1000:6.1f} ms  p99 {p99 * 1000:6.1f} ms  max {max(values) * 1000:6.1f} ms"
        f"  ({len(values)} letters, {len(letters) - len(values)} did not come)\n"
    )


def main(seconds: float) -> None:
    """Measure and print."""
    out = sys.stdout
    out.write(f"{_RATE:,} access entries/s in one log group, letters typed for {seconds:.0f} s\n")
    out.write(report("an application with an input", measure_floor()))
    for name, since in (("the explorer, tail alone", "30s"), ("the explorer, 15 min of history too", "15m")):
        letters, calls, memory = measure_explorer(seconds, since)
        out.write(report(name, letters))
        out.write(f"  {calls} calls of the endpoint, {memory:.0f} MB; the machine's load is {os.getloadavg()[0]:.1f}\n")
        out.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else _SECONDS)
