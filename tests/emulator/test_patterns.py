"""Every form of the documented filter pattern syntax, on messages of our own."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.emulator.patterns import PatternError, compile_pattern

LINES = {
    "denied": "[WARN 403] key DENIED for checkout",
    "failed": "[FATAL 500] checkout FAILED in cart-service",
    "refund": "[FATAL 502] refund FAILED: upstream said no",
    "served": "[INFO 200] refund served",
}


def matching(pattern: str) -> set[str]:
    matches = compile_pattern(pattern)
    return {name for name, line in LINES.items() if matches(line)}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("", {"denied", "failed", "refund", "served"}),
        ("   ", {"denied", "failed", "refund", "served"}),
        ('" "', {"denied", "failed", "refund", "served"}),
        ("FATAL", {"failed", "refund"}),
        ("fatal", set()),
        ("ATA", {"failed", "refund"}),
        ("FATAL refund", {"refund"}),
        ("refund FATAL", {"refund"}),
        ('"checkout FAILED"', {"failed"}),
        ('"FAILED checkout"', set()),
        ('"cart-service"', {"failed"}),
        ('"[INFO 200]" served', {"served"}),
        ("?DENIED ?served", {"denied", "served"}),
        ('?"said no" ?"for checkout"', {"denied", "refund"}),
        ("?DENIED ?served FATAL", {"failed", "refund"}),
        ("?DENIED -FATAL", {"denied", "served"}),
        ("FATAL -refund", {"failed"}),
        ("-FATAL", {"denied", "served"}),
        ('-"[FATAL"', {"denied", "served"}),
        ('FATAL -"cart-service"', {"refund"}),
        ("%ED%", {"denied", "failed", "refund"}),
        ("%FATAL 50[0-1]%", {"failed"}),
        ("FATAL %no$%", {"refund"}),
        ("-%DENIED|served%", {"failed", "refund"}),
    ],
)
def test_terms_choose_lines(pattern: str, names: set[str]) -> None:
    assert matching(pattern) == names


def test_a_quoted_request_id_is_one_term() -> None:
    matches = compile_pattern('"8f0c2a1e-77aa-4b1c-9d0e-1f2a3b4c5d6e"')
    assert matches("(8f0c2a1e-77aa-4b1c-9d0e-1f2a3b4c5d6e) Starting execution")
    assert not matches("(8f0c2a1e-77aa-4b1c-9d0e-000000000000) Starting execution")


def test_a_quote_inside_a_phrase_is_escaped() -> None:
    assert compile_pattern(r'"\"status\":\"5"')('{"status":"502"}')
    assert compile_pattern(r'"C:\\logs"')(r"at C:\logs\today")


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ("%^[bm]ill%", "mill is down", True),
        ("%^[bm]ill%", "the mill is down", False),
        ("%[bm]ill$%", "pay the bill", True),
        ("%[bm]ill$%", "pay the bill\n", False),
        ("%harbou?r%", "harbor", True),
        ("%harbou?r%", "harbour", True),
        ("%x{3,5}%", "a xxxx b", True),
        ("%x{3,5}%", "a xx b", False),
        ("%^x{,2}y%", "xxy", True),
        ("%^x{,2}y%", "xxxy", False),
        ("%^x{2,}y%", "xxxy", True),
        ("%^open|^close%", "closed at noon", True),
        ("%^open|^close%", "reopened", False),
        ("%dull|dul[^l]%", "dulk", True),
        ("%dull|dul[^l]%", "dukl", False),
        (r"%\[.\]%", "list [7]", True),
        (r"%\[.\]%", "list 7", False),
        (r"%10\.20\.0\.1%", "from 10.20.0.1", True),
        (r"%10\.20\.0\.1%", "from 10020,011", False),
        ("%10.20.0.1%", "from 10020,091", True),
        ("%ro*t%", "rt", True),
        ("%ro+t%", "rt", False),
        (r"%id \d\d$%", "id 42", True),
        (r"%id\D%", "id42", False),
        (r"%a\sb%", "a\tb", True),
        (r"%^\w+$%", "snake_case_9", True),
        (r"%^\w+$%", "kebab-case", False),
        (r"%\x28done\x29%", "all (done)", True),
        (r"%a\x7Cb%", "a", False),
        ("%[a-cx-z]9%", "y9", True),
        ("%[a-cx-z]9%", "m9", False),
        ("%[[|^]%", "a | b", True),
        ("%[a--b]%", "-", True),
        (r"%[\d:]+Z%", "12:30Z", True),
    ],
)
def test_the_limited_regular_expressions(pattern: str, message: str, expected: object) -> None:
    assert compile_pattern(pattern)(message) is expected


TRAIL = json.dumps(
    {
        "kind": "OrderPlaced",
        "sourceIp": "198.51.100.7",
        "labels": ["gold", "gift wrap"],
        "lines": [{"sku": "tea", "pieces": 1}, {"sku": "cup", "pieces": 6}],
        "coupon": None,
        "express": True,
        "insured": False,
        "shop.name": "harbour",
        "price": 42.5,
        "scale": [1000, 0.001],
        "status": "502",
        "code": 502,
        "customer": {"id": 7, "mail": "ada@example.org"},
        "grid": [[0, 1], [2, 3]],
    }
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.kind = "OrderPlaced" }', True),
        ("{$.kind=OrderPlaced}", True),
        ("{ $.kind = Order* }", True),
        ("{ $.kind = *Placed }", True),
        ("{ $.kind = *rPl* }", True),
        ("{ $.kind = Order*Placed }", False),
        ("{ $.kind = * }", True),
        ('{ $.kind = "orderplaced" }', False),
        ("{ $.sourceIp != 203.0.* }", True),
        ("{ $.sourceIp != 198.51.* }", False),
        ('{ $.labels[0] = "gold" }', True),
        ('{ $.labels[1] = "gold" }', False),
        ('{ $.labels[9] = "gold" }', False),
        ('{ $.labels[*] = "gift*" }', True),
        ('{ $.kind[0] = "O" }', False),
        ("{ $.lines[1].pieces = 6 }", True),
        ("{ $.lines[*].pieces > 5 }", True),
        ("{ $.lines[*].pieces > 6 }", False),
        ("{ $.lines[1].weight = 6 }", False),
        ("{ $.kind = %Placed% }", True),
        ("{ $.labels[*] = %go.{2}% }", True),
        (r"{ $.* = %198\.51\.100\.[0-9]{1,2}% }", True),
        ("{ $.* = %^nothing% }", False),
        ("{ $.['shop.name'] = \"harbour\" }", True),
        ("{ $['shop.name'] = harbour }", True),
        ("{ $.coupon IS NULL }", True),
        ("{ $.kind IS NULL }", False),
        ("{ $.missing IS NULL }", False),
        ("{ $.express IS TRUE }", True),
        ("{ $.insured IS TRUE }", False),
        ("{ $.insured IS FALSE }", True),
        ("{ $.missing NOT EXISTS }", True),
        ("{ $.coupon NOT EXISTS }", False),
        ("{ $.customer.phone NOT EXISTS }", True),
        ("{ $.price > 42 }", True),
        ("{ $.price >= 42.5 }", True),
        ("{ $.price < 42.5 }", False),
        ("{ $.price <= +42.5 }", True),
        ("{ $.price > -1 }", True),
        ("{ $.scale[0] = 1e+3 }", True),
        ("{ $.scale[1] = 1e-3 }", True),
        ("{ $.scale[1] != 1e-3 }", False),
        ("{ $.code = 502 }", True),
        ("{ $.code != 200 }", True),
        ("{ $.code = 5* }", True),
        ("{ $.status = 5* }", True),
        ('{ $.status = "5*" }', True),
        ('{ $.status = "502" }', True),
        ('{ $.code = "502" }', False),
        ("{ $.status = 502 }", False),
        ("{ $.status >= 500 }", False),
        ("{ $.labels = gold }", False),
        ("{ $.labels != gold }", False),
        ("{ $.customer != 7 }", False),
        ("{ $.missing != 7 }", False),
        ("{ $.grid[1][0] = 2 }", True),
        ('{ ($.customer.id = 7) && ($.lines[0].sku = "tea") }', True),
        ('{ $.customer.mail = "ada@example.org" || $.grid[0][1] = "x" && $.labels[1] = "x" }', True),
        ('{ ($.customer.mail = "ada@example.org" || $.grid[0][1] = "x") && $.labels[1] = "x" }', False),
        ('{ ($.customer.id = 8 && $.lines[0].sku = "x") || $.labels[1] = "gold" }', False),
    ],
)
def test_json_patterns(pattern: str, expected: object) -> None:
    assert compile_pattern(pattern)(TRAIL) is expected


@pytest.mark.parametrize(
    "message",
    [
        "",
        "plain text",
        '{"code":502',
        'x {"code":502}',
        "[1",
        "502",
        "[" * 100_000,
        '{"agent":"a"b","code":502}',
    ],
)
def test_a_message_that_is_no_json_never_matches_a_json_pattern(message: str) -> None:
    assert not compile_pattern("{ $.code = 502 || $.missing NOT EXISTS }")(message)


ACCESS = '192.0.2.44 shop maya [02/Feb/2026:09:10:11 +0100] "GET /tea.html HTTP/1.1" 404 2048'


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ip, realm, user, time, request, status, bytes]", True),
        ("[ip, realm, user, time, request, status, bytes, more]", False),
        (r"[ip=%192\.0\.2\.[1-9]%, realm, user, time, request =*.html*, status = 4*, bytes]", True),
        ("[..., request =*.html*, status = 4*, bytes]", True),
        ("[..., request =*.php*, status = 4*, bytes]", False),
        ("[ip, realm, ..., status = 404, bytes]", True),
        ("[ip=192.0.2.44, ...]", True),
        ("[ip=192.0.2.4, ...]", False),
        ("[..., status = 404 || status = 410, bytes]", True),
        ("[..., status = 403 || status = 410, bytes]", False),
        ("[..., status = 4* && status != 404, bytes]", False),
        ("[..., (status = 4* || status = 5*) && status != 403, bytes]", True),
        ("[..., bytes > 2000]", True),
        ("[..., bytes > 2048]", False),
        ("[..., bytes >= 2048]", True),
        ("[..., bytes < 1e4]", True),
        ("[..., user = maya, time, request, status, bytes]", True),
        ('[..., time = "02/Feb*", request, status, bytes]', True),
        ("[..., request=*.html*, status=4*,]", True),
        ("[ip, , user=maya, ...]", True),
        ("[ip != 192.*, ...]", False),
        ("[user > 5, ...]", False),
    ],
)
def test_space_delimited_patterns(pattern: str, expected: object) -> None:
    assert compile_pattern(pattern)(ACCESS) is expected


@pytest.mark.parametrize(
    ("pattern", "first_words"),
    [
        ("[w1=FATAL, w2]", ["FATAL"]),
        ("[w1=FATAL || w1=WARN, w2]", ["WARN", "FATAL"]),
        ("[w1!=FATAL && w1!=WARN, w2]", ["INFO"]),
        ("[level, date, time, method, url=%/orders/[0-9]+$%, took]", ["INFO"]),
    ],
)
def test_the_last_column_takes_the_rest_of_the_line(pattern: str, first_words: list[str]) -> None:
    lines = [
        "INFO 02/02/2026 09:10:11 GET /orders/67 120",
        "WARN 02/02/2026 09:10:12 POST /orders/67/lines slow",
        "FATAL 02/02/2026 09:10:13 cannot reach the warehouse",
    ]
    assert [line.split()[0] for line in lines if compile_pattern(pattern)(line)] == first_words


@pytest.mark.parametrize(
    "pattern",
    [
        "cart-service",
        "8f0c2a1e-77aa-4b1c",
        "a.b",
        '"open',
        "?",
        "-",
        '"ERROR" - "Exiting"',
        "naïve",
        'a"b"',
        "%open",
        "%%",
        "%a!b%",
        "%(a)%",
        r"%\(a\)%",
        "%é%",
        "%*a%",
        "%a**%",
        "%a*+%",
        "%a{x}%",
        "%a{,}%",
        "%[z-a]%",
        "%[]%",
        "%[a%",
        r"%a\%",
        r"%\b%",
        r"%\x2%",
        "%a% %b% %c%",
        "{",
        "{}",
        "{ $.a }",
        "{ $ = 1 }",
        "{ a = 1 }",
        "{ $.a == 1 }",
        "{ $.a = }",
        "{ $.a = b/c }",
        "{ $.a > x }",
        '{ $.a < "1" }',
        "{ $.a IS NOT NULL }",
        "{ $.a EXISTS }",
        "{ $.a is null }",
        "{ $.a = 1 && }",
        "{ $.a = 1 & $.b = 2 }",
        "{ ($.a = 1 }",
        "{ $.a = 1 ) }",
        "{ $.a = 1 } x",
        "{ $.a[b] = 1 }",
        "{ $.*.* = 1 }",
        "{ $.*=1 || $.*=2 || $.*=3 || $.*=4 }",
        "{ $.a=%x% || $.a=%y% || $.a=%z% }",
        "{" + "(" * 500 + "$.a = 1" + ")" * 500 + "}",
        "[a, b",
        "[a b]",
        "[a, ..., b, ..., c]",
        "[a = ]",
        "[a = 1 || b = 2]",
        "[a, = 2]",
        "[a] x",
        "[a=%x%, b=%y%, c=%z%]",
    ],
)
def test_what_cloudwatch_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match="Invalid filter pattern"):
        compile_pattern(pattern)


def test_a_refusal_names_the_column() -> None:
    with pytest.raises(PatternError, match="column 9"):
        compile_pattern("{ $.a = }")


@given(pattern=st.text(max_size=60), message=st.text(max_size=60))
def test_property_any_text_compiles_or_is_refused(pattern: str, message: str) -> None:
    try:
        matches = compile_pattern(pattern)
    except PatternError:
        return
    assert matches(message) in {True, False}


@given(
    pattern=st.text(alphabet='{}[]()$.*=!<>&|"%\\?-,:ab1 ', max_size=40),
    message=st.sampled_from([TRAIL, ACCESS, "", "a b 1", '{"a":1}']),
)
def test_property_pattern_like_text_compiles_or_is_refused(pattern: str, message: str) -> None:
    try:
        matches = compile_pattern(pattern)
    except PatternError:
        return
    assert matches(message) in {True, False}


@given(phrase=st.text(min_size=1).filter(str.strip), before=st.text(), after=st.text())
def test_property_a_quoted_phrase_finds_itself(phrase: str, before: str, after: str) -> None:
    quoted = phrase.replace("\\", "\\\\").replace('"', '\\"')
    assert compile_pattern(f'"{quoted}"')(before + phrase + after)
