"""`apigw-tui cache`: what is kept is listed and cleared; where nothing may be kept nothing is."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from apigw_tui import cli
from apigw_tui.config import Config
from apigw_tui.errors import ExitCode
from apigw_tui.headless.opening import event_cache, settings_of
from apigw_tui.sources.cache_place import cache_root
from apigw_tui.sources.event_cache import KEPT_COLUMNS, EventCache, GroupIdentity

START = 1_767_225_600_000
HOUR = 3_600_000


def keep(name: str, start: int, end: int, *times: int) -> None:
    identity = GroupIdentity("123456789012", "eu-west-1", name, START)
    rows = [
        {"timestamp": at, "ingestion_time": at, "event_id": str(at), "log_stream": "s", "message": "x"} for at in times
    ]
    shelf = EventCache(cache_root() / "events", megabytes=10).shelf(identity)
    shelf.write(start, end, pl.DataFrame(rows, schema=KEPT_COLUMNS))


def test_what_is_kept_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    keep("/a", START, START + HOUR, START, START + 5)
    keep("/a", START + 2 * HOUR, START + 3 * HOUR)
    assert cli.main(["cache", "-o", "json"]) == ExitCode.OK
    (group,) = json.loads(capsys.readouterr().out)
    size = group.pop("bytes")
    assert size > 0
    assert group == {
        "account": "123456789012",
        "region": "eu-west-1",
        "log_group": "/a",
        "start": "2026-01-01T00:00:00.000Z",
        "end": "2026-01-01T03:00:00.000Z",
        "spans": 2,
        "events": 2,
    }


def test_the_table_tells_holes(capsys: pytest.CaptureFixture[str]) -> None:
    keep("/a", START, START + HOUR, START)
    keep("/b", START, START + HOUR)
    keep("/b", START + 2 * HOUR, START + 3 * HOUR)
    assert cli.main(["cache", "--tz", "utc"]) == ExitCode.OK
    shown = capsys.readouterr()
    first, second, third = shown.out.splitlines()
    assert first.split() == ["ACCOUNT", "REGION", "LOG", "GROUP", "FROM", "TO", "EVENTS", "SIZE"]
    assert "2026-01-01 00:00:00  2026-01-01 01:00:00" in second
    assert "2026-01-01 03:00:00 *" in third
    assert "3 files" in shown.err


def test_single_groups_are_cleared_or_all(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("/a", "/b", "/c"):
        keep(name, START, START + HOUR, START)
    stages = cache_root() / "stages" / "0123.json"
    stages.parent.mkdir(parents=True)
    stages.write_text("{}")
    assert cli.main(["cache", "clear", "/b"]) == ExitCode.OK
    assert "1 log group," in capsys.readouterr().err
    kept = EventCache(cache_root() / "events", megabytes=10)
    assert [group.identity.log_group for group in kept.groups()] == ["/a", "/c"]
    assert stages.is_file()
    assert cli.main(["cache", "clear"]) == ExitCode.OK
    assert kept.groups() == []
    assert not stages.exists()
    assert list((cache_root() / "events").rglob("*.parquet")) == []


def test_a_group_of_which_nothing_is_kept_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cache", "clear", "/nowhere"]) == ExitCode.USAGE
    assert "/nowhere" in capsys.readouterr().err
    assert cli.main(["cache", "empty"]) == ExitCode.USAGE
    assert "cache clear" in capsys.readouterr().err


def test_without_any_file_the_list_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cache", "-o", "json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    "config",
    [
        Config(cache=False),
        Config(cache_mb=0),
        Config(endpoint_url="http://127.0.0.1:4566"),
        Config(endpoint_url="http://localhost:4566"),
        Config(endpoint_url="http://[::1]:4566"),
    ],
)
def test_nothing_is_kept_when_it_is_off_or_comes_from_this_machine(config: Config) -> None:
    assert event_cache(config, settings_of(config)) is None


def test_what_is_kept_lies_in_the_cache_of_the_user() -> None:
    config = Config(endpoint_url="https://vpce-1.logs.eu-west-1.vpce.amazonaws.com")
    assert event_cache(config, settings_of(config)) is not None
    assert cache_root().name == "apigw-tui"


def test_the_demo_keeps_no_events(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["events", "--demo", "orders/prod", "--since", "20m", "--until", "10m", "-o", "ndjson"]) == 0
    assert capsys.readouterr().out
    assert not list(Path(cache_root()).rglob("*.parquet"))
