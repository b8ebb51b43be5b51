"""The clipboard's routes, with real programs on a PATH of their own and real files."""

from __future__ import annotations

import base64
import os
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from apigw_tui.tui.clipboard import LARGEST_OSC52, copy, expected_route, osc52

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="stands in for the clipboard programs of Linux")

SSH = {"SSH_TTY": "/dev/pts/3", "TERM": "xterm-256color"}


def desktop(tmp_path: Path, script: str) -> dict[str, str]:
    """An environment whose only clipboard program is this shell script."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "xclip"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return {"PATH": f"{programs}:{os.environ['PATH']}", "DISPLAY": ":0", "TERM": "xterm-256color"}


def ignore(_text: str) -> None:
    """A terminal that nobody looks at."""


def decoded(sequence: str) -> str:
    payload = sequence.removeprefix("\x1b]52;c;").removesuffix("\x07")
    return base64.b64decode(payload).decode()


def test_on_a_desktop_the_systems_clipboard_gets_the_text(tmp_path: Path) -> None:
    environ = desktop(tmp_path, f"cat > {tmp_path}/clip")
    written: list[str] = []
    report = copy("8f0c2a1e – ü", environ=environ, write=written.append, timeout=20, directory=tmp_path)
    assert (report.route, report.detail, report.ok) == ("clipboard", "to the clipboard", True)
    assert (tmp_path / "clip").read_text(encoding="utf-8") == "8f0c2a1e – ü"
    assert written == []


def test_a_program_that_stays_behind_as_owner_does_not_hold_up_the_copy(tmp_path: Path) -> None:
    environ = desktop(tmp_path, f"cat > {tmp_path}/clip\n(read never < {tmp_path}/fifo) &")
    os.mkfifo(tmp_path / "fifo")
    report = copy("id", environ=environ, write=ignore, timeout=20, directory=tmp_path)
    assert report.route == "clipboard"
    (tmp_path / "fifo").open("w", encoding="utf-8").close()


def test_a_hanging_program_is_ended_and_the_terminal_asked(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    environ = desktop(tmp_path, f"echo $$ > {tmp_path}/pid\nread never < {tmp_path}/fifo")
    written: list[str] = []
    report = copy("id", environ=environ, write=written.append, timeout=1.5, directory=tmp_path)
    assert report.route == "osc52"
    assert [decoded(text) for text in written] == ["id"]


def test_a_failing_program_leaves_the_terminal(tmp_path: Path) -> None:
    environ = desktop(tmp_path, "exit 1")
    written: list[str] = []
    report = copy("id", environ=environ, write=written.append, timeout=20, directory=tmp_path)
    assert (report.route, report.detail) == ("osc52", "asked the terminal, OSC 52")
    assert [decoded(text) for text in written] == ["id"]


def test_over_ssh_only_the_terminal_is_asked(tmp_path: Path) -> None:
    environ = desktop(tmp_path, f"cat > {tmp_path}/clip") | {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
    written: list[str] = []
    report = copy("id", environ=environ, write=written.append, directory=tmp_path)
    assert report.route == "osc52"
    assert not (tmp_path / "clip").exists()
    assert [decoded(text) for text in written] == ["id"]


def test_without_a_display_no_clipboard_program_is_asked(tmp_path: Path) -> None:
    environ = desktop(tmp_path, f"cat > {tmp_path}/clip") | {"DISPLAY": ""}
    assert copy("id", environ=environ, write=ignore, directory=tmp_path).route == "osc52"
    assert not (tmp_path / "clip").exists()


def tmux_of(tmp_path: Path, script: str) -> dict[str, str]:
    """A session within tmux, whose program is this shell script."""
    environ = desktop(tmp_path, "exit 1")
    program = tmp_path / "bin" / "tmux"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return SSH | {"PATH": environ["PATH"], "TMUX": f"{tmp_path}/tmux,1,0", "TERM": "tmux-256color"}


def test_tmux_itself_takes_the_text_and_asks_the_terminal(tmp_path: Path) -> None:
    environ = tmux_of(tmp_path, f'echo "$@" > {tmp_path}/asked\ncat > {tmp_path}/buffer')
    written: list[str] = []
    report = copy("8f0c2a1e – ü", environ=environ, write=written.append, timeout=20, directory=tmp_path)
    assert (report.route, report.detail) == ("tmux", "to tmux, and asked the terminal")
    assert (tmp_path / "asked").read_text(encoding="utf-8").split() == ["load-buffer", "-w", "-"]
    assert (tmp_path / "buffer").read_text(encoding="utf-8") == "8f0c2a1e – ü"
    assert written == []


def test_a_tmux_that_takes_nothing_gets_the_sequence_bare_and_wrapped(tmp_path: Path) -> None:
    written: list[str] = []
    environ = tmux_of(tmp_path, "exit 1")
    report = copy("id", environ=environ, write=written.append, timeout=20, directory=tmp_path)
    assert (report.route, report.detail) == ("osc52-tmux", "asked the terminal, OSC 52 through tmux")
    assert written == ["\x1b]52;c;aWQ=\x07\x1bPtmux;\x1b\x1b]52;c;aWQ=\x07\x1b\\"]


def test_over_ssh_out_of_a_tmux_the_sequence_is_for_that_tmux(tmp_path: Path) -> None:
    written: list[str] = []
    report = copy("id", environ=SSH | {"TERM": "tmux-256color"}, write=written.append, directory=tmp_path)
    assert report.route == "osc52-tmux"
    assert "\x1bPtmux;" in written[0]


def _tmux(socket: Path, *words: str) -> str:
    command = ["tmux", "-S", str(socket), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - constant words


@pytest.mark.skipif(shutil.which("tmux") is None, reason="asks a real tmux")
def test_a_real_tmux_holds_the_text_with_its_usual_options(tmp_path: Path) -> None:
    socket = tmp_path / "s"
    _tmux(socket, "-f", "/dev/null", "new-session", "-d", "cat")
    try:
        environ = SSH | {"PATH": os.environ["PATH"], "TMUX": f"{socket},1,0"}
        report = copy("8f0c2a1e – ü\n" * 9_000, environ=environ, write=ignore, timeout=20, directory=tmp_path)
        assert report.route == "tmux"
        assert _tmux(socket, "show-buffer") == "8f0c2a1e – ü\n" * 9_000
    finally:
        _tmux(socket, "kill-server")


def test_through_screen_the_sequence_is_cut_into_control_strings(tmp_path: Path) -> None:
    written: list[str] = []
    text = "x" * 1_000
    report = copy(text, environ=SSH | {"STY": "1.pts"}, write=written.append, directory=tmp_path)
    assert report.route == "osc52-screen"
    chunks = written[0].split("\x1b\\")[:-1]
    assert all(chunk.startswith("\x1bP") and len(chunk) <= 254 for chunk in chunks)
    assert decoded("".join(chunk.removeprefix("\x1bP") for chunk in chunks)) == text


def test_a_text_too_large_for_the_terminal_goes_to_a_private_file(tmp_path: Path) -> None:
    largest = "x" * (LARGEST_OSC52 // 4 * 3)
    written: list[str] = []
    assert copy(largest, environ=SSH, write=written.append, directory=tmp_path).route == "osc52"
    report = copy(f"{largest}y", environ=SSH, write=written.append, directory=tmp_path / "state")
    assert (report.route, len(written)) == ("file", 1)
    assert report.path is not None
    assert report.detail == f"to the file {report.path}"
    assert report.path.read_text(encoding="utf-8") == f"{largest}y"
    assert stat.S_IMODE(report.path.stat().st_mode) == 0o600


def test_a_file_at_home_is_told_as_shells_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    report = copy("id", environ={"SSH_TTY": "x"}, write=ignore, directory=tmp_path / "state")
    assert report.detail == "to the file ~/state/copied.txt"


@pytest.mark.parametrize("term", ["linux", "dumb", ""])
def test_a_terminal_without_a_clipboard_gets_a_file(tmp_path: Path, term: str) -> None:
    written: list[str] = []
    report = copy("id", environ={"SSH_TTY": "x", "TERM": term}, write=written.append, directory=tmp_path)
    assert (report.route, written) == ("file", [])


def test_a_terminal_that_cannot_be_written_to_gets_a_file(tmp_path: Path) -> None:
    def broken(_text: str) -> None:
        raise BrokenPipeError

    assert copy("id", environ=SSH, write=broken, directory=tmp_path).route == "file"


def test_an_older_file_is_replaced_and_a_link_in_its_place_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept", encoding="utf-8")
    (tmp_path / "copied.txt").symlink_to(victim)
    report = copy("new", environ={"SSH_TTY": "x"}, write=ignore, directory=tmp_path)
    assert report.path is not None
    assert report.path.read_text(encoding="utf-8") == "new"
    assert victim.read_text(encoding="utf-8") == "kept"


def test_when_nothing_works_the_report_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("", encoding="utf-8")
    report = copy("id", environ={"SSH_TTY": "x"}, write=ignore, directory=blocked / "state")
    assert not report.ok
    assert report.detail.startswith("no clipboard, and ")
    assert str(blocked) in report.detail


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"TERM": "xterm", "DISPLAY": ":0"}, "clipboard of this machine"),
        ({"TERM": "xterm"}, "clipboard: OSC 52"),
        (SSH, "clipboard: OSC 52"),
        (SSH | {"TMUX": "x", "PATH": ""}, "clipboard: OSC 52 through tmux"),
        (SSH | {"STY": "x"}, "clipboard: OSC 52 through screen"),
        ({"SSH_TTY": "x", "TERM": "linux"}, "to a file: this terminal has no clipboard"),
    ],
)
def test_the_route_is_told_before_the_copy(environ: dict[str, str], told: str) -> None:
    assert expected_route(environ) == told


def test_text_that_is_no_unicode_survives() -> None:
    assert base64.b64decode(osc52("\udce9", "osc52")[7:-1]) == b"\xe9"
