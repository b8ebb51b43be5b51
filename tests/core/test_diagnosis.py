"""From evidence to cause: each code from what proves it, and from nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from apigw_tui.core.cause_detail import detail
from apigw_tui.core.diagnosis import CAUSES
from apigw_tui.core.diagnosis_rules import FIELD_RULES, LINE_RULES, VARIABLES
from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import CAUSE_CODES, FIELDS, LINE_KINDS
from tests.core.log_lines import (
    AUTHORIZER_URI,
    CALL,
    HTTP_URI,
    REQUEST,
    URI,
    LogEvent,
    access,
    execution,
    opening,
    parsed,
)

FAILED = "Execution failed due to configuration error: "
CRASHED = "Lambda execution failed with status 200 due to customer function error: "
NO_PLAN = "API Key  not authorized because method 'GET /a' requires API Key and API Key has no Usage Plan"
OVER_LIMIT = "Key throttle limit exceeded for RestApi k9x2m4, Stage prod, Resource r1,"
LABEL_CELLS = 19


def diagnosis(*events: LogEvent) -> tuple[str | None, str | None]:
    row = summarise(parsed(*events)).row(0, named=True)
    return row["cause"], row["evidence"]


def of_lines(*lines: str, status: int) -> tuple[str | None, str | None]:
    return diagnosis(*execution(*lines, f"Method completed with status: {status}"))


def of_fields(status: int, **fields: Any) -> tuple[str | None, str | None]:
    return diagnosis(access(status=status, **fields))


def authorizing(*lines: str) -> tuple[str, ...]:
    start = f"Starting authorizer: q1 for request: {REQUEST}"
    return (start, f"Endpoint request URI: {AUTHORIZER_URI}", f"Sending request to {AUTHORIZER_URI}", *lines)


def test_every_code_of_the_contract_has_its_words() -> None:
    assert tuple(CAUSES) == CAUSE_CODES
    for text in CAUSES.values():
        assert len(text.label) <= LABEL_CELLS
        assert text.meaning.endswith(".")
        assert text.next_step.endswith(".")
        assert not text.title.endswith(".")


def test_every_code_can_be_proven_by_some_rule() -> None:
    by_rule = {rule.code for rule in LINE_RULES} | {rule.code for rule in FIELD_RULES}
    assert by_rule | {"backend_error", "backend_client_error"} == set(CAUSE_CODES)


def test_rules_name_columns_and_line_kinds_that_exist() -> None:
    assert FIELDS.keys() >= {rule.column for rule in FIELD_RULES}
    assert VARIABLES.keys() >= {rule.column for rule in FIELD_RULES}
    assert set(LINE_KINDS) >= {kind for rule in LINE_RULES for kind in rule.kinds}


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        ("Execution failed due to a timeout error", 504, "integration_timeout"),
        (FAILED + "Invalid endpoint address", 500, "integration_endpoint_invalid"),
        (FAILED + "PKIX path building failed: unable to find a path", 500, "integration_tls"),
        (
            FAILED + "Host name 'a.example' does not match the certificate subject (CN=b)",
            500,
            "integration_tls",
        ),
        (
            "Execution failed due to a network error communicating with endpoint: Connection is closed",
            504,
            "integration_network",
        ),
        (
            FAILED + "There was an internal error while executing your request",
            500,
            "integration_internal_error",
        ),
        (
            FAILED + "No match for output mapping and no default. Endpoint Response Status Code: 409",
            500,
            "integration_output_mapping",
        ),
        (CRASHED + f"'basket'. Lambda request id: {CALL}", 502, "lambda_function_error"),
        (
            CRASHED + f"2026-01-05T10:00:00.001Z {CALL} Task timed out after 10.00 seconds",
            502,
            "lambda_timeout",
        ),
        (CRASHED + "connect: connection refused by certificate store", 502, "lambda_function_error"),
        (FAILED + "Malformed Lambda proxy response", 502, "lambda_malformed_response"),
        (f"Lambda invocation failed with status: 429. Lambda request id: {CALL}", 500, "lambda_throttled"),
        (FAILED + "Rate Exceeded.", 500, "lambda_throttled"),
        (
            f"Lambda invocation failed with status: 500. Lambda request id: {CALL}",
            500,
            "integration_internal_error",
        ),
        (FAILED + "Invalid permissions on Lambda function", 500, "lambda_permission"),
        (FAILED + "a text that nobody knows", 500, "api_configuration_error"),
        (f"Unauthorized request: {REQUEST}", 401, "authorizer_unauthorized"),
        ("The client is not authorized to perform this operation.", 403, "resource_policy_denied"),
        (
            f"{NO_PLAN} for API Stage k9x2m4/prod: No Usage Plan found for key and API Stage",
            403,
            "invalid_api_key",
        ),
        (
            f"{OVER_LIMIT} HttpMethod POST. Limit: 5.00 Burst: 2",
            429,
            "throttled",
        ),
        (
            'Request body does not match model schema for content type application/json: [missing "sku"]',
            400,
            "bad_request_body",
        ),
    ],
)
def test_a_line_proves_its_cause_and_is_quoted(line: str, status: int, code: str) -> None:
    assert of_lines(*opening(), line, status=status) == (code, line)


@pytest.mark.parametrize(
    ("status", "fields", "code", "evidence"),
    [
        (
            504,
            {"responseType": "INTEGRATION_TIMEOUT"},
            "integration_timeout",
            "error.responseType: INTEGRATION_TIMEOUT",
        ),
        (
            504,
            {"message": "Endpoint request timed out"},
            "integration_timeout",
            "error.message: Endpoint request timed out",
        ),
        (
            504,
            {"integrationError": "Execution failed due to a timeout error"},
            "integration_timeout",
            "integration.error: Execution failed due to a timeout error",
        ),
        (
            504,
            {"responseType": "INTEGRATION_FAILURE"},
            "integration_network",
            "error.responseType: INTEGRATION_FAILURE",
        ),
        (
            504,
            {"message": "Network error communicating with endpoint"},
            "integration_network",
            "error.message: Network error communicating with endpoint",
        ),
        (
            502,
            {
                "responseType": "INTEGRATION_FAILURE",
                "integrationError": "Lambda Customer Function Error:'SKU'",
            },
            "lambda_function_error",
            "integration.error: Lambda Customer Function Error:'SKU'",
        ),
        (
            502,
            {"integrationError": "Lambda Customer Function Error:x Task timed out after 3.00 seconds"},
            "lambda_timeout",
            "integration.error: Lambda Customer Function Error:x Task timed out after 3.00 seconds",
        ),
        (
            500,
            {"integrationError": "Rate Exceeded."},
            "lambda_throttled",
            "integration.error: Rate Exceeded.",
        ),
        (
            401,
            {"responseType": "UNAUTHORIZED"},
            "authorizer_unauthorized",
            "error.responseType: UNAUTHORIZED",
        ),
        (401, {"authorizerStatus": 401}, "authorizer_unauthorized", "authorizer.status: 401"),
        (
            401,
            {"responseType": "UNAUTHORIZED", "authorizerError": "The incoming token has expired"},
            "expired_token",
            "authorizer.error: The incoming token has expired",
        ),
        (403, {"responseType": "ACCESS_DENIED"}, "authorizer_denied", "error.responseType: ACCESS_DENIED"),
        (403, {"authorizeStatus": 403}, "authorizer_denied", "authorize.status: 403"),
        (
            403,
            {"message": "User: anonymous is not authorized to perform: execute-api:Invoke"},
            "resource_policy_denied",
            "error.message: User: anonymous is not authorized to perform: execute-api:Invoke",
        ),
        (500, {"authorizerStatus": 500}, "authorizer_failure", "authorizer.status: 500"),
        (
            500,
            {"responseType": "AUTHORIZER_FAILURE"},
            "authorizer_failure",
            "error.responseType: AUTHORIZER_FAILURE",
        ),
        (
            500,
            {"responseType": "AUTHORIZER_CONFIGURATION_ERROR", "authorizerStatus": 500},
            "authorizer_configuration_error",
            "error.responseType: AUTHORIZER_CONFIGURATION_ERROR",
        ),
        (
            403,
            {"message": "Missing Authentication Token"},
            "missing_authentication_token",
            "error.message: Missing Authentication Token",
        ),
        (
            403,
            {"message": "Invalid key=value pair (missing equal-sign) in Authorization header: 'x'."},
            "invalid_signature",
            "error.message: Invalid key=value pair (missing equal-sign) in Authorization header: 'x'.",
        ),
        (403, {"authenticateStatus": 403}, "invalid_signature", "authenticate.status: 403"),
        (403, {"responseType": "EXPIRED_TOKEN"}, "expired_token", "error.responseType: EXPIRED_TOKEN"),
        (403, {"responseType": "INVALID_API_KEY"}, "invalid_api_key", "error.responseType: INVALID_API_KEY"),
        (429, {"message": "Too Many Requests"}, "throttled", "error.message: Too Many Requests"),
        (429, {"message": "Limit Exceeded"}, "quota_exceeded", "error.message: Limit Exceeded"),
        (429, {"responseType": "QUOTA_EXCEEDED"}, "quota_exceeded", "error.responseType: QUOTA_EXCEEDED"),
        (403, {"wafResponse": "WAF_BLOCK", "wafStatus": 403}, "waf_blocked", "wafResponseCode: WAF_BLOCK"),
        (
            403,
            {"responseType": "WAF_FILTERED", "message": "Forbidden"},
            "waf_blocked",
            "error.responseType: WAF_FILTERED",
        ),
        (403, {"wafStatus": 403, "authorizerStatus": 403}, "waf_blocked", "waf.status: 403"),
        (
            500,
            {"message": "There was an error evaluating the AWS WAF rules associated with this API"},
            "waf_error",
            "error.message: There was an error evaluating the AWS WAF rules associated with this API",
        ),
        (
            400,
            {"responseType": "BAD_REQUEST_BODY"},
            "bad_request_body",
            "error.responseType: BAD_REQUEST_BODY",
        ),
        (
            400,
            {"validation": '[missing "sku"]'},
            "bad_request_body",
            'error.validationErrorString: [missing "sku"]',
        ),
        (
            400,
            {"message": "Missing required request parameters: [sku]"},
            "bad_request_parameters",
            "error.message: Missing required request parameters: [sku]",
        ),
        (
            415,
            {"responseType": "UNSUPPORTED_MEDIA_TYPE"},
            "unsupported_media_type",
            "error.responseType: UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            413,
            {"responseType": "REQUEST_TOO_LARGE"},
            "request_too_large",
            "error.responseType: REQUEST_TOO_LARGE",
        ),
        (404, {"message": "Not Found"}, "resource_not_found", "error.message: Not Found"),
        (
            404,
            {"responseType": "RESOURCE_NOT_FOUND"},
            "resource_not_found",
            "error.responseType: RESOURCE_NOT_FOUND",
        ),
        (
            500,
            {"responseType": "API_CONFIGURATION_ERROR"},
            "api_configuration_error",
            "error.responseType: API_CONFIGURATION_ERROR",
        ),
        (503, {"integrationStatus": 503}, "backend_error", "integration.status: 503"),
        (404, {"integrationStatus": 404}, "backend_client_error", "integration.status: 404"),
        (503, {"serviceStatus": 503}, "backend_error", "integrationStatus: 503"),
    ],
)
def test_an_access_field_proves_its_cause_and_is_quoted_by_its_variable(
    status: int, fields: dict[str, Any], code: str, evidence: str
) -> None:
    assert of_fields(status, **fields) == (code, evidence)


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (403, {"message": "Forbidden"}),
        (500, {"message": "Internal server error"}),
        (400, {"responseType": "DEFAULT_4XX"}),
        (500, {"serviceStatus": 200}),
        (500, {"integrationStatus": 200}),
        (502, {}),
    ],
)
def test_a_failure_without_evidence_is_unknown(status: int, fields: dict[str, Any]) -> None:
    assert of_fields(status, **fields) == ("unknown", None)


def test_a_failed_integration_of_no_known_kind_is_unknown_but_quoted() -> None:
    assert of_fields(502, responseType="INTEGRATION_FAILURE") == (
        "unknown",
        "error.responseType: INTEGRATION_FAILURE",
    )


@pytest.mark.parametrize("status", [200, 304])
def test_below_400_there_is_no_cause_even_with_a_failing_line(status: int) -> None:
    assert of_lines(*opening(), CRASHED + "boom", status=status) == (None, None)


def test_a_request_in_flight_has_a_cause_as_soon_as_a_line_fails() -> None:
    line = "Execution failed due to a timeout error"
    assert diagnosis(*execution(*opening())) == (None, None)
    assert diagnosis(*execution(*opening(), line)) == ("integration_timeout", line)


def test_of_several_failing_lines_the_first_is_the_root() -> None:
    first = f"Lambda invocation failed with status: 429. Lambda request id: {CALL}"
    assert of_lines(first, FAILED + "Invalid permissions on Lambda function", status=500) == (
        "lambda_throttled",
        first,
    )


def test_a_precise_line_beats_a_general_one_before_it() -> None:
    precise = FAILED + "Malformed Lambda proxy response"
    assert of_lines(FAILED + "something odd", precise, status=502) == ("lambda_malformed_response", precise)


def test_a_precise_line_beats_a_general_field() -> None:
    line = FAILED + "Invalid permissions on Lambda function"
    events = (access(status=500, responseType="API_CONFIGURATION_ERROR"), *execution(line))
    assert diagnosis(*events) == ("lambda_permission", line)


def test_a_precise_field_beats_a_general_line() -> None:
    events = (access(status=500, integrationError="Rate Exceeded."), *execution(FAILED + "odd"))
    assert diagnosis(*events) == ("lambda_throttled", "integration.error: Rate Exceeded.")


def test_the_line_is_quoted_where_line_and_field_say_the_same() -> None:
    line = "Execution failed due to a timeout error"
    events = (access(status=504, message="Endpoint request timed out"), *execution(line))
    assert diagnosis(*events) == ("integration_timeout", line)


def test_an_authorizer_that_crashed_failed_and_is_not_the_integrations_function() -> None:
    crash = CRASHED + f"no keys. Lambda request id: {CALL}"
    lines = authorizing(crash, FAILED + "Authorizer error")
    assert of_lines(*lines, status=500) == ("authorizer_failure", crash)


def test_at_error_level_the_authorizer_is_known_by_what_follows() -> None:
    crash = CRASHED + "no keys"
    assert of_lines(crash, FAILED + "Authorizer error", status=500) == ("authorizer_failure", crash)


@pytest.mark.parametrize(
    "text",
    [
        "Authorizer error",
        "Could not parse policy",
        "API Gateway does not have permission to assume the provided role arn:aws:iam::1:role/badge",
        "Invalid permissions on Lambda function",
        'Invalid JSON in response: Unrecognized field "errorType" , not marked as ignorable',
    ],
)
def test_an_authorizer_that_cannot_be_used_is_misconfigured(text: str) -> None:
    assert of_lines(*authorizing(FAILED + text), status=500) == (
        "authorizer_configuration_error",
        FAILED + text,
    )


def test_a_failure_after_the_authorizer_is_the_integrations() -> None:
    crash = CRASHED + "no basket"
    lines = (*authorizing("Successfully completed authorizer execution"), *opening()[1:], crash)
    assert of_lines(*lines, status=502) == ("lambda_function_error", crash)


def test_a_denial_after_the_authorizer_is_its_policy() -> None:
    denied = "The client is not authorized to perform this operation."
    lines = authorizing("Successfully completed authorizer execution", denied)
    assert of_lines(*lines, status=403) == ("authorizer_denied", denied)


def test_an_error_of_an_http_backend_is_proven_by_the_received_line() -> None:
    received = "Received response. Status: 503, Integration latency: 12 ms"
    lines = (*opening(), f"Sending request to {HTTP_URI}", received, "Successfully completed execution")
    assert of_lines(*lines, status=503) == ("backend_error", received)


def test_an_error_that_a_function_returned_is_proven_by_its_answer() -> None:
    answer = 'Endpoint response body before transformations: {"statusCode": 404, "body": "{}"}'
    lines = (
        *opening(),
        f"Sending request to {URI}",
        "Received response. Status: 200, Integration latency: 9 ms",
        answer,
    )
    assert of_lines(*lines, status=404) == ("backend_client_error", answer)
    assert of_lines(*lines, status=500) == ("unknown", None)


def test_the_detail_names_who_how_long_and_what_the_client_got() -> None:
    rows = summarise(
        parsed(
            access(status=504, latency=29_013, integrationLatency=29_002),
            *execution(f"Sending request to {URI}", (29_002, "Execution failed due to a timeout error")),
        )
    )
    waited = "basket-write did not answer within 29 s, the timeout of the integration"
    assert detail(rows.row(0, named=True)) == f"{waited}, so API Gateway returned 504."


def test_the_detail_of_a_crash_quotes_the_functions_own_words() -> None:
    crash = CRASHED + f"KeyError: 'sku'. Lambda request id: {CALL}"
    rows = summarise(parsed(*execution(f"Sending request to {URI}", crash, "Method completed with status: 502")))
    assert detail(rows.row(0, named=True)) == (
        "basket-write ended with an error (KeyError: 'sku'), so API Gateway returned 502."
    )


@pytest.mark.parametrize("code", CAUSE_CODES)
def test_every_cause_has_a_detail_even_when_nothing_else_is_known(code: str) -> None:
    row = dict.fromkeys(summarise(parsed(access(status=500))).columns)
    sentence = detail({**row, "cause": code, "execution_events": 0})
    assert sentence is not None
    assert sentence.endswith(".")
    assert "None" not in sentence
    assert "{" not in sentence
    assert "  " not in sentence
