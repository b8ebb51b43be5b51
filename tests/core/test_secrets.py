"""Secrets are masked, wherever they stand and also when the text is cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core import secrets
from apigw_tui.core.secrets import count_secrets, mask_secrets

_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJidXllci03In0.c2lnbmF0dXJlLW9mLXRlc3Q"
_REQUEST_ID = "8f0c2a1e-4b7d-4e21-9a55-0c6d1f2e3a4b"

_FRAGMENTS = st.sampled_from(
    [
        "Authorization=",
        "Cookie=",
        "X-Api-Key: ",
        '"password": "',
        '\\"client_secret\\":\\"',
        "access_token=",
        "Bearer ",
        _JWT,
        "AKIAEXAMPLE012345678",
        "<password>",
        "[",
        "{",
        "}",
        ", ",
        '"',
        '\\"',
        "'",
        "\\",
        "&",
        "; ",
        "=",
        "****",
        "hunter2hunter2hunter2",
        "\n",
        " [TRUNCATED]",
        "-",
    ]
)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "{Accept=*/*, Authorization=Bearer abc, Cookie=a=1; b=2, Host=shop.example}",
            "{Accept=*/*, Authorization=Bearer ****, Cookie=****, Host=shop.example}",
        ),
        (
            "{cookie=session=0123456789abcdef; theme={dark}; x=y, x-amzn-RequestId=" + _REQUEST_ID + "}",
            "{cookie=****, x-amzn-RequestId=" + _REQUEST_ID + "}",
        ),
        ("{X-Api-Key=0123456789abcdefWXYZ}", "{X-Api-Key=****WXYZ}"),
        (
            "{X-Amz-Security-Token=IQoJb3JpZ2luX2VjEExample [TRUNCATED]",
            "{X-Amz-Security-Token=****mple [TRUNCATED]",
        ),
        (
            "{Set-Cookie=id=a; Expires=Wed, 21 Oct 2026 07:28:00 GMT, Via=1.1 x}",
            "{Set-Cookie=****, Via=1.1 x}",
        ),
        (
            "{Proxy-Authorization=Basic dXNlcjpwYXNzd29yZA==, A=b}",
            "{Proxy-Authorization=Basic ****ZA==, A=b}",
        ),
        ('{"Authorization": "Bearer x.y", "id": 1}', '{"Authorization": "Bearer ****", "id": 1}'),
        ('{"cookies":["a=1","b=2"],"n":0}', '{"cookies":["****","****"],"n":0}'),
        ('{"password":"pa\\"ss","user":"kim"}', '{"password":"****","user":"kim"}'),
        ('{"password":"cut off he', '{"password":"****'),
        ('{"pwd": 12345, "next": 1}', '{"pwd": ****, "next": 1}'),
        (
            '{"body":"{\\"clientSecret\\":\\"s3\\",\\"n\\":1}"}',
            '{"body":"{\\"clientSecret\\":\\"****\\",\\"n\\":1}"}',
        ),
        ("user=kim&password=hunter2&next=%2F", "user=kim&password=****&next=%2F"),
        ("GET /cb?access_token=abc&state=7 HTTP/1.1", "GET /cb?access_token=****&state=7 HTTP/1.1"),
        ("{refresh_token=abc, page=2}", "{refresh_token=****, page=2}"),
        ("curl -H 'Authorization: Bearer abc' https://x", "curl -H 'Authorization: Bearer ****' https://x"),
        ("Cookie: a=1; b=2 sent", "Cookie: **** sent"),
        ("{'id_token': 'abc', 'n': 1}", "{'id_token': '****', 'n': 1}"),
        (
            "<a><wsse:Password Type='t'>abc</wsse:Password></a>",
            "<a><wsse:Password Type='t'>****</wsse:Password></a>",
        ),
        (f"decoded {_JWT} for {_REQUEST_ID}", f"decoded ****{_JWT[-4:]} for {_REQUEST_ID}"),
        ("sent bearer abcdefgh1234 on", "sent bearer **** on"),
        ("key AKIAEXAMPLE012345678.", "key ****5678."),
    ],
)
def test_the_value_of_a_secret_is_masked_and_nothing_else(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked
    assert count_secrets(text) == max(1, masked.count("****"))


@pytest.mark.parametrize(
    "text",
    [
        f"({_REQUEST_ID}) Starting execution for request: {_REQUEST_ID}",
        f"{_REQUEST_ID} JKJaXmPLvHcESHA= 1-65f0c2a1-4b7d4e219a550c6d1f2e3a4b",
        '{"requestId":"' + _REQUEST_ID + '","apiKeyId":"k1","authorizer":"-"}',
        "{Authorization=**************************************************a1b2c3}",
        "API Key ID: 7hk2m1q9x0",
        '{"password": null, "token": "", "secret": true}',
        "WWW-Authenticate: Bearer realm=shop",
        "Bearer authentication required",
        "nextToken=abc123&page=2",
        "password reset for kim",
    ],
)
def test_ids_starred_values_and_prose_stay(text: str) -> None:
    assert mask_secrets(text) == text
    assert count_secrets(text) == 0


@pytest.mark.parametrize("length", range(4, 52))
def test_a_password_does_not_leak_from_text_cut_anywhere(length: int) -> None:
    text = '{"user":"kim","password":"qzqzqzqzqzqzqz","n":1}'[:length]
    assert "qz" not in mask_secrets(text)


@given(st.lists(st.one_of(_FRAGMENTS, st.text(max_size=6)), max_size=12).map("".join))
def test_property_masking_twice_changes_nothing(text: str) -> None:
    masked = mask_secrets(text)
    assert mask_secrets(masked) == masked
    assert count_secrets(masked) == 0


@given(st.text(min_size=1).filter(lambda value: not value.startswith("****")))
def test_property_a_secret_in_json_is_gone_at_any_depth(value: str) -> None:
    secret = f"qz{value}qz{value}of the end"
    once = json.dumps({"id": 1, "password": secret, "z": [2]})
    twice = json.dumps({"body": once, "z": 3})
    for text in (once, twice, json.dumps([twice])):
        masked = mask_secrets(text)
        assert "qz" not in masked
        json.loads(masked)


@given(st.lists(st.one_of(_FRAGMENTS, st.text(max_size=6)), max_size=12).map("".join))
def test_property_no_secret_is_passed_over_by_the_quick_look(text: str) -> None:
    """Texts that cannot hold a secret are not searched; what a search finds must never be among them."""
    found, count = secrets._masked(text)
    assert (mask_secrets(text), count_secrets(text)) == (found, count)


@pytest.mark.parametrize("name", sorted({*secrets._HEADERS, *secrets._FIELDS, *secrets._FIELD_ENDINGS}))
def test_every_name_of_a_secret_passes_the_quick_look(name: str) -> None:
    assert mask_secrets(f'"{name}": "correct-horse-battery"') != f'"{name}": "correct-horse-battery"'
