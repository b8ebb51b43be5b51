"""Files that only the user may read: their modes, and what a crash leaves."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from apigw_tui.sources.private_files import write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_and_the_directories_made_for_it_are_the_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "stages" / "one.json"
    write_private(path, b"first")
    assert path.read_bytes() == b"first"
    assert [mode(each) for each in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]


def test_writing_again_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    write_private(path, b"a long first text")
    write_private(path, b"short")
    assert path.read_bytes() == b"short"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_take_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "place"
    (place / "occupied").mkdir(parents=True)
    with pytest.raises(OSError, match="place"):
        write_private(place, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["place"]
