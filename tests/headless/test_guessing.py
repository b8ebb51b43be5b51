"""What a file's entries are taken for is said, and what was given for it is remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apigw_tui.cli import main

ENTRY = '{"requestId":"5d0c7a1e-2222-4333-8444-0123456789ab","status":"404","method":"GET","latency":"31"}'
FORMAT = '{"requestId":"$context.requestId","status":"$context.status","latency":"$context.integrationLatency"}'


def requests(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[dict[str, object], str]:
    assert main(["requests", "-o", "ndjson", *words]) == 0
    printed = capsys.readouterr()
    return json.loads(printed.out), printed.err


def test_a_guess_is_said_and_corrected_once_for_all_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "access.log"
    path.write_text(f"{ENTRY}\n", encoding="utf-8")
    row, told = requests(capsys, str(path))
    assert (row["latency_ms"], row["integration_latency_ms"]) == (31, None)
    assert f"access format of {path} is guessed: JSON with request ID, status, method, latency" in told
    for words in ([str(path), "--access-format", FORMAT], [str(path)]):
        row, told = requests(capsys, *words)
        assert (row["latency_ms"], row["integration_latency_ms"]) == (None, 31)
        assert "guessed" not in told
    assert "as given before: JSON with request ID, status, integration latency" in told
    row, told = requests(capsys, str(path), "--access-format", "guess")
    assert row["latency_ms"] == 31
    assert "is forgotten" in told


def test_lines_kept_raw_are_counted_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "access.log"
    path.write_text(f"{ENTRY}\nhello\n", encoding="utf-8")
    _, told = requests(capsys, str(path), "--access-format", FORMAT)
    assert "1 lines of unknown form kept raw (1 no JSON though the access format is)" in told
