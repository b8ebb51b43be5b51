"""Payloads laid out for reading: JSON, XML and form bodies, maps of headers, also when the log cut them.

Nothing is validated and nothing but white space between tokens is changed: numbers, duplicate keys and
escapes stay as they were logged. Only what an envelope of Lambda proxy integration says to be base64 is decoded.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_CUT_MARKER: Final = " [TRUNCATED]"
_INDENT: Final = "  "
_DEEPEST: Final = 24  # a hostile payload nests without end; its layout does not

_JSON_START: Final = re.compile(r'\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:["{\[\]]|-?\d|(?:true|false|null)\b|$))', re.ASCII)
_JSON_TOKEN: Final = re.compile(
    r'(?P<string>"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)?)|(?P<mark>[{}\[\],:])|(?P<blank>\s+)|[^\s{}\[\],:"]+',
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r'\\(["\\/nrt]|u00[2-7][0-9a-fA-F])')
_PLAIN_ESCAPES: Final = {"n": "\n", "r": "\n", "t": "\t"}
_DELETE: Final = "\x7f"

_XML_START: Final = re.compile(r"\s*<[A-Za-z_?!]")
_XML_TOKEN: Final = re.compile(
    r"(?P<other><!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<![^>]*>?)"
    r"|(?P<close></[^>]*>?)"
    r"""|(?P<open><(?:[^<>"']|"[^"]*"?|'[^']*'?)*>?)"""
    r"|[^<]+",
    re.DOTALL,
)

_FORM: Final = re.compile(r"[\w.%\-\[\]+~*$]+=[^\s&]*(?:&[\w.%\-\[\]+~*$]+=[^\s&]*)+&?", re.ASCII)


_BASE64_ENVELOPE: Final = re.compile(r'"isBase64Encoded"\s*:\s*true\b')
_BASE64_BODY: Final = re.compile(r'("body"\s*:\s*)"([A-Za-z0-9+/\-_]{4,}={0,2})("|\Z)')

_NEXT_ENTRY: Final = re.compile(r", (?=([\w.\-\[\]%$]+)=)", re.ASCII)
_DIRECTIVES: Final = frozenset(
    {
        *("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error", "max-stale", "min-fresh"),
        *("for", "by", "proto", "host", "q", "charset", "boundary"),
        *("realm", "error", "error_description", "scope", "Credential", "SignedHeaders", "Signature"),
        *("username", "uri", "nonce", "response", "opaque", "qop", "nc", "cnonce", "algorithm"),
    }
)
"""Names within a header's value, which go on after a comma. A map does not say where its values end."""


def map_entries(text: str) -> list[str] | None:
    """The entries `name=value` of a map `{name=value, name=value}` as far as they can be told; None for another text.

    A map that was cut has no closing brace; its last entry may be half of one.
    """
    body, marker = text.strip(), ""
    if body.endswith(_CUT_MARKER):
        body, marker = body.removesuffix(_CUT_MARKER), _CUT_MARKER
    if not re.match(r"\{[\w.\-\[\]%$]+=", body, re.ASCII) or not (marker or body.endswith("}")):
        return None
    inner = body[1:] if marker else body[1:-1]
    entries, start = [], 0
    for comma in _NEXT_ENTRY.finditer(inner):
        if comma[1] not in _DIRECTIVES:
            entries.append(inner[start : comma.start()])
            start = comma.end()
    return [*entries, inner[start:] + marker]


def _decoded_envelope(text: str) -> str:
    """An envelope with its base64 body in clear, where that is text."""
    return _BASE64_BODY.sub(_clear_body, text, count=1) if _BASE64_ENVELOPE.search(text) else text


def _clear_body(found: re.Match[str]) -> str:
    encoded = found[2].rstrip("=").replace("-", "+").replace("_", "/")
    encoded = encoded[: len(encoded) // 4 * 4] if not found[3] else encoded + "=" * (-len(encoded) % 4)
    try:
        clear = base64.b64decode(encoded, validate=True).decode("utf-8", "strict" if found[3] else "ignore")
    except (binascii.Error, ValueError):
        return found[0]
    if not all(char.isprintable() or char in "\n\r\t" for char in clear):
        return found[0]
    quoted = json.dumps(clear, ensure_ascii=False)
    return found[1] + (quoted if found[3] else quoted[:-1])


def pretty_payload(text: str) -> str:
    """Return JSON and XML indented by two blanks, a form body or map one pair a line, anything else unchanged.

    A string within JSON that itself holds JSON is laid out in its place, and so is the `body` of an envelope of
    Lambda proxy integration when it holds XML or a form.
    """
    entries = map_entries(text)
    if entries is not None:
        return "\n".join(entries)
    body, marker = text, ""
    if text.rstrip().endswith(_CUT_MARKER):
        body, marker = text.rstrip().removesuffix(_CUT_MARKER), _CUT_MARKER
    if _JSON_START.match(body):
        return _json_lines(_decoded_envelope(body), depth=0, unpack=True) + marker
    if body.startswith('"') and (held := _held_json(body.strip())) is not None:
        return _json_lines(held, depth=0, unpack=True) + marker
    if _XML_START.match(body):
        return _xml_lines(body) + marker
    if _FORM.fullmatch(body.strip()):
        return body.strip().replace("&", "\n").rstrip("\n") + marker
    return text


def _json_lines(text: str, *, depth: int, unpack: bool) -> str:
    lines = _JsonLines(depth)
    blank, name, before = False, "", ""
    for token in _JSON_TOKEN.finditer(text):
        if token.lastgroup == "blank":
            blank = True
            continue
        if token.lastgroup == "mark":
            lines.add_mark(token[0])
            name = before if token[0] == ":" else ""
        else:
            is_string = unpack and token.lastgroup == "string"
            held = _held(token[0], lines.depth, is_body=name == '"body"') if is_string else None
            lines.add_value(token[0] if held is None else held, apart=blank)
        blank, before = False, token[0]
    return "".join(lines.parts)


def _held(string: str, depth: int, *, is_body: bool) -> str | None:
    """Return what a JSON string holds, laid out in its place; None where it is to stay as it is."""
    held = _held_json(string)
    if held is not None:
        return _json_lines(held, depth=depth, unpack=False)
    if not is_body:
        return None
    content = string[1:].removesuffix('"')
    clear = _ESCAPE.sub(_unescaped, content).strip()
    if _XML_START.match(clear):
        rows = _xml_lines(clear).split("\n")
    elif _FORM.fullmatch(clear):
        rows = clear.rstrip("&").split("&")
    else:
        return None
    indent = "\n" + _INDENT * min(depth + 1, _DEEPEST)
    return indent + indent.join(rows)


def _held_json(string: str) -> str | None:
    """Return the JSON that a JSON string holds, or None.

    Only escapes of printable characters and line ends are resolved: a control character stays escaped.
    """
    content = string[1:].removesuffix('"')
    held = _ESCAPE.sub(_unescaped, content)
    is_json = held.strip() not in {"{", "[", ""} and _JSON_START.match(held)
    return held if is_json else None


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1]
    if code[0] != "u":
        return _PLAIN_ESCAPES.get(code, code)
    char = chr(int(code[1:], 16))
    return escape[0] if char == _DELETE else char


class _JsonLines:
    """JSON tokens laid out one after another; brackets need not match."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.parts: list[str] = []
        self._base = depth
        self._last = ""

    def add_mark(self, mark: str) -> None:
        """Add one of the marks `{ } [ ] , :`."""
        if mark in "{[":
            self._separate(apart=True)
            self.depth += 1
        elif mark in "}]":
            self.depth = max(self._base, self.depth - 1)
            if self._last not in ("{", "["):
                self._break()
        self.parts.append(": " if mark == ":" else mark)
        self._last = mark

    def add_value(self, value: str, *, apart: bool) -> None:
        """Add a string, number, word, or whatever stands in its place."""
        self._separate(apart=apart)
        if value.startswith("\n"):
            self.parts[-1] = self.parts[-1].rstrip()
        self.parts.append(value)
        self._last = "value"

    def _separate(self, *, apart: bool) -> None:
        if self._last in ("{", "[", ",") or (self._last in ("}", "]") and self.depth == self._base):
            self._break()
        elif apart and self._last not in ("", ":"):
            self.parts.append(" ")

    def _break(self) -> None:
        self.parts.append("\n" + _INDENT * min(self.depth, _DEEPEST))


def _xml_lines(text: str) -> str:
    lines: list[str] = []
    depth, inline = 0, False
    for kind, token in _xml_tokens(text):
        if kind == "close":
            depth = max(0, depth - 1)
        if inline and kind in {"text", "close"}:
            lines[-1] += token
        else:
            lines.append(_INDENT * min(depth, _DEEPEST) + token)
        inline = kind == "open" or (inline and kind == "text")
        if kind == "open":
            depth += 1
    return "\n".join(lines)


def _xml_tokens(text: str) -> Iterator[tuple[str, str]]:
    for token in _XML_TOKEN.finditer(text):
        kind = token.lastgroup or "text"
        content = token[0].strip()
        if kind == "open" and content.endswith("/>"):
            kind = "other"
        if content:
            yield kind, content
