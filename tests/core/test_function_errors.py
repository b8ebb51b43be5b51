"""Errors of functions are told by type and message, with their stack traces, whatever the runtime."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.function_errors import FunctionError, error_in

_ID = "41f0a7c2-9d3e-4b18-8c55-7e2a90b1d6f4"
_AT = "2026-03-09T02:11:31.479Z"
_NODE = {
    "errorType": "TypeError",
    "errorMessage": "no price",
    "stack": ["TypeError: no price", "    at total (/var/task/cart.js:7:2)", "    at handler (/var/task/app.js:31:4)"],
}

_WRITTEN = {
    "node": (f"{_AT}\t{_ID}\tERROR\tInvoke Error \t{json.dumps(_NODE)}", "TypeError: no price", 2),
    "node, printed": (
        f"{_AT}\t{_ID}\tERROR\tTypeError: no price\n    at total (/var/task/cart.js:7:2)\n",
        "TypeError: no price",
        1,
    ),
    "python": (
        (
            "[ERROR] KeyError: 'room'\nTraceback (most recent call last):\n"
            '\xa0\xa0File "/var/task/chat.py", line 12, in handler\n\xa0\xa0\xa0\xa0send(event)\n'
            '\xa0\xa0File "/var/task/chat.py", line 44, in send\n'
        ),
        "KeyError: 'room'",
        2,
    ),
    "python, logged": (
        (
            f'[ERROR]\t{_AT}\t{_ID}\tnot stored\nTraceback (most recent call last):\n  File "app.py", line 2, in h\n'
            "ValueError: bad sum\n"
        ),
        "not stored: ValueError: bad sum",
        1,
    ),
    "java": (
        (
            "java.lang.IllegalStateException: order is shut\n\tat com.example.Orders.add(Orders.java:12)\n"
            "\tat com.example.Handler.handle(Handler.java:7)\nCaused by: java.io.IOException: closed\n\t... 2 more\n"
        ),
        "java.lang.IllegalStateException: order is shut",
        2,
    ),
    "go": (
        (
            "panic: runtime error: index out of range [3] with length 2\n\ngoroutine 1 [running]:\nmain.handler(...)\n"
            "\t/src/main.go:12 +0x1d\n"
        ),
        "panic: runtime error: index out of range [3] with length 2",
        1,
    ),
    "go, json": (
        json.dumps(
            {
                "errorType": "boundsError",
                "errorMessage": "out of range",
                "stackTrace": [{"path": "example.com/shop/main.go", "line": 12, "label": "handler"}],
            }
        ),
        "boundsError: out of range",
        1,
    ),
    ".net": (
        (
            "System.NullReferenceException: Object reference not set.\n"
            "   at Shop.Function.Handle(Order o) in /src/Function.cs:line 12\n   at lambda_method1(Closure)\n"
        ),
        "System.NullReferenceException: Object reference not set.",
        2,
    ),
    "json log format": (
        json.dumps(
            {
                "timestamp": _AT,
                "level": "ERROR",
                "requestId": _ID,
                "message": {
                    "errorType": "RangeError",
                    "errorMessage": "Invalid time",
                    "stackTrace": ["at toIso (/v.js:34:17)"],
                },
            }
        ),
        "RangeError: Invalid time",
        1,
    ),
    "a logging library": (
        json.dumps(
            {"level": "ERROR", "message": "failed", "error": {"name": "TypeError", "message": "x", "stack": "at a (b)"}}
        ),
        "TypeError: x",
        1,
    ),
    "the process": (
        f"RequestId: {_ID} Error: Runtime exited with error: exit status 1\nRuntime.ExitError",
        "Runtime.ExitError: Runtime exited with error: exit status 1",
        0,
    ),
}


@pytest.mark.parametrize("runtime", _WRITTEN)
def test_an_error_is_told_by_type_and_message(runtime: str) -> None:
    written, title, depth = _WRITTEN[runtime]
    found = error_in(written)
    assert found is not None
    assert (found.title, found.depth) == (title, depth)


@pytest.mark.parametrize(
    "message",
    [
        f"{_AT}\t{_ID}\tINFO\tlunch at noon",
        f"{_AT}\t{_ID}\tERROR\tpayment declined: card 4",
        '{"level": "INFO", "message": "hi", "name": "cart"}',
        '{"level": "ERROR", "message": "cut in the mid',
        "",
    ],
)
def test_what_names_no_error_is_none(message: str) -> None:
    assert error_in(message) is None


def test_no_row_of_a_stack_trace_is_lost() -> None:
    written, _, _ = _WRITTEN["java"]
    found = error_in(written)
    assert found is not None
    assert [found.title, *found.frames] == written.rstrip().split("\n")


def test_escapes_of_json_cannot_steer_the_terminal() -> None:
    found = error_in('{"errorType": "Error", "errorMessage": "a\\u001b[2Jb", "stackTrace": ["at x\\u009b (y)"]}')
    assert found == FunctionError("Error", "a␛[2Jb", ("at x� (y)",))


@given(st.text())
def test_property_any_text_is_an_error_or_none(text: str) -> None:
    found = error_in(text)
    assert found is None or found.title or found.frames
