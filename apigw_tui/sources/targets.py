"""TARGET words: what a user types, and the source it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.core.stage import EXECUTION_GROUP_PREFIX
from apigw_tui.errors import AppError, UsageError
from apigw_tui.sources.cache_place import account_key
from apigw_tui.sources.clock import wall_clock
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.files import STDIN, FileSource
from apigw_tui.sources.format_memory import FormatMemory
from apigw_tui.sources.log_groups import find_group, group_of_arn, region_of_arn
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.merged import MergedSource
from apigw_tui.sources.stage_reading import is_silent, nothing_to_read, unreadable_group
from apigw_tui.sources.target_names import NameDirectory, nearest

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.base import Source
    from apigw_tui.sources.session import Aws
    from apigw_tui.sources.stages import StageDirectory

GROUP_WORD: Final = "log-group:"
_GROUP_NAME: Final = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_LATER: Final = re.compile(r"(s3|opensearch\+https?|elasticsearch\+https?|splunk\+https?)://")
_LIKE_A_FILE: Final = re.compile(r"(?:\.{1,2}/|~|[A-Za-z]:\\).*|.*\.(?:log|txt|json|jsonl|ndjson|csv|gz)")


@dataclass(frozen=True)
class FileTarget:
    """A file, a directory or `-`."""

    path: str


@dataclass(frozen=True)
class GroupTarget:
    """A log group that was named as such."""

    group: FollowedGroup


@dataclass(frozen=True)
class NamedTarget:
    """`API/STAGE`, an API alone, or a log group's name: AWS must be asked which."""

    text: str


Target = FileTarget | GroupTarget | NamedTarget


def parse_target(text: str) -> Target:
    """Tell what a word means without asking AWS. Raises UsageError."""
    text = text.strip()
    if not text:
        raise UsageError("A TARGET is empty.", "Name an API stage, a log group, a file or -.")
    if text == STDIN or Path(text).expanduser().exists():
        return FileTarget(text if text == STDIN else str(Path(text).expanduser()))
    if text.startswith(GROUP_WORD):
        name = text.removeprefix(GROUP_WORD)
        if not _GROUP_NAME.fullmatch(name):
            raise UsageError(f"{name!r} cannot be the name of a log group.", "Names hold letters, digits and ._-/#.")
        return GroupTarget(FollowedGroup.bare(name))
    if text.startswith("arn:"):
        return _arn_target(text)
    if text.startswith(EXECUTION_GROUP_PREFIX):
        return GroupTarget(FollowedGroup.bare(text))
    if _LATER.match(text):
        raise UsageError(f"{text} cannot be read by this version.", "Download it, and name the file or directory.")
    if _LIKE_A_FILE.fullmatch(text) or not _GROUP_NAME.fullmatch(text):
        raise UsageError(f"There is no file {text}.", nearest(text, _files_beside(text), otherwise="Check the path."))
    return NamedTarget(text)


@dataclass
class Found:
    """What target words mean."""

    stages: list[Stage] = field(default_factory=list)
    groups: list[FollowedGroup] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def resolve(
    targets: Sequence[str],
    aws: Aws | None,
    *,
    access_format: str | None = None,
    filter_pattern: str | None = None,
    stop: StopFlag | None = None,
    clock: Callable[[], int] = wall_clock,
) -> Source:
    """The targets as one source, in one time line. Raises what `find_targets` raises."""
    found = find_targets(targets, aws, stop=stop)
    return source_of(found, aws, access_format=access_format, filter_pattern=filter_pattern, clock=clock)


def find_targets(
    targets: Sequence[str], aws: Aws | None, *, known: StageDirectory | None = None, stop: StopFlag | None = None
) -> Found:
    """What the words mean; a stage that is `known` is not looked up again: who passes it checks it later.

    Raises UsageError for a word that means nothing, naming the nearest that would, and AppError when AWS
    cannot be asked.
    """
    stop = stop or StopFlag()
    parsed = [parse_target(text) for text in targets]
    if not parsed:
        raise UsageError("There is no TARGET.", "`apigw-tui stages` lists what there is.")
    found = Found()
    names = None if aws is None else NameDirectory(aws, known=known, stop=stop)
    for target in parsed:
        if isinstance(target, FileTarget):
            found.files.append(target.path)
        elif isinstance(target, GroupTarget):
            found.groups.append(target.group if aws is None else _readable(aws, target.group, stop))
        elif names is None:
            raise UsageError(f"{target.text} needs AWS.", "Give --profile and --region, or name a file.")
        else:
            _add(names, target.text, found)
    if found.stages and not found.groups and all(is_silent(stage) for stage in found.stages):
        raise nothing_to_read(found.stages)
    return found


def source_of(
    found: Found,
    aws: Aws | None,
    *,
    access_format: str | None = None,
    filter_pattern: str | None = None,
    clock: Callable[[], int] = wall_clock,
) -> Source:
    """What was found, as one source. Raises AppError when nothing of it can be read.

    An access format that is given is kept for the groups and files; one that was kept is used.
    """
    sources: list[Source] = []
    files = tuple(dict.fromkeys(found.files))
    bare = [group.name for group in found.groups if not group.scope]
    memory = FormatMemory(None if aws is None else account_key(aws.settings))
    said = memory.said(access_format, bare, [file for file in files if file != STDIN])
    if found.stages or found.groups:
        if aws is None:
            raise UsageError("Log groups need AWS.", "Name a file, or give --profile and --region.")
        sources.append(
            CloudWatchSource(
                aws,
                stages=tuple(dict.fromkeys(found.stages)),
                groups=tuple(dict.fromkeys(found.groups)),
                access_format=said,
                filter_pattern=filter_pattern,
                clock=clock,
            )
        )
    if files:
        also = replace(said, notes=()) if sources else said
        sources.append(FileSource(files, access_format=also, clock=clock))
    return sources[0] if len(sources) == 1 else MergedSource(sources)


def _add(directory: NameDirectory, text: str, found: Found) -> None:
    """Add the stages or the group of that name. Raises UsageError when there is none."""
    # A name that begins with a slash can only be a log group's.
    stages = [] if text.startswith("/") else directory.stages(text)
    if stages:
        found.stages += stages
    elif directory.is_group(text):
        found.groups.append(FollowedGroup.bare(text))
    else:
        raise directory.unknown(text, _files_beside(text))


def _readable(aws: Aws, group: FollowedGroup, stop: StopFlag) -> FollowedGroup:
    """The group, unless it is known that it cannot be read. Raises AppError."""
    elsewhere = region_of_arn(group.arn or "")
    if elsewhere and aws.region and elsewhere != aws.region:
        raise UsageError(f"{group.name} is in {elsewhere}, but {aws.region} is read.", f"Add --region {elsewhere}.")
    try:
        listed = find_group(aws, group.arn or group.name, stop=stop)
    except AppError:
        # Reading it will tell.
        return group
    if listed is not None and listed.obstacle is not None:
        raise unreadable_group(group.name, listed.obstacle)
    return group


def _arn_target(arn: str) -> GroupTarget:
    name = group_of_arn(arn)
    if name is None:
        raise UsageError(f"{arn} is no log group's ARN.", "It looks like arn:aws:logs:…:log-group:NAME.")
    before = arn.partition(":log-group:")[0]
    return GroupTarget(FollowedGroup.bare(name, f"{before}:log-group:{name}"))


def _files_beside(text: str) -> list[str]:
    """Files that may be meant, spelled as the user began."""
    directory = Path(text).parent
    try:
        return [str(directory / file.name) for file in directory.iterdir() if not file.name.startswith(".")]
    except OSError:
        return []
