"""Discovery against the embedded endpoint and, for the shapes of the control plane, against moto."""

from __future__ import annotations

from typing import Any

import pytest

from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources.discovery import find_stages
from apigw_tui.sources.session import Aws
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import VirtualTime

LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:"
FORMAT = '{"id":"$context.requestId","status":"$context.status"}'


def shop() -> RecordedAccount:
    account = RecordedAccount()
    account.rest["a1b2c3"] = (
        "orders",
        [
            {
                "stageName": "prod",
                "accessLogSettings": {"destinationArn": f"{LOGS}/orders/access:*", "format": FORMAT},
                "methodSettings": {
                    "*/*": {"loggingLevel": "ERROR", "dataTraceEnabled": False, "metricsEnabled": True},
                    "orders/POST": {"loggingLevel": "INFO", "dataTraceEnabled": True},
                },
                "tracingEnabled": True,
            },
            {"stageName": "staging", "methodSettings": {}},
        ],
    )
    account.rest["d4e5f6"] = (
        "partners",
        [
            {
                "stageName": "v1",
                "accessLogSettings": {
                    "destinationArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-p",
                    "format": "$context.extendedRequestId",
                },
                "methodSettings": {"*/*": {"loggingLevel": "OFF"}},
            }
        ],
    )
    account.v2["h7"] = (
        {"ApiId": "h7", "Name": "storefront", "ProtocolType": "HTTP"},
        [{"StageName": "$default", "AccessLogSettings": {"DestinationArn": f"{LOGS}/store", "Format": FORMAT}}],
    )
    account.v2["w8"] = (
        {"ApiId": "w8", "Name": "chat", "ProtocolType": "WEBSOCKET"},
        [
            {
                "StageName": "prod",
                "DefaultRouteSettings": {"LoggingLevel": "INFO", "DataTraceEnabled": True},
                "RouteSettings": {"$connect": {"DetailedMetricsEnabled": True}},
            }
        ],
    )
    for group in ("/orders/access", "/store", "/aws/apigateway/w8/prod", "API-Gateway-Execution-Logs_a1b2c3/prod"):
        account.add_group(group)
    return account


def test_stages_of_all_kinds_of_apis_are_found_with_their_groups() -> None:
    time = VirtualTime()
    with served(shop(), time) as aws:
        directory = find_stages(aws, stop=time.stop)
    assert [(stage.title, stage.api_type) for stage in directory.stages] == [
        ("orders/prod", "REST"),
        ("orders/staging", "REST"),
        ("partners/v1", "REST"),
        ("storefront/$default", "HTTP"),
        ("chat/prod", "WEBSOCKET"),
    ]
    assert directory.troubles == ()
    assert "/orders/access" in {group.name for group in directory.groups}


def test_a_rest_stage_tells_its_highest_level_and_its_access_log_without_the_star() -> None:
    time = VirtualTime()
    with served(shop(), time) as aws:
        stage = find_stages(aws, "orders/prod", stop=time.stop).stages[0]
    assert stage.execution.log_group == "API-Gateway-Execution-Logs_a1b2c3/prod"
    assert stage.execution.level == "INFO"
    assert stage.execution.data_trace
    assert stage.access is not None
    assert stage.access.log_group == "/orders/access"
    assert stage.access.destination == f"{LOGS}/orders/access"
    assert stage.access.joinable
    assert {"$context.responseLatency", "$context.integration.error"} <= set(stage.access.missing)
    assert stage.tracing
    assert stage.metrics
    assert stage.retention_days == 14


def test_a_stage_that_logs_nothing_has_no_access_log_and_no_known_retention() -> None:
    time = VirtualTime()
    with served(shop(), time) as aws:
        stage = find_stages(aws, "orders/staging", stop=time.stop).stages[0]
    assert stage.access is None
    assert stage.execution.level == "OFF"
    assert stage.retention_days is None


def test_a_firehose_destination_is_named_and_no_log_group() -> None:
    time = VirtualTime()
    with served(shop(), time) as aws:
        access = find_stages(aws, "partners", stop=time.stop).stages[0].access
    assert access is not None
    assert access.log_group is None
    assert access.destination.endswith("amazon-apigateway-p")
    assert not access.joinable


def test_an_http_api_has_no_execution_log() -> None:
    time = VirtualTime()
    with served(shop(), time) as aws:
        stage = find_stages(aws, "storefront", stop=time.stop).stages[0]
    assert stage.execution.log_group is None
    assert stage.execution.level == "OFF"


def test_the_spelling_of_a_websocket_execution_group_is_the_one_that_exists() -> None:
    time = VirtualTime()
    with served(shop(), time) as aws:
        stage = find_stages(aws, "chat", stop=time.stop).stages[0]
    assert stage.execution.log_group == "/aws/apigateway/w8/prod"
    assert stage.execution.level == "INFO"
    assert stage.metrics


def test_an_api_is_found_by_its_id_and_in_any_case() -> None:
    time = VirtualTime()
    with served(shop(), time) as aws:
        by_id = find_stages(aws, "a1b2c3/prod", stop=time.stop).stages
        by_name = find_stages(aws, "ORDERS", stop=time.stop).stages
    assert [stage.title for stage in by_id] == ["orders/prod"]
    assert [stage.title for stage in by_name] == ["orders/prod", "orders/staging"]


@pytest.mark.parametrize(
    ("operation", "left"), [("GetApis", "orders/prod"), ("GetRestApis", "chat/prod"), ("GetV2Stages", "orders/prod")]
)
def test_one_missing_permission_leaves_the_rest(operation: str, left: str) -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes[operation] = "AccessDeniedException"
    with served(shop(), time, refusals=refusals) as aws:
        directory = find_stages(aws, stop=time.stop)
    assert left in {stage.title for stage in directory.stages}
    assert directory.troubles
    assert directory.troubles[0].error.exit_code is ExitCode.CREDENTIALS


def test_without_permission_to_list_groups_the_names_are_still_known() -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes["DescribeLogGroups"] = "AccessDeniedException"
    with served(shop(), time, refusals=refusals) as aws:
        directory = find_stages(aws, "orders/prod", stop=time.stop)
    stage = directory.stages[0]
    assert stage.execution.log_group == "API-Gateway-Execution-Logs_a1b2c3/prod"
    assert stage.retention_days is None
    assert len(directory.troubles) == 1


def test_without_any_permission_discovery_fails() -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes.update(GetRestApis="AccessDeniedException", GetApis="AccessDeniedException")
    with served(shop(), time, refusals=refusals) as aws, pytest.raises(AppError) as raised:
        find_stages(aws, stop=time.stop)
    assert raised.value.exit_code is ExitCode.CREDENTIALS


def test_moto_and_the_embedded_endpoint_agree_on_the_shapes(moto_account: Aws) -> None:
    rest: Any = moto_account.client("apigateway")
    api_id = rest.create_rest_api(name="orders")["id"]
    resource = rest.get_resources(restApiId=api_id)["items"][0]["id"]
    rest.put_method(restApiId=api_id, resourceId=resource, httpMethod="GET", authorizationType="NONE")
    rest.put_integration(restApiId=api_id, resourceId=resource, httpMethod="GET", type="MOCK")
    rest.create_deployment(restApiId=api_id, stageName="prod")
    rest.update_stage(
        restApiId=api_id,
        stageName="prod",
        patchOperations=[
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": f"{LOGS}/orders/access"},
            {"op": "replace", "path": "/accessLogSettings/format", "value": FORMAT},
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
            {"op": "replace", "path": "/*/*/logging/dataTrace", "value": "true"},
        ],
    )
    v2: Any = moto_account.client("apigatewayv2")
    http_id = v2.create_api(Name="storefront", ProtocolType="HTTP")["ApiId"]
    v2.create_stage(
        ApiId=http_id, StageName="live", AccessLogSettings={"DestinationArn": f"{LOGS}/store", "Format": FORMAT}
    )
    moto_account.client("logs").create_log_group(logGroupName="/orders/access")
    directory = find_stages(moto_account)
    stages = {stage.title: stage for stage in directory.stages}
    assert stages["orders/prod"].execution.level == "INFO"
    assert stages["orders/prod"].execution.data_trace
    assert stages["orders/prod"].access is not None
    assert stages["orders/prod"].access.log_group == "/orders/access"
    assert stages["storefront/live"].api_type == "HTTP"
    assert stages["storefront/live"].access is not None
    assert "/orders/access" in {group.name for group in directory.groups}
