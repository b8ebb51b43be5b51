"""Bytes of files, pipes and stdin in large blocks, gunzipped on the way."""

from __future__ import annotations

import select
import stat
import zlib
from collections.abc import Iterator
from io import RawIOBase
from itertools import chain
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
    if stat.S_ISREG(fstat(stream.fileno()).st_mode):
        while not stop.is_set() and (whole := stream.read(BLOCK_BYTES)):
            yield whole
        return
    block = bytearray()
    while not stop.is_set():
        if not _is_ready(stream, _PIPE_PAUSE_S if block else _LOOK_FOR_STOP_S):
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
    for block in chain([first], blocks):
        yield from unpacker.feed(block)
    if not unpacker.at_end:
        raise CutShortError


class _Gunzip:
    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._half_mark = b""
        self._ended = False

    @property
    def at_end(self) -> bool:
        """Whether the last member is complete and nothing follows it."""
        return self._ended and not self._half_mark

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Yield the text of some bytes. Raises CutShortError where they are no gzip."""
        packed, self._half_mark = self._half_mark + packed, b""
        while packed:
            if self._ended:
                if packed == GZIP_MAGIC[:1]:
                    self._half_mark = packed
                    return
                if not packed.startswith(GZIP_MAGIC):
                    _require_padding(packed)
                    return
                self._member = zlib.decompressobj(_GZIP_WINDOW)
            yield from self._unpack(packed)
            self._ended = self._member.eof
            packed = self._member.unused_data

    def _unpack(self, packed: bytes) -> Iterator[bytes]:
        """What one member makes of the bytes, in blocks; it may hold back text after all bytes are in."""
        full = True
        while packed or full:
            try:
                text = self._member.decompress(packed, BLOCK_BYTES)
            except zlib.error as error:
                raise CutShortError from error
            packed = self._member.unconsumed_tail
            full = len(text) == BLOCK_BYTES
            if text:
                yield text


def _require_padding(rest: bytes) -> None:
    """Zeros after the last member say nothing, as for gzip itself."""
    if rest.strip(b"\0"):
        raise CutShortError


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
            yield b"".join((*rest, memoryview(chunk)[:cut]))
            rest = [chunk[cut:]] if cut < len(chunk) else []
    except CutShortError:
        if rest:
            yield b"".join(rest)
        raise
    if rest:
        yield b"".join(rest)
