"""Access formats that were given are there in the next run, until they are forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_tui.errors import UsageError
from apigw_tui.sources.format_memory import GUESS, FormatMemory, checked_format
from apigw_tui.sources.state_place import state_root
from apigw_tui.sources.targets import resolve

FORMAT = '{"id":"$context.requestId","took":"$context.responseLatency"}'
OTHER = "$context.requestId $context.status"


def test_a_format_given_once_is_used_the_next_time_and_said_so() -> None:
    first = FormatMemory("shop").said(FORMAT, ["/aws/apigateway/orders"], [])
    assert first.format("/aws/apigateway/orders") == FORMAT
    assert first.notes == (
        "--access-format is remembered for /aws/apigateway/orders; `--access-format guess` forgets it",
    )
    again = FormatMemory("shop").said(None, ["/aws/apigateway/orders", "/aws/apigateway/carts"], [])
    assert again.format("/aws/apigateway/orders") == FORMAT
    assert again.format("/aws/apigateway/carts") is None
    told = "access format of /aws/apigateway/orders as given before: JSON with request ID, latency; "
    assert again.notes == (f"{told}`--access-format guess` forgets it",)


def test_a_format_given_again_is_not_news() -> None:
    FormatMemory("shop").said(FORMAT, ["/g"], [])
    assert FormatMemory("shop").said(FORMAT, ["/g"], []).notes == ()
    assert FormatMemory("shop").said(OTHER, ["/g"], []).notes != ()


def test_a_format_is_forgotten_by_guess() -> None:
    FormatMemory("shop").said(FORMAT, ["/g", "/h"], [])
    said = FormatMemory("shop").said(GUESS, ["/g"], [])
    assert said.format("/g") is None
    assert said.notes == ("the access format given for /g is forgotten",)
    assert FormatMemory("shop").said(None, ["/g", "/h"], []).by_name == {"/h": FORMAT}


def test_groups_of_other_accounts_have_formats_of_their_own() -> None:
    FormatMemory("shop").said(FORMAT, ["/g"], [])
    assert FormatMemory("other").said(None, ["/g"], []).format("/g") is None


def test_without_knowing_the_account_a_groups_format_holds_for_this_run_only() -> None:
    assert FormatMemory(None).said(FORMAT, ["/g"], []).format("/g") == FORMAT
    assert FormatMemory(None).said(None, ["/g"], []).format("/g") is None


def test_a_file_is_known_by_whatever_path_leads_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    FormatMemory().said(FORMAT, [], ["access.log"])
    whole = str(tmp_path / "access.log")
    assert FormatMemory().said(None, [], [whole]).format(whole) == FORMAT


def test_the_file_of_formats_is_private() -> None:
    FormatMemory("shop").said(FORMAT, ["/g"], [])
    assert (state_root() / "access-formats.json").stat().st_mode & 0o077 == 0


def test_a_broken_file_of_formats_keeps_nothing_from_being_read() -> None:
    state_root().mkdir(parents=True, exist_ok=True)
    (state_root() / "access-formats.json").write_text("{", encoding="utf-8")
    said = FormatMemory("shop").said(FORMAT, ["/g"], [])
    assert said.format("/g") == FORMAT
    assert "cannot be used" in said.notes[0]


def test_a_format_without_a_variable_is_refused() -> None:
    with pytest.raises(UsageError, match="names no \\$context variable"):
        checked_format("requestId status")


def test_the_files_of_a_directory_are_read_by_the_format_given_for_it(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("a4188e34-1104-424e-9907-eebbf55dd662 200\n", encoding="utf-8")
    resolve([str(tmp_path)], None, access_format=OTHER)
    source = resolve([str(tmp_path)], None)
    assert {name: found.source for name, found in source.formats.items()} == {str(tmp_path / "a.log"): OTHER}
    assert "as given before" in source.notes[0]
