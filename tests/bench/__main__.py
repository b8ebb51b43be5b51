"""`make bench`: one-shot questions to a file of access lines, as ratios measured in this very run.

lnav is measured where it is installed (Debian: `apt-get install lnav`). Wall times include process start.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
RUNS = 3
START = 1_790_000_000_000
ROUTES = ("/orders", "/orders/{id}", "/orders/{id}/items", "/products/{sku}", "/search", "/carts/{id}")
BARE = """
import sys, polars as pl
frame = pl.read_ndjson(sys.argv[1])
failed = frame.filter(pl.col("status").cast(pl.Int64) >= 500)
columns = ["requestTimeEpoch", "status", "httpMethod", "resourcePath", "responseLatency", "requestId"]
failed.select(columns).write_ndjson(sys.stdout.buffer)
"""


@dataclass(frozen=True)
class Contender:
    """A command that answers the question, or None where it is not installed."""

    name: str
    command: Sequence[str] | None


def write_lines(path: Path, rows: int) -> None:
    """JSON access lines of a shop, one in fifty a 5xx."""
    dice = random.Random(7)  # noqa: S311 - test data
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            status = 504 if dice.random() < 0.02 else 200
            latency = 29_004 if status == 504 else dice.randint(4, 400)
            file.write(
                f'{{"requestId":"{uuid.UUID(int=dice.getrandbits(128))}","ip":"203.0.113.{number % 250}",'
                f'"requestTimeEpoch":"{START + number * 20}","httpMethod":"GET","resourcePath":"{ROUTES[number % 6]}",'
                f'"path":"/prod{ROUTES[number % 6]}","status":"{status}","protocol":"HTTP/1.1","responseLength":"512",'
                f'"responseLatency":"{latency}","integrationLatency":"{latency - 3}",'
                f'"userAgent":"shop-app/4.2 (Android 14)",'
                f'"xrayTraceId":"Root=1-{number:08x}-{number:024x}"}}\n'
            )


def best_of(command: Sequence[str]) -> float:
    """The least wall time of a few runs of a command."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    out = sys.stdout
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        write_lines(path, ROWS)
        program = [sys.executable, "-m", "apigw_tui"]
        lnav = shutil.which("lnav")
        question = ';SELECT log_line, log_body FROM all_logs WHERE log_body LIKE \'%"status":"5%\''
        contenders = (
            Contender("apigw-tui requests", [*program, "requests", str(path), "-q", "status>=500", "-o", "ndjson"]),
            Contender("apigw-tui stats", [*program, "stats", str(path), "-o", "json"]),
            Contender("bare Polars", [sys.executable, "-c", BARE, str(path)]),
            Contender("lnav filter", (lnav and [lnav, "-n", "-c", ':filter-in "status":"5', str(path)]) or None),
            Contender("lnav SQL", (lnav and [lnav, "-n", "-c", question, str(path)]) or None),
        )
        out.write(f"5xx of {ROWS:,} access lines, {path.stat().st_size / 1e6:.0f} MB, best of {RUNS}\n")
        measured: dict[str, float] = {}
        for contender in contenders:
            if contender.command is None:
                out.write(f"{contender.name:<20} not installed\n")
                continue
            measured[contender.name] = best_of(contender.command)
        ours = measured["apigw-tui requests"]
        for name, seconds in measured.items():
            out.write(f"{name:<20} {seconds:6.2f} s   {seconds / ours:5.2f} × apigw-tui requests\n")


if __name__ == "__main__":
    main()
