"""Failing lines whose cause is known, in the grammar of the real logs: name, cause, status, and the lines."""

from __future__ import annotations

from typing import Final

from tests.core.log_lines import CALL

FAILED: Final = "Execution failed due to configuration error: "
GATEWAY_ROLE: Final = "arn:aws:iam::111122223333:role/shop-gateway"
CRASHED: Final = "Lambda execution failed with status 200 due to customer function error: "

FAILURES: Final[tuple[tuple[str, str, int, tuple[str, ...]], ...]] = (
    ("timeout", "integration_timeout", 504, ("Execution failed due to a timeout error",)),
    ("endpoint", "integration_endpoint_invalid", 500, (FAILED + "Invalid endpoint address",)),
    ("pkix path", "integration_tls", 500, (FAILED + "PKIX path building failed: x.y.Exception: no path",)),
    ("pkix expiry", "integration_tls", 500, (FAILED + "PKIX path validation failed: validity check failed",)),
    ("host name", "integration_tls", 500, (FAILED + "Host name 'a.b' does not match the certificate subject (CN=c)",)),
    ("alternative name", "integration_tls", 500, (FAILED + "No subject alternative DNS name matching a.b found.",)),
    ("handshake", "integration_tls", 500, (FAILED + "Received fatal alert: handshake_failure",)),
    ("ssl engine", "integration_tls", 500, (FAILED + "General SSLEngine problem",)),
    ("plain text", "integration_tls", 500, (FAILED + "Unrecognized SSL message, plaintext connection?",)),
    ("refused", "integration_network", 504, (FAILED + "Connection refused",)),
    ("network", "integration_network", 504, ("Execution failed: Network error communicating with endpoint",)),
    (
        "vpc link",
        "integration_internal_error",
        500,
        (FAILED + "There was an internal error while executing your request",),
    ),
    ("internal", "integration_internal_error", 500, ("Execution failed due to an internal error",)),
    (
        "output mapping",
        "integration_output_mapping",
        500,
        (
            FAILED + "No match for output mapping and no default output mapping configured."
            " Endpoint Response Status Code: 403",
        ),
    ),
    (
        "method response",
        "integration_output_mapping",
        500,
        (FAILED + "Output mapping refers to an invalid method response: 200",),
    ),
    ("crash", "lambda_function_error", 502, (f"{CRASHED}'sku'. Lambda request id: {CALL}",)),
    ("crash of 2016", "lambda_function_error", 502, (f"{CRASHED}Handler 'handler' missing on module 'index'",)),
    (
        "crash without status",
        "lambda_function_error",
        502,
        (f"Lambda execution failed due to customer function error: x. Lambda request id: {CALL}",),
    ),
    (
        "exit",
        "lambda_function_error",
        502,
        (f"{CRASHED}RequestId: {CALL} Process exited before completing request. Lambda request id: {CALL}",),
    ),
    (
        "out of memory",
        "lambda_function_error",
        502,
        (f"{CRASHED}RequestId: {CALL} Error: Runtime exited with error: signal: killed. Lambda request id: {CALL}",),
    ),
    (
        "crash that quotes a timeout of its backend",
        "lambda_function_error",
        502,
        (f"{CRASHED}Endpoint request timed out. Lambda request id: {CALL}",),
    ),
    (
        "crash that quotes a certificate",
        "lambda_function_error",
        502,
        (f"{CRASHED}certificate has expired. Lambda request id: {CALL}",),
    ),
    (
        "function timeout",
        "lambda_timeout",
        502,
        (f"{CRASHED}2025-10-09T08:53:30.001Z {CALL} Task timed out after 10.00 seconds. Lambda request id: {CALL}",),
    ),
    (
        "function timeout of 2025",
        "lambda_timeout",
        502,
        (f"{CRASHED}RequestId: {CALL} Error: Task timed out after 3.00 seconds. Lambda request id: {CALL}",),
    ),
    (
        "malformed",
        "lambda_malformed_response",
        502,
        ('Endpoint response body before transformations: "no"', FAILED + "Malformed Lambda proxy response"),
    ),
    (
        "throttled function",
        "lambda_throttled",
        500,
        (f"Lambda invocation failed with status: 429. Lambda request id: {CALL}", FAILED + "Rate Exceeded."),
    ),
    ("throttled function, one line", "lambda_throttled", 500, (FAILED + "Rate exceeded",)),
    ("permission", "lambda_permission", 500, (FAILED + "Invalid permissions on Lambda function",)),
    (
        "permission, invoked",
        "lambda_permission",
        500,
        (
            f"Lambda invocation failed with status: 403. Lambda request id: {CALL}",
            FAILED + "Invalid permissions on Lambda function",
        ),
    ),
    ("template", "api_configuration_error", 500, (FAILED + "Unable to transform request",)),
    (
        "mock without status",
        "api_configuration_error",
        500,
        (FAILED + "statusCode should be an integer which defined in request template",),
    ),
    (
        "role of the integration",
        "api_configuration_error",
        500,
        (f"{FAILED}API Gateway does not have permission to assume the provided role {GATEWAY_ROLE}",),
    ),
    ("endpoint without blank", "integration_endpoint_invalid", 500, (FAILED.rstrip() + "Invalid endpoint address",)),
    ("no such host", "integration_endpoint_invalid", 500, (FAILED + "Host name 'a.b' could not be resolved",)),
    ("unknown host", "integration_endpoint_invalid", 500, (FAILED + "java.net.UnknownHostException: a.b",)),
    (
        "no such function",
        "integration_endpoint_invalid",
        500,
        (
            f"Lambda invocation failed with status: 404. Lambda request id: {CALL}",
            FAILED + "Function not found: arn:aws:lambda:eu-west-1:111122223333:function:basket-write",
        ),
    ),
    ("peer", "integration_tls", 500, (FAILED + "SSL peer shut down incorrectly",)),
    ("protocol", "integration_tls", 500, (FAILED + "Received fatal alert: protocol_version",)),
    ("connect", "integration_network", 504, (FAILED + "connect timed out",)),
    ("connection", "integration_network", 504, (FAILED + "Connection timed out",)),
    ("route", "integration_network", 504, (FAILED + "No route to host",)),
    ("timeout without article", "integration_timeout", 504, ("Execution failed due to timeout error",)),
    (
        "internal, completing",
        "integration_internal_error",
        500,
        (FAILED + "There was an internal error completing",),
    ),
    ("no concurrency", "lambda_throttled", 500, (FAILED + "ConcurrentInvocationLimitExceeded",)),
    (
        "payload for the function",
        "request_too_large",
        413,
        (f"Lambda invocation failed with status: 413. Lambda request id: {CALL}",),
    ),
    ("base64", "api_configuration_error", 500, (FAILED + "Unable to base64 decode the body.",)),
    (
        "answer too large",
        "api_configuration_error",
        500,
        (FAILED + "Integration response of reported length 11 is larger than allowed maximum of 10 bytes.",),
    ),
    ("rate of the stage", "throttled", 429, ("Stage throttle limit exceeded for RestApi k9x2m4, Stage prod",)),
    ("rate of the plan", "throttled", 429, ("Usage plan throttle limit exceeded for RestApi k9x2m4, Stage prod",)),
    ("quota of the key", "quota_exceeded", 429, ("Key quota limit exceeded for RestApi k9x2m4, Stage prod",)),
    ("quota, key first", "quota_exceeded", 429, ("API Key *****a1b2c3 has exceeded its quota",)),
)
