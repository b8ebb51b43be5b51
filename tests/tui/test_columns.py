"""Which columns the list has at which width, and what stands in their cells."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from apigw_tui.tui.column_table import ChosenColumn
from apigw_tui.tui.columns import GUTTER, Table, columns_beyond, heads, layout, right_edge, shifted, whole_width
from apigw_tui.tui.glyphs import ASCII, UNICODE, class_of
from apigw_tui.tui.line import Line, cut_middle, fitted, plain, width_of
from apigw_tui.tui.row_cells import RowContext, RowPlace, row_line, wrapped_lines
from tests.tui.invented_rows import START, event_row, request_row

PLACE = RowPlace()


def names(width: int) -> str:
    return " ".join(column.name for column in layout(width))


def widths(width: int) -> dict[str, int]:
    return {column.name: column.width for column in layout(width)}


def line(row: dict[str, Any], width: int = 135, place: RowPlace = PLACE, **context: Any) -> Line:
    mode = "events" if "message" in row else "requests"
    return row_line(row, layout(width, mode), RowContext(**context), place)  # type: ignore[arg-type]


def ink_of(spans: Line, text: str) -> str:
    return next(spec for piece, spec in spans if text in piece)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (80, "time status method route latency cause id"),
        (93, "time status method route latency cause id"),
        (94, "time status method route latency cause id"),
        (109, "time status method route latency cause id"),
        (110, "time status method route latency integration cause id"),
        (124, "time status method route latency integration cause id"),
        (125, "time status method route latency integration cause ip id"),
        (200, "time status method route latency integration cause ip id"),
    ],
)
def test_columns_appear_as_the_list_grows(width: int, expected: str) -> None:
    assert names(width) == expected


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (80, {"time": 8, "status": 5, "method": 6, "latency": 8, "cause": 19, "id": 8}),
        (94, {"time": 12, "status": 5, "method": 7, "latency": 8, "cause": 20, "id": 10}),
        (110, {"time": 12, "status": 5, "method": 7, "latency": 8, "integration": 8, "cause": 20, "id": 10}),
        (125, {"cause": 24, "ip": 15, "integration": 8, "id": 10}),
    ],
)
def test_columns_have_their_width(width: int, expected: dict[str, int]) -> None:
    assert expected.items() <= widths(width).items()


@pytest.mark.parametrize("width", range(80, 240))
def test_the_route_takes_what_is_left_and_never_less_than_17(width: int) -> None:
    columns = layout(width)
    whole = GUTTER + sum(column.gap + column.width for column in columns) + right_edge(width)
    assert whole == width
    assert widths(width)["route"] >= 17


@pytest.mark.parametrize("width", [40, 59, 60, 79, 80, 94, 110, 125, 160])
@pytest.mark.parametrize("mode", ["requests", "events"])
def test_a_row_is_as_wide_as_the_heads(width: int, mode: Any) -> None:
    columns = layout(width, mode)
    for number in range(20):
        row = request_row(number) if mode == "requests" else event_row(number)
        assert width_of(row_line(row, columns, RowContext(), PLACE)) == width_of(heads(columns))


def test_time_and_latency_are_never_dropped() -> None:
    assert {"time", "status", "latency"} <= set(widths(40))


def test_units_of_the_latency_stand_one_below_the_other() -> None:
    slow, quick = (plain(line(request_row(number), 98)) for number in (2, 0))
    assert slow.index(" s ") + 1 == quick.index(" ms ") + 1


def test_a_latency_of_a_minute_fills_its_column() -> None:
    assert "1 m 02 s" in plain(line({**request_row(0), "latency_ms": 62_000}))


def test_a_true_zero_is_a_faint_zero_and_an_unknown_a_faint_dash() -> None:
    zero = line({**request_row(0), "latency_ms": 0}, 98)
    unknown = line({**request_row(0), "latency_ms": None}, 98)
    assert ink_of(zero, "    0") == "ink-faint"
    assert ink_of(unknown, "    –") == "ink-faint"


def test_what_went_well_recedes_and_what_failed_is_loud() -> None:
    well, failed, refused = (line(request_row(number)) for number in (0, 2, 4))
    assert ink_of(well, "/parcels") == "ink-muted"
    assert ink_of(failed, "/parcels/{id}") == "ink-strong"
    assert ink_of(failed, "✗ 504") == ink_of(failed, "integration timeout") == "bold status-5xx"
    assert ink_of(refused, "! 429") == ink_of(refused, "throttled") == "status-4xx"
    assert ink_of(refused, "/parcels") == "ink"


def test_any_latency_of_a_second_is_bold() -> None:
    assert ink_of(line({**request_row(0), "latency_ms": 1_000}), "1.00") == "bold ink-strong"


def test_the_repeated_part_of_a_time_is_faint() -> None:
    row = request_row(2)
    assert ink_of(line(row, place=RowPlace(above_ms=START)), "02:11:") == "ink-faint"
    assert ink_of(line(row, place=RowPlace(above_ms=START - 60_000)), "02:11:") == "ink"
    assert ink_of(line(row), "02:11:") == "ink"


def test_times_are_of_the_zone_and_lose_their_millis_at_80() -> None:
    zone = timezone(timedelta(hours=1))
    assert " 03:11:21.874 " in plain(line(request_row(0), zone=zone))
    assert " 03:11:21 " in plain(line(request_row(0), 80, zone=zone))


def test_a_date_stands_only_where_the_day_differs() -> None:
    tomorrow = START + 86_400_000
    assert " 03-02 02:11 " in plain(line(request_row(0), now_ms=tomorrow))
    assert " 02:11:21.874 " in plain(line(request_row(0), now_ms=tomorrow, place=RowPlace(above_ms=START)))
    assert " 26-03-02 " in plain(line(request_row(0), 80, now_ms=tomorrow))


def test_a_relative_time_is_an_age() -> None:
    assert " 42 s ago " in plain(line(request_row(0), now_ms=START + 42_000, relative=True))


@pytest.mark.parametrize(
    ("extra", "expected", "ink"),
    [
        ({"late_ms": 41_000}, "late 41 s", "accent"),
        ({"state": "in_flight", "status": None}, "in flight 17 s", "ink-muted"),
        ({"truncated_lines": 2}, "truncated", "ink-muted"),
        ({"note": "access only"}, "access only", "ink-muted"),
        ({"cause": "throttled", "status": 429, "late_ms": 41_000}, "throttled", "status-4xx"),
    ],
)
def test_the_cause_column_holds_notes_where_there_is_no_cause(extra: dict[str, Any], expected: str, ink: str) -> None:
    spans = line({**request_row(0), **extra}, now_ms=START + 17_000)
    assert ink_of(spans, expected) == ink


def test_marks_and_late_rows_show_in_the_gutter() -> None:
    assert plain(line({**request_row(0), "marked": True})).startswith("◆ ")
    assert plain(line({**request_row(0), "late_ms": 1})).startswith("↳ ")
    assert plain(line({**request_row(0), "marked": True}, place=RowPlace(cursor=True))).startswith("▌◆")


def test_the_id_is_its_first_eight_characters_strong_on_failures_and_under_the_cursor() -> None:
    head = request_row(0)["request_id"][:8]
    assert plain(line(request_row(0))).rstrip().endswith(f"{head}…")
    assert plain(line(request_row(0), 80)).endswith(head)
    assert ink_of(line(request_row(0)), head) == "ink-muted"
    assert ink_of(line(request_row(0), place=RowPlace(cursor=True)), head) == "ink-strong"


def test_a_request_without_status_is_in_flight_or_unknown() -> None:
    assert "…" in plain(line({**request_row(16), "state": "in_flight"}))
    assert " ? " in plain(line({**request_row(16), "state": "execution_only"}))


def test_an_ipv6_address_is_cut_in_its_middle() -> None:
    text = plain(line(request_row(5)))
    assert "2001:db…70:7348" in text


def test_a_websocket_request_shows_its_event_type() -> None:
    assert " CONNECT " in plain(line({**request_row(0), "method": None, "event_type": "CONNECT"}))


def test_a_row_that_does_not_match_is_dimmed_throughout() -> None:
    spans = line({**request_row(2), "match": False})
    assert {spec for text, spec in spans if text.strip()} == {"ink-faint"}


GAP = {"gap": "AWS throttles", "gap_start": START, "gap_end": START + 22_400, "again_ms": 12_400}


def test_a_gap_tells_span_length_reason_and_next_try_over_the_whole_row() -> None:
    text = plain(line(GAP, 118))
    assert text.startswith("╌ gap 02:11:21.8 – 02:11:44.2   22.4 s not read: AWS throttles.  Again in 12 s ╌╌╌")
    assert len(text) == 116


@pytest.mark.parametrize("width", [80, 98, 118])
def test_a_long_reason_of_a_gap_is_cut_and_the_next_try_is_not(width: int) -> None:
    text = plain(line({**GAP, "gap": "no, " * 20 + "the credentials of profile shop have expired"}, width))
    assert "…" in text
    assert text.rstrip("╌ ").endswith("xpired.  Again in 12 s")
    assert len(text) <= width


def test_a_reason_that_says_that_it_is_not_read_says_so_once() -> None:
    text = plain(line({**GAP, "gap": "not read yet: the region allows 5 calls per second", "again_ms": None}, 118))
    assert "22.4 s not read yet: the region allows 5 calls per second. ╌" in text


def test_a_gap_over_midnight_names_both_days() -> None:
    text = plain(line({**GAP, "gap_end": START + 86_400_000, "again_ms": None}, 118))
    assert "gap 03-02 02:11:21 – 03-03 02:11:21   24 h 00 m not read: AWS throttles. ╌" in text


def test_a_line_break_in_a_route_does_not_break_the_row() -> None:
    text = plain(line({**request_row(0), "route": "/a\n/b\t/c"}))
    assert "/a⏎/b /c" in text


def test_events_show_their_kind_and_failing_lines() -> None:
    texts = [plain(line(event_row(number), 110)) for number in range(5)]
    assert [text[16] for text in texts] == ["E", "A", "L", "·", "E"]
    assert "✗" in texts[4]
    assert "WARN pool exhausted⏎ at pool.take" in texts[2]
    assert ink_of(line(event_row(2), 110), "L") == "accent"


def test_a_wrapped_event_keeps_its_line_breaks_and_loses_nothing() -> None:
    lines = wrapped_lines(event_row(2), layout(80, "events"), RowContext(), PLACE, most=20)
    text = " ".join(plain(each).strip() for each in lines)
    for word in ("WARN", "pool.take", "(pool.js:17)", "handler", "(index.js:4)"):
        assert word in text
    assert len(lines) == 3


def test_a_wrapped_event_says_how_many_lines_it_hides() -> None:
    row = {**event_row(0), "message": "\n".join(f"line {number}" for number in range(50))}
    lines = wrapped_lines(row, layout(80, "events"), RowContext(), PLACE, most=10)
    assert len(lines) == 10
    assert plain(lines[8]).strip() == "line 8"
    assert plain(lines[9]).strip() == "… 41 more lines"


def test_the_ascii_set_is_ascii() -> None:
    row = {**request_row(2), "marked": True, "route": "/" + "x" * 99}
    assert plain(line(row, 98, glyphs=ASCII)).isascii()


def test_every_glyph_is_one_cell() -> None:
    for name, glyph in vars(UNICODE).items():
        if name in ("evidence", "span_ends", "ascii"):
            continue
        assert {cell_len(letter) for letter in glyph} == {1}, name


@pytest.mark.parametrize(
    ("status", "expected"),
    [(503, "5xx"), (404, "4xx"), (304, "3xx"), (200, "2xx"), (101, "1xx"), (None, "none"), (700, "none")],
)
def test_a_status_has_its_class(status: int | None, expected: str) -> None:
    assert class_of(status) == expected


@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"])), width=st.integers(1, 40))
def test_property_fitted_text_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) == width
    assert cell_len(cut_middle(text, width)) <= width


@given(
    route=st.text(st.characters(exclude_categories=["Cc", "Cs"])),
    width=st.sampled_from([80, 98, 115, 135]),
)
def test_property_a_row_keeps_its_width_whatever_the_route(route: str, width: int) -> None:
    columns = layout(width)
    spans = row_line({**request_row(2), "route": route}, columns, RowContext(zone=UTC), PLACE)
    assert width_of(spans) == width - right_edge(width)


CHOSEN = (ChosenColumn("status"), ChosenColumn("route"), ChosenColumn("access.shop", 20), ChosenColumn("bytes"))


def test_chosen_columns_stand_in_their_order_with_their_widths() -> None:
    columns = layout(120, "requests", CHOSEN)
    assert [column.name for column in columns] == ["status", "route", "access.shop", "bytes"]
    assert [column.title for column in columns] == ["ST", "ROUTE", "SHOP", "BYTES"]
    assert columns[2].width == 20
    assert whole_width(columns) + right_edge(120) == 120


def test_a_route_whose_width_was_chosen_does_not_take_what_is_left() -> None:
    (route,) = layout(120, "requests", (ChosenColumn("route", 30),))
    assert route.width == 30


def test_chosen_columns_may_be_wider_than_the_list_and_the_heads_say_how_many_are_hidden() -> None:
    columns = layout(40, "requests", (*CHOSEN, ChosenColumn("agent")))
    assert whole_width(columns) > 40
    assert columns_beyond(columns, 40) == 2
    assert columns_beyond(columns, 400) == 0


def test_columns_are_chosen_for_requests_alone() -> None:
    assert layout(120, "events", CHOSEN) == layout(120, "events")


@pytest.mark.parametrize(
    ("name", "extra", "expected"),
    [
        ("bytes", {"response_bytes": 8_400}, "  8.4 KB"),
        ("bytes", {"response_bytes": None}, "    –   "),
        ("bytes", {"response_bytes": 0}, "    0 B "),
        ("overhead", {"overhead_ms": 1_500}, " 1.50 s "),
        ("agent", {"user_agent": "curl/8\n"}, "curl/8  "),
        ("agent", {"user_agent": None}, "–       "),
        ("integration.status", {"integration_status": 502}, "     502"),
        ("access.shop", {"access": {"shop": "north"}}, "north   "),
        ("access.shop", {"access": {"shop": 0}}, "0       "),
        ("access.shop", {"access": {"shop": "-"}}, "–       "),
        ("access.shop", {"access": None}, "–       "),
        ("access.shop", {}, "–       "),
    ],
)
def test_a_cell_says_what_its_column_knows(name: str, extra: dict[str, Any], expected: str) -> None:
    columns = layout(120, "requests", (ChosenColumn(name, 8),))
    assert plain(row_line({**request_row(0), **extra}, columns, RowContext(), PLACE))[GUTTER:] == expected


def test_a_wide_column_shows_the_whole_request_id() -> None:
    row = request_row(0)
    for width, expected in (
        (36, row["request_id"]),
        (20, row["request_id"][:19] + "…"),
        (10, row["request_id"][:8] + "…"),
    ):
        columns = layout(120, "requests", (ChosenColumn("id", width),))
        assert plain(row_line(row, columns, RowContext(), PLACE))[GUTTER:].rstrip() == expected


def test_the_cell_under_the_cursor_is_reversed() -> None:
    spans = line(request_row(2), place=RowPlace(cursor=True, cell="method"))
    assert ink_of(spans, "POST").startswith("reverse ")
    assert not ink_of(spans, "/parcels/{id}").startswith("reverse ")


@pytest.mark.parametrize(("sort", "title"), [("-latency", "LATENCY▾"), ("latency", "LATENCY▴"), ("", " LATENCY")])
def test_the_head_of_the_sorted_column_points_to_where_it_goes(sort: str, title: str) -> None:
    table = Table(sort=sort)
    spans = heads(table.columns(120), table)
    assert title in plain(spans)
    assert (ink_of(spans, title.strip()) == "bold ink-strong") == bool(sort)


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=9), max_size=6),
    offset=st.integers(0, 40),
    room=st.integers(GUTTER, 60),
)
def test_property_scrolling_moves_all_but_the_gutter(texts: list[str], offset: int, room: int) -> None:
    spans = (("▌ ", "accent"), *((text, "ink") for text in texts))
    shown = shifted(spans, offset, room)
    whole = width_of(spans) - GUTTER
    assert width_of(shown) == GUTTER + min(room - GUTTER, max(0, whole - offset))
    assert shown[0] == ("▌ ", "accent")
    if all(text.isascii() for text in texts):
        assert plain(shown)[GUTTER:] == "".join(texts)[offset : offset + room - GUTTER]


def test_secrets_are_masked_in_lines_paths_and_access_fields_until_they_are_asked_for() -> None:
    secret = "s3cr3tT0k3nValue9876"  # noqa: S105 - invented
    event = {**event_row(2), "message": f"Endpoint request headers: {{x-api-key={secret}, Accept=*/*}}"}
    columns = layout(120, "events")
    assert secret not in plain(row_line(event, columns, RowContext(), PLACE))
    assert secret in plain(row_line(event, columns, RowContext(reveal=True), PLACE))
    wrapped = wrapped_lines({**event, "message": f"token={secret} " * 20}, columns, RowContext(), PLACE, most=9)
    assert not any(secret in plain(line) for line in wrapped)
    request = {**request_row(2), "access": {"sessionToken": secret}}
    chosen = layout(120, "requests", (ChosenColumn("access.sessionToken", 30),))
    assert secret not in plain(row_line(request, chosen, RowContext(), PLACE))
    assert secret in plain(row_line(request, chosen, RowContext(reveal=True), PLACE))
