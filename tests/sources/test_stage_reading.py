"""Which log of a stage is read where its access log cannot be, and what is said."""

from __future__ import annotations

import pytest

from apigw_tui.core.stage import AccessLog, ExecutionLog, Stage
from apigw_tui.errors import AppError
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.session import Aws, AwsSettings
from apigw_tui.sources.stage_reading import followed_group, is_silent, nothing_to_read, obstacles_of, reading_notes

FIREHOSE = AccessLog(None, "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x", "x")
READABLE = AccessLog("/orders", "arn:x", "x", log_group_class="STANDARD")
RARE = AccessLog("/orders", "arn:x", "x", log_group_class="INFREQUENT_ACCESS")
EXECUTION = ExecutionLog("API-Gateway-Execution-Logs_a1/prod", "ERROR", log_group_class="STANDARD")
RARE_EXECUTION = ExecutionLog("API-Gateway-Execution-Logs_a1/prod", "ERROR", log_group_class="INFREQUENT_ACCESS")
OFF = ExecutionLog("API-Gateway-Execution-Logs_a1/prod")


def stage(access: AccessLog | None, execution: ExecutionLog = EXECUTION) -> Stage:
    return Stage("a1", "orders", "REST", "prod", access, execution)


@pytest.mark.parametrize(
    ("access", "execution", "followed"),
    [
        (READABLE, EXECUTION, "/orders"),
        (FIREHOSE, EXECUTION, EXECUTION.log_group),
        (RARE, EXECUTION, EXECUTION.log_group),
        (None, EXECUTION, EXECUTION.log_group),
        (RARE, OFF, None),
        (FIREHOSE, RARE_EXECUTION, None),
        (None, RARE_EXECUTION, None),
        (FIREHOSE, ExecutionLog(None), None),
    ],
)
def test_the_execution_log_is_read_where_the_access_log_cannot_be(
    access: AccessLog | None, execution: ExecutionLog, followed: str | None
) -> None:
    group = followed_group(stage(access, execution))
    assert (group.name if group else None) == followed


def test_that_another_log_is_read_is_said() -> None:
    assert reading_notes([stage(READABLE), stage(None)]) == ()
    (note,) = reading_notes([stage(RARE)])
    assert note.startswith("The access log of orders/prod is of class Infrequent Access")
    assert note.endswith("its execution log is read instead.")


def test_a_source_has_the_notes_of_its_stages() -> None:
    source = CloudWatchSource(Aws(AwsSettings.for_emulator("http://127.0.0.1:1")), stages=[stage(FIREHOSE)])
    assert source.groups == (EXECUTION.log_group,)
    assert "goes to Firehose" in source.notes[0]


@pytest.mark.parametrize(
    ("one", "said", "remedy"),
    [
        (stage(FIREHOSE, OFF), "amazon-apigateway-x, goes to Firehose", "files"),
        (stage(RARE, OFF), "/orders, is of class Infrequent Access", "Logs Insights"),
        (stage(None, RARE_EXECUTION), "The execution log of orders/prod", "Logs Insights"),
        (stage(None, OFF), "orders/prod writes no log", "apigateway update-stage"),
        (Stage("h", "web", "HTTP", "$default", None, ExecutionLog(None)), "web/$default", "apigatewayv2 update-stage"),
    ],
)
def test_a_stage_that_cannot_be_read_says_why_and_what_would_help(one: Stage, said: str, remedy: str) -> None:
    error = nothing_to_read([one])
    assert said in error.message
    assert remedy in error.hint


def test_both_logs_may_be_out_of_reach() -> None:
    errors: tuple[AppError, ...] = obstacles_of(stage(FIREHOSE, RARE_EXECUTION))
    assert [error.message.split(" log of")[0] for error in errors] == ["The access", "The execution"]
    assert obstacles_of(stage(READABLE)) == ()


def test_a_stage_is_silent_without_logs_but_not_with_an_old_execution_group() -> None:
    assert is_silent(stage(None, OFF))
    assert not is_silent(stage(None, ExecutionLog(OFF.log_group, log_group_class="STANDARD")))
    assert not is_silent(stage(FIREHOSE, OFF))
