"""API Gateway and STS through boto3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from apigw_tui.emulator.server import EmulatorServer
from tests.emulator.tiny_feed import ACCESS, FUNCTION_ARN, INVOCATIONS, T0, TinyFeed, TinyPlane

Clients = Callable[[str], Any]


@pytest.fixture
def clients() -> Iterator[Clients]:
    with ExitStack() as stack:
        server = stack.enter_context(EmulatorServer(TinyFeed(), TinyPlane(apis=60), clock=lambda: T0))

        def make(service: str) -> Any:
            client = boto3.client(
                service,
                endpoint_url=server.url,
                region_name="eu-west-1",
                aws_access_key_id="AKIDEXAMPLE",
                aws_secret_access_key="secret",  # noqa: S106 - nobody checks it
            )
            stack.enter_context(closing(client))
            return client

        yield make


def refusal(call: Callable[[], object]) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_rest_apis_come_25_at_a_time_with_a_position(clients: Clients) -> None:
    gateway = clients("apigateway")
    first = gateway.get_rest_apis()
    second = gateway.get_rest_apis(position=first["position"])
    third = gateway.get_rest_apis(position=second["position"])
    assert [len(page["items"]) for page in (first, second, third)] == [25, 25, 10]
    assert "position" not in third
    assert third["items"][-1]["id"] == "rest59"
    assert len(gateway.get_rest_apis(limit=500)["items"]) == 60


def test_a_rest_api_has_a_creation_date(clients: Clients) -> None:
    api = clients("apigateway").get_rest_apis(limit=1)["items"][0]
    assert api == {"id": "rest00", "name": "shop 0", "createdDate": datetime(2025, 4, 1, 8, 30, tzinfo=UTC)}


def test_rest_stages_say_where_their_logs_go(clients: Clients) -> None:
    answer = clients("apigateway").get_stages(restApiId="rest00")
    live, trial = answer["item"]
    assert live["accessLogSettings"]["destinationArn"].endswith(ACCESS)
    assert live["methodSettings"]["*/*"]["loggingLevel"] == "INFO"
    assert live["tracingEnabled"] is True
    assert trial["stageName"] == "trial"


def test_rest_stages_can_be_chosen_by_deployment(clients: Clients) -> None:
    answer = clients("apigateway").get_stages(restApiId="rest00", deploymentId="dep2")
    assert [stage["stageName"] for stage in answer["item"]] == ["trial"]


def test_the_account_names_its_logging_role(clients: Clients) -> None:
    account = clients("apigateway").get_account()
    assert account["cloudwatchRoleArn"].endswith(":role/gateway-logs")
    assert account["throttleSettings"] == {"burstLimit": 5000, "rateLimit": 10000.0}


def test_v2_apis_come_in_pages(clients: Clients) -> None:
    gateway = clients("apigatewayv2")
    first = gateway.get_apis(MaxResults="1")
    second = gateway.get_apis(MaxResults="1", NextToken=first["NextToken"])
    assert [api["ApiId"] for page in (first, second) for api in page["Items"]] == ["http01", "ws01"]
    assert "NextToken" not in second
    assert first["Items"][0]["CreatedDate"] == datetime(2025, 4, 2, tzinfo=UTC)
    assert first["Items"][0]["Tags"] == {"Team": "Front"}


def test_v2_stages_keep_the_keys_of_their_maps(clients: Clients) -> None:
    (stage,) = clients("apigatewayv2").get_stages(ApiId="ws01")["Items"]
    assert stage["RouteSettings"] == {"Send Message": {"LoggingLevel": "INFO"}}
    assert stage["StageVariables"] == {"Backend": "Blue"}
    assert stage["DefaultRouteSettings"] == {"LoggingLevel": "ERROR", "DataTraceEnabled": True}
    assert stage["AccessLogSettings"]["Format"] == "$context.requestId"


def test_resources_come_in_pages_and_have_their_methods_when_embedded(clients: Clients) -> None:
    gateway = clients("apigateway")
    first = gateway.get_resources(restApiId="rest00", embed=["methods"])
    second = gateway.get_resources(restApiId="rest00", embed=["methods"], position=first["position"])
    assert [len(page["items"]) for page in (first, second)] == [25, 5]
    assert "position" not in second
    assert first["items"][0] == {"id": "r0", "path": "/"}
    method = first["items"][1]["resourceMethods"]["POST"]
    assert method["authorizerId"] == "auth1"
    assert method["methodIntegration"]["type"] == "AWS_PROXY"
    assert method["methodIntegration"]["uri"] == INVOCATIONS.format("basket-write")


def test_resources_without_embedding_name_their_methods_only(clients: Clients) -> None:
    found = clients("apigateway").get_resources(restApiId="rest00", limit=2)["items"][1]
    assert (found["path"], found["resourceMethods"]) == ("/part1", {"POST": {}})


def test_a_position_of_another_listing_is_refused(clients: Clients) -> None:
    gateway = clients("apigateway")
    position = gateway.get_resources(restApiId="rest00")["position"]
    assert refusal(lambda: gateway.get_authorizers(restApiId="rest00", position=position)) == (
        "BadRequestException",
        400,
    )


def test_authorizers_name_what_they_invoke(clients: Clients) -> None:
    (rest,) = clients("apigateway").get_authorizers(restApiId="rest00")["items"]
    assert rest["authorizerUri"] == INVOCATIONS.format("badge-check")
    (v2,) = clients("apigatewayv2").get_authorizers(ApiId="http01")["Items"]
    assert (v2["AuthorizerId"], v2["AuthorizerType"]) == ("auth2", "JWT")


def test_routes_lead_to_integrations(clients: Clients) -> None:
    gateway = clients("apigatewayv2")
    (route,) = gateway.get_routes(ApiId="http01", MaxResults="5")["Items"]
    (integration,) = gateway.get_integrations(ApiId="http01")["Items"]
    assert route["RouteKey"] == "GET /basket"
    assert route["Target"] == f"integrations/{integration['IntegrationId']}"
    assert integration["IntegrationUri"] == FUNCTION_ARN.format("basket-web")
    assert integration["RequestTemplates"] == {"Text/Plain": "{}"}


def test_an_api_without_stages_answers_with_none(clients: Clients) -> None:
    assert clients("apigateway").get_stages(restApiId="rest07")["item"] == []
    assert clients("apigatewayv2").get_stages(ApiId="http01")["Items"] == []


def test_what_is_not_there_is_refused(clients: Clients) -> None:
    v1, v2 = clients("apigateway"), clients("apigatewayv2")
    assert refusal(lambda: v1.get_stages(restApiId="gone")) == ("NotFoundException", 404)
    assert refusal(lambda: v2.get_stages(ApiId="gone")) == ("NotFoundException", 404)
    assert refusal(lambda: v1.get_resources(restApiId="gone")) == ("NotFoundException", 404)
    assert refusal(lambda: v2.get_routes(ApiId="gone")) == ("NotFoundException", 404)
    assert refusal(v1.get_usage_plans) == ("UnknownOperationException", 404)
    assert refusal(lambda: v1.delete_stage(restApiId="rest00", stageName="live")) == (
        "UnknownOperationException",
        404,
    )
    for call in (
        lambda: v1.get_rest_apis(limit=501),
        lambda: v1.get_rest_apis(limit=0),
        lambda: v1.get_rest_apis(position="nonsense"),
        lambda: v2.get_apis(MaxResults="many"),
        lambda: v2.get_apis(NextToken="nonsense"),
    ):
        assert refusal(call) == ("BadRequestException", 400)


def test_sts_says_who_is_calling(clients: Clients) -> None:
    identity = clients("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"] == "arn:aws:iam::123456789012:user/explorer"


def test_sts_knows_no_other_action(clients: Clients) -> None:
    assert refusal(clients("sts").get_session_token) == ("InvalidAction", 400)
