"""Key latency of the explorer on a real pseudo-terminal: `python -m tests.bench.keys [ROWS ...]`.

A key is timed from the byte that is written to the first byte that comes back. The same keys go to an application
of Textual that shows one line: its latency is the floor. While the file loads, the list repaints by itself, so that
the first byte may answer something else: read the largest figures there, not the median.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyte

from tests.bench.access_lines import write_lines

COLUMNS, ROWS = 200, 50
_QUIET_S: Final = 0.05
_SHORT_S: Final = 0.01
_PATIENCE_S: Final = 120.0
_BLOCK: Final = 1 << 16
_ATTACH: Final = """\
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
EMPTY: Final = """\
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static("ready")

    def on_key(self, event):
        self.query_one(Static).update(f"{event.time}")

Empty().run()
"""
_KEYS: Final = {"up": "k", "page up": "\x1b[5~", "page down": "\x1b[6~", "first / last": "gG"}
_WORD: Final = "29004"
_PRESSES: Final = {"up": 300, "page up": 100, "page down": 100, "first / last": 40}


@dataclass
class Figures:
    """What was measured of one program: seconds by name, and resident memory."""

    first_byte: float = 0.0
    first_rows: float = 0.0
    loaded: float = 0.0
    memory_mb: float = 0.0
    latencies: dict[str, list[float]] = field(default_factory=dict)
    unanswered: int = 0
    search: float = 0.0


class Terminal:
    """A program on a pty."""

    def __init__(self, words: Sequence[str], home: Path, more: Mapping[str, str] | None = None) -> None:
        self._master, side = pty.openpty()
        termios.tcsetwinsize(self._master, (ROWS, COLUMNS))
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SSH_", "AWS_", "NO_COLOR"))},
            **{f"XDG_{name}_HOME": str(home) for name in ("CONFIG", "STATE", "CACHE")},
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "HOME": str(home),
            "AWS_EC2_METADATA_DISABLED": "true",
            **(more or {}),
        }
        self.started = time.perf_counter()
        self.process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-c", _ATTACH, *words],
            stdin=side,
            stdout=side,
            stderr=side,
            env=environ,
            start_new_session=True,
        )
        os.close(side)
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._unseen = b""

    @property
    def text(self) -> str:
        """What is on the screen."""
        unseen, self._unseen = self._unseen, b""
        self._stream.feed(unseen)
        return "\n".join(self._screen.display)

    def read(self, timeout: float) -> bool:
        """Take what the program wrote; False when it was silent for that long."""
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        self._unseen += os.read(self._master, _BLOCK)
        return True

    def settle(self, quiet: float = _QUIET_S) -> None:
        """Read until nothing comes any more."""
        until = time.perf_counter() + _PATIENCE_S
        while self.read(quiet) and time.perf_counter() < until:
            pass

    def wait_for(self, text: str) -> float:
        """Seconds from the start until this is on the screen."""
        until = time.perf_counter() + _PATIENCE_S
        while text not in self.text:
            if time.perf_counter() > until or not self.read(_PATIENCE_S):
                raise TimeoutError(f"{text!r} did not come")
        return time.perf_counter() - self.started

    def echo(self, text: str, *, timeout: float) -> float | None:
        """Seconds from typing a text to its coming back; None when it did not. `text` does not show what it read."""
        typed, sought, said = time.perf_counter(), text.encode(), b""
        os.write(self._master, sought)
        while (left := typed + timeout - time.perf_counter()) > 0 and sought not in said:
            if self.read(left):
                said, self._unseen = said + self._unseen, b""
        return time.perf_counter() - typed if sought in said else None

    def signs(self, key: str, wanted: Sequence[bytes], *, timeout: float) -> list[float | None]:
        """Seconds from a key to each of some bytes, up to the last of them; None for what did not come."""
        pressed, said = time.perf_counter(), b""
        found: list[float | None] = [None] * len(wanted)
        os.write(self._master, key.encode())
        while found[-1] is None and (left := pressed + timeout - time.perf_counter()) > 0:
            before = len(self._unseen)
            if self.read(left):
                said += self._unseen[before:]
                now = time.perf_counter() - pressed
                found = [now if at is None and sign in said else at for at, sign in zip(found, wanted, strict=True)]
        return found

    def drop(self, seconds: float) -> None:
        """Read for so long, and forget what came."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.read(left)
        self._unseen = b""

    def press(self, key: str, *, timeout: float = 1.0) -> float | None:
        """Seconds from a key to the first byte of the answer; None when there was none."""
        pressed = time.perf_counter()
        os.write(self._master, key.encode())
        return time.perf_counter() - pressed if self.read(timeout) else None

    @property
    def memory_mb(self) -> float:
        """Resident memory, from the kernel."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self) -> None:
        """End the program."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)


@contextmanager
def terminal(words: Sequence[str], more: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """A program on a pty with a home of its own, and more in its environment."""
    with tempfile.TemporaryDirectory() as home:
        started = Terminal(words, Path(home), more)
        try:
            yield started
        finally:
            started.close()


def measure_explorer(path: Path, rows: int) -> Figures:
    """Start-up, keys while it loads and keys once it has loaded."""
    figures = Figures()
    loaded = f" {rows:,} ".replace(",", " ")
    with terminal(["-m", "apigw_tui", str(path)]) as program:
        program.read(_PATIENCE_S)
        figures.first_byte = time.perf_counter() - program.started
        figures.first_rows = program.wait_for("GET")
        while loaded not in program.text:
            press(figures, program, "while loading", "k")
            program.settle(_SHORT_S)
            if time.perf_counter() - program.started > _PATIENCE_S:
                raise TimeoutError(program.text)
        figures.loaded = time.perf_counter() - program.started
        program.settle(0.5)
        time.sleep(2.5)
        program.settle()
        for name, keys in _KEYS.items():
            for number in range(_PRESSES[name]):
                press(figures, program, name, keys if keys.startswith("\x1b") else keys[number % len(keys)])
                program.settle()
        figures.memory_mb = program.memory_mb
        measure_search(figures, program)
    return figures


def measure_search(figures: Figures, program: Terminal) -> None:
    """How long a search for text takes, which has to look at every event; reading the screen here is part of it."""
    assert " of " not in program.text
    for key in f'/"{_WORD}"':
        program.press(key)
        program.settle()
    asked = time.perf_counter()
    program.press("\r")
    while " of " not in program.text and time.perf_counter() - asked < _PATIENCE_S:
        program.read(_SHORT_S)
    figures.search = time.perf_counter() - asked


def measure_empty() -> Figures:
    """The floor: an application that changes one line."""
    figures = Figures()
    with terminal(["-c", EMPTY]) as program:
        program.read(_PATIENCE_S)
        figures.first_byte = time.perf_counter() - program.started
        figures.first_rows = program.wait_for("ready")
        program.settle(0.5)
        for _ in range(_PRESSES["up"]):
            press(figures, program, "up", "k")
            program.settle()
        figures.memory_mb = program.memory_mb
    return figures


def press(figures: Figures, program: Terminal, name: str, key: str) -> None:
    """Press a key and note how long the answer took."""
    seconds = program.press(key)
    if seconds is None:
        figures.unanswered += 1
    else:
        figures.latencies.setdefault(name, []).append(seconds)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def report(measured: dict[str, Figures], write: Callable[[str], object]) -> None:
    """Print milliseconds and what they are to the first one measured."""
    base = next(iter(measured.values()))
    for name, figures in measured.items():
        write(
            f"{name}: first byte {figures.first_byte:.2f} s, first rows {figures.first_rows:.2f} s, "
            f"loaded {figures.loaded:.2f} s, {figures.memory_mb:.0f} MB, "
            f"search at most {figures.search:.2f} s, {figures.unanswered} keys unanswered\n"
        )
        for key, values in figures.latencies.items():
            floor = quantile(base.latencies.get(key) or base.latencies["up"], 0.5)
            p50, p99 = quantile(values, 0.5), quantile(values, 0.99)
            write(
                f"  {key:<14} p50 {p50 * 1000:6.1f} ms  p99 {p99 * 1000:6.1f} ms  max {max(values) * 1000:6.1f} ms"
                f"  {p50 / floor:5.2f} × p50 of {next(iter(measured))}  ({len(values)} keys)\n"
            )


def main(words: Sequence[str]) -> None:
    """Measure the empty application and the explorer on each number of rows."""
    measured = {"empty application": measure_empty()}
    with tempfile.TemporaryDirectory() as folder:
        for rows in [int(word) for word in words] or [100_000, 1_000_000]:
            path = Path(folder) / f"{rows}.log"
            write_lines(path, rows)
            measured[f"{rows:,} rows"] = measure_explorer(path, rows)
    report(measured, sys.stdout.write)


if __name__ == "__main__":
    main(sys.argv[1:])
