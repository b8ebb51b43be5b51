"""`python -m tests.bench.start [ROUNDS]`: how long until the explorer's panes are drawn, and an empty application.

Both are started in turn on a pseudo-terminal. Medians of wall time, and of the processor time that the program had used
by then, in steps of 10 ms; of the explorer also when its first rows are drawn.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from tests.bench.access_lines import write_lines
from tests.bench.keys import EMPTY, Terminal, terminal

_ROUNDS: Final = 9
_ROWS: Final = 2_000
_USER_AND_SYSTEM: Final = slice(11, 13)
_Figures = tuple[float, float]


def reached(program: Terminal, text: str) -> _Figures:
    """Milliseconds of wall and of processor time until this is on the screen."""
    wall = program.wait_for(text)
    fields = Path(f"/proc/{program.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    ticks = sum(int(value) for value in fields[_USER_AND_SYSTEM])
    return wall * 1000, ticks * 1000 / os.sysconf("SC_CLK_TCK")


def middle(figures: Sequence[_Figures]) -> _Figures:
    """The median of each of both."""
    wall, processor = zip(*figures, strict=True)
    return median(wall), median(processor)


def main(rounds: int) -> None:
    """Measure and print."""
    empty, panes, rows = list[_Figures](), list[_Figures](), list[_Figures]()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        write_lines(path, _ROWS)
        for _ in range(rounds):
            with terminal(["-c", EMPTY]) as program:
                empty.append(reached(program, "ready"))
            with terminal(["-m", "apigw_tui", str(path)]) as program:
                panes.append(reached(program, "Stages"))
                rows.append(reached(program, "GET"))
    floor = middle(empty)
    for name, (wall, processor) in {
        "an empty application": floor,
        "the explorer's panes": middle(panes),
        "its first rows": middle(rows),
    }.items():
        sys.stdout.write(
            f"{name:<21} {wall:5.0f} ms ({wall / floor[0]:.1f} ×)   {processor:5.0f} ms of processor time"
            f" ({processor / floor[1]:.1f} ×)\n"
        )
    sys.stdout.write(f"medians of {rounds} rounds; load {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _ROUNDS)
