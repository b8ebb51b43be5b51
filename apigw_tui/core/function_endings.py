"""How invocations of functions ended, as their own lines tell: the cause of requests of which nothing else does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from apigw_tui.core.cause_precision import is_unexplained
from apigw_tui.core.schema import CAUSE

_TIMED_OUT: Final = r"\tStatus: timeout\b"
_FAILED: Final = (
    r"\tStatus: error\b|\t(?:Invoke Error|Uncaught Exception)\t"
    r"|^RequestId: \S+ (?:Error: |Process exited before completing)"
    # How the Python runtime reports an exception that nobody caught; a logger writes a tab behind the level.
    r"|^\[ERROR\] \S[^\n\t]*\n+Traceback \(most recent call last\)"
    r'|^\{[\s\S]*"type"\s*:\s*"platform\.(?:report|runtimeDone)"[\s\S]*"status"\s*:\s*"(?:error|failure)"'
)
_SERVER_ERROR: Final = 500


@dataclass(frozen=True)
class _Ending:
    code: str
    at: int
    line: str

    @property
    def rank(self) -> tuple[bool, int, str]:
        """A timeout says more than an error; of equals the first line counts."""
        return self.code != "lambda_timeout", self.at, self.line


class FunctionEndings:
    """The invocations that failed, by their Lambda request IDs. Belongs to one store or story."""

    def __init__(self) -> None:
        self._ended: dict[str, _Ending] = {}
        self._superseded: set[str] = set()

    def note(self, parsed: pl.DataFrame) -> list[str]:
        """Read lines of functions out of PARSED_EVENTS; returns the IDs of the invocations that they tell of."""
        lines = parsed.filter((pl.col("kind") == "lambda") & pl.col("request_id").is_not_null())
        if lines.is_empty():
            return []
        message = pl.col("message")
        timed_out = (pl.col("line_kind") == "lambda_timed_out") | message.str.contains(_TIMED_OUT)
        failed = pl.when(message.str.contains(_FAILED)).then(pl.lit("lambda_function_error"))
        code = pl.when(timed_out).then(pl.lit("lambda_timeout")).otherwise(failed).alias("code")
        found = lines.select("request_id", code, "timestamp", "message").drop_nulls("code").rows()
        return [request_id for request_id, *ending in found if self._is_news(request_id, _Ending(*ending))]

    def applied(self, requests: pl.DataFrame) -> pl.DataFrame:
        """The rows of REQUESTS, with the causes that only their functions' lines tell."""
        if not self._ended or requests.is_empty():
            return requests
        call = pl.col("integration_request_id")
        by_less = pl.col("evidence").is_in(list(self._superseded)).fill_null(value=False)
        unproven = (is_unexplained() | by_less) & (pl.col("status") >= _SERVER_ERROR)
        doubtful = unproven & call.is_in(list(self._ended)).fill_null(value=False)
        calls = requests.filter(doubtful).get_column("integration_request_id").unique().to_list()
        if not calls:
            return requests
        endings = [self._ended[each] for each in calls]
        codes, lines = [each.code for each in endings], [each.line for each in endings]
        code = call.replace_strict(calls, codes, default=None, return_dtype=pl.String).cast(CAUSE)
        line = call.replace_strict(calls, lines, default=None, return_dtype=pl.String)
        return requests.with_columns(
            cause=pl.when(doubtful).then(code).otherwise("cause"),
            evidence=pl.when(doubtful).then(line).otherwise("evidence"),
        )

    def _is_news(self, request_id: str, ending: _Ending) -> bool:
        before = self._ended.get(request_id)
        if before is not None:
            if before.rank <= ending.rank:
                return False
            self._superseded.add(before.line)
        self._ended[request_id] = ending
        return True
