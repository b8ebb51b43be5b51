"""A second implementation of the AWS shapes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apigw_tui.sources.session import Aws, AwsSettings
from tests.sources.virtual_time import VirtualTime


@pytest.fixture
def moto_account() -> Iterator[Aws]:
    """An empty account that moto serves on loopback; calls are not slowed down."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Aws(AwsSettings.for_emulator(f"http://{host}:{port}"), clock=EagerTime().now)
    finally:
        server.stop()


class EagerTime(VirtualTime):
    """A clock on which a second passes at every look, so that no limiter waits."""

    def now(self) -> int:
        self.advance(1000)
        return super().now()
