"""Particulars of single requests: paths, queries, faulty bodies, and how functions crash."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from apigw_tui.emulator.calls import CLIENT_ERROR, Outcome
from apigw_tui.emulator.catalogue import Route

HOSTILE_SHARE: Final = 0.01
"""Searches that try to do something to whoever reads them."""
_SLUGS: Final = (
    "oak-desk",
    "desk-lamp",
    "wool-blanket",
    "enamel-mug",
    "paper-globe",
    "cork-board",
    "field-notes",
)
_WORDS: Final = ("lamp", "desk lamp", "blanket", "mug", "globe", "cork", "note book", "chair", "gift card")
_HOSTILE_WORDS: Final = ("\x1b[31mlamp", "lamp\u202egnp", "lamp, q=mug", '"lamp"')
_LOST: Final = ("/order", "/v2/orders", "/wp-login.php", "/.env", "/orders/export", "/favicon.ico")
_BROKEN_BODIES: Final = (
    '[object has missing required properties (["customerId"])]',
    '[object has missing required properties (["currency","lines"])]',
    '[instance type (string) does not match any allowed primitive type (allowed: ["integer"])]',
    "[Unknown error parsing request body]",
)


def fill(rng: random.Random, template: str) -> str:
    """The path of one request to a route."""
    if "{" not in template:
        return template
    if "{id}" in template:
        return template.replace("{id}", str(10_000 + int(rng.random() * 900)))
    if "{sku}" in template:
        return template.replace("{sku}", f"KB-{1000 + int(rng.random() * 90)}")
    return template.split("{", 1)[0] + rng.choice(_SLUGS)


def lost_path(rng: random.Random) -> str:
    """A path that no route answers."""
    return rng.choice(_LOST)


def query_of(rng: random.Random, route: Route) -> str:
    """`name=value` pairs as execution logs print them, comma and blank between."""
    if route.template == "/search":
        word = rng.choice(_HOSTILE_WORDS) if rng.random() < HOSTILE_SHARE else rng.choice(_WORDS)
        return f"q={word}, page={1 + int(rng.random() * 4)}"
    if route.template == "/orders" and route.method == "GET":
        return f"state=open, limit={rng.choice((20, 50, 100))}"
    return ""


def broken_body(rng: random.Random) -> str:
    """What the validator finds wrong with a body."""
    return rng.choice(_BROKEN_BODIES)


def error_body(outcome: Outcome) -> str:
    """What API Gateway tells the client."""
    return f'{{"message": "{outcome.message}"}}'


def response_bytes(rng: random.Random, outcome: Outcome, status: int) -> int:
    """The length of the answer's body."""
    if outcome.name != "served":
        return len(error_body(outcome))
    if status in {204, 304}:
        return 0
    if status >= CLIENT_ERROR:
        return 48 + int(rng.random() * 60)
    return 140 + int(rng.lognormvariate(6.4, 0.8))


@dataclass(frozen=True, slots=True)
class Crash:
    """An exception that a function does not catch; `stack` names file, line and function, innermost first."""

    kind: str
    message: str
    stack: tuple[tuple[str, int, str], ...]


_READ_HANDLER: Final = ("/var/task/handler.js", 41, "exports.handler")
_WRITE_HANDLER: Final = ("/var/task/app.py", 63, "handler")
BAD_DEPLOY: Final = Crash(
    "TypeError",
    "Cannot read properties of undefined (reading 'currency')",
    (("/var/task/lib/money.js", 18, "format"), ("/var/task/lib/order-view.js", 77, "toView"), _READ_HANDLER),
)
READ_CRASHES: Final = (
    Crash(
        "Error",
        "getaddrinfo ENOTFOUND orders-db.internal.example",
        (("/var/task/lib/database.js", 52, "connect"), _READ_HANDLER),
    ),
    Crash(
        "RangeError",
        "Invalid time value",
        (("/var/task/lib/order-view.js", 34, "toIso"), _READ_HANDLER),
    ),
)
WRITE_CRASHES: Final = (
    Crash("KeyError", "'customer_id'", (("/var/task/orders/model.py", 118, "from_body"), _WRITE_HANDLER)),
    Crash(
        "OperationalError",
        'connection to server at "orders-db.internal.example", port 5432 failed: timeout expired',
        (("/var/task/orders/store.py", 57, "connect"), _WRITE_HANDLER),
    ),
)
CHAT_CRASHES: Final = (
    Crash("KeyError", "'room'", (("/var/task/chat.py", 44, "send"), ("/var/task/chat.py", 12, "handler"))),
)
KEYS_UNREACHABLE: Final = Crash(
    "KeySetError",
    "HTTP 503 from https://login.example.com/.well-known/jwks.json",
    (("/var/task/keys.py", 29, "fetch"), ("/var/task/authorizer.py", 22, "handler")),
)
REFUSED: Final = Crash("Exception", "Unauthorized", (("/var/task/authorizer.py", 37, "handler"),))
CRASHES: Final = {
    crash.message: crash
    for crash in (BAD_DEPLOY, *READ_CRASHES, *WRITE_CRASHES, *CHAT_CRASHES, KEYS_UNREACHABLE, REFUSED)
}
