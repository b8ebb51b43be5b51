"""The commands set what they say: botocore takes their parameters, and a second implementation of AWS obeys them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import ServiceModel
from botocore.session import Session
from botocore.validate import ParamValidator
from moto.server import ThreadedMotoServer

from apigw_tui.core.access_lint import good_format
from apigw_tui.core.stage import ApiType
from apigw_tui.doctor import aws_commands
from apigw_tui.doctor.evidence import Evidence
from apigw_tui.doctor.stage_checks import examine_stage
from apigw_tui.sources.session import Aws, AwsSettings
from apigw_tui.sources.stage_records import rest_stage
from tests.doctor.shop_stages import at_level, stage

OPTIONS = {
    "--rest-api-id": "restApiId",
    "--stage-name": "stageName",
    "--patch-operations": "patchOperations",
    "--api-id": "ApiId",
    "--access-log-settings": "AccessLogSettings",
    "--default-route-settings": "DefaultRouteSettings",
}


def call_of(command: str) -> tuple[str, dict[str, Any]]:
    """The service and parameters of an `aws … update-stage`."""
    program, service, operation, *words = shlex.split(command)
    assert (program, operation) == ("aws", "update-stage")
    names = {**OPTIONS, "--stage-name": "StageName" if service == "apigatewayv2" else "stageName"}
    pairs = dict(zip(words[::2], words[1::2], strict=True))
    return service, {
        names[option]: json.loads(text) if text.startswith(("[", "{")) else text for option, text in pairs.items()
    }


def commands(api_type: ApiType) -> Iterator[str]:
    one = stage(api_type=api_type, name="$default" if api_type == "HTTP" else "prod")
    yield aws_commands.set_access_log(one, "arn:aws:logs:eu-west-1:1:log-group:x", good_format(api_type))
    yield aws_commands.turn_on_metrics(one)
    if api_type != "HTTP":
        yield aws_commands.set_execution_level(one, "INFO")
        yield aws_commands.set_data_trace(one, on=True)
    if api_type == "REST":
        yield aws_commands.turn_on_tracing(one)


@pytest.mark.parametrize("api_type", ["REST", "HTTP", "WEBSOCKET"])
def test_botocore_takes_the_parameters_of_every_command(api_type: ApiType) -> None:
    for command in commands(api_type):
        service, parameters = call_of(command)
        model: ServiceModel = Session().get_service_model(service)
        shape = model.operation_model("UpdateStage").input_shape
        assert shape is not None
        report = ParamValidator().validate(parameters, shape)
        assert not report.has_errors(), report.generate_report()


def test_a_command_of_version_two_keeps_what_is_set_already() -> None:
    _, parameters = call_of(aws_commands.turn_on_metrics(stage(api_type="WEBSOCKET", metrics=False)))
    assert parameters["DefaultRouteSettings"] == {
        "DetailedMetricsEnabled": True,
        "LoggingLevel": "INFO",
        "DataTraceEnabled": False,
    }


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_arn_of_a_group_is_of_the_regions_partition(region: str, partition: str) -> None:
    arn = aws_commands.group_arn("/shop", region=region, account="111122223333")
    assert arn == f"arn:{partition}:logs:{region}:111122223333:log-group:/shop"


def test_what_is_not_known_of_an_arn_is_to_be_filled_in() -> None:
    assert (
        aws_commands.group_arn("/shop", region=None, account=None) == "arn:aws:logs:REGION:ACCOUNT_ID:log-group:/shop"
    )


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Aws(AwsSettings.for_emulator(f"http://{host}:{port}")).client("apigateway")
    server.stop()


def test_a_stage_on_which_all_commands_were_run_has_nothing_left_to_do(client: Any) -> None:
    api_id = client.create_rest_api(name="shop")["id"]
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    client.put_method(restApiId=api_id, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(restApiId=api_id, resourceId=root, httpMethod="GET", type="MOCK")
    client.create_deployment(restApiId=api_id, stageName="prod")

    def examined() -> Any:
        item = client.get_stages(restApiId=api_id)["item"][0]
        return examine_stage(rest_stage(api_id, "shop", item), Evidence(region="eu-west-1", account="111122223333"))

    todo = examined().to_do
    assert {finding.code for finding in todo} == {"no_access_log", "level_off", "tracing_off", "metrics_off"}
    for finding in todo:
        _, parameters = call_of((finding.fix or "").rpartition("&& ")[2])
        client.update_stage(**parameters)
    assert examined().to_do == ()


def test_data_trace_is_turned_off_by_a_command() -> None:
    fix = examine_stage(at_level("INFO", data_trace=True)).findings[0].fix or ""
    _, parameters = call_of(fix)
    assert parameters["patchOperations"] == [{"op": "replace", "path": "/*/*/logging/dataTrace", "value": "false"}]
