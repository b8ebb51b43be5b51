"""Log groups that no stage of the shop writes: they are there to be searched past, or cannot be read as usual."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from apigw_tui.emulator.batches import Line, delivered
from apigw_tui.emulator.dice import arrivals, dice, duration, hex_digest, uuid
from apigw_tui.emulator.feed import ACCOUNT_ID, GroupInfo, LoggedEvent
from apigw_tui.emulator.lambda_log import iso

CATALOG_GROUP: Final = "/ecs/catalog"
DATABASE_GROUP: Final = "/aws/rds/instance/orders-db/postgresql"
WELCOME_GROUP: Final = "/aws/apigateway/welcome"
AUDIT_GROUP: Final = "/audit/orders"
LOYALTY_GROUP: Final = "/aws/apigateway/loyalty-prod-access"
LINKED_ACCOUNT: Final = "210987654321"
_UNAVAILABLE_SHARE: Final = 0.02
_RETENTION_DAYS: Final[Mapping[str, int]] = {"/aws/lambda/": 30, "/aws/apigateway/": 90, "/ecs/": 14}

Writer = Callable[[random.Random, int], str]


@dataclass(frozen=True)
class OtherGroup:
    """A log group, and how much is written into it."""

    name: str
    lines_per_minute: float
    write: Writer
    group_class: str = "STANDARD"
    account_id: str = ACCOUNT_ID

    def info(self, created_at: int) -> GroupInfo:
        """As its feed has it."""
        return GroupInfo(self.name, created_at, retention(self.name), self.group_class, self.account_id)

    def events(self, seed: int, minute: int) -> list[LoggedEvent]:
        """What it gets in a minute."""
        rng = dice(seed, self.name, minute)
        stream = f"{self.name.rsplit('/', 1)[1]}/{hex_digest(self.name)[:12]}"
        events: list[LoggedEvent] = []
        for offset in arrivals(rng, self.lines_per_minute):
            at = minute * 60_000 + offset
            line: Line = (at, self.write(rng, at))
            events += delivered([line], stream, rng)
        return events


def retention(log_group: str) -> int | None:
    """For how many days a group of the shop keeps its events."""
    return next((days for prefix, days in _RETENTION_DAYS.items() if log_group.startswith(prefix)), None)


def _catalog(rng: random.Random, at: int) -> str:
    entry = {"time": iso(at), "level": "info", "path": f"/products/KB-{rng.randrange(1000, 1090)}"}
    return json.dumps({**entry, "status": 200, "took_ms": rng.randrange(3, 60)})


def _database(rng: random.Random, at: int) -> str:
    moment = iso(at).replace("T", " ")[:-5]
    process, buffers, took = rng.randrange(300, 999), rng.randrange(20, 400), rng.randrange(1, 40)
    return f"{moment} UTC::@:[{process}]:LOG:  checkpoint complete: wrote {buffers} buffers in {took} ms"


def _audit(rng: random.Random, at: int) -> str:
    return json.dumps({"time": iso(at), "action": rng.choice(("created", "shipped")), "order": rng.randrange(10**6)})


def _loyalty(rng: random.Random, at: int) -> str:
    """An access entry of a stage in the other account, with the time at which its request began."""
    entry = {"requestId": uuid(rng), "requestTimeEpoch": str(at), "httpMethod": "GET", "resourcePath": "/points/{id}"}
    status = "503" if rng.random() < _UNAVAILABLE_SHARE else "200"
    return json.dumps({**entry, "status": status, "responseLatency": str(round(duration(rng, 45)))})


OTHER_GROUPS: Final = (
    OtherGroup(CATALOG_GROUP, 14.0, _catalog),
    OtherGroup(DATABASE_GROUP, 6.0, _database),
    OtherGroup(WELCOME_GROUP, 0.0, _catalog),
    OtherGroup(AUDIT_GROUP, 2.0, _audit, group_class="INFREQUENT_ACCESS"),
    OtherGroup(LOYALTY_GROUP, 25.0, _loyalty, account_id=LINKED_ACCOUNT),
)
