"""Which account, region and endpoint to talk to, as it was asked for. Loads nothing: completion reads it, too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

EMULATOR_REGION: Final = "eu-west-1"


@dataclass(frozen=True)
class AwsSettings:
    """Which account, region and endpoint to talk to; None leaves it to the environment and the profile."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    verify_ssl: bool = True
    ca_bundle: str | None = None
    is_emulator: bool = field(default=False, repr=False)

    @classmethod
    def for_emulator(cls, url: str) -> AwsSettings:
        """The embedded endpoint: invented keys, and nothing is read of the user's AWS files."""
        return cls(region=EMULATOR_REGION, endpoint_url=url, is_emulator=True)
