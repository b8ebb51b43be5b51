"""What somebody removes from the disk while the explorer runs is told and counted; what is on screen stays."""

from __future__ import annotations

from pathlib import Path

from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.sources.base import Batch
from apigw_tui.sources.spill_folder import SpillFolder
from apigw_tui.tui import status
from apigw_tui.tui.board_feed import BoardFeed
from apigw_tui.tui.opened_source import OpenedSource
from apigw_tui.tui.orders import Opened
from apigw_tui.tui.session import Session
from tests.core.test_store import START, access, batch
from tests.tui.test_engine import Shelf

NOW = START + 240_000


def test_removed_files_are_told_in_a_sentence_and_their_rows_are_counted(tmp_path: Path) -> None:
    folder = SpillFolder(tmp_path)
    store = EventStore(max_memory=5_000, shelf=folder, chunk_rows=5)
    opened = Opened(1, Shelf([], []), TimeRange(START - 60_000), Session(mode="events"), NOW)
    state = OpenedSource(opened, store)
    for number in range(60):
        state.take(Batch(batch([access(number, number * 1_000)])), NOW)
    folder.settle()
    before = state.picture(NOW, 120, BoardFeed())
    cold = store.events.cold
    assert cold > 0
    for file in tmp_path.rglob("*.parquet"):
        file.unlink()
    (row,) = before.view.slice(0, 1)
    assert row["timestamp"] == START
    assert row["message"] is None
    state.look_for_lost()
    picture = state.picture(NOW, 120, BoardFeed())
    assert picture.trouble is not None
    assert str(picture.trouble.error).startswith(f"{cold} events and ")
    assert "requests are gone: their file on disk was removed" in str(picture.trouble.error)
    assert (picture.lost, picture.events, picture.evicted) == (cold, 60 - cold, 0)
    assert status.kept_where(picture) == f"{cold} lost on disk"
    state.trouble = None
    state.look_for_lost()
    assert state.trouble is None
