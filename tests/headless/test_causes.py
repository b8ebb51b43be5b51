"""Causes looked up for many requests at once are those that the whole logs prove, and what really happened."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apigw_tui.cli import main
from apigw_tui.core.query import parse
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.emulator.calls import Call
from apigw_tui.emulator.catalogue import ShopStage
from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.rest_calls import MINUTE_MS
from apigw_tui.emulator.scenarios import SCENARIOS
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.stages import CHAT_PROD, ORDERS_PROD, ORDERS_STAGING
from apigw_tui.emulator.traffic import Shop
from apigw_tui.emulator.wire import ServiceError
from apigw_tui.headless.causes import Explainer, HeldFailures
from apigw_tui.headless.reading import Reading
from apigw_tui.sources.session import Aws, AwsSettings
from apigw_tui.sources.targets import resolve
from tests.emulator.shop_views import NOON
from tests.sources.virtual_time import VirtualTime

NOW = NOON * MINUTE_MS
SETTLED = NOW - 3 * MINUTE_MS
SPAN = ("--since", str(NOW - 14 * MINUTE_MS), "--until", str(NOW - 2 * MINUTE_MS))
"""Minutes of the shop that are the same at every time of day."""
TERSE = ("requestId", "requestTimeEpoch", "status")


class TerseShop(Shop):
    """The shop, with an access format of `orders/prod` that tells nothing of reasons."""

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        found = super().events(log_group, start, end)
        if log_group != ORDERS_PROD.access_group:
            return found
        return [event._replace(message=_terse(event.message)) for event in found]

    def rest_stages(self, api_id: str) -> list[dict[str, Any]]:
        said = json.dumps({name: f"$context.{name}" for name in TERSE})
        stages = super().rest_stages(api_id)
        return [
            {**stage, "accessLogSettings": {**stage["accessLogSettings"], "format": said}}
            if (api_id, stage["stageName"]) == (ORDERS_PROD.api_id, ORDERS_PROD.name)
            else stage
            for stage in stages
        ]


class WatchedShop(Shop):
    """Remembers which groups are read; the execution log of a stage may be closed."""

    def __init__(self, *, closed: bool = False) -> None:
        super().__init__(history_ms=15 * MINUTE_MS, epoch=NOW)
        self.read: set[str] = set()
        self._closed = closed

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        if self._closed and log_group == ORDERS_STAGING.execution_group:
            raise ServiceError("AccessDeniedException", "not authorized to perform: logs:FilterLogEvents", status=400)
        self.read.add(log_group)
        return super().events(log_group, start, end)


def _terse(message: str) -> str:
    entry = json.loads(message)
    return json.dumps({name: entry[name] for name in TERSE})


@contextmanager
def read(shop: Shop, stage: ShopStage, seconds: int) -> Iterator[tuple[Reading, Counter[str]]]:
    """What the access log holds of some settled seconds, and the calls that are made."""
    time = VirtualTime(NOW)
    with EmulatorServer(shop, shop, clock=time.now) as server:
        aws = Aws(AwsSettings.for_emulator(server.url), clock=time.now)
        source = resolve([f"{stage.api_name}/{stage.name}"], aws, clock=time.now)
        reading = Reading(source, EventStore(source.formats), stop=time.stop)
        reading.read(TimeRange(SETTLED - seconds * 1_000, SETTLED))
        server.calls.clear()
        yield reading, server.calls


def explain(reading: Reading) -> None:
    Explainer(reading).explain([chunk.frame for chunk in reading.store.requests.chunks], most=10_000)


def causes(reading: Reading) -> dict[str, str]:
    rows = [row for chunk in reading.store.requests.chunks for row in chunk.frame.iter_rows(named=True)]
    return {row["request_id"]: row["cause"] for row in rows if (row["status"] or 0) >= 400}


def happened(shop: Shop, stage: ShopStage, found: dict[str, str]) -> dict[str, Call]:
    calls = shop.requests(stage.api_id, stage.name, SETTLED - 20 * MINUTE_MS, SETTLED)
    return {call.request_id: call for call in calls if call.request_id in found}


def proven(shop: Shop, stage: ShopStage, reading: Reading, found: Iterable[str]) -> dict[str, str]:
    """The causes that show when every line of the execution log is read."""
    group = stage.execution_group
    assert group is not None
    first, last = SETTLED - 20 * MINUTE_MS, SETTLED + MINUTE_MS
    lines = [
        (event.timestamp, event.ingestion_time, event.event_id, group, event.log_stream, stage.scope, event.message)
        for event in shop.events(group, first, last)
    ]
    whole = EventStore(reading.store.formats)
    for chunk in reading.store.events.chunks:
        whole.append(chunk.frame.filter(pl.col("kind") == "access").select(RAW_EVENTS.names()))
    whole.append(pl.DataFrame(lines, schema=RAW_EVENTS, orient="row"))
    rows = whole.requests.where(pl.col("request_id").is_in(list(found))).iter_rows(named=True)
    return {row["request_id"]: row["cause"] for row in rows}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_cause_that_the_execution_log_proves_is_found_in_batches(scenario: str) -> None:
    shop = TerseShop(7, scenario=scenario, epoch=NOW)
    with read(shop, ORDERS_PROD, 20) as (reading, calls):
        before = causes(reading)
        explain(reading)
        after = causes(reading)
        expected = proven(shop, ORDERS_PROD, reading, after)
    assert set(before.values()) == {"unknown"}
    assert after == expected
    truth = happened(shop, ORDERS_PROD, after)
    claimed = {name: cause for name, cause in after.items() if cause != "unknown"}
    assert claimed == {name: truth[name].cause for name in claimed}
    assert len(claimed) >= MOST_TOLD[scenario] * len(after)
    assert calls["FilterLogEvents"] <= len(before) / 25 + 2


MOST_TOLD = {
    "steady": 0.3,
    "slow-backend": 0.8,
    "bad-deploy": 0.7,
    "throttled": 0.85,
    "authorizer-outage": 0.8,
    "key-leak": 0.7,
}
"""Of all failures. What a backend answered itself, and what has no execution log, stays unknown."""


@pytest.mark.parametrize("stage", [ORDERS_STAGING, CHAT_PROD], ids=lambda stage: stage.scope)
def test_stages_whose_access_log_tells_little_show_what_really_happened(stage: ShopStage) -> None:
    shop = Shop(7, scenario="steady", epoch=NOW)
    with read(shop, stage, 15 * 60) as (reading, _):
        before = causes(reading)
        explain(reading)
        after = causes(reading)
    truth = {name: call.cause for name, call in happened(shop, stage, after).items()}
    assert before != truth
    assert after == truth


def test_what_the_access_log_tells_costs_no_call() -> None:
    shop = Shop(7, scenario="slow-backend", epoch=NOW)
    with read(shop, ORDERS_PROD, 20) as (reading, calls):
        explain(reading)
        assert len(causes(reading)) > 20
        assert not calls


Run = Callable[..., tuple[list[dict[str, Any]], str]]
STAGING = "orders/staging"
STAGING_LOG = ORDERS_STAGING.execution_group


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    def call(shop: Shop, *words: str) -> tuple[list[dict[str, Any]], str]:
        with EmulatorServer(shop, shop, clock=lambda: NOW) as server:
            place = ("--endpoint-url", server.url, "--region", "us-east-1", "-o", "ndjson")
            assert main([*words, *place]) == 0
        printed = capsys.readouterr()
        return [json.loads(line) for line in printed.out.splitlines()], printed.err

    return call


def codes(requests: Iterable[dict[str, Any]]) -> Counter[str]:
    return Counter(request["cause"]["code"] for request in requests if request["cause"])


def test_requests_print_causes_that_only_the_execution_log_tells(run: Run) -> None:
    shop = WatchedShop()
    requests, _ = run(shop, "requests", STAGING, *SPAN, "-q", "status>=400")
    assert STAGING_LOG in shop.read
    assert codes(requests)["backend_client_error"] > 0
    assert codes(requests)["unknown"] == 0


def test_a_query_for_a_cause_finds_what_only_the_execution_log_tells(run: Run) -> None:
    words = (*SPAN, "-q", "cause:backend_client_error")
    requests, _ = run(WatchedShop(), "requests", STAGING, *words)
    assert set(codes(requests)) == {"backend_client_error"}


def test_a_query_for_what_went_well_costs_no_call(run: Run) -> None:
    shop = WatchedShop()
    run(shop, "requests", STAGING, *SPAN, "-q", "status<400")
    assert STAGING_LOG not in shop.read


def test_an_execution_log_that_is_closed_is_told_once_and_the_rest_is_printed(run: Run) -> None:
    requests, told = run(WatchedShop(closed=True), "requests", STAGING, *SPAN)
    assert len(requests) > 100
    assert codes(requests)["unknown"] > 0
    assert told.count(f"Could not read {STAGING_LOG}") == 1
    assert "Causes are told by the access log alone." in told


def test_stats_count_the_causes_of_the_execution_log(run: Run) -> None:
    (summary,), _ = run(WatchedShop(), "stats", STAGING, *SPAN)
    assert {"backend_client_error", "bad_request_body"} <= {each["code"] for each in summary["causes"]}


def test_a_tail_prints_failing_requests_with_their_causes(run: Run) -> None:
    requests, _ = run(WatchedShop(), "tail", STAGING, *SPAN)
    assert codes(requests)["backend_client_error"] > 0


def test_a_tail_holds_failing_requests_until_their_causes_are_told() -> None:
    with read(TerseShop(7, scenario="slow-backend", epoch=NOW), ORDERS_PROD, 20) as (reading, calls):
        held = HeldFailures(reading, parse("status:5xx"))
        failing = reading.store.requests.where(pl.col("status") >= 500)
        waiting = reading.store.requests.where(held.hold(pl.lit(value=True)))
        assert waiting.height == failing.height > 10
        told = reading.store.requests.where(held.release())
        assert set(told["cause"]) == {"integration_timeout"}
        assert told.height == failing.height
        assert not held
        assert calls["FilterLogEvents"] == 1


def test_a_tail_holds_what_nothing_explains_for_three_rounds_and_never_again() -> None:
    with read(Shop(7, scenario="steady", epoch=NOW), CHAT_PROD, 15 * 60) as (reading, _):
        held = HeldFailures(reading, parse("status:403"))
        everything = pl.lit(value=True)
        waiting = reading.store.requests.where(held.hold(everything)).height
        released = [reading.store.requests.where(held.release()).height for _ in range(3)]
        assert waiting > 0
        assert released == [0, 0, waiting]
        assert reading.store.requests.where(held.hold(everything)).is_empty()


def test_what_a_flood_leaves_out_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with read(TerseShop(7, scenario="slow-backend", epoch=NOW), ORDERS_PROD, 20) as (reading, calls):
        failing = len(causes(reading))
        Explainer(reading).explain([chunk.frame for chunk in reading.store.requests.chunks], most=10)
        assert sum(cause != "unknown" for cause in causes(reading).values()) == 10
        assert calls["FilterLogEvents"] == 1
    said = f"causes of {failing - 10} older failing requests were not looked up"
    assert said in capsys.readouterr().err
