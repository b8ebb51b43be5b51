"""Frames of AWS's event streams (`application/vnd.amazon.eventstream`), as StartLiveTail answers them.

A frame, big-endian: total length, length of the headers, CRC-32 of these two, headers, payload, CRC-32 of all
before. A header: length of its name, name, 7 for "string", length of its value, value. Source: AWS, "Amazon
Transcribe: event stream encoding", which holds for all services.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any, Final

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"
_PAYLOAD_TYPE: Final = "application/x-amz-json-1.1"
_STRING: Final = 7
_FRAMING_BYTES: Final = 16


def event_frame(kind: str, payload: Mapping[str, Any]) -> bytes:
    """One event, such as `sessionUpdate`."""
    return _json_frame({":message-type": "event", ":event-type": kind}, payload)


def exception_frame(code: str, message: str) -> bytes:
    """The error that ends a stream."""
    return _json_frame({":message-type": "exception", ":exception-type": code}, {"message": message})


def damaged(frame: bytes) -> bytes:
    """The same frame with a checksum that does not fit."""
    return frame[:-1] + bytes([frame[-1] ^ 0xFF])


def _json_frame(headers: Mapping[str, str], payload: Mapping[str, Any]) -> bytes:
    return _frame({**headers, ":content-type": _PAYLOAD_TYPE}, json.dumps(payload).encode())


def _frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    head = b"".join(_header(name.encode(), value.encode()) for name, value in headers.items())
    prelude = struct.pack("!II", _FRAMING_BYTES + len(head) + len(payload), len(head))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + head + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _header(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + struct.pack("!BH", _STRING, len(value)) + value
