"""Answers without an end that is known: frames as chunks (`Transfer-Encoding: chunked`) while time goes on."""

from __future__ import annotations

import asyncio
from typing import Final

from apigw_tui.emulator.http1 import encode_head
from apigw_tui.emulator.wire import FrameStream, Response

LOOK_EVERY_S: Final = 0.01
"""How often a stream looks at the clock, in real time: under test the clock moves as it likes."""

_LAST_CHUNK: Final = b"0\r\n\r\n"


async def send_frames(
    response: Response, stream: FrameStream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Send what is due, one frame per chunk, until the stream is over or the client is gone."""
    try:
        writer.write(encode_head(response, {"Transfer-Encoding": "chunked", "Connection": "close"}))
        while not reader.at_eof():
            for frame in stream.due():
                writer.write(b"%x\r\n%b\r\n" % (len(frame), frame))
            await writer.drain()
            if stream.over:
                break
            await asyncio.sleep(LOOK_EVERY_S)
        if stream.cut:
            writer.transport.abort()
        else:
            writer.write(_LAST_CHUNK)
            await writer.drain()
    finally:
        stream.close()
