"""What goes wrong in the shop, by name and by the minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

SLOT_MINUTES: Final = 12


@dataclass(frozen=True, slots=True)
class Effects:
    """How strong each trouble of `orders/prod` is: shares of the requests it can meet, 0 … 1."""

    hanging: float = 0.0  # POST and PATCH /orders*: orders-write waits for a connection that never comes
    crashing: float = 0.0  # orders-read throws
    malformed: float = 0.0  # orders-read answers what API Gateway cannot read
    authorizer_down: float = 0.0  # orders-authorizer throws
    token_refused: float = 0.0  # orders-authorizer no longer accepts valid tokens
    throttled: float = 0.0  # one key sends a flood and is held back by its usage plan
    leaked: float = 0.0  # one key is used by a stranger

    def scaled(self, level: float) -> Effects:
        """The same trouble, weaker."""
        return Effects(**{field.name: getattr(self, field.name) * level for field in fields(self)})

    def with_(self, other: Effects) -> Effects:
        """Both at once: the stronger of each."""
        return Effects(
            **{field.name: max(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)}
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """One named kind of trouble."""

    name: str
    summary: str
    effects: Effects


_TABLE: Final = (
    Scenario("steady", "Nothing out of the ordinary", Effects()),
    Scenario("slow-backend", "orders-write hangs, API Gateway gives up after 29 s", Effects(hanging=0.5)),
    Scenario("bad-deploy", "A new version of orders-read crashes", Effects(crashing=0.25, malformed=0.05)),
    Scenario("throttled", "One customer runs into its usage plan", Effects(throttled=1.0)),
    Scenario(
        "authorizer-outage",
        "orders-authorizer fails, callers are refused",
        Effects(authorizer_down=0.23, token_refused=0.06),
    ),
    Scenario("key-leak", "A stranger hammers the shop with a customer's key", Effects(leaked=1.0)),
)
SCENARIOS: Final[Mapping[str, Scenario]] = {scenario.name: scenario for scenario in _TABLE}

_TURNS: Final = (
    {"slow-backend": 1.0},
    {"bad-deploy": 1.0, "throttled": 0.6},
    {"authorizer-outage": 1.0},
    {"slow-backend": 1.0, "key-leak": 0.12},
    {"bad-deploy": 1.0},
    {"slow-backend": 1.0, "throttled": 0.6},
    {"authorizer-outage": 1.0, "key-leak": 0.12},
)
"""What the slots hold, in turn. Every slot has server errors: a demo never opens on a quiet screen."""

_RISE: Final = (0.55, 0.65, 0.85)
"""Levels of the first minutes of a slot; 1 after that."""
_FADE: Final = (0.4, 0.15)
"""Levels at which the previous slot's trouble goes on into this one."""


def _turn(slot: int) -> Effects:
    effects = Effects()
    for name, level in _TURNS[slot % len(_TURNS)].items():
        effects = effects.with_(SCENARIOS[name].effects.scaled(level))
    return effects


def effects_at(minute: int, scenario: str | None = None) -> Effects:
    """The trouble of a minute since the epoch: of one scenario all the time, or of all in turn.

    Raises KeyError for an unknown name.
    """
    if scenario is not None:
        return SCENARIOS[scenario].effects
    slot, elapsed = divmod(minute, SLOT_MINUTES)
    rising = _turn(slot).scaled(_RISE[elapsed] if elapsed < len(_RISE) else 1.0)
    if elapsed >= len(_FADE):
        return rising
    return rising.with_(_turn(slot - 1).scaled(_FADE[elapsed]))
