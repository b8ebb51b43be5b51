"""The commands that print: JSON of the contract, from the demo over real HTTP and from files."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apigw_tui.cli import main

REQUEST_FIELDS = [
    "request_id", "extended_request_id", "trace_id", "connection_id", "api_id", "stage", "started_at", "method",
    "path", "route", "status", "latency_ms", "latency_source", "integration_latency_ms", "overhead_ms",
    "response_bytes", "source_ip", "user_agent", "api_key_id", "caller", "principal", "integration", "state", "cause",
    "counts", "truncated_lines", "unknown_lines", "access",
]  # fmt: skip
EVENT_FIELDS = [
    "timestamp", "ingestion_time", "event_id", "log_group", "log_stream", "kind", "line_kind", "request_id", "message",
]  # fmt: skip
STATS_FIELDS = [
    "window", "requests", "events", "unparsed", "statuses", "classes", "routes", "causes", "source_ips", "user_agents",
    "api_keys", "histogram", "differences",
]  # fmt: skip
STAGE_FIELDS = [
    "api_id", "api_name", "type", "stage", "access", "execution", "tracing", "metrics", "retention_days",
    "last_event_at", "domains",
]  # fmt: skip
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_requests_have_the_fields_of_the_contract(run: Run) -> None:
    code, out, err = run("requests", "orders/prod", "--demo", "--since", "3m", "-o", "ndjson")
    requests = rows(out)
    assert code == 0
    assert len(requests) > 100
    assert all(list(request) == REQUEST_FIELDS for request in requests)
    assert all(RFC3339.fullmatch(request["started_at"]) for request in requests)
    assert [request["started_at"] for request in requests] == sorted(request["started_at"] for request in requests)
    assert all(request["access"]["requestId"] == request["request_id"] for request in requests if request["access"])
    assert len(err.splitlines()) == 1


def test_a_query_narrows_requests(run: Run) -> None:
    _, out, _ = run("requests", "orders/prod", "--demo", "--since", "10m", "-q", "status:5xx", "-o", "ndjson")
    failing = rows(out)
    assert failing
    assert all(request["status"] >= 500 for request in failing)
    assert all(request["cause"] and request["cause"]["code"] for request in failing)


def test_events_have_the_fields_of_the_contract(run: Run) -> None:
    code, out, _ = run("events", "orders/prod", "--demo", "--since", "2m", "-o", "ndjson")
    assert code == 0
    assert all(list(event) == EVENT_FIELDS for event in rows(out))
    assert {event["kind"] for event in rows(out)} >= {"access"}


def test_show_prints_the_stitched_request(run: Run) -> None:
    _, out, _ = run("requests", "orders/prod", "--demo", "--since", "10m", "-q", "status:5xx", "-o", "ndjson")
    failing = rows(out)[0]
    code, shown, _ = run("show", failing["request_id"], "orders/prod", "--demo", "-o", "json")
    story = json.loads(shown)
    assert code == 0
    assert list(story) == [*REQUEST_FIELDS, "phases", "lines", "segments", "functions"]
    assert story["state"] == "complete"
    assert story["counts"]["execution"] > 0
    assert story["cause"]["evidence"]
    assert [phase["name"] for phase in story["phases"]] == [
        "authorizer", "usage_plan", "validation", "request_mapping", "integration", "response_mapping",
    ]  # fmt: skip
    assert all(
        list(line) == ["timestamp", "offset_ms", "kind", "line_kind", "log_group", "message"] for line in story["lines"]
    )


def test_show_in_text_names_the_cause_and_marks_the_evidence(run: Run) -> None:
    _, out, _ = run("requests", "orders/prod", "--demo", "--since", "10m", "-q", "status:5xx", "-o", "ndjson")
    failing = rows(out)[0]
    code, shown, _ = run("show", failing["request_id"], "orders/prod", "--demo")
    assert code == 0
    assert failing["request_id"] in shown
    assert failing["cause"]["code"] in shown
    assert "←" in shown


def test_an_id_that_is_nowhere_is_exit_code_1(run: Run) -> None:
    code, out, err = run("show", "00000000-0000-4000-8000-000000000000", "orders/prod", "--demo", "--since", "5m")
    assert (code, out) == (1, "")
    assert "No request 00000000-0000-4000-8000-000000000000" in err


def test_stats_have_the_fields_of_the_contract(run: Run) -> None:
    code, out, _ = run("stats", "orders/prod", "--demo", "--since", "5m", "-o", "json")
    record = json.loads(out)
    assert code == 0
    assert list(record) == STATS_FIELDS
    assert list(record["classes"]) == ["1xx", "2xx", "3xx", "4xx", "5xx", "none"]
    assert sum(record["classes"].values()) == record["requests"]
    assert sum(route["requests"] for route in record["routes"]) == record["requests"]


def test_stages_have_the_fields_of_the_contract(run: Run) -> None:
    code, out, _ = run("stages", "--demo", "-o", "json")
    stages = json.loads(out)
    assert code == 0
    assert all(list(stage) == STAGE_FIELDS for stage in stages)
    assert {(stage["api_name"], stage["stage"], stage["type"]) for stage in stages} >= {
        ("orders", "prod", "REST"),
        ("storefront", "prod", "HTTP"),
        ("chat", "prod", "WEBSOCKET"),
    }


def test_tail_prints_each_request_once_and_proves_how_complete_it_is(run: Run) -> None:
    code, out, err = run("tail", "orders/prod", "--demo", "--since", "30s", "--for", "3s", "-o", "ndjson")
    requests = rows(out)
    assert code == 0
    assert len({request["request_id"] for request in requests}) == len(requests) > 0
    assert "complete to" in err


@pytest.mark.parametrize("form", ["text", "table", "json", "ndjson", "csv", "markdown"])
def test_every_form_prints_the_same_number_of_requests(run: Run, tmp_path: Path, form: str) -> None:
    path = access_file(tmp_path)
    code, out, _ = run("requests", str(path), "-o", form, "--tz", "utc")
    assert code == 0
    assert sum(out.count(request_id(number)) > 0 for number in range(3)) == 3


def test_files_are_read_whole_whatever_their_age(run: Run, tmp_path: Path) -> None:
    _, out, err = run("requests", str(access_file(tmp_path)), "-o", "ndjson")
    assert [(row["status"], row["route"], row["latency_ms"]) for row in rows(out)] == [
        (200, "/orders/{id}", 31),
        (504, "/orders/{id}", 29_004),
        (200, "/orders/{id}", 31),
    ]
    assert "3 printed" in err


def test_own_events_round_trip_through_a_file(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("events", "orders/prod", "--demo", "--since", "2m", "-o", "ndjson", "--reveal")
    path = tmp_path / "events.ndjson"
    path.write_text(out, encoding="utf-8")
    _, again, _ = run("events", str(path), "-o", "ndjson", "--reveal")
    assert rows(again) == rows(out)


def test_garbage_is_kept_raw_and_counted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "noise.log"
    path.write_text("nothing that API Gateway would write\n\x1b]0;title\x07\n", encoding="utf-8")
    code, out, err = run("events", str(path), "-o", "ndjson")
    assert code == 0
    assert [event["kind"] for event in rows(out)] == ["other", "other"]
    assert "\x1b" not in out
    assert "--access-format gives the format" in err


def test_stats_without_requests_have_no_window(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "noise.log"
    path.write_text("nothing that API Gateway would write\n", encoding="utf-8")
    found = json.loads(run("stats", str(path), "-o", "json")[1])
    assert (found["window"], found["histogram"]) == ({"start": None, "end": None}, [])
    assert "1970" not in run("stats", str(path))[1]


def test_secrets_are_masked_until_revealed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "trace.log"
    line = f"({request_id(1)}) Method request headers: {{Accept=*/*, Cookie=session=2b1f9e77aa03c4d5e6f7}}\n"
    path.write_text(line, encoding="utf-8")
    _, masked, _ = run("events", str(path), "-o", "ndjson")
    _, revealed, _ = run("events", str(path), "-o", "ndjson", "--reveal")
    assert "2b1f9e77aa03c4d5e6f7" not in masked
    assert "2b1f9e77aa03c4d5e6f7" in revealed


def test_no_credentials_is_exit_code_3_with_the_next_step(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    code, out, err = run("requests", "orders/prod", "--region", "eu-west-1")
    assert (code, out) == (3, "")
    assert "--demo" in err
    assert len(err.splitlines()) == 1


def test_a_wrong_profile_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    code, _, err = run("requests", "orders/prod", "--profile", "shopp", "--region", "eu-west-1")
    assert code == 3
    assert "shopp" in err


def test_a_closed_network_is_exit_code_4(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    code, _, err = run("requests", "orders/prod", "--region", "eu-west-1", "--endpoint-url", "http://127.0.0.1:9")
    assert code == 4
    assert "127.0.0.1:9" in err
    assert "Traceback" not in err


def request_id(number: int) -> str:
    return f"5b1f7c9e-8a52-4a0e-9d53-{number:012d}"


def access_file(folder: Path) -> Path:
    path = folder / "access.log"
    entry = (
        '{{"requestId":"{}","requestTimeEpoch":"{}","httpMethod":"GET","resourcePath":"/orders/{{id}}",'
        '"status":"{}","responseLatency":"{}"}}\n'
    )
    path.write_text(
        "".join(
            entry.format(request_id(number), 1_700_000_000_000 + number, *((504, 29_004) if number == 1 else (200, 31)))
            for number in range(3)
        ),
        encoding="utf-8",
    )
    return path


def test_tail_with_live_tail_prints_each_event_once_and_says_what_it_costs(run: Run) -> None:
    words = "tail orders/prod --demo --live-tail --events --since 10s --for 4s -o ndjson"
    code, out, err = run(*words.split())
    told = [(row["log_group"], row["log_stream"], row["timestamp"], row["message"]) for row in rows(out)]
    assert code == 0
    assert len(set(told)) == len(told) > 0
    assert any(row["event_id"] is None for row in rows(out)), "nothing came by Live Tail"
    assert "Live Tail costs about $0.01 a minute after 1800 free ones a month" in err
    assert "live tail 1 min" in err


def test_live_tail_of_a_file_does_nothing_and_says_so(run: Run, tmp_path: Path) -> None:
    code, out, err = run("tail", str(access_file(tmp_path)), "--live-tail", "-o", "ndjson")
    assert code == 0
    assert len(rows(out)) == 3
    assert "only log groups that are followed can be streamed" in err
