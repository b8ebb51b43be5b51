"""Log text made safe to show: control characters, secrets and payloads.

Log text is hostile: a caller chooses the path, the user agent and the body.
"""

from __future__ import annotations

import re
from typing import Final

from apigw_tui.core.payload_text import pretty_payload
from apigw_tui.core.secrets import count_secrets, mask_secrets

__all__ = [
    "DELETE",
    "KEPT",
    "LAST_OF_C0",
    "REPLACEMENTS",
    "UNSAFE_RANGES",
    "count_secrets",
    "mask_secrets",
    "pretty_payload",
    "sanitise",
]

_CONTROL_PICTURES: Final = 0x2400
DELETE: Final = 0x7F
_DELETE_PICTURE: Final = "\u2421"
_REPLACEMENT: Final = "\ufffd"
KEPT: Final = (0x09, 0x0A)
LAST_OF_C0: Final = 0x1F

UNSAFE_RANGES: Final = (
    (0x0080, 0x009F),  # C1: 8-bit escape sequences
    (0x00AD, 0x00AD),  # soft hyphen
    (0x061C, 0x061C),  # bidi mark
    (0x180E, 0x180E),  # zero width
    (0x200B, 0x200B),  # zero width; U+200C and U+200D stay: words and emoji need them
    (0x200E, 0x200F),  # bidi marks
    (0x2028, 0x202E),  # line and paragraph separator, bidi embedding and override
    (0x2060, 0x206F),  # invisible operators, bidi isolates, deprecated format controls
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFF9, 0xFFFB),  # interlinear annotation
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE007F),  # tags: invisible text
)
_SURROGATES: Final = (0xD800, 0xDFFF)


def _replacements() -> dict[int, str]:
    table = {code: chr(_CONTROL_PICTURES + code) for code in range(LAST_OF_C0 + 1) if code not in KEPT}
    table[DELETE] = _DELETE_PICTURE
    for first, last in UNSAFE_RANGES:
        table.update(dict.fromkeys(range(first, last + 1), _REPLACEMENT))
    return table


REPLACEMENTS: Final = _replacements()
_PYTHON_TABLE: Final = {**REPLACEMENTS, **dict.fromkeys(range(_SURROGATES[0], _SURROGATES[1] + 1), _REPLACEMENT)}
_LINE_END: Final = re.compile("\r\n?")


def sanitise(text: str) -> str:
    """Replace every character that could steer a terminal or reorder text by one visible character.

    Tab and newline stay; CRLF and a lone CR become a newline.
    """
    if text.isascii() and text.isprintable():
        return text
    return _LINE_END.sub("\n", text).translate(_PYTHON_TABLE)
