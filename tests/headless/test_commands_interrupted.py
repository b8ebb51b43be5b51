"""A service that fails half way: what was read is printed, then the sentence and its exit code."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from apigw_tui.cli import main
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.traffic import Shop
from apigw_tui.emulator.wire import Response, ServiceError


def test_pages_read_before_the_permission_was_withdrawn_are_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: Counter[str] = Counter()

    def withdraw(operation: str) -> Response | None:
        calls[operation] += 1
        if operation == "FilterLogEvents" and calls[operation] > 4:
            raise ServiceError("AccessDeniedException", "User: u is not authorized to perform: logs:FilterLogEvents")
        return None

    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "eu-west-1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    shop = Shop()
    with EmulatorServer(shop, shop, clock=lambda: time.time_ns() // 1_000_000, before=withdraw) as server:
        code = main(["requests", "orders/prod", "--endpoint-url", server.url, "-o", "ndjson"])
    printed = capsys.readouterr()
    assert code == 3
    assert len([json.loads(line) for line in printed.out.splitlines()]) > 10
    assert "logs:FilterLogEvents" in printed.err.splitlines()[-1]
