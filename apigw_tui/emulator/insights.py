"""CloudWatch Logs operations on Logs Insights queries.

The end of a query's range is taken as the very instant of its second: AWS says "inclusive" without saying how much
of that second.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from apigw_tui.emulator.arguments import GROUP_IDENTIFIER, GROUP_NAME, Arguments, TextRule, invalid
from apigw_tui.emulator.groups import Group
from apigw_tui.emulator.insights_query import MOST_ROWS, parse_query
from apigw_tui.emulator.insights_running import STATUSES, UNDER_WAY, GroupAtStart, RunningQuery
from apigw_tui.emulator.insights_words import malformed
from apigw_tui.emulator.paging import slice_after
from apigw_tui.emulator.state import LogsState, name_of
from apigw_tui.emulator.timeline import Span
from apigw_tui.emulator.wire import ServiceError

MOST_GROUPS: Final = 50
MOST_AT_ONCE: Final = 100
MOST_ITEMS: Final = 10_000
_QUERY_TEXT: Final = TextRule(0, 10_000)
_QUERY_ID: Final = TextRule(1, 256)
_TOKEN: Final = TextRule(1, 1_024)
_LANGUAGES: Final = ("CWLI", "SQL", "PPL")
_MOST_DESCRIBED: Final = 1_000


def start_query(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """StartQuery: times in seconds, both inclusive."""
    text = arguments.required_text("queryString", _QUERY_TEXT)
    limit = arguments.integer("limit", least=1, most=MOST_ROWS)
    start, end = arguments.integer("startTime"), arguments.integer("endTime")
    if start is None or end is None:
        raise invalid("startTime and endTime must be given")
    if start > end:
        raise invalid("End time should not be less than start time")
    groups = _groups(state, arguments)
    if (arguments.choice("queryLanguage", _LANGUAGES) or "CWLI") != "CWLI":
        raise malformed("only queries in the Logs Insights language are understood here")
    query = parse_query(text)
    if all(end * 1000 < group.info.created_at for group in groups):
        raise malformed(
            "Query's end date and time is either before the log groups creation time or exceeds the log groups log "
            "retention settings"
        )
    now = state.clock()
    if state.queries.under_way(now) >= MOST_AT_ONCE:
        raise ServiceError("LimitExceededException", "Account maximum query concurrency limit reached.")
    sources = tuple(GroupAtStart(group, state.groups.timeline(group)) for group in groups)
    started = RunningQuery(str(uuid.uuid4()), text, query, sources, Span(start * 1000, end * 1000), limit, now)
    state.queries.add(started)
    return {"queryId": started.query_id}


def get_query_results(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """GetQueryResults: while the query runs, half of its rows; then all of them, in pages of `maxItems`."""
    query = state.queries.find(arguments.required_text("queryId", _QUERY_ID))
    most = arguments.integer("maxItems", least=0, most=MOST_ITEMS) or MOST_ITEMS
    token = arguments.text("nextToken", _TOKEN)
    status = query.status(state.clock())
    answer: dict[str, Any] = {"queryLanguage": "CWLI", "status": status, "results": []}
    if status == "Scheduled":
        return {**answer, "statistics": {"recordsMatched": 0.0, "recordsScanned": 0.0, "bytesScanned": 0.0}}
    rows = query.result.rows
    rows = rows if status == "Complete" else rows[: len(rows) // 2]
    request = ("GetQueryResults", query.query_id)
    first = 0 if token is None else int(state.tokens.read(request, token))
    answer |= {"results": rows[first : first + most], "statistics": query.statistics()}
    if status == "Complete" and first + most < len(rows):
        answer["nextToken"] = state.tokens.issue(request, first + most)
    return answer


def stop_query(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """StopQuery: only one that has not ended."""
    query = state.queries.find(arguments.required_text("queryId", _QUERY_ID))
    status = query.status(state.clock())
    if status not in UNDER_WAY:
        raise invalid(f"Query with id {query.query_id} is not running: its status is {status}.")
    query.stopped_at = state.clock()
    return {"success": True}


def describe_queries(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """DescribeQueries: the newest first."""
    group = arguments.text("logGroupName", GROUP_NAME)
    wanted = arguments.choice("status", STATUSES)
    arguments.choice("queryLanguage", _LANGUAGES)
    most = arguments.integer("maxResults", least=1, most=_MOST_DESCRIBED) or _MOST_DESCRIBED
    token = arguments.text("nextToken", _TOKEN)
    now = state.clock()
    found = [
        query
        for query in state.queries.newest_first()
        if wanted in {None, query.status(now)} and (group is None or group in _names(query))
    ]
    request = ("DescribeQueries", group, wanted)
    last = None if token is None else state.tokens.read(request, token)
    page, more = slice_after(found, lambda query: query.query_id, last, most)
    answer = {} if more is None else {"nextToken": state.tokens.issue(request, more)}
    return {"queries": [_described(query, now) for query in page], **answer}


def _names(query: RunningQuery) -> list[str]:
    return [source.group.name for source in query.sources]


def _described(query: RunningQuery, now: int) -> dict[str, Any]:
    return {
        "queryLanguage": "CWLI",
        "queryId": query.query_id,
        "queryString": query.text,
        "status": query.status(now),
        "createTime": query.created_at,
        "logGroupName": ",".join(_names(query)),
    }


def _groups(state: LogsState, arguments: Arguments) -> list[Group]:
    """The groups that exactly one of the three arguments names."""
    arguments.exclusive("logGroupName", "logGroupNames", "logGroupIdentifiers")
    name = arguments.text("logGroupName", GROUP_NAME)
    named = arguments.texts("logGroupNames", GROUP_NAME, most=MOST_GROUPS)
    identified = arguments.texts("logGroupIdentifiers", GROUP_IDENTIFIER, most=MOST_GROUPS)
    keys = [name] if name is not None else [name_of(key) for key in named or identified or ()]
    if not keys:
        raise invalid("One of logGroupName, logGroupNames and logGroupIdentifiers must be given")
    return [state.groups.find(key) for key in dict.fromkeys(keys)]
