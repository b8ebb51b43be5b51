"""What no log tells is said where it matters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apigw_tui.core.blind_spots import BLIND_SPOTS, of_request, of_stage, of_statuses
from apigw_tui.core.requests import summarise
from apigw_tui.core.stage import AccessLog, ExecutionLevel, ExecutionLog, Stage, execution_group
from tests.core.log_lines import access, execution, parsed

STAGE = Stage(
    api_id="k9x2m4",
    api_name="shop",
    api_type="REST",
    name="prod",
    access=AccessLog("shop-access", "arn:aws:logs:eu-west-1:1:log-group:shop-access", "$context.requestId"),
    execution=ExecutionLog(execution_group("k9x2m4", "prod"), level="INFO", data_trace=True),
)


def at_level(level: ExecutionLevel, *, data_trace: bool = False) -> Stage:
    return replace(STAGE, execution=replace(STAGE.execution, level=level, data_trace=data_trace))


def codes(*events: Any, stage: Stage | None = STAGE) -> list[str]:
    return [spot.code for spot in of_request(summarise(parsed(*events)).row(0, named=True), stage)]


def test_every_blind_spot_is_a_sentence_and_says_when_it_matters() -> None:
    for spot in BLIND_SPOTS.values():
        assert spot.sentence.endswith(".")
        assert spot.matters.startswith("When ")


@pytest.mark.parametrize(
    ("stage", "first"),
    [
        (at_level("ERROR"), "error_level"),
        (at_level("OFF"), "level_off"),
        (at_level("INFO"), "no_data_trace"),
        (replace(STAGE, execution=ExecutionLog(None)), "no_execution_log"),
        (replace(STAGE, access=None), "no_access_log"),
        (STAGE, "too_large"),
    ],
)
def test_what_a_stage_is_set_to_comes_before_what_no_stage_logs(stage: Stage, first: str) -> None:
    found = [spot.code for spot in of_stage(stage)]
    assert found[0] == first
    assert {"too_large", "excessive_throttling", "unmapped_domain", "internal_error"} <= set(found)


def test_a_success_without_lines_at_level_error_is_explained() -> None:
    assert codes(access(status=200), stage=at_level("ERROR")) == ["error_level"]
    assert codes(access(status=500), stage=at_level("ERROR")) == []


def test_a_request_that_was_refused_before_it_ran_needs_no_lines() -> None:
    assert codes(access(status=403, responseType="WAF_FILTERED")) == ["before_execution"]
    assert codes(access(status=403, responseType="WAF_FILTERED"), stage=None) == ["before_execution"]


def test_without_a_stage_nothing_is_said_of_how_it_is_set() -> None:
    assert codes(access(status=200), stage=None) == []


def test_a_cut_line_is_said_to_be_cut() -> None:
    assert codes(*execution("Method request headers: {a=b [TRUNCATED]")) == ["truncated"]


def test_counts_that_may_be_too_low_are_named() -> None:
    assert [spot.code for spot in of_statuses({200: 5, 429: 2, 504: 1})] == ["excessive_throttling"]
    assert of_statuses({200: 5}) == ()
