"""What a format string lays down: its style, and the fields of its lines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from apigw_tui.core.access_template import Token, only_variable, tokenise, variables_of
from apigw_tui.core.json_text import Path, all_pairs, all_paths, names_of

Style = Literal["json", "clf", "xml", "csv", "kv", "text"]

_MARKED: Final = re.compile("\x02([^\x03]*)\x03")
_NAMED: Final = re.compile(r"([A-Za-z_][\w.\-]*)[\"']?\s*[:=]\s*[\"']?$")
_TAGGED: Final = re.compile(r"<([A-Za-z_][\w.\-:]*)[^<>]*>\s*$|([A-Za-z_][\w.\-:]*)\s*=\s*[\"']$")


@dataclass(frozen=True)
class AccessField:
    """One value of an entry: its name, and the variable it holds.

    `variable` is empty where the value mixes several; `template` is then the format of the value. `path`
    leads to it in a JSON entry; it is empty where another value has the same path.
    """

    name: str
    variable: str
    path: Path = ()
    template: str = ""


def style_of(source: str) -> Style:
    """How the lines of a format look."""
    text = source.strip()
    if text.startswith("{") and not text.startswith("{context.") and _json_fields(source):
        return "json"
    if text.startswith("<"):
        return "xml"
    tokens = tokenise(text)
    between = [before.text for before, after in pairwise(tokens) if after.is_variable]
    texts = [text for text in between if text]
    if 2 * sum(1 for text in texts if _NAMED.search(text)) > len(texts):
        return "kv"
    if "[" in text and '"' in text:
        return "clf"
    return "csv" if 2 * sum(1 for text in texts if text.strip(' "') == ",") > len(texts) else "text"


def _json_fields(source: str) -> tuple[AccessField, ...]:
    marked = "".join(f"\x02{token.text}\x03" if token.is_variable else token.text for token in tokenise(source))
    found = [(path, _MARKED.sub(r"${context.\1}", value or "")) for path, value in all_pairs(marked)]
    held = list(dict.fromkeys((path, template) for path, template in found if variables_of(template)))
    fields: list[AccessField] = []
    for name, (path, template) in zip(names_of(path for path, _ in held), held, strict=True):
        comes_again = any(path == field.path for field in fields)
        fields.append(AccessField(name, only_variable(template), () if comes_again else path, template))
    return tuple(fields)


def has_doubles(fields: tuple[AccessField, ...]) -> bool:
    """Whether a name in a JSON format comes again with another variable: reading it as JSON would miss that one."""
    return any(field.path == () for field in fields)


def _text_name(before: str, variable: str, style: Style) -> str:
    if style == "kv" and (named := _NAMED.search(before)):
        return named[1]
    if style == "xml" and (tagged := _TAGGED.search(before)):
        return tagged[1] or tagged[2]
    return variable


def _text_fields(source: str, style: Style) -> tuple[AccessField, ...]:
    fields: list[AccessField] = []
    taken: set[str] = set()
    before = Token("")
    for token in tokenise(source.strip()):
        if token.is_variable:
            name = _text_name("" if before.is_variable else before.text, token.text, style)
            unique, count = name, 2
            while unique in taken:
                unique, count = f"{name}_{count}", count + 1
            taken.add(unique)
            fields.append(AccessField(unique, token.text))
        before = token
    return tuple(fields)


def fields_of(source: str, style: Style) -> tuple[AccessField, ...]:
    """The fields of a format in order, each name once."""
    return _json_fields(source) if style == "json" else _text_fields(source, style)


def json_keys(source: str) -> list[str]:
    """The dotted names of all values of a JSON format, doubles included."""
    marked = "".join("0" if token.is_variable else token.text for token in tokenise(source))
    return [".".join(path) for path in all_paths(marked)]


def is_json(source: str) -> bool:
    """Whether a line of this format is valid JSON when every value is a number."""
    rendered = "".join("0" if token.is_variable else token.text for token in tokenise(source))
    try:
        json.loads(rendered)
    except (ValueError, RecursionError):
        return False
    return True
