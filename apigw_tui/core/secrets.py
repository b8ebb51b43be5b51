"""Secrets in log text: found by the name in front of them or by their own shape, and masked.

API Gateway itself stars only Authorization and X-Api-Key. With data tracing, cookies, session tokens and
passwords in bodies are in clear. Text may be cut anywhere, so a value may lack its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK: Final = "****"
_LONG: Final = 16
_SHOWN: Final = 4
_CUT_MARKER: Final = " [TRUNCATED]"

_HEADERS: Final = frozenset(
    {
        "authorization",
        "cookie",
        "cookies",
        "proxyauthorization",
        "setcookie",
        "xaccesstoken",
        "xamzsecuritytoken",
        "xapikey",
        "xauthtoken",
    }
)
_FIELDS: Final = frozenset({"pwd", "signature", "sig", "token"})
_FIELD_ENDINGS: Final = (
    "accesskeysecret",
    "accesstoken",
    "apikey",
    "authorizationtoken",
    "authtoken",
    "clientassertion",
    "csrftoken",
    "idtoken",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "refreshtoken",
    "secret",
    "secretaccesskey",
    "secretkey",
    "securitytoken",
    "sessiontoken",
    "xamzsignature",
)
_NOT_SECRET: Final = frozenset({"", "-", "null", "none", "(none)", "true", "false", "undefined", "nil"})

_NAMED: Final = re.compile(r"(?<![\w-])([\w-]{2,64})(\\*[\"'])?(\s{0,3}[:=]\s{0,3})", re.ASCII)
_XML: Final = re.compile(r"<(?:[\w.-]{1,40}:)?([\w.-]{2,64})(?:\s[^<>]{0,200})?>([^<]+)", re.ASCII)
_QUOTE: Final = re.compile(r"(\\*)([\"'])")
_CLOSING: Final = re.compile(r"(?<!\\)(\\*)([\"'])")
_ARRAY: Final = re.compile(r"\s*\[\s*")
_BETWEEN: Final = re.compile(r"\s*,\s*")
_NUMBER: Final = re.compile(r"-?\d[\d.eE+-]*")
_MAP_VALUE_END: Final = re.compile(r", (?=[A-Za-z0-9-]+=)|\}(?=[\s,\])\"']|$)| \[TRUNCATED\]|$", re.MULTILINE)
_SCHEMES: Final = r"(?:bearer|basic|digest|negotiate|token|apikey|aws4-hmac-sha256) {1,3}(?=\S)"
_HEADER_TOKEN: Final = re.compile(rf"(?:{_SCHEMES})?[^\s,;}}\]\"'\\]+", re.IGNORECASE)
_COOKIES: Final = re.compile(r"[^\s;,\"'\\]+(?:; {0,2}[^\s;,\"'\\]+)*")
_FORM_VALUE: Final = re.compile(r"[^&\s\"'<>,;}\]\\]+")
_SCHEME: Final = re.compile(_SCHEMES, re.IGNORECASE)
_PLAIN_ENDING: Final = re.compile(r"[\w+/=.~-]{4}", re.ASCII)

_SHAPES: Final = (
    re.compile(r"(?<![\w-])eyJ[\w-]{5,}(?:\.[\w-]+)(?:\.[\w-]*){0,3}", re.ASCII),  # JWT
    re.compile(r"(?<![A-Za-z0-9+/])(?:AKIA|ASIA)[A-Z0-9]{8,124}(?![A-Za-z0-9+/])"),  # access key ID
    re.compile(r"(?<=\bBearer )(?:(?=[^\s\d]{0,200}\d)[\w.~+/-]{8,}|[\w.~+/-]{16,})=*", re.ASCII | re.IGNORECASE),
)


_WORDS: Final = re.compile("token|key|secret|passw|passphrase|pwd|sig|cookie|authorization|assertion")
"""What every name of a secret holds when it is written small and without `-` and `_`."""


def mask_secrets(text: str) -> str:
    """Return the text with every secret's value replaced by `****`, and its last 4 characters if it is long.

    Masking twice changes nothing. Request IDs are never masked for what they look like.
    """
    return _masked(text)[0] if _may_hold_secrets(text) else text


def mask_value(name: str, text: str) -> str:
    """Return a field's value masked, also where only its name tells that it is a secret."""
    lead = f"{name}: "
    hidden = mask_secrets(f"{lead}{text}")
    return hidden.removeprefix(lead) if hidden.startswith(lead) else mask_secrets(text)


def count_secrets(text: str) -> int:
    """Return how many values `mask_secrets` would mask."""
    return _masked(text)[1] if _may_hold_secrets(text) else 0


def _may_hold_secrets(text: str) -> bool:
    """Whether a closer look can find any: most values are neither named nor shaped like one."""
    if "eyJ" in text or "AKIA" in text or "ASIA" in text or (" " in text and "bearer " in text.lower()):
        return True
    if ":" not in text and "=" not in text and "<" not in text:
        return False
    return _WORDS.search(text.replace("-", "").replace("_", "").lower()) is not None


def _masked(text: str) -> tuple[str, int]:
    total = 0
    for find in (_named_values, _xml_values, _shaped_values):
        pieces = _Pieces(text)
        for start, end in find(text):
            pieces.mask(start, end)
        text, count = pieces.text(), pieces.masked
        total += count
    return text, total


@dataclass
class _Pieces:
    """A text under way, with the spans before `position` already masked."""

    source: str
    position: int = 0
    masked: int = 0
    parts: list[str] = field(default_factory=list)

    def mask(self, start: int, end: int) -> None:
        """Mask the value in a span that begins after the last one ended."""
        value = self.source[start:end]
        kept = value.lstrip()
        scheme = _SCHEME.match(kept)
        if scheme:
            kept = kept[scheme.end() :]
        secret = kept.rstrip()
        if start < self.position or secret.startswith(MASK) or secret.lower() in _NOT_SECRET:
            return
        begin = start + len(value) - len(kept)
        self.parts += [self.source[self.position : begin], _mask_of(secret)]
        self.position = begin + len(secret)
        self.masked += 1

    def text(self) -> str:
        """Return the whole text."""
        return "".join((*self.parts, self.source[self.position :]))


def _mask_of(secret: str) -> str:
    ending = secret[-_SHOWN:]
    return MASK + ending if len(secret) >= _LONG and _PLAIN_ENDING.fullmatch(ending) else MASK


def _is_secret_name(name: str) -> bool:
    plain = name.lower().replace("-", "").replace("_", "")
    return plain in _HEADERS or plain in _FIELDS or plain.endswith(_FIELD_ENDINGS)


def _named_values(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    while named := _NAMED.search(text, position):
        position = named.end()
        if not _is_secret_name(named[1]):
            continue
        for start, end in _values_at(text, named):
            yield start, end
            position = max(position, end)


def _values_at(text: str, named: re.Match[str]) -> list[tuple[int, int]]:
    at = named.end()
    if array := _ARRAY.match(text, at):
        return _array_values(text, array.end())
    if quote := _QUOTE.match(text, at):
        return [_quoted(text, quote)]
    if named[2] is not None:
        number = _NUMBER.match(text, at)
        return [number.span()] if number else []
    return [_bare_value(text, named)]


def _array_values(text: str, at: int) -> list[tuple[int, int]]:
    values = []
    while quote := _QUOTE.match(text, at):
        values.append(_quoted(text, quote))
        after = _QUOTE.match(text, values[-1][1])
        between = _BETWEEN.match(text, after.end()) if after else None
        if between is None:
            break
        at = between.end()
    return values


def _quoted(text: str, opening: re.Match[str]) -> tuple[int, int]:
    """Return the span within quotes, which may themselves be escaped: JSON within JSON."""
    depth, mark = len(opening[1]), opening[2]
    for closing in _CLOSING.finditer(text, opening.end()):
        if closing[2] == mark and _closes(len(closing[1]), depth):
            return opening.end(), closing.end() - 1 - min(depth, len(closing[1]))
    cut = text.find(_CUT_MARKER, opening.end())
    return opening.end(), len(text) if cut < 0 else cut


def _closes(backslashes: int, depth: int) -> bool:
    """Tell whether a quote after that many backslashes ends a string opened after `depth` of them."""
    while depth:
        if backslashes % 2 == 0:
            return True
        backslashes, depth = (backslashes - 1) // 2, (depth - 1) // 2
    return backslashes % 2 == 0


def _bare_value(text: str, named: re.Match[str]) -> tuple[int, int]:
    """Return the span of a value without quotes: in a header map, a header line, a form or a query string."""
    at, name = named.end(), named[1].lower().replace("-", "")
    before = text[max(0, named.start() - 2) : named.start()]
    if named[3] == "=" and (before.endswith("{") or before == ", "):
        end = _MAP_VALUE_END.search(text, at)
        return at, end.start() if end else len(text)
    pattern = _FORM_VALUE
    if name in _HEADERS:
        pattern = _COOKIES if "cookie" in name else _HEADER_TOKEN
    value = pattern.match(text, at)
    return value.span() if value else (at, at)


def _xml_values(text: str) -> Iterator[tuple[int, int]]:
    return (element.span(2) for element in _XML.finditer(text) if _is_secret_name(element[1]))


def _shaped_values(text: str) -> Iterator[tuple[int, int]]:
    spans = [found.span() for shape in _SHAPES for found in shape.finditer(text)]
    return iter(sorted(spans))
