"""What the invented shop is made of: its APIs and stages, their routes and the functions behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from apigw_tui.core.stage import ApiType, ExecutionLevel
from apigw_tui.emulator.feed import ACCOUNT_ID, REGION

Runtime = Literal["node", "python", "json"]


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function; `runtime` says how its log lines look, `json` is Lambda's own JSON format."""

    name: str
    runtime: Runtime
    runtime_version: str
    version: str
    timeout_s: int
    memory_mb: int
    used_mb: int
    init_ms: int

    @property
    def log_group(self) -> str:
        """Where Lambda writes its log."""
        return f"/aws/lambda/{self.name}"

    def invocation_uri(self, alias: str) -> str:
        """The endpoint that API Gateway calls; `alias` may be empty."""
        qualifier = f":{alias}" if alias else ""
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{self.name}{qualifier}"
        return f"https://lambda.{REGION}.amazonaws.com/2015-03-31/functions/{arn}/invocations"


ORDERS_READ: Final = Function("orders-read", "node", "nodejs:22.v58", "44", 10, 512, 118, 410)
ORDERS_WRITE: Final = Function("orders-write", "python", "python:3.13.v71", "31", 45, 512, 96, 620)
ORDERS_AUTHORIZER: Final = Function("orders-authorizer", "python", "python:3.13.v71", "9", 5, 256, 71, 540)
STOREFRONT_WEB: Final = Function("storefront-web", "json", "nodejs:22.v58", "127", 10, 1024, 187, 730)
CHAT_MESSAGES: Final = Function("chat-messages", "python", "python:3.13.v71", "18", 10, 256, 64, 480)
FUNCTIONS: Final = (ORDERS_READ, ORDERS_WRITE, ORDERS_AUTHORIZER, STOREFRONT_WEB, CHAT_MESSAGES)
BAD_DEPLOY_VERSION: Final = "45"
"""The version of orders-read that crashes."""

Answers = tuple[tuple[int, float], ...]
"""Statuses that a backend answers, with their shares."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of a resource and what answers it."""

    method: str
    template: str
    weight: float
    answers: Answers = ((200, 1.0),)
    resource_id: str = "-"
    function: Function | None = None
    uri: str | None = None  # of an HTTP integration; neither function nor URI: mock
    authorized: bool = False
    keyed: bool = False
    validated: bool = False
    hangs: bool = False  # meets the trouble of the slow backend
    median_ms: float = 30.0

    @property
    def key(self) -> str:
        """As `$context.routeKey` names it."""
        return self.template if self.method == "-" else f"{self.method} {self.template}"


@dataclass(frozen=True, slots=True)
class ShopStage:
    """One stage of one API and where its logs go; `rate` is its requests per second on an ordinary day."""

    api_id: str
    api_name: str
    api_type: ApiType
    name: str
    rate: float
    routes: tuple[Route, ...]
    access_group: str | None = None
    access_destination: str | None = None  # an ARN, when it is not a log group
    access_format: str | None = None
    execution_group: str | None = None
    level: ExecutionLevel = "OFF"
    data_trace: bool = False
    tracing: bool = False
    alias: str = ""
    tells_why: bool = True  # its access format and execution log hold the evidence of a failure

    @property
    def scope(self) -> str:
        """`{api_id}/{stage}`."""
        return f"{self.api_id}/{self.name}"

    @property
    def host(self) -> str:
        """The default domain name."""
        return f"{self.api_id}.execute-api.{REGION}.amazonaws.com"


CATALOG_URI: Final = "https://catalog.internal.example"
WAREHOUSE_URI: Final = "https://warehouse.internal.example"
_READ: Final[Answers] = ((200, 0.966), (404, 0.031), (403, 0.002), (500, 0.001))
_CREATED: Final[Answers] = ((201, 0.955), (409, 0.024), (422, 0.018), (500, 0.003))
_CHANGED: Final[Answers] = ((200, 0.95), (404, 0.025), (409, 0.023), (503, 0.002))
_CACHED: Final[Answers] = ((200, 0.842), (304, 0.118), (404, 0.037), (502, 0.001), (503, 0.002))


def _read(template: str, weight: float, resource_id: str, median_ms: float) -> Route:
    return Route(
        "GET",
        template,
        weight,
        answers=_READ,
        resource_id=resource_id,
        function=ORDERS_READ,
        authorized=True,
        keyed=True,
        median_ms=median_ms,
    )


def _write(method: str, template: str, weight: float, resource_id: str) -> Route:
    return Route(
        method,
        template,
        weight,
        answers={"POST": _CREATED, "DELETE": ((204, 0.96), (404, 0.04))}.get(method, _CHANGED),
        resource_id=resource_id,
        function=ORDERS_WRITE,
        authorized=True,
        keyed=True,
        validated=method in {"POST", "PUT"},
        hangs=method in {"POST", "PATCH"},
        median_ms=85.0,
    )


ORDERS_ROUTES: Final = (
    _read("/orders", 15, "u7k2pd", 46),
    _write("POST", "/orders", 10, "u7k2pd"),
    _read("/orders/{id}", 14, "q1v9sa", 24),
    _write("POST", "/orders/{id}", 7, "q1v9sa"),
    _write("PATCH", "/orders/{id}", 5, "q1v9sa"),
    _write("DELETE", "/orders/{id}", 1.2, "q1v9sa"),
    _read("/orders/{id}/items", 6, "m4x0te", 31),
    _write("POST", "/orders/{id}/items", 4, "m4x0te"),
    _read("/carts/{id}", 5, "c8n3wy", 18),
    _write("PUT", "/carts/{id}", 3, "c8n3wy"),
    Route("GET", "/products/{sku}", 13, _CACHED, "p6r1lb", uri=f"{CATALOG_URI}/products/{{sku}}", keyed=True),
    Route("GET", "/search", 9, ((200, 1.0),), "s2j8hf", uri=f"{CATALOG_URI}/search", keyed=True, median_ms=120),
    Route("GET", "/health", 4, resource_id="h9d5zo"),
    Route("OPTIONS", "/orders", 2.2, resource_id="u7k2pd"),
    Route("OPTIONS", "/orders/{id}", 1.6, resource_id="q1v9sa"),
)
STOREFRONT_ROUTES: Final = (
    Route("GET", "/", 20, ((200, 0.93), (304, 0.07)), function=STOREFRONT_WEB, median_ms=38),
    Route("GET", "/p/{slug}", 34, ((200, 0.95), (404, 0.05)), function=STOREFRONT_WEB, median_ms=42),
    Route("GET", "/category/{name}", 18, ((200, 0.99), (302, 0.01)), function=STOREFRONT_WEB, median_ms=55),
    Route("GET", "/basket", 12, ((200, 1.0),), function=STOREFRONT_WEB, median_ms=33),
    Route(
        "POST",
        "/checkout",
        4,
        ((303, 0.95), (400, 0.04), (500, 0.01)),
        function=STOREFRONT_WEB,
        median_ms=140,
    ),
)
PARTNER_ROUTES: Final = (
    Route("POST", "/shipments", 4, ((202, 1.0),), "w3f7ka", uri=f"{WAREHOUSE_URI}/shipments", median_ms=210),
    Route(
        "GET",
        "/shipments/{id}",
        9,
        ((200, 0.97), (404, 0.03)),
        "w5t2ub",
        uri=f"{WAREHOUSE_URI}/shipments/{{id}}",
    ),
    Route("POST", "/stock-events", 3, ((200, 1.0),), "w9e6rc", uri=f"https://sqs.{REGION}.amazonaws.com//"),
)
CHAT_ROUTES: Final = (
    Route("-", "$connect", 1, function=CHAT_MESSAGES, median_ms=16),
    Route("-", "sendMessage", 1, function=CHAT_MESSAGES, median_ms=27),
    Route("-", "$default", 0.06, function=CHAT_MESSAGES, median_ms=9),
    Route("-", "$disconnect", 1, function=CHAT_MESSAGES, median_ms=12),
)
AUTHORIZER_ID: Final = "k5w1qe"
