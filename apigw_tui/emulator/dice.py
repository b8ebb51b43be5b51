"""Seeded chance: everything the shop does is drawn from dice that depend on names and numbers only."""

from __future__ import annotations

import base64
import hashlib
import math
import random
from bisect import bisect
from collections.abc import Iterable
from typing import Final

DELIVERY_MEDIAN_S: Final = 2.2
DELIVERY_SPREAD: Final = 0.45
STRAGGLER_SHARE: Final = 0.002
STRAGGLER_MS: Final = 30_000


def dice(*names: object) -> random.Random:
    """Dice for one purpose; the same names give the same rolls in every process."""
    digest = hashlib.blake2b("/".join(map(str, names)).encode(), digest_size=16).digest()
    return random.Random(int.from_bytes(digest, "big"))  # noqa: S311 (invented traffic, not a secret)


def hex_digest(*names: object) -> str:
    """32 hex digits that depend on the names only."""
    return hashlib.blake2b("/".join(map(str, names)).encode(), digest_size=16).hexdigest()


def uuid(rng: random.Random) -> str:
    """A random UUID, version 4."""
    digits = f"{rng.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def short_id(rng: random.Random) -> str:
    """16 characters ending in `=`: an extended request ID, a connection ID, a request ID of an HTTP API."""
    return base64.urlsafe_b64encode(rng.getrandbits(88).to_bytes(11, "big")).decode()


def trace_id(rng: random.Random, at: int) -> str:
    """An X-Ray trace ID; its first part is the second at which the trace began."""
    return f"1-{at // 1000:08x}-{rng.getrandbits(96):024x}"


def delivery_lag(rng: random.Random) -> int:
    """Milliseconds from the last line of a batch until CloudWatch returns it."""
    lag = int(1000 * rng.lognormvariate(math.log(DELIVERY_MEDIAN_S), DELIVERY_SPREAD))
    if rng.random() < STRAGGLER_SHARE:
        return lag + rng.randrange(STRAGGLER_MS // 2, STRAGGLER_MS)
    return lag


def duration(rng: random.Random, median_ms: float, spread: float = 0.5) -> float:
    """A latency in ms: most near the median, a few much longer."""
    return rng.lognormvariate(math.log(median_ms), spread)


def arrivals(rng: random.Random, mean: float) -> list[int]:
    """Milliseconds within a minute at which about `mean` independent visitors come, ascending."""
    count = max(0, round(rng.gauss(mean, math.sqrt(mean))))
    return sorted(int(rng.random() * 60_000) for _ in range(count))


class Odds:
    """What happens first of several things, each with its own chance once those before it did not."""

    def __init__(self, chances: Iterable[tuple[str, float]], otherwise: str) -> None:
        """Turn the chances into shares of one roll."""
        self._names: list[str] = []
        self._bounds: list[float] = []
        left = 1.0
        for name, chance in chances:
            left *= 1.0 - chance
            self._names.append(name)
            self._bounds.append(1.0 - left)
        self._names.append(otherwise)

    def roll(self, rng: random.Random) -> str:
        """One of the names."""
        return self._names[bisect(self._bounds, rng.random())]
