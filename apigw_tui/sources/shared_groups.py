"""Access groups that several stages write into: which stage each entry is of.

Nothing ties a log group to one stage. Where the format logs `apiId` and `stage`, an entry says it itself, and
entries of stages that were not asked for are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.sources.base import Batch

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.stage import Stage

_SAYS_STAGE: Final = frozenset({"apiId", "stage"})


@dataclass(frozen=True)
class AccessGroups:
    """The access groups of the stages that are read: their formats and whose entries are wanted."""

    formats: Mapping[str, AccessFormat]
    scopes: Mapping[str, Collection[str]] = field(default_factory=dict)

    @classmethod
    def of_stages(cls, stages: Sequence[Stage], formats: Mapping[str, AccessFormat]) -> AccessGroups:
        """The groups of these stages."""
        scopes: dict[str, set[str]] = {}
        for stage in stages:
            if stage.access and stage.access.log_group:
                scopes.setdefault(stage.access.log_group, set()).add(stage.scope)
        return cls(formats, scopes)

    def assigned(self, batch: Batch) -> Batch | None:
        """The batch with the scope that each entry says; None when no entry is of a wanted stage.

        An entry that does not say keeps its group's scope, which is empty when several stages share it.
        """
        group = batch.events["log_group"][0]
        wanted = self.scopes.get(group)
        if wanted is None:
            return batch
        events = batch.events
        if len(wanted) > 1:
            events = events.with_columns(scope=pl.lit(""))
        known = self.formats.get(group)
        if known is not None and known.variables >= _SAYS_STAGE:
            said = _said(events["message"], known)
            events = events.with_columns(scope=pl.coalesce(said, "scope"))
            events = events.filter(said.is_null() | said.is_in(sorted(wanted)))
        return Batch(events) if events.height else None


def _said(messages: pl.Series, access_format: AccessFormat) -> pl.Series:
    api_ids = access_format.extract(messages, "$context.apiId").replace("-", None)
    stages = access_format.extract(messages, "$context.stage").replace("-", None)
    return pl.select(said=pl.concat_str([api_ids, stages], separator="/")).to_series()
