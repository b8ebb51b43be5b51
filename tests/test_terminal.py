"""The explorer on a real terminal: it starts on the demo, copies, quits, and leaves the terminal as it was."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

COLUMNS, ROWS = 120, 36
PATIENCE_S = 60
"""Not a measure of speed: only so that a hang ends."""


class Terminal:
    """A program on a pty, and the screen that its output makes."""

    def __init__(self, words: list[str], environ: dict[str, str]) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self.process = pexpect.spawn(
            sys.executable, ["-m", "apigw_tui", *words], dimensions=(ROWS, COLUMNS), env=environ, timeout=5
        )

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def read(self) -> bool:
        """Take what the program wrote; False when it has ended."""
        try:
            chunk = self.process.read_nonblocking(65_536, timeout=0.2)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.output += chunk
        self._stream.feed(chunk)
        return True

    def wait_for(self, condition: Callable[[str], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition(self.text):
            assert self.read(), f"the program ended before {what}:\n{self.text}"
            assert time.monotonic() < deadline, f"no {what}:\n{self.text}"

    def press(self, keys: str) -> None:
        self.process.send(keys)

    def end(self) -> int:
        deadline = time.monotonic() + PATIENCE_S
        while self.read():
            assert time.monotonic() < deadline, f"it did not end:\n{self.text}"
        self.process.close()
        status: int = self.process.exitstatus
        return status


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
    }

    def start(*words: str) -> Terminal:
        started.append(Terminal([*words], environ))
        return started[-1]

    yield start
    for each in started:
        each.process.close(force=True)


def test_from_the_demo_to_a_copied_request_id_and_back_to_the_shell(terminal: Callable[..., Terminal]) -> None:
    shop = terminal("orders/prod", "--demo", "--tz", "utc")
    shop.wait_for(lambda text: "LIVE" in text and "DEMO" in text and " 5xx" in text, "live demo")
    shop.wait_for(lambda text: re.search(r"[✗!·→] [2345]\d\d", text), "row")
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


def test_a_terminal_of_80_by_24_is_enough(terminal: Callable[..., Terminal]) -> None:
    shop = terminal("orders/prod", "--demo")
    shop.process.setwinsize(24, 80)
    shop.screen.resize(24, 80)
    shop.wait_for(lambda text: "LIVE" in text and "DEMO" in text, "live demo")
    shop.press("q")
    assert shop.end() == 0
