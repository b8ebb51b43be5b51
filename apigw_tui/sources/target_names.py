"""Names that a TARGET can have in an account: stages and APIs, custom domain names, log groups."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from apigw_tui.errors import AppError, UsageError
from apigw_tui.sources.custom_domains import mappings_of
from apigw_tui.sources.discovery import stages_of
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.log_groups import find_group, search_groups
from apigw_tui.sources.stage_reading import unreadable_group
from apigw_tui.sources.stages import ApiList, list_apis

if TYPE_CHECKING:
    from threading import Event as StopFlag

    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.session import Aws
    from apigw_tui.sources.stages import Api, StageDirectory

SHOWN: Final = 5


class NameDirectory:
    """Looks names up among the APIs, domains and log groups of the account; first in what is `known`."""

    def __init__(self, aws: Aws, *, known: StageDirectory | None, stop: StopFlag) -> None:
        self._aws = aws
        self._known = known
        self._stop = stop
        self._apis: ApiList | None = None
        self._no_apis: AppError | None = None

    def stages(self, text: str) -> list[Stage]:
        """The stages of that name; none when it names no API. Raises UsageError for a stage that its API lacks."""
        known = self._known_stages(text)
        if known:
            return known
        api_name, _, stage_name = text.partition("/")
        apis = [api for api in self._listed().apis if api_name in (api.name, api.api_id)]
        if not apis:
            return self._stages_of_domain(text)
        directory = stages_of(self._aws, apis, stop=self._stop)
        stages = [stage for stage in directory.stages if stage_name in ("", stage.name)]
        if stages:
            return stages
        if directory.troubles:
            raise directory.troubles[0].error
        if self.is_group(text):
            return []
        names = [stage.title for stage in directory.stages]
        if not names:
            raise UsageError(f"The API {api_name} has no stage.", "Deploy it first.")
        raise UsageError(f"The API {api_name} has no stage {stage_name}.", nearest(text, names, also=names))

    def is_group(self, text: str) -> bool:
        """Whether there is a log group of that name. Raises AppError for one that cannot be read.

        Where groups may not be listed, a name that is like no API's is taken for a group's: reading it will tell.
        Where APIs may not be listed either, a name with a slash more likely is a stage's.
        """
        try:
            group = find_group(self._aws, text, stop=self._stop)
        except AppError as error:
            if kind_of(error) is not FailureKind.DENIED:
                raise
            if self._no_apis is not None and "/" in text.lstrip("/"):
                raise self._no_apis from error
            return not get_close_matches(text.partition("/")[0], [api.name for api in self._listed().apis], n=1)
        if group is not None and group.obstacle is not None:
            raise unreadable_group(text, group.obstacle)
        return group is not None

    def unknown(self, text: str, files: Sequence[str]) -> AppError:
        """What to say of a word that names nothing."""
        if self._no_apis is not None:
            return self._no_apis
        apis = [api.name for api in self._listed().apis]
        candidates = [*apis, *self._stages_like(text), *self._groups_like(text), *files]
        where = self._aws.region or "this region"
        return UsageError(f"There is no API, log group or file {text} ({where}).", nearest(text, candidates, also=apis))

    def _known_stages(self, text: str) -> list[Stage]:
        stages = self._known.stages if self._known else ()
        return [
            stage
            for stage in stages
            if text in (stage.title, stage.scope, stage.api_name, stage.api_id) or text in stage.domains
        ]

    def _listed(self) -> ApiList:
        if self._apis is None:
            try:
                self._apis = list_apis(self._aws, stop=self._stop)
            except AppError as error:
                # The word may still name a log group.
                self._no_apis = error
                self._apis = ApiList(())
        return self._apis

    def _stages_of_domain(self, text: str) -> list[Stage]:
        """The stage behind a custom domain name with its base path, as `api.example.com/orders`."""
        domain, _, path = text.partition("/")
        if "." not in domain.strip("."):
            return []
        try:
            mappings = dict(mappings_of(self._aws, domain, stop=self._stop))
        except AppError:
            return []
        if path.strip("/") in mappings:
            api_id, _, name = mappings[path.strip("/")].partition("/")
            stages = stages_of(self._aws, self._apis_with(api_id), stop=self._stop).stages
            return [stage for stage in stages if stage.name == name]
        paths = [f"{domain}/{path}" if path else domain for path in mappings]
        if not paths:
            return []
        raise UsageError(f"Nothing is mapped to {text}.", nearest(text, paths, also=paths))

    def _apis_with(self, api_id: str) -> list[Api]:
        return [api for api in self._listed().apis if api.api_id == api_id]

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


def nearest(
    text: str,
    candidates: Sequence[str],
    *,
    also: Sequence[str] = (),
    otherwise: str = "`apigw-tui stages` lists what there is.",
) -> str:
    """The hint that names what may have been meant, or what there is."""
    near = get_close_matches(text, candidates, n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    if also:
        shown = ", ".join(also[:SHOWN]) + (" …" if len(also) > SHOWN else "")
        return f"There are: {shown}."
    return otherwise
