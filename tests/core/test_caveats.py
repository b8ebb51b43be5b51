"""What was not logged is said below numbers and stories, and nothing is said where all was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apigw_tui.core.caveats import caveats_of_numbers, caveats_of_request, stage_of
from apigw_tui.core.requests import summarise
from apigw_tui.core.stage import AccessLog, ExecutionLog
from tests.core.log_lines import access, execution, parsed
from tests.doctor.shop_stages import FIREHOSE, at_level, stage

FULL = stage(execution=ExecutionLog("group", "INFO", data_trace=True))


def told(*events: Any, of: Any = FULL) -> tuple[str, ...]:
    return caveats_of_request(summarise(parsed(*events)).row(0, named=True), of)


def test_numbers_of_a_stage_that_logs_everything_leave_nothing_out() -> None:
    assert caveats_of_numbers((FULL,), {200: 40, 502: 1}) == ()


def test_a_stage_read_by_failing_lines_alone_does_not_count_successes() -> None:
    hidden = replace(at_level("ERROR"), access=AccessLog(None, FIREHOSE, ""))
    assert caveats_of_numbers((hidden,), {}) == ("Only failing requests of shop/prod are counted (level ERROR).",)


def test_level_error_beside_an_access_log_hides_lines_only() -> None:
    (sentence,) = caveats_of_numbers((at_level("ERROR"),), {})
    assert sentence == "Requests of shop/prod that succeed have no execution lines (level ERROR)."


def test_causes_without_execution_log_are_known_from_entries_only() -> None:
    assert "execution logging is off" in caveats_of_numbers((at_level("OFF"),), {})[0]


def test_statuses_that_are_not_all_logged_are_lower_bounds() -> None:
    assert [text[:3] for text in caveats_of_numbers((), {413: 1, 429: 9, 500: 2, 502: 7})] == ["413", "429", "500"]


def test_cut_lines_and_sampled_seconds_are_counted() -> None:
    assert caveats_of_numbers((), {}, truncated=1) == ("1 line was cut at 1 024 characters.",)
    found = caveats_of_numbers((), {}, truncated=1200, sampled_seconds=3)
    assert found == (
        "Live Tail left out events in 3 s: some requests are missing.",
        "1 200 lines were cut at 1 024 characters.",
    )


def test_many_stages_are_named_by_the_first_three() -> None:
    many = [replace(at_level("ERROR"), name=f"v{number}") for number in range(5)]
    assert "shop/v0, shop/v1, shop/v2 and 2 more" in caveats_of_numbers(many, {})[0]


def test_a_whole_request_has_no_caveat() -> None:
    assert told(access(status=200), *execution("Method completed with status: 200")) == ()


def test_a_success_at_level_error_has_no_execution_lines() -> None:
    (sentence,) = told(access(status=200), of=at_level("ERROR"))
    assert sentence.startswith("No execution lines: the stage logs level ERROR")


def test_a_missing_entry_is_explained_by_where_the_access_log_goes() -> None:
    lines = execution("Method completed with status: 200")
    assert told(*lines, of=replace(FULL, access=None)) == ("No access entry: the stage's access log is off.",)
    firehose = replace(FULL, access=AccessLog(None, FIREHOSE, ""))
    assert told(*lines, of=firehose) == ("No access entry: the stage's access log goes to Firehose.",)
    assert "not been written yet" in told(*lines)[0]


def test_cut_lines_of_a_request_are_counted() -> None:
    found = told(access(status=200), *execution("Method request headers: {a=b [TRUNCATED]"))
    assert found == ("1 line was cut at 1 024 characters: the rest was never logged.",)


def test_without_a_stage_only_the_lines_themselves_are_spoken_of() -> None:
    assert told(access(status=200), of=None) == ()


def test_data_trace_is_missed_only_where_the_latency_is_not_known() -> None:
    off = at_level("INFO")
    lines = execution("Method completed with status: 200")
    assert any("data trace is off" in text for text in told(access(status=200), *lines, of=off))
    assert told(access(status=200, integrationLatency=7), *lines, of=off) == ()


def test_the_stage_of_a_request_is_found_by_its_scope() -> None:
    other = replace(FULL, name="staging")
    assert stage_of({"scope": other.scope}, (FULL, other)) is other
    assert stage_of({"scope": ""}, (FULL, other)) is None
