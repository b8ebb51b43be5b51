"""The payloads of a request: header maps and bodies that a data trace logged, laid out for reading."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.payload_text import pretty_payload
from apigw_tui.core.transcript import lines_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from apigw_tui.core.story import StoryLine

CUT_MARKER: Final = " [TRUNCATED]"
_NAMES: Final = {
    "authorizer_result": "Authorizer result",
    "request_path": "Request path",
    "request_query": "Request query string",
    "request_headers": "Request headers",
    "request_body": "Request body",
    "endpoint_request_headers": "Endpoint request headers",
    "endpoint_request_body": "Endpoint request body",
    "endpoint_response_headers": "Endpoint response headers",
    "endpoint_response_body": "Endpoint response body",
    "response_headers": "Response headers",
    "response_body": "Response body",
}
_LENGTH: Final = re.compile(r"[{ ]content-length=(\d+)(?=[,}])", re.IGNORECASE)


@dataclass(frozen=True)
class Payload:
    """A header map or body, pretty-printed where it can be; `truncated` when API Gateway cut it.

    `logged_bytes` are those of a cut one that are there, `total_bytes` how many its headers or the access entry say
    that there were.
    """

    name: str
    text: str
    truncated: bool = False
    logged_bytes: int | None = None
    total_bytes: int | None = None

    @property
    def known(self) -> str | None:
        """How much of a cut payload is there, in words; None of a whole one."""
        if not self.truncated:
            return None
        of = f" of {self.total_bytes}" if self.total_bytes is not None else ""
        return f"truncated: {self.logged_bytes or 0}{of} bytes logged"


def payloads_of(lines: Iterable[StoryLine], row: Mapping[str, Any]) -> tuple[Payload, ...]:
    """The payloads among the lines of a request, in their order; `row` is its row of REQUESTS."""
    return tuple(_payloads(lines, row))


def payload_in(line: StoryLine) -> str | None:
    """What stands behind the label of a line that holds a payload; None for any other line."""
    if line.kind != "execution" or line.line_kind not in _NAMES:
        return None
    return line.text.partition(":")[2].strip()


def _payloads(lines: Iterable[StoryLine], row: Mapping[str, Any]) -> Iterator[Payload]:
    authorizing = False
    lengths: dict[str, int] = {}
    for line in _single(lines):
        if line.line_kind == "authorizer_start":
            authorizing = True
        elif line.line_kind in {"authorizer_done", "usage_plan_start", "start"}:
            authorizing = False
        text = payload_in(line)
        if text in {None, "", "{}"} or text is None or line.line_kind is None:
            continue
        name = _NAMES[line.line_kind]
        if authorizing and line.line_kind.startswith("endpoint_"):
            name = name.replace("Endpoint", "Authorizer")
        length = _LENGTH.search(text) if name.endswith("headers") else None
        if length is not None:
            lengths[name.replace("headers", "body")] = int(length[1])
        logged = len(text.removesuffix(CUT_MARKER).encode()) if line.truncated else None
        yield Payload(name, pretty_payload(text), line.truncated, logged, _total(name, lengths, row, logged))


def _total(name: str, lengths: Mapping[str, int], row: Mapping[str, Any], logged: int | None) -> int | None:
    """The length that something logged gives for a body; not one that is contradicted by the body itself."""
    total = lengths.get(name)
    if total is None and name == "Response body":
        total = row["response_bytes"]
    return total if logged is not None and total is not None and total > logged else None


def _single(lines: Iterable[StoryLine]) -> Iterator[StoryLine]:
    """The lines, those within a transcript one by one."""
    for line in lines:
        if line.line_kind != "test_invoke" or "\n" not in line.message:
            yield line
            continue
        for kind, text in lines_within(line.message):
            cut = text.rstrip().endswith(CUT_MARKER)
            yield replace(line, line_kind=kind, message=text, truncated=cut)
