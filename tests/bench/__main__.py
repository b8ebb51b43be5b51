"""`make bench`: one question to a file of access lines, as ratios measured in this very run.

Which requests ended in a 5xx? Asked of 1 M JSON access lines (or as many as the first argument says), each
answer as JSON lines. lnav is measured where it is installed (Debian: `apt-get install lnav`), with a format for
these lines, and as the filter of text that it is without one. Wall times include the start of the process; the
contenders take turns, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.access_lines import write_lines

_RUNS: Final = 3
_ROWS: Final = 1_000_000
_OURS: Final = "apigw-tui requests"
_BARE: Final = "bare Polars"
_COLUMNS: Final = ("status", "httpMethod", "resourcePath", "responseLatency", "requestId")
_BARE_PROGRAM: Final = f"""\
import sys, polars as pl
frame = pl.read_ndjson(sys.argv[1])
failed = frame.filter(pl.col("status").cast(pl.Int64) >= 500)
failed.select("requestTimeEpoch", *{_COLUMNS}).write_ndjson(sys.stdout.buffer)
"""
_LNAV_FORMAT: Final = {
    "apigw_access": {
        "title": "API Gateway access",
        "json": True,
        "hide-extra": True,
        "timestamp-field": "requestTimeEpoch",
        "timestamp-divisor": 1000,
        "line-format": [{"field": "__timestamp__"}, *({"field": name} for name in _COLUMNS)],
        "value": {name: {"kind": "integer" if name == "status" else "string"} for name in _COLUMNS},
    }
}
_LNAV_QUESTION: Final = f";SELECT log_time, {', '.join(_COLUMNS)} FROM apigw_access WHERE status >= 500"  # noqa: S608


@dataclass(frozen=True)
class Run:
    """What one run of a command took: seconds of wall and processor time, and the most memory it held."""

    wall: float
    processor: float
    memory_mb: float


def run(command: Sequence[str]) -> Run:
    """Run a command, its output thrown away."""
    start = time.perf_counter()
    null = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=null, stdout=null, stderr=null)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def contenders(path: Path, folder: Path) -> dict[str, Sequence[str]]:
    """The commands by their names; lnav's where it is installed."""
    program = [sys.executable, "-m", "apigw_tui"]
    found: dict[str, Sequence[str]] = {
        _OURS: [*program, "requests", str(path), "-q", "status>=500", "-o", "ndjson"],
        "apigw-tui events": [*program, "events", str(path), "-q", "status>=500", "-o", "ndjson"],
        "apigw-tui stats": [*program, "stats", str(path), "-o", "json"],
        _BARE: [sys.executable, "-c", _BARE_PROGRAM, str(path)],
    }
    lnav = shutil.which("lnav")
    if lnav:
        settings = folder / "lnav"
        (settings / "formats" / "apigw").mkdir(parents=True)
        (settings / "formats" / "apigw" / "apigw.json").write_text(json.dumps(_LNAV_FORMAT), encoding="utf-8")
        asked = ["-c", _LNAV_QUESTION, "-c", ":write-jsonlines-to -"]
        found["lnav, its SQL"] = [lnav, "-I", str(settings), "-n", *asked, str(path)]
        found["lnav, text filter"] = [lnav, "-n", "-c", ':filter-in "status":"5', str(path)]
    return found


def best(runs: Sequence[Run]) -> Run:
    """The least of each figure."""
    return Run(*(min(getattr(one, name) for one in runs) for name in ("wall", "processor", "memory_mb")))


def main(rows: int) -> None:
    """Measure and print."""
    out = sys.stdout
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        write_lines(path, rows)
        commands = contenders(path, Path(folder))
        out.write(f"5xx of {rows:,} access lines, {path.stat().st_size / 1e6:.0f} MB, best of {_RUNS} in turns\n")
        out.write(f"{'':<20} {'wall':>8} {'CPU':>8} {'memory':>9}   ÷ {_BARE}   ÷ {_OURS}\n")
        runs = [{name: run(command) for name, command in commands.items()} for _ in range(_RUNS)]
    measured = {name: best([each[name] for each in runs]) for name in commands}
    for name, figures in measured.items():
        to_bare, to_ours = (figures.wall / measured[other].wall for other in (_BARE, _OURS))
        out.write(
            f"{name:<20} {figures.wall:6.2f} s {figures.processor:6.2f} s {figures.memory_mb:6.0f} MB"
            f"   {to_bare:11.2f}   {to_ours:18.2f}\n"
        )
    if not shutil.which("lnav"):
        out.write("lnav is not installed: nothing to compare with but bare Polars.\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _ROWS)
