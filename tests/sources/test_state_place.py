"""What the user did is kept in private files; a broken one is told and set aside."""

import stat
from pathlib import Path

import pytest

from apigw_tui.errors import AppError
from apigw_tui.sources.state_place import StateFile, state_file, state_root


def test_the_state_lies_in_the_users_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_root() == tmp_path / "apigw-tui"
    assert state_file("sessions", "demo").path == tmp_path / "apigw-tui" / "sessions" / "demo.json"


def test_names_from_outside_cannot_leave_the_folder_and_stay_apart() -> None:
    names = ("../../etc/passwd", "a/b", "a b", "a-b", "", "..", "ä", "x" * 300)
    paths = {state_file("sessions", name).path for name in names}
    assert len(paths) == len(names)
    assert {path.parent for path in paths} == {state_root() / "sessions"}


def test_what_is_saved_comes_back_and_only_the_user_may_read_it() -> None:
    file = state_file("queries")
    assert file.load() == {}
    file.save({"queries": {"slow": "latency>1s", "ümläut": "\ud800"}})
    assert file.load() == {"queries": {"slow": "latency>1s", "ümläut": "\ud800"}}
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"form": "one"}', b"null", b"[" * 100_000])
def test_a_broken_file_is_one_sentence_and_is_set_aside(content: bytes, tmp_path: Path) -> None:
    file = StateFile(tmp_path / "demo.json")
    file.path.write_bytes(content)
    with pytest.raises(AppError, match=r"demo\.json cannot be used: .*\. Started without it; it is demo\.json\.broken"):
        file.load()
    assert (tmp_path / "demo.json.broken").read_bytes() == content
    assert file.load() == {}


def test_a_file_of_a_later_version_is_left_as_it_is(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "demo.json")
    file.path.write_text('{"form": 99}', encoding="utf-8")
    with pytest.raises(AppError, match="later version"):
        file.load()
    assert file.path.read_text(encoding="utf-8") == '{"form": 99}'


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(AppError, match="cannot be written"):
        StateFile(tmp_path / "state" / "demo.json").save({})
