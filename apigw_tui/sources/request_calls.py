"""Which functions a request called, and by which Lambda request IDs, as it and its execution lines tell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.parse import parse_events
from apigw_tui.core.phases import BEFORE

if TYPE_CHECKING:
    import polars as pl

    from apigw_tui.sources.base import RequestRef

_IN_URI: Final = re.compile(r":function:([\w-]+)")
_AUTHORIZER_ASKED: Final = ("authorizer_identity", "authorizer_result", "authorizer_policy", "authorizer_done")
"""Lines that a request without the identity that the authorizer wants does not get: its function is not run."""

_BEFORE_INTEGRATION: Final = (BEFORE, "authorizer", "usage_plan", "validation", "request_mapping")


@dataclass
class Calls:
    """Which functions a request called and by which Lambda request IDs; `took_place`: as far as is known."""

    functions: set[str] = field(default_factory=set)
    request_ids: set[str] = field(default_factory=set)
    took_place: bool = False


@dataclass
class ToldCalls:
    """What a request and its execution lines tell of its calls."""

    integration: Calls
    authorizer: Calls
    trace_id: str | None

    @classmethod
    def by(cls, request: RequestRef) -> ToldCalls:
        """What the request tells."""
        reached = request.failed_phase not in _BEFORE_INTEGRATION
        functions, request_ids = _known(request.integration_function), _known(request.integration_request_id)
        authorizer = Calls(set(), _known(request.authorizer_request_id), request.failed_phase == "authorizer")
        return cls(Calls(functions, request_ids, reached), authorizer, request.trace_id)

    def note(self, events: pl.DataFrame) -> None:
        """Read functions and IDs out of execution lines."""
        calls = self.integration
        columns = ("line_kind", "message", "integration_function", "integration_request_id", "trace_id")
        for row in parse_events(events, {}).sort("timestamp", "event_id").select(columns).iter_rows(named=True):
            if row["line_kind"] == "authorizer_start":
                calls = self.authorizer
                calls.took_place = False
            elif row["line_kind"] in _AUTHORIZER_ASKED:
                self.authorizer.took_place = True
            _note_line(row, calls)
            self.trace_id = self.trace_id or row["trace_id"]
            if row["line_kind"] == "authorizer_done":
                calls = self.integration


def _known(name: str | None) -> set[str]:
    return {name} if name else set()


def _note_line(row: dict[str, Any], calls: Calls) -> None:
    if row["integration_request_id"]:
        calls.request_ids.add(row["integration_request_id"])
    named = row["integration_function"]
    if not named and row["line_kind"] in ("endpoint_uri", "integration_request"):
        in_uri = _IN_URI.search(row["message"])
        named = in_uri[1] if in_uri else None
    if named:
        calls.functions.add(named)
