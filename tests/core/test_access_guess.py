"""Formats nobody told: what their lines are taken for, said in words, and never more than the line proves."""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access import read_access
from apigw_tui.core.access_format import AccessFormat, sniff, sniff_each
from apigw_tui.core.access_guess import guesses, told_by
from apigw_tui.core.access_names import unsure, variables_by_name
from apigw_tui.core.access_sniff import guess_each

ID: Final = "5d0c7a1e-2222-4333-8444-0123456789ab"
AT: Final = "04/Mar/2026:09:08:07 +0000"
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"
HOSTILE: Final = 'Mozilla/5.0 "x", {y} a=b, status: 500'

CORE: Final = {"request_id": ID, "status": 404, "method": "GET"}
TOOK: Final = {**CORE, "latency_ms": 31}
ROUTED: Final = {**CORE, "route": "/carts/{id}"}


def read(line: str) -> dict[str, Any]:
    """What a line says whose format nobody told."""
    found = sniff([line])
    assert found is not None, line
    row = read_access(pl.Series([line]), found).row(0, named=True)
    assert row["readable"]
    return row


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f'{{"requestId":"{ID}","method":"GET","path":"/p/carts/7","status":404,"latency":31}}', TOOK),
        (f'{{"requestId":"{ID}","httpMethod":"GET","status":"404","responseTime":"31","route":"/carts/{{id}}"}}', TOOK),
        (f'{{"http":{{"request":{{"id":"{ID}","method":"GET"}},"status_code":404}},"latencyMs":31}}', TOOK),
        (f"{{'requestId':'{ID}','method':'GET','path':'/p/carts/7','status':'404','ua':'{AGENT}'}}", CORE),
        (f"requestId={ID};method=GET;path=/p/;status=404;latency=31;ua={HOSTILE}", TOOK),
        (f"requestId: {ID} / httpMethod: GET / path: /p/carts/ / status: 404 / responseLatency: 31", TOOK),
        (f"ip=192.0.2.7 requestId={ID} userAgent= httpMethod=GET status=404 responseLatency=31", TOOK),
        (f'sourceIp: 192.0.2.7, shop {AT} "GET /p/ GET /carts HTTP/1.1" requestId: {ID} status: 404', CORE),
        (f"192.0.2.7,{AT},GET,/carts/{{id}},HTTP/1.1,404,18,{ID}", ROUTED),
        (f'"192.0.2.7,-,-,{AT},GET,/carts/{{id}},HTTP/1.1,404,18,{ID}"', ROUTED),
        (f"{ID},192.0.2.7,-,-,{AT},GET,/carts/{{id}},404,HTTP/1.1,18", ROUTED),
        (f"192.0.2.7,-,-,key1,{AGENT},{AT},GET,/carts/{{id}},HTTP/1.1,404,WAF_ALLOW,18,{ID},Bq7xT0abcDEFghI=", ROUTED),
        (f'192.0.2.7 - [{AT}] "GET /carts/{{id}} HTTP/1.1" 404 18 {ID}', ROUTED),
        (f'{ID} 192.0.2.7 {AT} "GET /carts/{{id}} HTTP/1.1" 404 18', ROUTED),
        (f'192.0.2.7 - - [{AT}] "GET /p/a,b HTTP/1.1" 404 18 "{AGENT}" {ID} 31', {**CORE, "user_agent": AGENT}),
        (f"{AT} | {ID} | GET /p/carts/7 | 404 | 31 ms | {AGENT}", CORE),
        (f"{ID} GET GET /carts/{{id}} 404 -", ROUTED),
        (f"({ID}), APIKey: -, HTTP Method: GET, Path: /carts/{{id}}, Status: 404, Errors: -", ROUTED),
        (f"{ID}\t{AT}\tGET\t/p/carts/7\t404\t31\t", CORE),
    ],
)
def test_a_line_of_an_unknown_format_tells_its_request(line: str, told: dict[str, Any]) -> None:
    row = read(line)
    assert {name: row[name] for name in told} == told


@pytest.mark.parametrize(
    "line",
    [
        f"2026-03-04T09:08:07Z INFO {ID} GET /carts/7 200 in 31 ms",
        f"[INFO] 2026-03-04 09:08:07,123 {ID} POST /carts -> 502",
        f"Processing request {ID} for customer 200",
        f"requestId: {ID}, processing order 7, status: pending, path: /carts",
        f'{{"requestId":"{ID}","status":"ok","path":"/carts","note":"x"}}',
        f'{{"requestId":"{ID}","latency":31,"status":"done"}}',
        f'{{"requestId":"{ID}","statusCode":200,"body":"…"}}',
        f"ERROR {ID} GET failed with 503 from 192.0.2.7 after 1772615287000",
        f"at /var/task/app.js:200 GET MESSAGE {ID}",
        f"cart '{ID}' WHERE status = 200 AND method = GET",
        f'Endpoint request body: {{"id":"{ID}","path":"/carts","httpMethod":"GET","requestTime":"{AT}"}}',
        f"{ID} 200 OK",
    ],
)
def test_lines_of_applications_are_not_taken_for_access_entries(line: str) -> None:
    assert sniff([line]) is None


def test_what_only_looks_like_a_value_is_not_claimed() -> None:
    row = read(f'192.0.2.7 - - [{AT}] "GET /carts HTTP/1.1" 404 18 {ID} 200 - - "no" -')
    assert row["integration_error"] is None
    row = read(f'{{"requestId":"{ID}","status":"404","ip":"192.0.2.7","errorType":"Missing token"}}')
    assert row["response_type"] is None


def test_an_object_within_a_value_belongs_to_it() -> None:
    error = 'Lambda Customer Function Error: {"errorType": "KeyError", "status": 1}'
    row = read(
        f'{{"requestId":"{ID}","integrationError":"{error}","status":"404","httpMethod":"GET","ip":"192.0.2.7"}}'
    )
    assert (row["integration_error"], row["status"], row["source_ip"]) == (error, 404, "192.0.2.7")


def test_a_name_means_what_the_names_beside_it_leave_open() -> None:
    assert variables_by_name(["latency"])["latency"] == "responseLatency"
    assert variables_by_name(["latency", "responseLatency"])["latency"] == ""
    alone = variables_by_name(["integrationStatus"])
    beside = variables_by_name(["integrationStatus", "integrationServiceStatus"])
    socket = variables_by_name(["integrationStatus", "integrationServiceStatus", "eventType"])
    assert alone["integrationStatus"] == socket["integrationStatus"] == "integrationStatus"
    assert beside["integrationStatus"] == "integration.status"
    assert unsure(["latency", "status", "cx"]) == {"latency": "responseLatency"}


def test_entries_that_mean_different_things_by_a_name_have_formats_of_their_own() -> None:
    base = f'"requestId":"{ID}","status":"404","ip":"192.0.2.7"'
    first, second = sniff_each(pl.Series([f'{{{base},"latency":1}}', f'{{{base},"latency":1,"responseLatency":2}}']))
    assert first is not None
    assert second is not None
    assert "responseLatency" in {field.variable for field in first.fields if field.name == "latency"}
    assert [field.name for field in second.fields if field.variable == "responseLatency"] == ["responseLatency"]


def test_a_guess_is_said_once_per_group_with_its_doubts() -> None:
    entry = f'{{"requestId":"{ID}","status":"404","method":"GET","latency":"31"}}'
    events = pl.DataFrame({"log_group": ["a", "a", "b", "/aws/lambda/f"], "message": [entry, entry, "hello", entry]})
    found = guesses(events, known=())
    assert [guess.group for guess in found] == ["a"]
    assert found[0].told == (
        "access format of a is guessed: JSON with request ID, status, method, latency"
        " (latency taken for $context.responseLatency)"
    )
    assert found[0].sentence == f"{found[0].told}; --access-format corrects it"
    assert guesses(events, known={"a"}) == []


def test_a_format_is_told_by_the_fields_that_matter_most() -> None:
    assert told_by(AccessFormat.compile("$context.stage $context.requestId")) == "text with request ID"
    assert told_by(AccessFormat.compile("$context.stage")) == "text with fields of no known meaning"
    wide = "$context.requestId,$context.status,$context.httpMethod,$context.path,$context.responseLatency,"
    assert told_by(AccessFormat.compile(f"{wide}$context.identity.sourceIp")).endswith("path, latency, …")


_PIECES: Final = st.sampled_from(
    [ID, AT, "GET", "/a", "/a/{b}", "HTTP/1.1", "200", "-", '"', "[", "]", ",", " ", "{", "}", ":", "=", "status", "é"]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=6)), max_size=24).map("".join))
def test_property_any_line_is_guessed_or_not_but_never_an_error(line: str) -> None:
    for source in guess_each(pl.Series([line])).drop_nulls().to_list():
        row = read_access(pl.Series([line]), AccessFormat.guess(source)).row(0, named=True)
        assert row["request_id"] is None or row["request_id"] in line
        assert row["status"] is None or str(row["status"]) in line
