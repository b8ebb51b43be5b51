"""Requests whose cause is known, in the grammar of the real logs: what the confusion table is measured on.

Each one can be written in several ways: with its ID before each line, as a test from the console (one message or
one line each), and with line ends of other systems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.core.labelled_entries import ENTRIES
from tests.core.labelled_failures import CRASHED, FAILED, FAILURES, GATEWAY_ROLE
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
_KEY: Final = "API Key  not authorized because method 'POST /basket/{id}' requires API Key"
_PLAN: Final = "Key throttle limit exceeded for RestApi k9x2m4, Stage prod, Resource r1, HttpMethod POST."
_MODEL: Final = "Request body does not match model schema for content type application/json: "
_DENIED: Final = "The client is not authorized to perform this operation."
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


def _of_lines() -> Iterator[Labelled]:
    for name, cause, status, lines in FAILURES:
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
                f"{FAILED}API Gateway does not have permission to assume the provided role {GATEWAY_ROLE}",
                FAILED + "Authorizer error",
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
            f"{FAILED}API Gateway does not have permission to assume the provided role {GATEWAY_ROLE}",
            FAILED + "Authorizer error",
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
                FAILED + "Could not parse policy",
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
                FAILED + 'Invalid JSON in response: Unrecognized field "errorType" , not marked as ignorable',
                "AuthorizerConfigurationException",
            ),
        ),
    )
    yield Labelled(
        "authorizer may not be invoked",
        "authorizer_configuration_error",
        500,
        _ended(
            500, *_authorizing(FAILED + "Invalid permissions on Lambda function", "AuthorizerConfigurationException")
        ),
    )
    yield Labelled(
        "authorizer crashed",
        "authorizer_failure",
        500,
        _ended(500, *_authorizing(f"{CRASHED}no keys. Lambda request id: {CALL}", FAILED + "Authorizer error")),
        ids={"authorizer_request_id": CALL},
    )
    yield Labelled(
        "crash after the authorizer",
        "lambda_function_error",
        502,
        _ended(
            502, *_authorizing(_AUTHORIZER_OK), *opening()[1:], *_SENT, f"{CRASHED}no stock. Lambda request id: {CALL}"
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
    yield Labelled(
        "crash of which the entry names the class only",
        "lambda_function_error",
        502,
        _full(502, *_ANSWERED, mapped),
        fields={"status": 502, "responseType": "INTEGRATION_FAILURE", "message": "Internal server error"},
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
        _full(502, f'{refused},"Type":"User","message":"Rate Exceeded."}}', FAILED + "Malformed Lambda proxy response"),
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


def _gateway_response(name: str, cause: str, answer: str, *lines: str) -> Iterator[Labelled]:
    """A failing request of a WebSocket API, which ends with the type of its gateway response."""
    last = f"Gateway response type: {answer.replace(' ', ' with status code: ')}"
    status = int(answer[-3:])
    yield Labelled(f"gateway response, {name}", cause, status, (*opening(), *lines, last))
    yield Labelled(f"gateway response, {name}, ERROR", cause, status, (*lines, last))


def _of_gateway_responses() -> Iterator[Labelled]:
    no_permission = FAILED + "Invalid permissions on Lambda function"
    crash = f"{CRASHED}no keys. Lambda request id: {CALL}"
    role = f"{FAILED}API Gateway does not have permission to assume the provided role {GATEWAY_ROLE}"
    for name, cause, answer, *lines in (
        ("function", "lambda_permission", "DEFAULT_5XX 500", no_permission),
        ("role", "api_configuration_error", "DEFAULT_5XX 500", role),
        (
            "authorizer",
            "authorizer_configuration_error",
            "AUTHORIZER_CONFIGURATION_ERROR 500",
            no_permission,
            FAILED + "Authorizer error",
        ),
        ("authorizer alone", "authorizer_configuration_error", "AUTHORIZER_CONFIGURATION_ERROR 500", role),
        ("authorizer crashed", "authorizer_failure", "AUTHORIZER_FAILURE 500", crash),
        ("crash", "lambda_function_error", "INTEGRATION_FAILURE 500", crash),
        ("denied", "authorizer_denied", "ACCESS_DENIED 403"),
        ("unauthorized", "authorizer_unauthorized", "UNAUTHORIZED 401"),
        ("timeout", "integration_timeout", "INTEGRATION_TIMEOUT 504"),
        ("network", "integration_network", "INTEGRATION_FAILURE 504"),
        ("no reason", "unknown", "INTEGRATION_FAILURE 500"),
        ("default", "unknown", "DEFAULT_4XX 403"),
        ("throttled", "throttled", "THROTTLED 429"),
        ("signature", "invalid_signature", "INVALID_SIGNATURE 403"),
    ):
        yield from _gateway_response(name, cause, answer, *lines)


_OF_FIELDS: Final = tuple(
    Labelled(f"{name}, access", cause, status, fields={"status": status, **fields})
    for name, cause, status, fields in ENTRIES
)
LABELLED: Final = (*_of_lines(), *_of_gateway_responses(), *_OF_FIELDS)


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
