"""Which of a stage's logs is read, and what is said where that is not its access log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apigw_tui.errors import AppError
from apigw_tui.sources.log_windows import FollowedGroup

if TYPE_CHECKING:
    from apigw_tui.core.stage import Obstacle, Stage


def followed_group(stage: Stage) -> FollowedGroup | None:
    """The one group of a stage that is followed; None when it writes to none that could be read."""
    access, execution = stage.access, stage.execution
    if access is not None and access.obstacle is None and access.log_group:
        return FollowedGroup(access.log_group, stage.scope)
    if execution.log_group is None or execution.obstacle is not None:
        return None
    if access is not None and execution.level == "OFF":
        return None
    return FollowedGroup(execution.log_group, stage.scope)


def is_silent(stage: Stage) -> bool:
    """Whether it logs nothing, and has no execution group of former times either."""
    execution = stage.execution
    return stage.access is None and execution.level == "OFF" and execution.log_group_class is None


def reading_notes(stages: Sequence[Stage]) -> tuple[str, ...]:
    """One sentence for each stage that is read by its execution log because its access log cannot be."""
    return tuple(
        f"The access log of {stage.title} {obstacle.sentence}: its execution log is read instead."
        for stage in stages
        if (obstacle := _access_obstacle(stage)) is not None and followed_group(stage) is not None
    )


def obstacles_of(stage: Stage) -> tuple[AppError, ...]:
    """Why logs of a stage cannot be read, and what would change that."""
    errors = []
    obstacle, access, execution = _access_obstacle(stage), stage.access, stage.execution
    if obstacle is not None and access is not None:
        where = access.log_group or access.destination
        errors.append(AppError(f"The access log of {stage.title}, {where}, {obstacle.sentence}.", obstacle.remedy))
    if execution.obstacle is not None:
        message = f"The execution log of {stage.title}, {execution.log_group}, {execution.obstacle.sentence}."
        errors.append(AppError(message, execution.obstacle.remedy))
    return tuple(errors)


def nothing_to_read(stages: Sequence[Stage]) -> AppError:
    """Why none of these stages can be read, and what would change that."""
    for stage in stages:
        for error in obstacles_of(stage):
            return error
    named = ", ".join(stage.title for stage in stages) or "The target"
    are_rest = bool(stages) and all(stage.api_type == "REST" for stage in stages)
    service, option = ("apigateway", "patch-operations") if are_rest else ("apigatewayv2", "access-log-settings")
    return AppError(
        f"{named} writes no log that could be read.",
        f"Turn on the access log of the stage: `aws {service} update-stage --{option} …`.",
    )


def unreadable_group(name: str, obstacle: Obstacle) -> AppError:
    """Why a log group that was named by itself cannot be read."""
    return AppError(f"The log group {name} {obstacle.sentence}.", obstacle.remedy)


def _access_obstacle(stage: Stage) -> Obstacle | None:
    return stage.access.obstacle if stage.access else None
