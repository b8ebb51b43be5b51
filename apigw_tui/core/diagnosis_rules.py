"""The rules from evidence to cause, as data: which line or access field proves what.

A rule's precision decides first: a line that names the cause beats one that names its class, and that beats
what is left to conclude. Among execution lines of one precision the first in time is the root; execution
lines beat access fields; access fields are asked in the order of the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

from apigw_tui.core.execution import TEST_DATE


class Precision(IntEnum):
    """How much a piece of evidence says."""

    EXACT = 0
    CLASS = 1
    RESIDUAL = 2


Place = Literal["anywhere", "in authorizer", "after authorizer"]


@dataclass(frozen=True)
class LineRule:
    """An execution line of one of `kinds` whose text matches `pattern` (None: any text) proves `code`."""

    code: str
    kinds: tuple[str, ...]
    pattern: str | None = None
    precision: Precision = Precision.EXACT
    place: Place = "anywhere"


@dataclass(frozen=True)
class FieldRule:
    """An access field that matches `pattern`, or a number between `low` and `high`, proves `code`.

    `statuses` are the statuses of the request, first and last, for which it does.
    """

    code: str
    column: str
    pattern: str | None = None
    precision: Precision = Precision.EXACT
    statuses: tuple[int, int] | None = None
    low: int | None = None
    high: int = 599


EXACT, CLASS, RESIDUAL = Precision.EXACT, Precision.CLASS, Precision.RESIDUAL

VARIABLES: Final = {
    "waf_response": "wafResponseCode",
    "waf_status": "waf.status",
    "waf_error": "waf.error",
    "authenticate_status": "authenticate.status",
    "authenticate_error": "authenticate.error",
    "authorizer_status": "authorizer.status",
    "authorizer_error": "authorizer.error",
    "authorize_status": "authorize.status",
    "authorize_error": "authorize.error",
    "integration_status": "integration.status",
    "integration_service_status": "integrationStatus",
    "integration_error": "integration.error",
    "response_type": "error.responseType",
    "error_message": "error.message",
    "validation_error": "error.validationErrorString",
}
"""The `$context` variable that an evidence of that column names."""

LINE_LEAD: Final = rf"^(?:\([^)\s]{{1,64}}\) ?|{TEST_DATE.removeprefix('^')})"
"""What stands before the text of an execution line."""

AUTHORIZER_TROUBLE: Final = (
    r"Authorizer error|AuthorizerConfigurationException|Could not parse policy|Invalid JSON in response"
    r"|call the authorizer"
)
"""Texts that say that it was the authorizer, wherever they stand."""

AUTHORIZER_VERDICT: Final = "type: AUTHORIZER_(?:CONFIGURATION_ERROR|FAILURE) with status code: "
"""How a request ends that failed in the authorizer, in a WebSocket API."""

FUNCTION_TIMEOUT: Final = r"Task timed out after [0-9]+\.[0-9]{2} seconds|(?i)Sandbox\.Timedout"
"""What Lambda says of a function that it stopped, always with hundredths; a function's own words are others."""

FUNCTION_CRASH: Final = (
    r"^Endpoint response body before transformations: "
    r'\{\s*(?:"(?:errorType|trace|stackTrace)"\s*:\s*(?:"[^"]*"|\[[^\]]*\])\s*,\s*)*"errorMessage"\s*:'
)
"""What Lambda answers for a function that ended with an error."""

REFUSALS: Final = ("ConcurrentInvocationLimitExceeded", "Rate Exceeded")
_REFUSAL: Final = (
    r"^Endpoint response body before transformations: "
    r'\{[^{}]*(?:ConcurrentInvocationLimitExceeded"|"message"\s*:\s*"Rate Exceeded)'
)
"""What Lambda answers when it does not run a function; until 2018 that passed for a malformed answer."""

_FUNCTION_ERROR: Final = r"(?i)customer function error|Lambda function returned the following error|^Unhandled$"

INTEGRATION_TEXTS: Final = (
    # What a function says of itself comes first: its own message may speak of networks and certificates.
    ("lambda_timeout", FUNCTION_TIMEOUT),
    ("lambda_function_error", _FUNCTION_ERROR),
    (
        "lambda_throttled",
        (
            r"(?i)Rate Exceeded|Lambda invocation failed with status: 429|TooManyRequestsException"
            r"|ConcurrentInvocationLimitExceeded"
        ),
    ),
    (
        "lambda_permission",
        r"(?i)Invalid permissions on Lambda|permissions? to call the integration|failed with status: 403",
    ),
    (
        "lambda_malformed_response",
        r"(?i)Malformed Lambda proxy response|match the format that API Gateway expects",
    ),
    (
        "integration_output_mapping",
        r"(?i)No match for output mapping|Output mapping refers to an invalid method response",
    ),
    ("request_too_large", r"(?i)Lambda invocation failed with status: 413"),
    (
        "integration_endpoint_invalid",
        (
            r"(?i)Invalid endpoint address|could not be resolved|Unknown ?Host|Name or service not known"
            r"|Illegal character in |Function not found: arn:|Lambda invocation failed with status: 404"
        ),
    ),
    ("integration_tls", r"(?i)PKIX path|certificate|\bSSL|\bTLS\b|handshake|subject alternative|fatal alert"),
    (
        "integration_network",
        (
            r"(?i)error communicating with endpoint|connection (?:was |is )?(?:refused|reset|closed)|_NETWORK_FAILURE"
            r"|connect(?:ion)? timed out|No route to host|is unreachable"
        ),
    ),
    (
        "integration_timeout",
        (
            r"(?i)due to (?:a )?timeout error|Endpoint request timed out|integration (?:request )?timed out"
            r"|\bINTEGRATION_TIMEOUT\b"
        ),
    ),
    ("integration_internal_error", r"(?i)internal error (?:while executing|completing)|due to an internal error"),
)
"""Texts about the integration: of execution lines, `integration.error` and `error.message` alike."""

_EXPIRED: Final = r"(?i)(?:token|signature)\b.*\bexpired|ExpiredToken|expired (?:security )?token"
_SIGNATURE: Final = (
    r"(?i)signature we calculated|not a valid key=value pair|Invalid key=value pair|Authorization header requires"
    r"|security token included in the request is invalid|Credential should be scoped"
    r"|Signature expired: |Signature not yet current"
)
"""What AWS says of a request that is signed wrongly or at the wrong time."""

_RESOURCE_POLICY: Final = (
    r"(?i)User: anonymous|resource-based policy|client is not authorized to perform this operation"
)
_NOT_ALLOWED: Final = r"(?i)is not authorized to (?:access|perform)|explicit deny"

_FAILED: Final = (
    "function_error",
    "function_invoke_failed",
    "configuration_error",
    "timeout",
    "execution_failed",
)

_RESPONSE_TYPES: Final = (
    ("AUTHORIZER_CONFIGURATION_ERROR", "authorizer_configuration_error", EXACT, None),
    ("AUTHORIZER_FAILURE", "authorizer_failure", EXACT, None),
    ("UNAUTHORIZED", "authorizer_unauthorized", EXACT, None),
    ("MISSING_AUTHENTICATION_TOKEN", "missing_authentication_token", EXACT, None),
    ("INVALID_SIGNATURE", "invalid_signature", EXACT, None),
    ("EXPIRED_TOKEN", "expired_token", EXACT, None),
    ("INVALID_API_KEY", "invalid_api_key", EXACT, None),
    ("THROTTLED", "throttled", EXACT, None),
    ("QUOTA_EXCEEDED", "quota_exceeded", EXACT, None),
    ("BAD_REQUEST_BODY", "bad_request_body", EXACT, None),
    ("BAD_REQUEST_PARAMETERS", "bad_request_parameters", EXACT, None),
    ("UNSUPPORTED_MEDIA_TYPE", "unsupported_media_type", EXACT, None),
    ("REQUEST_TOO_LARGE", "request_too_large", EXACT, None),
    ("RESOURCE_NOT_FOUND", "resource_not_found", EXACT, None),
    ("INTEGRATION_TIMEOUT", "integration_timeout", EXACT, None),
    # The default text of a 504 with this type is "Network error communicating with endpoint".
    ("INTEGRATION_FAILURE", "integration_network", CLASS, (504, 504)),
    ("ACCESS_DENIED", "authorizer_denied", CLASS, None),
    ("API_CONFIGURATION_ERROR", "api_configuration_error", CLASS, None),
    ("INTEGRATION_FAILURE", "unknown", RESIDUAL, None),
)
"""What each type of gateway response proves, how precisely, and for which statuses (None: for any)."""

_GATEWAY_RESPONSES: Final = tuple(
    LineRule(
        code,
        ("gateway_response",),
        f"^Gateway response type: {response_type} with status code: {'' if statuses is None else statuses[0]}",
        precision,
    )
    for response_type, code, precision, statuses in _RESPONSE_TYPES
)
"""The last line of a failing request of a WebSocket API."""

LINE_RULES: Final[tuple[LineRule, ...]] = (
    LineRule("authorizer_unauthorized", ("authorizer_unauthorized",)),
    # A denied policy still ends with "Successfully completed authorizer execution"; then comes this line.
    LineRule("authorizer_denied", ("access_denied",), r"^The client", place="after authorizer"),
    LineRule("resource_policy_denied", ("access_denied",), _RESOURCE_POLICY),
    LineRule("authorizer_denied", ("access_denied",), r"^User: "),
    LineRule("resource_policy_denied", ("access_denied",)),
    LineRule("invalid_api_key", ("api_key_rejected",)),
    LineRule("quota_exceeded", ("throttled",), r"(?i)quota"),
    LineRule("throttled", ("throttled",)),
    LineRule("bad_request_parameters", ("request_invalid",), r"(?i)request parameters?"),
    LineRule("bad_request_body", ("request_invalid",)),
    LineRule(
        "authorizer_configuration_error",
        ("configuration_error", "execution_failed"),
        r"(?i)Could not parse policy|Invalid JSON in response|permissions? (?:to|on) ",
        place="in authorizer",
    ),
    LineRule(
        "authorizer_configuration_error",
        ("configuration_error",),
        precision=CLASS,
        place="in authorizer",
    ),
    LineRule("authorizer_failure", _FAILED, place="in authorizer"),
    LineRule("lambda_throttled", ("endpoint_response_body",), _REFUSAL),
    *(LineRule(code, _FAILED, pattern) for code, pattern in INTEGRATION_TEXTS),
    LineRule("lambda_function_error", ("function_error",)),
    LineRule("integration_timeout", ("timeout",)),
    LineRule("integration_internal_error", ("function_invoke_failed",), precision=CLASS),
    LineRule("api_configuration_error", ("configuration_error",), precision=CLASS),
    LineRule("api_configuration_error", ("execution_failed",), r"(?i)integration credentials", CLASS),
    *_GATEWAY_RESPONSES,
    LineRule("unknown", ("execution_failed", "gateway_response"), precision=RESIDUAL),
)
"""The first that matches a line is what the line proves."""

_SIGNED: Final = (
    ("invalid_signature", _SIGNATURE),
    ("expired_token", _EXPIRED),
    ("invalid_signature", r"(?i)invalid signature"),
    ("missing_authentication_token", r"(?i)Missing Authentication Token"),
    ("authorizer_configuration_error", r"(?i)permissions? to call the authorizer"),
    ("resource_policy_denied", _RESOURCE_POLICY),
    ("authorizer_denied", _NOT_ALLOWED),
)
_AUTHORIZED: Final = (
    # An invalid signature is that of a token here, which the authorizer does not accept.
    ("invalid_signature", _SIGNATURE),
    ("expired_token", _EXPIRED),
    (
        "authorizer_configuration_error",
        r"(?i)permissions? to (?:call|assume) |Invalid permissions on |Could not parse policy|Invalid JSON in response",
    ),
    ("authorizer_denied", _NOT_ALLOWED),
)

_TOLD_BY_TEXT: Final = (
    FieldRule("waf_error", "error_message", r"(?i)error evaluating the AWS WAF"),
    FieldRule("waf_error", "waf_error", r"(?i)error evaluating|internal|unavailable|timed? ?out"),
    FieldRule("waf_blocked", "waf_response", r"^WAF_BLOCK"),
    FieldRule("waf_blocked", "response_type", r"^WAF_FILTERED$"),
    *(
        FieldRule(code, column, pattern)
        for column, codes in (
            ("authenticate_error", _SIGNED),
            ("authorizer_error", _AUTHORIZED),
            ("authorize_error", _SIGNED),
            ("error_message", _SIGNED),
        )
        for code, pattern in codes
    ),
    *(
        FieldRule(code, column, pattern)
        for column in ("integration_error", "error_message")
        for code, pattern in INTEGRATION_TEXTS
    ),
    FieldRule("bad_request_parameters", "validation_error", r"(?i)request parameters?"),
    FieldRule("bad_request_parameters", "error_message", r"(?i)Missing required request parameters"),
    FieldRule("bad_request_parameters", "response_type", r"^BAD_REQUEST_PARAMETERS$"),
    FieldRule("bad_request_body", "validation_error", r"\S"),
    FieldRule("bad_request_body", "error_message", r"(?i)^Invalid request body|^Could not parse request body"),
    FieldRule("unsupported_media_type", "error_message", r"(?i)^Unsupported Media Type"),
    FieldRule(
        "request_too_large",
        "error_message",
        r"(?i)Request (?:Entity )?Too (?:Long|Large)|content length exceeded",
    ),
    FieldRule("invalid_api_key", "error_message", r"(?i)Invalid API Key"),
    FieldRule("throttled", "error_message", r"(?i)^Too Many Requests"),
    FieldRule("quota_exceeded", "error_message", r"(?i)^Limit Exceeded"),
    # What an HTTP API says when no route matches; a backend's own 404 leaves `error.message` empty.
    FieldRule("resource_not_found", "error_message", r"^Not Found$", statuses=(404, 404)),
)

_TOLD_BY_RESPONSE_TYPE: Final = tuple(
    FieldRule(code, "response_type", f"^{response_type}$", precision, statuses)
    for response_type, code, precision, statuses in _RESPONSE_TYPES
)

# API Gateway asks waf, authenticate, authorizer, authorize in this order: the first that failed is to blame.
_TOLD_BY_PHASE: Final = (
    FieldRule("waf_blocked", "waf_status", low=400, high=499, precision=CLASS),
    FieldRule("waf_error", "waf_status", low=500, precision=CLASS),
    FieldRule("invalid_signature", "authenticate_status", low=400, high=499, precision=CLASS),
    FieldRule("authorizer_unauthorized", "authorizer_status", low=401, high=401, precision=CLASS),
    FieldRule("authorizer_denied", "authorizer_status", low=403, high=403, precision=CLASS),
    FieldRule("authorizer_failure", "authorizer_status", low=400, precision=CLASS),
    FieldRule("authorizer_denied", "authorize_status", low=400, high=499, precision=CLASS),
    FieldRule("authorizer_unauthorized", "authorizer_error", r"\S", CLASS, (401, 401)),
    FieldRule("authorizer_denied", "authorizer_error", r"\S", CLASS, (403, 403)),
    FieldRule("authorizer_unauthorized", "error_message", r"(?i)^Unauthorized$", CLASS, (401, 401)),
    FieldRule("authorizer_failure", "authorizer_error", r"\S", CLASS, (500, 599)),
    FieldRule(
        "api_configuration_error",
        "integration_error",
        r"(?i)due to configuration error|^Unable to (?:transform|parse|base64)",
        CLASS,
        (500, 599),
    ),
)

FIELD_RULES: Final[tuple[FieldRule, ...]] = tuple(
    sorted(
        (*_TOLD_BY_TEXT, *_TOLD_BY_PHASE, *_TOLD_BY_RESPONSE_TYPE),
        key=lambda rule: rule.precision,
    )
)
"""Most precise first; among equals in the order of the tables above."""
