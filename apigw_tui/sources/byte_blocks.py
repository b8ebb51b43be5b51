"""Bytes of files, pipes and stdin in large blocks, gunzipped on the way."""

from __future__ import annotations

import select
import stat
import zlib
from collections.abc import Iterator
from io import RawIOBase
from os import fstat
from threading import Event as StopFlag
from typing import Final

BLOCK_BYTES: Final = 16 * 1024 * 1024
GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
_LOOK_FOR_STOP_S: Final = 0.2
_PIPE_PAUSE_S: Final = 0.05


class CutShortError(Exception):
    """A gzip stream ended before its end, or is damaged; what came before it was delivered."""


def read_blocks(stream: RawIOBase, stop: StopFlag) -> Iterator[bytes]:
    """Blocks of up to 16 MB; a pipe that pauses gives what it has. Ends when stopped."""
    regular = stat.S_ISREG(fstat(stream.fileno()).st_mode)
    block = bytearray()
    while not stop.is_set():
        if not regular and not _is_ready(stream, _PIPE_PAUSE_S if block else _LOOK_FOR_STOP_S):
            if block:
                yield bytes(block)
                block.clear()
            continue
        read = stream.read(BLOCK_BYTES - len(block))
        if not read:
            break
        block += read
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block and not stop.is_set():
        yield bytes(block)


def _is_ready(stream: RawIOBase, seconds: float) -> bool:
    try:
        return bool(select.select([stream], [], [], seconds)[0])
    except (OSError, ValueError):
        return True  # No select on this kind of stream here: a plain read has to do.


def unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks, gunzipped when they begin as gzip does; any number of members. Raises CutShortError."""
    first = next(blocks, b"")
    if not first.startswith(GZIP_MAGIC):
        if first:
            yield first
        yield from blocks
        return
    unpacker = _Gunzip()
    yield from unpacker.feed(first)
    for block in blocks:
        yield from unpacker.feed(block)
    if not unpacker.at_end:
        raise CutShortError


class _Gunzip:
    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self.at_end = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        while packed:
            if self.at_end:
                if not packed.startswith(GZIP_MAGIC):
                    return  # Padding after the last member, as gzip itself ignores it.
                self._member = zlib.decompressobj(_GZIP_WINDOW)
            try:
                text = self._member.decompress(packed, BLOCK_BYTES)
            except zlib.error as error:
                raise CutShortError from error
            self.at_end = self._member.eof
            packed = self._member.unused_data if self.at_end else self._member.unconsumed_tail
            if text:
                yield text


def whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, each block ending at the end of a line; the last may lack it.

    Raises what the chunks raise, after the lines that came before.
    """
    rest: list[bytes] = []
    try:
        for chunk in chunks:
            cut = chunk.rfind(b"\n") + 1
            if cut == 0:
                rest.append(chunk)
                continue
            yield b"".join((*rest, chunk[:cut]))
            rest = [chunk[cut:]] if cut < len(chunk) else []
    except CutShortError:
        if rest:
            yield b"".join(rest)
        raise
    if rest:
        yield b"".join(rest)
