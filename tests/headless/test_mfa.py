"""MFA on the command line: asked on the terminal, and only where there is one."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from apigw_tui.cli import main
from apigw_tui.emulator.server import EmulatorServer
from tests.aws_user import SERIAL
from tests.sources.test_mfa import server

__all__ = ["server"]

WORDS = ("stages", "--profile", "shop", "--no-cache", "-o", "ndjson")


def test_without_a_terminal_it_is_a_sentence_that_says_what_to_type(
    server: EmulatorServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(os.devnull, encoding="utf-8") as nothing:  # noqa: PTH123 - no file of a path
        monkeypatch.setattr(sys, "stdin", nothing)
        code = main([*WORDS, "--endpoint-url", server.url])
    printed = capsys.readouterr()
    assert code == 3
    assert printed.out == ""
    assert f"Profile shop needs a code of six digits of the MFA device {SERIAL}" in printed.err
    assert "aws configure export-credentials --profile shop --format env" in printed.err
    assert server.roles == []


def test_on_a_terminal_the_code_is_asked_for_once(server: EmulatorServer) -> None:
    terminal, stdin = pty.openpty()
    command = [sys.executable, "-m", "apigw_tui", *WORDS, "--endpoint-url", server.url]
    with subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as running:
        os.close(stdin)
        assert running.stderr is not None
        asked = ""
        while not asked.endswith("for profile shop: ") and (letter := running.stderr.read(1)):
            asked += letter
        os.write(terminal, b"123456\n")
        _, told = running.communicate(timeout=60)
    os.close(terminal)
    assert f"MFA code of {SERIAL}" in asked
    assert [role.code for role in server.roles] == ["123456"]
    assert "MFA" not in told
