"""X-Ray segment documents as one tree of segments."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.console_links import trace_link
from apigw_tui.core.trace import (
    NOT_SAMPLED,
    Trace,
    TraceSegment,
    count_unread,
    is_sampled,
    normal_trace_id,
    segments_json,
    segments_of,
    shortlisted,
    subset,
    unsampled,
)

START = 1_773_022_282_418
TRACE_ID = "1-65f0c2a1-4b7d4e219a550c6d1f2e3a4b"


def segment(name: str, start: int, end: int | None, **members: Any) -> dict[str, Any]:
    """A segment document, `start` and `end` in ms after START; its ID is made of its name."""
    times = {"start_time": (START + start) / 1000}
    if end is not None:
        times["end_time"] = (START + end) / 1000
    return {"id": name.encode().hex()[:16], "name": name, **times, **members}


def gateway() -> dict[str, Any]:
    call = segment("Lambda", 2, 40, namespace="aws", aws={"operation": "Invoke", "function_name": "orders-write"})
    return segment("orders/prod", 0, 42, origin="AWS::ApiGateway::Stage", subsegments=[call])


def service() -> dict[str, Any]:
    return segment("service", 4, 38, origin="AWS::Lambda", parent_id=b"Lambda".hex())


def told(documents: list[Any], started_at: int | None = START) -> list[tuple[int, str, int | None, int | None]]:
    found = segments_of(documents, started_at=started_at)
    return [(each.depth, each.name, each.start_ms, each.duration_ms) for each in found]


def test_documents_hang_below_the_subsegment_they_name() -> None:
    documents = [service(), gateway()]
    assert told(documents) == [(0, "orders/prod", 0, 42), (1, "Lambda", 2, 38), (2, "service", 4, 34)]
    assert told([json.dumps(document) for document in documents]) == told(documents)


def test_without_a_start_of_the_request_the_earliest_segment_is_the_start() -> None:
    assert told([service()], started_at=None) == [(0, "service", 0, 34)]


def test_a_clock_that_is_behind_gives_a_negative_start() -> None:
    assert told([segment("early", -5, 3)]) == [(0, "early", -5, 8)]


def test_siblings_come_by_their_start() -> None:
    parts = [segment("Overhead", 30, 31), segment("Initialization", 1, 9), segment("Invocation", 9, 30)]
    names = [name for _, name, _, _ in told([segment("function", 0, 32, subsegments=parts)])]
    assert names == ["function", "Initialization", "Invocation", "Overhead"]


def test_marks_and_exceptions_are_told() -> None:
    thrown = {"exceptions": [{"type": "KeyError", "message": "'customer_id'"}]}
    documents = [
        segment("a", 0, 1, fault=True, cause=thrown),
        segment("b", 1, 2, error=True, http={"response": {"status": 404}}),
        segment("c", 2, 3, error=True, throttle=True, http={"response": {"status": 429}}),
        segment("d", 3, None, in_progress=True),
        segment("e", 4, None),
        segment("f", 5, 6, http={"response": {"status": 200}}),
    ]
    found = segments_of(documents, started_at=START)
    assert [each.outcome for each in found] == ["fault", "error", "throttle", "in_progress", "in_progress", "ok"]
    assert [each.detail for each in found][:3] == ["KeyError: 'customer_id'", "status 404", "status 429"]
    assert found[3].duration_ms is None
    assert found[5].detail is None


def test_what_was_called_is_told() -> None:
    request = {"request": {"method": "GET", "url": "https://catalog.example/search"}, "response": {"status": 503}}
    documents = [
        segment("DynamoDB", 0, 1, namespace="aws", aws={"operation": "GetItem", "table_name": "carts"}),
        segment("orders-db", 1, 2, namespace="remote", sql={"sanitized_query": "select 1"}),
        segment("catalog", 2, 3, namespace="remote", http=request, fault=True),
    ]
    details = [each.detail for each in segments_of(documents, started_at=START)]
    assert details == ["GetItem carts", "select 1", "GET https://catalog.example/search: status 503"]


def test_an_inferred_segment_gives_its_origin_to_the_call_it_stands_for() -> None:
    call = segment("DynamoDB", 5, 9, namespace="aws")
    inferred = segment("table", 5, 9, origin="AWS::DynamoDB::Table", inferred=True, parent_id=call["id"])
    (found,) = segments_of([inferred, call], started_at=START)
    assert (found.name, found.origin) == ("DynamoDB", "AWS::DynamoDB::Table")


def test_a_segment_that_was_sent_in_progress_is_told_once_by_what_came_last() -> None:
    running = segment("service", 4, None, in_progress=True)
    assert told([running, service()]) == told([service(), running]) == [(0, "service", 4, 34)]


def test_a_circle_of_parents_is_told_from_its_earliest() -> None:
    one = segment("one", 1, 9, parent_id=b"two".hex())
    two = segment("two", 2, 8, parent_id=b"one".hex())
    own = segment("own", 3, 4, parent_id=b"own".hex())
    assert [(depth, name) for depth, name, _, _ in told([two, own, one])] == [(0, "one"), (1, "two"), (0, "own")]


def test_equal_segments_without_ids_all_stay() -> None:
    nameless = {"name": "retry", "start_time": 1.0, "end_time": 2.0}
    assert len(segments_of([{**gateway(), "subsegments": [nameless, dict(nameless)]}], started_at=None)) == 3


def test_impossible_times_are_unknown() -> None:
    for start, end in ((True, 2.0), ("1", 2.0), (float("nan"), 2.0), (10**400, 2.0), (5.0, 4.0), (-1.0, 4.0)):
        (found,) = segments_of([{"id": "a", "name": "a", "start_time": start, "end_time": end}], started_at=None)
        assert found.duration_ms is None


def test_foreign_text_is_one_safe_line() -> None:
    thrown = {"exceptions": [{"type": "Error", "message": "a\x1b[31m\nb\u202ec"}]}
    (found,) = segments_of([segment("x\ty", 0, 1, fault=True, cause=thrown)], started_at=START)
    assert (found.name, found.detail) == ("x y", "Error: a\u241b[31m b\ufffdc")


def test_what_is_no_object_is_counted() -> None:
    documents = ["[1]", "{", "[" * 100_000, json.dumps(gateway())]
    assert len(segments_of(documents, started_at=START)) == 2
    assert count_unread(documents) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TRACE_ID, TRACE_ID),
        (f"Root={TRACE_ID};Parent=53995c3f42cd8ad8;Sampled=1", TRACE_ID),
        (TRACE_ID.upper(), TRACE_ID),
        (TRACE_ID.replace("-", "")[1:], TRACE_ID),
        (f"1-{TRACE_ID.replace('-', '')[1:]}", TRACE_ID),
        ("8f0c2a1e-5b7d-4c39-9a64-0d1f2e3b4c5d", None),
        ("-", None),
        (None, None),
    ],
)
def test_trace_ids_are_brought_to_one_form(text: str | None, expected: str | None) -> None:
    assert normal_trace_id(text) == expected


def test_headers_and_report_lines_tell_whether_a_trace_is_sampled() -> None:
    header = f"(8f0c) Endpoint request headers: {{X-Amzn-Trace-Id=Root={TRACE_ID};Parent=5;Sampled=%s}}"
    report = f"REPORT RequestId: 4\nXRAY TraceId: {TRACE_ID}\tSegmentId: 5c29fa69498d40fb\tSampled: %s\t"
    assert is_sampled([header % 0], TRACE_ID) is False
    assert is_sampled([report % "false"], TRACE_ID) is False
    assert is_sampled([header % 0, report % "true"], TRACE_ID) is True
    assert is_sampled([header % 0], TRACE_ID[:-1] + "0") is None
    assert unsampled([header % 0], f"Root={TRACE_ID}") == Trace(TRACE_ID, None, NOT_SAMPLED)
    assert unsampled([header % 1], TRACE_ID) is None


def test_the_console_link_leads_to_the_partition_of_the_region() -> None:
    hosts = {
        "eu-west-1": "eu-west-1.console.aws.amazon.com",
        "cn-north-1": "cn-north-1.console.amazonaws.cn",
        "us-gov-west-1": "us-gov-west-1.console.amazonaws-us-gov.com",
        "eusc-de-east-1": "eusc-de-east-1.console.amazonaws-eusc.eu",
    }
    for region, host in hosts.items():
        assert trace_link(TRACE_ID, region) == (
            f"https://{host}/cloudwatch/home?region={region}#xray:traces/{TRACE_ID}"
        )
    for region_unknown in ("us-iso-east-1", "evil.example/", "", None):
        assert trace_link(TRACE_ID, region_unknown) is None
    assert trace_link("1-x", "eu-west-1") is None
    assert trace_link(None, "eu-west-1") is None


def test_no_answer_is_null_and_an_empty_one_is_not() -> None:
    assert segments_json(None) is None
    assert segments_json(Trace(TRACE_ID, None, "why")) is None
    assert segments_json(Trace(TRACE_ID, ())) == []
    (one, *_) = segments_json(Trace(TRACE_ID, segments_of([gateway()], started_at=START))) or []
    assert list(one) == ["name", "origin", "start_ms", "duration_ms", "outcome", "depth", "detail"]


def flat(name: str, depth: int, took: int, outcome: Any = "ok") -> TraceSegment:
    return TraceSegment(name, None, 0, took, outcome, depth, None)


def test_a_short_list_keeps_failures_and_where_the_time_went() -> None:
    chain = [
        flat("Lambda", 0, 100),
        flat("auth", 1, 1, "fault"),
        flat("service", 1, 99),
        flat("function", 2, 98),
        flat("db", 3, 97),
        flat("Overhead", 3, 1),
    ]
    assert [(each.name, each.depth) for each in shortlisted(chain, 2)] == [("auth", 0), ("db", 0)]
    assert shortlisted(chain, 6) == tuple(chain)
    assert shortlisted(chain, 0) == ()


def test_of_some_segments_each_hangs_below_the_next_above_it_that_is_there() -> None:
    chain = [flat("a", 0, 9), flat("b", 1, 8), flat("c", 2, 7), flat("d", 1, 1)]
    assert [(each.name, each.depth) for each in subset(chain, {0, 2, 3})] == [("a", 0), ("c", 1), ("d", 1)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
IDS: st.SearchStrategy[Any] = st.sampled_from(["a", "b", "c", "", 7, None, [], {}])
ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, 0, -1.5, "", "x", [], [None], {}, {"a": [1]}])
TIMES: st.SearchStrategy[Any] = st.sampled_from([1.0, 2.5, 1_773_022_282.418, -1, None, True, "1", [], 10**400])
MEMBERS = {
    "id": IDS,
    "parent_id": IDS,
    "name": ODD,
    "start_time": TIMES,
    "end_time": TIMES,
    "in_progress": ODD,
    "inferred": st.booleans(),
    "fault": st.booleans() | ODD,
    "origin": ODD,
    "namespace": ODD,
    "http": ODD,
    "aws": ODD,
    "sql": ODD,
    "cause": ODD | st.fixed_dictionaries({"exceptions": ODD}),
}
NODES = st.recursive(
    st.fixed_dictionaries({}, optional=MEMBERS),
    lambda inner: st.fixed_dictionaries(
        {"subsegments": st.lists(inner | ODD, max_size=3)}, optional={"id": IDS, "start_time": TIMES}
    ),
    max_leaves=5,
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.text(max_size=30) | JSON.map(json.dumps), max_size=4))
def test_property_any_text_is_read_without_an_exception(documents: list[str]) -> None:
    for found in segments_of(documents, started_at=START):
        assert found.name


@settings(max_examples=100, deadline=None)
@given(st.lists(NODES, max_size=6), st.randoms(use_true_random=False))
def test_property_the_tree_does_not_depend_on_the_order_of_arrival(
    nodes: list[dict[str, Any]], rng: random.Random
) -> None:
    shuffled = [shaken(node, rng) for node in nodes]
    rng.shuffle(shuffled)
    found = segments_of(nodes, started_at=None)
    assert segments_of(shuffled, started_at=None) == found
    for above, below in pairwise(found):
        assert 0 <= below.depth <= above.depth + 1
    assert not found or found[0].depth == 0


def shaken(node: Any, rng: random.Random) -> Any:
    """The same node with its subsegments in another order."""
    if not isinstance(node, dict) or not isinstance(node.get("subsegments"), list):
        return node
    inner = [shaken(each, rng) for each in node["subsegments"]]
    rng.shuffle(inner)
    return {**node, "subsegments": inner}
