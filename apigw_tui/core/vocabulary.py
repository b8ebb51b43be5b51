"""The words that events and requests are told apart by: kinds of events and of lines, states, causes."""

from __future__ import annotations

from typing import Final

KINDS: Final = ("access", "execution", "lambda", "other")

EXECUTION_LINE_KINDS: Final = (
    "extended_request_id",  # Extended Request Id: …
    "authorizer_start",  # Starting authorizer: … for request: …
    "authorizer_identity",  # Incoming identity: ****
    "authorizer_result",  # Authorizer result body before parsing: …
    "authorizer_policy",  # Using valid authorizer policy for principal: …
    "authorizer_done",  # Successfully completed authorizer execution
    "authorizer_unauthorized",  # Unauthorized request: …
    "access_denied",  # The client is not authorized to perform this operation.
    "usage_plan_start",  # Verifying Usage Plan for request: …
    "usage_plan_key",  # API Key … authorized because method '…'
    "usage_plan_done",  # Usage Plan check succeeded …
    "api_key_rejected",  # API Key … not authorized because …
    "throttled",  # Key throttle limit exceeded …
    "start",  # Starting execution for request: …
    "method",  # HTTP Method: …, Resource Path: …
    "api_key",  # API Key: ****
    "api_key_id",  # API Key ID: …
    "request_path",  # Method request path: {…}
    "request_query",  # Method request query string: {…}
    "request_headers",  # Method request headers: {…}
    "request_body",  # Method request body before transformations: …
    "request_valid",  # Request validation succeeded …
    "request_invalid",  # Request body does not match model schema …
    "endpoint_uri",  # Endpoint request URI: …
    "endpoint_request_headers",  # Endpoint request headers: {…}
    "endpoint_request_body",  # Endpoint request body after transformations: …
    "integration_request",  # Sending request to …
    "integration_response",  # Received response. Status: …, Integration latency: … ms
    "endpoint_response_headers",  # Endpoint response headers: {…}
    "endpoint_response_body",  # Endpoint response body before transformations: …
    "response_body",  # Method response body after transformations: …
    "response_headers",  # Method response headers: {…}
    "function_error",  # Lambda execution failed with status … due to customer function error: …
    "function_invoke_failed",  # Lambda invocation failed with status: …
    "configuration_error",  # Execution failed due to configuration error: …
    "timeout",  # Execution failed due to a timeout error
    "execution_failed",  # any other "Execution failed…"
    "success",  # Successfully completed execution
    "done",  # Method completed with status: …
    "gateway_response",  # Gateway response type: … with status code: …
    "integration_request_id",  # AWS Integration Endpoint RequestId : …
    "trace_id",  # X-ray Tracing ID : …
    "websocket_route",  # WebSocket Request Route: [$connect]
    "websocket_connecting",  # Client […] is connecting to WebSocket API […].
    "websocket_message_received",  # WebSocket API […] received message from client […].
    "websocket_connected",  # Client […] connected to API […] successfully.
    "websocket_message_sent",  # Message from client […] sent to API […] with response status code […].
    "websocket_disconnected",  # Client […] disconnected from API […]. Close reason: […]
    "websocket_done",  # Connection API request completed with status: …
    "test_invoke",  # Execution log for request … (console test)
)
LAMBDA_LINE_KINDS: Final = (
    "lambda_init",  # INIT_START …, RESTORE_START …, EXTENSION …, platform.initStart
    "lambda_start",  # START RequestId: …, platform.start
    "lambda_log",  # what the function printed
    "lambda_error",  # [ERROR] …, an uncaught exception, level ERROR/FATAL
    "lambda_timed_out",  # … Task timed out after … seconds
    "lambda_end",  # END RequestId: …, platform.runtimeDone
    "lambda_report",  # REPORT RequestId: …, platform.report
)
LINE_KINDS: Final = (*EXECUTION_LINE_KINDS, *LAMBDA_LINE_KINDS, "unknown")

FAILURE_LINE_KINDS: Final = (
    "authorizer_unauthorized",
    "access_denied",
    "api_key_rejected",
    "throttled",
    "request_invalid",
    "function_error",
    "function_invoke_failed",
    "configuration_error",
    "timeout",
    "execution_failed",
    "gateway_response",
)
"""Execution line kinds that say that a request failed; the first one of a request is the root."""

TERMINAL_LINE_KINDS: Final = (
    "done",
    "gateway_response",
    "websocket_done",
    "websocket_connected",
    "websocket_message_sent",
    "websocket_disconnected",
    "authorizer_unauthorized",
    "access_denied",
)
"""Execution line kinds after which a request is over (some failures and WebSocket APIs never write `done`)."""

STATES: Final = ("in_flight", "access_only", "execution_only", "complete")
LATENCY_SOURCES: Final = ("access", "execution", "computed")

CAUSE_CODES: Final = (
    "integration_timeout",
    "integration_endpoint_invalid",
    "integration_tls",
    "integration_network",
    "integration_internal_error",
    "integration_output_mapping",
    "lambda_function_error",
    "lambda_timeout",
    "lambda_malformed_response",
    "lambda_throttled",
    "lambda_permission",
    "backend_error",
    "backend_client_error",
    "authorizer_unauthorized",
    "authorizer_denied",
    "authorizer_configuration_error",
    "authorizer_failure",
    "resource_policy_denied",
    "missing_authentication_token",
    "invalid_signature",
    "expired_token",
    "invalid_api_key",
    "throttled",
    "quota_exceeded",
    "waf_blocked",
    "waf_error",
    "bad_request_body",
    "bad_request_parameters",
    "unsupported_media_type",
    "request_too_large",
    "resource_not_found",
    "api_configuration_error",
    "unknown",
)
