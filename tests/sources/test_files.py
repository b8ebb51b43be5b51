"""Files, directories and stdin: what they hold is told by their beginning, and nothing in them is lost."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from threading import Event as StopFlag
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.timerange import TimeRange
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Progress, Trouble, Update
from apigw_tui.sources.file_shapes import shape_of
from apigw_tui.sources.files import FileSource
from apigw_tui.sources.raw_lines import RawLines
from tests.sources.file_reading import statuses, stored

NOON = 1_786_276_800_000
REQUEST = "0b2f6c1e-1111-4222-8333-444455556666"
EVERYTHING = TimeRange(0)


def entry(number: int, at: int = NOON) -> str:
    values = {
        "requestId": f"{number:08x}-1111-4222-8333-444455556666",
        "requestTime": "09/Aug/2026:12:00:00 +0000",
        "requestTimeEpoch": str(at),
        "httpMethod": "GET",
        "resourcePath": "/orders/{id}",
        "status": "200",
        "responseLatency": "12",
    }
    return json.dumps(values)


def clf(second: int) -> str:
    return f'192.0.2.7 - - [09/Aug/2026:12:00:{second:02} +0000] "GET /orders HTTP/1.1" 200 512 {REQUEST}'


def event(number: int) -> dict[str, object]:
    return {
        "logStreamName": "stream",
        "timestamp": NOON + number,
        "message": f"message {number}",
        "ingestionTime": NOON + 2_000,
        "eventId": f"{number:056d}",
    }


def own_event(number: int) -> dict[str, object]:
    return {
        "timestamp": f"2026-08-09T12:00:00.{number:03}Z",
        "ingestion_time": None,
        "event_id": f"{number:056d}",
        "log_group": "/orders/access",
        "log_stream": None,
        "kind": "access",
        "line_kind": None,
        "request_id": REQUEST,
        "message": f"message {number}",
    }


def read(*paths: Path, time_range: TimeRange = EVERYTHING) -> list[Update]:
    return list(FileSource([str(path) for path in paths]).backfill(time_range, StopFlag()))


def rows(updates: Iterable[Update]) -> list[dict[str, object]]:
    return [row for update in updates if isinstance(update, Batch) for row in update.events.to_dicts()]


def messages(updates: Iterable[Update]) -> list[object]:
    return [row["message"] for row in rows(updates)]


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_access_lines_are_events_at_their_request_times(tmp_path: Path) -> None:
    path = written(tmp_path / "access.log", f"{entry(1)}\n\n{entry(2, NOON + 5)}\r\n{entry(3, NOON + 9)}")
    updates = read(path)
    assert messages(updates) == [entry(1), entry(2, NOON + 5), entry(3, NOON + 9)]
    assert [row["timestamp"] for row in rows(updates)] == [NOON, NOON + 5, NOON + 9]
    assert {row["log_group"] for row in rows(updates)} == {str(path)}
    assert {row["event_id"] for row in rows(updates)} == {None}
    assert {row["scope"] for row in rows(updates)} == {""}
    batch = next(update for update in updates if isinstance(update, Batch))
    assert batch.events.schema == RAW_EVENTS
    assert updates[-1] == Progress(3, 1, read_from=0, done=True)


def test_clf_lines_have_times_to_the_second(tmp_path: Path) -> None:
    path = written(tmp_path / "access.log", "\n".join(clf(second) for second in range(3)))
    assert [row["timestamp"] for row in rows(read(path))] == [NOON, NOON + 1000, NOON + 2000]


def test_a_range_leaves_out_what_lies_outside(tmp_path: Path) -> None:
    path = written(tmp_path / "access.log", "\n".join(clf(second) for second in range(10)))
    found = rows(read(path, time_range=TimeRange(NOON + 3000, NOON + 5000)))
    assert [row["timestamp"] for row in found] == [NOON + 3000, NOON + 4000, NOON + 5000]


def test_lines_that_continue_an_execution_line_belong_to_it(tmp_path: Path) -> None:
    lines = [
        f"({REQUEST}) Starting execution for request: {REQUEST}",
        f"({REQUEST}) Method request body before transformations: {{",
        '  "pay": "card",',
        "",
        '  "at": 1551194973732',
        "}",
        f"({REQUEST}) Method completed with status: 200",
        entry(1),
        entry(2),
    ]
    found = messages(read(written(tmp_path / "execution.log", "\n".join(lines))))
    assert found == [lines[0], "\n".join(lines[1:6]), lines[6], lines[7], lines[8]]


def test_numbers_in_a_payload_are_no_times(tmp_path: Path) -> None:
    lines = [entry(1), f"({REQUEST}) Method request body before transformations: 1551194973732", entry(2, NOON + 9)]
    found = rows(read(written(tmp_path / "mixed.log", "\n".join(lines))))
    assert [row["timestamp"] for row in found] == [NOON, NOON, NOON + 9]


def test_numbers_in_what_is_printed_in_several_lines_are_no_times(tmp_path: Path) -> None:
    lines = [clf(1), "EVENT {", '  "SentTimestamp": "1551194973732",', '"at": 1551194973732', "}", clf(2)]
    found = rows(read(written(tmp_path / "mixed.log", "\n".join(lines))))
    assert [row["timestamp"] for row in found] == [NOON + 1000] * 5 + [NOON + 2000]


def test_lines_without_any_time_have_that_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "execution.log", f"({REQUEST}) Starting execution for request: {REQUEST}\n" * 3)
    os.utime(path, (NOON / 1000, NOON / 1000))
    assert [row["timestamp"] for row in rows(read(path))] == [NOON] * 3


def test_lines_before_the_first_known_time_take_it(tmp_path: Path) -> None:
    path = written(tmp_path / "some.log", f"a banner\n{clf(7)}\nno time either\n")
    assert [row["timestamp"] for row in rows(read(path))] == [NOON + 7000] * 3


@pytest.mark.parametrize("size", [1, 7, 40, 100_000])
def test_events_do_not_depend_on_how_the_file_is_cut_into_blocks(size: int) -> None:
    text = "\n".join(
        [
            entry(1),
            f"({REQUEST}) Endpoint response body before transformations: {{",
            '"a": 1',
            "}",
            f"({REQUEST}) b",
            clf(3),
        ]
    )
    lines = text.splitlines(keepends=True)
    blocks = ["".join(lines[start : start + size]) for start in range(0, len(lines), size)]
    reader = RawLines("x", NOON)
    frames = [frame for block in blocks for frame in reader.read(block.encode())] + list(reader.finish())
    whole = RawLines("x", NOON)
    expected = [*whole.read(text.encode()), *whole.finish()]
    found = [row["message"] for frame in frames for row in frame.to_dicts()]
    assert found == [row["message"] for frame in expected for row in frame.to_dicts()]
    assert len(found) == 4


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=60), min_size=1))
def test_property_no_character_of_raw_lines_is_lost(lines: list[str]) -> None:
    reader = RawLines("x", NOON)
    frames = [*reader.read("\n".join(lines).encode()), *reader.finish()]
    found = "\n".join(str(row["message"]) for frame in frames for row in frame.to_dicts())
    assert "".join(found.split()) == "".join("\n".join(lines).split())


def test_our_own_ndjson_comes_back_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path / "events.ndjson", "\n".join(json.dumps(own_event(n)) for n in range(3)))
    found = rows(read(path))
    assert [row["timestamp"] for row in found] == [NOON, NOON + 1, NOON + 2]
    assert [row["event_id"] for row in found] == [f"{n:056d}" for n in range(3)]
    assert {row["log_group"] for row in found} == {"/orders/access"}
    assert {row["ingestion_time"] for row in found} == {None}


def test_a_line_that_is_no_event_stays_as_a_message(tmp_path: Path) -> None:
    lines = [json.dumps(own_event(0)), "garbage {", json.dumps({"a": 1}), json.dumps(event(5))]
    found = rows(read(written(tmp_path / "events.ndjson", "\n".join(lines))))
    assert [row["message"] for row in found] == ["message 0", "garbage {", '{"a": 1}', "message 5"]
    assert found[3]["event_id"] == f"{5:056d}"
    assert found[3]["timestamp"] == NOON + 5


@pytest.mark.parametrize("indent", [None, 4])
def test_what_filter_log_events_prints_is_read(tmp_path: Path, indent: int | None) -> None:
    answers = [{"events": [event(1), event(2)], "nextToken": "t"}, {"events": [event(3)], "searchedLogStreams": []}]
    text = "\n".join(json.dumps(answer, indent=indent) for answer in answers)
    found = rows(read(written(tmp_path / "answer.json", text)))
    assert [row["message"] for row in found] == ["message 1", "message 2", "message 3"]
    assert [row["ingestion_time"] for row in found] == [NOON + 2000] * 3
    assert [row["log_stream"] for row in found] == ["stream"] * 3


def test_a_list_of_events_is_read(tmp_path: Path) -> None:
    text = json.dumps([event(1), event(2)], indent=2)
    assert messages(read(written(tmp_path / "list.json", text))) == ["message 1", "message 2"]


def test_events_with_odd_values_are_kept(tmp_path: Path) -> None:
    odd = [
        {**event(1), "timestamp": str(NOON)},
        {**event(2), "timestamp": 1e300},
        {**event(3), "message": "half a pair \ud800"},
        {**event(4), "timestamp": None},
    ]
    found = rows(read(written(tmp_path / "odd.json", json.dumps({"events": odd}))))
    assert [row["event_id"] for row in found] == [f"{n:056d}" for n in (1, 2, 3, 4)]
    assert found[0]["timestamp"] == NOON


def test_access_entries_with_a_message_are_no_events() -> None:
    line = json.dumps({"requestId": REQUEST, "timestamp": NOON, "message": "Forbidden"})
    assert shape_of(f"{line}\n".encode()) == "lines"


@pytest.mark.parametrize("members", [1, 3])
def test_gz_of_any_number_of_members_is_read(tmp_path: Path, members: int) -> None:
    packed = b"".join(gzip.compress(f"{entry(n)}\n".encode()) for n in range(members))
    path = written(tmp_path / "whatever.name", packed)
    assert messages(read(path)) == [entry(n) for n in range(members)]


def test_a_gz_that_is_cut_short_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    text = "\n".join(entry(n) for n in range(5000))
    path = written(tmp_path / "access.gz", gzip.compress(text.encode())[:-4000])
    updates = read(path)
    assert 1000 < len(messages(updates)) < 5001
    told = [update.error.message for update in updates if isinstance(update, Trouble)]
    assert len(told) == 1
    assert "cut short" in told[0]


def test_a_log_with_some_nul_bytes_is_still_a_log(tmp_path: Path) -> None:
    lines = [f"({REQUEST}) Method completed with status: 200".encode(), b"\0" * 4, b"what a client sent: a\0b"]
    store = stored(written(tmp_path / "a.log", b"\n".join(lines)))
    assert statuses(store) == {REQUEST: 200}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "There is nothing in"),
        (b"\n \n", "There is nothing in"),
        (bytes(range(256)) * 40, "no text"),
        (b"\x1f\x8b\x08\x00", "damaged or cut short"),
        (b"\x1f\x8bnot gzip at all", "damaged or cut short"),
        (gzip.compress(b"\x00\x01" * 500, mtime=0), "no text"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b'{"events": [{"mess', "JSON is damaged or cut short"),
    ],
)
def test_garbage_is_told_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = written(tmp_path / "garbage", content)
    with pytest.raises(AppError, match=sentence) as raised:
        read(path)
    assert str(path) in raised.value.message
    assert raised.value.exit_code == 1


def test_text_that_is_not_utf8_stays(tmp_path: Path) -> None:
    assert messages(read(written(tmp_path / "latin", b"caf\xe9 1\nplain\n"))) == [
        "caf\N{REPLACEMENT CHARACTER} 1",
        "plain",
    ]


def test_a_file_that_vanished_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="No such file"):
        read(tmp_path / "gone.log")


def test_a_directory_is_read_with_all_below_but_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    written(tmp_path / "b" / "two.gz", gzip.compress(clf(2).encode()))
    written(tmp_path / "a.log", clf(1))
    written(tmp_path / ".hidden", clf(3))
    written(tmp_path / "picture", bytes(100))
    updates = read(tmp_path)
    assert messages(updates) == [clf(1), clf(2)]
    told = [update.error.message for update in updates if isinstance(update, Trouble)]
    assert len(told) == 1
    assert "picture" in told[0]


def test_a_directory_without_any_readable_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no file"):
        read(tmp_path)
    written(tmp_path / "picture", bytes(100))
    with pytest.raises(AppError, match="None of the 1 files"):
        read(tmp_path)


def test_stdin_gives_lines_as_they_come() -> None:
    reader, writer = os.pipe()
    source = FileSource(["-"], stdin=FileIO(reader), clock=lambda: NOON)
    updates = source.backfill(EVERYTHING, StopFlag())
    with FileIO(writer, "w") as pipe:
        pipe.write(f"{clf(1)}\n{clf(2)}\n".encode())
        first = next(updates)
        assert messages([first]) == [clf(1), clf(2)]
        pipe.write(clf(3).encode())
    assert messages(updates) == [clf(3)]
    assert source.title == "stdin"
    assert not source.live


def test_a_silent_stdin_ends_soon_after_stop() -> None:
    reader, writer = os.pipe()
    stop = StopFlag()
    seen: list[Update] = []
    source = FileSource(["-"], stdin=FileIO(reader))
    thread = Thread(target=lambda: seen.extend(source.backfill(EVERYTHING, stop)))
    thread.start()
    stop.set()
    thread.join(10)
    os.close(writer)
    assert not thread.is_alive()
    assert seen == []


def test_an_id_is_found_with_the_other_lines_of_its_request(tmp_path: Path) -> None:
    lines = [
        f"({REQUEST}) Extended Request Id: Vts2pH6ArPEFcuQ=",
        f"({REQUEST}) Method completed with status: 200",
        "(99999999-1111-4222-8333-444455556666) Method completed with status: 200",
    ]
    path = written(tmp_path / "execution.log", "\n".join(lines))
    source = FileSource([str(path)])
    assert messages(source.find("Vts2pH6ArPEFcuQ=", EVERYTHING, StopFlag())) == lines[:2]
    assert messages(source.find(REQUEST, EVERYTHING, StopFlag())) == lines[:2]
    assert messages(source.find("nobody", EVERYTHING, StopFlag())) == []


def test_a_given_format_is_known_for_every_file(tmp_path: Path) -> None:
    path = written(tmp_path / "access.log", clf(1))
    source = FileSource([str(tmp_path)], access_format="$context.requestId $context.status")
    assert source.formats[str(path)].source == "$context.requestId $context.status"
    assert FileSource([str(tmp_path)]).formats == {}


def test_batches_stay_small(tmp_path: Path) -> None:
    path = written(tmp_path / "access.log", "\n".join(f"line {number}" for number in range(120_000)))
    updates = read(path)
    sizes = [update.events.height for update in updates if isinstance(update, Batch)]
    assert sum(sizes) == 120_000
    assert max(sizes) <= 50_000
