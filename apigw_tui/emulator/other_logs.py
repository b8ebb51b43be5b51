"""Log groups that have nothing to do with API Gateway: they are there to be searched past."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Final

from apigw_tui.emulator.batches import Line, delivered
from apigw_tui.emulator.dice import arrivals, dice, hex_digest
from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.lambda_log import iso

CATALOG_GROUP: Final = "/ecs/catalog"
DATABASE_GROUP: Final = "/aws/rds/instance/orders-db/postgresql"
WELCOME_GROUP: Final = "/aws/apigateway/welcome"
LINES_PER_MINUTE: Final[Mapping[str, float]] = {CATALOG_GROUP: 14.0, DATABASE_GROUP: 6.0, WELCOME_GROUP: 0.0}


def other_events(seed: int, log_group: str, minute: int) -> list[LoggedEvent]:
    """What one of these groups gets in a minute."""
    rng = dice(seed, log_group, minute)
    stream = f"{log_group.rsplit('/', 1)[1]}/{hex_digest(log_group)[:12]}"
    events: list[LoggedEvent] = []
    for offset in arrivals(rng, LINES_PER_MINUTE[log_group]):
        at = minute * 60_000 + offset
        line: Line = (at, _database(rng, at) if log_group == DATABASE_GROUP else _catalog(rng, at))
        events += delivered([line], stream, rng)
    return events


def _catalog(rng: random.Random, at: int) -> str:
    entry = {"time": iso(at), "level": "info", "path": f"/products/KB-{rng.randrange(1000, 1090)}"}
    return json.dumps({**entry, "status": 200, "took_ms": rng.randrange(3, 60)})


def _database(rng: random.Random, at: int) -> str:
    moment = iso(at).replace("T", " ")[:-5]
    process, buffers, took = rng.randrange(300, 999), rng.randrange(20, 400), rng.randrange(1, 40)
    return f"{moment} UTC::@:[{process}]:LOG:  checkpoint complete: wrote {buffers} buffers in {took} ms"
