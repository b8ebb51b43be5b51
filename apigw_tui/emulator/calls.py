"""One request to the shop as it really happened: what every writer and every test takes as the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from apigw_tui.emulator.catalogue import Function, Route, ShopStage
from apigw_tui.emulator.clients import ApiKey, Client

Gate = Literal["route", "authorizer", "key", "throttle", "validation", "integration", "done"]
"""How far a request came."""
RunEnd = Literal["success", "error", "timeout"]

CLIENT_ERROR: Final = 400
SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ends and what API Gateway says of it; status 0: the backend's own."""

    name: str
    gate: Gate
    status: int = 0
    cause: str | None = None  # a cause code of the schema; what the logs of the stage can prove
    response_type: str = "-"
    message: str = "-"
    integration_error: str = "-"


_EXPLICIT_DENY: Final = (
    "User is not authorized to access this resource with an explicit deny in an identity-based policy"
)
_MALFORMED: Final = "Execution failed due to configuration error: Malformed Lambda proxy response"
_UNTRUSTED: Final = (
    "Execution failed due to configuration error: PKIX path building failed: "
    "sun.security.provider.certpath.SunCertPathBuilderException: "
    "unable to find valid certification path to requested target"
)
_BROKEN_LINK: Final = (
    "Execution failed due to configuration error: There was an internal error while executing your request"
)
_NO_MAPPING: Final = (
    "Execution failed due to configuration error: No match for output mapping and no default output mapping "
    "configured. Endpoint Response Status Code: 403"
)
TIMED_OUT: Final = "Execution failed due to a timeout error"
RATE_EXCEEDED: Final = "Execution failed due to configuration error: Rate Exceeded."
_INTERNAL: Final = "Internal server error"

_OUTCOMES: Final = (
    Outcome("served", "done"),
    Outcome(
        "no_route",
        "route",
        403,
        "missing_authentication_token",
        "MISSING_AUTHENTICATION_TOKEN",
        "Missing Authentication Token",
    ),
    Outcome("identity_missing", "authorizer", 401, "authorizer_unauthorized", "UNAUTHORIZED", "Unauthorized"),
    Outcome("token_refused", "authorizer", 401, "authorizer_unauthorized", "UNAUTHORIZED", "Unauthorized"),
    Outcome("denied", "authorizer", 403, "authorizer_denied", "ACCESS_DENIED", _EXPLICIT_DENY),
    Outcome(
        "authorizer_down",
        "authorizer",
        500,
        "authorizer_configuration_error",
        "AUTHORIZER_CONFIGURATION_ERROR",
        _INTERNAL,
    ),
    Outcome("key_missing", "key", 403, "invalid_api_key", "INVALID_API_KEY", "Forbidden"),
    Outcome("key_unknown", "key", 403, "invalid_api_key", "INVALID_API_KEY", "Forbidden"),
    Outcome("throttled", "throttle", 429, "throttled", "THROTTLED", "Too Many Requests"),
    Outcome("bad_body", "validation", 400, "bad_request_body", "BAD_REQUEST_BODY", "Invalid request body"),
    Outcome(
        "hung",
        "integration",
        504,
        "integration_timeout",
        "INTEGRATION_TIMEOUT",
        "Endpoint request timed out",
        TIMED_OUT,
    ),
    Outcome("crashed", "integration", 502, "lambda_function_error", "INTEGRATION_FAILURE", _INTERNAL),
    Outcome("function_timeout", "integration", 502, "lambda_timeout", "INTEGRATION_FAILURE", _INTERNAL),
    Outcome(
        "malformed",
        "integration",
        502,
        "lambda_malformed_response",
        "API_CONFIGURATION_ERROR",
        _INTERNAL,
        _MALFORMED,
    ),
    Outcome(
        "function_throttled",
        "integration",
        500,
        "lambda_throttled",
        "API_CONFIGURATION_ERROR",
        _INTERNAL,
        RATE_EXCEEDED,
    ),
    Outcome(
        "untrusted",
        "integration",
        500,
        "integration_tls",
        "API_CONFIGURATION_ERROR",
        _INTERNAL,
        _UNTRUSTED,
    ),
    Outcome(
        "broken_link",
        "integration",
        500,
        "integration_internal_error",
        "API_CONFIGURATION_ERROR",
        _INTERNAL,
        _BROKEN_LINK,
    ),
    Outcome(
        "no_mapping",
        "integration",
        500,
        "integration_output_mapping",
        "API_CONFIGURATION_ERROR",
        _INTERNAL,
        _NO_MAPPING,
    ),
    # HTTP and WebSocket APIs say less.
    Outcome("not_found", "route", 404, "resource_not_found", message="Not Found"),
    Outcome("upgrade_refused", "route", 403, "unknown", message="Forbidden"),
)
OUTCOMES: Final[Mapping[str, Outcome]] = {outcome.name: outcome for outcome in _OUTCOMES}


@dataclass(frozen=True, slots=True)
class Run:
    """One invocation of a function; times in ms, `init_ms` only when its container was new."""

    function: Function
    version: str
    request_id: str
    log_stream: str
    started_at: int
    duration_ms: float
    init_ms: float | None
    end: RunEnd = "success"

    @property
    def ended_at(self) -> int:
        """When it stopped; later than the request's end when API Gateway gave up first."""
        return self.started_at + int(self.duration_ms)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asked for what, how far it came, how long it took. Times in ms since the epoch."""

    stage: ShopStage
    request_id: str
    extended_request_id: str
    trace_id: str | None
    started_at: int
    latency_ms: int
    method: str
    path: str  # without the stage
    query: str
    route: Route | None  # None: no route matched
    client: Client
    source_ip: str
    user_agent: str
    outcome: Outcome
    status: int
    response_bytes: int
    api_key: ApiKey | None = None  # as sent
    authorizer_ms: int | None = None  # None: not called, or its answer was cached
    authorizer_run: Run | None = None
    integration_at: int | None = None
    integration_ms: int | None = None
    integration_request_id: str | None = None  # as API Gateway logs it: absent after a timeout
    run: Run | None = None
    detail: str = ""  # the function's error, or what was wrong with the body
    connection_id: str | None = None
    event_type: str | None = None
    is_sampled: bool = False  # X-Ray records it

    @property
    def api_id(self) -> str:
        """The API's ID."""
        return self.stage.api_id

    @property
    def ended_at(self) -> int:
        """When the client had its answer."""
        return self.started_at + self.latency_ms

    @property
    def cause(self) -> str | None:
        """The cause code that the stage's logs can prove; None below 400."""
        if self.status < CLIENT_ERROR:
            return None
        if not self.stage.tells_why:
            return "unknown"
        if self.outcome.cause is not None:
            return self.outcome.cause
        return "backend_error" if self.status >= SERVER_ERROR else "backend_client_error"

    @property
    def integration_status(self) -> int | None:
        """What the backend or function answered."""
        return self.status if self.outcome.name == "served" and self.integration_ms is not None else None

    @property
    def is_logged(self) -> bool:
        """Whether any log group of the stage holds something of it: at level ERROR only failures are."""
        if self.stage.access_group is not None:
            return True
        return self.stage.level == "ERROR" and self.outcome.gate not in {"route", "done"}

    @property
    def reached_integration(self) -> bool:
        """Whether API Gateway asked the backend."""
        return self.integration_ms is not None
