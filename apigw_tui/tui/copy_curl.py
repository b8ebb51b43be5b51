"""A request as a curl command, as far as it was logged, and what of it was not."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from apigw_tui.core.text import mask_secrets

if TYPE_CHECKING:
    from apigw_tui.core.story import StoryLine

_PAIR: Final = re.compile(r"(?:^|, )([A-Za-z0-9-]+)=(.*?)(?=, [A-Za-z0-9-]+=|$)", re.DOTALL)
_HOPS: Final = ("host", "via", "content-length", "forwarded", "connection", "accept-encoding")
_HOP_PREFIXES: Final = ("x-forwarded-", "x-amzn-", "x-amz-cf-", "cloudfront-")
_DOMAINS: Final = ("domainname", "domain")
_BODILESS: Final = ("GET", "HEAD", "OPTIONS")
_PARTS: Final = {"query": "request_query", "headers": "request_headers", "body": "request_body"}


@dataclass(frozen=True)
class Curl:
    """The command; `unknown` and `cut` are the parts of the request that are not in it."""

    command: str
    unknown: tuple[str, ...]
    cut: tuple[str, ...]
    masked: bool

    @property
    def text(self) -> str:
        """The command behind a comment on what it lacks, in words that every shell takes as they stand."""
        said = [f"{', '.join(self.unknown)} not known" if self.unknown else ""]
        said.append(f"{', '.join(self.cut)} left out, API Gateway cut it" if self.cut else "")
        said.append("secrets masked" if self.masked else "")
        comment = "; ".join(clause for clause in said if clause)
        return f"# {comment}\n{self.command}" if comment else self.command

    @property
    def lacks(self) -> str:
        """What it lacks in two or three words, such as `without headers, body`."""
        parts = (*self.unknown, *self.cut)
        return f"without {', '.join(parts)}" if parts else ""


def curl_of(
    request: Mapping[str, Any], lines: Sequence[StoryLine], *, region: str | None, reveal: bool = False
) -> Curl | None:
    """The request, as JSON tells it, with what the data trace logged; None where its address is unknown."""
    logged = {part: _logged(lines, kind) for part, kind in _PARTS.items()}
    url = _url(request, logged["query"] or "", region)
    if url is None:
        return None
    method = request.get("method")
    words = ["curl", *_method_words(method), url]
    for name, value in _headers(logged["headers"] or ""):
        words += ["-H", f"{name}: {value}"]
    if logged["body"]:
        words += ["--data-raw", logged["body"]]
    shown = words if reveal else [mask_secrets(word) for word in words]
    absent = [part for part, text in logged.items() if text is None and (part != "body" or method not in _BODILESS)]
    cut = tuple(part for part in absent if _line(lines, _PARTS[part]) is not None)
    unknown = (*(() if method else ("method",)), *(part for part in absent if part not in cut))
    return Curl(shlex.join(shown), unknown, cut, masked=shown != words)


def _method_words(method: str | None) -> list[str]:
    if method == "HEAD":
        return ["--head"]
    return [] if method in (None, "GET") else ["-X", method]


def _url(request: Mapping[str, Any], query: str, region: str | None) -> str | None:
    path, stage, api_id = request.get("path"), request.get("stage"), request.get("api_id")
    if not path or not path.startswith("/"):
        return None
    pairs = "&".join(f"{quote(name)}={quote(value)}" for name, value in _pairs(query))
    target = f"{path}?{pairs}" if pairs else path
    access = request.get("access") or {}
    domain = next((value for name, value in access.items() if name.lower() in _DOMAINS), None)
    if isinstance(domain, str) and "." in domain:
        return f"https://{domain}{target}"
    if not (api_id and stage and region):
        return None
    prefix = "" if path == f"/{stage}" or path.startswith(f"/{stage}/") or stage == "$default" else f"/{stage}"
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"https://{api_id}.execute-api.{region}.amazonaws.com{suffix}{prefix}{target}"


def _line(lines: Sequence[StoryLine], kind: str) -> StoryLine | None:
    return next((line for line in lines if line.line_kind == kind), None)


def _logged(lines: Sequence[StoryLine], kind: str) -> str | None:
    """What the data trace logged of a request, as it came; None when it did not, or API Gateway cut it."""
    line = _line(lines, kind)
    return None if line is None or line.truncated else line.text.partition(":")[2].strip()


def _headers(logged: str) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in _pairs(logged)
        if name.lower() not in _HOPS and not name.lower().startswith(_HOP_PREFIXES)
    ]


def _pairs(logged: str) -> list[tuple[str, str]]:
    """Names and values of a map as API Gateway logs it: `{a=1, b=2}`."""
    inner = logged.removeprefix("{").removesuffix("}")
    return [(match[1], match[2]) for match in _PAIR.finditer(inner)]
