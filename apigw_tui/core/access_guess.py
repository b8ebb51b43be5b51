"""What the entries of a group without a known format were taken for, in words and as a `$context` string."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_names import unsure
from apigw_tui.core.access_sniff import guess_each
from apigw_tui.core.lambda_lines import LAMBDA_GROUP
from apigw_tui.core.stage import EXECUTION_GROUP_PREFIX

_NO_ACCESS_GROUPS: Final = (LAMBDA_GROUP, EXECUTION_GROUP_PREFIX)
_SAMPLE: Final = 256  # entries looked at for each group
_MOST: Final = 5  # fields named in a sentence
_STYLES: Final = {"json": "JSON", "clf": "CLF", "xml": "XML", "csv": "CSV", "kv": "names and values", "text": "text"}
_WORDS: Final = {
    "requestId": "request ID",
    "extendedRequestId": "extended ID",
    "status": "status",
    "httpMethod": "method",
    "routeKey": "route",
    "resourcePath": "route",
    "path": "path",
    "responseLatency": "latency",
    "integration.latency": "integration latency",
    "integrationLatency": "integration latency",
    "identity.sourceIp": "source IP",
    "requestTime": "time",
    "requestTimeEpoch": "time",
    "identity.userAgent": "user agent",
    "error.message": "error",
    "xrayTraceId": "trace ID",
}


@dataclass(frozen=True)
class Guess:
    """What the entries of one group look like: a format to start from when it is wrong."""

    group: str
    format: AccessFormat

    @property
    def sentence(self) -> str:
        """What was guessed, and what corrects it."""
        return f"{self.told}; --access-format corrects it"

    @property
    def told(self) -> str:
        """What was guessed, for people."""
        doubts = unsure(field.name for field in self.format.fields) if self.format.style == "json" else {}
        doubt = "".join(f" ({name} taken for $context.{variable})" for name, variable in doubts.items())
        return f"access format of {self.group} is guessed: {told_by(self.format)}{doubt}"


def told_by(access_format: AccessFormat) -> str:
    """The style of a format and the fields that matter most: `JSON with request ID, status, …`."""
    held = [field.variable for field in access_format.fields]
    words = list(dict.fromkeys(_WORDS[variable] for variable in _WORDS if variable in held))
    more = ", …" if len(words) > _MOST else ""
    return f"{_STYLES[access_format.style]} with {', '.join(words[:_MOST]) or 'fields of no known meaning'}{more}"


def guesses(events: pl.DataFrame, known: Container[str]) -> list[Guess]:
    """The guess for each group of these events that has access entries but no known format, as the columns tell."""
    found = []
    for group in events["log_group"].drop_nulls().unique(maintain_order=True).to_list():
        if group in known or group.startswith(_NO_ACCESS_GROUPS):
            continue
        source = _commonest(_entries(events.filter(pl.col("log_group") == group)))
        if source:
            found.append(Guess(group, AccessFormat.guess(source)))
    return found


def _entries(events: pl.DataFrame) -> pl.Series:
    """The first messages, where the events were parsed only of access entries."""
    chosen = events.filter(pl.col("kind") == "access") if "kind" in events.columns else events
    return chosen["message"].head(_SAMPLE)


def _commonest(messages: pl.Series) -> str | None:
    sources = guess_each(messages).drop_nulls()
    return str(sources.mode().sort()[0]) if sources.len() else None
