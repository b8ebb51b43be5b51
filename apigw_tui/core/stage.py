"""A stage of an API and where its logs go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ApiType = Literal["REST", "HTTP", "WEBSOCKET"]
ExecutionLevel = Literal["OFF", "ERROR", "INFO"]

EXECUTION_GROUP_PREFIX = "API-Gateway-Execution-Logs_"


@dataclass(frozen=True)
class Obstacle:
    """Why a log cannot be read here: `told` in two words, `sentence` in full, `remedy` what to do."""

    told: str
    sentence: str
    remedy: str


_DELIVERY_STREAM: Final = ":firehose:"
_FIREHOSE: Final = Obstacle(
    "to Firehose",
    "goes to Firehose",
    "Point it at a CloudWatch log group, or open what Firehose delivered as files.",
)
_ELSEWHERE: Final = Obstacle("elsewhere", "goes to no log group", "Point it at a CloudWatch log group.")
# Source: AWS, "CloudWatch Logs log classes". A class that is not named here is tried.
_CLASSES: Final = {
    "INFREQUENT_ACCESS": Obstacle(
        "Infrequent Access",
        "is of class Infrequent Access, which only Logs Insights reads",
        "Use Logs Insights, or point it at a group of class Standard: a group keeps its class.",
    ),
    "DELIVERY": Obstacle(
        "Delivery class",
        "is of class Delivery, which only passes events on",
        "Read where it delivers to, or point it at a group of class Standard: a group keeps its class.",
    ),
}


def obstacle_of_class(log_group_class: str | None) -> Obstacle | None:
    """Why groups of a class cannot be read here; None for those that can, and for an unknown class."""
    return _CLASSES.get(log_group_class or "")


@dataclass(frozen=True)
class AccessLog:
    """Where a stage writes its access log: `destination` is an ARN, `log_group` set when it is CloudWatch."""

    log_group: str | None
    destination: str
    format: str
    joinable: bool = True
    missing: tuple[str, ...] = ()
    """Variables the format lacks and without which something cannot be told, e.g. `$context.requestId`."""
    log_group_class: str | None = None

    @property
    def obstacle(self) -> Obstacle | None:
        """Why it cannot be read here; None when it can, as far as is known."""
        if self.log_group is None:
            return _FIREHOSE if _DELIVERY_STREAM in self.destination else _ELSEWHERE
        return obstacle_of_class(self.log_group_class)


@dataclass(frozen=True)
class ExecutionLog:
    """A stage's execution log; `log_group` is None for HTTP APIs, which have none."""

    log_group: str | None
    level: ExecutionLevel = "OFF"
    data_trace: bool = False
    log_group_class: str | None = None

    @property
    def obstacle(self) -> Obstacle | None:
        """Why it cannot be read here; None when it can, or when there is none."""
        return None if self.log_group is None else obstacle_of_class(self.log_group_class)


@dataclass(frozen=True)
class Stage:
    """One stage of a REST, HTTP or WebSocket API."""

    api_id: str
    api_name: str
    api_type: ApiType
    name: str
    access: AccessLog | None
    execution: ExecutionLog
    tracing: bool = False
    metrics: bool = False
    retention_days: int | None = None
    last_event_at: int | None = None
    domains: tuple[str, ...] = ()
    """Custom domain names with their base paths: `api.example.com/orders`."""

    @property
    def title(self) -> str:
        """`orders/prod`: what a user types and the header shows."""
        return f"{self.api_name}/{self.name}"

    @property
    def scope(self) -> str:
        """`{api_id}/{stage}`: marks the events of this stage."""
        return f"{self.api_id}/{self.name}"


def execution_group(api_id: str, stage: str) -> str:
    """The execution log group that API Gateway creates for a REST stage when it is deployed."""
    return f"{EXECUTION_GROUP_PREFIX}{api_id}/{stage}"
