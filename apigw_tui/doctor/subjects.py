"""What TARGET words name for an examination: also stages that log nothing and groups that cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event as StopFlag
from typing import TYPE_CHECKING

from apigw_tui.errors import AppError, UsageError
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.log_groups import LogGroup, find_group
from apigw_tui.sources.target_names import NameDirectory
from apigw_tui.sources.targets import FileTarget, GroupTarget, parse_target

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.session import Aws


@dataclass
class Subjects:
    """What is to be examined; `words` are the targets that name log groups, by the groups' names."""

    stages: list[Stage] = field(default_factory=list)
    groups: list[LogGroup] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


def find_subjects(targets: Sequence[str], aws: Aws, *, stop: StopFlag | None = None) -> Subjects:
    """What the words mean. Raises UsageError for one that means nothing, AppError when AWS cannot be asked."""
    stop = stop or StopFlag()
    names = NameDirectory(aws, known=None, stop=stop)
    found = Subjects()
    for text in targets:
        target = parse_target(text)
        if isinstance(target, FileTarget):
            found.files.append(target.path)
            continue
        if isinstance(target, GroupTarget):
            group = _listed(aws, target.group.arn or target.group.name, stop)
            _add_group(found, text, group or LogGroup(target.group.name, arn=target.group.arn))
            continue
        # A name that begins with a slash can only be a log group's.
        stages = [] if text.startswith("/") else names.stages(text)
        found.stages += [stage for stage in stages if stage not in found.stages]
        if not stages:
            _add_group(found, text, _group_named(aws, text, names, stop))
    return found


def _add_group(found: Subjects, word: str, group: LogGroup) -> None:
    if group.name not in found.words:
        found.groups.append(group)
        found.words[group.name] = word


def _group_named(aws: Aws, text: str, names: NameDirectory, stop: StopFlag) -> LogGroup:
    listed = _listed(aws, text, stop)
    if listed is not None:
        return listed
    if names.is_group(text):
        return LogGroup(text)
    raise names.unknown(text, ())


def _listed(aws: Aws, name_or_arn: str, stop: StopFlag) -> LogGroup | None:
    try:
        return find_group(aws, name_or_arn, stop=stop)
    except AppError as error:
        if kind_of(error) is FailureKind.DENIED or isinstance(error, UsageError):
            return None
        raise
