"""What is wrong with a format is named with the variable to add; the format we recommend has nothing wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_lint import completed_format, good_format, lacking, lint
from apigw_tui.core.access_names import variable_of
from apigw_tui.core.stage import ApiType

API_TYPES: tuple[ApiType, ...] = ("REST", "HTTP", "WEBSOCKET")


def found(source: str, api_type: ApiType | None = None) -> dict[str, str | None]:
    return {finding.code: finding.variable for finding in lint(AccessFormat.compile(source), api_type)}


def without(*variables: str, api_type: ApiType = "REST") -> str:
    members = json.loads(good_format(api_type))
    return json.dumps({name: text for name, text in members.items() if text.removeprefix("$context.") not in variables})


@pytest.mark.parametrize("api_type", API_TYPES)
def test_the_good_format_has_nothing_to_find_and_one_line(api_type: ApiType) -> None:
    source = good_format(api_type)
    assert lint(AccessFormat.compile(source), api_type) == ()
    assert lint(AccessFormat.compile(source)) == ()
    assert "\n" not in source
    assert len(source) < 3_072


@pytest.mark.parametrize("api_type", API_TYPES)
def test_the_names_of_the_good_format_are_understood_without_it(api_type: ApiType) -> None:
    for name, text in json.loads(good_format(api_type)).items():
        assert variable_of(name) == text.removeprefix("$context.")


@pytest.mark.parametrize(
    ("lacking", "code", "add"),
    [
        (("requestId", "extendedRequestId"), "no_request_id", "$context.requestId"),
        (("requestId",), "extended_id_only", "$context.requestId"),
        (("status",), "no_status", "$context.status"),
        (("requestTimeEpoch",), "no_time", "$context.requestTimeEpoch"),
        (("httpMethod",), "no_method", "$context.httpMethod"),
        (("resourcePath",), "no_route", "$context.resourcePath"),
        (("responseLatency",), "no_latency", "$context.responseLatency"),
        (("integration.latency",), "no_integration_latency", "$context.integration.latency"),
        (("error.message", "error.responseType"), "no_error", "$context.error.message"),
        (("error.responseType",), "no_error_type", "$context.error.responseType"),
        (("integration.error",), "no_integration_error", "$context.integration.error"),
        (("integration.status",), "no_integration_status", "$context.integration.status"),
        (("integration.requestId",), "no_integration_request_id", "$context.integration.requestId"),
        (("identity.sourceIp",), "no_source_ip", "$context.identity.sourceIp"),
    ],
)
def test_what_is_missing_is_named_with_the_variable_to_add(lacking: tuple[str, ...], code: str, add: str) -> None:
    assert found(without(*lacking), "REST")[code] == add


def test_outside_rest_both_request_ids_are_the_same() -> None:
    assert "extended_id_only" not in found(without("requestId", api_type="HTTP"), "HTTP")
    assert "extended_id_only" not in found(without("requestId", api_type="WEBSOCKET"), "WEBSOCKET")


def test_an_http_api_needs_no_resource_path_and_a_websocket_api_its_connection() -> None:
    assert found(without("routeKey", api_type="HTTP"), "HTTP")["no_route"] == "$context.routeKey"
    assert found(without("connectionId", api_type="WEBSOCKET"), "WEBSOCKET")["no_connection_id"] is not None


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ('{"id":"$context.requestId","s":$context.status}', "unquoted_value"),
        ('{"id":"$context.requestId","m":"$context.error.messageString"}', "quoted_message_string"),
        ('{"id":"$context.requestId" "s":"$context.status"}', "invalid_json"),
        ('{"id":"$context.requestId","s":"$context.status",}', "invalid_json"),
        ('{"id":"$context.requestId","s":"$context.status","id":"$context.stage"}', "duplicate_key"),
        (json.dumps({"id": '"$context.requestId"'}), "doubled_quotes"),
        ('{"id":""$context.requestId""}', "doubled_quotes"),
        ('{"id":"$context.requestId","t":"$context.responseTime"}', "unknown_variable"),
        ('{"id":"$context.requestId","p":"$context.identity.clientCert.clientCertPem"}', "many_lines"),
        ('{"id":"$context.requestId",\n"s":"$context.status"}', "several_lines"),
        ('{"id":"$context.requestId"}' + " " * 3_072, "too_long"),
        ("$context.requestId $context.status", "not_json"),
        ("$context.requestId $context.identity.userAgent $context.status", "unquoted_text"),
        ("$context.requestId,$context.error.message,$context.status", "unquoted_text"),
    ],
)
def test_what_breaks_a_line_is_found(source: str, code: str) -> None:
    assert code in found(source)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ('{"id":"$context.requestId","m":$context.error.messageString}', "quoted_message_string"),
        ('{"id":"$context.requestId","m":$context.error.messageString}', "unquoted_value"),
        ('{"call":"$context.httpMethod $context.path"}', "unquoted_value"),
        ('$context.requestId "$context.identity.userAgent" $context.status', "unquoted_text"),
        ("$context.requestId $context.status $context.error.message", "unquoted_text"),
        ("<e><m>$context.error.message</m><s>$context.status</s></e>", "unquoted_text"),
        ("<e><m>$context.error.message</m></e>", "not_json"),
        ('{"id":"$context.requestId","c":"$context.authorizer.tenant"}', "unknown_variable"),
        ('{"id":"$context.requestId"}\n', "several_lines"),
    ],
)
def test_what_does_not_break_a_line_is_not_found(source: str, code: str) -> None:
    assert code not in found(source)


def test_a_variable_that_does_not_exist_suggests_the_one_that_is_meant() -> None:
    assert found('{"t":"$context.responseLatancy"}')["unknown_variable"] == "$context.responseLatency"


def test_variables_that_an_api_of_that_type_never_fills_are_named() -> None:
    findings = lint(AccessFormat.compile('{"r":"$context.resourcePath"}'), "HTTP")
    told = [finding.message for finding in findings if finding.code == "never_filled"]
    assert told == ["$context.resourcePath is always - on an HTTP API."]


def test_the_worst_comes_first() -> None:
    order = ["error", "warning", "hint"]
    severities = [finding.severity for finding in lint(AccessFormat.compile("$context.stage"))]
    assert severities == sorted(severities, key=order.index)
    assert severities[0] == "error"


@given(st.text(max_size=80), st.sampled_from([None, *API_TYPES]))
def test_property_any_text_can_be_linted(source: str, api_type: ApiType | None) -> None:
    findings = lint(AccessFormat.compile(source), api_type)
    assert all(finding.message for finding in findings)


@pytest.mark.parametrize("api_type", API_TYPES)
def test_a_good_format_lacks_nothing(api_type: ApiType) -> None:
    assert lacking(AccessFormat.compile(good_format(api_type)), api_type) == ()


def test_what_a_format_lacks_are_variables_that_the_type_of_api_fills() -> None:
    bare = AccessFormat.compile("$context.requestId $context.status")
    assert {"$context.resourcePath", "$context.responseLatency", "$context.integration.latency"} <= set(
        lacking(bare, "REST")
    )
    assert "$context.routeKey" in lacking(bare, "HTTP")
    assert "$context.responseLatency" not in lacking(bare, "WEBSOCKET")
    assert lacking(AccessFormat.compile(without("requestId")), "REST") == ("$context.requestId",)


def test_a_completed_format_adds_nothing_that_is_told_already() -> None:
    own = '{"id":"$context.requestId","s":"$context.status","ms":"$context.integrationLatency"}'
    completed = completed_format(AccessFormat.compile(own), "REST")
    assert completed.startswith(own.removesuffix("}"))
    assert "$context.integration.latency" not in completed
    assert "$context.integration.error" in completed


def test_a_name_that_is_taken_is_not_given_twice() -> None:
    own = '{"id":"$context.requestId","path":"$context.status"}'
    completed = completed_format(AccessFormat.compile(own), "REST")
    assert json.loads(completed)["path"] == "$context.path"


@given(
    variables=st.lists(st.sampled_from(sorted(json.loads(good_format("REST")).values())), unique=True),
    quoted=st.booleans(),
)
def test_property_a_completed_format_logs_all_that_was_logged_and_has_nothing_to_find(
    *, variables: list[str], quoted: bool
) -> None:
    source = " ".join(f'"{name}"' if quoted else name for name in variables)
    completed = AccessFormat.compile(completed_format(AccessFormat.compile(source), "REST"))
    assert lint(completed, "REST") == ()
    assert {name.removeprefix("$context.") for name in variables} <= completed.variables
