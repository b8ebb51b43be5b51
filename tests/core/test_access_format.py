"""Access log formats: compiled, read, mended, guessed."""

from __future__ import annotations

import json
import pickle
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access_format import AccessFormat, sniff
from apigw_tui.core.access_names import variable_of

ID = "0c9f3f3e-1111-4222-8333-abcdefabcdef"
FLAT = (
    '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","status":"$context.status",'
    '"agent":"$context.identity.userAgent","took":"$context.responseLatency"}'
)
CLF = (
    '$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.path '
    '$context.protocol" $context.status $context.responseLength $context.requestId'
)


def rendered(source: str, **values: str) -> str:
    """What API Gateway makes of a format: each variable replaced, `-` for what is absent. Dots are `__`."""
    known = {name.replace("__", "."): value for name, value in values.items()}
    return re.sub(r"\$\{?context\.([\w.]*\w)\}?", lambda found: known.get(found[1], "-"), source)


def only(source: str, line: str) -> dict[str, str | None]:
    row = AccessFormat.compile(source).parse(pl.Series([line])).row(0, named=True)
    return dict(row)


@pytest.mark.parametrize(
    ("source", "style"),
    [
        (FLAT, "json"),
        ('  {\t"a": $context.status}', "json"),
        ("{'a': $context.status}", "kv"),
        (CLF, "clf"),
        ('<request id="$context.requestId"><ip>$context.identity.sourceIp</ip></request>', "xml"),
        ("$context.requestId,$context.status,$context.httpMethod", "csv"),
        ("requestId: $context.requestId, status: $context.status", "kv"),
        ("id=$context.requestId status=$context.status", "kv"),
        ("$context.requestTime $context.httpMethod $context.status $context.requestId", "text"),
        ("$context.requestId", "text"),
        ("${context.requestId}", "text"),
        ("", "text"),
    ],
)
def test_a_format_has_a_style(source: str, style: str) -> None:
    assert AccessFormat.compile(source).style == style


def test_a_flat_json_entry_is_read_by_the_names_the_format_gives() -> None:
    line = rendered(FLAT, requestId=ID, status="200", identity__userAgent="curl/8", responseLatency="12")
    assert only(FLAT, line) == {"requestId": ID, "ip": "-", "status": "200", "agent": "curl/8", "took": "12"}


def test_nested_json_is_named_by_its_path() -> None:
    inner = '{"id":"$context.requestId","identity":{"ip":"$context.identity.sourceIp"}}'
    source = f'{{"context":{inner},"s":$context.status}}'
    line = f'{{"context":{{"id":"{ID}","identity":{{"ip":"192.0.2.1"}}}},"s":201}}'
    assert only(source, line) == {"context.id": ID, "context.identity.ip": "192.0.2.1", "s": "201"}


def test_a_nested_format_reads_a_line_whose_object_is_something_else() -> None:
    source = '{"c":{"id":"$context.requestId"},"s":"$context.status"}'
    assert only(source, '{"c":"x","s":"200"}') == {"c.id": None, "s": "200"}
    assert only(source, '{"c":[1],"s":"200"}') == {"c.id": None, "s": "200"}


def test_dotted_keys_are_not_nested_ones() -> None:
    source = '{"error.message":"$context.error.message","error":{"type":"$context.error.responseType"}}'
    line = '{"error.message":"no","error":{"type":"DEFAULT_4XX"}}'
    assert only(source, line) == {"error.message": "no", "error.type": "DEFAULT_4XX"}


def test_of_equal_keys_each_has_a_name_of_its_own() -> None:
    source = '{"a":"$context.requestId","b":"$context.status","a":"$context.stage"}'
    assert only(source, '{"a":"1","b":"200","a":"3"}') == {"a": "1", "b": "200", "a_2": "3"}
    assert AccessFormat.compile(source).values('{"a":"1","b":"200","a":"3"}')["a_2"] == "3"


def test_of_equal_keys_the_first_counts_in_a_line_that_the_format_did_not_write() -> None:
    source = '{"a":"$context.requestId","b":"$context.status","a":"$context.stage"}'
    assert only(source, '{"a":"1",\n"b":"2","a":"3"}') == {"a": "1", "b": "2", "a_2": None}
    assert only('{"a":"$context.requestId"}', '{"a":"1",\n"b":"2","a":"3"}') == {"a": "1"}


def test_a_dotted_key_beside_the_same_nested_one_has_a_name_of_its_own() -> None:
    source = '{"error.message":"$context.error.message","error":{"message":"$context.integration.error"}}'
    assert only(source, '{"error.message":"no","error":{"message":"yes"}}') == {
        "error.message": "no",
        "error.message_2": "yes",
    }


def test_keys_may_hold_blanks_and_look_like_patterns() -> None:
    source = '{"API mapping":"$context.stage","^.*$":"$context.status","":"$context.requestId"}'
    assert only(source, '{"API mapping":"v1","^.*$":"200","":"x"}') == {
        "API mapping": "v1",
        "^.*$": "200",
        "": "x",
    }


def test_braces_around_a_variable_are_accepted() -> None:
    source = '{"id":"${context.requestId}","s":${context.status},"x":"${context.authorizer.my-claim}"}'
    assert only(source, '{"id":"a","s":200,"x":"y"}') == {"id": "a", "s": "200", "x": "y"}


def test_tabs_and_blanks_between_the_fields_do_not_matter() -> None:
    source = '  {\t"id": "$context.requestId",\t"s": $context.status,  "l": $context.responseLatency}'
    for line in (rendered(source, requestId=ID, status="200"), f'{{"id":"{ID}","s":200,"l":-}}'):
        assert only(source, line) == {"id": ID, "s": "200", "l": "-"}


HOSTILE = '{"id":"$context.requestId","ua":"$context.identity.userAgent","s":"$context.status"}'


@pytest.mark.parametrize(
    ("line", "agent"),
    [
        (r'{"id":"1","ua":"a \"quoted\" one","s":"200"}', 'a "quoted" one'),
        ('{"id":"1","ua":"a "quoted" one","s":"200"}', 'a "quoted" one'),
        (r'{"id":"1","ua":"a\b","s":"200"}', "a\b"),
        ('{"id":"1","ua":"back\\slash","s":"200"}', "back\\slash"),
        ('{"id":"1","ua":"{"x":"y"}","s":"200"}', '{"x":"y"}'),
        ('{"id":"1","ua":"","s":"200"}', ""),
        ('{"id":"1","ua":"a\tb","s":"200"}', "a\tb"),
        ('{"id":"1","ua":"a\nb","s":"200"}', "a\nb"),
        (r'{"id":"1","ua":"é ☃","s":"200"}', "é ☃"),
    ],
)
def test_a_hostile_user_agent_stays_in_its_field(line: str, agent: str) -> None:
    assert only(HOSTILE, line) == {"id": "1", "ua": agent, "s": "200"}


def test_one_broken_line_leaves_the_others_alone() -> None:
    fmt = AccessFormat.compile('{"id":"$context.requestId","s":$context.status,"m":"$context.error.messageString"}')
    lines = [
        '{"id":"1","s":200,"m":"ok"}',
        '{"id":"2","s":-,"m":"-"}',
        '{"id":"3","s":500,"m":""Internal server error""}',
        "garbage",
        "",
        '{"id":"4","s":200,"m":"ok"',
        '{"id":"5","s":201,"m":"fine"}',
        "[1,2]",
        "null",
        '{"other":"7"}',
    ]
    found = fmt.parse(pl.Series(lines))
    assert found.get_column("id").to_list() == ["1", "2", "3", None, None, "4", "5", None, None, None]
    assert found.get_column("s").to_list() == ["200", "-", "500", None, None, "200", "201", None, None, None]
    assert found.get_column("m").to_list()[2] == "Internal server error"


def test_missing_and_trailing_commas_are_read_over() -> None:
    missing = '{"id":"$context.requestId" "s":"$context.status" "p":"$context.path"}'
    assert only(missing, '{"id":"1" "s":"200" "p":"/a"}') == {"id": "1", "s": "200", "p": "/a"}
    trailing = '{"id":"$context.requestId","s":"$context.status",}'
    assert only(trailing, '{"id":"1","s":"200",}') == {"id": "1", "s": "200"}


def test_values_in_doubled_quotes_lose_the_inner_ones() -> None:
    source = json.dumps({"id": '"$context.requestId"', "s": "$context.status"})
    fmt = AccessFormat.compile(source)
    assert [field.variable for field in fmt.fields] == ["requestId", "status"]


def test_an_entry_of_another_layout_is_read_by_its_names() -> None:
    fmt = AccessFormat.compile(FLAT)
    found = fmt.parse(pl.Series([f'{{"status": 503, "requestId": "{ID}", "new": true}}']))
    assert found.row(0, named=True)["status"] == "503"
    assert found.row(0, named=True)["requestId"] == ID


def test_a_clf_line_with_blanks_in_free_text() -> None:
    source = f"{CLF} $context.error.message $context.identity.userAgent"
    line = rendered(
        source,
        identity__sourceIp="192.0.2.9",
        requestTime="01/Feb/2025:03:04:05 +0000",
        httpMethod="GET",
        path="/a",
        protocol="HTTP/1.1",
        status="404",
        responseLength="9",
        requestId=ID,
        error__message="Not Found",
    )
    row = only(source, line)
    assert row["status"] == "404"
    assert row["requestId"] == ID
    assert row["requestTime"] == "01/Feb/2025:03:04:05 +0000"


def test_a_csv_user_agent_may_hold_commas() -> None:
    source = "$context.requestId,$context.identity.userAgent,$context.status,$context.responseLatency"
    row = only(source, f"{ID},Mozilla/5.0 (a, b),200,12")
    assert row["identity.userAgent"] == "Mozilla/5.0 (a, b)"
    assert row["status"] == "200"


def test_a_text_line_that_looks_unusual_is_still_cut_at_the_formats_text() -> None:
    source = "$context.requestId | $context.status | $context.responseLatency"
    assert list(only(source, "a b c | two hundred | fast").values()) == ["a b c", "two hundred", "fast"]


def test_doubled_variables_get_names_of_their_own() -> None:
    fmt = AccessFormat.compile("$context.status $context.status $context.requestId")
    assert [field.name for field in fmt.fields] == ["status", "status_2", "requestId"]


def test_key_value_and_xml_fields_have_the_names_beside_them() -> None:
    worded = AccessFormat.compile("id=$context.requestId code=$context.status")
    assert [field.name for field in worded.fields] == ["id", "code"]
    tagged = AccessFormat.compile('<e id="$context.requestId"><code>$context.status</code></e>')
    assert [field.name for field in tagged.fields] == ["id", "code"]
    assert tagged.values('<e id="1"> <code>200</code> </e>') == {"id": "1", "code": "200"}


def test_the_values_of_one_entry_include_keys_the_format_does_not_know() -> None:
    fmt = AccessFormat.compile(FLAT)
    assert fmt.values('{"requestId":"1","extra":{"a":1},"n":null}') == {
        "requestId": "1",
        "extra.a": "1",
        "n": None,
    }
    assert AccessFormat.compile("$context.requestId $context.status").values("1 200") == {
        "requestId": "1",
        "status": "200",
    }
    assert fmt.values("no entry") == {}


def test_one_field_is_extracted_by_name_variable_or_key() -> None:
    lines = pl.Series(['{"requestId":"1","status":"200","cx":"gold"}', "broken", '{"requestId":"2","status":404}'])
    fmt = AccessFormat.compile(FLAT)
    assert fmt.extract(lines, "status").to_list() == ["200", None, "404"]
    assert fmt.extract(lines, "STATUS").to_list() == ["200", None, "404"]
    assert fmt.extract(lines, "cx").to_list() == ["gold", None, None]
    assert fmt.extract(lines, "identity.userAgent").to_list() == [None, None, None]
    text = AccessFormat.compile("$context.requestId $context.status")
    assert text.extract(pl.Series(["1 200"]), "status").to_list() == ["200"]
    assert text.extract(pl.Series(["1 200"]), "nothing").to_list() == [None]


def test_a_format_is_hashable_and_survives_pickling() -> None:
    fmt = AccessFormat.compile(FLAT)
    assert pickle.loads(pickle.dumps(fmt)) == fmt  # noqa: S301  # our own bytes
    assert len({fmt, AccessFormat.compile(FLAT)}) == 1
    assert fmt.source == FLAT


def test_a_format_is_joined_by_the_request_id() -> None:
    assert AccessFormat.compile(FLAT).joinable
    assert not AccessFormat.compile('{"id":"$context.extendedRequestId","status":"$context.status"}').joinable


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("statusCode", "status"),
        ("Status", "status"),
        ("identity_sourceIp", "identity.sourceIp"),
        ("context.identity.sourceIP", "identity.sourceIp"),
        ("response-latency", "responseLatency"),
        ("integration_latency", "integration.latency"),
        ("integration_status", "integration.status"),
        ("integrationStatus", "integrationStatus"),
        ("integration-integrationStatus", "integration.integrationStatus"),
        ("httpUserAgent", "identity.userAgent"),
        ("RequestPath", "path"),
        ("error-message", "error.message"),
        ("latency", ""),
        ("cx_id", ""),
    ],
)
def test_a_name_suggests_its_variable(name: str, variable: str) -> None:
    assert variable_of(name) == variable


def test_formats_are_guessed_from_lines() -> None:
    entry = f'{{"RequestId":"{ID}","statusCode":200,"sourceIp":"192.0.2.1","cx":"a"}}'
    found = sniff([entry, entry])
    assert found is not None
    assert found.style == "json"
    assert {field.variable for field in found.fields} == {"requestId", "status", "identity.sourceIp"}
    clf = sniff([f'192.0.2.1 - - [01/Feb/2025:03:04:05 +0000] "GET /a HTTP/1.1" 200 5 {ID}'])
    assert clf is not None
    assert clf.style == "clf"
    worded = sniff([f"requestId: {ID}, ip: 192.0.2.1, httpMethod: GET, status: 200"])
    assert worded is not None
    assert worded.style == "kv"
    bare = sniff([ID])
    assert bare is not None
    assert bare.source == "$context.requestId"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["hello"],
        ['{"level":"INFO","message":"x","requestId":"a","status":200,"httpMethod":"GET"}'],
        ['{"requestId":"a"}'],
        ['127.0.0.1 - - [01/Feb/2025:03:04:05 +0000] "GET / HTTP/1.1" 200 612 "-" "curl"'],
        ['{"requestId":"a","status":200,"ip":"192.0.2.1"}', "something else"],
    ],
)
def test_other_lines_are_not_taken_for_access_entries(lines: list[str]) -> None:
    assert sniff(lines) is None


ODD_TEXT = st.text(max_size=60)
SOURCES = st.sampled_from(
    [
        FLAT,
        HOSTILE,
        CLF,
        '{"c":{"d":$context.status},"r":"$context.requestId"}',
        "$context.requestId,$context.path",
    ]
)


@given(
    SOURCES,
    st.lists(st.one_of(ODD_TEXT, ODD_TEXT.map(lambda text: f'{{"requestId":"{text}","status":{text}}}'))),
)
def test_property_any_lines_are_read_row_for_row(source: str, lines: list[str]) -> None:
    fmt = AccessFormat.compile(source)
    assert fmt.read(pl.Series(lines, dtype=pl.String)).height == len(lines)
    for line in lines[:3]:
        fmt.values(line)


@given(st.text(max_size=80), ODD_TEXT)
def test_property_any_text_is_a_format(source: str, line: str) -> None:
    fmt = AccessFormat.compile(source + "$context.requestId" + line)
    assert fmt.read(pl.Series([line, source])).height == 2


JSON_VALUE = st.text(
    st.characters(codec="utf-8", exclude_characters='\\"', exclude_categories=("Cc", "Cs")), max_size=30
)


@given(JSON_VALUE, JSON_VALUE)
def test_property_a_rendered_json_line_gives_its_values_back(agent: str, path: str) -> None:
    source = '{"a":"$context.identity.userAgent","p":"$context.path","s":"$context.status"}'
    line = source.replace("$context.identity.userAgent", "\0").replace("$context.path", path)
    line = line.replace("\0", agent).replace("$context.status", "200")
    assert only(source, line) == {"a": agent, "p": path, "s": "200"}


@given(st.text(st.characters(codec="ascii", categories=("Ll", "Lu", "Nd")), min_size=1), st.integers(100, 599))
def test_property_a_rendered_clf_line_gives_its_values_back(path: str, status: int) -> None:
    line = rendered(CLF, path=f"/{path}", status=str(status), requestId=ID, httpMethod="GET", protocol="HTTP/1.1")
    row = only(CLF, line)
    assert (row["path"], row["status"], row["requestId"]) == (f"/{path}", str(status), ID)


def test_a_guessed_format_reads_by_names_alone() -> None:
    first = '{"requestId":"1","status":"200","ip":"192.0.2.1"}'
    fmt = sniff([first])
    assert fmt is not None
    assert fmt.guessed
    assert fmt.values('{"ip":"192.0.2.2","status":-,"requestId":"2"}') == {
        "ip": "192.0.2.2",
        "status": "-",
        "requestId": "2",
    }


def test_a_name_repeated_inside_of_a_value_does_not_win() -> None:
    line = f"requestId: {ID}, status: 200, httpMethod: GET, userAgent: status: 500"
    fmt = sniff([line])
    assert fmt is not None
    assert fmt.values(line)["status"] == "200"
