"""How often AWS may be asked: calls per second of an account in a region.

Sources: AWS, "CloudWatch Logs quotas" and "Amazon API Gateway quotas". What is not adjustable there is said so here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

FILTER_LOG_EVENTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "us-east-1": 25,
        "ap-northeast-3": 5,
        "ap-southeast-3": 5,
        "ca-west-1": 5,
        "eu-central-1": 5,
        "il-central-1": 5,
    }
)
"""FilterLogEvents by region; not adjustable."""

FILTER_LOG_EVENTS_ELSEWHERE: Final = 10

GET_LOG_EVENTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "us-west-2": 10,
        "ap-northeast-3": 10,
        "ap-southeast-3": 10,
        "ca-west-1": 10,
        "eu-central-1": 10,
        "eu-west-1": 10,
        "il-central-1": 10,
        "eu-west-3": 30,
    }
)
"""GetLogEvents by region; not adjustable."""

GET_LOG_EVENTS_ELSEWHERE: Final = 25

OTHER_LOGS_OPERATIONS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "DescribeLogGroups": 10,
        "DescribeLogStreams": 25,
        "StartQuery": 10,
        "GetQueryResults": 10,
        "StartLiveTail": 5,
        "TestMetricFilter": 5,
    }
)
"""The same in all regions. AWS gives no figure for ListLogGroups."""

CONTROL_PLANE: Final = "control plane"
"""The name of the one quota that all operations of API Gateway share, deployments included; not adjustable."""

CONTROL_PLANE_PER_SECOND: Final = 10
CONTROL_PLANE_BURST: Final = 40


@dataclass(frozen=True)
class Quota:
    """A token bucket: calls per second, and how many may come at once."""

    per_second: float
    burst: float


def filter_log_events(region: str | None) -> int:
    """FilterLogEvents per second."""
    return FILTER_LOG_EVENTS.get(region or "", FILTER_LOG_EVENTS_ELSEWHERE)


def get_log_events(region: str | None) -> int:
    """GetLogEvents per second."""
    return GET_LOG_EVENTS.get(region or "", GET_LOG_EVENTS_ELSEWHERE)


def quotas_of(region: str | None) -> dict[str, Quota]:
    """Every quota of a region by operation, and the control plane's.

    How many calls CloudWatch Logs lets through at once is not published: one second's worth is taken.
    """
    rates = {
        "FilterLogEvents": filter_log_events(region),
        "GetLogEvents": get_log_events(region),
        **OTHER_LOGS_OPERATIONS,
    }
    quotas = {operation: Quota(rate, rate) for operation, rate in rates.items()}
    return {**quotas, CONTROL_PLANE: Quota(CONTROL_PLANE_PER_SECOND, CONTROL_PLANE_BURST)}
