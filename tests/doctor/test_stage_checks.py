"""A stage's settings and what AWS tells of its groups become findings; nothing is concluded from what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_lint import good_format, lint
from apigw_tui.core.stage import AccessLog, ApiType
from apigw_tui.doctor.evidence import Evidence, Role
from apigw_tui.doctor.findings import Finding
from apigw_tui.doctor.stage_checks import examine_stage
from apigw_tui.errors import AppError
from apigw_tui.sources.log_groups import LogGroup
from tests.doctor.shop_stages import ARN, EXECUTION, FIREHOSE, GROUP, at_level, stage

API_TYPES: tuple[ApiType, ...] = ("REST", "HTTP", "WEBSOCKET")
KEPT = Evidence(
    region="eu-west-1",
    account="111122223333",
    role=Role("arn:aws:iam::111122223333:role/writes-logs"),
    groups={name: LogGroup(name, retention_days=90) for name in (GROUP, EXECUTION)},
)


def codes(*args: object) -> list[str]:
    return [finding.code for finding in examine_stage(*args).to_do]  # type: ignore[arg-type]


def the(code: str, *args: object) -> Finding:
    return next(finding for finding in examine_stage(*args).findings if finding.code == code)  # type: ignore[arg-type]


@pytest.mark.parametrize("api_type", API_TYPES)
def test_a_stage_that_logs_everything_has_nothing_to_do(api_type: ApiType) -> None:
    examined = examine_stage(stage(api_type=api_type), KEPT)
    assert examined.to_do == ()
    assert examined.worst == "note"
    assert (examined.access_format, examined.command) == (None, None)


@pytest.mark.parametrize("api_type", API_TYPES)
def test_what_no_setting_changes_is_noted_of_every_stage(api_type: ApiType) -> None:
    notes = {finding.code for finding in examine_stage(stage(api_type=api_type)).findings}
    assert {"too_large", "excessive_throttling", "unmapped_domain", "internal_error", "sampled"} <= notes
    assert ("no_execution_log" in notes) == (api_type == "HTTP")


def test_a_stage_without_access_log_gets_a_group_and_the_whole_format() -> None:
    examined = examine_stage(replace(at_level("OFF"), access=None), KEPT)
    finding = examined.findings[0]
    assert (finding.code, finding.severity) == ("no_access_log", "error")
    assert (finding.fix or "").startswith("aws logs create-log-group --log-group-name /aws/apigateway/shop-prod-access")
    assert (finding.fix or "").endswith(examined.command or "nothing")
    assert f"{ARN}/aws/apigateway/shop-prod-access" in (examined.command or "")
    assert examined.access_format == good_format("REST")


def test_an_access_log_to_firehose_cannot_be_read() -> None:
    finding = the("access_unreadable", stage(access=AccessLog(None, FIREHOSE, good_format("REST"))))
    assert finding.severity == "error"
    assert finding.title == "Access log to Firehose"
    assert FIREHOSE in finding.detail


def test_a_group_of_another_class_cannot_be_read() -> None:
    log = AccessLog(GROUP, f"{ARN}{GROUP}", good_format("REST"), log_group_class="INFREQUENT_ACCESS")
    assert "Logs Insights" in (the("access_unreadable", stage(access=log)).fix or "")


@pytest.mark.parametrize(
    ("lacking", "code", "variable"),
    [
        ("responseLatency", "no_latency", "$context.responseLatency"),
        ("status", "no_status", "$context.status"),
        ("integration.error", "no_integration_error", "$context.integration.error"),
        ("integration.status", "no_integration_status", "$context.integration.status"),
    ],
)
def test_what_the_format_lacks_is_named_with_the_variable_to_add(lacking: str, code: str, variable: str) -> None:
    source = good_format("REST").replace(f'"{lacking.replace(".", "_")}":"$context.{lacking}",', "")
    finding = the(code, stage(source))
    assert finding.variable == variable
    assert finding.fix == f"Add {variable} to the access log format."
    assert finding.title.startswith("No ")
    assert not finding.detail.startswith(finding.title)


def test_the_completed_format_keeps_the_names_of_a_stage_and_has_nothing_to_find() -> None:
    own = '{"id":"$context.requestId","code":"$context.status","tenant":"$context.authorizer.tenant"}'
    examined = examine_stage(stage(own))
    assert examined.access_format is not None
    assert examined.access_format.startswith(own.removesuffix("}"))
    assert lint(AccessFormat.compile(examined.access_format), "REST") == ()


def test_a_format_that_is_no_json_is_replaced_with_its_own_variables_kept() -> None:
    examined = examine_stage(stage("$context.requestId $context.status $context.authorizer.tenant"))
    assert '"authorizer_tenant":"$context.authorizer.tenant"' in (examined.access_format or "")
    assert lint(AccessFormat.compile(examined.access_format or ""), "REST") == ()


def test_levels_say_what_they_do_not_tell() -> None:
    assert the("level_off", at_level("OFF")).severity == "warning"
    assert "a request that succeeded has no execution lines" in the("error_level", at_level("ERROR")).detail
    assert the("no_data_trace", at_level("INFO")).severity == "note"
    assert codes(at_level("INFO", data_trace=True)) == ["secrets_in_data_trace"]


def test_level_error_alone_hides_that_requests_succeed() -> None:
    finding = the("error_level", replace(at_level("ERROR"), access=None))
    assert finding.severity == "error"
    assert "how many succeed is not known" in finding.detail


def test_the_level_is_set_by_a_command() -> None:
    fix = the("level_off", at_level("OFF")).fix or ""
    assert fix.startswith("aws apigateway update-stage --rest-api-id k9x2m4 --stage-name prod --patch-operations ")
    assert '"path":"/*/*/logging/loglevel","value":"INFO"' in fix


def test_without_a_role_api_gateway_writes_nothing_but_for_http_apis() -> None:
    without = replace(KEPT, role=Role(None))
    assert codes(stage(), without) == ["no_account_role"]
    assert codes(stage(api_type="HTTP"), without) == []
    assert codes(stage(), replace(KEPT, role=None)) == []


def test_groups_that_are_not_there_are_found() -> None:
    gone = replace(KEPT, groups={GROUP: None, EXECUTION: None})
    assert codes(stage(), gone) == ["access_group_missing", "execution_group_missing"]


def test_groups_that_may_not_be_read_name_the_action_and_the_arn() -> None:
    error = AppError("Could not read /shop/access: profile shop is not allowed logs:FilterLogEvents.")
    finding = the("access_denied", stage(), replace(KEPT, denied={GROUP: error}))
    assert finding.severity == "error"
    assert finding.fix == f"Allow logs:FilterLogEvents on {ARN}{GROUP}:* in your IAM policy."


def test_retention_for_ever_and_too_short_are_found() -> None:
    groups = {GROUP: LogGroup(GROUP), EXECUTION: LogGroup(EXECUTION, retention_days=1)}
    examined = examine_stage(stage(), replace(KEPT, groups=groups))
    assert [finding.title for finding in examined.to_do] == ["Kept for ever", "Kept for 1 day"]
    assert examined.to_do[0].fix == f"aws logs put-retention-policy --log-group-name {GROUP} --retention-in-days 90"


def test_functions_without_a_log_are_named() -> None:
    known = replace(
        KEPT, groups={**KEPT.groups, "/aws/lambda/pay": None}, functions={"k9x2m4/prod": ("pay", "unknown")}
    )
    examined = examine_stage(stage(), known)
    assert [finding.code for finding in examined.to_do] == ["function_group_missing"]
    assert "/aws/lambda/pay" in examined.to_do[0].detail


def test_tracing_and_metrics_that_are_off_are_hints() -> None:
    assert codes(stage(tracing=False, metrics=False)) == ["tracing_off", "metrics_off"]
    assert codes(stage(api_type="HTTP", metrics=False)) == ["metrics_off"]


def test_the_worst_comes_first() -> None:
    examined = examine_stage(replace(at_level("OFF", data_trace=True), access=None, tracing=False), KEPT)
    order = ["error", "warning", "hint", "note"]
    places = [order.index(finding.severity) for finding in examined.findings]
    assert places == sorted(places)
    assert examined.worst == "error"
