"""Access lines of an invented shop, the same ones in every run."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

START: Final = 1_790_000_000_000
EVERY_MS: Final = 20
_ROUTES: Final = ("/orders", "/orders/{id}", "/orders/{id}/items", "/products/{sku}", "/search", "/carts/{id}")
_FAILING: Final = 0.02


def write_lines(path: Path, rows: int, *, start: int = 0) -> None:
    """Write JSON access lines, one in fifty a 504; those of `start` go on where so many others ended."""
    dice = random.Random(7 + start)  # noqa: S311 - no secret
    with path.open("w", encoding="utf-8") as file:
        for number in range(start, start + rows):
            status = 504 if dice.random() < _FAILING else 200
            latency = 29_004 if status == 504 else dice.randint(4, 400)
            route = _ROUTES[number % len(_ROUTES)]
            file.write(
                f'{{"requestId":"{uuid.UUID(int=dice.getrandbits(128))}","ip":"203.0.113.{number % 250}",'
                f'"requestTimeEpoch":{START + number * EVERY_MS},"httpMethod":"GET","resourcePath":"{route}",'
                f'"path":"/prod{route}","status":"{status}","protocol":"HTTP/1.1","responseLength":"512",'
                f'"responseLatency":"{latency}","integrationLatency":"{latency - 3}",'
                f'"userAgent":"shop-app/4.2 (Android 14)",'
                f'"xrayTraceId":"Root=1-{number:08x}-{number:024x}"}}\n'
            )


def write_common_lines(path: Path, rows: int) -> None:
    """Write as many lines of the Combined Log Format, for programs that read nothing else."""
    dice = random.Random(7)  # noqa: S311 - no secret
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            status = 504 if dice.random() < _FAILING else 200
            at = datetime.fromtimestamp((START + number * EVERY_MS) / 1000, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
            request = f"GET /prod{_ROUTES[number % len(_ROUTES)]} HTTP/1.1"
            file.write(f'203.0.113.{number % 250} - - [{at}] "{request}" {status} 512 "-" "shop-app/4.2"\n')
