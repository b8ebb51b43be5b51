"""HTTP/1.1 over asyncio streams: as much of it as AWS clients use."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from apigw_tui.emulator.wire import Request, Response, request_id

LARGEST_HEAD: Final = 64 * 1024
_LARGEST_BODY: Final = 16 * 1024 * 1024
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class BadHttpError(Exception):
    """A request that cannot be read; the connection ends with this status."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """The next request of a connection; None when the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise BadHttpError(HTTPStatus.BAD_REQUEST) from error
        return None
    except asyncio.LimitOverrunError as error:
        raise BadHttpError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from error
    first, *lines = head.decode("latin-1").strip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
        raise BadHttpError(HTTPStatus.BAD_REQUEST)
    headers = _headers(lines)
    if words[2] == "HTTP/1.0":
        headers.setdefault("connection", "close")
    size = _body_size(headers)
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(_CONTINUE)
        await writer.drain()
    try:
        body = await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        raise BadHttpError(HTTPStatus.BAD_REQUEST) from error
    return Request(words[0], words[1], headers, body)


def stays_open(request: Request) -> bool:
    """Whether the client will send another request on this connection."""
    return request.headers.get("connection", "").lower() != "close"


def encode_response(response: Response, *, keep_alive: bool) -> bytes:
    """The response as sent."""
    size = {"Content-Length": str(len(response.body)), "Connection": "keep-alive" if keep_alive else "close"}
    return encode_head(response, size) + response.body


def encode_head(response: Response, framing: Mapping[str, str]) -> bytes:
    """Status and headers; `framing` says how the body ends."""
    headers = {
        "Content-Type": response.content_type,
        "x-amzn-RequestId": request_id(),
        **framing,
        **response.headers,
    }
    phrase = HTTPStatus(response.status).phrase
    lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise BadHttpError(HTTPStatus.BAD_REQUEST)
        headers[name.strip().lower()] = value.strip()
    return headers


def _body_size(headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise BadHttpError(HTTPStatus.NOT_IMPLEMENTED)
    text = headers.get("content-length", "0")
    if not text.isascii() or not text.isdigit():
        raise BadHttpError(HTTPStatus.BAD_REQUEST)
    if int(text) > _LARGEST_BODY:
        raise BadHttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return int(text)
