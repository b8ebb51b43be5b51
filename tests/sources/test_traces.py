"""The X-Ray trace of a request, over real HTTP: found, not found, refused, in pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event as StopFlag

import pytest

from apigw_tui.core.trace import Trace
from apigw_tui.emulator.faults import SERVER_ERROR, Fault, Refusal, access_denied
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.trace_segments import SegmentDocument
from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources import traces
from apigw_tui.sources.base import RequestRef, Traced
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.merged import MergedSource
from apigw_tui.sources.session import Aws, AwsSettings
from apigw_tui.sources.traces import read_trace
from tests.sources.recorded_account import RecordedAccount
from tests.sources.virtual_time import START, VirtualTime

TRACE_ID = "1-65f0c2a1-4b7d4e219a550c6d1f2e3a4b"
OTHER_ID = "1-65f0c2a1-000000000000000000000000"
MINUTE = 60_000


@dataclass
class KeptTraces:
    """Traces of one segment each, or more."""

    segments: dict[str, list[SegmentDocument]] = field(default_factory=dict)

    def trace(self, trace_id: str) -> Sequence[SegmentDocument]:
        return self.segments.get(trace_id, ())


def document(number: int, *, visible_at: int = START) -> SegmentDocument:
    times = {"start_time": (START + number) / 1000, "end_time": (START + number + 5) / 1000}
    return SegmentDocument(visible_at, {"id": f"{number:016x}", "name": f"part {number}", **times})


@dataclass
class Account:
    """The endpoint with what it has, and a session that reads it."""

    server: EmulatorServer
    aws: Aws
    time: VirtualTime
    kept: KeptTraces

    def read(self, trace_id: str | None, *, ended_at: int = START + 10) -> Trace | None:
        request = RequestRef("a1/prod", "8f0c", START, ended_at, trace_id=trace_id)
        return read_trace(self.aws, request, self.time.stop, now=self.time.now())


@pytest.fixture
def account() -> Iterator[Account]:
    time, kept, recorded = VirtualTime(START + 2 * MINUTE), KeptTraces(), RecordedAccount()
    with EmulatorServer(recorded, recorded, clock=time.now, traces=kept) as server:
        yield Account(server, Aws(AwsSettings.for_emulator(server.url), clock=time.now), time, kept)


def test_a_trace_is_found_by_its_id_in_any_spelling(account: Account) -> None:
    account.kept.segments[TRACE_ID] = [document(2), document(1)]
    found = account.read(f"Root={TRACE_ID};Sampled=1")
    assert found is not None
    assert found.segments is not None
    assert [(each.name, each.start_ms, each.duration_ms) for each in found.segments] == [
        ("part 1", 1, 5),
        ("part 2", 2, 5),
    ]
    assert found.note is None


def test_a_long_trace_is_read_page_by_page(account: Account) -> None:
    account.kept.segments[TRACE_ID] = [document(number) for number in range(120)]
    found = account.read(TRACE_ID)
    assert found is not None
    assert len(found.segments or ()) == 120
    assert account.server.calls["BatchGetTraces"] == 3


def test_without_a_trace_id_nothing_is_asked(account: Account) -> None:
    assert account.read(None) is None
    assert account.read("-") is None
    assert account.server.calls["BatchGetTraces"] == 0


def test_of_a_young_request_the_segments_may_be_on_their_way(account: Account) -> None:
    account.kept.segments[TRACE_ID] = [document(1, visible_at=account.time.now() + 1_000)]
    young = account.read(TRACE_ID, ended_at=account.time.now() - 3_000)
    assert young == Trace(TRACE_ID, (), traces.NOT_YET)
    account.time.advance(1_000)
    later = account.read(TRACE_ID, ended_at=account.time.now() - 4_000)
    assert later is not None
    assert len(later.segments or ()) == 1


def test_a_trace_that_is_not_there_was_not_sampled(account: Account) -> None:
    assert account.read(OTHER_ID) == Trace(OTHER_ID, (), traces.NOT_THERE)


def test_x_ray_is_not_asked_for_what_it_no_longer_keeps(account: Account) -> None:
    account.time.advance(traces.KEPT_MS)
    assert account.read(TRACE_ID) == Trace(TRACE_ID, (), traces.TOO_OLD)
    assert account.server.calls["BatchGetTraces"] == 0


def test_a_document_that_cannot_be_read_is_counted(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.kept.segments[TRACE_ID] = [document(1)]
    client = account.aws.client("xray")
    answer = client.batch_get_traces(TraceIds=[TRACE_ID])
    answer["Traces"][0]["Segments"].append({"Id": "x", "Document": '{"id": "cut'})
    monkeypatch.setattr(client, "batch_get_traces", lambda **_: answer)
    found = account.read(TRACE_ID)
    assert found is not None
    assert len(found.segments or ()) == 1
    assert found.note == traces.UNREAD.format(1)


def test_what_x_ray_has_not_processed_is_said(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also that it left something out."""
    client = account.aws.client("xray")
    monkeypatch.setattr(client, "batch_get_traces", lambda **_: {"Traces": [], "UnprocessedTraceIds": [TRACE_ID]})
    assert account.read(TRACE_ID) == Trace(TRACE_ID, (), traces.UNPROCESSED)
    cut = {"Traces": [{"Id": TRACE_ID, "LimitExceeded": True, "Segments": []}]}
    monkeypatch.setattr(client, "batch_get_traces", lambda **_: cut)
    assert account.read(TRACE_ID) == Trace(TRACE_ID, (), traces.CUT)


def test_a_denial_names_the_action_and_the_region(account: Account) -> None:
    denied = access_denied("BatchGetTraces", service="xray", status=403)
    with account.server.conditions.during(Fault(denied, ("BatchGetTraces",))), pytest.raises(AppError) as caught:
        account.read(TRACE_ID)
    assert kind_of(caught.value) is FailureKind.DENIED
    assert caught.value.exit_code is ExitCode.CREDENTIALS
    assert f"Could not read the trace {TRACE_ID}" in caught.value.message
    assert "the default profile in eu-west-1 is not allowed xray:BatchGetTraces" in caught.value.message
    assert "Allow xray:BatchGetTraces in its IAM policy" in caught.value.hint


@pytest.mark.parametrize("refusal", [Refusal("ThrottledException", "Too many", 429), SERVER_ERROR])
def test_a_refusal_for_the_moment_is_tried_again(account: Account, refusal: Refusal) -> None:
    account.kept.segments[TRACE_ID] = [document(1)]
    with account.server.conditions.during(Fault(refusal, ("BatchGetTraces",), times=2)):
        found = account.read(TRACE_ID)
    assert found is not None
    assert found.segments
    assert account.server.calls["BatchGetTraces"] == 3


def test_x_ray_has_a_limiter_of_its_own(account: Account) -> None:
    with account.server.conditions.during(Fault(Refusal("ThrottledException", "Too many", 429), times=1)):
        account.read(TRACE_ID)
    limits = account.aws.limits
    assert limits.traces.rate < 2.0
    assert limits.events.rate == 8.0


def test_a_stopped_reader_tells_nothing(account: Account) -> None:
    account.time.stop.set()
    assert account.read(TRACE_ID) is None


def test_sources_of_cloudwatch_have_traces_and_merged_ones_too(account: Account) -> None:
    account.kept.segments[TRACE_ID] = [document(1)]
    source = CloudWatchSource(account.aws, groups=[FollowedGroup("/orders")], clock=account.time.now)
    request = RequestRef("a1/prod", "8f0c", START, START + 10, trace_id=TRACE_ID)
    for each in (source, MergedSource([source, source])):
        assert isinstance(each, Traced)
        found = each.trace(request, StopFlag())
        assert found is not None
        assert len(found.segments or ()) == 1
        assert each.trace_region is None  # what runs on this machine is in no console
    real = CloudWatchSource(Aws(AwsSettings(region="eu-west-1")), groups=[FollowedGroup("/orders")])
    assert real.trace_region == "eu-west-1"
    elsewhere = CloudWatchSource(Aws(AwsSettings(region="us-east-1")), groups=[FollowedGroup("/orders")])
    assert MergedSource([real, elsewhere]).trace_region is None
