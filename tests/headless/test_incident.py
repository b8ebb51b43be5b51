"""Incident bundles: what is in them, who may read them, and that nothing is ever overwritten or left half done."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from threading import Event as StopFlag
from typing import TYPE_CHECKING

import polars as pl
import pytest

from apigw_tui.core.difference_sides import Comparison
from apigw_tui.core.function_lines import FunctionLines
from apigw_tui.core.query import parse
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.headless import incident as module
from apigw_tui.headless.incident import Cancelled, Incident, write_incident
from apigw_tui.headless.incident_folder import IncidentFolder, folder_name
from apigw_tui.sources.base import Completeness, Gap
from apigw_tui.sources.files import FileSource
from tests.core.test_difference import FORMAT, GROUP, START, entry

if TYPE_CHECKING:
    from pathlib import Path

NOW = START + 3_600_000
CREDENTIAL = "Bearer abcdef0123456789abcdef0123456789"


def shape(number: int) -> dict[str, str]:
    """A key's requests fail, most of them by a time-out; an agent carries a secret."""
    if number % 10 != 3:
        return {}
    failure = (
        {"type": "INTEGRATION_TIMEOUT", "status": "504"} if number % 20 == 3 else {"status": "429", "type": "THROTTLED"}
    )
    return {"key": "z9m1c4te", "agent": f"courier Authorization: {CREDENTIAL}", **failure}


def incident(tmp_path: Path, *, query: str = "", count: int = 600, reveal: bool = False) -> Incident:
    path = tmp_path / GROUP
    path.write_text("".join(f"{entry(number, **shape(number))}\n" for number in range(count)), encoding="utf-8")
    store = EventStore({GROUP: FORMAT})
    rows = [
        dict.fromkeys(RAW_EVENTS)
        | {"timestamp": START + number * 500, "event_id": str(number), "log_group": GROUP, "log_stream": "s"}
        | {"scope": "", "message": entry(number, **shape(number))}
        for number in range(count)
    ]
    store.append(pl.DataFrame(rows, schema=RAW_EVENTS))
    compared = Comparison(
        store.snapshot(), parse(query), TimeRange(START, None), {GROUP: FORMAT}, (START, START + count * 500)
    )
    return Incident(
        comparison=compared,
        source=FileSource((str(path),)),
        targets=("parcels/prod",),
        command="apigw-tui parcels/prod --since 2026-03-02T02:10:00Z",
        now=NOW,
        functions=FunctionLines(),
        reveal=reveal,
    )


def written(incident: Incident, parent: Path) -> Path:
    return write_incident(incident, parent, lambda _: None, StopFlag())


def everything(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_bundle_tells_what_fails_and_what_sets_it_apart(tmp_path: Path) -> None:
    folder = written(incident(tmp_path), tmp_path)
    assert folder.name == "incident-parcels-prod-20260302-031000Z"
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "apigw-tui parcels/prod --since" in text
    assert "all of the range was read" in text
    assert "600 requests match: 2xx 540, 4xx 30, 5xx 30." in text
    assert "| `integration_timeout` | 30 | 5.0 % |" in text
    assert "30 5xx against 570 of the rest" in text
    assert "| key | `z9m1c4te` | 100.0 % | 5.3 % | ×19.0 |" in text
    stories = sorted(path.name for path in (folder / "stories").iterdir())
    assert [name.split("-")[1] for name in stories] == ["integration_timeout", "throttled"]
    assert all(f"stories/{name}" in text for name in stories)


def test_the_files_hold_the_requests_and_the_events_of_the_stories(tmp_path: Path) -> None:
    folder = written(incident(tmp_path, query="status>=400"), tmp_path)
    requests = [json.loads(line) for line in (folder / "requests.ndjson").read_text(encoding="utf-8").splitlines()]
    assert [request["status"] for request in requests[:2]] == [504, 429]
    assert len(requests) == 60
    assert all(request["access"]["key"] == "z9m1c4te" for request in requests)
    with (folder / "requests.csv").open(encoding="utf-8", newline="") as file:
        assert [row["request_id"] for row in csv.DictReader(file)] == [request["request_id"] for request in requests]
    events = [json.loads(line) for line in (folder / "events.ndjson").read_text(encoding="utf-8").splitlines()]
    newest = {requests[-1]["request_id"], requests[-2]["request_id"]}
    assert {event["request_id"] for event in events} == newest
    record = json.loads((folder / "stats.json").read_text(encoding="utf-8"))
    assert record["requests"] == 60
    assert record["differences"][0]["field"] == "key"


def test_what_is_left_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REQUESTS", 100)
    gap = Gap(START, START + 60_000, "throttled by CloudWatch")
    cut = replace(
        incident(tmp_path),
        reading=True,
        completeness=Completeness(START + 9_000, 2_100, late=3, duplicates=0, gaps=(gap,)),
    )
    folder = written(cut, tmp_path)
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "100 requests, the newest of 600" in text
    requests = (folder / "requests.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(requests[at])["request_id"][-3:] for at in (0, -1)] == ["500", "599"]
    assert "complete to 2026-03-02T02:10:09.000Z, delivery lag 2.10 s, 3 events came late" in text
    assert "throttled by CloudWatch" in text
    assert "still being read" in text
    assert "all of the range was read" not in text


def test_secrets_are_masked_unless_they_are_to_be_revealed(tmp_path: Path) -> None:
    masked, revealed = (written(incident(tmp_path, reveal=reveal), tmp_path) for reveal in (False, True))
    assert CREDENTIAL not in everything(masked)
    assert "secrets: masked" in everything(masked)
    assert CREDENTIAL in everything(revealed)
    assert "secrets: shown" in everything(revealed)


def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    folder = written(incident(tmp_path), tmp_path)
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in (folder, folder / "stories")}
    assert (modes, folders) == ({0o600}, {0o700})


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    first, second = (written(incident(tmp_path), tmp_path) for _ in range(2))
    assert second.name == f"{first.name}-2"
    assert (first / "README.md").exists()
    assert not list(tmp_path.glob(".incident*"))


def test_a_cancelled_bundle_leaves_nothing(tmp_path: Path) -> None:
    stop = StopFlag()
    seen: list[str] = []

    def tell(step: str) -> None:
        seen.append(step)
        if step.startswith("requests"):
            stop.set()

    with pytest.raises(Cancelled):
        write_incident(incident(tmp_path), tmp_path, tell, stop)
    assert seen[-1].startswith("requests")
    assert [path.name for path in tmp_path.iterdir()] == [GROUP]


def test_a_bundle_of_nothing_says_that_nothing_matches(tmp_path: Path) -> None:
    folder = written(incident(tmp_path, query="route:/nowhere"), tmp_path)
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "0 requests match: none." in text
    assert "What differs" not in text
    assert (folder / "requests.ndjson").read_text(encoding="utf-8") == ""


def test_names_of_folders_are_safe(tmp_path: Path) -> None:
    assert folder_name(("../a b/c", "s3://x/y"), NOW) == "incident-a-b-c-s3-x-y-20260302-031000Z"
    assert folder_name((".", "-"), NOW) == "incident-target-20260302-031000Z"
    with IncidentFolder(tmp_path, "incident-x") as folder, folder.open("a.txt"), pytest.raises(FileExistsError):
        folder.open("a.txt")
