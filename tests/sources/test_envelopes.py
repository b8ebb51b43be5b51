"""JSON documents of log events: what AWS answers, sends to subscriptions and writes to S3, in any number."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.errors import AppError
from apigw_tui.sources.envelopes import CutJsonError, events_of, read_documents
from apigw_tui.sources.event_records import Origin
from apigw_tui.sources.file_shapes import shape_of
from tests.sources.file_reading import EVENT_ID, GROUP, LINES, NOON, REQUEST, STREAM, read_rows, statuses, stored

COMMENTS = "# from: a colleague\n# note: pretty\n"
OTHER = REQUEST.replace("1111", "2222")


def ids(number: int) -> str:
    return f"{EVENT_ID[:-3]}{number:03}"


def payload(lines: tuple[str, ...] = LINES, first: int = 0) -> dict[str, Any]:
    events = [
        {"id": ids(first + number), "timestamp": NOON + number, "message": line} for number, line in enumerate(lines)
    ]
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "111122223333",
        "logGroup": GROUP,
        "logStream": STREAM,
        "subscriptionFilters": ["ship"],
        "logEvents": events,
    }


def control(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "logEvents": events,
    }


def record(number: int, **more: object) -> dict[str, Any]:
    return {"timestamp": NOON + number, "message": LINES[number], "ingestionTime": NOON + 50, **more}


def row_of_insights(number: int) -> list[dict[str, str]]:
    values = {
        "@timestamp": f"2026-08-09 12:00:00.{number:03}",
        "@message": LINES[number],
        "@log": f"111122223333:{GROUP}",
        "@logStream": STREAM,
        "@ptr": "CmEKJgoiMTExMTIy",
    }
    return [{"field": field, "value": value} for field, value in values.items()]


NUMBERS = range(len(LINES))
DOCUMENTS: dict[str, tuple[Any, bool]] = {
    "subscription": (payload(), True),
    "filter-log-events": ({"events": [record(n, eventId=ids(n), logStreamName=STREAM) for n in NUMBERS]}, False),
    "get-log-events": ({"events": [record(n) for n in NUMBERS], "nextForwardToken": "f/1"}, False),
    "list of events": ([record(n) for n in NUMBERS], False),
    "live tail update": (
        {
            "sessionUpdate": {
                "sessionMetadata": {"sampled": False},
                "sessionResults": [
                    record(n, logStreamName=STREAM, logGroupIdentifier=f"111122223333:{GROUP}") for n in NUMBERS
                ],
            }
        },
        True,
    ),
    "live tail results": (
        {
            "sessionResults": [
                record(n, logGroupIdentifier=f"arn:aws:logs:eu-west-1:111122223333:log-group:{GROUP}:*")
                for n in NUMBERS
            ]
        },
        True,
    ),
    "insights": ({"results": [row_of_insights(n) for n in NUMBERS], "status": "Complete"}, True),
    "insights table": (
        [
            {"@timestamp": f"2026-08-09 12:00:00.{n:03}", "@message": LINES[n], "@log": f"111122223333:{GROUP}"}
            for n in NUMBERS
        ],
        True,
    ),
    "search hits": (
        {
            "took": 1,
            "hits": {
                "hits": [
                    {
                        "_id": ids(n),
                        "_source": {
                            "@id": ids(n),
                            "@timestamp": f"2026-08-09T12:00:00.{n:03}Z",
                            "@message": LINES[n],
                            "@log_group": GROUP,
                            "@log_stream": STREAM,
                        },
                    }
                    for n in NUMBERS
                ]
            },
        },
        True,
    ),
    "payloads in a list": ([payload(LINES[:2]), payload(LINES[2:], first=2)], True),
}


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_events_of_a_document_are_read(tmp_path: Path, name: str, indent: int | None) -> None:
    document, names_group = DOCUMENTS[name]
    rows = read_rows(tmp_path / "file", json.dumps(document, indent=indent))
    assert [row["message"] for row in rows] == list(LINES)
    assert {row["log_group"] for row in rows} == {GROUP if names_group else str(tmp_path / "file")}
    assert rows[0]["timestamp"] == NOON
    assert statuses(stored(tmp_path / "file")) == {REQUEST: 504}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_comments_before_a_document_stay_as_events(tmp_path: Path, name: str) -> None:
    rows = read_rows(tmp_path / "file", COMMENTS + json.dumps(DOCUMENTS[name][0], indent=1))
    assert [row["message"] for row in rows] == [*COMMENTS.splitlines(), *LINES]
    assert [row["timestamp"] for row in rows[:2]] == [NOON, NOON]


@pytest.mark.parametrize("between", ["", "\n", " \r\n", ",\n"])
def test_payloads_back_to_back_are_read(tmp_path: Path, between: str) -> None:
    documents = [
        payload(LINES[:2]),
        control([{"id": "", "timestamp": NOON, "message": "CWL CONTROL"}]),
        payload(LINES[2:], 2),
    ]
    rows = read_rows(tmp_path / "file", between.join(json.dumps(document) for document in documents))
    assert [row["message"] for row in rows] == [*LINES[:2], "CWL CONTROL", *LINES[2:]]
    assert [row["log_group"] for row in rows] == [GROUP, GROUP, str(tmp_path / "file"), GROUP, GROUP]
    assert [row["event_id"] for row in rows] == [ids(0), ids(1), None, ids(2), ids(3)]
    assert [row["log_stream"] for row in rows] == [STREAM, STREAM, None, STREAM, STREAM]
    assert statuses(stored(tmp_path / "file")) == {REQUEST: 504}


def test_members_of_gzip_back_to_back_are_read(tmp_path: Path) -> None:
    packed = b"".join(
        gzip.compress(json.dumps(document).encode())
        for document in (payload(LINES[:2]), control([]), payload(LINES[2:], 2))
    )
    rows = read_rows(tmp_path / "2026-08-09-12", packed)
    assert [row["message"] for row in rows] == [*LINES[:2], json.dumps(control([])), *LINES[2:]]


def test_what_follows_gzip_and_is_none_is_told(tmp_path: Path) -> None:
    packed = gzip.compress(json.dumps(payload()).encode())
    assert len(read_rows(tmp_path / "padded", packed + bytes(512))) == len(LINES)
    assert len(read_rows(tmp_path / "trailed", packed + b"plain text")) == len(LINES)


def test_a_control_message_gives_no_request(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(json.dumps(control([{"id": "", "timestamp": NOON, "message": "CWL CONTROL"}])))
    store = stored(tmp_path / "file")
    assert len(store.events) == 1
    assert len(store.requests) == 0


def test_times_may_be_texts(tmp_path: Path) -> None:
    document = payload()
    document["logEvents"] = [{**event, "timestamp": str(event["timestamp"])} for event in document["logEvents"]]
    rows = read_rows(tmp_path / "file", json.dumps(document))
    assert [row["timestamp"] for row in rows] == [NOON, NOON + 1, NOON + 2, NOON + 3]


def test_rows_of_insights_without_a_message_are_kept_by_their_fields(tmp_path: Path) -> None:
    cells = [{"field": "status", "value": "504"}, {"field": "count(*)", "value": "3"}, {"field": "@ptr", "value": "x"}]
    rows = read_rows(tmp_path / "file", json.dumps({"results": [cells]}))
    assert [row["message"] for row in rows] == ['{"status": "504", "count(*)": "3"}']


def test_rows_of_insights_are_no_duplicates_of_each_other(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(json.dumps(DOCUMENTS["insights"][0]))
    store = stored(tmp_path / "file")
    assert (len(store.events), store.duplicates) == (len(LINES), 0)


def test_a_pretty_access_entry_is_an_event(tmp_path: Path) -> None:
    entries = [
        {"requestId": REQUEST, "status": 200, "httpMethod": "GET"},
        {"requestId": OTHER, "status": 404, "httpMethod": "GET"},
    ]
    texts = [json.dumps(entry, indent=2) for entry in entries]
    rows = read_rows(tmp_path / "file", "\n".join(texts))
    assert [row["message"] for row in rows] == texts
    assert statuses(stored(tmp_path / "file")) == {REQUEST: 200, OTHER: 404}
    read_rows(tmp_path / "file", json.dumps(entries, indent=2))
    assert statuses(stored(tmp_path / "file")) == {REQUEST: 200, OTHER: 404}


def test_access_entries_without_newlines_are_read_one_by_one(tmp_path: Path) -> None:
    entries = [json.dumps({"requestId": request, "status": "200", "httpMethod": "GET"}) for request in (REQUEST, OTHER)]
    assert [row["message"] for row in read_rows(tmp_path / "file", "".join(entries))] == entries
    assert statuses(stored(tmp_path / "file")) == {REQUEST: 200, OTHER: 200}


def test_the_answer_to_a_test_invocation_is_one_request(tmp_path: Path) -> None:
    at = "Sun Aug 09 12:00:00 UTC 2026 : "
    lines = [f"Starting execution for request: {REQUEST}", "Method completed with status: 502", ""]
    log = f"\n{at}".join([f"Execution log for request {REQUEST}", *lines])
    rows = read_rows(tmp_path / "file", json.dumps({"status": 502, "body": "", "log": log, "latency": 9}, indent=4))
    assert [row["message"] for row in rows] == [log]
    assert statuses(stored(tmp_path / "file")) == {REQUEST: 502}


def test_other_documents_stay_raw(tmp_path: Path) -> None:
    other = '{\n    "StatusCode": 200,\n    "ExecutedVersion": "$LATEST"\n}'
    events = json.dumps({"events": [record(n) for n in NUMBERS]}, indent=4)
    rows = read_rows(tmp_path / "file", f"{other}\n{events}\n")
    assert [row["message"] for row in rows] == [other, *LINES]
    assert rows[0]["timestamp"] == NOON


def test_text_between_documents_stays_raw(tmp_path: Path) -> None:
    text = f"{json.dumps(payload(LINES[:2]))}\n$ aws logs again\n{json.dumps(payload(LINES[2:], 2))}\nbye"
    rows = read_rows(tmp_path / "file", text)
    assert [row["message"] for row in rows] == [*LINES[:2], "$ aws logs again", *LINES[2:], "bye"]


def test_a_broken_document_hides_no_other(tmp_path: Path) -> None:
    broken = '{"messageType": DATA, "logEvents": []}'
    text = f"{json.dumps(payload(LINES[:2]))}{broken}{json.dumps(payload(LINES[2:], 2))}"
    rows = read_rows(tmp_path / "file", text)
    assert [row["message"] for row in rows] == [*LINES[:2], broken, *LINES[2:]]


def test_documents_do_not_depend_on_the_blocks() -> None:
    text = "\n".join(json.dumps(payload((line,), number), indent=2) for number, line in enumerate(LINES))
    lines = text.encode().splitlines(keepends=True)
    for size in (1, 5, 40, 1000):
        blocks = [b"".join(lines[start : start + size]) for start in range(0, len(lines), size)]
        frames = read_documents(blocks, Origin("x", 0))
        assert [row["message"] for frame in frames for row in frame.to_dicts()] == list(LINES)


def test_a_cut_document_is_told_after_those_before() -> None:
    text = json.dumps(payload()) + '{"messageType": "DATA_MESSAGE", "logEv'
    frames = read_documents([text.encode()], Origin("x", 0))
    assert next(frames).height == len(LINES)
    with pytest.raises(CutJsonError):
        next(frames)


def test_a_document_that_is_all_broken_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="JSON is damaged or cut short"):
        read_rows(tmp_path / "file", '# note\n{"messageType": "DATA_MESSAGE", "logEv')


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (json.dumps(payload()), "documents"),
        (json.dumps(payload(), indent=2), "documents"),
        ('{\n  "owner": "111122223333",\n  "logGroup": "', "documents"),
        ('[\n  {\n    "@timestamp": "2026-08-09 12:00:00.000",\n    "@message": "', "documents"),
        (json.dumps(record(0)), "records"),
        (json.dumps({"requestId": REQUEST, "status": "200"}), "lines"),
        ('{"requestId": "x", "status": -}\n{"requestId": "y"}', "lines"),
        ("[ERROR] 2026-08-09T12:00:00.000Z it broke", "lines"),
        ("{", "lines"),
        ('{\n  "requestId": "x",\n  "status": 200\n', "documents"),
        ('{\n  "requestId": "x",\n  "status": fals', "documents"),
        ('{\n  "requestId": "x', "documents"),
        ('{\n  "requestId" "x",\n  "status": 200\n}', "lines"),
        ("{\n  requestId: x\n}\n", "lines"),
        ("[1, 2]", "lines"),
        (f"timestamp,message\n{NOON},x", "table"),
        (LINES[0], "lines"),
    ],
)
def test_a_file_is_told_by_its_beginning(text: str, shape: str) -> None:
    assert shape_of(text.encode()) == shape


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["events", "logEvents", "results", "hits", "_source", "message", "timestamp", "log"]),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_property_no_document_raises(document: object) -> None:
    events_of(document)
    if isinstance(document, dict | list):
        frames = read_documents([json.dumps(document).encode()], Origin("x", NOON))
        assert all(frame["timestamp"].null_count() == 0 for frame in frames)
