"""TARGET words: what a user types, and the source it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.core.stage import EXECUTION_GROUP_PREFIX
from apigw_tui.errors import AppError, UsageError
from apigw_tui.sources.clock import wall_clock
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.files import STDIN, FileSource
from apigw_tui.sources.log_groups import group_of_arn, groups_with_prefix, search_groups
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.merged import MergedSource
from apigw_tui.sources.stages import ApiList, list_apis, stages_of

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.base import Source
    from apigw_tui.sources.session import Aws

GROUP_WORD: Final = "log-group:"
SHOWN: Final = 5
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
        raise UsageError(f"There is no file {text}.", _nearest(text, _files_beside(text), otherwise="Check the path."))
    return NamedTarget(text)


def resolve(
    targets: Sequence[str],
    aws: Aws | None,
    *,
    access_format: str | None = None,
    filter_pattern: str | None = None,
    stop: StopFlag | None = None,
    clock: Callable[[], int] = wall_clock,
) -> Source:
    """The targets as one source, in one time line.

    Raises UsageError for a word that means nothing, naming the nearest that would, and AppError when AWS
    cannot be asked.
    """
    parsed = [parse_target(text) for text in targets]
    if not parsed:
        raise UsageError("There is no TARGET.", "`apigw-tui stages` lists what there is.")
    sources: list[Source] = []
    found = _find(parsed, aws, stop or StopFlag())
    if found.stages or found.groups:
        if aws is None:
            raise UsageError("Log groups need AWS.", "Name a file, or give --profile and --region.")
        sources.append(
            CloudWatchSource(
                aws,
                stages=tuple(dict.fromkeys(found.stages)),
                groups=tuple(dict.fromkeys(found.groups)),
                access_format=access_format,
                filter_pattern=filter_pattern,
                clock=clock,
            )
        )
    files = tuple(dict.fromkeys(target.path for target in parsed if isinstance(target, FileTarget)))
    if files:
        sources.append(FileSource(files, access_format=access_format, clock=clock))
    return sources[0] if len(sources) == 1 else MergedSource(sources)


@dataclass
class _Found:
    stages: list[Stage] = field(default_factory=list)
    groups: list[FollowedGroup] = field(default_factory=list)


def _find(targets: Sequence[Target], aws: Aws | None, stop: StopFlag) -> _Found:
    found = _Found()
    directory: _Directory | None = None
    for target in targets:
        if isinstance(target, GroupTarget):
            found.groups.append(target.group)
        elif isinstance(target, NamedTarget):
            if aws is None:
                raise UsageError(f"{target.text} needs AWS.", "Give --profile and --region, or name a file.")
            directory = directory or _Directory(aws, stop)
            directory.add(target.text, found)
    return found


class _Directory:
    """Looks words up among the APIs and log groups of the account."""

    def __init__(self, aws: Aws, stop: StopFlag) -> None:
        self._aws = aws
        self._stop = stop
        self._apis: ApiList | None = None
        self._no_apis: AppError | None = None

    def add(self, text: str, found: _Found) -> None:
        """Add the stages or the group of that name. Raises UsageError when there is none."""
        # A name that begins with a slash can only be a log group's.
        stages = [] if text.startswith("/") else self._stages(text)
        if stages:
            found.stages += stages
        elif self._is_group(text):
            found.groups.append(FollowedGroup.bare(text))
        else:
            raise self._unknown(text)

    def _listed(self) -> ApiList:
        if self._apis is None:
            try:
                self._apis = list_apis(self._aws, stop=self._stop)
            except AppError as error:
                # The word may still name a log group.
                self._no_apis = error
                self._apis = ApiList(())
        return self._apis

    def _stages(self, text: str) -> list[Stage]:
        api_name, _, stage_name = text.partition("/")
        apis = [api for api in self._listed().apis if api_name in (api.name, api.api_id)]
        if not apis:
            return []
        directory = stages_of(self._aws, apis, stop=self._stop)
        stages = [stage for stage in directory.stages if stage_name in ("", stage.name)]
        if stages:
            return stages
        if directory.troubles:
            raise directory.troubles[0].error
        if self._is_group(text):
            return []
        names = [stage.title for stage in directory.stages]
        if not names:
            raise UsageError(f"The API {api_name} has no stage.", "Deploy it first.")
        raise UsageError(f"The API {api_name} has no stage {stage_name}.", _nearest(text, names, also=names))

    def _is_group(self, text: str) -> bool:
        search = groups_with_prefix(self._aws, text, stop=self._stop, max_pages=1)
        return any(group.name == text for group in search.groups)

    def _unknown(self, text: str) -> AppError:
        if self._no_apis is not None:
            return self._no_apis
        apis = [api.name for api in self._listed().apis]
        candidates = [*apis, *self._stages_like(text), *self._groups_like(text), *_files_beside(text)]
        where = self._aws.region or "this region"
        return UsageError(
            f"There is no API, log group or file {text} ({where}).", _nearest(text, candidates, also=apis)
        )

    def _stages_like(self, text: str) -> list[str]:
        apis = self._listed().apis
        near = get_close_matches(text.partition("/")[0], [api.name for api in apis], n=3)
        chosen = [api for api in apis if api.name in near]
        return [stage.title for stage in stages_of(self._aws, chosen, stop=self._stop).stages]

    def _groups_like(self, text: str) -> list[str]:
        longest = max(text.strip("/").split("/"), key=len)
        try:
            # The beginning is seldom misspelled, and three characters are the least that is searched.
            return [group.name for group in search_groups(self._aws, longest[:3], stop=self._stop).groups]
        except AppError:
            return []


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


def _nearest(
    text: str,
    candidates: Sequence[str],
    *,
    also: Sequence[str] = (),
    otherwise: str = "`apigw-tui stages` lists what there is.",
) -> str:
    near = get_close_matches(text, candidates, n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    if also:
        shown = ", ".join(also[:SHOWN]) + (" …" if len(also) > SHOWN else "")
        return f"There are: {shown}."
    return otherwise
