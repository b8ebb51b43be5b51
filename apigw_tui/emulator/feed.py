"""What the endpoint serves: log groups whose events are a function of time, and the APIs that write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

ACCOUNT_ID: Final = "123456789012"
REGION: Final = "eu-west-1"

JsonObject = dict[str, Any]


class LoggedEvent(NamedTuple):
    """One event as CloudWatch keeps it."""

    timestamp: int  # ms, what the writer stamped
    ingestion_time: int  # ms, when CloudWatch could first return it
    event_id: str  # 56 digits; int(event_id) >> 144 == timestamp; ascending within a batch
    log_stream: str
    message: str


@dataclass(frozen=True)
class GroupInfo:
    """A log group of a feed; none of its events is older than `created_at` (ms).

    A group of another account is shared with this one, which monitors it.
    """

    name: str
    created_at: int
    retention_days: int | None = None
    group_class: str = "STANDARD"
    account_id: str = ACCOUNT_ID

    @property
    def arn(self) -> str:
        """The ARN without the trailing `:*`."""
        return f"arn:aws:logs:{REGION}:{self.account_id}:log-group:{self.name}"

    @property
    def is_linked(self) -> bool:
        """Whether it belongs to another account."""
        return self.account_id != ACCOUNT_ID

    @property
    def key(self) -> str:
        """By what its feed is asked for events: the name, of a linked group the ARN."""
        return self.arn if self.is_linked else self.name


class LogFeed(Protocol):
    """Log groups whose events exist as a function of time."""

    def groups(self) -> Sequence[GroupInfo]:
        """All groups, in any order."""

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        """The events stamped `start` … `end`, both inclusive, ordered by (timestamp, event_id).

        Includes those that are not visible yet: the server hides them until their ingestion time. No event is
        ingested before its timestamp. Cheap for short spans: the server asks for about a minute at a time.
        """


class ControlPlane(Protocol):
    """The APIs of the account, as dicts in the shapes of boto3's answers."""

    def rest_apis(self) -> list[JsonObject]:
        """`items` of apigateway GetRestApis."""

    def rest_stages(self, api_id: str) -> list[JsonObject]:
        """`item` of apigateway GetStages; empty for an unknown API."""

    def rest_resources(self, api_id: str) -> list[JsonObject]:
        """`items` of apigateway GetResources, methods embedded; empty for an unknown API."""

    def rest_authorizers(self, api_id: str) -> list[JsonObject]:
        """`items` of apigateway GetAuthorizers; empty for an unknown API."""

    def account(self) -> JsonObject:
        """The answer of apigateway GetAccount."""

    def v2_apis(self) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetApis."""

    def v2_stages(self, api_id: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetStages; empty for an unknown API."""

    def v2_routes(self, api_id: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetRoutes; empty for an unknown API."""

    def v2_integrations(self, api_id: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetIntegrations; empty for an unknown API."""

    def v2_authorizers(self, api_id: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetAuthorizers; empty for an unknown API."""

    def domain_names(self) -> list[JsonObject]:
        """`items` of apigateway GetDomainNames."""

    def base_path_mappings(self, domain: str) -> list[JsonObject]:
        """`items` of apigateway GetBasePathMappings; empty for an unknown domain."""

    def v2_domain_names(self) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetDomainNames."""

    def v2_api_mappings(self, domain: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetApiMappings; empty for an unknown domain."""
