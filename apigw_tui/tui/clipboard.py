"""The clipboard, by whichever route reaches it: the system's, the terminal's (OSC 52), or a file.

Over SSH the system's clipboard is the wrong machine's, so the terminal is asked. No route can hang the caller
longer than its time-out.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Route = Literal["clipboard", "osc52", "osc52-tmux", "osc52-screen", "file"]

LARGEST_OSC52: Final = 74_994
"""Base64 bytes that terminals accept in one OSC 52 sequence; some drop longer ones without a word."""

_ESC: Final = "\x1b"
_BEL: Final = "\x07"
_STRING_END: Final = "\x1b\\"
_SCREEN_CHUNK: Final = 250  # GNU screen cuts a control string at 256 bytes in old versions, 768 in new ones
_MUTE_TERMINALS: Final = ("", "dumb", "linux", "unknown")
_NATIVE_COPY: Final = (
    "import sys, pyperclip; pyperclip.copy(sys.stdin.buffer.read().decode('utf-8', 'surrogateescape'))"
)
_FILE_NAME: Final = "copied.txt"
_SENTENCES: Final[dict[Route, str]] = {
    "clipboard": "to the clipboard",
    "osc52": "to the clipboard, OSC 52",
    "osc52-tmux": "to the clipboard, OSC 52 through tmux",
    "osc52-screen": "to the clipboard, OSC 52 through screen",
}


@dataclass(frozen=True)
class CopyReport:
    """Where a copy went: `detail` completes the sentence `copied … <detail>`; `path` for files."""

    route: Route
    detail: str
    path: Path | None = None
    ok: bool = True


def copy(
    text: str,
    *,
    environ: Mapping[str, str],
    write: Callable[[str], None],
    timeout: float = 2.0,
    directory: Path | None = None,
) -> CopyReport:
    """Put text where it can be pasted and say where that is.

    `write` sends a control sequence to the terminal; `timeout`, in seconds, bounds the system's clipboard
    program; `directory` is where the file of last resort goes. Blocks up to `timeout`: not for the UI thread.
    """
    if not _over_ssh(environ) and _copied_natively(text, environ, timeout):
        return CopyReport("clipboard", _SENTENCES["clipboard"])
    route = terminal_route(environ)
    if route is not None and _copied_by_terminal(text, route, write):
        return CopyReport(route, _SENTENCES[route])
    return _saved(text, directory or platformdirs.user_state_path("apigw-tui"))


def expected_route(environ: Mapping[str, str]) -> str:
    """Say before a copy how it will travel, for the foot of the copy menu."""
    if not _over_ssh(environ):
        return "clipboard of this machine"
    match terminal_route(environ):
        case "osc52":
            return "clipboard: OSC 52"
        case "osc52-tmux":
            return "clipboard: OSC 52 through tmux"
        case "osc52-screen":
            return "clipboard: OSC 52 through screen"
        case _:
            return "to a file: this terminal has no clipboard"


def terminal_route(environ: Mapping[str, str]) -> Literal["osc52", "osc52-tmux", "osc52-screen"] | None:
    """How OSC 52 reaches the outer terminal; None where the terminal is known to ignore it."""
    if environ.get("TMUX"):
        return "osc52-tmux"
    if environ.get("STY"):
        return "osc52-screen"
    return None if environ.get("TERM", "") in _MUTE_TERMINALS else "osc52"


def osc52(text: str, route: Route) -> str:
    """The control sequence that asks a terminal to take text into its clipboard."""
    payload = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
    sequence = f"{_ESC}]52;c;{payload}{_BEL}"
    if route == "osc52-tmux":
        return f"{_ESC}Ptmux;{sequence.replace(_ESC, _ESC * 2)}{_STRING_END}"
    if route == "osc52-screen":
        chunks = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
        return "".join(f"{_ESC}P{chunk}{_STRING_END}" for chunk in chunks)
    return sequence


def _over_ssh(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("SSH_TTY") or environ.get("SSH_CONNECTION"))


def _copied_natively(text: str, environ: Mapping[str, str], timeout: float) -> bool:
    """Run pyperclip in a process of its own: clipboard programs hang when their display has gone.

    Nothing is read back: xclip and its like stay behind as owners of the selection and keep pipes open. `-P`
    keeps a file named like a module in the working directory from being run.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and a constant program
            [sys.executable, "-P", "-c", _NATIVE_COPY],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        process.communicate(text.encode("utf-8", "surrogateescape"), timeout=timeout)
    except subprocess.TimeoutExpired:
        _end(process)
        return False
    except OSError:
        _end(process)
        return False
    return process.returncode == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a hanging clipboard program together with what it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()


def _copied_by_terminal(text: str, route: Route, write: Callable[[str], None]) -> bool:
    size = 4 * ((len(text.encode("utf-8", "surrogateescape")) + 2) // 3)
    if size > LARGEST_OSC52:
        return False
    try:
        write(osc52(text, route))
    except (OSError, ValueError):
        return False
    return True


def _saved(text: str, directory: Path) -> CopyReport:
    path = directory / _FILE_NAME
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_privately(path, text)
    except OSError as error:
        reason = error.strerror or str(error)
        return CopyReport("file", f"nowhere: no clipboard, and {path} cannot be written ({reason})", path, ok=False)
    return CopyReport("file", f"to the file {path}", path)


def _write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner can read, never through a link that someone laid there."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        partial.unlink()
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
    partial.replace(path)
