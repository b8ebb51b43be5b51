"""`python -m tests.bench.scale [ROWS ...]`: the explorer on files of any size, as a table of Markdown.

What a reader waits for: the first paint, the load, keys while it loads and after it, a filter's first screen and its
end, jumps; and what more events cost a store that is full. In the same run, on the same files: ripgrep, lnav,
goaccess and toolong, where they are installed (APIGW_TUI_BENCH_BIN names a folder to look in first). Times are of
real pseudo-terminals and whole processes; the machine's load is printed, read ratios rather than digits.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench.access_lines import write_common_lines, write_lines
from tests.bench.keys import Figures, Terminal, measure_empty, press, quantile, terminal
from tests.bench.programs import find

_SIZES: Final = (100_000, 1_000_000)
_MOST_FOR_GOACCESS: Final = 1_000_000
_PATIENCE_S: Final = 900.0
_SHORT_S: Final = 0.01
_SETTLED_S: Final = 3.0
_BETWEEN_S: Final = 0.03
_PRESSES: Final = 100
_JUMPS: Final = 10
_SEARCHES: Final = {"status>=500": "filter by status", '"00029004"': "search for text"}
_KEYS: Final = {"row up": "k", "page up": "\x1b[5~", "page down": "\x1b[6~"}
_SEARCHED_S: Final = 6.0
_TAKEN_BACK: Final = ("/", "\x15", "\r")


@dataclass
class Row:
    """One line of the table: seconds or megabytes by column, None where it was not measured."""

    name: str
    values: dict[str, float | None] = field(default_factory=dict)


def measure_explorer(path: Path, rows: int) -> Row:
    """The explorer on a file: start, load, keys, filters, jumps."""
    figures, row = Figures(), Row(f"apigw-tui, {rows:,} events")
    with terminal(["-m", "apigw_tui", str(path)]) as program:
        program.read(_PATIENCE_S)
        row.values["first paint"] = time.perf_counter() - program.started
        row.values["explorer"] = program.wait_for("METHOD")
        row.values["first rows"] = program.wait_for("GET")
        _load(program, rows, figures)
        row.values["loaded"] = time.perf_counter() - program.started
        _listen(program, _SETTLED_S)
        for name, key in _KEYS.items():
            for _ in range(_PRESSES):
                press(figures, program, name, key)
                program.settle()
        for number in range(_JUMPS):
            press(figures, program, "jump to an end", "gG"[number % 2])
            program.settle()
        row.values["memory"] = program.memory_mb
        for query, name in _SEARCHES.items():
            row.values[f"{name}: first screen"], row.values[f"{name}: complete"] = _search(program, query)
    for name, values in figures.latencies.items():
        row.values[f"{name} p50"] = quantile(values, 0.5)
        row.values[f"{name} p99"] = quantile(values, 0.99)
    return row


def _load(program: Terminal, rows: int, figures: Figures) -> None:
    """Press keys until all is loaded."""
    loaded = f" {rows:,} ".replace(",", " ")
    until = time.perf_counter() + _PATIENCE_S
    while loaded not in program.text:
        press(figures, program, "key while loading", "k")
        _listen(program, _BETWEEN_S)
        if time.perf_counter() > until:
            raise TimeoutError(program.text)


def _search(program: Terminal, query: str) -> tuple[float, float]:
    """Seconds from the last letter of a query until a first count is there, and until all was searched.

    The list follows every letter: what the letters before the last one ask for is given the time to be found.
    """
    program.press("/")
    _listen(program, 0.2)
    for key in query[:-1]:
        program.press(key)
        _listen(program, _BETWEEN_S)
    _listen(program, _SEARCHED_S)
    partly, whole = program.signs(query[-1], (b" searched", b" of "), timeout=_PATIENCE_S)
    if whole is None:
        raise TimeoutError(program.text)
    _listen(program, 0.3)
    for key in ("\r", *_TAKEN_BACK):
        program.press(key)
        _listen(program, 0.3)
    return whole if partly is None else min(partly, whole), whole


def _listen(program: Terminal, seconds: float) -> None:
    """Let the program write for so long."""
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0:
        program.read(left)


_APPENDING: Final = """\
import resource, sys, time, threading
from pathlib import Path
from apigw_tui.core.query import parse
from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import Viewer
from apigw_tui.sources.base import Batch
from apigw_tui.sources.files import FileSource
from apigw_tui.sources.spill_folder import SpillFolder

source = FileSource([sys.argv[1]])
store = EventStore(source.formats, max_memory=1_000_000_000, shelf=SpillFolder(Path(sys.argv[2])))
viewer, ever, query = Viewer(store.formats), TimeRange(0, None), parse("status>=500")
began = time.perf_counter()
for update in source.backfill(ever, threading.Event()):
    if isinstance(update, Batch):
        store.append(update.events)
loaded = time.perf_counter() - began
viewer.requests(store.snapshot(), query, ever)
took = []
more = [update.events.head(5_000) for update in FileSource([sys.argv[3]]).backfill(ever, threading.Event())
        if isinstance(update, Batch)]
for batch in more:
    began = time.perf_counter()
    store.append(batch)
    viewer.requests(store.snapshot(), query, ever)
    took.append(time.perf_counter() - began)
print(loaded, sorted(took)[len(took) // 2], max(took), store.events.cold)
"""


def measure_appending(path: Path, rows: int, folder: Path) -> Row:
    """What 5 000 more events cost the store and a filtered view of it, without a screen."""
    more = folder / "more.log"
    write_lines(more, 500_000, start=rows)
    words = [sys.executable, "-c", _APPENDING, str(path), str(folder / "spill"), str(more)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - ourselves
    row = Row(f"the store alone, {rows:,} events")
    row.values |= {"loaded": float(said[0]), "5 000 more p50": float(said[1]), "5 000 more max": float(said[2])}
    return row


def measure_viewer(name: str, program_name: str, path: Path) -> Row | None:
    """Another program that shows a file: start, keys, memory. It is given time until it is silent."""
    found = find(program_name)
    if found is None:
        return None
    row, figures = Row(name), Figures()
    script = f"import os, sys; os.execv({found!r}, [{found!r}, *sys.argv[1:]])"
    with terminal(["-c", script, str(path)]) as program:
        program.read(_PATIENCE_S)
        row.values["first paint"] = time.perf_counter() - program.started
        row.values["first rows"] = program.wait_for("GET")
        program.settle(1.0)
        for key_name, key in _KEYS.items():
            for _ in range(_PRESSES // 4):
                press(figures, program, key_name, key)
                program.settle()
        row.values["memory"] = program.memory_mb
    for key_name, values in figures.latencies.items():
        row.values[f"{key_name} p50"], row.values[f"{key_name} p99"] = quantile(values, 0.5), quantile(values, 0.99)
    return row


def measure_command(name: str, words: Sequence[str], column: str) -> Row | None:
    """Another program that answers and exits; its time counts for the column that it is to be compared with."""
    found = find(words[0])
    if found is None:
        return None
    began = time.perf_counter()
    null = subprocess.DEVNULL
    subprocess.run([found, *words[1:]], stdin=null, stdout=null, stderr=null, check=False)  # noqa: S603 - asked for
    return Row(name, {column: time.perf_counter() - began})


def peers(path: Path, rows: int, folder: Path) -> Iterator[Row]:
    """Whoever is installed, on the same file."""
    for name, program in {"lnav": "lnav", "toolong": "tl"}.items():
        shown = measure_viewer(f"{name}, {rows:,}", program, path)
        if shown is not None:
            yield shown
    questions: Mapping[str, Sequence[str]] = {
        "ripgrep -c 5xx": ["rg", "-c", '"status":"5', str(path)],
        "lnav -n :filter-in 5xx": ["lnav", "-n", "-c", ':filter-in "status":"5', str(path)],
    }
    for name, words in questions.items():
        asked = measure_command(f"{name}, {rows:,}", words, "filter by status: complete")
        if asked is not None:
            yield asked
    if find("goaccess") is not None and rows <= _MOST_FOR_GOACCESS:
        common = folder / "common.log"
        write_common_lines(common, rows)
        report = str(folder / "report.json")
        words = ["goaccess", str(common), "--log-format=COMBINED", "-o", report, "--no-progress"]
        told = measure_command(f"goaccess report, {rows:,} as CLF", words, "loaded")
        if told is not None:
            yield told


def table(rows: Sequence[Row], floor: Row) -> Iterator[str]:
    """Lines of Markdown: each column a program; times in ms with what they are to the floor, where that has any."""
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    yield f"| | {' | '.join(row.name for row in rows)} |"
    yield f"|---|{'---:|' * len(rows)}"
    for name in names:
        cells = (_cell(name, row.values.get(name), floor.values.get(name)) for row in rows)
        yield f"| {name} | {' | '.join(cells)} |"


def _cell(name: str, value: float | None, floor: float | None) -> str:
    if value is None:
        return ""
    if name == "memory":
        return f"{value:.0f} MB"
    text = f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"
    return f"{text} ({value / floor:.1f} ×)" if floor else text


def main(sizes: Sequence[int]) -> None:
    """Measure and print."""
    out = sys.stdout
    empty = measure_empty()
    floor = Row("an empty application")
    latencies = empty.latencies["up"]
    floor.values = {"first paint": empty.first_byte, "first rows": empty.first_rows, "memory": empty.memory_mb}
    floor.values |= {"row up p50": quantile(latencies, 0.5), "row up p99": quantile(latencies, 0.99)}
    for rows in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            path = folder / "access.log"
            write_lines(path, rows)
            found = [floor, measure_explorer(path, rows), measure_appending(path, rows, folder)]
            found += peers(path, rows, folder)
            out.write(f"\n{rows:,} JSON access lines, {path.stat().st_size / 1e6:.0f} MB; ")
            out.write(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; × is to an empty application\n\n")
            out.writelines(f"{line}\n" for line in table(found, floor))
            out.flush()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    out.write(f"\n{used.ru_utime + used.ru_stime:.0f} s of processor time\n")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or _SIZES)
