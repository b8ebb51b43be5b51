"""What a file holds, told by its beginning: JSON documents, an event per line, a table, or log lines."""

from __future__ import annotations

import json
import re
from typing import Final, Literal

from apigw_tui.sources.envelopes import begins_envelope, events_of
from apigw_tui.sources.event_records import record_of
from apigw_tui.sources.tables import columns_of

Shape = Literal["documents", "records", "table", "lines"]

_BEGINNING: Final = 65_536
_COMMENT: Final = b"#"
_OBJECT: Final = re.compile(r'\{\s*"[^"\n]*"\s*:')
_LONGEST_WORD: Final = len("false")


def without_comments(block: bytes) -> tuple[list[str], bytes]:
    """The comment lines at the head of a file, and what follows."""
    position = 0
    comments = []
    while position < len(block):
        end = block.find(b"\n", position) + 1 or len(block)
        line = block[position:end]
        if line.startswith(_COMMENT):
            comments.append(line.decode("utf-8", errors="replace").rstrip("\r\n"))
        elif line.strip():
            break
        position = end
    return comments, block[position:]


def shape_of(beginning: bytes) -> Shape:
    """What a text holds that begins so."""
    head = beginning.lstrip()
    if not head.startswith((b"{", b"[")):
        first_line = head[:_BEGINNING].partition(b"\n")[0].decode("utf-8", errors="replace")
        return "lines" if columns_of(first_line) is None else "table"
    first_line = head.partition(b"\n")[0].decode("utf-8", errors="replace").rstrip()
    try:
        value, end = json.JSONDecoder().raw_decode(first_line)
    except (ValueError, RecursionError):
        return _shape_of_many_lines(head)
    rest = first_line[end:].strip(" \t,")
    if rest.startswith(("{", "[")):
        return "documents"
    if not isinstance(value, dict | list) or rest:
        return "lines"
    if record_of(value) is not None:
        return "records"
    return "lines" if events_of(value) is None else "documents"


def _shape_of_many_lines(head: bytes) -> Shape:
    """What JSON holds that does not end on its first line: an object, or a list of some, in many lines."""
    text = head[:_BEGINNING].decode("utf-8", errors="replace")
    if begins_envelope(text):
        return "documents"
    if text.partition("\n")[0].strip() not in ("{", "[", "[{"):
        return "lines"
    begins = _OBJECT.search(text)
    return "documents" if begins is not None and _is_json(text.rstrip(), begins.start()) else "lines"


def _is_json(text: str, position: int) -> bool:
    """Whether JSON stands there, which the text may cut off."""
    try:
        json.JSONDecoder().raw_decode(text, position)
    except json.JSONDecodeError as error:
        return error.pos > len(text) - _LONGEST_WORD or error.msg.startswith("Unterminated string")
    except (ValueError, RecursionError):
        return False
    return True
