"""What is kept of an account's stages: whole, private, and ignored when it is broken."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from apigw_tui.core.stage import AccessLog, ExecutionLog, Stage
from apigw_tui.sources.log_groups import LogGroup
from apigw_tui.sources.session import AwsSettings
from apigw_tui.sources.stage_cache import MOST_FILES, StageCache
from apigw_tui.sources.stages import Api, StageDirectory
from tests.sources.virtual_time import START

STAGE = Stage(
    "a1",
    "orders",
    "REST",
    "prod",
    AccessLog("/orders", "arn:x", "$context.requestId", missing=("$context.status",), log_group_class="STANDARD"),
    ExecutionLog("API-Gateway-Execution-Logs_a1/prod", "INFO", data_trace=True),
    tracing=True,
    retention_days=30,
    domains=("api.example.com/orders",),
)
DIRECTORY = StageDirectory(
    stages=(STAGE, replace(STAGE, name="silent", access=None)),
    groups=(LogGroup("/orders", 30, arn="arn:aws:logs:eu-west-1:111122223333:log-group:/orders"),),
    apis=(Api("a1", "orders", "REST"), Api("b2", "unread", "HTTP")),
    read_at={"a1": START},
    groups_are_complete=False,
    account="111122223333",
)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    cache = StageCache(tmp_path / "stages" / "one.json")
    assert cache.load() is None
    cache.save(DIRECTORY)
    assert cache.load() == DIRECTORY
    assert stat.S_IMODE((tmp_path / "stages" / "one.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda _: "",
        lambda _: "[]",
        lambda _: "[" * 100_000,
        lambda text: text.replace('"form":1', '"form":0'),
        lambda text: text.replace('"version":"', '"version":"9'),
        lambda text: text.replace('"log_group"', '"log_grope"'),
        lambda text: json.dumps({**json.loads(text), "stages": 3}),
        lambda text: json.dumps({**json.loads(text), "read_at": {"a1": "soon"}}),
    ],
)
def test_a_broken_file_or_one_of_another_version_is_as_if_there_were_none(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "one.json"
    StageCache(path).save(DIRECTORY)
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")  # type: ignore[operator]
    assert StageCache(path).load() is None


def test_where_nothing_may_be_kept_nothing_is() -> None:
    nowhere = StageCache(None)
    nowhere.save(DIRECTORY)
    assert nowhere.load() is None
    assert StageCache.of(AwsSettings.for_emulator("http://127.0.0.1:1")).path is None


def test_a_place_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    cache = StageCache(tmp_path / "file" / "one.json")
    cache.save(DIRECTORY)
    assert cache.load() is None


def test_an_empty_list_does_not_replace_a_known_one(tmp_path: Path) -> None:
    cache = StageCache(tmp_path / "one.json")
    cache.save(DIRECTORY)
    cache.save(StageDirectory((), ()))
    assert cache.load() == DIRECTORY


def test_the_files_of_accounts_long_not_read_go(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 2):
        StageCache(tmp_path / f"{number}.json").save(DIRECTORY)
        os.utime(tmp_path / f"{number}.json", (number, number))
    StageCache(tmp_path / "new.json").save(DIRECTORY)
    left = {path.name for path in tmp_path.iterdir()}
    assert len(left) == MOST_FILES
    assert "new.json" in left
    assert "0.json" not in left
