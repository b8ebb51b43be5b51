"""Completions of the query bar: fields and operators from the registry, values from what is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from apigw_tui.core.query_complete import Candidate, complete
from apigw_tui.core.query_fields import QUERY_FIELDS
from apigw_tui.tui import later
from apigw_tui.tui.completions import Completer, Completion, Completions
from apigw_tui.tui.glyphs import class_of
from apigw_tui.tui.legend import class_of_cause

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.view import View
    from apigw_tui.tui.glyphs import StatusClass


def completer(view: Callable[[], View | None], formats: Callable[[], Mapping[str, AccessFormat]]) -> Completer:
    """Complete with what the view of the moment holds."""

    def values(field: str) -> list[tuple[str, int]]:
        if field == "access.":
            return [(name, 0) for name in dict.fromkeys(f.name for fmt in formats().values() for f in fmt.fields)]
        current = view()
        return [] if current is None else later.observed(current, field)

    def go_on(text: str, cursor: int) -> Completions:
        found = complete(text, cursor, values)
        return Completions(found.start, tuple(_item(candidate) for candidate in found.candidates))

    return go_on


def _item(candidate: Candidate) -> Completion:
    return Completion(candidate.text, candidate.count or None, _class(candidate))


def _class(candidate: Candidate) -> StatusClass | None:
    if candidate.kind != "value":
        return None
    _, _, value = candidate.text.rpartition(":")
    value = value or candidate.text
    if value.isdecimal() and len(value) == 3:  # noqa: PLR2004 - a status
        return class_of(int(value))
    if value in QUERY_FIELDS["cause"].choices:
        return class_of_cause(value)
    return None
