"""Requests whose cause is known, in the grammar of the real logs: what the confusion table is measured on.

Each one can be written in several ways: with its ID before each line, as a test from the console (one message or
one line each), and with line ends of other systems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.core.labelled_entries import ENTRIES
from tests.core.log_lines import (
    AUTHORIZER_URI,
    CALL,
    EXECUTION_GROUP,
    HTTP_URI,
    REQUEST,
    START,
    URI,
    LogEvent,
    access,
    execution,
    opening,
)

_DATE: Final = "Thu Oct 09 08:53:20 UTC 2025 : "
_FAILED: Final = "Execution failed due to configuration error: "
_CRASHED: Final = "Lambda execution failed with status 200 due to customer function error: "
_KEY: Final = "API Key  not authorized because method 'POST /basket/{id}' requires API Key"
_PLAN: Final = "Key throttle limit exceeded for RestApi k9x2m4, Stage prod, Resource r1, HttpMethod POST."
_MODEL: Final = "Request body does not match model schema for content type application/json: "
_DENIED: Final = "The client is not authorized to perform this operation."
_ARN: Final = "arn:aws:iam::111122223333:role/shop-gateway"
_AUTHORIZER_OK: Final = "Successfully completed authorizer execution"
_SENT: Final = ("Method request path: {id=17}", f"Endpoint request URI: {URI}", f"Sending request to {URI}")
_ANSWERED: Final = (
    "Received response. Status: 200, Integration latency: 41 ms",
    f"Endpoint response headers: {{Date=Thu, 09 Oct 2025 08:53:20 GMT, x-amzn-RequestId={CALL}}}",
)


@dataclass(frozen=True)
class Labelled:
    """A request of which is known what its row must say. `lines` are its execution lines, `fields` its entry."""

    name: str
    cause: str | None
    status: int | None
    lines: tuple[str, ...] = ()
    fields: Mapping[str, Any] | None = None
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> dict[str, Any]:
        """The columns of REQUESTS that are known."""
        return {"cause": self.cause, "status": self.status, **self.ids}

    def events(self) -> list[LogEvent]:
        """Its events as CloudWatch holds them."""
        entry = [] if self.fields is None else [access(**self.fields)]
        return [*entry, *execution(*self.lines)]


def _authorizing(*lines: str) -> tuple[str, ...]:
    return (
        "Extended Request Id: Qd3xkH7ArPEFabc=",
        f"Starting authorizer: q1x2y3 for request: {REQUEST}",
        "Incoming identity: ****************a1b2c3",
        f"Endpoint request URI: {AUTHORIZER_URI}",
        f"Sending request to {AUTHORIZER_URI}",
        *lines,
    )


def _ended(status: int, *lines: str) -> tuple[str, ...]:
    return (*lines, f"Method completed with status: {status}")


def _full(status: int, *lines: str) -> tuple[str, ...]:
    return _ended(status, *opening(), *_SENT, *lines)


def _failing(name: str, cause: str, status: int, *lines: str) -> Iterator[Labelled]:
    """A failure at level INFO and at level ERROR."""
    yield Labelled(f"{name}, INFO", cause, status, _full(status, *lines))
    yield Labelled(f"{name}, ERROR", cause, status, _ended(status, *lines))


_LINES: Final[tuple[tuple[str, str, int, tuple[str, ...]], ...]] = (
    ("timeout", "integration_timeout", 504, ("Execution failed due to a timeout error",)),
    ("endpoint", "integration_endpoint_invalid", 500, (_FAILED + "Invalid endpoint address",)),
    ("pkix path", "integration_tls", 500, (_FAILED + "PKIX path building failed: x.y.Exception: no path",)),
    ("pkix expiry", "integration_tls", 500, (_FAILED + "PKIX path validation failed: validity check failed",)),
    ("host name", "integration_tls", 500, (_FAILED + "Host name 'a.b' does not match the certificate subject (CN=c)",)),
    ("alternative name", "integration_tls", 500, (_FAILED + "No subject alternative DNS name matching a.b found.",)),
    ("handshake", "integration_tls", 500, (_FAILED + "Received fatal alert: handshake_failure",)),
    ("ssl engine", "integration_tls", 500, (_FAILED + "General SSLEngine problem",)),
    ("plain text", "integration_tls", 500, (_FAILED + "Unrecognized SSL message, plaintext connection?",)),
    ("refused", "integration_network", 504, (_FAILED + "Connection refused",)),
    ("network", "integration_network", 504, ("Execution failed: Network error communicating with endpoint",)),
    (
        "vpc link",
        "integration_internal_error",
        500,
        (_FAILED + "There was an internal error while executing your request",),
    ),
    ("internal", "integration_internal_error", 500, ("Execution failed due to an internal error",)),
    (
        "output mapping",
        "integration_output_mapping",
        500,
        (
            _FAILED + "No match for output mapping and no default output mapping configured."
            " Endpoint Response Status Code: 403",
        ),
    ),
    (
        "method response",
        "integration_output_mapping",
        500,
        (_FAILED + "Output mapping refers to an invalid method response: 200",),
    ),
    ("crash", "lambda_function_error", 502, (f"{_CRASHED}'sku'. Lambda request id: {CALL}",)),
    ("crash of 2016", "lambda_function_error", 502, (f"{_CRASHED}Handler 'handler' missing on module 'index'",)),
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
        (f"{_CRASHED}RequestId: {CALL} Process exited before completing request. Lambda request id: {CALL}",),
    ),
    (
        "out of memory",
        "lambda_function_error",
        502,
        (f"{_CRASHED}RequestId: {CALL} Error: Runtime exited with error: signal: killed. Lambda request id: {CALL}",),
    ),
    (
        "crash that quotes a timeout of its backend",
        "lambda_function_error",
        502,
        (f"{_CRASHED}Endpoint request timed out. Lambda request id: {CALL}",),
    ),
    (
        "crash that quotes a certificate",
        "lambda_function_error",
        502,
        (f"{_CRASHED}certificate has expired. Lambda request id: {CALL}",),
    ),
    (
        "function timeout",
        "lambda_timeout",
        502,
        (f"{_CRASHED}2025-10-09T08:53:30.001Z {CALL} Task timed out after 10.00 seconds. Lambda request id: {CALL}",),
    ),
    (
        "function timeout of 2025",
        "lambda_timeout",
        502,
        (f"{_CRASHED}RequestId: {CALL} Error: Task timed out after 3.00 seconds. Lambda request id: {CALL}",),
    ),
    (
        "malformed",
        "lambda_malformed_response",
        502,
        ('Endpoint response body before transformations: "no"', _FAILED + "Malformed Lambda proxy response"),
    ),
    (
        "throttled function",
        "lambda_throttled",
        500,
        (f"Lambda invocation failed with status: 429. Lambda request id: {CALL}", _FAILED + "Rate Exceeded."),
    ),
    ("throttled function, one line", "lambda_throttled", 500, (_FAILED + "Rate exceeded",)),
    ("permission", "lambda_permission", 500, (_FAILED + "Invalid permissions on Lambda function",)),
    (
        "permission, invoked",
        "lambda_permission",
        500,
        (
            f"Lambda invocation failed with status: 403. Lambda request id: {CALL}",
            _FAILED + "Invalid permissions on Lambda function",
        ),
    ),
    ("template", "api_configuration_error", 500, (_FAILED + "Unable to transform request",)),
    (
        "mock without status",
        "api_configuration_error",
        500,
        (_FAILED + "statusCode should be an integer which defined in request template",),
    ),
    (
        "role of the integration",
        "api_configuration_error",
        500,
        (f"{_FAILED}API Gateway does not have permission to assume the provided role {_ARN}",),
    ),
)


def _of_lines() -> Iterator[Labelled]:
    for name, cause, status, lines in _LINES:
        yield from _failing(name, cause, status, *lines)
    yield Labelled(
        "key not sent", "invalid_api_key", 403, _ended(403, *opening()[:2], _KEY + " but the API Key is missing")
    )
    yield Labelled(
        "key in no plan",
        "invalid_api_key",
        403,
        _ended(
            403,
            f"{_KEY} and API Key is not associated with a Usage Plan for API Stage k9x2m4/prod:"
            " No Usage Plan found for key and API Stage",
        ),
    )
    yield Labelled("rate", "throttled", 429, _ended(429, *opening()[:2], f"{_PLAN} Limit: 1.00 Burst: 1"))
    yield Labelled(
        "model",
        "bad_request_body",
        400,
        _ended(400, *opening(), _MODEL + '[object has missing required properties (["sku"])]'),
    )
    yield Labelled(
        "no JSON", "bad_request_body", 400, _ended(400, *opening(), _MODEL + "[Unknown error parsing request body]")
    )
    yield Labelled(
        "parameters",
        "bad_request_parameters",
        400,
        _ended(400, *opening(), "Missing required request parameters: [sku]"),
    )
    yield Labelled(
        "unauthorized",
        "authorizer_unauthorized",
        401,
        (
            *opening()[:1],
            f"Starting authorizer: q1x2y3 for request: {REQUEST}",
            f"Unauthorized request: {REQUEST}",
            "X-ray Tracing ID : Root=1-68e77820-0123456789abcdef01234567",
        ),
        ids={"trace_id": "1-68e77820-0123456789abcdef01234567"},
    )
    yield Labelled("resource policy", "resource_policy_denied", 403, (*opening()[:1], _DENIED))
    yield Labelled(
        "denied by policy",
        "authorizer_denied",
        403,
        _authorizing(
            "Received response. Status: 200, Integration latency: 9 ms",
            "Using valid authorizer policy for principal: ****************a1b2c3",
            _AUTHORIZER_OK,
            _DENIED,
        ),
    )
    yield Labelled(
        "role of the authorizer",
        "authorizer_configuration_error",
        500,
        _ended(
            500,
            *_authorizing(
                f"{_FAILED}API Gateway does not have permission to assume the provided role {_ARN}",
                _FAILED + "Authorizer error",
                "AuthorizerConfigurationException",
            ),
        ),
    )
    yield Labelled(
        "role of the authorizer, ERROR",
        "authorizer_configuration_error",
        500,
        _ended(
            500,
            f"{_FAILED}API Gateway does not have permission to assume the provided role {_ARN}",
            _FAILED + "Authorizer error",
        ),
    )
    yield Labelled(
        "null policy",
        "authorizer_configuration_error",
        500,
        _ended(
            500,
            *_authorizing(
                "Authorizer result body before parsing: null",
                _FAILED + "Could not parse policy",
                "AuthorizerConfigurationException",
            ),
        ),
    )
    yield Labelled(
        "policy with error",
        "authorizer_configuration_error",
        500,
        _ended(
            500,
            *_authorizing(
                _FAILED + 'Invalid JSON in response: Unrecognized field "errorType" , not marked as ignorable',
                "AuthorizerConfigurationException",
            ),
        ),
    )
    yield Labelled(
        "authorizer may not be invoked",
        "authorizer_configuration_error",
        500,
        _ended(
            500, *_authorizing(_FAILED + "Invalid permissions on Lambda function", "AuthorizerConfigurationException")
        ),
    )
    yield Labelled(
        "authorizer crashed",
        "authorizer_failure",
        500,
        _ended(500, *_authorizing(f"{_CRASHED}no keys. Lambda request id: {CALL}", _FAILED + "Authorizer error")),
        ids={"authorizer_request_id": CALL},
    )
    yield Labelled(
        "crash after the authorizer",
        "lambda_function_error",
        502,
        _ended(
            502, *_authorizing(_AUTHORIZER_OK), *opening()[1:], *_SENT, f"{_CRASHED}no stock. Lambda request id: {CALL}"
        ),
        ids={"integration_request_id": CALL},
    )
    yield Labelled(
        "backend down",
        "backend_error",
        503,
        _ended(
            503,
            *opening(),
            f"Sending request to {HTTP_URI}",
            "Received response. Status: 503, Integration latency: 12 ms",
            "Successfully completed execution",
        ),
    )
    yield Labelled(
        "backend says no",
        "backend_client_error",
        404,
        _ended(
            404,
            *opening(),
            f"Sending request to {HTTP_URI}",
            "Received response. Status: 404, Integration latency: 12 ms",
            "Successfully completed execution",
        ),
    )
    yield Labelled(
        "function says no",
        "backend_client_error",
        404,
        _full(
            404,
            *_ANSWERED,
            'Endpoint response body before transformations: {"statusCode": 404, "body": "{}"}',
            "Successfully completed execution",
        ),
        ids={"integration_request_id": CALL},
    )
    yield Labelled(
        "mapped, no evidence",
        "unknown",
        400,
        _ended(400, *opening(), *_SENT, *_ANSWERED, "Successfully completed execution"),
    )
    mapped = 'Endpoint response body before transformations: {"errorMessage": "[400] no sku", "errorType": "Error"}'
    yield Labelled(
        "crash mapped to 400",
        "lambda_function_error",
        400,
        _full(400, *_ANSWERED, mapped, "Successfully completed execution"),
    )
    stopped = 'Endpoint response body before transformations: {"errorMessage":"2025-10-09T08:53:30Z x Task timed out'
    yield Labelled(
        "function timeout mapped to 500",
        "lambda_timeout",
        500,
        _full(500, *_ANSWERED, f'{stopped} after 3.00 seconds"}}', "Successfully completed execution"),
    )
    refused = (
        'Endpoint response body before transformations: {"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"'
    )
    yield Labelled(
        "throttled function of 2018",
        "lambda_throttled",
        502,
        _full(
            502, f'{refused},"Type":"User","message":"Rate Exceeded."}}', _FAILED + "Malformed Lambda proxy response"
        ),
    )
    own = (
        'Endpoint response body before transformations: {"statusCode":500,"body":"{\\"message\\":\\"Rate Exceeded\\"}"}'
    )
    yield Labelled(
        "function that passes on a throttle of its own backend",
        "backend_error",
        500,
        _full(500, *_ANSWERED, own, "Successfully completed execution"),
    )
    yield Labelled(
        "success",
        None,
        200,
        (
            *_full(200, *_ANSWERED, "Successfully completed execution"),
            f"AWS Integration Endpoint RequestId : {CALL}",
            "X-ray Tracing ID : 1-68e77820-0123456789abcdef01234567",
        ),
        ids={"integration_request_id": CALL, "trace_id": "1-68e77820-0123456789abcdef01234567"},
    )
    yield Labelled(
        "success of 2018",
        None,
        200,
        _full(200, "Received response. Integration latency: 40 ms", "Successfully completed execution"),
    )
    yield Labelled(
        "mock",
        None,
        200,
        _ended(
            200,
            *opening(),
            "Method response body after transformations: ",
            "Method response headers: {Content-Type=application/json}",
            "Successfully completed execution",
        ),
    )
    yield Labelled(
        "usage plan check that failed, served anyway",
        None,
        200,
        _full(200, "Usage Plan check failed due to an internal error", *_ANSWERED, "Successfully completed execution"),
    )


_OF_FIELDS: Final = tuple(
    Labelled(f"{name}, access", cause, status, fields={"status": status, **fields})
    for name, cause, status, fields in ENTRIES
)
LABELLED: Final = (*_of_lines(), *_OF_FIELDS)


def _single(labelled: Labelled) -> list[LogEvent]:
    text = "".join(f"{_DATE}{line}\n" for line in labelled.lines)
    return [LogEvent(START, "test.txt", f"Execution log for request {REQUEST}\n{text}")]


def _dated(labelled: Labelled) -> list[LogEvent]:
    lines = (f"Execution log for request {REQUEST}", *(_DATE + line for line in labelled.lines))
    return [LogEvent(START, "test.txt", line, number) for number, line in enumerate(lines)]


def _old(labelled: Labelled) -> list[LogEvent]:
    """As in 2016: no ID before a line; it is that of the line that names one."""
    return [LogEvent(START, EXECUTION_GROUP, line, number) for number, line in enumerate(labelled.lines)]


def _names_itself(labelled: Labelled) -> bool:
    """Whether one of the first lines says which request it is."""
    return any(line.endswith(REQUEST) or f"request: {REQUEST}." in line for line in labelled.lines[:2])


def writings() -> Iterator[tuple[str, Labelled, list[LogEvent]]]:
    """Every labelled request in every way that it can be written."""
    for labelled in LABELLED:
        events = labelled.events()
        yield labelled.name, labelled, events
        if not labelled.lines:
            continue
        for end in ("\r\n", "\n", "  "):
            yield f"{labelled.name}, ending in {end!r}", labelled, [replace(e, message=e.message + end) for e in events]
        yield (
            f"{labelled.name}, in a file",
            labelled,
            [replace(e, group="some.log", delivered_after=None) for e in events],
        )
        yield f"{labelled.name}, console test", labelled, _single(labelled)
        yield f"{labelled.name}, console test by lines", labelled, _dated(labelled)
        if _names_itself(labelled):
            yield f"{labelled.name}, without IDs", labelled, _old(labelled)
