"""What is copied of the cell under the cell cursor."""

from __future__ import annotations

import pytest

from apigw_tui.tui.column_table import COLUMNS
from apigw_tui.tui.copy_cell import cell_text
from tests.tui import story_samples as samples

ROW = {**samples.timeout_story().row, "access": {"userAgent": "curl/8", "empty": None}}


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("time", "2026-03-09T02:11:22.418Z"),
        ("status", "504"),
        ("method", "POST"),
        ("path", "/orders/7Q2M4X"),
        ("latency", "29013 ms"),
        ("cause", "integration_timeout"),
        ("id", samples.REQUEST_ID),
        ("extended", "Vts2pH6ArPEFcuQ="),
        ("integration.id", samples.FUNCTION_ID),
        ("access.userAgent", "curl/8"),
        ("access.empty", None),
        ("access.none", None),
        ("connection", None),
    ],
)
def test_a_cell_gives_its_whole_value(column: str, text: str | None) -> None:
    assert cell_text(ROW, column) == text


def test_every_column_of_requests_is_one_of_the_row() -> None:
    row = {**dict.fromkeys(ROW, "told"), "started_at": samples.START}
    assert all(cell_text(row, name) for name in COLUMNS)


def test_without_a_route_the_path_is_shown_and_copied() -> None:
    assert cell_text({"route": None, "path": "/a"}, "route") == "/a"
    assert cell_text({"request_id": None, "extended_request_id": "AbC="}, "id") == "AbC="


def test_an_event_gives_its_line_and_its_time() -> None:
    event = {"timestamp": samples.START, "message": "a\nb", "kind": "access", "status": None}
    cells = [cell_text(event, name) for name in ("time", "line", "kind", "status")]
    assert cells == ["2026-03-09T02:11:22.418Z", "a\nb", "access", None]
