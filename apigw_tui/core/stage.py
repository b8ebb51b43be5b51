"""A stage of an API and where its logs go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ApiType = Literal["REST", "HTTP", "WEBSOCKET"]
ExecutionLevel = Literal["OFF", "ERROR", "INFO"]

EXECUTION_GROUP_PREFIX = "API-Gateway-Execution-Logs_"


@dataclass(frozen=True)
class AccessLog:
    """Where a stage writes its access log: `destination` is an ARN, `log_group` set when it is CloudWatch."""

    log_group: str | None
    destination: str
    format: str
    joinable: bool = True
    missing: tuple[str, ...] = ()
    """Variables the format lacks and without which something cannot be told, e.g. `$context.requestId`."""


@dataclass(frozen=True)
class ExecutionLog:
    """A stage's execution log; `log_group` is None for HTTP APIs, which have none."""

    log_group: str | None
    level: ExecutionLevel = "OFF"
    data_trace: bool = False


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
