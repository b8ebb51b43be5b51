"""The lines of an execution log: how each kind starts and what can be read out of it.

Wording as API Gateway writes it (REST measured 2016–2026; WebSocket lines as an emulator reproduces them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class LinePattern:
    """One kind of line.

    `prefix` decides the kind of a line that carries a request ID. `exact` is the whole line, for lines that
    stand alone and could come from anywhere; empty where the prefix is peculiar enough. A line that is not
    `peculiar` counts only beside a request ID or a test's date. The named groups of `fields` are columns of
    `schema.FIELDS`; `constants` are columns that the kind itself tells.
    """

    kind: str
    prefix: str
    exact: str = ""
    peculiar: bool = True
    fields: str = ""
    constants: tuple[tuple[str, str], ...] = ()


_ID: Final = r"[^\s)]+"
_API_STAGE: Final = r"(?P<api_id>[A-Za-z0-9]+)/(?P<stage>[^\s/]+)"
_TRACE: Final = r"(?P<trace_id>1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24})"
_HEADER_TRACE: Final = r"(?i)X-Amzn-Trace-Id=[^,}]*?root=" + _TRACE
_URI: Final = r"(?P<integration_uri>\S+)"
_INVOKED: Final = r"(?::function:(?P<integration_function>[^:/\s]+)(?::[^/\s]*)?/invocations)?"
_KEY_METHOD: Final = r"method '(?P<method>[A-Z]+) (?P<route>[^']*)'"
_CONNECTION: Final = r"client \[Connection Id: (?P<connection_id>[^\]\s]+)\]"
_API: Final = r"API \[(?P<api_id>[^\]\s]+)\]"

PATTERNS: Final = (
    LinePattern(
        "extended_request_id",
        "Extended Request Id:",
        exact=r"Extended Request Id: \S+",
        fields=r"^Extended Request Id: (?P<extended_request_id>\S+)",
    ),
    LinePattern("authorizer_start", "Starting authorizer: ", exact=rf"Starting authorizer: \S+ for request: {_ID}"),
    LinePattern("authorizer_identity", "Incoming identity:"),
    LinePattern("authorizer_result", "Authorizer result body before parsing:"),
    LinePattern(
        "authorizer_policy",
        "Using valid authorizer policy for principal:",
        fields=r"^Using valid authorizer policy for principal: ?(?P<principal>[^*\s](?:[^*]*[^*\s])?)\s*$",
    ),
    LinePattern("authorizer_done", "Successfully completed authorizer execution"),
    LinePattern("authorizer_unauthorized", "Unauthorized request:", exact=rf"Unauthorized request: {_ID}"),
    LinePattern("access_denied", "The client is not authorized to perform this operation"),
    LinePattern(
        "usage_plan_start",
        "Verifying Usage Plan for request:",
        fields=rf"API Stage: {_API_STAGE}",
    ),
    LinePattern("usage_plan_done", "Usage Plan check ", fields=rf"API Stage {_API_STAGE}"),
    LinePattern("start", "Starting execution for request:", exact=rf"Starting execution for request: {_ID}"),
    LinePattern(
        "method",
        "HTTP Method:",
        exact=r"HTTP Method: [A-Z]+, Resource Path: .*",
        fields=r"^HTTP Method: (?P<method>[A-Z]+), Resource Path: (?P<path>.*?)\s*$",
    ),
    LinePattern("api_key_id", "API Key ID:", exact=r"API Key ID: \S+", fields=r"^API Key ID: (?P<api_key_id>\S+)"),
    LinePattern("api_key", "API Key:", exact=r"API Key: ?\*+\S*"),
    LinePattern("request_path", "Method request path:"),
    LinePattern("request_query", "Method request query string:"),
    LinePattern("request_headers", "Method request headers:", fields=_HEADER_TRACE),
    LinePattern("request_body", "Method request body before transformations:"),
    LinePattern("request_valid", "Request validation succeeded for content type"),
    LinePattern(
        "request_invalid",
        "Request body does not match model schema",
        fields=r"(?s)^Request body does not match .*? for content type [^:]+: \[(?P<validation_error>.*)\]",
    ),
    LinePattern(
        "request_invalid",
        "Missing required request parameters:",
        fields=r"^Missing required request parameters: \[?(?P<validation_error>.*?)\]?\s*$",
    ),
    LinePattern("endpoint_uri", "Endpoint request URI:", fields=rf"^Endpoint request URI: {_URI}"),
    LinePattern("endpoint_request_headers", "Endpoint request headers:", fields=_HEADER_TRACE),
    LinePattern("endpoint_request_body", "Endpoint request body after transformations:"),
    LinePattern(
        "integration_request",
        "Sending request to ",
        exact=r"Sending request to [a-z]+://\S+",
        fields=rf"^Sending request to {_URI}",
    ),
    LinePattern(
        "integration_response",
        "Received response.",
        exact=r"Received response\.(?: Status: \d{3},)? Integration latency: \d+ ms",
        fields=(
            r"^Received response\.(?: Status: (?P<integration_status>\d{3}),)?"
            r" Integration latency: (?P<integration_latency_ms>\d+) ms"
        ),
    ),
    LinePattern(
        "integration_response",
        "Integration returned status:",
        exact=r"Integration returned status: \d{3}",
        fields=r"^Integration returned status: (?P<integration_status>\d{3})",
    ),
    LinePattern(
        "endpoint_response_headers",
        "Endpoint response headers:",
        fields=r"(?i)x-amzn-RequestId=(?P<integration_request_id>[^,}\s]+)",
    ),
    LinePattern("endpoint_response_body", "Endpoint response body before transformations:"),
    LinePattern("response_body", "Method response body after transformations:"),
    LinePattern("response_headers", "Method response headers:", fields=_HEADER_TRACE),
    LinePattern(
        "function_invoke_failed",
        "Lambda invocation failed",
        fields=(
            r"^Lambda invocation failed with status: (?P<integration_service_status>\d{3})"
            r"(?:.*Lambda request id: (?P<integration_request_id>[^\s]+))?"
        ),
    ),
    LinePattern("configuration_error", "Execution failed due to configuration error"),
    LinePattern("timeout", "Execution failed due to a timeout error"),
    LinePattern("execution_failed", "Execution failed", exact=r"Execution failed(?: due to|:) .*"),
    LinePattern("execution_failed", "Connection API request failed"),
    LinePattern("success", "Successfully completed execution"),
    LinePattern(
        "done",
        "Method completed with status:",
        exact=r"Method completed with status: \d{3}",
        fields=r"^Method completed with status: (?P<status>\d{3})",
    ),
    LinePattern(
        "gateway_response",
        "Gateway response type: ",
        exact=r"Gateway response type: [A-Z0-9_]+ with status code: \d{3}",
        fields=r"^Gateway response type: [A-Z0-9_]+ with status code: (?P<status>\d{3})",
    ),
    LinePattern(
        "integration_request_id",
        "AWS Integration Endpoint RequestId",
        fields=r"^AWS Integration Endpoint RequestId ?: (?P<integration_request_id>\S+)",
    ),
    LinePattern("trace_id", "X-ray Tracing ID", fields=rf"^X-ray Tracing ID ?: (?:Root=)?{_TRACE}"),
    LinePattern("trace_id", "X-Ray Tracing ID", fields=rf"^X-Ray Tracing ID ?: (?:Root=)?{_TRACE}"),
    LinePattern(
        "websocket_route",
        "WebSocket Request Route:",
        fields=r"^WebSocket Request Route: \[(?P<route>[^\]]+)\]",
    ),
    LinePattern(
        "websocket_message_received",
        "WebSocket API [",
        exact=r"WebSocket API \[.*\] received message from client \[.*",
        fields=rf"^WebSocket {_API} received message from {_CONNECTION}",
        constants=(("event_type", "MESSAGE"),),
    ),
    LinePattern(
        "websocket_message_sent",
        "Message from client [",
        fields=rf"^Message from {_CONNECTION} sent to {_API}"
        r"(?: with response status code \[(?P<integration_status>\d{3})\])?",
        constants=(("event_type", "MESSAGE"),),
    ),
    LinePattern(
        "websocket_done",
        "Connection API request completed with status:",
        fields=r"^Connection API request completed with status: (?P<status>\d{3})",
    ),
    LinePattern("test_invoke", "Execution log for request", exact=r"Execution log for request \S+(?s:\s.*)?"),
)
"""Kinds that a fixed prefix tells. Where one prefix begins another, the longer one comes first."""

LOOSE_PATTERNS: Final = (
    LinePattern("api_key_rejected", r"API Key\b.*?\bnot authorized because ", fields=_KEY_METHOD),
    LinePattern("usage_plan_key", r"API Key\b.*?\bauthorized because method '", fields=_KEY_METHOD),
    LinePattern(
        "throttled",
        r"(?:[A-Z][A-Za-z ]* )?(?:throttle|[Qq]uota) limit exceeded\b|API Key\b.*\bexceeded (?:its|the) quota",
        exact=r"[A-Za-z ]+ limit exceeded for RestApi [^\n]*",
        fields=(
            r"RestApi (?P<api_id>[^\s,]+), Stage (?P<stage>[^\s,]+), Resource [^\s,]+,"
            r" HttpMethod (?P<method>[A-Z]+)"
        ),
    ),
    LinePattern(
        "function_error",
        r"Lambda execution failed(?: with status \d{3})? due to customer function error",
        fields=(
            r"(?s)^Lambda execution failed(?: with status (?P<integration_service_status>\d{3}))?"
            r" due to customer function error: ?(?P<integration_error>.*?)"
            r"(?:\.? ?Lambda request id: (?P<integration_request_id>\S+))?\s*$"
        ),
    ),
    LinePattern("execution_failed", r"Lambda execution failed\b"),
    LinePattern("access_denied", r"User: .* is not authorized to perform: ", peculiar=False),
    LinePattern("authorizer_unauthorized", r"Unauthorized$", peculiar=False),
    LinePattern("configuration_error", r"AuthorizerConfigurationException$", peculiar=False),
    LinePattern(
        "websocket_connecting",
        r"Client \[.*\] is connecting to WebSocket API \[",
        fields=(
            r"(?s)^Client \[(?:UserAgent: (?P<user_agent>.*), )?SourceIp: (?P<source_ip>[^\],\s]+)\]"
            rf" is connecting to WebSocket {_API}"
        ),
        constants=(("event_type", "CONNECT"),),
    ),
    LinePattern(
        "websocket_connected",
        r"Client \[.*\] connected to API \[",
        fields=rf"(?i)^{_CONNECTION} connected to {_API}",
        constants=(("event_type", "CONNECT"),),
    ),
    LinePattern(
        "websocket_disconnected",
        r"Client \[.*\] disconnected from API \[",
        fields=rf"(?i)^{_CONNECTION} disconnected from {_API}",
        constants=(("event_type", "DISCONNECT"),),
    ),
)
"""Kinds whose first words vary: `prefix` is a regex, tried in this order when no fixed prefix fits."""
