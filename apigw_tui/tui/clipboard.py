"""The clipboard, by whichever route reaches it: the system's, tmux's, the terminal's (OSC 52), or a file.

Over SSH the system's clipboard is the wrong machine's, so the terminal is asked. It never answers: what it was
asked is said to be asked, not done. No route can hang the caller longer than its time-out.
"""

from __future__ import annotations

import base64
import os
import shutil
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

Route = Literal["clipboard", "tmux", "osc52", "osc52-tmux", "osc52-screen", "file"]
TerminalRoute = Literal["osc52", "osc52-tmux", "osc52-screen"]

LARGEST_OSC52: Final = 74_994
"""Base64 bytes that terminals accept in one OSC 52 sequence; some drop longer ones without a word."""

_ESC: Final = "\x1b"
_BEL: Final = "\x07"
_STRING_END: Final = "\x1b\\"
_SCREEN_CHUNK: Final = 250  # GNU screen cuts a control string at 256 bytes in old versions, 768 in new ones
_MUTE_TERMINALS: Final = ("", "dumb", "linux", "unknown")
_NATIVE_COPY: Final = """
import subprocess, sys, pyperclip

class Heard(subprocess.Popen):
    def communicate(self, *given, **named):
        told = super().communicate(*given, **named)
        if self.returncode:
            sys.exit(self.returncode)
        return told

subprocess.Popen = Heard
pyperclip.copy(sys.stdin.buffer.read().decode("utf-8", "surrogateescape"))
"""
_FILE_NAME: Final = "copied.txt"
_DISPLAYS: Final = ("WAYLAND_DISPLAY", "DISPLAY", "WSL_DISTRO_NAME")
_SENTENCES: Final[dict[Route, str]] = {
    "clipboard": "to the clipboard",
    "tmux": "to tmux, and asked the terminal",
    "osc52": "asked the terminal, OSC 52",
    "osc52-tmux": "asked the terminal, OSC 52 through tmux",
    "osc52-screen": "asked the terminal, OSC 52 through screen",
}
_EXPECTED: Final[dict[Route, str]] = {
    "clipboard": "clipboard of this machine",
    "tmux": "buffer of tmux, clipboard: OSC 52",
    "osc52": "clipboard: OSC 52",
    "osc52-tmux": "clipboard: OSC 52 through tmux",
    "osc52-screen": "clipboard: OSC 52 through screen",
    "file": "to a file: this terminal has no clipboard",
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

    `write` sends a control sequence to the terminal; `timeout`, in seconds, bounds each program that is asked;
    `directory` is where the file of last resort goes. Blocks as long as they do: not for the UI thread.
    """
    if _has_own_clipboard(environ) and _copied_natively(text, environ, timeout):
        return CopyReport("clipboard", _SENTENCES["clipboard"])
    if _copied_by_tmux(text, environ, timeout):
        return CopyReport("tmux", _SENTENCES["tmux"])
    route = terminal_route(environ)
    if route is not None and _copied_by_terminal(text, route, write):
        return CopyReport(route, _SENTENCES[route])
    return _saved(text, directory or platformdirs.user_state_path("apigw-tui"))


def expected_route(environ: Mapping[str, str]) -> str:
    """Say before a copy how it will travel, for the foot of the copy menu."""
    if _has_own_clipboard(environ):
        return _EXPECTED["clipboard"]
    return _EXPECTED["tmux" if _tmux(environ) else terminal_route(environ) or "file"]


def terminal_route(environ: Mapping[str, str]) -> TerminalRoute | None:
    """How OSC 52 reaches the outer terminal; None where the terminal is known to ignore it."""
    term = environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith("tmux"):
        return "osc52-tmux"
    if environ.get("STY"):
        return "osc52-screen"
    return None if term in _MUTE_TERMINALS else "osc52"


def osc52(text: str, route: Route) -> str:
    """The control sequence that asks a terminal to take text into its clipboard.

    tmux gets it twice: it takes the bare one with `set-clipboard on`, and hands on the wrapped one with
    `allow-passthrough on`; neither is its default, and it ignores what it does not take.
    """
    payload = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
    sequence = f"{_ESC}]52;c;{payload}{_BEL}"
    if route == "osc52-tmux":
        return f"{sequence}{_ESC}Ptmux;{sequence.replace(_ESC, _ESC * 2)}{_STRING_END}"
    if route == "osc52-screen":
        chunks = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
        return "".join(f"{_ESC}P{chunk}{_STRING_END}" for chunk in chunks)
    return sequence


def _has_own_clipboard(environ: Mapping[str, str]) -> bool:
    """Whether this machine is the one before which the user sits, and can have a clipboard."""
    if environ.get("SSH_TTY") or environ.get("SSH_CONNECTION"):
        return False
    return not sys.platform.startswith("linux") or any(environ.get(name) for name in _DISPLAYS)


def _copied_natively(text: str, environ: Mapping[str, str], timeout: float) -> bool:
    """Run pyperclip in a process of its own: clipboard programs hang when their display has gone.

    `-P` keeps a file named like a module in the working directory from being run. pyperclip does not look at how
    its program ended: xclip of a display that has gone would be taken for a success.
    """
    return _took([sys.executable, "-P", "-c", _NATIVE_COPY], text, environ, timeout)


def _tmux(environ: Mapping[str, str]) -> str | None:
    return shutil.which("tmux", path=environ.get("PATH")) if environ.get("TMUX") else None


def _copied_by_tmux(text: str, environ: Mapping[str, str], timeout: float) -> bool:
    """Put text into tmux's own buffer, whatever its options say; `-w`, of tmux 3.2, asks the terminal too."""
    program = _tmux(environ)
    return program is not None and _took([program, "load-buffer", "-w", "-"], text, environ, timeout)


def _took(command: list[str], text: str, environ: Mapping[str, str], timeout: float) -> bool:
    """Whether a program took text from its standard input and ended well.

    Nothing is read back: xclip and its like stay behind as owners of the selection and keep pipes open.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - constant programs, no shell
            command,
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
        return CopyReport("file", f"no clipboard, and {path} cannot be written ({reason})", path, ok=False)
    return CopyReport("file", f"to the file {_with_tilde(path)}", path)


def _with_tilde(path: Path) -> Path:
    """A path as shells write it, short enough for the footer of a narrow screen."""
    home = Path.home()
    return Path("~") / path.relative_to(home) if path.is_relative_to(home) else path


def _write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner can read, never through a link that someone laid there."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        partial.unlink()
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
    partial.replace(path)
