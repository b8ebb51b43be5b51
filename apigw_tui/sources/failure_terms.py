"""The words in which failures are told: kinds, the names a message can give, findings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from apigw_tui.core.text import sanitise


class FailureKind(Enum):
    """What sort of failure it is, for those who go on by themselves."""

    EXPIRED = "expired"
    CREDENTIALS = "credentials"
    DENIED = "denied"
    NOT_FOUND = "not found"
    THROTTLED = "throttled"
    NETWORK = "network"
    INVALID = "invalid"
    UNSUPPORTED = "unsupported"
    CONFIG = "config"
    SERVICE = "service"


@dataclass(frozen=True)
class FailureContext:
    """The names that a message can give."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    log_group: str | None = None
    profiles: tuple[str, ...] = ()

    def of_group(self, log_group: str | None) -> FailureContext:
        """The same, about one log group."""
        return replace(self, log_group=log_group)

    @property
    def who(self) -> str:
        """`profile shop` or `the default profile`."""
        return f"profile {self.profile}" if self.profile else "the default profile"

    @property
    def where(self) -> str:
        """The endpoint or region, as far as known."""
        if self.endpoint_url:
            return self.endpoint_url
        return f"AWS in {self.region}" if self.region else "AWS"

    @property
    def flag(self) -> str:
        """What names the profile on an aws command line, with a leading blank."""
        return f" --profile {self.profile}" if self.profile else ""


@dataclass(frozen=True)
class Finding:
    """What was found out about an exception, before it becomes a sentence."""

    kind: FailureKind
    clause: str
    hint: str


Rule = Callable[[BaseException, FailureContext], Finding]


_MAX_CLAUSE: Final = 400


def one_clause(text: str) -> str:
    """Foreign text as part of one sentence: one line, no full stops inside, none at the end."""
    flat = " ".join(sanitise(text).split())
    flat = re.sub(r"[.!?]+\s+", "; ", flat).rstrip(" .;:!?")
    return flat if len(flat) <= _MAX_CLAUSE else f"{flat[:_MAX_CLAUSE]}…"
