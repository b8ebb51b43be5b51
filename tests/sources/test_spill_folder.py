"""Frames that lie on disk for as long as somebody needs them."""

import gc
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apigw_tui.sources.spill_folder import SpilledFrame, SpillFolder

FRAME = pl.DataFrame({"at": range(20_000), "text": [f"line {number}" for number in range(20_000)]})


def spilled(folder: SpillFolder) -> SpilledFrame:
    found = folder.put(FRAME)
    assert found is not None
    folder.settle()
    return found


def read(frame: SpilledFrame, *names: str, start: int = 0, count: int | None = None) -> pl.DataFrame:
    found = frame.read(names, start=start, count=count)
    assert found is not None
    return found


def test_columns_and_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    frame = spilled(SpillFolder(tmp_path))
    assert read(frame, "at", "text").equals(FRAME)
    assert read(frame, "text", start=9_000, count=3).equals(FRAME.select("text").slice(9_000, 3))
    assert read(frame, "text", "at", start=19_999, count=5).equals(FRAME.select("text", "at").tail(1))


def test_only_its_user_may_enter_the_folder(tmp_path: Path) -> None:
    root = tmp_path / "cache" / "spill"
    folder = SpillFolder(root)
    frame = spilled(folder)
    (place,) = root.iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == stat.S_IMODE(root.stat().st_mode) == 0o700
    assert folder.size == frame.path.stat().st_size > 0


def test_a_frame_that_nobody_needs_any_more_is_removed(tmp_path: Path) -> None:
    folder = SpillFolder(tmp_path)
    kept, gone = spilled(folder), spilled(folder)
    assert len(list(tmp_path.rglob("*.parquet"))) == 2
    del gone
    gc.collect()
    assert len(list(tmp_path.rglob("*.parquet"))) == 1
    assert folder.size == kept.path.stat().st_size


def test_nothing_is_left_when_it_is_closed(tmp_path: Path) -> None:
    folder = SpillFolder(tmp_path)
    spilled(folder)
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_full_folder_takes_nothing_more(tmp_path: Path) -> None:
    folder = SpillFolder(tmp_path, max_bytes=1)
    first = folder.put(FRAME)
    assert first is not None
    folder.settle()
    assert folder.put(FRAME) is None


def test_where_nothing_can_be_written_nothing_is_taken(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_bytes(b"")
    assert SpillFolder(taken).put(FRAME) is None


@pytest.mark.skipif(sys.platform == "win32", reason="no flock")
def test_the_next_run_removes_what_a_crash_left_and_leaves_what_is_in_use(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; import polars as pl;"
        "from apigw_tui.sources.spill_folder import SpillFolder;"
        "folder = SpillFolder(Path(sys.argv[1])); kept = folder.put(pl.DataFrame({'at': [1]}));"
        "folder.settle(); os._exit(9)"
    )
    crashed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)  # noqa: S603 - ourselves
    assert crashed.returncode == 9
    (orphan,) = tmp_path.iterdir()
    living = SpillFolder(tmp_path)
    frame = spilled(living)
    assert not orphan.exists()
    SpillFolder(tmp_path).remove_orphans()
    assert read(frame, "at").height == FRAME.height


class Doubtful(pl.DataFrame):
    """A frame that is written only when it may be."""

    may = threading.Event()
    fails = False

    def write_parquet(self, *args: Any, **options: Any) -> None:
        assert self.may.wait(60)
        if self.fails:
            raise OSError("no space left")
        super().write_parquet(*args, **options)


def test_a_frame_is_read_from_memory_until_its_file_is_whole(tmp_path: Path) -> None:
    class Slow(Doubtful):
        may = threading.Event()

    folder = SpillFolder(tmp_path)
    frame = folder.put(Slow(FRAME))
    assert frame is not None
    assert not frame.path.exists()
    assert read(frame, "at", start=9_000, count=3)["at"].to_list() == [9_000, 9_001, 9_002]
    Slow.may.set()
    folder.settle()
    assert frame.path.exists()
    assert read(frame, "at", "text").equals(FRAME)


def test_a_frame_that_cannot_be_written_stays_in_memory_and_the_folder_takes_no_other(tmp_path: Path) -> None:
    class Failing(Doubtful):
        may = threading.Event()
        fails = True

    Failing.may.set()
    folder = SpillFolder(tmp_path)
    frame = folder.put(Failing(FRAME))
    assert frame is not None
    folder.settle()
    assert not frame.is_written
    assert not frame.is_gone
    assert read(frame, "at").height == FRAME.height
    assert folder.put(FRAME) is None


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PAR1")])
def test_a_file_that_somebody_removed_or_spoiled_is_said_to_be_gone(
    spoil: Callable[[Path], object], tmp_path: Path
) -> None:
    frame = spilled(SpillFolder(tmp_path))
    spoil(frame.path)
    assert frame.read(["at"]) is None
    assert frame.is_gone
