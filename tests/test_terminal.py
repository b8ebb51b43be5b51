"""The explorer on a real terminal: it starts on the demo, copies, quits, and leaves the terminal as it was."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pyte
import pytest

COLUMNS, ROWS = 120, 36
PATIENCE_S = 60
"""Not a measure of speed: only so that a hang ends."""

_ATTACH = """\
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Takes the pty as its terminal, then becomes the program. To fork here instead could deadlock: there are threads."""


_PIPED = """\
import os, subprocess, sys
read, write = os.pipe()
program = subprocess.Popen([sys.executable, "-m", "apigw_tui", *sys.argv[1:]], stdout=write)
os.close(write)
picked = os.fdopen(read).read()
program.wait()
sys.stderr.write(f"PICKED<{picked}>")
"""
"""What a shell does for `id=$(apigw-tui …)`: only stdout is a pipe."""


class Terminal:
    """A program on a pty, and the screen that its output makes. Every wait ends."""

    def __init__(self, words: list[str], environ: dict[str, str], script: str | None = None) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self._master, program_side = pty.openpty()
        termios.tcsetwinsize(self._master, (ROWS, COLUMNS))
        self.modes = termios.tcgetattr(self._master)
        self.process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-c", _ATTACH, *(("-m", "apigw_tui") if script is None else ("-c", script)), *words],
            stdin=program_side,
            stdout=program_side,
            stderr=program_side,
            env=environ,
            start_new_session=True,
        )
        os.close(program_side)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def resize(self, columns: int, rows: int) -> None:
        termios.tcsetwinsize(self._master, (rows, columns))
        self.screen.resize(rows, columns)

    def read(self) -> bool:
        """Take what the program wrote; False when it has ended."""
        if not select.select([self._master], [], [], 0.2)[0]:
            return self.process.poll() is None
        try:
            chunk = os.read(self._master, 65_536)
        except OSError:  # no program has the other side open
            return False
        self.output += chunk
        self._stream.feed(chunk)
        return bool(chunk)

    def wait_for(self, condition: Callable[[str], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition(self.text):
            assert self.read(), f"the program ended before {what}:\n{self.text}"
            assert time.monotonic() < deadline, f"no {what}:\n{self.text}"

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def end(self) -> int:
        """Read until the program has ended; its exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self.read():
            assert time.monotonic() < deadline, f"it did not end:\n{self.text}"
        return self.process.wait(PATIENCE_S)

    def has_its_modes_back(self) -> bool:
        return termios.tcgetattr(self._master) == self.modes

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)
        os.close(self._master)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    started: list[Terminal] = []
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SSH_", "AWS_", "NO_COLOR"))},
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
        "SSH_TTY": "/dev/pts/9",
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    def start(*words: str, script: str | None = None) -> Terminal:
        started.append(Terminal([*words], environ, script))
        return started[-1]

    yield start
    for each in started:
        each.close()


def test_from_the_demo_to_a_copied_request_id_and_back_to_the_shell(terminal: Callable[..., Terminal]) -> None:
    shop = terminal("orders/prod", "--demo", "--tz", "utc")
    shop.wait_for(lambda text: "LIVE" in text and "DEMO" in text and " 5xx" in text, "live demo")
    shop.wait_for(lambda text: re.search(r"✗ 5xx +[1-9]", text), "5xx")
    shop.press("E")
    shop.press("\r")
    shop.wait_for(lambda text: "Next" in text and "evidence" in text, "story with evidence")
    shop.press("c")
    shop.wait_for(lambda text: "copied" in text and "OSC 52" in text, "report of the copy")
    assert b"\x1b]52;c;" in shop.output
    shop.press("q")
    assert shop.end() == 0
    assert shop.output.rstrip().endswith(b"\x1b[?25h") or b"\x1b[?25h" in shop.output[-400:]
    assert b"\x1b[?1049l" in shop.output[-2_000:]
    assert shop.has_its_modes_back()


def test_hostile_log_text_never_reaches_the_terminal_as_control(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    path = tmp_path / "hostile.log"
    request = "5b1f7c9e-8a52-4a0e-9d53-0c2f1f6f7a11"
    path.write_text(
        f'{{"requestId":"{request}","httpMethod":"GET","path":"/\x1b]0;owned\x07","status":"504",'
        f'"userAgent":"[red]x[/] \u202e\x9b31m"}}\n'
        f"({request}) Execution failed due to a timeout error \x1b]52;c;b3duZWQ=\x07\x1b[2J\n",
        encoding="utf-8",
    )
    reader = terminal(str(path))
    reader.wait_for(lambda text: "504" in text, "row")
    reader.press("\r")
    reader.wait_for(lambda text: "evidence" in text, "story")
    reader.press("q")
    assert reader.end() == 0
    for hostile in (b"\x1b]0;owned", b"b3duZWQ=\x07", "\u202e".encode(), "\x9b".encode()):
        assert hostile not in reader.output


def test_a_query_typed_ahead_of_the_screen_reaches_the_query_bar(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    path = tmp_path / "access.log"
    lines = [
        f'{{"requestId":"5b1f7c9e-8a52-4a0e-9d53-{number:012d}","httpMethod":"GET","path":"/a","status":"{status}"}}\n'
        for number, status in enumerate((200, 504, 200))
    ]
    path.write_text("".join(lines), encoding="utf-8")
    reader = terminal(str(path))
    reader.wait_for(lambda text: "504" in text, "rows")
    reader.press("/status:5xx\r")
    reader.wait_for(lambda text: "1 of 3" in text, "rows that match")
    reader.press("q")
    assert reader.end() == 0


def test_a_terminal_of_80_by_24_is_enough(terminal: Callable[..., Terminal]) -> None:
    shop = terminal("orders/prod", "--demo")
    shop.resize(80, 24)
    shop.wait_for(lambda text: "LIVE" in text and "DEMO" in text, "live demo")
    shop.press("q")
    assert shop.end() == 0


def test_the_picked_id_is_all_that_comes_out_of_a_pipe(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    request = "5b1f7c9e-8a52-4a0e-9d53-0c2f1f6f7a11"
    path = tmp_path / "access.log"
    path.write_text(f'{{"requestId":"{request}","httpMethod":"GET","status":"504"}}\n', encoding="utf-8")
    picker = terminal(str(path), script=_PIPED)
    picker.wait_for(lambda text: "504" in text and "copy id" in text, "list on the terminal")
    picker.press("Q")
    picker.end()
    assert f"PICKED<{request}\n>".encode() in picker.output.replace(b"\r\n", b"\n")
