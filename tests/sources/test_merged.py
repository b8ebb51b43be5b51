"""Several sources read as one."""

from __future__ import annotations

from pathlib import Path
from threading import Event as StopFlag

import pytest

from apigw_tui.core.timerange import TimeRange
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Progress
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.files import FileSource
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.merged import MergedSource
from apigw_tui.sources.session import Aws
from tests.sources.recorded_account import RecordedAccount, served
from tests.sources.virtual_time import START, VirtualTime

LINE = '192.0.2.7 - - [31/Dec/2025:23:59:00 +0000] "GET /orders HTTP/1.1" 200 512 a'


def test_all_sources_are_read_and_progress_adds_up(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text(LINE, encoding="utf-8")
    time, account = VirtualTime(), RecordedAccount()
    account.log("/orders", START - 1_000, "from CloudWatch", lag=0)
    with served(account, time) as aws:
        # Threads of their own wait in real time.
        logs = CloudWatchSource(Aws(aws.settings), groups=[FollowedGroup.bare("/orders")], clock=time.now)
        merged = MergedSource([logs, FileSource([str(path)])])
        updates = list(merged.backfill(TimeRange(START - 3_600_000), StopFlag()))
    found = {row["message"] for update in updates if isinstance(update, Batch) for row in update.events.to_dicts()}
    assert found == {"from CloudWatch", LINE}
    progress = [update for update in updates if isinstance(update, Progress)]
    assert progress[-1].done
    assert progress[-1].events == 2
    assert not any(update.done for update in progress[:-1])
    assert merged.live
    assert merged.groups == ("/orders", str(path))
    assert merged.title == f"/orders, {path}"


def test_only_live_sources_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text(LINE, encoding="utf-8")
    time, account = VirtualTime(), RecordedAccount()
    account.log("/orders", START + 1_000, "new")
    with served(account, time) as aws:
        logs = CloudWatchSource(aws, groups=[FollowedGroup.bare("/orders")], clock=time.now)
        time.stop_at(START + 30_000)
        updates = list(MergedSource([FileSource([str(path)]), logs]).follow(START, time.stop))
    assert [row["message"] for update in updates if isinstance(update, Batch) for row in update.events.to_dicts()] == [
        "new"
    ]


def test_the_error_of_one_source_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text(LINE, encoding="utf-8")
    merged = MergedSource([FileSource([str(path)]), FileSource([str(tmp_path / "gone")])])
    with pytest.raises(AppError, match="gone"):
        list(merged.backfill(TimeRange(0), StopFlag()))


def test_an_id_is_looked_for_everywhere(tmp_path: Path) -> None:
    for name in ("one.log", "two.log"):
        (tmp_path / name).write_text(f"{LINE} {name}", encoding="utf-8")
    merged = MergedSource([FileSource([str(tmp_path / name)]) for name in ("one.log", "two.log")])
    updates = list(merged.find("192.0.2.7", TimeRange(0), StopFlag()))
    assert len([update for update in updates if isinstance(update, Batch)]) == 2
