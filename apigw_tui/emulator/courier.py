"""Brings an answer to the client as the conditions have it: late, held back, or not at all."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Final

from apigw_tui.emulator.conditions import Conditions
from apigw_tui.emulator.faults import Breakage
from apigw_tui.emulator.wire import Response

Advance = Callable[[float], None]

_LOOK_AGAIN_S: Final = 0.02
_RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: on, for no second. Closing sends RST and drops what was not sent."""


class Courier:
    """One endpoint's way to its clients. `advance` moves a virtual clock by ms; without it time really passes."""

    def __init__(self, conditions: Conditions, clock: Callable[[], int], advance: Advance | None) -> None:
        self._conditions = conditions
        self._clock = clock
        self._advance = advance

    async def arrives(
        self, response: Response, encoded: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Wait as long as the answer takes; False when the connection was broken instead."""
        delivery = response.delivery
        if delivery is None:
            return True
        await self._pass_time(delivery.delay_ms)
        fault = delivery.fault
        if fault is None:
            return True
        while self._conditions.stalls(fault, now=self._clock()):
            if reader.at_eof() or writer.is_closing():
                return False
            await asyncio.sleep(_LOOK_AGAIN_S)
        if fault.effect is Breakage.RESET_DURING:
            writer.write(encoded[: len(encoded) // 2])
            await writer.drain()
            # Half of it shall be read before the reset overtakes it.
            await asyncio.sleep(_LOOK_AGAIN_S)
        if fault.effect in {Breakage.RESET_BEFORE, Breakage.RESET_DURING}:
            _reset(writer)
            return False
        return True

    async def _pass_time(self, milliseconds: float) -> None:
        if milliseconds <= 0:
            return
        if self._advance is not None:
            self._advance(milliseconds)
        else:
            await asyncio.sleep(milliseconds / 1000)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
    writer.transport.abort()
