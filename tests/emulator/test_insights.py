"""Logs Insights: what the queries that a reader of logs sends give, and how they run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apigw_tui.emulator.feed import GroupInfo
from tests.emulator.logs_client import Client
from tests.emulator.tiny_feed import ACCESS, T0, TinyFeed, event

SECOND = T0 // 1000
ENTRIES = [
    {"status": "200", "latency": 12, "route": "/orders", "user": {"tier": "gold"}},
    {"status": "504", "latency": 29_000, "route": "/orders/{id}", "user": {"tier": "iron"}},
    {"status": "200", "latency": 48, "route": "/orders", "user.tier": "flat"},
    {"status": "502", "latency": 1_200, "route": "/carts"},
]


def shop() -> Client:
    entries = [event(number * 30_000, json.dumps(entry), number=number) for number, entry in enumerate(ENTRIES)]
    lines = [event(500, "(8f0c) Method completed with status: 504"), event(700, '(8f0c) Endpoint "slow" timed out')]
    return Client(TinyFeed({ACCESS: entries, "/lines": lines}))


def started(client: Client, query: str, **arguments: object) -> str:
    span = {"logGroupName": ACCESS, "startTime": SECOND, "endTime": SECOND + 600} | arguments
    answer: str = client.call("StartQuery", queryString=query, **span)["queryId"]
    return answer


def results(query: str, client: Client | None = None, **arguments: object) -> dict[str, Any]:
    client = client or shop()
    query_id = started(client, query, **arguments)
    client.now += 10_000
    answer = client.call("GetQueryResults", queryId=query_id)
    assert answer["status"] == "Complete"
    return answer


def rows(query: str, client: Client | None = None, **arguments: object) -> list[dict[str, str]]:
    """The rows as dicts, without the pointers."""
    found = results(query, client, **arguments)["results"]
    return [{cell["field"]: cell["value"] for cell in row if cell["field"] != "@ptr"} for row in found]


def statuses(query: str) -> list[str]:
    return [row["status"] for row in rows(f"fields status | {query} | sort @timestamp asc")]


def test_without_a_command_for_it_the_newest_comes_first_with_time_and_message() -> None:
    found = rows("filter ispresent(status)")
    assert [row["@timestamp"] for row in found] == [
        "2026-01-01 00:01:30.000",
        "2026-01-01 00:01:00.000",
        "2026-01-01 00:00:30.000",
        "2026-01-01 00:00:00.000",
    ]
    assert json.loads(found[0]["@message"]) == ENTRIES[3]


def test_the_query_that_is_copied_from_the_explorer_finds_every_line_of_a_request() -> None:
    query = 'fields @timestamp, @message | filter @message like "8f0c" | sort @timestamp asc'
    found = rows(query, logGroupName="/lines")
    assert [row["@message"][:12] for row in found] == ["(8f0c) Metho", "(8f0c) Endpo"]
    assert found[0]["@timestamp"] == "2026-01-01 00:00:00.500"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("status = 504", ["504"]),
        ("status >= 500", ["504", "502"]),
        ('status = "200"', ["200", "200"]),
        ("status != 200", ["504", "502"]),
        ("status in [502, 504]", ["504", "502"]),
        ("status not in ['502', '504']", ["200", "200"]),
        ("latency > 40 and latency < 2000", ["200", "502"]),
        ("latency < 20 or route = '/carts'", ["200", "502"]),
        ("not (status = 200) and not route like /cart/", ["504"]),
        ("route like /^\\/ORDERS$/i", ["200", "200"]),
        ("route =~ /id/", ["504"]),
        ("route not like 'orders'", ["502"]),
        ("user.tier = 'gold'", ["200"]),
        ("`user.tier` = 'flat'", ["200"]),
        ("ispresent(user.tier)", ["200", "504", "200"]),
        ("@log like '123456789012:/shop'", ["200", "504", "200", "502"]),
        ("@logStream = 'two'", []),
    ],
)
def test_filter_understands(condition: str, expected: list[str]) -> None:
    assert statuses(f"filter {condition}") == expected


def test_filter_tells_addresses_of_a_subnet() -> None:
    entries = [{"ip": ip} for ip in ("203.0.113.7", "198.51.100.3", "2001:db8::7", "-")]
    feed = TinyFeed({ACCESS: [event(n * 1_000, json.dumps(entry), number=n) for n, entry in enumerate(entries)]})
    found = {
        function: [row["ip"] for row in rows(f"fields ip | filter {function}", Client(feed))]
        for function in ('isIpv4InSubnet(ip, "203.0.113.0/24")', 'isIpv6InSubnet(ip, "2001:db8::/32")')
    }
    assert list(found.values()) == [["203.0.113.7"], ["2001:db8::7"]]


def test_stats_count_by_field_and_by_time() -> None:
    assert rows("stats count(*) by status") == [
        {"status": "200", "count(*)": "2"},
        {"status": "504", "count(*)": "1"},
        {"status": "502", "count(*)": "1"},
    ]
    found = rows("stats count(*) as n, avg(latency), pct(latency, 50) by bin(1m) | sort bin(1m) asc")
    assert found == [
        {"bin(1m)": "2026-01-01 00:00:00.000", "n": "2", "avg(latency)": "14506", "pct(latency, 50)": "12"},
        {"bin(1m)": "2026-01-01 00:01:00.000", "n": "2", "avg(latency)": "624", "pct(latency, 50)": "48"},
    ]


def test_stats_can_be_filtered_sorted_and_cut() -> None:
    query = "stats max(latency) as slowest, count_distinct(status) as kinds by route | filter slowest > 40"
    assert rows(f"{query} | sort slowest asc | limit 1") == [{"route": "/orders", "slowest": "48", "kinds": "1"}]
    assert rows("stats sum(latency), min(latency), count(user.tier)") == [
        {"sum(latency)": "30260", "min(latency)": "12", "count(user.tier)": "3"}
    ]


def test_parse_takes_globs_and_regular_expressions() -> None:
    query = 'parse @message "(*) *" as rid, line | display rid, line | sort @timestamp asc'
    assert rows(query, logGroupName="/lines")[0] == {"rid": "8f0c", "line": "Method completed with status: 504"}
    query = "parse /status: (?<code>\\d+)/ | filter ispresent(code) | display code"
    assert rows(query, logGroupName="/lines") == [{"code": "504"}]


def test_the_limit_of_the_query_wins_over_that_of_the_call() -> None:
    assert len(rows("fields @timestamp | limit 3", limit=2)) == 3
    assert len(rows("fields @timestamp", limit=2)) == 2


def test_comments_and_quoting_are_part_of_the_language() -> None:
    query = """# all about timeouts
    fields @message
    | filter @message like "\\"slow\\"" # the quoted word"""
    assert len(rows(query, logGroupName="/lines")) == 1


def test_the_range_is_in_seconds_and_inclusive_and_several_groups_are_one() -> None:
    found = rows("fields @timestamp", endTime=SECOND + 30)
    assert [row["@timestamp"][17:] for row in found] == ["30.000", "00.000"]
    answer = results("filter @message like /status/", logGroupName=None, logGroupNames=[ACCESS, "/lines"])
    assert len(answer["results"]) == 5
    assert answer["statistics"] == {
        "recordsMatched": 5.0,
        "recordsScanned": 6.0,
        "estimatedRecordsSkipped": 0.0,
        "bytesScanned": answer["statistics"]["bytesScanned"],
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": 2.0,
    }
    assert answer["statistics"]["bytesScanned"] > 300


def test_every_row_has_a_pointer_of_its_own_but_results_of_stats_have_none() -> None:
    pointers = [row[-1] for row in results("fields @timestamp")["results"]]
    assert [cell["field"] for cell in pointers] == ["@ptr"] * 4
    assert len({cell["value"] for cell in pointers}) == 4
    assert [[cell["field"] for cell in row] for row in results("stats count(*)")["results"]] == [["count(*)"]]


def test_a_query_is_scheduled_then_runs_with_part_of_its_rows_then_is_complete() -> None:
    client = shop()
    query_id = started(client, "fields @timestamp")
    seen = []
    for _ in range(4):
        answer = client.call("GetQueryResults", queryId=query_id)
        seen.append((answer["status"], len(answer["results"])))
        client.now += 200
    assert seen == [("Scheduled", 0), ("Running", 2), ("Running", 2), ("Complete", 4)]


def test_results_come_in_pages() -> None:
    client = shop()
    query_id = started(client, "fields @timestamp | sort @timestamp asc")
    client.now += 10_000
    first = client.call("GetQueryResults", queryId=query_id, maxItems=3)
    second = client.call("GetQueryResults", queryId=query_id, maxItems=3, nextToken=first["nextToken"])
    assert [len(first["results"]), len(second["results"]), "nextToken" in second] == [3, 1, False]


def test_what_arrives_after_the_start_of_a_query_is_not_in_it() -> None:
    client = Client(TinyFeed({ACCESS: [event(0, "early"), event(1_000, "late", delay_ms=3_600_000, number=1)]}))
    assert [row["@message"] for row in rows("fields @message", client)] == ["early"]


def test_a_query_can_be_stopped_while_it_runs_and_not_after() -> None:
    client = shop()
    running, complete = (started(client, "fields @timestamp") for _ in range(2))
    assert client.call("StopQuery", queryId=running) == {"success": True}
    client.now += 10_000
    assert client.call("GetQueryResults", queryId=running)["status"] == "Cancelled"
    assert "not running" in client.refused("StopQuery", queryId=complete).message
    queries = client.call("DescribeQueries")["queries"]
    assert [(query["queryId"], query["status"]) for query in queries] == [
        (complete, "Complete"),
        (running, "Cancelled"),
    ]
    assert client.call("DescribeQueries", status="Running") == {"queries": []}
    assert client.call("DescribeQueries", logGroupName="/lines") == {"queries": []}


def test_only_so_many_queries_run_at_once() -> None:
    client = shop()
    for _ in range(100):
        started(client, "fields @timestamp")
    refused = client.refused("StartQuery", logGroupName=ACCESS, startTime=1, endTime=2, queryString="limit 1")
    assert refused.code == "MalformedQueryException"
    span = {"startTime": SECOND, "endTime": SECOND + 1}
    assert client.refused("StartQuery", logGroupName=ACCESS, queryString="limit 1", **span).code == (
        "LimitExceededException"
    )
    client.now += 10_000
    assert started(client, "limit 1")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "unexpected end of the query"),
        ("filter", "expected a field"),
        ("filter status = ", "expected a string or a number"),
        ("filter status ~ 5", "unexpected symbol near '~ 5'"),
        ("filter (status = 5", "expected ')'"),
        ("filter status > 'slow'", "compares numbers"),
        ("filter @message like /(/", "invalid regular expression"),
        ("fields a | dedup a", "unsupported command 'dedup'"),
        ("fields a b", "expected '|'"),
        ("fields a |", "unexpected end"),
        ("limit 0", "no number of rows"),
        ("stats median(x)", "no function median"),
        ("stats pct(x)", "wrong arguments of pct()"),
        ("stats count(*) by bin(5)", "no period"),
        ("parse 'a * b *' as one", "2 wildcards for 1 names"),
        ("parse /a/", "names no group"),
    ],
)
def test_what_is_not_understood_is_malformed(query: str, told: str) -> None:
    span = {"logGroupName": ACCESS, "startTime": SECOND, "endTime": SECOND + 1}
    refused = shop().refused("StartQuery", queryString=query, **span)
    assert refused.code == "MalformedQueryException"
    assert told in refused.message


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"startTime": SECOND + 1, "endTime": SECOND}, "InvalidParameterException"),
        ({"logGroupName": "/gone"}, "ResourceNotFoundException"),
        ({"logGroupNames": [ACCESS]}, "InvalidParameterException"),
        ({"logGroupName": None}, "InvalidParameterException"),
        ({"limit": 100_001}, "InvalidParameterException"),
        ({"queryLanguage": "SQL"}, "MalformedQueryException"),
        ({"startTime": 0, "endTime": SECOND - 10}, "MalformedQueryException"),
    ],
)
def test_a_query_needs_a_range_and_groups(arguments: dict[str, object], code: str) -> None:
    given = {"logGroupName": ACCESS, "startTime": SECOND, "endTime": SECOND + 1, "queryString": "limit 1"} | arguments
    assert shop().refused("StartQuery", **given).code == code
    assert shop().refused("GetQueryResults", queryId="gone").code == "ResourceNotFoundException"


class RareFeed(TinyFeed):
    """One group, of class Infrequent Access."""

    def groups(self) -> list[GroupInfo]:
        return [GroupInfo(ACCESS, T0, group_class="INFREQUENT_ACCESS")]


def test_no_fields_are_discovered_in_a_group_of_infrequent_access() -> None:
    client = Client(RareFeed({ACCESS: [event(0, json.dumps(ENTRIES[0]))]}))
    assert rows("filter ispresent(status)", client) == []
    assert len(rows("filter @message like 'status'", client)) == 1
